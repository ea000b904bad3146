package vae

import "inkdrift/vae/nn"

// denseFamily is the fully connected family: Encoder and Decoder are the widths
// of hidden layers.
var denseFamily = family{
	Traits: Traits{Encoder: true, Likelihood: true},
	build: func(c Config) parts {
		return parts{
			encoder: newBuilder("encoder", c.Activation, c.InputLen()).hidden(c.Encoder).module(),
			decoder: denseDecoder(c),
		}
	},
	check: func(Config) error { return nil },
}

// denseDecoder maps latents, and classes of a conditional model, to pixels.
func denseDecoder(c Config) nn.Module {
	s := newBuilder("decoder", c.Activation, c.Latent+c.Conditions).hidden(c.Decoder)
	s.dense(c.InputLen(), identity)
	s.squash(c.Output)
	return s.module()
}

// perceptron is a network of activated layers and a linear one at its end.
func perceptron(name string, in int, widths []int, act string, out int) nn.Module {
	s := newBuilder(name, act, in).hidden(widths)
	s.dense(out, identity)
	return s.module()
}
