package vae

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"inkdrift/vae/compute"
)

// Bound is a variational bound of log p(x), or of log p(x|y) of a conditional
// model, with k samples z_i of q(z|x) for each picture. BoundELBO is the mean
// over the samples of Kingma and Welling 2014, equation 10,
//
//	E_q[log p(x|z)] - Beta*KL(q(z|x) || p(z))
//
// BoundIWAE is Burda, Grosse and Salakhutdinov 2016, equation 8,
//
//	log 1/k sum_i w_i,   log w_i = log p(x|z_i) + Beta*(log p(z_i) - log q(z_i|x))
//
// whose gradient is that of the log w_i weighted by w_i / sum_j w_j (equations
// 13 and 14). GradientSTL and GradientDReG leave the score of q(z|x) out of the
// encoder's gradient; the latter weights log w_i by
//
//	(1 - Beta)*v_i + Beta*v_i^2,   v_i = w_i / sum_j w_j
//
// instead: equation 8 of Tucker et al. 2019 for any Beta. A conditional model's recogniser learns -log q(y|x) beside it, as
// in Kingma et al. 2014, equation 9. Make one with NewObjective.
type Bound struct {
	model    *Model
	iwae     bool
	path     bool // the encoder's gradient goes through the latents alone
	dreg     bool // and has the weights of GradientDReG
	samples  int
	freeBits float32
	names    []string

	y            []float32 // classes, one-hot
	eps, z       []float32 // of sample 0 of all pictures, then sample 1, ...
	nll          []float32 // in that order
	ratios       []float64 // in that order: log p(z)/q(z|x)
	weights      []float64 // in that order: log w_i, then its part of the sum
	dout         []float32 // the gradient of the decoder's output
	squashed     []float32 // room for it
	dlogits      []float32 // of the recogniser, which owns them
	kl           []float32 // a picture
	each         []float32 // KL a latent dimension, with free bits
	dmu, dlogvar []float32
	pmu, plogvar []float32 // parts of those
	mu, logvar   []float32 // of the last pictures; they belong to the layers
}

func newBound(m *Model, n int, a ObjectiveConfig) *Bound {
	o := &Bound{model: m, iwae: a.Bound == BoundIWAE, samples: max(a.Samples, 1), freeBits: float32(a.FreeBits)}
	o.dreg = a.Gradient == GradientDReG
	o.path = o.dreg || a.Gradient == GradientSTL
	if o.iwae {
		o.names = append(o.names, "iwae")
	}
	if m.recogniser != nil {
		o.names = append(o.names, "label")
	}
	m.decoder.Reserve(n * o.samples)
	o.reserve(n)
	return o
}

// NewELBO returns the evidence lower bound of m with one sample a picture and
// room for shares of n pictures. The model must have a likelihood.
func NewELBO(m *Model, n int) *Bound {
	m.Reserve(n)
	m.vae.EnableGrad()
	return newBound(m, n, ObjectiveConfig{})
}

func (o *Bound) reserve(n int) {
	l, k := n*o.model.Latent(), o.samples
	o.y = grow(o.y, n*o.model.Conditions())
	o.eps, o.z = grow(o.eps, k*l), grow(o.z, k*l)
	o.nll = grow(o.nll, k*n)
	o.ratios = slices.Grow(o.ratios[:0], k*n)[:k*n]
	o.weights = slices.Grow(o.weights[:0], k*n)[:k*n]
	o.kl = grow(o.kl, n)
	o.dmu, o.dlogvar = grow(o.dmu, l), grow(o.dlogvar, l)
	o.pmu, o.plogvar = grow(o.pmu, l), grow(o.plogvar, l)
	if o.freeBits > 0 {
		o.each = grow(o.each, l)
	}
	if o.model.config.Output != "" {
		o.squashed = grow(o.squashed, k*n*o.model.InputLen())
	}
}

// Names implements Objective: "iwae" is minus the importance-weighted bound,
// "label" the recogniser's -log q(y|x).
func (o *Bound) Names() []string { return o.names }

// Posterior implements the interface of that name.
func (o *Bound) Posterior() (mu, logvar []float32) { return o.mu, o.logvar }

