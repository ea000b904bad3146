//go:build cgo && amd64

package computetest

import (
	"testing"

	"gonum.org/v1/gonum/blas/blas32"

	"inkdrift/vae/compute"
	"inkdrift/vae/compute/avx2"
)

// UseLanes computes with the processor's SIMD instructions until the test ends, where
// there are any: what trains or evaluates a model takes a fraction of the time.
func UseLanes(t testing.TB) {
	if b, ok := avx2.New(); ok {
		before := compute.Implementation()
		t.Cleanup(func() { compute.Use(before) })
		compute.Use(b)
	}
	if b, ok := avx2.NewBLAS(); ok {
		before := blas32.Implementation()
		t.Cleanup(func() { blas32.Use(before) })
		blas32.Use(b)
	}
}
