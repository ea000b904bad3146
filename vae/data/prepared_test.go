package data

import (
	"math"
	"testing"

	"inkdrift/vae/ink"
)

func total(v []float32) (sum float64) {
	for _, x := range v {
		sum += float64(x)
	}
	return sum
}

func meanDifference(a, b []float32) float64 {
	var sum float64
	for i := range a {
		sum += math.Abs(float64(a[i] - b[i]))
	}
	return sum / float64(len(a))
}

// centreOfMass returns it in pixels, the middle of the first pixel being 0.
func centreOfMass(v []float32, w int) (x, y float64) {
	m := total(v)
	for i, a := range v {
		x += float64(a) * float64(i%w) / m
		y += float64(a) * float64(i/w) / m
	}
	return x, y
}

// upscale enlarges a 28x28 picture k times, by repeating pixels or by interpolation.
func upscale(src []float32, k int, smooth bool) []float32 {
	n := 28 * k
	at := func(x, y int) float32 {
		if x < 0 || y < 0 || x > 27 || y > 27 {
			return 0
		}
		return src[y*28+x]
	}
	out := make([]float32, n*n)
	for y := range n {
		for x := range n {
			if !smooth {
				out[y*n+x] = at(x/k, y/k)
				continue
			}
			u, v := (float64(x)+0.5)/float64(k)-0.5, (float64(y)+0.5)/float64(k)-0.5
			x0, y0 := int(math.Floor(u)), int(math.Floor(v))
			fx, fy := float32(u-float64(x0)), float32(v-float64(y0))
			out[y*n+x] = (1-fy)*((1-fx)*at(x0, y0)+fx*at(x0+1, y0)) + fy*((1-fx)*at(x0, y0+1)+fx*at(x0+1, y0+1))
		}
	}
	return out
}

// Prepare must agree with what MNIST's authors did: their pictures, enlarged, come back as they were.
func TestPrepareMNIST(t *testing.T) {
	_, test := mnist(t)
	src, dst := make([]float32, 784), make([]float32, 784)
	for _, c := range []struct {
		name   string
		scale  int
		smooth bool
		limit  float64 // of the mean difference, averaged over pictures
	}{
		{"as they are", 1, false, 0.001},
		{"enlarged 4 times, pixels repeated", 4, false, 0.001},
		{"enlarged 4 times, interpolated", 4, true, 0.04},
		{"enlarged 7 times, interpolated", 7, true, 0.04},
	} {
		var sum float64
		const n = 500
		for i := range n {
			test.Batch(src, []int{i})
			w := 28 * c.scale
			if !ink.Prepare(dst, upscale(src, c.scale, c.smooth), w, w) {
				t.Fatalf("%s: picture %d: nothing drawn", c.name, i)
			}
			if x, y := centreOfMass(dst, 28); math.Abs(x-14) > 0.501 || math.Abs(y-14) > 0.501 {
				t.Errorf("%s: picture %d: centre of mass %.3f, %.3f", c.name, i, x, y)
			}
			sum += meanDifference(src, dst) / n
		}
		t.Logf("%s: mean difference %.5f", c.name, sum)
		if sum > c.limit {
			t.Errorf("%s: mean difference %.4f, want at most %.4f", c.name, sum, c.limit)
		}
	}
}
