package enginetest

import (
	"testing"

	"inkdrift/vae"
)

// Families are small models of every family that the gallery shows.
var Families = map[string]vae.Config{
	"dense": {Family: "dense", Input: [3]int{1, 28, 28}, Encoder: []int{8}, Decoder: []int{8}, Latent: 3, Activation: "tanh", Likelihood: vae.Bernoulli},
	"cvae": {Family: "cvae", Input: [3]int{1, 28, 28}, Encoder: []int{8}, Decoder: []int{8}, Latent: 2, Activation: "tanh", Likelihood: vae.Bernoulli,
		Conditions: 10, Recogniser: []int{6}},
	"conv":  {Family: "conv", Input: [3]int{3, 16, 16}, Encoder: []int{4}, Decoder: []int{4, 4}, Latent: 4, Activation: "relu", Likelihood: vae.Gaussian, Output: "tanh"},
	"dcgan": {Family: "dcgan", Input: [3]int{1, 28, 28}, Decoder: []int{6, 4}, Latent: 5, Kernel: 4, Activation: "leaky-relu", Likelihood: vae.Implicit, Output: "tanh"},
}

// Untrained returns the file of a small model of pictures of that shape that has
// learnt nothing: its means are random projections.
func Untrained(t *testing.T, input [3]int) []byte {
	t.Helper()
	return ModelFile(t, vae.Config{Family: "dense", Input: input, Encoder: []int{30}, Decoder: []int{5}, Latent: 6, Activation: "tanh", Likelihood: vae.Bernoulli})
}
