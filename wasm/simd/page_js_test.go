package simd

import (
	"testing"

	"inkdrift/vae/compute/computetest"
)

// page is the kernel that this program was started with.
type page struct{ b BLAS }

func newPage(t *testing.T) page {
	if Loaded() == Off {
		t.Fatal("no kernel: run the tests with -exec tools/kernelgen/node/exec")
	}
	return page{newBLAS()}
}

func (p page) name() string { return Loaded().String() }
func (p page) exact() bool  { return Loaded() == Strict }

func (p page) gemm(q plan, tA, tB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	p.b.run(q, tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

func (p page) gemvN(m, n int, alpha float32, a []float32, lda int, x []float32, beta float32, y []float32) {
	kernelGemvN(int32(m), int32(n), alpha, ptr(a), int32(lda), ptr(x), beta, ptr(y))
}

func (p page) gemvT(m, n int, alpha float32, a []float32, lda int, x, y []float32) {
	kernelGemvT(int32(m), int32(n), alpha, ptr(a), int32(lda), ptr(x), ptr(y))
}

func (p page) ger(m, n int, alpha float32, x, y, a []float32, lda int) {
	kernelGer(int32(m), int32(n), alpha, ptr(x), ptr(y), ptr(a), int32(lda))
}

func (p page) scal(n int, alpha float32, x []float32)    { kernelScal(int32(n), alpha, ptr(x)) }
func (p page) axpy(n int, alpha float32, x, y []float32) { kernelAxpy(int32(n), alpha, ptr(x), ptr(y)) }

func (p page) dot(n int, x, y []float32) float32 { return kernelDot(int32(n), ptr(x), ptr(y)) }

func (p page) zeros(data []float32, rows, cols, stride int) int {
	return int(kernelZeros(ptr(data), int32(rows), int32(cols), int32(stride)))
}

func TestProducts(t *testing.T) { testProducts(t, newPage(t)) }

func TestVectors(t *testing.T) { testVectors(t, newPage(t)) }

func TestZeros(t *testing.T) { testZeros(t, newPage(t)) }

func TestBackend(t *testing.T) {
	newPage(t)
	// Elementwise work is the same in both variants.
	computetest.Backend(t, Backend{Loaded()}, computetest.Options{Exact: true})
}
