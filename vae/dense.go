package vae

import "inkdrift/vae/nn"

// denseFamily is the fully connected family: Encoder and Decoder are the widths
// of hidden layers.
var denseFamily = family{
	traits: traits{encoder: true, likelihood: true},
	build: func(c Config) parts {
		decoder := newChain("decoder", c.Activation, c.Latent).hidden(c.Decoder)
		decoder.dense(c.InputLen(), identity)
		decoder.squash(c.Output)
		return parts{
			encoder: newChain("encoder", c.Activation, c.InputLen()).hidden(c.Encoder).module(),
			decoder: decoder.module(),
		}
	},
	check: func(Config) error { return nil },
}

// perceptron is a network of activated layers and a linear one at its end.
func perceptron(name string, in int, widths []int, act string, out int) nn.Module {
	s := newChain(name, act, in).hidden(widths)
	s.dense(out, identity)
	return s.module()
}
