package vae

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"inkdrift/vae/compute"
)

// MaxOther is how many terms an objective may have besides Recon and KL.
const MaxOther = 4

// Terms are the parts of an objective, in nats, averaged over a batch.
type Terms struct {
	// Recon is the reconstruction error, -E_q[log p(x|z)]; 0 where there is none.
	Recon float64 `json:"recon"`
	// KL is the divergence of q(z|x) from the prior; 0 where there is none.
	KL float64 `json:"kl"`
	// Other are the terms that Objective.Names has names for, then zeros.
	Other [MaxOther]float64 `json:"-"`
}

// ELBO is the evidence lower bound, -(Recon + KL).
func (t Terms) ELBO() float64 { return -(t.Recon + t.KL) }

// Finite reports whether all terms are finite.
func (t Terms) Finite() bool {
	s := t.Recon + t.KL
	for _, v := range t.Other {
		s += v
	}
	return s-s == 0
}

// Scaled returns the terms times f.
func (t Terms) Scaled(f float64) Terms {
	t.Recon *= f
	t.KL *= f
	for i := range t.Other {
		t.Other[i] *= f
	}
	return t
}

// Plus returns the sums of the terms of t and u.
func (t Terms) Plus(u Terms) Terms {
	t.Recon += u.Recon
	t.KL += u.KL
	for i, v := range u.Other {
		t.Other[i] += v
	}
	return t
}

// Share is the part of a training batch that an objective works on.
type Share struct {
	// X are the pictures, one row of InputLen numbers each.
	X []float32
	// Labels are their classes, where the model is conditional; else they are not
	// looked at.
	Labels []int
	// Key names the stream of the step's noise, see NoiseKey. The noise of a
	// picture depends on its place in the whole batch, so that the shares of a
	// batch draw what the whole one would.
	Key compute.Key
	// First is the place of the first picture in the whole batch, and Batch the
	// number of pictures of that; Evaluate does not need it.
	First, Batch int
	// Beta weights the KL term of the gradient (Higgins et al. 2017); Terms are
	// not weighted.
	Beta float64
	// Noise is the standard deviation of the noise on a discriminator's input.
	Noise float64
	// Each, unless nil, gets the terms of each picture, TermsLen numbers: Recon, KL
	// and Other. Whoever adds them up in the order of the pictures finds the same
	// sums however a batch was shared.
	Each []float32
}

// TermsLen is the number of values of a picture in Share.Each.
const TermsLen = 2 + MaxOther

// Objective computes the loss of a model and its gradient. It owns the work
// space. The gradients of the shares of a batch add up to that of the batch:
// nothing in it may depend on other pictures of the batch.
type Objective interface {
	// NewGradient leaves in the arena the share's part of the gradient of the
	// mean loss of the whole batch, whatever was there before. Terms are averages
	// over the share. An empty share leaves zeros. Errors are *LengthError and
	// *LabelError; the arena then has zeros.
	NewGradient(s Share) (Terms, error)
	// Evaluate computes the terms with the same noise and without gradients.
	Evaluate(s Share) (Terms, error)
	// Names are those of Terms.Other.
	Names() []string
}

// A Posterior is an Objective that encodes.
type Posterior interface {
	// Posterior returns mean and log-variance of q(z|x) for the pictures of the
	// last NewGradient or Evaluate, n*Latent numbers each. They belong to the
	// model and are good until it runs again.
	Posterior() (mu, logvar []float32)
}

// The bounds of ObjectiveConfig.
const (
	// BoundELBO is the evidence lower bound of Kingma and Welling 2014.
	BoundELBO = "elbo"
	// BoundIWAE is the importance-weighted bound of Burda et al. 2016.
	BoundIWAE = "iwae"
)

// The gradients of ObjectiveConfig. All have the same expectation, but that of
// GradientSTL with more than one sample.
const (
	// GradientTotal is the reparameterised gradient of the bound.
	GradientTotal = "total"
	// GradientSTL leaves out the score of q(z|x), "sticking the landing" (Roeder,
	// Wu and Duvenaud 2017): less variance near the optimum. It is biased with
	// more than one sample (Tucker et al. 2019).
	GradientSTL = "stl"
	// GradientDReG is the doubly reparameterised gradient of Tucker et al. 2019,
	// which has less variance with any number of samples; with one it is
	// GradientSTL.
	GradientDReG = "dreg"
)

