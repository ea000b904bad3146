package album

import (
	"bytes"
	"hash/fnv"
	"image/jpeg"
	"testing"

	"inkdrift/vae/data"
)

// TestGolden wants the very same bytes of the same files in every build.
func TestGolden(t *testing.T) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, coloured(97, 61), &jpeg.Options{Quality: 80}); err != nil {
		t.Fatal(err)
	}
	h := fnv.New64a()
	for _, file := range [][]byte{encodePNG(t, coloured(150, 90)), b.Bytes(), encodePNG(t, coloured(9, 20))} {
		for _, f := range []Frame{
			{Shape: data.Shape{C: 3, H: 32, W: 32}},
			{Shape: data.Shape{C: 1, H: 28, W: 28}, Fit: Whole, Paper: [3]uint8{255, 240, 220}},
		} {
			h.Write(preview(t, f, open(t, file)).Pixels)
		}
	}
	c, err := NewPatches("photo", open(t, encodePNG(t, coloured(300, 200))), Patches{Shape: data.Shape{C: 3, H: 16, W: 16}, Scale: 1.7, Count: 100, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	v := make([]float32, 3*16*16)
	for _, d := range []data.Dataset{c.Train, c.Validation, c.Test} {
		for i := range d.Len() {
			d.Batch(v, []int{i})
			for _, x := range v {
				h.Write([]byte{byte(x*255 + 0.5)})
			}
		}
	}
	if got := h.Sum64(); got != golden {
		t.Errorf("%#x, want %#x", got, uint64(golden))
	}
}

const golden = 0xe7dd129d8dc2ada6