// NewGradient implements Objective.
func (o *Bound) NewGradient(s Share) (Terms, error) {
	n, err := o.model.begin(s)
	if err != nil || n == 0 {
		return Terms{}, err
	}
	defer o.model.vae.Reduction.End()
	t := o.forward(s, n, 1/float64(s.Batch))
	o.backward(s, n)
	return t, nil
}

// Evaluate implements Objective.
func (o *Bound) Evaluate(s Share) (Terms, error) {
	n, err := o.model.rows(s)
	if err != nil || n == 0 {
		return Terms{}, err
	}
	return o.forward(s, n, 0), nil
}

// forward runs the model on n pictures. Unless scale is 0, o.dout then holds the
// gradient of the reconstruction error times scale, not yet weighted, and
// o.dlogits that of the recogniser's loss.
func (o *Bound) forward(s Share, n int, scale float64) Terms {
	o.reserve(n)
	m, b, k := o.model, compute.Implementation(), o.samples
	l, w := n*m.Latent(), n*m.InputLen()
	if m.Conditions() > 0 {
		clear(o.y)
		for i, label := range s.Labels {
			o.y[i*m.Conditions()+label] = 1
		}
	}
	o.mu, o.logvar = m.posterior(s.X, o.y, n)
	for i := range k {
		eps, key := o.eps[i*l:][:l], s.Key
		if i > 0 {
			key = substream(key, uint64(i))
		}
		b.Normal(eps, key, uint32(s.First*m.Latent()))
		b.Reparameterize(o.z[i*l:][:l], o.mu, o.logvar, eps)
	}
	out := m.generate(o.z, o.y, n*k)
	if scale != 0 {
		o.dout = out
		if m.config.Output != "" { // whose layer still needs its output
			o.dout = o.squashed
		}
	}
	each := scale
	if !o.iwae {
		each /= float64(k)
	}
	for i := range k {
		var grad []float32
		if scale != 0 {
			grad = o.dout[i*w:][:w]
		}
		m.negLogLikelihood(o.nll[i*n:][:n], grad, out[i*w:][:w], s.X, float32(each))
	}
	b.KL(o.kl, nil, nil, o.mu, o.logvar, 0)
	if m.recogniser != nil {
		o.dlogits = m.recogniser.Forward(s.X, n)
	}
	terms := m.terms(s, n)
	for i := range n {
		row := terms[i*TermsLen:][:TermsLen]
		var recon float64
		for j := range k {
			recon += float64(o.nll[j*n+i])
		}
		row[0], row[1] = float32(recon/float64(k)), o.kl[i]
		other := 2
		if o.iwae {
			row[other] = float32(o.weigh(i, n, s.Beta))
			other++
		}
		if m.recogniser != nil {
			c := m.Conditions()
			row[other] = float32(crossEntropy(o.dlogits[i*c:][:c], s.Labels[i], float32(scale)))
		}
	}
	return MeanTerms(terms)
}

// weigh computes the weights of the samples of picture i of n with beta, and
// returns minus the bound with Beta 1.
func (o *Bound) weigh(i, n int, beta float64) float64 {
	dim, k := o.model.Latent(), o.samples
	logvar := o.logvar[i*dim:][:dim]
	for j := i; j < k*n; j += n {
		o.ratios[j] = logRatio(o.z[j*dim:][:dim], o.eps[j*dim:][:dim], logvar)
		o.weights[j] = o.ratios[j] - float64(o.nll[j])
	}
	bound := normalise(o.weights[i:k*n], n) - math.Log(float64(k))
	if beta != 1 {
		for j := i; j < k*n; j += n {
			o.weights[j] = beta*o.ratios[j] - float64(o.nll[j])
		}
		normalise(o.weights[i:k*n], n)
	}
	return -bound
}

// logRatio is log p(z) - log q(z|x) for z = mu + exp(logvar/2) eps; the constants
// of the two normals cancel.
func logRatio(z, eps, logvar []float32) (s float64) {
	for j, v := range z {
		e := float64(eps[j])
		s += e*e + float64(logvar[j]) - float64(v)*float64(v)
	}
	return s / 2
}

