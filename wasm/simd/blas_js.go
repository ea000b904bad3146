package simd

import (
	"unsafe"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// BLAS is gonum's implementation with the kernel behind the single-precision
// functions that a model uses. Calls that the kernel is not made for, vectors
// with gaps and wrong arguments among them, go to gonum, which panics on the
// latter.
type BLAS struct {
	gonum.Implementation
	variant Variant
	scratch *float32
}

// newBLAS makes the scratch space of products, aligned to a cache line.
func newBLAS() BLAS {
	const line = 64
	b := make([]byte, int(kernelScratchSize())+line)
	p := unsafe.Pointer(unsafe.SliceData(b))
	return BLAS{variant: Loaded(), scratch: (*float32)(unsafe.Add(p, -uintptr(p)&(line-1)))}
}

// holds reports whether data has room for a matrix.
func holds(data []float32, rows, cols, stride int) bool {
	if rows == 0 || cols == 0 {
		return stride >= 1 && stride >= cols
	}
	return stride >= cols && len(data) >= (rows-1)*stride+cols
}

// Sgemm computes C = alpha op(A) op(B) + beta C.
func (b BLAS) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, x []float32, ldx int, beta float32, c []float32, ldc int) {
	rowsA, colsA, rowsX, colsX := m, k, k, n
	isA, isX := tA != blas.NoTrans, tB != blas.NoTrans
	if isA {
		rowsA, colsA = k, m
	}
	if isX {
		rowsX, colsX = n, k
	}
	if !valid(tA) || !valid(tB) || m < 0 || n < 0 || k < 0 ||
		!holds(a, rowsA, colsA, lda) || !holds(x, rowsX, colsX, ldx) || !holds(c, m, n, ldc) {
		b.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, x, ldx, beta, c, ldc)
		return
	}
	if m == 0 || n == 0 {
		return
	}
	p := shape{isA, isX, m, n, k}.choose(b.variant,
		func() float64 { return zeros(a, rowsA, colsA, lda) },
		func() float64 { return zeros(x, rowsX, colsX, ldx) })
	b.run(p, isA, isX, m, n, k, alpha, a, lda, x, ldx, beta, c, ldc)
}

// run computes a product as planned.
func (b BLAS) run(p plan, isA, isX bool, m, n, k int, alpha float32, a []float32, lda int, x []float32, ldx int, beta float32, c []float32, ldc int) {
	if p == dot {
		kernelGemmDot(int32(m), int32(n), int32(k), alpha, ptr(a), int32(lda), ptr(x), int32(ldx), beta, ptr(c), int32(ldc))
		return
	}
	kernelGemm(p.flags(isA, isX), int32(m), int32(n), int32(k), alpha, ptr(a), int32(lda), ptr(x), int32(ldx), beta, ptr(c), int32(ldc), b.scratch)
}

// zeros estimates which part of a matrix is zero.
func zeros(data []float32, rows, cols, stride int) float64 {
	return float64(kernelZeros(ptr(data), int32(rows), int32(cols), int32(stride))) / 1024
}

func valid(t blas.Transpose) bool {
	return t == blas.NoTrans || t == blas.Trans || t == blas.ConjTrans
}

// Sgemv computes y = alpha op(A) x + beta y.
func (b BLAS) Sgemv(tA blas.Transpose, m, n int, alpha float32, a []float32, lda int, x []float32, incX int, beta float32, y []float32, incY int) {
	isA := tA != blas.NoTrans
	lenX, lenY := n, m
	if isA {
		lenX, lenY = m, n
	}
	if !valid(tA) || m <= 0 || n <= 0 || incX != 1 || incY != 1 || alpha == 0 ||
		!holds(a, m, n, lda) || len(x) < lenX || len(y) < lenY {
		b.Implementation.Sgemv(tA, m, n, alpha, a, lda, x, incX, beta, y, incY)
		return
	}
	if !isA {
		kernelGemvN(int32(m), int32(n), alpha, ptr(a), int32(lda), ptr(x), beta, ptr(y))
		return
	}
	if beta == 0 {
		clear(y[:n])
	} else if beta != 1 {
		kernelScal(int32(n), beta, ptr(y))
	}
	kernelGemvT(int32(m), int32(n), alpha, ptr(a), int32(lda), ptr(x), ptr(y))
}

// Sger computes A += alpha x y^T.
func (b BLAS) Sger(m, n int, alpha float32, x []float32, incX int, y []float32, incY int, a []float32, lda int) {
	if m <= 0 || n <= 0 || incX != 1 || incY != 1 || len(x) < m || len(y) < n || !holds(a, m, n, lda) || alpha == 0 {
		b.Implementation.Sger(m, n, alpha, x, incX, y, incY, a, lda)
		return
	}
	kernelGer(int32(m), int32(n), alpha, ptr(x), ptr(y), ptr(a), int32(lda))
}

// Saxpy computes y += alpha x.
func (b BLAS) Saxpy(n int, alpha float32, x []float32, incX int, y []float32, incY int) {
	if n <= 0 || incX != 1 || incY != 1 || len(x) < n || len(y) < n || alpha == 0 {
		b.Implementation.Saxpy(n, alpha, x, incX, y, incY)
		return
	}
	kernelAxpy(int32(n), alpha, ptr(x), ptr(y))
}

// Sdot returns the sum of the products of x and y.
func (b BLAS) Sdot(n int, x []float32, incX int, y []float32, incY int) float32 {
	if n <= 0 || incX != 1 || incY != 1 || len(x) < n || len(y) < n {
		return b.Implementation.Sdot(n, x, incX, y, incY)
	}
	return kernelDot(int32(n), ptr(x), ptr(y))
}

// Sscal computes x *= alpha.
func (b BLAS) Sscal(n int, alpha float32, x []float32, incX int) {
	if n <= 0 || incX != 1 || len(x) < n || alpha == 0 {
		b.Implementation.Sscal(n, alpha, x, incX)
		return
	}
	kernelScal(int32(n), alpha, ptr(x))
}
