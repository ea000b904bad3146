package sets

import (
	"testing"

	"inkdrift/vae/data"
)

// TestMaterialsAreFew: a patch is most like another of its own sheet, and mostly one
// from nearly the same place. There is little to learn.
func TestMaterialsAreFew(t *testing.T) {
	const n, known = 1000, 900
	d := greyMaterials.Span(6, 0, n).(data.Attributed)
	pictures, values := make([][]byte, n), make([][materialAttributes]float32, n)
	for i := range n {
		pictures[i] = bytesOf(t, d, i)
		d.Values(values[i][:], i)
	}
	good, near := 0, 0
	for i := known; i < n; i++ {
		best, nearest := 1<<62, -1
		for j := range known {
			sum := 0
			for k, v := range pictures[i] {
				e := int(v) - int(pictures[j][k])
				sum += e * e
			}
			if sum < best {
				best, nearest = sum, j
			}
		}
		a, b := values[i], values[nearest]
		if a[materialKind] == b[materialKind] && a[materialSheet] == b[materialSheet] {
			good++
			if abs(a[materialX]-b[materialX]) < 2 && abs(a[materialY]-b[materialY]) < 2 {
				near++
			}
		}
	}
	t.Logf("of %d patches %d are nearest to one of their sheet, %d to one from less than two pixels away", n-known, good, near)
	if good < 99 {
		t.Errorf("%d of %d patches are nearest to one of their own sheet", good, n-known)
	}
	if near < 30 {
		t.Errorf("%d of %d are nearest to one from nearly the same place", near, n-known)
	}
}
