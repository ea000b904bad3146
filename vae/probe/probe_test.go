package probe

import (
	"math"
	"testing"

	"inkdrift/vae/compute"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %.10g, want %.10g", what, got, want)
	}
}

// cloud draws n vectors of d numbers that depend on one another.
func cloud(n, d int, seed uint64) []float32 {
	x := make([]float32, n*d)
	compute.Go{}.Normal(x, compute.NewKey(seed), 0)
	for i := range n {
		row := x[i*d:][:d]
		for j := range row {
			row[j] = row[j]*float32(1+j%3) + 0.7*row[(j*j+1)%d] + float32(j)
		}
	}
	return x
}
