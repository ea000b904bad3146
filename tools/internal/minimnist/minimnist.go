// Package minimnist writes small data sets in MNIST's format for tests.
package minimnist

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// Dir returns a directory with train training and test test pictures: bars
// whose place says their label, 0 to 9.
func Dir(t testing.TB, train, test int) string {
	t.Helper()
	dir := t.TempDir()
	for prefix, n := range map[string]int{"train": train, "t10k": test} {
		images := binary.BigEndian.AppendUint32(nil, 0x803)
		labels := binary.BigEndian.AppendUint32(nil, 0x801)
		for _, d := range []int{n, 28, 28} {
			images = binary.BigEndian.AppendUint32(images, uint32(d))
		}
		labels = binary.BigEndian.AppendUint32(labels, uint32(n))
		for i := range n {
			labels = append(labels, byte(i%10))
			images = append(images, bar(i)...)
		}
		write(t, filepath.Join(dir, prefix+"-images-idx3-ubyte"), images)
		write(t, filepath.Join(dir, prefix+"-labels-idx1-ubyte"), labels)
	}
	return dir
}

// bar is a picture with two bright rows, and a column that differs.
func bar(i int) []byte {
	px := make([]byte, 28*28)
	for x := 4; x < 24; x++ {
		px[(4+2*(i%10))*28+x] = 230
		px[(5+2*(i%10))*28+x] = 120
	}
	for y := 4; y < 24; y++ {
		px[y*28+4+i/10%20] = 200
	}
	return px
}

func write(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}
