package vae

import (
	"maps"
	"slices"

	"inkdrift/vae/nn"
)

// A family builds the body of the encoder, from pictures to features, and the
// decoder, from latents to the parameters of p(x|z). The two linear maps from
// features to mu and log-variance are the same in every family.
type family func(Config) (encoder, decoder nn.Module)

var families = map[string]family{
	"dense": dense,
}

// Families lists the names of the known families.
func Families() []string { return slices.Sorted(maps.Keys(families)) }
