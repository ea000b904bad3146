package vae

// cvaeFamily is the conditional family of Sohn et al. 2015, which is M2 of
// Kingma et al. 2014 with every label given. Encoder and decoder are dense and
// conditioned on the class, so the latent describes the style.
var cvaeFamily = family{
	Traits: Traits{Encoder: true, Likelihood: true, Conditional: true},
	build: func(c Config) parts {
		return parts{
			encoder:    newBuilder("encoder", c.Activation, c.InputLen()+c.Conditions).hidden(c.Encoder).module(),
			recogniser: perceptron("recogniser", c.InputLen(), c.Recogniser, c.Activation, c.Conditions),
			decoder:    denseDecoder(c),
		}
	},
	check: func(Config) error { return nil },
}
