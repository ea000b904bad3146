package model

import (
	"testing"

	"inkdrift/vae"
)

// TestNoHiddenLayers: lists in a ModelInfo are lists even when empty.
func TestNoHiddenLayers(t *testing.T) {
	m, err := vae.New(vae.Config{Family: "dense", Input: [3]int{1, 28, 28}, Latent: 2, Activation: "tanh", Likelihood: vae.Bernoulli}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if i := (vaeModel{m}).Info(); i.Encoder == nil || i.Decoder == nil {
		t.Errorf("%+v", i)
	}
}
