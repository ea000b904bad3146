package vae

import "slices"

// Traits say what there is in the models of a family.
type Traits struct {
	Encoder     bool `json:"encoder"`     // from pictures to latent numbers
	Conditional bool `json:"conditional"` // it is told the class
	Adversarial bool `json:"adversarial"` // it has a discriminator while it is trained
	Hidden      bool `json:"hidden"`      // there may be linear layers between maps and latent numbers
	Maps        bool `json:"maps"`        // its widths are channels of maps
}

// FamilyTraits returns the traits of a family; ok is false if there is none of
// this name.
func FamilyTraits(name string) (t Traits, ok bool) {
	f, ok := families[name]
	return Traits{f.encoder, f.conditional, f.adversarial, f.hidden, f.maps}, ok
}

// Activations lists the activations that hidden layers may have.
func Activations() []string { return slices.Clone(hiddenActivations) }
