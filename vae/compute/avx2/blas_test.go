//go:build cgo && amd64

package avx2_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"inkdrift/vae/compute/avx2"
)

// TestSgemm compares products with sums in float64, at sizes around those of
// tiles and blocks, with gaps between rows that must not be written.
func TestSgemm(t *testing.T) {
	b, ok := avx2.NewBLAS()
	if !ok {
		t.Skip("this processor has no AVX2 with FMA")
	}
	r := rand.New(rand.NewPCG(1, 2))
	matrix := func(rows, cols, stride int) []float32 {
		x := make([]float32, (rows-1)*stride+cols)
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		return x
	}
	for _, size := range [][3]int{{1, 1, 1}, {6, 16, 4}, {7, 17, 5}, {5, 15, 257}, {97, 33, 300}, {13, 800, 3}, {100, 784, 513}} {
		for mode := range 4 {
			tA, tB := blas.NoTrans, blas.NoTrans
			m, n, k := size[0], size[1], size[2]
			lda, ldb, ldc := k+mode, n+2, n+3
			a, x := []float32(nil), []float32(nil)
			if mode&1 == 0 {
				a = matrix(m, k, lda)
			} else {
				tA, lda = blas.Trans, m+mode
				a = matrix(k, m, lda)
			}
			if mode&2 == 0 {
				x = matrix(k, n, ldb)
			} else {
				tB, ldb = blas.Trans, k+1
				x = matrix(n, k, ldb)
			}
			for _, f := range [][2]float32{{1, 0}, {-0.5, 1}, {2, 0.25}} {
				alpha, beta := f[0], f[1]
				c := matrix(m, n, ldc)
				if beta == 0 {
					c[0] = float32(math.NaN()) // must not be read
				}
				before := append([]float32(nil), c...)
				b.Sgemm(tA, tB, m, n, k, alpha, a, lda, x, ldb, beta, c, ldc)
				name := fmt.Sprintf("%v mode %d alpha %v beta %v", size, mode, alpha, beta)
				for i, v := range c {
					row, col := i/ldc, i%ldc
					if col >= n {
						if v != before[i] {
							t.Fatalf("%s: wrote between rows", name)
						}
						continue
					}
					var sum, abs float64
					for p := range k {
						u, w := a[at(tA, row, p, lda)], x[at(tB, p, col, ldb)]
						sum += float64(u) * float64(w)
						abs += math.Abs(float64(u) * float64(w))
					}
					want := float64(alpha) * sum
					if beta != 0 {
						want += float64(beta) * float64(before[i])
					}
					if !(math.Abs(float64(v)-want) <= 1e-6*(1+abs*math.Abs(float64(alpha)))*4) {
						t.Fatalf("%s: [%d, %d] is %v, want %v", name, row, col, v, want)
					}
				}
			}
		}
	}
}

// at is the index of op(A)[i, j].
func at(t blas.Transpose, i, j, stride int) int {
	if t == blas.Trans {
		i, j = j, i
	}
	return i*stride + j
}

// TestSgemmPanics: wrong arguments are gonum's to refuse.
func TestSgemmPanics(t *testing.T) {
	b, _ := avx2.NewBLAS()
	defer func() {
		if recover() == nil {
			t.Error("a matrix too short was taken")
		}
	}()
	b.Sgemm(blas.NoTrans, blas.NoTrans, 2, 2, 2, 1, make([]float32, 3), 2, make([]float32, 4), 2, 0, make([]float32, 4), 2)
}

func BenchmarkSgemm(b *testing.B) {
	const m, n, k = 128, 500, 784
	a, x, c := make([]float32, m*k), make([]float32, k*n), make([]float32, m*n)
	fast, _ := avx2.NewBLAS()
	for name, f := range map[string]interface {
		Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int)
	}{"avx2": fast, "gonum": gonum.Implementation{}} {
		for _, tB := range []blas.Transpose{blas.NoTrans, blas.Trans} {
			b.Run(fmt.Sprintf("%s/%c", name, tB), func(b *testing.B) {
				ldb := n
				if tB == blas.Trans {
					ldb = k
				}
				for b.Loop() {
					fast := f
					fast.Sgemm(blas.NoTrans, tB, m, n, k, 1, a, k, x, ldb, 0, c, n)
				}
				b.ReportMetric(2*m*n*k*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
