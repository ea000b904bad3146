package latent

import (
	"fmt"
	"math"
)

// Kind is a way from one latent to another.
type Kind string

// The kinds of paths.
const (
	// Lerp is the straight line.
	Lerp Kind = "lerp"
	// Slerp goes along the great circle between the two directions while the
	// length changes evenly, which stays where a normal prior has its mass (White
	// 2016, Sampling Generative Networks, arXiv:1609.04468, section 2.1).
	Slerp Kind = "slerp"
)

// parallel is the sine of the angle between two directions below which slerp
// and lerp are equal in float32.
const parallel = 1e-4

// Path writes n points from a to b, ends included and exact, to dst, one row a
// point: len(a) = len(b), len(dst) = n*len(a), n >= 1; a single point is a. Where
// a great circle is not defined, between parallel, opposite or zero vectors, Slerp
// is Lerp, as is every unknown kind. It panics when lengths do not fit.
func Path(dst, a, b []float32, n int, kind Kind) {
	d := len(a)
	if n < 1 || len(b) != d || len(dst) != n*d {
		panic(fmt.Sprintf("latent: a path of %d points between %d and %d numbers in %d", n, d, len(b), len(dst)))
	}
	g := straight
	if kind == Slerp {
		g = circle(a, b)
	}
	for i := 1; i < n-1; i++ {
		wa, wb := g(float64(i) / float64(n-1))
		row := dst[i*d:][:d]
		for j := range row {
			row[j] = float32(wa*float64(a[j]) + wb*float64(b[j]))
		}
	}
	copy(dst[(n-1)*d:], b)
	copy(dst[:d], a)
}

// straight gives the weights of a and b at t on a line.
func straight(t float64) (wa, wb float64) { return 1 - t, t }

// circle returns the weights of a and b at t on the great circle. Lengths are
// interpolated between the two.
func circle(a, b []float32) func(t float64) (wa, wb float64) {
	var aa, bb, ab float64
	for j := range a {
		x, y := float64(a[j]), float64(b[j])
		aa, bb, ab = aa+x*x, bb+y*y, ab+x*y
	}
	la, lb := math.Sqrt(aa), math.Sqrt(bb)
	if la == 0 || lb == 0 {
		return straight
	}
	angle := math.Acos(max(-1, min(1, ab/(la*lb))))
	sin := math.Sin(angle)
	if sin < parallel {
		return straight
	}
	return func(t float64) (float64, float64) {
		length := la + t*(lb-la)
		return length * math.Sin((1-t)*angle) / (sin * la), length * math.Sin(t*angle) / (sin * lb)
	}
}
