package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// kernel is what is tested: the module in some host.
type kernel interface {
	name() string
	// exact reports whether results have the bits of the reference.
	exact() bool
	gemm(p plan, tA, tB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int)
	gemvN(m, n int, alpha float32, a []float32, lda int, x []float32, beta float32, y []float32)
	gemvT(m, n int, alpha float32, a []float32, lda int, x, y []float32)
	ger(m, n int, alpha float32, x, y, a []float32, lda int)
	scal(n int, alpha float32, x []float32)
	axpy(n int, alpha float32, x, y []float32)
	dot(n int, x, y []float32) float32
	// zeros counts zeros in a sample of 1024.
	zeros(data []float32, rows, cols, stride int) int
}

// The references below are the scalar meaning of the strict kernel: these
// operations in this order.

// sumBlocks adds products up as sgemm does: alpha times the sum of each block
// of k to what is there. Products for which skip is true are left out.
func sumBlocks(k int, alpha, beta, c float32, a, b func(i int) float32, skip func(a, b float32) bool) float32 {
	switch beta {
	case 0:
		c = 0
	case 1:
	default:
		c = float32(beta * c)
	}
	if k == 0 || alpha == 0 {
		return c
	}
	blocks := (k + 207) / 208
	block := ((k+blocks-1)/blocks + 3) &^ 3
	for first := 0; first < k; first += block {
		var s float32
		for i := first; i < min(first+block, k); i++ {
			if !skip(a(i), b(i)) {
				s += float32(a(i) * b(i))
			}
		}
		s = float32(alpha * s)
		if first > 0 || beta != 0 {
			s = c + s
		}
		c = s
	}
	return c
}

// sumLanes adds products up in four lanes.
func sumLanes(k int, a, b func(i int) float32) float32 {
	var s [4]float32
	for i := range k {
		s[i&3] += float32(a(i) * b(i))
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}

// sumDot adds products up as sdot does.
func sumDot(n int, a, b func(i int) float32) float32 {
	var s [16]float32
	for i := range n {
		lane := i & 15
		if i >= n&^15 {
			lane = i & 3
		}
		s[lane] += float32(a(i) * b(i))
	}
	for l := range 4 {
		s[l] = (s[l] + s[4+l]) + (s[8+l] + s[12+l])
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}

// scaled is beta*y + x, or x if beta is 0.
func scaled(beta, y, x float32) float32 {
	if beta == 0 {
		return x
	}
	return float32(beta*y) + x
}

// margin is how many numbers around an operand are watched.
const margin = 5

// guarded is an operand between numbers that must not change.
type guarded struct{ all, data []float32 }

func guard(n int) guarded {
	all := make([]float32, n+2*margin)
	for i := range all {
		all[i] = 12345
	}
	return guarded{all, all[margin : margin+n : margin+n]}
}

func (g guarded) check(t *testing.T, what string) {
	t.Helper()
	for i, v := range g.all {
		if (i < margin || i >= margin+len(g.data)) && v != 12345 {
			t.Fatalf("%s: number %d of %d was written", what, i-margin, len(g.data))
		}
	}
}

// source draws operands.
type source struct {
	*rand.Rand
	special bool    // NaN, infinities and denormal numbers now and then
	zeros   float64 // which part is zero
}

func (s source) fill(x []float32) {
	specials := []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 1e-40, -1e-45, 0, float32(math.Copysign(0, -1)), math.MaxFloat32}
	for i := range x {
		x[i] = float32(s.NormFloat64())
		if s.special && s.IntN(7) == 0 {
			x[i] = specials[s.IntN(len(specials))]
		}
		if s.Float64() < s.zeros {
			x[i] = 0
		}
	}
}

func (s source) operand(n int) guarded {
	g := guard(n)
	s.fill(g.data)
	return g
}

func sameBits(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

// compare holds a number to the reference: to its bits, or to within rounding
// errors of n terms whose magnitudes add up to sum.
func compare(exact bool, got, want float32, n int, sum float64) error {
	if exact {
		if !sameBits(got, want) {
			return fmt.Errorf("%v (%#x) instead of %v (%#x)", got, math.Float32bits(got), want, math.Float32bits(want))
		}
		return nil
	}
	if off := math.Abs(float64(got) - float64(want)); !(off <= float64(n+4)*1.2e-7*sum+1e-37) {
		return fmt.Errorf("%v instead of %v", got, want)
	}
	return nil
}
