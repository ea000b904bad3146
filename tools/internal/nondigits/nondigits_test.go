package nondigits

import (
	"slices"
	"testing"
)

// TestImages: every shape is drawn, as large as a digit, the same for the same seed and
// another for another.
func TestImages(t *testing.T) {
	names := map[string]bool{}
	a, b := make([]float32, Len), make([]float32, Len)
	for i := range 2 * max(len(letters), len(doodles)) {
		name := Image(a, 1, i)
		names[name] = true
		var ink float32
		for _, v := range a {
			if v < 0 || v > 1 {
				t.Fatalf("%s: a pixel of %v", name, v)
			}
			ink += v
		}
		if ink < 20 || ink > 450 {
			t.Errorf("%s has %v of ink", name, ink)
		}
		if Image(b, 1, i); !slices.Equal(a, b) {
			t.Errorf("%s is drawn otherwise the second time", name)
		}
		if Image(b, 2, i); slices.Equal(a, b) {
			t.Errorf("%s is the same with another seed", name)
		}
	}
	if len(names) != len(letters)+len(doodles) {
		t.Errorf("%d of %d shapes are drawn", len(names), len(letters)+len(doodles))
	}
	if name := Lookalike(a, 1, 6); name != "O" {
		t.Errorf("lookalike 6 is %s", name)
	}
}
