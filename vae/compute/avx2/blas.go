//go:build cgo && amd64

package avx2

// #include "avx2.h"
import "C"

import (
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// BLAS is gonum's implementation with products of matrices in fused
// multiplications and additions of eight lanes, on one thread: several times as
// fast as gonum's own. The same operands give the same bits, which differ from
// gonum's in the last places. It may be used by several goroutines.
type BLAS struct {
	gonum.Implementation
	scratch *sync.Pool
}

// NewBLAS returns the implementation, and false where the processor has no AVX2
// or no FMA.
func NewBLAS() (BLAS, bool) {
	pool := &sync.Pool{New: func() any {
		s := make([]float32, int(C.avx2_gemm_scratch()))
		return &s
	}}
	return BLAS{scratch: pool}, C.avx2_fma_here() != 0
}

// Sgemm computes C = alpha op(A) op(B) + beta C. Wrong arguments go to gonum,
// which panics.
func (b BLAS) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, x []float32, ldx int, beta float32, c []float32, ldc int) {
	rowsA, colsA, rowsX, colsX := m, k, k, n
	isA, isX := tA != blas.NoTrans, tB != blas.NoTrans
	if isA {
		rowsA, colsA = k, m
	}
	if isX {
		rowsX, colsX = n, k
	}
	if !valid(tA) || !valid(tB) || m <= 0 || n <= 0 || k <= 0 ||
		!holds(a, rowsA, colsA, lda) || !holds(x, rowsX, colsX, ldx) || !holds(c, m, n, ldc) {
		b.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, x, ldx, beta, c, ldc)
		return
	}
	scratch := b.scratch.Get().(*[]float32)
	C.avx2_gemm(flag(isA), flag(isX), C.long(m), C.long(n), C.long(k), C.float(alpha), at(a), C.long(lda),
		at(x), C.long(ldx), C.float(beta), at(c), C.long(ldc), at(*scratch))
	b.scratch.Put(scratch)
}

func valid(t blas.Transpose) bool {
	return t == blas.NoTrans || t == blas.Trans || t == blas.ConjTrans
}

// holds reports whether data has room for a matrix.
func holds(data []float32, rows, cols, stride int) bool {
	return stride >= cols && len(data) >= (rows-1)*stride+cols
}

func flag(b bool) C.int {
	if b {
		return 1
	}
	return 0
}
