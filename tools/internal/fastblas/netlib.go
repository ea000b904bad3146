//go:build netlib

// Package fastblas puts OpenBLAS under gonum when the program is built with
// the tag netlib; without the tag it does nothing.
package fastblas

import (
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/netlib/blas/netlib"
)

func init() { blas32.Use(netlib.Implementation{}) }
