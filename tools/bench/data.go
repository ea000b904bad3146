package main

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"inkdrift/vae/data"
	"inkdrift/vae/ink"
)

// images is how many pictures all train on.
const images = 4096

// writeData writes the pictures that all train on as IDX files: procedural
// digits, and dense noise, none of whose pixels is 0 and whose mean is about
// that of digits, so that there is something to learn.
func writeData(dir string) error {
	const side = ink.PreparedSide
	digits, noise, labels := make([]byte, images*side*side), make([]byte, images*side*side), make([]byte, images)
	source, row := data.NewDigits(1), make([]float32, side*side)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range images {
		labels[i] = byte(source.Image(row, i))
		for j, v := range row {
			digits[i*side*side+j] = byte(v*255 + 0.5)
			noise[i*side*side+j] = byte(1 + random.IntN(100))
		}
	}
	for _, f := range []struct {
		name    string
		content []byte
		dims    []int
	}{
		{"digits-images", digits, []int{images, side, side}},
		{"digits-labels", labels, []int{images}},
		{"noise-images", noise, []int{images, side, side}},
		{"noise-labels", labels, []int{images}},
	} {
		if err := os.WriteFile(filepath.Join(dir, f.name+".idx"), idx(f.content, f.dims), 0o644); err != nil {
			return fmt.Errorf("the training data: %w", err)
		}
	}
	return nil
}

// idx is an IDX file of bytes.
func idx(content []byte, dims []int) []byte {
	file := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		file = binary.BigEndian.AppendUint32(file, uint32(d))
	}
	return append(file, content...)
}
