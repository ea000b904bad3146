//go:build !netlib

// Package fastblas puts OpenBLAS under gonum when the program is built with
// the tag netlib; without the tag it does nothing.
package fastblas
