// Package computetest is the conformance suite of compute backends, as gonum's
// testblas is that of BLAS. Call Backend from the tests of an implementation.
//
// The suite knows the formulas of compute.Backend in float64, written as plain
// loops and independently of any implementation, and compares a backend with
// them at many sizes and alignments, with guards around every operand. Some
// properties hold to the last bit for every backend: random words, additions,
// selections, and what is zero or one in the limit.
package computetest

import (
	"testing"

	"inkdrift/vae/compute"
)

// Options of the suite.
type Options struct {
	// Exact asks for the very bits that compute.Go gives, NaNs aside, in every
	// operation; without it sums and elementary functions may differ by
	// rounding. It is right for backends that do the same float32 operations
	// in the same order: parallel ones, SIMD without fused multiply-add.
	Exact bool
}

// Backend checks that b does what compute.Backend says.
func Backend(t *testing.T, b compute.Backend, o Options) {
	if b.Name() == "" {
		t.Error("the backend has no name")
	}
	t.Run("formulas", func(t *testing.T) { checkFormulas(t, b, o) })
	t.Run("specials", func(t *testing.T) { checkSpecials(t, b, o) })
	t.Run("lengths", func(t *testing.T) { checkLengths(t, b) })
	t.Run("exact", func(t *testing.T) { checkExact(t, b) })
	t.Run("windows", func(t *testing.T) { checkWindows(t, b) })
	t.Run("transposes", func(t *testing.T) { checkTranspose(t, b) })
	t.Run("streams", func(t *testing.T) { checkStreams(t, b) })
}
