package metric

import (
	"fmt"
	"math"

	"inkdrift/vae"
	"inkdrift/vae/compute"
)

// Likelihood estimates log p(x) by importance sampling.
type Likelihood struct {
	// Yield, unless nil, is called between pieces of the work on a picture; an error
	// of its ends it and is returned.
	Yield func() error

	model   *vae.Model
	chunk   int // samples decoded at a time
	x, y    []float32
	eps, z  []float32
	nll     []float32
	weights []float64
}

// NewLikelihood returns an estimator that draws samples latents a picture and
// decodes rows of them at a time, 0 means a number that is fast and takes much
// memory. The estimate does not depend on rows.
func NewLikelihood(m *vae.Model, samples, rows int) (*Likelihood, error) {
	if samples < 1 || samples > 1<<20 {
		return nil, fmt.Errorf("nll samples: %d is not between 1 and %d", samples, 1<<20)
	}
	if rows < 1 {
		rows = 500
	}
	c := min(samples, rows)
	return &Likelihood{
		model: m, chunk: c,
		x: make([]float32, c*m.InputLen()), y: make([]float32, c*m.Conditions()), eps: make([]float32, c*m.Latent()), z: make([]float32, c*m.Latent()),
		nll: make([]float32, c), weights: make([]float64, 0, samples),
	}, nil
}

// NLL estimates -log p(x) in nats of one picture with latent mean mu and
// log-variance logvar of q(z|x):
//
//	-log 1/k sum_i p(x|z_i) p(z_i) / q(z_i|x),   z_i ~ q(z|x)
//
// (Burda, Grosse and Salakhutdinov 2016, equation 8). The noise is numbers 0 to
// k*Latent-1 of the stream key. It is an upper bound in expectation that tightens with k.
func (l *Likelihood) NLL(x, mu, logvar []float32, key compute.Key) (float64, error) {
	return l.NLLGiven(x, mu, logvar, nil, key)
}

// NLLGiven estimates -log p(x|y) of a conditional model in the same way, with
// q(z|x,y) and the classes y of the picture, one-hot.
func (l *Likelihood) NLLGiven(x, mu, logvar, y []float32, key compute.Key) (float64, error) {
	d, p, k := l.model.Latent(), l.model.InputLen(), l.model.Conditions()
	if len(y) != k {
		return 0, &vae.LengthError{Field: "y", Got: len(y), Want: k}
	}
	for i := range l.chunk {
		copy(l.x[i*p:][:p], x)
		copy(l.y[i*k:][:k], y)
	}
	l.weights = l.weights[:0]
	for len(l.weights) < cap(l.weights) {
		n := min(l.chunk, cap(l.weights)-len(l.weights))
		eps, z := l.eps[:n*d], l.z[:n*d]
		compute.Implementation().Normal(eps, key, uint32(len(l.weights)*d))
		for i := range n {
			compute.Implementation().Reparameterize(z[i*d:][:d], mu, logvar, eps[i*d:][:d])
		}
		if err := l.model.NegLogLikelihoodGiven(l.nll[:n], l.x[:n*p], z, l.y[:n*k]); err != nil {
			return 0, err
		}
		for i := range n {
			l.weights = append(l.weights, logRatio(z[i*d:][:d], eps[i*d:][:d], logvar)-float64(l.nll[i]))
		}
		if err := yield(l.Yield); err != nil {
			return 0, err
		}
	}
	return math.Log(float64(len(l.weights))) - LogSumExp(l.weights), nil
}

// logRatio is log p(z) - log q(z|x) for z = mu + exp(logvar/2) eps; the
// constants of the two normals cancel.
func logRatio(z, eps, logvar []float32) float64 {
	var s float64
	for j, v := range z {
		e := float64(eps[j])
		s += e*e + float64(logvar[j]) - float64(v)*float64(v)
	}
	return s / 2
}

// LogSumExp returns log sum_i exp(x_i), stable for large and small x.
func LogSumExp(x []float64) float64 {
	top := math.Inf(-1)
	for _, v := range x {
		top = max(top, v)
	}
	if math.IsInf(top, 0) || math.IsNaN(top) {
		return top
	}
	var s float64
	for _, v := range x {
		s += math.Exp(v - top)
	}
	return top + math.Log(s)
}
