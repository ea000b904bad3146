package vae

import (
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"inkdrift/vae/compute"
)

// Terms are the parts of the objective, in nats, averaged over a batch.
type Terms struct {
	// Recon is the reconstruction error, -E_q[log p(x|z)].
	Recon float64 `json:"recon"`
	// KL is the divergence of q(z|x) from the prior.
	KL float64 `json:"kl"`
}

// ELBO is the evidence lower bound, -(Recon + KL).
func (t Terms) ELBO() float64 { return -(t.Recon + t.KL) }

// Finite reports whether both terms are finite.
func (t Terms) Finite() bool { s := t.Recon + t.KL; return s-s == 0 }

// ELBO is the objective of Kingma and Welling 2014, equation 10, with one
// sample of z a picture and the KL term weighted by Beta (Higgins et al. 2017).
// It holds the work space; make one with NewELBO for each model.
type ELBO struct {
	// Beta weights the KL term of the gradient; Terms are not weighted.
	Beta float64

	model          *Model
	eps, z, logits []float32
	dmu, dlogvar   []float32
	recon, kl      []float32
	mu, logvar     []float32 // of the last pictures; they belong to the layers
}

// NewELBO returns the objective for m with beta = 1 and room for batches of n.
func NewELBO(m *Model, n int) *ELBO {
	m.Reserve(n)
	m.vae.EnableGrad()
	o := &ELBO{Beta: 1, model: m}
	o.reserve(n)
	return o
}

func (o *ELBO) reserve(n int) {
	if n <= cap(o.recon) {
		return
	}
	l := n * o.model.Latent()
	o.eps, o.z = make([]float32, l), make([]float32, l)
	o.dmu, o.dlogvar = make([]float32, l), make([]float32, l)
	o.recon, o.kl = make([]float32, n), make([]float32, n)
}

// NoiseKey is the stream of the noise epsilon at a training step of a seed.
func NoiseKey(seed, step uint64) compute.Key { return compute.NewKey(seed, streamNoise, step) }

// Gradient runs the model forward and backward on the pictures of x, with noise
// from stream key starting at row first of the whole batch, and adds to the
// arena's gradient that of
//
//	sum over rows of (Recon + Beta*KL) / batch
//
// batch is the size of the whole batch, of which x may be a part. Terms are
// averages over x. The error is a *LengthError.
func (o *ELBO) Gradient(x []float32, key compute.Key, first, batch int) (Terms, error) {
	n, err := rowsOf("x", x, o.model.InputLen())
	if err != nil || n == 0 {
		return Terms{}, err
	}
	t, logits, mu, logvar := o.forward(x, n, key, first, float32(1/float64(batch)))
	m, b := o.model, compute.Implementation()

	l := n * m.Latent()
	dz := m.decoder.Backward(logits, n, true)
	dmu, dlogvar := o.dmu[:l], o.dlogvar[:l]
	b.ReparameterizeGrad(dmu, dlogvar, dz, logvar, o.eps[:l])
	b.KL(o.kl[:n], dmu, dlogvar, mu, logvar, float32(o.Beta/float64(batch)))
	t.KL = mean(o.kl[:n])

	dh, other := m.mu.Backward(dmu, n, true), m.logvar.Backward(dlogvar, n, true)
	blas32.Axpy(1, blas32.Vector{N: len(other), Inc: 1, Data: other}, blas32.Vector{N: len(dh), Inc: 1, Data: dh})
	m.encoder.Backward(dh, n, false)
	return t, nil
}

// NewGradient is Gradient for an arena whose gradient does not count: it leaves
// there what Gradient leaves after ZeroGrad, but for the signs of zeros, in less
// time.
func (o *ELBO) NewGradient(x []float32, key compute.Key, first, batch int) (Terms, error) {
	if len(x) == 0 || len(x)%o.model.InputLen() != 0 {
		o.model.vae.ZeroGrad()
	} else {
		o.model.vae.Replace()
	}
	return o.Gradient(x, key, first, batch)
}

// Evaluate computes the terms for the pictures of x without gradients, with
// the same noise as Gradient.
func (o *ELBO) Evaluate(x []float32, key compute.Key, first int) (Terms, error) {
	n, err := rowsOf("x", x, o.model.InputLen())
	if err != nil || n == 0 {
		return Terms{}, err
	}
	t, _, mu, logvar := o.forward(x, n, key, first, 0)
	compute.Implementation().KL(o.kl[:n], nil, nil, mu, logvar, 0)
	t.KL = mean(o.kl[:n])
	return t, nil
}

// Posterior returns mean and log-variance of q(z|x) for the pictures of the last
// Gradient or Evaluate, n*Latent numbers each. They belong to the model and are
// good until it runs again.
func (o *ELBO) Posterior() (mu, logvar []float32) { return o.mu, o.logvar }

// forward runs encoder, reparameterisation, decoder and likelihood. The
// returned logits hold the gradient of the reconstruction error times scale.
func (o *ELBO) forward(x []float32, n int, key compute.Key, first int, scale float32) (t Terms, dlogits, mu, logvar []float32) {
	o.reserve(n)
	m, b := o.model, compute.Implementation()
	l := n * m.Latent()
	mu, logvar = m.encode(x, n)
	o.mu, o.logvar = mu, logvar
	b.Normal(o.eps[:l], key, uint32(first*m.Latent()))
	b.Reparameterize(o.z[:l], mu, logvar, o.eps[:l])
	dlogits = m.decoder.Forward(o.z[:l], n)
	t.Recon = m.negLogLikelihood(o.recon[:n], dlogits, x, scale)
	return t, dlogits, mu, logvar
}

// negLogLikelihood computes -log p(x|z) of each row in nats from the decoder's
// output, which it replaces by its gradient times scale, and returns the mean.
func (m *Model) negLogLikelihood(loss, out, x []float32, scale float32) float64 {
	b := compute.Implementation()
	if m.config.Likelihood == Bernoulli {
		b.BCEWithLogits(loss, out, out, x, scale)
		return mean(loss)
	}
	sigma := m.config.Sigma
	if sigma == 0 {
		sigma = 1
	}
	b.SquaredError(loss, out, out, x, scale/float32(sigma*sigma))
	constant := float64(m.InputLen()) * (math.Log(sigma) + 0.5*math.Log(2*math.Pi))
	for i, s := range loss {
		loss[i] = float32(float64(s)/(2*sigma*sigma) + constant)
	}
	return mean(loss)
}

func mean(x []float32) float64 {
	var s float64
	for _, v := range x {
		s += float64(v)
	}
	return s / float64(len(x))
}
