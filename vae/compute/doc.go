// Package compute is the numeric seam of Inkdrift: everything hot that is not a
// matrix product goes through a small Backend, and matrix products go through
// gonum's blas32, which has a switch of the same kind (blas32.Use).
//
// Go is the plain reference. It is written so that a SIMD backend can be bit
// identical to it: every elementary function is a fixed sequence of float32
// additions, multiplications, divisions and square roots, with no fused
// multiply-add and no use of package math, whose last bits differ between
// processors. The sum of a row is taken in four lanes: term j is added to sum j
// modulo 4, in order, and the row's sum is (0 + 1) + (2 + 3). The same seed
// therefore gives the same noise everywhere.
package compute
