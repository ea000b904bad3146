package vae

import (
	"math"

	"inkdrift/vae/compute"
)

// PixelNegLogLikelihood decodes latents and gives the parts of -log p(x|z) that
// belong to single pixels, in nats: len(z) = n*Latent, len(x) = len(mean) =
// len(nats) = n*InputLen. mean is as Decode gives it; the sum of a row of nats is
// what NegLogLikelihood gives, but for rounding. Errors are those of
// NegLogLikelihood.
func (m *Model) PixelNegLogLikelihood(nats, mean, x, z []float32) error {
	switch {
	case !m.config.HasLikelihood():
		return ErrNoLikelihood
	case m.config.Conditions > 0:
		return ErrNeedsClass
	}
	n, err := rowsOf("z", z, m.Latent())
	if err != nil {
		return err
	}
	for _, part := range []struct {
		field  string
		pixels []float32
	}{{"x", x}, {"mean", mean}, {"nats", nats}} {
		if err := wantLen(part.field, part.pixels, n*m.InputLen()); err != nil || n == 0 {
			return err
		}
	}
	b := compute.Implementation()
	out := m.generate(z, nil, n)
	m.pixelMeans(mean, out)
	if m.config.Likelihood == Bernoulli {
		b.BCEWithLogits(nats, nil, out, x, 0) // rows of one number
		return nil
	}
	sigma := m.sigma()
	constant := math.Log(sigma) + 0.5*math.Log(2*math.Pi)
	b.SquaredError(nats, nil, out, x, 0)
	for i, s := range nats {
		nats[i] = float32(float64(s)/(2*sigma*sigma) + constant)
	}
	return nil
}

// LeastNegLogLikelihood is the least that -log p(x|z) of one picture can be, in nats,
// whatever the decoder gives: with a Bernoulli likelihood the entropy of its pixels,
// which is 0 only where all are black or white. The error is ErrNoLikelihood.
func (m *Model) LeastNegLogLikelihood(x []float32) (float64, error) {
	switch {
	case !m.config.HasLikelihood():
		return 0, ErrNoLikelihood
	case m.config.Likelihood == Gaussian:
		return float64(len(x)) * (math.Log(m.sigma()) + 0.5*math.Log(2*math.Pi)), nil
	}
	var s float64
	for _, v := range x {
		for _, p := range []float64{float64(v), 1 - float64(v)} {
			if p > 0 {
				s -= p * math.Log(p)
			}
		}
	}
	return s, nil
}

// LogRatio is log p(z) - log q(z|x) in nats for z = mu + exp(logvar/2) eps, one
// latent: what log p(x|z) is added to for an importance weight (Burda, Grosse and
// Salakhutdinov 2016, equation 8).
func LogRatio(z, eps, logvar []float32) float64 { return logRatio(z, eps, logvar) }

// sigma is the standard deviation of a Gaussian likelihood.
func (m *Model) sigma() float64 {
	if m.config.Sigma == 0 {
		return 1
	}
	return m.config.Sigma
}
