package vae

import (
	"maps"
	"slices"

	"inkdrift/vae/nn"
)

// A family is a way to build the body of the encoder, from pictures to features,
// and the decoder, from latents to the parameters of p(x|z). The two linear maps
// from features to mu and log-variance are the same in every family.
type family struct {
	// build makes both of a valid config.
	build func(Config) (encoder, decoder nn.Module)
	// params counts the parameters of build's modules and of mu and log-variance.
	params func(Config) int
	// check returns a *ConfigError for what only this family does not allow.
	check func(Config) error
}

var families = map[string]family{
	"dense": {dense, denseParams, func(Config) error { return nil }},
	"conv":  {conv, convParams, checkConv},
}

// Families lists the names of the known families.
func Families() []string { return slices.Sorted(maps.Keys(families)) }
