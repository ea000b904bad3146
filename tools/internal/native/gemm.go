//go:build cgo && amd64 && !netlib

package native

import (
	"gonum.org/v1/gonum/blas/blas32"

	"inkdrift/vae/compute/avx2"
)

func init() {
	if b, ok := avx2.NewBLAS(); ok {
		blas32.Use(b)
	}
}
