// Package native makes a program use what the processor has: elementwise work
// is done in SIMD lanes where there are any and shared between goroutines, and
// products of matrices run on code for AVX2 with FMA where the processor has
// them, or with the build tag netlib on OpenBLAS. Each rounds in its own way, so
// that the last bits of a training run depend on which it was. Import it for its
// effect.
package native

import (
	"inkdrift/vae/compute"
	"inkdrift/vae/compute/avx2"
)

func init() {
	b, ok := avx2.New()
	if !ok {
		b = compute.Go{}
	}
	compute.Use(compute.NewParallel(b, 0))
}
