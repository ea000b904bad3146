package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// testVectors runs the functions of vectors at the edges of their loops.
func testVectors(t *testing.T, k kernel) {
	s := source{Rand: rand.New(rand.NewPCG(5, 6))}
	check := func(what string, got, want float32, terms int, sum float64, operands ...guarded) {
		t.Helper()
		if err := compare(k.exact(), got, want, terms, sum); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		for _, g := range operands {
			g.check(t, what)
		}
	}
	abs := func(x ...float32) (sum float64) {
		for _, x := range x {
			sum += math.Abs(float64(x))
		}
		return sum
	}
	for _, special := range []bool{false, true} {
		if s.special = special; special && !k.exact() {
			break
		}
		for n := range 70 {
			x, y, alpha := s.operand(n), s.operand(n), float32(s.NormFloat64())
			at := func(g guarded) func(int) float32 { return func(i int) float32 { return g.data[i] } }
			sum := 0.0
			for i := range n {
				sum += math.Abs(float64(x.data[i]) * float64(y.data[i]))
			}
			check(fmt.Sprint("sdot ", n), k.dot(n, x.data, y.data), sumDot(n, at(x), at(y)), n, sum, x, y)

			z := append([]float32(nil), y.data...)
			k.axpy(n, alpha, x.data, y.data)
			for i, v := range z {
				p := float32(alpha * x.data[i])
				check(fmt.Sprintf("saxpy %d, number %d", n, i), y.data[i], v+p, 2, abs(v, p), x, y)
			}

			z = append(z[:0], x.data...)
			k.scal(n, alpha, x.data)
			for i, v := range z {
				check(fmt.Sprintf("sscal %d, number %d", n, i), x.data[i], float32(alpha*v), 1, abs(alpha*v), x)
			}
		}
		for i := range 200 {
			m, n, gap := s.IntN(9), 1+s.IntN(40), i%3
			lda := n + gap
			a, alpha := s.operand(max(m*lda-gap, 0)), float32(s.NormFloat64())
			what := fmt.Sprintf("%d x %d, gap %d: ", m, n, gap)

			x, y, beta := s.operand(n), s.operand(m), []float32{0, 1, -0.7}[i%3]
			before := append([]float32(nil), y.data...)
			k.gemvN(m, n, alpha, a.data, lda, x.data, beta, y.data)
			for r := range m {
				row := func(i int) float32 { return a.data[r*lda+i] }
				want := scaled(beta, before[r], float32(alpha*sumDot(n, row, func(i int) float32 { return x.data[i] })))
				sum := math.Abs(float64(beta) * float64(before[r]))
				for i := range n {
					sum += math.Abs(float64(alpha) * float64(row(i)) * float64(x.data[i]))
				}
				check(what+"sgemv", y.data[r], want, n, sum, a, x, y)
			}

			x, y = s.operand(m), s.operand(n)
			before = append(before[:0], y.data...)
			k.gemvT(m, n, alpha, a.data, lda, x.data, y.data)
			for c := range n {
				want, sum := before[c], abs(before[c])
				for r := range m {
					p := float32(float32(alpha*x.data[r]) * a.data[r*lda+c])
					want += p
					sum += abs(p)
				}
				check(what+"sgemv transposed", y.data[c], want, m, sum, a, x, y)
			}

			before = append(before[:0], a.data...)
			k.ger(m, n, alpha, x.data, y.data, a.data, lda)
			for i, v := range before {
				want, sum := v, abs(v)
				if r, c := i/lda, i%lda; c < n {
					p := float32(float32(alpha*x.data[r]) * y.data[c])
					want += p
					sum += abs(p)
				}
				check(what+"sger", a.data[i], want, 2, sum, a, x, y)
			}
		}
	}
}
