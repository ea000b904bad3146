package simd

import (
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/gonum"

	"inkdrift/vae/compute"
)

// Loaded returns the kernel that is loaded.
func Loaded() Variant { return Variant(kernelVariant()) }

// Install puts the loaded kernel, or plain Go if v is Off, behind blas32 and
// compute for the whole program. The error is a *NotLoadedError.
func Install(v Variant) error {
	if v == Off {
		blas32.Use(gonum.Implementation{})
		compute.Use(compute.Go{})
		return nil
	}
	if l := Loaded(); l != v {
		return &NotLoadedError{Want: v, Loaded: l}
	}
	blas32.Use(newBLAS())
	compute.Use(Backend{v})
	return nil
}
