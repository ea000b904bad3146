package model

import (
	"os"
	"testing"

	"inkdrift/vae"
)

// TestNoHiddenLayers: lists in a ModelInfo are lists even when empty.
func TestNoHiddenLayers(t *testing.T) {
	m, err := vae.New(vae.Config{Family: "dense", Input: [3]int{1, 28, 28}, Latent: 2, Activation: "tanh", Likelihood: vae.Bernoulli}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if i := (vaeModel{Model: m}).Info(); i.Encoder == nil || i.Decoder == nil {
		t.Errorf("%+v", i)
	}
}

// TestTrainedWith reads what shipped models were trained with, and text that is no recipe.
func TestTrainedWith(t *testing.T) {
	for name, want := range map[string]training{"digits": {"elbo", 0, 1}, "conv-iwae": {"iwae", 5, 1}, "cvae": {"elbo", 0, 1.3}, "dcgan": {}} {
		b, err := os.ReadFile("../../../web/models/" + name + ".safetensors")
		if err != nil {
			t.Fatal(err)
		}
		m, err := Read(b)
		if err != nil {
			t.Fatal(err)
		}
		if i := m.Info(); (training{i.Objective, i.Samples, i.Beta}) != want {
			t.Errorf("%s: %q, %d, %v; want %v", name, i.Objective, i.Samples, i.Beta, want)
		}
	}
	m, err := vae.New(vae.Config{Family: "dense", Input: [3]int{1, 28, 28}, Latent: 2, Activation: "tanh", Likelihood: vae.Bernoulli}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "{", `{"train":{"beta":-1}}`, `{"train":{"objective":"magic"}}`, `{"train":{"beta":"1"}}`, `{"train":{"samples":-1}}`} {
		if got := trainedWith(m, text); got != (training{}) {
			t.Errorf("%s: %+v", text, got)
		}
	}
}
