package vae

// cvaeFamily is the conditional family of Sohn et al. 2015, which is M2 of Kingma
// et al. 2014 with every label given: encoder and decoder are dense and told the
// class, so that the latent is left with how it is written.
var cvaeFamily = family{
	traits: traits{encoder: true, likelihood: true, conditional: true},
	build: func(c Config) parts {
		return parts{
			encoder:    newBuilder("encoder", c.Activation, c.InputLen()+c.Conditions).hidden(c.Encoder).module(),
			recogniser: perceptron("recogniser", c.InputLen(), c.Recogniser, c.Activation, c.Conditions),
			decoder:    denseDecoder(c),
		}
	},
	check: func(Config) error { return nil },
}
