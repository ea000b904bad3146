package train_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/prior"
	"inkdrift/vae/train"
)

// TestFitPrior: of several candidates the one is taken that suits pictures best that
// it was not fitted to, and samples of it are nearer to the posteriors.
func TestFitPrior(t *testing.T) {
	d := drawn(600)
	m, err := vae.New(vae.Config{Family: "dense", Input: [3]int{1, 28, 28}, Encoder: []int{32}, Decoder: []int{8}, Latent: 5, Activation: "tanh", Likelihood: vae.Bernoulli}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range m.Params() { // an encoder whose means are far apart
		switch p.Name {
		case "mu.weight":
			for i := range p.W {
				p.W[i] *= 30
			}
			clear(p.W[:32]) // and leave dimension 0 alone
		case "logvar.bias":
			for i := range p.W[1:] {
				p.W[1+i] = -4
			}
		}
	}
	fit := func(k int) prior.Options {
		o := prior.Defaults()
		o.Components, o.Shrinkage, o.Iterations = k, 5, 40
		return o
	}
	type told struct {
		k            int
		fitted, held float64
	}
	var all []told
	o := train.PriorOptions{Fits: []prior.Options{fit(1), fit(3), fit(60)}, Seed: 1, Progress: func(o prior.Options, fitted, held float64) error {
		all = append(all, told{o.Components, fitted, held})
		return nil
	}}
	if err := train.FitPrior(m, d, o); err != nil {
		t.Fatal(err)
	}
	p := m.Prior()
	if p == nil || !slices.Equal(p.Dims, []int{1, 2, 3, 4}) {
		t.Fatalf("prior %+v", p)
	}
	best := all[0]
	for _, c := range all {
		if c.held > best.held {
			best = c
		}
	}
	if len(all) != 3 || p.Components() != best.k {
		t.Errorf("%d components were taken of %+v", p.Components(), all)
	}
	if all[2].fitted <= all[1].fitted || all[1].fitted <= all[0].fitted {
		t.Errorf("more components do not fit better: %+v", all)
	}
	if best.held < all[0].held+0.01 {
		t.Errorf("one Gaussian is as good: %+v; the test says nothing", all)
	}

	z, mu, err := train.Posteriors(m, d, 600, 1)
	if err != nil || len(z) != 3000 || slices.Equal(z, mu) {
		t.Fatalf("%d numbers, %v", len(z), err)
	}
	again, _, err := train.Posteriors(m, d, 450, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range again {
		if math.Abs(float64(v-z[i])) > 1e-4 {
			t.Fatal("draws depend on how many there are")
		}
	}

	var e *prior.Error
	if err := train.FitPrior(m, d, train.PriorOptions{}); !errors.As(err, &e) || e.Field != "components" {
		t.Errorf("no candidates: %v", err)
	}
	stop := errors.New("stop")
	o.Progress = func(prior.Options, float64, float64) error { return stop }
	if err := train.FitPrior(m, d, o); err != stop {
		t.Errorf("stopped: %v", err)
	}
	zero, err := vae.NewZero(m.Config())
	if err != nil {
		t.Fatal(err)
	}
	if err := train.FitPrior(zero, d, o); !errors.As(err, &e) || e.Field != "dimensions" {
		t.Errorf("a collapsed encoder: %v", err)
	}
	var wrong *train.DataError
	if err := train.FitPrior(m, pictures(9), o); !errors.As(err, &wrong) {
		t.Errorf("pictures of another shape: %v", err)
	}
}
