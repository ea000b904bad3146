package store

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/prior"
)

// mixture is a fitted prior of two components in dimensions 0 and 2.
func mixture() *prior.Mixture {
	return &prior.Mixture{Latent: 3, Dims: []int{0, 2}, Weights: []float32{0.25, 0.75}, Mean: []float32{1, -1, 0.5, 2}, Factor: []float32{1, 0.5, 0.25, 2, 0, 1}}
}

func withPrior(t *testing.T) *File {
	t.Helper()
	m, err := vae.New(vae.Config{Family: "dense", Input: [3]int{1, 2, 2}, Latent: 3, Activation: "tanh", Likelihood: vae.Bernoulli}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.SetPrior(mixture()); err != nil {
		t.Fatal(err)
	}
	f, err := ModelFile(m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestPrior writes a model with a fitted prior and reads it again: the numbers are
// ones that half precision holds, so samples are the same.
func TestPrior(t *testing.T) {
	f := withPrior(t)
	var b bytes.Buffer
	if err := f.Encode(&b); err != nil {
		t.Fatal(err)
	}
	m, err := ReadModel(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	p, want := m.Prior(), mixture()
	if p == nil || p.Latent != 3 || !slices.Equal(p.Dims, want.Dims) || !slices.Equal(p.Weights, want.Weights) ||
		!slices.Equal(p.Mean, want.Mean) || !slices.Equal(p.Factor, want.Factor) {
		t.Errorf("read %+v", p)
	}
	x, z, other := make([]float32, 40), make([]float32, 30), make([]float32, 30)
	if err := m.SampleFitted(x, z, 5); err != nil {
		t.Fatal(err)
	}
	if err := m.Sample(x, other, 5); err != nil || slices.Equal(z, other) {
		t.Errorf("the fitted prior gives what N(0, I) gives, %v", err)
	}
	if err := m.SampleFitted(x, z[:29], 5); err == nil {
		t.Error("latents that are not whole were taken")
	}
	if err := m.SetPrior(nil); err != nil || m.Prior() != nil || !errors.Is(m.SampleFitted(x, z, 5), vae.ErrNoPrior) {
		t.Error("the prior could not be taken away")
	}
	var e *prior.Error
	narrow := mixture()
	narrow.Latent = 4
	if err := m.SetPrior(narrow); !errors.As(err, &e) || e.Field != "dimensions" {
		t.Errorf("a prior of another latent space: %v", err)
	}
	if again, err := m.WithClassifier(3, nil, 1); err != nil || again.Prior() != nil {
		t.Errorf("a prior out of nothing: %v", err)
	}
}

func TestPriorRefuses(t *testing.T) {
	set := func(name string, shape []int, x ...float32) func(f *File) {
		return func(f *File) {
			for i := range f.Tensors {
				if f.Tensors[i].Name == name {
					f.Tensors[i] = Pack(name, F32, shape, x)
				}
			}
		}
	}
	drop := func(name string) func(f *File) {
		return func(f *File) {
			f.Tensors = slices.DeleteFunc(f.Tensors, func(t Tensor) bool { return t.Name == name })
		}
	}
	for _, c := range []struct {
		field  string
		change func(f *File)
	}{
		{priorFactor, set(priorFactor, []int{2, 3}, 1, 0.5, 0, 2, 0, 1)},
		{priorMean, set(priorMean, []int{4}, 1, 2, 3, 4)},
		{priorMean, drop(priorMean)},
		{priorWeights, set(priorWeights, []int{2}, 0.5, 0.75)},
		{priorWeights, set(priorWeights, []int{50_000}, make([]float32, 50_000)...)},
		{priorDims, set(priorDims, []int{2}, 0, 1.5)},
		{priorDims, set(priorDims, []int{2}, 0, 3)},
	} {
		f := withPrior(t)
		c.change(f)
		var e *FormatError
		if _, err := f.Model(); !errors.As(err, &e) || e.Field != c.field {
			t.Errorf("%s: %v", c.field, err)
		}
	}
	// Without weights the others are no part of anything.
	f := withPrior(t)
	drop(priorWeights)(f)
	if _, err := f.Model(); err == nil {
		t.Error("a prior without weights was left out silently")
	}
}
