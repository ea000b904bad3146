package vae

import "slices"

// Traits say what there is in the models of a family. They are what a Config can be
// asked without building anything.
type Traits struct {
	Encoder     bool `json:"encoder"`     // from pictures to latent dimensions
	Likelihood  bool `json:"likelihood"`  // p(x|z) has a density
	Conditional bool `json:"conditional"` // encoder and decoder are conditioned on the class
	Adversarial bool `json:"adversarial"` // there is a discriminator while it is trained
	Hidden      bool `json:"hidden"`      // there may be linear layers between maps and latent dimensions
	Maps        bool `json:"maps"`        // Encoder, Decoder and Discriminator are channels of maps
}

// FamilyTraits returns the traits of a family; ok is false if there is none of
// this name.
func FamilyTraits(name string) (t Traits, ok bool) {
	f, ok := families[name]
	return f.Traits, ok
}

// Activations lists the activations that hidden layers may have.
func Activations() []string { return slices.Clone(hiddenActivations) }
