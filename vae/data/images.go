package data

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// byteToUnit is b/255 for every byte.
var byteToUnit = func() (t [256]float32) {
	for b := range t {
		t[b] = float32(b) / 255
	}
	return t
}()

// Images is a Dataset in memory, a byte a value.
type Images struct {
	name   string
	shape  Shape
	pixels []byte
	labels []byte // nil: no labels
}

// NewImages returns a data set over pixels, picture after picture, and labels, one a picture, or nil for none. It keeps
// both slices. The error is a [*FileError] that wraps [ErrMismatch] when the lengths do not fit together.
func NewImages(name string, shape Shape, pixels, labels []byte) (*Images, error) {
	n := shape.Len()
	if shape.C < 1 || shape.H < 1 || shape.W < 1 {
		return nil, &FileError{Field: "dimensions", Kind: ErrMismatch,
			Detail: fmt.Sprintf("pictures of %v have no pixels", shape), Advice: "use pictures with at least one pixel"}
	}
	if len(pixels)%n != 0 {
		return nil, &FileError{Field: "pixels", Kind: ErrMismatch,
			Detail: fmt.Sprintf("%d bytes are not a whole number of pictures of %v", len(pixels), shape),
			Advice: "check the shape"}
	}
	if labels != nil && len(labels) != len(pixels)/n {
		return nil, &FileError{Field: "count", Kind: ErrMismatch,
			Detail: fmt.Sprintf("%d labels for %d pictures", len(labels), len(pixels)/n),
			Advice: "take the pictures and the labels from the same set"}
	}
	return &Images{name: name, shape: shape, pixels: pixels, labels: labels}, nil
}

// Name implements Dataset.
func (d *Images) Name() string { return d.name }

// Shape implements Dataset.
func (d *Images) Shape() Shape { return d.shape }

// Len implements Dataset.
func (d *Images) Len() int { return len(d.pixels) / d.shape.Len() }

// Label implements Dataset.
func (d *Images) Label(i int) int {
	if d.labels == nil {
		return -1
	}
	return int(d.labels[i])
}

// Bytes returns the bytes of picture i, which must not be changed.
func (d *Images) Bytes(i int) []byte {
	n := d.shape.Len()
	return d.pixels[i*n : (i+1)*n : (i+1)*n]
}

// Batch implements Dataset: a byte b becomes b/255. It does not allocate.
func (d *Images) Batch(dst []float32, index []int) {
	n := d.shape.Len()
	checkBatch(dst, index, n)
	for k, i := range index {
		toUnit(dst[k*n:(k+1)*n], d.pixels[i*n:(i+1)*n])
	}
}

// ReadImages reads a data set of single-channel pictures from two IDX streams, plain or gzip: one of rank 3 (count,
// height, width) and one of rank 1 with a label for each picture. labels may be nil. Errors are of type [*FileError].
func ReadImages(name string, images, labels io.Reader) (*Images, error) {
	dims, pixels, err := readIDX(images, 3)
	if err != nil {
		return nil, err
	}
	var classes []byte
	if labels != nil {
		_, classes, err = readIDX(labels, 1)
		if err != nil {
			return nil, err
		}
	}
	return NewImages(name, Shape{1, dims[1], dims[2]}, pixels, classes)
}

// mnistClasses is the number of classes of MNIST and of the sets that are shipped under its file names.
const mnistClasses = 10

// OpenMNIST reads MNIST (or a set in its form, such as Fashion-MNIST) from a folder that holds its four files under
// their published names, plain or with .gz: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte
// and t10k-labels-idx1-ubyte. Errors are of type [*FileError] and name the file; a file that is not there gives one
// that also matches [fs.ErrNotExist].
func OpenMNIST(dir string) (train, test *Images, err error) {
	if train, err = openMNISTPart(dir, "mnist-train", "train"); err != nil {
		return nil, nil, err
	}
	if test, err = openMNISTPart(dir, "mnist-test", "t10k"); err != nil {
		return nil, nil, err
	}
	if train.shape != test.shape {
		return nil, nil, &FileError{File: dir, Field: "dimensions", Kind: ErrMismatch,
			Detail: fmt.Sprintf("training pictures are %v, test pictures %v", train.shape, test.shape),
			Advice: "take all four files from the same set"}
	}
	return train, test, nil
}

func openMNISTPart(dir, name, part string) (*Images, error) {
	dims, pixels, _, err := openIDX(dir, part+"-images-idx3-ubyte", 3)
	if err != nil {
		return nil, err
	}
	_, labels, file, err := openIDX(dir, part+"-labels-idx1-ubyte", 1)
	if err != nil {
		return nil, err
	}
	d, err := NewImages(name, Shape{1, dims[1], dims[2]}, pixels, labels)
	if err != nil {
		return nil, inFile(file, err)
	}
	for i, l := range labels {
		if l >= mnistClasses {
			return nil, &FileError{File: file, Field: fmt.Sprintf("label %d", i), Kind: ErrMismatch,
				Detail: fmt.Sprintf("class %d, but there are only the classes 0 to %d", l, mnistClasses-1),
				Advice: "get the file again"}
		}
	}
	return d, nil
}

// openIDX reads the IDX file called name or name.gz in dir; file is the path of the one it found.
func openIDX(dir, name string, rank int) (dims []int, data []byte, file string, err error) {
	file = filepath.Join(dir, name)
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		if gz, gzErr := os.Open(file + ".gz"); !errors.Is(gzErr, fs.ErrNotExist) {
			f, err, file = gz, gzErr, file+".gz"
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, file, &FileError{File: file, Field: "file", Kind: fs.ErrNotExist, Detail: "neither it nor its .gz is there",
			Advice: "put the four files of MNIST, plain or .gz, into this folder, or name another"}
	}
	if err != nil {
		return nil, nil, file, &FileError{File: file, Field: "file", Kind: err, Advice: "make the file readable"}
	}
	defer f.Close()
	dims, data, err = readIDX(f, rank)
	return dims, data, file, inFile(file, err)
}
