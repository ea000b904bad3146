// Package strict adds products up in the order in which the strict WebAssembly kernel does, each product and each sum rounded:
// a native training run then has the bits of a page's. A test in wasm/simd compares the two.
package strict

import (
	"runtime"
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/gonum"
)

// depth is the most products that are added up before they are added to C.
const depth = 208

// dotRows is the most rows of A whose products with rows of B are added up in lanes.
const dotRows = 2

// BLAS is gonum's implementation but for the sums of products that training takes: Sgemm and Sdot. Other functions either
// have the same bits or have no part in training. It may be used by several goroutines.
type BLAS struct{ gonum.Implementation }

// Use makes BLAS the implementation behind blas32.
func Use() { blas32.Use(BLAS{}) }

// Sgemm computes C = alpha op(A) op(B) + beta C, the rows of C in several goroutines.
func (b BLAS) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, x []float32, ldx int, beta float32, c []float32, ldc int) {
	isA, isX := tA != blas.NoTrans, tB != blas.NoTrans
	if m <= 0 || n <= 0 || k <= 0 || alpha == 0 {
		b.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, x, ldx, beta, c, ldc) // it panics where arguments are wrong
		return
	}
	if m <= dotRows && !isA && isX {
		for i := range m {
			for j := range n {
				c[i*ldc+j] = scaled(beta, c[i*ldc+j], float32(alpha*lanes(a[i*lda:][:k], x[j*ldx:][:k])))
			}
		}
		return
	}
	if isX {
		x, ldx = transposed(x, n, k, ldx), n
	}
	blocks := (k + depth - 1) / depth
	block := ((k+blocks-1)/blocks + 3) &^ 3
	rows := func(from, to int) {
		sum := make([]float32, n)
		for i := from; i < to; i++ {
			row := c[i*ldc:][:n]
			if beta != 0 && beta != 1 {
				for j := range row {
					row[j] = float32(beta * row[j])
				}
			}
			for first := 0; first < k; first += block {
				clear(sum)
				for p := first; p < min(first+block, k); p++ {
					at := i*lda + p
					if isA {
						at = p*lda + i
					}
					// Products with 0 add nothing to finite numbers.
					b.Saxpy(n, a[at], x[p*ldx:][:n], 1, sum, 1)
				}
				for j, s := range sum {
					s = float32(alpha * s)
					if first > 0 || beta != 0 {
						s = row[j] + s
					}
					row[j] = s
				}
			}
		}
	}
	share(m, n*k, rows)
}

// Sdot returns the sum of the products of x and y.
func (b BLAS) Sdot(n int, x []float32, incX int, y []float32, incY int) float32 {
	if n <= 0 || incX != 1 || incY != 1 {
		return b.Implementation.Sdot(n, x, incX, y, incY)
	}
	var s [16]float32
	whole := n &^ 15
	for i := range whole {
		s[i&15] += float32(x[i] * y[i])
	}
	for i := whole; i < n; i++ {
		s[i&3] += float32(x[i] * y[i])
	}
	for l := range 4 {
		s[l] = (s[l] + s[4+l]) + (s[8+l] + s[12+l])
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}

// lanes adds products up in four lanes.
func lanes(x, y []float32) float32 {
	var s [4]float32
	for i, v := range x {
		s[i&3] += float32(v * y[i])
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

// transposed returns the columns of an n x k matrix as rows.
func transposed(x []float32, n, k, stride int) []float32 {
	t := make([]float32, k*n)
	for j := range n {
		for p, v := range x[j*stride:][:k] {
			t[p*n+j] = v
		}
	}
	return t
}

// least is how many multiplications pay for a goroutine.
const least = 1 << 16

// share does m rows of so much work each, in several goroutines where that pays.
func share(m, work int, do func(from, to int)) {
	parts := min(runtime.GOMAXPROCS(0), m, 1+m*work/least)
	if parts == 1 {
		do(0, m)
		return
	}
	var wait sync.WaitGroup
	for p := range parts {
		wait.Go(func() { do(m*p/parts, m*(p+1)/parts) })
	}
	wait.Wait()
}
