//go:build cgo && amd64

package avx2_test

import (
	"testing"

	"inkdrift/vae/compute"
	"inkdrift/vae/compute/avx2"
	"inkdrift/vae/compute/computetest"
)

func TestBackend(t *testing.T) {
	b, ok := avx2.New()
	if !ok {
		t.Skip("this processor has no AVX2")
	}
	computetest.Backend(t, b, computetest.Options{Exact: true})
	computetest.Backend(t, compute.NewParallel(b, 3), computetest.Options{Exact: true})
}
