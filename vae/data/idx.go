package data

import (
	"bytes"
	"compress/bzip2"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

const (
	idxUnsignedByte = 0x08
	idxMaxRank      = 8
	idxMaxBytes     = 1 << 30 // of elements; EMNIST by class, the largest set in this format, has 0.64 of it
	idxFirstChunk   = 64 << 10
)

// ReadIDX reads one IDX file of unsigned bytes, plain or compressed (see [Decompress]), to its end. It returns
// the dimensions and the elements, last dimension fastest; len(data) is the product of dims. Errors are of type
// [*FileError].
//
// The lengths in the header are believed only as far as bytes really arrive: what is allocated is at most about twice
// what the stream holds (uncompressed), and never more than 2 GiB.
func ReadIDX(r io.Reader) (dims []int, data []byte, err error) { return readIDX(r, 0) }

// readIDX is ReadIDX that insists on a number of dimensions, unless rank is 0.
func readIDX(r io.Reader, rank int) (dims []int, data []byte, err error) {
	known := bytesLeft(r)
	in, layers, err := Decompress(r)
	if err != nil {
		return nil, nil, err
	}
	if layers > 0 {
		known = -1
	}
	_, dims, total, err := readIDXHeader(in, rank, false)
	if err != nil {
		return nil, nil, err
	}
	if known >= 0 {
		known -= int64(4 + 4*len(dims))
	}
	data, err = readElements(in, total, known)
	if err != nil {
		return nil, nil, err
	}
	var one [1]byte
	switch _, err := io.ReadFull(in, one[:]); {
	case err == nil || errors.Is(err, gzip.ErrHeader):
		return nil, nil, &FileError{Field: "elements", Kind: ErrTrailing,
			Detail: fmt.Sprintf("the header promises %d bytes and there are more", total), Advice: adviceAgain}
	case err != io.EOF:
		return nil, nil, readError("end", err, "")
	}
	return dims, data, nil
}

// IDXHeader returns what stands before the elements of an IDX file of unsigned bytes with these dimensions.
func IDXHeader(dims ...int) []byte {
	b := []byte{0, 0, idxUnsignedByte, byte(len(dims))}
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, uint32(d))
	}
	return b
}

// IDXType is the type of the elements of an IDX file: the third byte of its magic number.
type IDXType byte

// idxSizes are the bytes that an element takes, by type.
var idxSizes = map[IDXType]int{idxUnsignedByte: 1, 0x09: 1, 0x0b: 2, 0x0c: 4, 0x0d: 4, 0x0e: 8}

// idxMagic reads a magic number: two zeros, the type and the number of dimensions.
func idxMagic(head []byte) (t IDXType, rank int, ok bool) {
	if len(head) < 4 || head[0] != 0 || head[1] != 0 {
		return 0, 0, false
	}
	t, rank = IDXType(head[2]), int(head[3])
	return t, rank, idxSizes[t] > 0 && rank <= idxMaxRank
}

const adviceAgain = "get the file again"

// ReadIDXHeader reads the header of an IDX file of any type, plain, and returns the type, the dimensions, and how many
// bytes the elements take. Errors are those of [ReadIDX].
func ReadIDXHeader(in io.Reader) (t IDXType, dims []int, bytes int, err error) {
	t, dims, total, err := readIDXHeader(in, 0, true)
	return t, dims, total * idxSizes[t], err
}

