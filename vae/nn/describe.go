package nn

import (
	"strings"

	"inkdrift/vae/compute"
)

// activationNames are the names of the activations.
var activationNames = [...]string{compute.Identity: "", compute.Tanh: "tanh", compute.ReLU: "relu", compute.LeakyReLU: "leaky-relu"}

// describeLayer says what a layer with the tensor called weight computes.
func describeLayer(kind, weight, size string, act compute.Activation) string {
	s := kind + " " + strings.TrimSuffix(weight, ".weight") + size
	if a := activationNames[act]; a != "" {
		s += "; " + a
	}
	return s
}
