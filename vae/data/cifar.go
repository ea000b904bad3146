package data

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// CIFAR-10 in its binary version, as A. Krizhevsky's page of it describes the files
// (https://www.cs.toronto.edu/~kriz/cifar.html): records of 3,073 bytes one after the other, without anything before,
// between or behind them. The first byte is the class, 0 to 9; then come 1,024 bytes of red, 1,024 of green and 1,024 of
// blue, each row by row. A batch of the published set has 10,000 records.
const (
	cifarSide    = 32
	cifarPixels  = 3 * cifarSide * cifarSide
	cifarRecord  = 1 + cifarPixels
	cifarMost    = 80_000 // records; the set has 60,000
	cifarAdvice  = "give the binary version of CIFAR-10: data_batch_1.bin to data_batch_5.bin and test_batch.bin"
	cifarBatches = 5
)

// cifarClasses are the classes in the order of their numbers.
var cifarClasses = []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}

// CIFAR10 says what CIFAR-10 is.
func CIFAR10() Info {
	return Info{Name: "cifar10", Key: "data.cifar10", Shape: Shape{3, cifarSide, cifarSide}, Classes: slices.Clone(cifarClasses), Split: SplitPublished}
}

// ReadCIFAR10 reads batches of CIFAR-10, each plain or gzip, to their ends, into one set. Errors are of type [*FileError];
// their field names the batch, from 1 on, and the picture in it, from 0 on. They wrap [ErrTruncated] where a batch ends
// within a picture or has none, [ErrMismatch] where a class is not below 10, as in other files, [ErrCorrupt] and
// [ErrTooLarge]. What is allocated grows with what arrives.
func ReadCIFAR10(name string, batches ...io.Reader) (*Growing, error) {
	set := NewGrowing(name, Shape{3, cifarSide, cifarSide})
	for b, r := range batches {
		if err := readCIFARBatch(set, r, b+1); err != nil {
			return nil, err
		}
	}
	return set, nil
}

func readCIFARBatch(set *Growing, r io.Reader, batch int) error {
	in, _, err := Decompress(r)
	if err != nil {
		var fe *FileError
		if errors.As(err, &fe) {
			fe.Field = fmt.Sprintf("batch %d, %s", batch, fe.Field)
		}
		return err
	}
	record := make([]byte, cifarRecord)
	for i := 0; ; i++ {
		field := fmt.Sprintf("batch %d, picture %d", batch, i)
		n, err := io.ReadFull(in, record)
		switch {
		case err == io.EOF && i > 0:
			return nil
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			return NewFileError(field, ErrTruncated, cifarAdvice, "%d of %d bytes", n, cifarRecord)
		case err != nil:
			return readError(field, err, "")
		case int(record[0]) >= len(cifarClasses):
			return NewFileError(field, ErrMismatch, cifarAdvice,
				"class %d, but there are only the classes 0 to %d", record[0], len(cifarClasses)-1)
		case set.Len() >= cifarMost:
			return NewFileError(field, ErrTooLarge, cifarAdvice,
				"at most %d pictures are taken", cifarMost)
		}
		copy(set.Add(int(record[0])), record[1:])
	}
}

// OpenCIFAR10 reads CIFAR-10 from a folder that holds the files of its binary version under their published names, plain or
// with .gz: data_batch_1.bin to data_batch_5.bin and test_batch.bin. Errors are of type [*FileError] and name the file; a
// file that is not there gives one that also matches [fs.ErrNotExist].
func OpenCIFAR10(dir string) (*Collection, error) {
	var names []string
	for b := range cifarBatches {
		names = append(names, fmt.Sprintf("data_batch_%d.bin", b+1))
	}
	train, err := openCIFARPart(dir, "cifar10-train", names)
	if err != nil {
		return nil, err
	}
	test, err := openCIFARPart(dir, "cifar10-test", []string{"test_batch.bin"})
	if err != nil {
		return nil, err
	}
	return DealPublished(CIFAR10(), train, test)
}

func openCIFARPart(dir, name string, files []string) (*Growing, error) {
	set := NewGrowing(name, Shape{3, cifarSide, cifarSide})
	for _, file := range files {
		if err := openCIFARBatch(set, filepath.Join(dir, file)); err != nil {
			return nil, err
		}
	}
	return set, nil
}

func openCIFARBatch(set *Growing, file string) error {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		if gz, gzErr := os.Open(file + ".gz"); !errors.Is(gzErr, fs.ErrNotExist) {
			f, err, file = gz, gzErr, file+".gz"
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &FileError{File: file, Field: "file", Kind: fs.ErrNotExist, Detail: "neither it nor its .gz is there", Advice: cifarAdvice}
	case err != nil:
		return &FileError{File: file, Field: "file", Kind: err, Advice: "make the file readable"}
	}
	defer f.Close()
	return inFile(file, readCIFARBatch(set, f, 1))
}
