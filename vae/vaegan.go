package vae

import (
	"inkdrift/vae/compute"
)

// vaeGANFamily is the autoencoder of Larsen et al. 2016, "beyond pixels using a
// learned similarity metric": a variational autoencoder whose reconstruction
// error is measured in the features of a discriminator, which the decoder also
// learns to deceive. Encoder and Discriminator are the channels of convolutions
// of stride 2, Decoder those of a generator, as in dcganFamily.
var vaeGANFamily = family{
	Traits: Traits{Encoder: true, Likelihood: true, Adversarial: true, Maps: true},
	build: func(c Config) parts {
		critic, verdict := discriminator(c)
		return parts{encoder: c.convolutions("encoder", c.Encoder).module(), decoder: c.generator(), critic: critic, verdict: verdict}
	},
	check: func(c Config) error {
		if err := c.checkMaps("encoder", c.Encoder, 1, 1); err != nil {
			return err
		}
		if err := c.checkGenerator(); err != nil {
			return err
		}
		return checkDiscriminator(c)
	},
	objective: func(m *Model, n int, a ObjectiveConfig) Objective {
		o := &vaeGAN{discriminatorGame: newDiscriminatorGame(m, a)}
		m.decoder.Reserve(2 * n)
		m.critic.Reserve(3 * n)
		m.verdict.Reserve(3 * n)
		o.reserveAll(n)
		return o
	},
}

// foolingWeight weights the generator's loss against the difference of features
// in the decoder's objective: the inverse of gamma in the paper's algorithm 1,
// which scales the decoder's gradient as a whole otherwise.
const foolingWeight = 10

// vaeGAN is algorithm 1 of Larsen et al. 2016, all of it in one step at the
// same weights: the encoder learns from the divergence from the prior and the
// difference of features, the decoder from the difference of features and from
// the generator's loss on its reconstructions and on pictures of random
// latents, the discriminator from its cross-entropy on both and on real
// pictures.
type vaeGAN struct {
	discriminatorGame
	eps, z       []float32 // z: of the pictures, then random ones
	dmu, dlogvar []float32
	kl, recon    []float32
	dfeatures    []float32
	mu, logvar   []float32 // of the last pictures; they belong to the layers
}

func (o *vaeGAN) reserveAll(n int) {
	l := n * o.model.Latent()
	o.eps, o.z = grow(o.eps, l), grow(o.z, 2*l)
	o.dmu, o.dlogvar = grow(o.dmu, l), grow(o.dlogvar, l)
	o.kl, o.recon = grow(o.kl, n), grow(o.recon, n)
	o.dfeatures = grow(o.dfeatures, n*o.model.critic.Out())
	o.reserve(2*n, n)
}

// Names implements Objective: the difference of features, half the sum of
// squares, and the losses of both sides. Recon is that of pixels, to be compared
// with other families; nothing learns from it.
func (o *vaeGAN) Names() []string { return []string{"features", "discriminator", "generator"} }

// Posterior implements the interface of that name.
func (o *vaeGAN) Posterior() (mu, logvar []float32) { return o.mu, o.logvar }

// NewGradient implements Objective.
func (o *vaeGAN) NewGradient(s Share) (Terms, error) {
	n, err := o.model.begin(s)
	if err != nil || n == 0 {
		return Terms{}, err
	}
	defer o.model.vae.Reduction.End()
	return o.play(s, n, true), nil
}

// Evaluate implements Objective.
func (o *vaeGAN) Evaluate(s Share) (Terms, error) {
	n, err := o.model.rows(s)
	if err != nil || n == 0 {
		return Terms{}, err
	}
	return o.play(s, n, false), nil
}

func (o *vaeGAN) play(s Share, n int, learn bool) Terms {
	o.reserveAll(n)
	terms := o.model.terms(s, n)
	m, b, l := o.model, compute.Implementation(), n*o.model.Latent()
	o.mu, o.logvar = m.posterior(s.X, nil, n)
	b.Normal(o.eps, s.Key, uint32(s.First*m.Latent()))
	b.Reparameterize(o.z[:l], o.mu, o.logvar, o.eps)
	b.Normal(o.z[l:], substream(s.Key, streamFake), uint32(s.First*m.Latent()))
	fakes := m.generate(o.z, nil, 2*n)
	m.negLogLikelihood(o.recon, nil, fakes[:n*m.InputLen()], s.X, 0)
	for i, v := range o.recon {
		terms[i*TermsLen] = v
	}
	o.discriminate(s, fakes, n, 2, terms, 3)
	o.compare(s, n, terms, 2)
	if learn {
		o.backward()
		dz := m.decoder.Backward(o.backwardFrozen(m.critic, o.dfeatures, n), n, true)
		b.ReparameterizeGrad(o.dmu, o.dlogvar, dz, o.logvar, o.eps)
	}
	o.generatorLoss(s, 2*n, foolingWeight, terms, 4)
	if learn {
		m.decoder.Backward(o.generatorGradient(2*n), 2*n, false)
		b.KL(o.kl, o.dmu, o.dlogvar, o.mu, o.logvar, float32(s.Beta/float64(s.Batch)))
		m.posteriorBackward(o.dmu, o.dlogvar, n)
	} else {
		b.KL(o.kl, nil, nil, o.mu, o.logvar, 0)
	}
	for i, v := range o.kl {
		terms[i*TermsLen+1] = v
	}
	return MeanTerms(terms)
}

// compare puts half the squared difference between the discriminator's features
// of the reconstructions, the first n pictures of its input, and of the real
// pictures, the last n, into a column of terms, and keeps its gradient.
func (o *vaeGAN) compare(s Share, n int, terms []float32, column int) {
	w := o.model.critic.Out()
	compute.Implementation().SquaredError(o.recon, o.dfeatures, o.features[:n*w], o.features[2*n*w:3*n*w], 1/float32(max(s.Batch, 1)))
	for i, v := range o.recon {
		terms[i*TermsLen+column] = v / 2
	}
}
