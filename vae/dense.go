package vae

import (
	"fmt"

	"inkdrift/vae/compute"
	"inkdrift/vae/nn"
)

// dense is the fully connected family. Layer i of the encoder is called
// encoder.2i, because activations take the odd places of an nn.Sequential.
func dense(c Config) (encoder, decoder nn.Module) {
	act := activations[c.Activation]
	return denseChain("encoder", c.InputLen(), c.Encoder, act), perceptron("decoder", c.Latent, c.Decoder, act, c.InputLen())
}

// denseParams is the family's params.
func denseParams(c Config) int {
	return chainParams(c.InputLen(), c.Encoder, 2*c.Latent) + chainParams(c.Latent, c.Decoder, c.InputLen())
}

// chainParams counts the parameters of dense layers from in over widths to out.
func chainParams(in int, widths []int, out int) (n int) {
	for _, w := range widths {
		n += (in + 1) * w
		in = w
	}
	return n + (in+1)*out
}

// denseChain stacks activated layers.
func denseChain(name string, in int, widths []int, act compute.Activation) *nn.Sequential {
	width := in
	var ms []nn.Module
	for i, w := range widths {
		ms = append(ms, nn.NewDense(fmt.Sprintf("%s.%d", name, 2*i), in, w, act))
		in = w
	}
	return nn.NewSequential(width, ms...)
}

// perceptron is a denseChain with a linear layer at its end.
func perceptron(name string, in int, widths []int, act compute.Activation, out int) *nn.Sequential {
	body := denseChain(name, in, widths, act)
	last := nn.NewDense(fmt.Sprintf("%s.%d", name, 2*len(widths)), body.Out(), out, compute.Identity)
	return nn.NewSequential(in, body, last)
}
