package compute_test

import (
	"slices"
	"testing"

	"inkdrift/vae/compute"
	"inkdrift/vae/compute/computetest"
)

func TestGo(t *testing.T) { computetest.Backend(t, compute.Go{}, computetest.Options{Exact: true}) }

func TestParallel(t *testing.T) {
	computetest.Backend(t, compute.NewParallel(compute.Go{}, 3), computetest.Options{Exact: true})
}

// TestParallelOfAnySize checks that the number of goroutines does not matter.
func TestParallelOfAnySize(t *testing.T) {
	const rows, width = 41, 997
	want := make([]float32, rows*width)
	compute.Go{}.Normal(want, compute.NewKey(1), 9)
	for _, n := range []int{1, 2, 7} {
		got := make([]float32, len(want))
		b := compute.NewParallel(compute.Go{}, n)
		if b.Name() != "go-parallel" {
			t.Errorf("is called %q", b.Name())
		}
		b.Normal(got, compute.NewKey(1), 9)
		if !slices.Equal(got, want) {
			t.Errorf("%d goroutines give other numbers than one", n)
		}
		if allocs := testing.AllocsPerRun(5, func() { b.Sigmoid(got, want) }); allocs > 0 {
			t.Errorf("%d goroutines: an operation allocates %v times", n, allocs)
		}
	}
}

func TestUse(t *testing.T) {
	defer compute.Use(compute.Implementation())
	b := compute.NewParallel(compute.Go{}, 2)
	compute.Use(b)
	if compute.Implementation() != compute.Backend(b) {
		t.Error("Implementation is not what Use was given")
	}
}
