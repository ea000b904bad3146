package vae_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"inkdrift/vae"
)

// TestPixelNegLogLikelihood: the parts add up to the whole, for every family with a
// likelihood, and the means are those of Decode.
func TestPixelNegLogLikelihood(t *testing.T) {
	for name, v := range variants() {
		t.Run(name, func(t *testing.T) {
			m := newModel(t, v.Config, 4)
			r := rand.New(rand.NewPCG(3, 3))
			const n = 3
			l, w := m.Latent(), m.InputLen()
			x, z := uniform(r, n*w), normal(r, n*l)
			nats, mean := make([]float32, n*w), make([]float32, n*w)
			err := m.PixelNegLogLikelihood(nats, mean, x, z)
			if v.Config.Conditions > 0 || !v.Config.HasLikelihood() {
				want := vae.ErrNeedsClass
				if !v.Config.HasLikelihood() {
					want = vae.ErrNoLikelihood
				}
				if !errors.Is(err, want) {
					t.Errorf("%v, want %v", err, want)
				}
				return
			}
			whole, decoded := make([]float32, n), make([]float32, n*w)
			if err := errors.Join(err, m.NegLogLikelihood(whole, x, z), m.Decode(decoded, z)); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(mean, decoded) {
				t.Error("the means are not those of Decode")
			}
			for i := range n {
				var sum float64
				for _, v := range nats[i*w:][:w] {
					sum += float64(v)
				}
				near(t, "the sum of the pixels", whole[i:i+1], []float64{sum}, 1e-5)
				if least, err := m.LeastNegLogLikelihood(x[i*w:][:w]); err != nil || sum < least {
					t.Errorf("%v nats, at least %v (%v)", sum, least, err)
				}
			}
			var length *vae.LengthError
			for _, err := range []error{
				m.PixelNegLogLikelihood(nats[1:], mean, x, z),
				m.PixelNegLogLikelihood(nats, mean[1:], x, z),
				m.PixelNegLogLikelihood(nats, mean, x[1:], z),
				m.PixelNegLogLikelihood(nats, mean, x, z[1:]),
			} {
				if l > 1 && !errors.As(err, &length) {
					t.Errorf("a wrong length: %v", err)
				}
			}
		})
	}
}

// TestLeastNegLogLikelihood: a decoder that gives the picture itself costs that much.
func TestLeastNegLogLikelihood(t *testing.T) {
	c := small
	c.Likelihood = vae.Bernoulli
	m := newModel(t, c, 1)
	x := make([]float32, m.InputLen())
	x[0], x[1], x[2] = 0.25, 0.5, 1
	want := -0.25*math.Log(0.25) - 0.75*math.Log(0.75) + math.Ln2
	if least, err := m.LeastNegLogLikelihood(x); err != nil || math.Abs(least-want) > 1e-12 {
		t.Errorf("%v, want %v (%v)", least, want, err)
	}
}
