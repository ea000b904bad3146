package vae

import (
	"fmt"
	"strings"

	"inkdrift/vae/compute"
)

// Likelihood names the distribution p(x|z) that the decoder parameterises.
type Likelihood string

// The likelihoods.
const (
	// Bernoulli: the decoder gives the logit of each pixel.
	Bernoulli Likelihood = "bernoulli"
	// Gaussian: the decoder gives each pixel's mean; the standard deviation is
	// Config.Sigma.
	Gaussian Likelihood = "gaussian"
)

// Config describes a model completely; its JSON form is what a model file
// carries.
type Config struct {
	// Family names the architecture: "dense" or "conv".
	Family string `json:"family"`
	// Input is the shape of a picture: channels, height, width.
	Input [3]int `json:"input"`
	// Encoder and Decoder are the widths of the hidden layers in the order in
	// which data passes them; of "conv" the channels of maps.
	Encoder []int `json:"encoder"`
	Decoder []int `json:"decoder"`
	// Latent is the number of latent dimensions.
	Latent int `json:"latent"`
	// Activation of the hidden layers: "tanh", "relu" or "leaky-relu".
	Activation string `json:"activation"`
	// Likelihood of a picture given its latent.
	Likelihood Likelihood `json:"likelihood"`
	// Sigma is the standard deviation of a Gaussian likelihood; 0 means 1.
	Sigma float64 `json:"sigma,omitempty"`
	// Classes is how many classes the classifier on mu tells apart; 0: there
	// is no classifier.
	Classes int `json:"classes,omitempty"`
	// Classifier lists the widths of its hidden layers.
	Classifier []int `json:"classifier,omitempty"`
}

// Limits of a Config. They keep a hostile file from asking for more memory
// than a browser has.
const (
	MaxWidth  = 1 << 16
	MaxLayers = 16
	MaxParams = 1 << 26
)

// ConfigError says which field of a Config is wrong and why.
type ConfigError struct {
	Field, Reason string
}

func (e *ConfigError) Error() string { return fmt.Sprintf("config: %s %s", e.Field, e.Reason) }

var activations = map[string]compute.Activation{
	"tanh": compute.Tanh, "relu": compute.ReLU, "leaky-relu": compute.LeakyReLU,
}

// InputLen is the number of values of a picture.
func (c Config) InputLen() int { return c.Input[0] * c.Input[1] * c.Input[2] }

// Validate returns a *ConfigError for the first field that cannot be built.
func (c Config) Validate() error {
	if _, ok := families[c.Family]; !ok {
		return &ConfigError{"family", fmt.Sprintf("%q is unknown; known: %s", c.Family, strings.Join(Families(), ", "))}
	}
	for i, d := range c.Input {
		if d < 1 || d > 4096 {
			return &ConfigError{fmt.Sprintf("input[%d]", i), "must be between 1 and 4096"}
		}
	}
	if c.InputLen() > 1<<20 {
		return &ConfigError{"input", "has more than a million values"}
	}
	if c.Latent < 1 || c.Latent > 4096 {
		return &ConfigError{"latent", "must be between 1 and 4096"}
	}
	for _, part := range []struct {
		name   string
		widths []int
	}{{"encoder", c.Encoder}, {"decoder", c.Decoder}, {"classifier", c.Classifier}} {
		if len(part.widths) > MaxLayers {
			return &ConfigError{part.name, fmt.Sprintf("has more than %d layers", MaxLayers)}
		}
		for i, w := range part.widths {
			if w < 1 || w > MaxWidth {
				return &ConfigError{fmt.Sprintf("%s[%d]", part.name, i), fmt.Sprintf("must be between 1 and %d", MaxWidth)}
			}
		}
	}
	if _, ok := activations[c.Activation]; !ok {
		return &ConfigError{"activation", fmt.Sprintf("%q is unknown; known: tanh, relu, leaky-relu", c.Activation)}
	}
	if c.Likelihood != Bernoulli && c.Likelihood != Gaussian {
		return &ConfigError{"likelihood", fmt.Sprintf("%q is unknown; known: bernoulli, gaussian", c.Likelihood)}
	}
	if !(c.Sigma >= 0 && c.Sigma < 1e6) {
		return &ConfigError{"sigma", "must be a number of at least 0"}
	}
	if c.Classes < 0 || c.Classes == 1 || c.Classes > 1000 {
		return &ConfigError{"classes", "must be 0 (no classifier) or between 2 and 1000"}
	}
	if err := families[c.Family].check(c); err != nil {
		return err
	}
	if n := c.ParamBound(); n > MaxParams {
		return &ConfigError{"encoder, decoder", fmt.Sprintf("need about %d parameters; the limit is %d", n, MaxParams)}
	}
	return nil
}

// ParamBound is the number of parameters of the configured model, the
// classifier included. The family must be a known one.
func (c Config) ParamBound() int {
	n := families[c.Family].params(c)
	if c.Classes > 0 {
		n += chainParams(c.Latent, c.Classifier, c.Classes)
	}
	return n
}