// ObjectiveConfig says which objective a model is trained for. The zero value is the usual objective of the family.
type ObjectiveConfig struct {
	// Bound is BoundELBO or BoundIWAE, empty for the former; for models with a
	// likelihood that are not adversarial.
	Bound string
	// Samples is how many latents are drawn for each picture; 0 means 1.
	Samples int
	// Gradient is how the encoder's gradient is estimated: GradientTotal,
	// GradientSTL or GradientDReG, empty for the first; the others are of BoundIWAE
	// alone. The decoder's is the same with all.
	Gradient string
	// FreeBits is how many nats of KL each latent dimension of each picture may have
	// without a cost (Kingma et al. 2016); with BoundELBO alone.
	FreeBits float64
	// Smoothing is taken off the target for real pictures of a discriminator
	// (one-sided label smoothing, Salimans et al. 2016).
	Smoothing float64
	// DiscriminatorRate is a factor of the discriminator's learning rate; 0 leaves
	// the one that the model has, at first 1.
	DiscriminatorRate float64
}

// ObjectiveError says which field of an ObjectiveConfig is wrong, in itself or
// for a model.
type ObjectiveError struct{ Field, Reason string }

func (e *ObjectiveError) Error() string { return fmt.Sprintf("objective: %s %s", e.Field, e.Reason) }

// MaxSamples is the most latents that may be drawn for a picture.
const MaxSamples = 1000

// Validate returns an *ObjectiveError for the first field of a that does not
// fit models of c, which must be valid.
func (a ObjectiveConfig) Validate(c Config) error {
	f := families[c.Family]
	bound := f.objective == nil
	switch {
	case !c.Trainable():
		return &ObjectiveError{"model", "has no discriminator and cannot be trained"}
	case a.Bound != "" && a.Bound != BoundELBO && a.Bound != BoundIWAE:
		return &ObjectiveError{"bound", fmt.Sprintf("%q is unknown; known: %s, %s", a.Bound, BoundELBO, BoundIWAE)}
	case a.Bound != "" && !bound:
		return &ObjectiveError{"bound", fmt.Sprintf("must be empty: family %q has an objective of its own", c.Family)}
	case a.Samples < 0 || a.Samples > MaxSamples:
		return &ObjectiveError{"samples", fmt.Sprintf("must be between 1 and %d", MaxSamples)}
	case a.Samples > 1 && !bound:
		return &ObjectiveError{"samples", fmt.Sprintf("must be 1: family %q has an objective of its own", c.Family)}
	case a.Gradient != "" && a.Gradient != GradientTotal && a.Gradient != GradientSTL && a.Gradient != GradientDReG:
		return &ObjectiveError{"gradient", fmt.Sprintf("%q is unknown; known: %s, %s, %s", a.Gradient, GradientTotal, GradientSTL, GradientDReG)}
	case a.Gradient != "" && a.Gradient != GradientTotal && a.Bound != BoundIWAE:
		return &ObjectiveError{"gradient", fmt.Sprintf("must be %s: the others are of the bound %q, which with one sample is the ELBO", GradientTotal, BoundIWAE)}
	case !(a.FreeBits >= 0 && a.FreeBits < 1e6):
		return &ObjectiveError{"free_bits", "must be a number of at least 0"}
	case a.FreeBits > 0 && (a.Bound == BoundIWAE || !bound):
		return &ObjectiveError{"free_bits", "must be 0: only the ELBO has a KL term that can be paid in part"}
	case !(a.Smoothing >= 0 && a.Smoothing < 0.5):
		return &ObjectiveError{"label_smoothing", "must be at least 0 and less than 0.5"}
	case a.Smoothing > 0 && !f.Adversarial:
		return &ObjectiveError{"label_smoothing", fmt.Sprintf("must be 0: family %q has no discriminator", c.Family)}
	case !(a.DiscriminatorRate >= 0 && a.DiscriminatorRate < 1e3):
		return &ObjectiveError{"discriminator_rate", "must be a number of at least 0"}
	case a.DiscriminatorRate > 0 && !f.Adversarial:
		return &ObjectiveError{"discriminator_rate", fmt.Sprintf("must be 0: family %q has no discriminator", c.Family)}
	}
	return nil
}

