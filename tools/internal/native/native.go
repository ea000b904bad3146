// Package native makes a program use what the processor has: elementwise work
// is done in SIMD lanes where there are any and shared between goroutines, and
// with the build tag netlib matrix products run on OpenBLAS instead of gonum's
// own code. Import it for its effect.
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
