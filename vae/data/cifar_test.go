package data

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// cifarBatch returns a batch of n pictures whose class is i%10 and whose value j is i+j.
func cifarBatch(n int) []byte {
	var b []byte
	for i := range n {
		b = append(b, byte(i%10))
		for j := range cifarPixels {
			b = append(b, byte(i+j))
		}
	}
	return b
}

func TestReadCIFAR10(t *testing.T) {
	for name, in := range map[string][]io.Reader{
		"plain":       {bytes.NewReader(cifarBatch(7))},
		"gzip":        {bytes.NewReader(zip(cifarBatch(7)))},
		"two batches": {bytes.NewReader(cifarBatch(7)[:3*cifarRecord]), onlyReader{bytes.NewReader(zip(cifarBatch(7)[3*cifarRecord:]))}},
	} {
		set, err := ReadCIFAR10("own", in...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if set.Len() != 7 || set.Name() != "own" || set.Shape() != (Shape{3, 32, 32}) {
			t.Errorf("%s: %s, %d of %v", name, set.Name(), set.Len(), set.Shape())
		}
		for i := range set.Len() {
			if set.Label(i) != i {
				t.Errorf("%s: label %d is %d", name, i, set.Label(i))
			}
			for j, v := range set.Bytes(i) {
				if v != byte(i+j) {
					t.Fatalf("%s: picture %d, value %d is %d", name, i, j, v)
				}
			}
		}
	}
}

func TestReadCIFAR10Errors(t *testing.T) {
	good := cifarBatch(3)
	wrong := bytes.Clone(good)
	wrong[cifarRecord] = 10
	packed := zip(good)
	for _, c := range []struct {
		name  string
		in    []byte
		kind  error
		field string
	}{
		{"empty", nil, ErrTruncated, "batch 2, picture 0"},
		{"torn", good[:len(good)-1], ErrTruncated, "batch 2, picture 2"},
		{"only a class", good[:cifarRecord+1], ErrTruncated, "batch 2, picture 1"},
		{"class 10", wrong, ErrMismatch, "batch 2, picture 1"},
		{"a picture file", []byte("\x89PNG\r\n\x1a\n" + strings.Repeat("x", 4000)), ErrMismatch, "batch 2, picture 0"},
		{"gzip: torn header", packed[:5], ErrTruncated, "batch 2, gzip header"},
		{"gzip: torn", packed[:len(packed)/2], ErrTruncated, ""},
		{"gzip: empty", zip(nil), ErrTruncated, "batch 2, picture 0"},
		{"gzip: bad checksum", append(bytes.Clone(packed[:len(packed)-8]), "12345678"...), ErrCorrupt, "batch 2, picture 3"},
	} {
		_, err := ReadCIFAR10("own", bytes.NewReader(good), bytes.NewReader(c.in))
		var fe *FileError
		if !errors.As(err, &fe) || !errors.Is(err, c.kind) || c.field != "" && fe.Field != c.field || fe.Advice == "" {
			t.Errorf("%s: error %v, want %v in %q", c.name, err, c.kind, c.field)
		}
	}
	_, err := ReadCIFAR10("own", io.MultiReader(bytes.NewReader(good), failing{}))
	if !errors.Is(err, errDisk) {
		t.Errorf("a reader that fails: error %v", err)
	}
}

func TestOpenCIFAR10(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, b []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := OpenCIFAR10(dir)
	var fe *FileError
	if !errors.As(err, &fe) || !errors.Is(err, fs.ErrNotExist) || fe.File != filepath.Join(dir, "data_batch_1.bin") {
		t.Errorf("an empty folder: error %v", err)
	}
	for _, name := range []string{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin"} {
		put(name, cifarBatch(4))
	}
	put("data_batch_5.bin.gz", zip(cifarBatch(4)))
	put("test_batch.bin", cifarBatch(3))
	c, err := OpenCIFAR10(dir)
	if err != nil {
		t.Fatal(err)
	}
	if c.Train.Len() != 18 || c.Validation.Len() != 2 || c.Test.Len() != 3 || c.Name != "cifar10" || len(c.Classes) != 10 {
		t.Errorf("%v, %v", c, c.Classes)
	}
	put("data_batch_3.bin", cifarBatch(2)[:5000])
	_, err = OpenCIFAR10(dir)
	if !errors.As(err, &fe) || !errors.Is(err, ErrTruncated) || fe.File != filepath.Join(dir, "data_batch_3.bin") {
		t.Errorf("a torn batch: error %v", err)
	}
}

func FuzzReadCIFAR10(f *testing.F) {
	good := cifarBatch(2)
	f.Add(good)
	f.Add(good[:cifarRecord+100])
	f.Add(zip(good))
	f.Add(zip(good)[:200])
	f.Add([]byte{})
	f.Add([]byte{10})
	f.Fuzz(func(t *testing.T, b []byte) {
		set, err := ReadCIFAR10("own", bytes.NewReader(b))
		if err != nil {
			var fe *FileError
			if !errors.As(err, &fe) || fe.Field == "" || fe.Advice == "" || fe.Kind == nil {
				t.Fatalf("error %#v", err)
			}
			return
		}
		if set.Len() == 0 {
			t.Fatal("no pictures and no error")
		}
		for i := range set.Len() {
			if l := set.Label(i); l < 0 || l > 9 || len(set.Bytes(i)) != cifarPixels {
				t.Fatalf("picture %d: label %d, %d bytes", i, l, len(set.Bytes(i)))
			}
		}
	})
}
