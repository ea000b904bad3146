package latent

import (
	"fmt"
	"math"
)

// quantile returns the z below which a standard normal variable falls with probability p. It is -Inf at 0 and +Inf at
// 1.
func quantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// Grid writes rows*cols copies of base to dst, row by row from the top, with two dimensions changed: across goes from
// left to right and up from the bottom row to the top, each through the middles of cells that all have the same
// probability under a standard normal prior (the inverse CDF of evenly spaced points, as in figure 4 of Kingma and
// Welling 2014, arXiv:1312.6114).
func Grid(dst, base []float32, across, up, rows, cols int) {
	d := len(base)
	if across < 0 || across >= d || up < 0 || up >= d || across == up {
		panic(fmt.Sprintf("latent: a grid over dimensions %d and %d of %d", across, up, d))
	}
	if rows < 0 || cols < 0 || len(dst) < rows*cols*d {
		panic(fmt.Sprintf("latent: a grid of %d x %d points of %d values does not fit into %d", rows, cols, d, len(dst)))
	}
	for r := range rows {
		y := float32(quantile(1 - (float64(r)+0.5)/float64(rows)))
		for c := range cols {
			out := dst[(r*cols+c)*d : (r*cols+c+1)*d]
			copy(out, base)
			out[across] = float32(quantile((float64(c) + 0.5) / float64(cols)))
			out[up] = y
		}
	}
}
