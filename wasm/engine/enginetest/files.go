package enginetest

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"testing"

	"inkdrift/wasm/proto"
)

// Packed returns files as a request has them.
func Packed(t testing.TB, files ...proto.File) [][]byte {
	t.Helper()
	type entry struct {
		Name  string `json:"name"`
		Bytes int    `json:"bytes"`
	}
	var list []entry
	var content []byte
	for _, f := range files {
		list = append(list, entry{f.Name, len(f.Content)})
		content = append(content, f.Content...)
	}
	b, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return [][]byte{b, content}
}

// Painted returns a PNG of w x h pixels that is different for every seed.
func Painted(t testing.TB, w, h, seed int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, color.RGBA{uint8(x * (seed + 1)), uint8(y*7 + seed*40), uint8(seed * 13), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Zipped returns an archive of files.
func Zipped(t testing.TB, files ...proto.File) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		out, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := out.Write(f.Content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Pets returns an archive of n pictures in two folders, of a file that is hidden and of
// one that is no picture.
func Pets(t testing.TB, n int) []byte {
	files := []proto.File{{Name: ".DS_Store", Content: []byte("x")}, {Name: "pets/readme.txt", Content: []byte("these are pets")}}
	for i := range n {
		files = append(files, proto.File{Name: fmt.Sprintf("pets/%s/%03d.png", []string{"cats", "dogs"}[i%2], i), Content: Painted(t, 6+i%3, 6, i)})
	}
	return Zipped(t, files...)
}

// CIFARBatch returns a batch of n pictures.
func CIFARBatch(n, seed int) []byte {
	b := make([]byte, n*3073)
	for i := range b {
		b[i] = byte(i*seed + i/3073)
	}
	for i := range n {
		b[i*3073] = byte((i + seed) % 10)
	}
	return b
}

// IDX returns an IDX file whose elements count up.
func IDX(rank byte, dims ...int) []byte {
	b, n := []byte{0, 0, 8, rank}, 1
	for _, d := range dims {
		b = append(b, byte(d>>24), byte(d>>16), byte(d>>8), byte(d))
		n *= d
	}
	for i := range n {
		b = append(b, byte(i%10))
	}
	return b
}

// Noise is a PNG of side x side pixels that takes long to decode.
func Noise(t testing.TB, side int) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, side, side))
	for i := range m.Pix {
		m.Pix[i] = byte(i * i >> 7)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
