package vae

import "inkdrift/vae/compute"

// dcganFamily is the generative adversarial network of Radford et al. 2016, but
// for batch normalisation: the generator is a linear layer, unfolded to
// Decoder[0] channels, and transposed convolutions of stride 2 to each further
// number of Decoder and to the channels of the picture; the discriminator
// convolutions of stride 2 with the channels of Discriminator.
var dcganFamily = family{
	Traits: Traits{Adversarial: true, Maps: true},
	build: func(c Config) parts {
		critic, verdict := discriminator(c)
		return parts{decoder: c.generator(), critic: critic, verdict: verdict}
	},
	check: func(c Config) error {
		if err := c.checkGenerator(); err != nil {
			return err
		}
		return checkDiscriminator(c)
	},
	objective: func(m *Model, n int, a ObjectiveConfig) Objective {
		o := &adversarial{discriminatorGame: newDiscriminatorGame(m, a)}
		m.critic.Reserve(2 * n)
		m.verdict.Reserve(2 * n)
		o.reserve(n, n)
		o.z = grow(o.z, n*m.Latent())
		return o
	},
}

// adversarial is the objective of Goodfellow et al. 2014 with the
// non-saturating loss: the discriminator's gradient is that of its
// cross-entropy, the generator's that of -log D of its pictures, both at the
// same weights and for the same pictures.
type adversarial struct {
	discriminatorGame
	z []float32
}

// Names implements Objective: the losses of both sides, and the probability of
// being real that the discriminator gives to real and to generated pictures.
func (o *adversarial) Names() []string { return []string{"discriminator", "generator", "real", "fake"} }

// NewGradient implements Objective.
func (o *adversarial) NewGradient(s Share) (Terms, error) {
	n, err := o.model.begin(s)
	if err != nil || n == 0 {
		return Terms{}, err
	}
	defer o.model.vae.Reduction.End()
	return o.play(s, n, true), nil
}

// Evaluate implements Objective.
func (o *adversarial) Evaluate(s Share) (Terms, error) {
	n, err := o.model.rows(s)
	if err != nil || n == 0 {
		return Terms{}, err
	}
	return o.play(s, n, false), nil
}

func (o *adversarial) play(s Share, n int, learn bool) Terms {
	m := o.model
	terms := m.terms(s, n)
	o.z = grow(o.z, n*m.Latent())
	compute.Implementation().Normal(o.z, substream(s.Key, streamFake), uint32(s.First*m.Latent()))
	o.discriminate(s, m.generate(o.z, nil, n), n, 1, terms, 2)
	o.realProbabilities(n, terms, 4, 5)
	if learn {
		o.backward()
	}
	o.generatorLoss(s, n, 1, terms, 3)
	if learn {
		m.decoder.Backward(o.generatorGradient(n), n, false)
	}
	return MeanTerms(terms)
}