// NewObjective returns the objective of m, with room for shares of n pictures.
// The error is an *ObjectiveError.
func NewObjective(m *Model, n int, a ObjectiveConfig) (Objective, error) {
	if err := a.Validate(m.config); err != nil {
		return nil, err
	}
	m.Reserve(n)
	m.vae.EnableGrad()
	if f := families[m.config.Family].objective; f != nil {
		return f(m, n, a), nil
	}
	return newBound(m, n, a), nil
}

// NoiseKey is the stream of the noise epsilon at a training step of a seed.
func NoiseKey(seed, step uint64) compute.Key { return compute.NewKey(seed, streamNoise, step) }

// substream is another stream of the same step.
func substream(k compute.Key, purpose uint64) compute.Key {
	return compute.NewKey(uint64(k.A)|uint64(k.B)<<32, purpose)
}

// rows checks a share and returns its number of pictures.
func (m *Model) rows(s Share) (int, error) {
	n, err := rowsOf("x", s.X, m.InputLen())
	if err != nil || m.config.Conditions == 0 {
		return n, err
	}
	if len(s.Labels) != n {
		return 0, &LengthError{Field: "labels", Got: len(s.Labels), Want: n}
	}
	return n, checkLabels(s.Labels, m.config.Conditions)
}

// begin checks a share and prepares the arena for its gradient. The reduction of
// the arena has begun then, and must be ended.
func (m *Model) begin(s Share) (int, error) {
	n, err := m.rows(s)
	if err != nil || n == 0 {
		m.vae.ZeroGrad()
		return 0, err
	}
	m.vae.Replace()
	m.vae.Reduction.Begin(s.First, n, s.Batch)
	return n, nil
}

// terms returns room for the terms of the n pictures of s, all zero.
func (m *Model) terms(s Share, n int) []float32 {
	each := s.Each
	if each == nil {
		m.each = grow(m.each, n*TermsLen)
		each = m.each
	}
	each = each[:n*TermsLen]
	clear(each)
	return each
}

// MeanTerms returns the mean of the terms of pictures, as Share.Each has them.
func MeanTerms(each []float32) (t Terms) {
	n := float64(len(each) / TermsLen)
	for ; len(each) > 0; each = each[TermsLen:] {
		t.Recon += float64(each[0])
		t.KL += float64(each[1])
		for i, v := range each[2:TermsLen] {
			t.Other[i] += float64(v)
		}
	}
	t.Recon /= n
	t.KL /= n
	for i := range t.Other {
		t.Other[i] /= n
	}
	return t
}

// negLogLikelihood computes -log p(x|z) of each row in nats from the decoder's
// output, and its gradient with respect to that times scale unless grad is nil.
// grad may be out where nothing squashes the output.
func (m *Model) negLogLikelihood(loss, grad, out, x []float32, scale float32) {
	b := compute.Implementation()
	if m.config.Likelihood == Bernoulli {
		b.BCEWithLogits(loss, grad, out, x, scale)
		return
	}
	sigma := m.sigma()
	b.SquaredError(loss, grad, out, x, scale/float32(sigma*sigma))
	constant := float64(m.InputLen()) * (math.Log(sigma) + 0.5*math.Log(2*math.Pi))
	for i, s := range loss {
		loss[i] = float32(float64(s)/(2*sigma*sigma) + constant)
	}
}

// addScaled adds f*x to dst.
func addScaled(dst []float32, f float32, x []float32) {
	blas32.Axpy(f, vector(x), vector(dst[:len(x)]))
}

func vector(x []float32) blas32.Vector { return blas32.Vector{N: len(x), Inc: 1, Data: x} }
