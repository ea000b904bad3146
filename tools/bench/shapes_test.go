package main

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/blas/blas32"
)

// TestProducts checks the products of the dense workload against its widths.
func TestProducts(t *testing.T) {
	r, err := recipe("dense-vae-400")
	if err != nil {
		t.Fatal(err)
	}
	before := blas32.Implementation()
	all, err := products(r)
	if err != nil {
		t.Fatal(err)
	}
	if blas32.Implementation() != before {
		t.Error("blas32 was not put back")
	}
	got := make(map[string]int)
	for _, p := range all {
		got[p.transposes()+" "+p.shape()] = p.Count
	}
	for name, want := range map[string]int{
		"NT 128x400x784": 1, "TN 400x784x128": 1, // the input needs no gradient
		"NT 128x20x400": 2, "TN 20x400x128": 2, "NN 128x400x20": 2, // mu and logvar
		"NT 128x400x20": 1, "TN 400x20x128": 1, "NN 128x20x400": 1,
		"NT 128x784x400": 1, "TN 784x400x128": 1, "NN 128x400x784": 1,
	} {
		if got[name] != want {
			t.Errorf("%s: %d times, want %d", name, got[name], want)
		}
		delete(got, name)
	}
	if len(got) > 0 {
		t.Errorf("and besides: %v", got)
	}
	if f := flopsPerImage(all, 128); math.Abs(f-3.28e6) > 0.01e6 {
		t.Errorf("%.0f operations an image", f)
	}
}
