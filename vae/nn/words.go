package nn

import (
	"strings"

	"inkdrift/vae/compute"
)

// activationWords are the names of the activations.
var activationWords = [...]string{compute.Identity: "", compute.Tanh: "tanh", compute.ReLU: "relu", compute.LeakyReLU: "leaky-relu"}

// layerWords says what a layer with the tensor called weight computes.
func layerWords(kind, weight, size string, act compute.Activation) string {
	s := kind + " " + strings.TrimSuffix(weight, ".weight") + size
	if a := activationWords[act]; a != "" {
		s += "; " + a
	}
	return s
}
