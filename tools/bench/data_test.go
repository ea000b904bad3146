package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"inkdrift/vae/data"
)

func TestWriteData(t *testing.T) {
	dir := t.TempDir()
	if err := writeData(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"digits", "noise"} {
		file, err := os.ReadFile(filepath.Join(dir, name+"-images.idx"))
		if err != nil {
			t.Fatal(err)
		}
		dims, pixels, err := data.ReadIDX(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		if len(dims) != 3 || dims[0] != images || dims[1] != 28 || dims[2] != 28 {
			t.Errorf("%s: %v", name, dims)
		}
		zeros := float64(bytes.Count(pixels, []byte{0})) / float64(len(pixels))
		if name == "noise" && zeros > 0 {
			t.Errorf("%.2f of the noise is zero", zeros)
		}
		if name == "digits" && (zeros < 0.7 || zeros > 0.9) {
			t.Errorf("%.2f of the digits is zero", zeros)
		}
	}
}
