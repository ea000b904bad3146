package data

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// idx returns an IDX file of unsigned bytes.
func idx(dims []int, elements []byte) []byte {
	b := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, uint32(d))
	}
	return append(b, elements...)
}

func zip(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func count(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

// onlyReader hides all methods but Read, so that the length is unknown.
type onlyReader struct{ io.Reader }

func TestReadIDX(t *testing.T) {
	plain := idx([]int{2, 3, 4}, count(24))
	big := idx([]int{300, 1000}, count(300000)) // more than one chunk
	for _, c := range []struct {
		name string
		in   io.Reader
		dims []int
	}{
		{"plain", bytes.NewReader(plain), []int{2, 3, 4}},
		{"gzip", bytes.NewReader(zip(plain)), []int{2, 3, 4}},
		{"stream", onlyReader{bytes.NewReader(plain)}, []int{2, 3, 4}},
		{"gzip stream", onlyReader{bytes.NewReader(zip(big))}, []int{300, 1000}},
		{"large", bytes.NewReader(big), []int{300, 1000}},
		{"large stream", onlyReader{bytes.NewReader(big)}, []int{300, 1000}},
		{"empty list", bytes.NewReader(idx([]int{0, 28, 28}, nil)), []int{0, 28, 28}},
	} {
		dims, data, err := ReadIDX(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		n := 1
		for i, d := range c.dims {
			n *= d
			if dims[i] != d {
				t.Errorf("%s: dims %v, want %v", c.name, dims, c.dims)
			}
		}
		if !bytes.Equal(data, count(n)) {
			t.Errorf("%s: wrong elements", c.name)
		}
	}
}

func TestReadIDXErrors(t *testing.T) {
	good := idx([]int{2, 3, 4}, count(24))
	zipped := zip(good)
	flip := func(b []byte, at int) []byte {
		b = bytes.Clone(b)
		b[at] ^= 0x55
		return b
	}
	for _, c := range []struct {
		name  string
		in    []byte
		rank  int
		kind  error
		field string
	}{
		{"empty", nil, 0, ErrTruncated, "magic number"},
		{"half a magic number", good[:3], 0, ErrTruncated, "magic number"},
		{"first byte", flip(good, 0), 0, ErrMagic, "magic number"},
		{"floats", append([]byte{0, 0, 0x0d, 3}, good[4:]...), 0, ErrMagic, "magic number"},
		{"a web page", []byte("<!DOCTYPE html><title>404</title>"), 0, ErrMagic, "magic number"},
		{"rank 0", []byte{0, 0, 8, 0}, 0, ErrRank, "magic number"},
		{"rank 200", []byte{0, 0, 8, 200}, 0, ErrRank, "magic number"},
		{"labels for pictures", idx([]int{3}, count(3)), 3, ErrRank, "magic number"},
		{"pictures for labels", good, 1, ErrRank, "magic number"},
		{"no dimensions", good[:4], 0, ErrTruncated, "dimension 0"},
		{"torn dimension", good[:14], 0, ErrTruncated, "dimension 2"},
		{"zero height", idx([]int{2, 0, 4}, nil), 0, ErrMismatch, "dimension 1"},
		{"zero width, no pictures", idx([]int{0, 2, 0}, nil), 0, ErrMismatch, "dimension 2"},
		{"huge dimension", idx([]int{0xffffffff}, nil), 0, ErrTooLarge, "dimension 0"},
		{"huge product", idx([]int{60000, 1 << 20, 1 << 20}, nil), 0, ErrTooLarge, "dimension 1"},
		{"huge product after zero", idx([]int{0, 1 << 31}, nil), 0, ErrTooLarge, "dimension 1"},
		{"one byte short", good[:len(good)-1], 0, ErrTruncated, "elements"},
		{"one byte more", append(bytes.Clone(good), 0), 0, ErrTrailing, "elements"},
		{"gzip: one byte short", zip(good[:len(good)-1]), 0, ErrTruncated, "elements"},
		{"gzip: one byte more", zip(append(bytes.Clone(good), 0)), 0, ErrTrailing, "elements"},
		{"gzip: torn header", zipped[:5], 0, ErrTruncated, "gzip header"},
		{"gzip: torn body", zipped[:len(zipped)-16], 0, ErrTruncated, "elements"},
		{"gzip: torn checksum", zipped[:len(zipped)-3], 0, ErrTruncated, "end"},
		{"gzip: bad checksum", flip(zipped, len(zipped)-6), 0, ErrCorrupt, "end"},
		{"gzip: wrong method", flip(zipped, 2), 0, ErrCorrupt, "gzip header"},
		{"gzip: damaged body", append(bytes.Clone(zipped[:10]), 0xff, 0xff, 0xff, 0xff), 0, ErrCorrupt, "magic number"},
		{"gzip: garbage after it", append(bytes.Clone(zipped), "and more garbage here"...), 0, ErrTrailing, "elements"},
	} {
		for _, in := range []io.Reader{bytes.NewReader(c.in), onlyReader{bytes.NewReader(c.in)}} {
			_, _, err := readIDX(in, c.rank)
			var fe *FileError
			if !errors.As(err, &fe) {
				t.Errorf("%s: error %v, want a FileError", c.name, err)
				continue
			}
			if !errors.Is(err, c.kind) || fe.Field != c.field || fe.Advice == "" {
				t.Errorf("%s: %v; want kind %q, field %q", c.name, err, c.kind, c.field)
			}
		}
	}
}

type failing struct{}

var errDisk = errors.New("disk on fire")

func (failing) Read([]byte) (int, error) { return 0, errDisk }

func TestReadIDXReaderFails(t *testing.T) {
	head := idx([]int{200000}, nil)
	_, _, err := ReadIDX(io.MultiReader(bytes.NewReader(head), failing{}))
	var fe *FileError
	if !errors.Is(err, errDisk) || !errors.As(err, &fe) || fe.Field != "elements" {
		t.Errorf("error %v", err)
	}
}

// A header that promises much more than there is must not cost memory.
func TestReadIDXAllocation(t *testing.T) {
	const there = 3 << 20
	lies := idx([]int{1 << 20, 1 << 10}, make([]byte, there))
	truth := idx([]int{there}, make([]byte, there))
	for _, c := range []struct {
		name   string
		in     io.Reader
		budget uint64
	}{
		{"lying file", bytes.NewReader(lies), 128 << 10},
		{"lying stream", onlyReader{bytes.NewReader(lies)}, 2*there + 256<<10},
		{"lying gzip", bytes.NewReader(zip(lies)), 2*there + 256<<10},
		{"true file", bytes.NewReader(truth), there + 128<<10},
		{"true gzip", bytes.NewReader(zip(truth)), 2*there + 256<<10},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		ReadIDX(c.in)
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > c.budget {
			t.Errorf("%s: allocated %d bytes, want at most %d", c.name, got, c.budget)
		}
	}
}

// writeMNIST puts a tiny set in the form of MNIST into dir; change may alter the files, by name.
func writeMNIST(t *testing.T, change func(files map[string][]byte)) string {
	t.Helper()
	dir := t.TempDir()
	files := map[string][]byte{
		"train-images-idx3-ubyte":    idx([]int{3, 2, 2}, count(12)),
		"train-labels-idx1-ubyte.gz": zip(idx([]int{3}, []byte{7, 8, 9})),
		"t10k-images-idx3-ubyte.gz":  zip(idx([]int{2, 2, 2}, count(8))),
		"t10k-labels-idx1-ubyte":     idx([]int{2}, []byte{0, 1}),
	}
	if change != nil {
		change(files)
	}
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestOpenMNIST(t *testing.T) {
	train, test, err := OpenMNIST(writeMNIST(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	if train.Len() != 3 || test.Len() != 2 || train.Shape() != (Shape{1, 2, 2}) || train.Label(2) != 9 || test.Label(1) != 1 {
		t.Errorf("train %d of %v, test %d, labels %d %d", train.Len(), train.Shape(), test.Len(), train.Label(2), test.Label(1))
	}
	if train.Name() != "mnist-train" || test.Name() != "mnist-test" {
		t.Errorf("names %q, %q", train.Name(), test.Name())
	}
}

func TestOpenMNISTErrors(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(files map[string][]byte)
		kind   error
		file   string
	}{
		{"missing", func(f map[string][]byte) { delete(f, "t10k-labels-idx1-ubyte") }, fs.ErrNotExist, "t10k-labels-idx1-ubyte"},
		{"truncated", func(f map[string][]byte) {
			f["train-images-idx3-ubyte"] = f["train-images-idx3-ubyte"][:20]
		}, ErrTruncated, "train-images-idx3-ubyte"},
		{"fewer labels", func(f map[string][]byte) {
			f["train-labels-idx1-ubyte.gz"] = zip(idx([]int{2}, count(2)))
		}, ErrMismatch, "train-labels-idx1-ubyte.gz"},
		{"swapped", func(f map[string][]byte) {
			f["train-images-idx3-ubyte"] = idx([]int{3}, count(3))
		}, ErrRank, "train-images-idx3-ubyte"},
		{"class 10", func(f map[string][]byte) {
			f["t10k-labels-idx1-ubyte"] = idx([]int{2}, []byte{3, 10})
		}, ErrMismatch, "t10k-labels-idx1-ubyte"},
		{"other size", func(f map[string][]byte) {
			f["t10k-images-idx3-ubyte.gz"] = zip(idx([]int{2, 4, 2}, count(16)))
		}, ErrMismatch, ""},
	} {
		dir := writeMNIST(t, c.change)
		_, _, err := OpenMNIST(dir)
		var fe *FileError
		if !errors.As(err, &fe) || !errors.Is(err, c.kind) || fe.File != filepath.Join(dir, c.file) || fe.Advice == "" {
			t.Errorf("%s: error %v", c.name, err)
		} else if !strings.Contains(err.Error(), fe.File) || !strings.Contains(err.Error(), fe.Advice) {
			t.Errorf("%s: %q lacks the file or the advice", c.name, err)
		}
	}
}

func TestReadImages(t *testing.T) {
	d, err := ReadImages("own", bytes.NewReader(idx([]int{2, 1, 2}, count(4))), nil)
	if err != nil || d.Len() != 2 || d.Label(0) != -1 {
		t.Errorf("%v, %v", d, err)
	}
	d, err = ReadImages("own", bytes.NewReader(idx([]int{2, 1, 2}, count(4))), bytes.NewReader(idx([]int{2}, []byte{61, 5})))
	if err != nil || d.Label(0) != 61 {
		t.Errorf("%v, %v", d, err)
	}
}

func FuzzReadIDX(f *testing.F) {
	plain := idx([]int{2, 3, 4}, count(24))
	f.Add(plain)
	f.Add(zip(plain))
	f.Add(plain[:20])
	f.Add(idx([]int{60000, 28, 28}, nil))
	f.Add(idx([]int{0, 28, 28}, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		dims, data, err := ReadIDX(bytes.NewReader(b))
		if err != nil {
			var fe *FileError
			if !errors.As(err, &fe) || fe.Field == "" || fe.Advice == "" || fe.Kind == nil {
				t.Fatalf("error %#v", err)
			}
			return
		}
		n := 1
		for _, d := range dims {
			n *= d
		}
		if len(dims) == 0 || len(data) != n {
			t.Fatalf("%d elements for %v", len(data), dims)
		}
	})
}
