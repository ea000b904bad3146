package compute_test

import (
	"testing"

	"inkdrift/vae/compute"
	"inkdrift/vae/compute/computetest"
)

func TestGo(t *testing.T) { computetest.Backend(t, compute.Go{}, computetest.Options{Exact: true}) }

func TestParallel(t *testing.T) {
	for _, n := range []int{1, 3} {
		computetest.Backend(t, compute.NewParallel(n), computetest.Options{Exact: true})
	}
}
