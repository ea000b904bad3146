//go:build !js

package simd

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"

	"inkdrift/vae/compute/strict"
)

// TestNativeStrict holds what tools/train -strict computes with to the strict module, bit for bit.
func TestNativeStrict(t *testing.T) {
	h := newHost(t)
	s := source{Rand: rand.New(rand.NewPCG(5, 6)), zeros: 0.3}
	for _, d := range [][3]int{{1, 3, 5}, {2, 40, 70}, {3, 7, 209}, {20, 33, 784}, {64, 50, 416}, {9, 4, 1}} {
		for trans := range 4 {
			tA, tB := trans&1 != 0, trans&2 != 0
			m, n, k := d[0], d[1], d[2]
			a, b := s.operand(m*k), s.operand(k*n)
			lda, ldb := k, n
			if tA {
				lda = m
			}
			if tB {
				ldb = k
			}
			for _, beta := range []float32{0, 1, 0.5} {
				c := s.operand(m * n)
				native := append([]float32(nil), c.data...)
				p := shape{tA, tB, m, n, k}.choose(Strict, func() float64 { return 0.3 }, func() float64 { return 0.3 })
				h.gemm(p, tA, tB, m, n, k, 0.75, a.data, lda, b.data, ldb, beta, c.data, n)
				strict.BLAS{}.Sgemm(flagOf(tA), flagOf(tB), m, n, k, 0.75, a.data, lda, b.data, ldb, beta, native, n)
				for i, v := range c.data {
					if err := compare(true, native[i], v, k, 0); err != nil {
						t.Fatalf("%v, transposed %v %v, beta %v, number %d: %v", d, tA, tB, beta, i, err)
					}
				}
			}
		}
	}
	for n := range 70 {
		x, y := s.operand(n), s.operand(n)
		if err := compare(true, strict.BLAS{}.Sdot(n, x.data, 1, y.data, 1), h.dot(n, x.data, y.data), n, 0); err != nil {
			t.Fatal(fmt.Sprint("sdot of ", n, ": "), err)
		}
	}
}

func flagOf(transposed bool) blas.Transpose {
	if transposed {
		return blas.Trans
	}
	return blas.NoTrans
}