// normalise turns every stride-th number of x, beginning with the first, from
// log w_i into w_i / sum_j w_j and returns log sum_j w_j.
func normalise(x []float64, stride int) float64 {
	top := x[0]
	for i := stride; i < len(x); i += stride {
		if x[i] > top {
			top = x[i]
		}
	}
	var sum float64
	for i := 0; i < len(x); i += stride {
		x[i] = math.Exp(x[i] - top)
		sum += x[i]
	}
	for i := 0; i < len(x); i += stride {
		x[i] /= sum
	}
	return top + math.Log(sum)
}

// backward goes back from the decoder's output.
func (o *Bound) backward(s Share, n int) {
	m, b, k := o.model, compute.Implementation(), o.samples
	dim, w := m.Latent(), m.InputLen()
	l, beta := n*dim, s.Beta/float64(s.Batch)
	if o.iwae {
		for j, f := range o.weights {
			blas32.Scal(float32(f), vector(o.dout[j*w:][:w]))
		}
	}
	dz := m.decoderInput.inputGradient(m.decoder.Backward(o.dout, n*k, true), n*k)
	for i := range k {
		d, eps := dz[i*l:][:l], o.eps[i*l:][:l]
		switch {
		case o.path:
			o.addPath(d, i, n, s.Beta, beta)
		case o.iwae: // of -log p(z)
			for j := range n {
				at := i*l + j*dim
				addScaled(d[j*dim:][:dim], float32(beta*o.weights[i*n+j]), o.z[at:][:dim])
			}
		}
		if i == 0 {
			b.ReparameterizeGrad(o.dmu, o.dlogvar, d, o.logvar, eps)
			continue
		}
		b.ReparameterizeGrad(o.pmu, o.plogvar, d, o.logvar, eps)
		addScaled(o.dmu, 1, o.pmu)
		addScaled(o.dlogvar, 1, o.plogvar)
	}
	switch {
	case o.path: // addPath did it
	case o.iwae: // of log q(z|x), for fixed noise, and the weights add up to 1
		half := float32(beta / 2)
		for i := range o.dlogvar {
			o.dlogvar[i] -= half
		}
	case o.freeBits > 0:
		o.addPaidKL(float32(beta))
	default:
		b.KL(o.kl, o.dmu, o.dlogvar, o.mu, o.logvar, float32(beta))
	}
	m.posteriorBackward(o.dmu, o.dlogvar, n)
	if m.recogniser != nil {
		m.recogniser.Backward(o.dlogits, n, false)
	}
}

// addPath completes the gradient d with respect to the latents of sample i: it
// has that of -log p(x|z), weighted as the decoder needs it. scale is beta over
// the batch.
func (o *Bound) addPath(d []float32, i, n int, beta, scale float64) {
	dim := o.model.Latent()
	for j := range n {
		row, at := d[j*dim:][:dim], (i*n+j)*dim
		weight := o.weights[i*n+j]
		f := 1.0
		if o.dreg {
			f = 1 - beta + beta*weight
			blas32.Scal(float32(f), vector(row))
		}
		f *= scale * weight
		addScaled(row, float32(f), o.z[at:][:dim]) // of -log p(z)
		// Of log q(z|x) at fixed mean and variance, -epsilon/sigma.
		logvar, eps := o.logvar[j*dim:][:dim], o.eps[at:][:dim]
		for k, e := range eps {
			row[k] -= float32(float32(f) * e * compute.Exp(-logvar[k]/2))
		}
	}
}

// addPaidKL adds the gradient of the KL terms that are above the free bits.
func (o *Bound) addPaidKL(beta float32) {
	clear(o.pmu)
	clear(o.plogvar)
	compute.Implementation().KL(o.each, o.pmu, o.plogvar, o.mu, o.logvar, beta)
	for i, v := range o.each {
		if v < o.freeBits {
			o.pmu[i], o.plogvar[i] = 0, 0
		}
	}
	addScaled(o.dmu, 1, o.pmu)
	addScaled(o.dlogvar, 1, o.plogvar)
}