func readIDXHeader(in io.Reader, rank int, anyType bool) (t IDXType, dims []int, total int, err error) {
	var word [4]byte
	if n, err := io.ReadFull(in, word[:]); err != nil {
		return 0, nil, 0, readError("magic number", err, fmt.Sprintf("%d of 4 bytes", n))
	}
	t = IDXType(word[2])
	if word[0] != 0 || word[1] != 0 || t != idxUnsignedByte && (!anyType || idxSizes[t] == 0) {
		return 0, nil, 0, &FileError{Field: "magic number", Kind: ErrMagic, Detail: fmt.Sprintf("found %#x, want 0x0000080N", word),
			Advice: "give an IDX file of unsigned bytes, such as those of MNIST"}
	}
	n := int(word[3])
	if rank != 0 && n != rank {
		return 0, nil, 0, &FileError{Field: "magic number", Kind: ErrRank, Detail: fmt.Sprintf("found %d, want %d", n, rank),
			Advice: "check that pictures (3 dimensions) and labels (1 dimension) are not swapped"}
	}
	if n == 0 || n > idxMaxRank {
		return 0, nil, 0, &FileError{Field: "magic number", Kind: ErrRank, Detail: fmt.Sprintf("found %d, want 1 to %d", n, idxMaxRank),
			Advice: adviceAgain}
	}
	dims, total = make([]int, n), 1
	for i := range dims {
		field := fmt.Sprintf("dimension %d", i)
		if k, err := io.ReadFull(in, word[:]); err != nil {
			return 0, nil, 0, readError(field, err, fmt.Sprintf("%d of 4 bytes", k))
		}
		d := binary.BigEndian.Uint32(word[:])
		// Every dimension but the first must be at least 1, so a product of 0 means an empty list and nothing else.
		if i > 0 && d == 0 {
			return 0, nil, 0, &FileError{Field: field, Kind: ErrMismatch, Detail: "it is 0", Advice: adviceAgain}
		}
		if d > math.MaxInt32 || uint64(max(total, 1))*uint64(d) > idxMaxBytes {
			return 0, nil, 0, &FileError{Field: field, Kind: ErrTooLarge,
				Detail: fmt.Sprintf("%d makes more than %d bytes", d, idxMaxBytes), Advice: "if this is meant, split the file"}
		}
		dims[i] = int(d)
		total *= int(d)
	}
	return t, dims, total, nil
}

// readElements reads total bytes. known is the number of bytes that are there, or -1 if it is unknown; then the bytes
// are gathered in chunks that grow with what has arrived, and joined at the end.
func readElements(in io.Reader, total int, known int64) ([]byte, error) {
	if known >= 0 && known < int64(total) {
		return nil, truncated(int(known), total)
	}
	if known >= 0 || total <= idxFirstChunk {
		data := make([]byte, total)
		if n, err := io.ReadFull(in, data); err != nil {
			return nil, elementsError(err, n, total)
		}
		return data, nil
	}
	var chunks [][]byte
	for have := 0; have < total; {
		chunk := make([]byte, min(total-have, max(idxFirstChunk, have/8)))
		n, err := io.ReadFull(in, chunk)
		have += n
		if err != nil {
			return nil, elementsError(err, have, total)
		}
		chunks = append(chunks, chunk)
	}
	return bytes.Join(chunks, nil), nil
}

func truncated(have, total int) error {
	return &FileError{Field: "elements", Kind: ErrTruncated,
		Detail: fmt.Sprintf("%d of the %d bytes that the header promises", have, total), Advice: adviceAgain}
}

func elementsError(err error, have, total int) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return truncated(have, total)
	}
	return readError("elements", err, "")
}

// readError makes a FileError of a Reader's error.
func readError(field string, err error, detail string) error {
	var damaged flate.CorruptInputError
	var mangled bzip2.StructuralError
	switch {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return &FileError{Field: field, Kind: ErrTruncated, Detail: detail, Advice: adviceAgain}
	case errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.As(err, &damaged) || errors.As(err, &mangled):
		return &FileError{Field: field, Kind: ErrCorrupt, Detail: err.Error(), Advice: adviceAgain}
	}
	return &FileError{Field: field, Kind: err, Advice: "check that the file can be read"}
}

// bytesLeft returns the number of bytes left in r, or -1 if it is unknown.
func bytesLeft(r io.Reader) int64 {
	switch r := r.(type) {
	case interface{ Len() int }: // bytes.Reader, bytes.Buffer, strings.Reader
		return int64(r.Len())
	case io.Seeker: // files
		at, err := r.Seek(0, io.SeekCurrent)
		if err != nil {
			return -1
		}
		end, err := r.Seek(0, io.SeekEnd)
		if err != nil {
			return -1
		}
		if _, err := r.Seek(at, io.SeekStart); err == nil && end > at { // of a device the end is the start
			return end - at
		}
	}
	return -1
}
