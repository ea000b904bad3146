package vae

import (
	"fmt"
	"slices"
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
	// Implicit: the decoder gives the pixels themselves, and p(x|z) has no density
	// (Mohamed and Lakshminarayanan 2016).
	Implicit Likelihood = "implicit"
)

// Config describes a model completely; its JSON form is what a model file
// carries.
type Config struct {
	// Family names the architecture; Families lists them.
	Family string `json:"family"`
	// Input is the shape of a picture: channels, height, width.
	Input [3]int `json:"input"`
	// Encoder and Decoder are the widths of the hidden layers in the order in
	// which data passes them; of convolutional families the channels of maps.
	Encoder []int `json:"encoder"`
	Decoder []int `json:"decoder"`
	// Hidden lists the widths of linear layers of "conv" between the maps and the
	// latent, from the maps on; its decoder has as many, the other way round.
	Hidden []int `json:"hidden,omitempty"`
	// Latent is the number of latent dimensions.
	Latent int `json:"latent"`
	// Activation of the hidden layers: "tanh", "relu", "leaky-relu" or "sigmoid".
	Activation string `json:"activation"`
	// Kernel is the side of the windows of convolutions of stride 2, from 3 to 5;
	// 0 means 3.
	Kernel int `json:"kernel,omitempty"`
	// Likelihood of a picture given its latent.
	Likelihood Likelihood `json:"likelihood"`
	// Sigma is the standard deviation of a Gaussian likelihood; 0 means 1.
	Sigma float64 `json:"sigma,omitempty"`
	// Output makes pixels of the decoder's last numbers where the likelihood does
	// not: "" leaves them, "sigmoid", or "tanh" with -1 black and 1 white.
	Output string `json:"output,omitempty"`
	// Conditions is the number of classes that the encoder and decoder of a
	// conditional family are conditioned on.
	Conditions int `json:"conditions,omitempty"`
	// Recogniser lists the widths of the hidden layers of a conditional family's
	// q(y|x), which finds the class of a picture.
	Recogniser []int `json:"recogniser,omitempty"`
	// Discriminator lists the channels of an adversarial family's discriminator. A
	// model without one cannot be trained.
	Discriminator []int `json:"discriminator,omitempty"`
	// Classes is the number of classes of the classifier on mu; 0: there is no
	// classifier.
	Classes int `json:"classes,omitempty"`
	// Classifier lists the widths of its hidden layers.
	Classifier []int `json:"classifier,omitempty"`
	// Reader lists the channels of the convolutions of a second classifier, which
	// works on pictures, so that it sees what mu does not keep: of kernel 3 and
	// stride 2, with rectifiers. Empty: there is none.
	Reader []int `json:"reader,omitempty"`
	// ReaderHidden lists the widths of the linear layers that follow.
	ReaderHidden []int `json:"reader_hidden,omitempty"`
}

// Limits of a Config. They keep a hostile file from asking for more memory
// than a browser has.
const (
	MaxWidth  = 1 << 16
	MaxLayers = 16
	MaxParams = 1 << 26

	// MaxClasses is the most classes that a classifier or a conditional family knows.
	MaxClasses = 1000
	// MinKernel and MaxKernel are the least and largest side of the windows of convolutions.
	MinKernel = 3
	MaxKernel = 5
)

// ConfigError says which field of a Config is wrong and why.
type ConfigError struct {
	Field, Reason string
}

func (e *ConfigError) Error() string { return fmt.Sprintf("config: %s %s", e.Field, e.Reason) }

// identity is the activation of a layer without one.
const identity = ""

// fusedActivations are those that layers compute themselves.
var fusedActivations = map[string]compute.Activation{
	identity: compute.Identity, "tanh": compute.Tanh, "relu": compute.ReLU, "leaky-relu": compute.LeakyReLU,
}

var hiddenActivations = []string{"tanh", "relu", "leaky-relu", "sigmoid"}

// InputLen is the number of values of a picture.
func (c Config) InputLen() int { return c.Input[0] * c.Input[1] * c.Input[2] }

// Validate returns a *ConfigError for the first field that cannot be built.
func (c Config) Validate() error {
	if _, ok := families[c.Family]; !ok {
		return unknown("family", c.Family, Families()...)
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
	}{{"encoder", c.Encoder}, {"decoder", c.Decoder}, {"hidden", c.Hidden}, {"classifier", c.Classifier}, {"reader", c.Reader}, {"reader_hidden", c.ReaderHidden}, {"recogniser", c.Recogniser}, {"discriminator", c.Discriminator}} {
		if len(part.widths) > MaxLayers {
			return &ConfigError{part.name, fmt.Sprintf("has more than %d layers", MaxLayers)}
		}
		for i, w := range part.widths {
			if w < 1 || w > MaxWidth {
				return &ConfigError{fmt.Sprintf("%s[%d]", part.name, i), fmt.Sprintf("must be between 1 and %d", MaxWidth)}
			}
		}
	}
	if !slices.Contains(hiddenActivations, c.Activation) {
		return unknown("activation", c.Activation, hiddenActivations...)
	}
	if c.Kernel != 0 && (c.Kernel < MinKernel || c.Kernel > MaxKernel) {
		return &ConfigError{"kernel", fmt.Sprintf("must be between %d and %d, or 0 for 3", MinKernel, MaxKernel)}
	}
	if err := c.validateOutput(); err != nil {
		return err
	}
	if c.Classes < 0 || c.Classes == 1 || c.Classes > MaxClasses {
		return &ConfigError{"classes", fmt.Sprintf("must be 0 (no classifier) or between 2 and %d", MaxClasses)}
	}
	if err := c.validateReader(); err != nil {
		return err
	}
	if err := c.validateTraits(); err != nil {
		return err
	}
	if err := families[c.Family].check(c); err != nil {
		return err
	}
	if n := c.ParamBound(); n > MaxParams {
		return &ConfigError{"encoder, decoder", fmt.Sprintf("need about %d parameters; the limit is %d", n, MaxParams)}
	}
	return nil
}

func unknown(field, value string, known ...string) *ConfigError {
	return &ConfigError{field, fmt.Sprintf("%q is unknown; known: %s", value, strings.Join(known, ", "))}
}

// validateOutput checks what becomes of the decoder's numbers.
func (c Config) validateOutput() error {
	switch c.Likelihood {
	case Bernoulli, Gaussian, Implicit:
	default:
		return unknown("likelihood", string(c.Likelihood), string(Bernoulli), string(Gaussian), string(Implicit))
	}
	if !(c.Sigma >= 0 && c.Sigma < 1e6) {
		return &ConfigError{"sigma", "must be a number of at least 0"}
	}
	switch c.Output {
	case "":
	case "sigmoid", "tanh":
		if c.Likelihood == Bernoulli {
			return &ConfigError{"output", "must be empty with a bernoulli likelihood, whose numbers are logits"}
		}
	default:
		return unknown("output", c.Output, "sigmoid", "tanh")
	}
	return nil
}

// validateReader checks the classifier of pictures.
func (c Config) validateReader() error {
	switch {
	case len(c.Reader) == 0 && len(c.ReaderHidden) > 0:
		return &ConfigError{"reader_hidden", "must be empty without a reader"}
	case len(c.Reader) > 0 && c.Classes == 0:
		return &ConfigError{"reader", "must be empty without classes"}
	}
	return c.readerConfig().checkMaps("reader", c.Reader, 1, 1)
}

// readerConfig is c with the kernel of the reader.
func (c Config) readerConfig() Config {
	c.Kernel = readerKernel
	return c
}

// readerKernel is the side of the windows of the reader's convolutions.
const readerKernel = 3

// validateTraits checks the fields that only families of a kind have.
func (c Config) validateTraits() error {
	f := families[c.Family]
	if f.Likelihood == (c.Likelihood == Implicit) {
		return &ConfigError{"likelihood", fmt.Sprintf("%q is not for family %q", c.Likelihood, c.Family)}
	}
	if !f.Encoder && len(c.Encoder) > 0 {
		return &ConfigError{"encoder", fmt.Sprintf("must be empty: family %q has none", c.Family)}
	}
	if !f.Encoder && c.Classes > 0 {
		return &ConfigError{"classes", fmt.Sprintf("must be 0: family %q has no encoder that a classifier could work on", c.Family)}
	}
	if f.Conditional {
		if c.Conditions < 2 || c.Conditions > MaxClasses {
			return &ConfigError{"conditions", fmt.Sprintf("must be between 2 and %d", MaxClasses)}
		}
		if c.Classes > 0 {
			return &ConfigError{"classes", "must be 0: a conditional family has its own classifier"}
		}
	} else {
		if c.Conditions != 0 {
			return &ConfigError{"conditions", fmt.Sprintf("must be 0: family %q is not conditional", c.Family)}
		}
		if len(c.Recogniser) > 0 {
			return &ConfigError{"recogniser", fmt.Sprintf("must be empty: family %q is not conditional", c.Family)}
		}
	}
	switch {
	case !f.Hidden && len(c.Hidden) > 0:
		return &ConfigError{"hidden", fmt.Sprintf("must be empty: family %q does not have such layers", c.Family)}
	case !f.Adversarial && len(c.Discriminator) > 0:
		return &ConfigError{"discriminator", fmt.Sprintf("must be empty: family %q has none", c.Family)}
	case f.Adversarial && c.Output == "":
		return &ConfigError{"output", fmt.Sprintf("must be sigmoid or tanh: the discriminator of family %q looks at pixels", c.Family)}
	}
	return nil
}

// HasEncoder reports whether models of this config map pictures to latents.
func (c Config) HasEncoder() bool { return families[c.Family].Encoder }

// HasLikelihood reports whether models of this config say how likely a picture
// is given its latent, so that bounds of log p(x) can be had.
func (c Config) HasLikelihood() bool { return families[c.Family].Likelihood }

// HasMaps reports whether the numbers of Encoder, Decoder and Discriminator are
// channels of maps, each half as high and wide as the one nearer to the picture,
// and not widths of layers.
func (c Config) HasMaps() bool { return families[c.Family].Maps }

// Trainable reports whether models of this config have all parts that training
// needs.
func (c Config) Trainable() bool { return !families[c.Family].Adversarial || len(c.Discriminator) > 0 }

// kernel is the side of windows.
func (c Config) kernel() int {
	if c.Kernel == 0 {
		return 3
	}
	return c.Kernel
}

// ParamBound is the number of parameters of the configured model, the
// classifier included. The config must be valid but for its size.
func (c Config) ParamBound() (n int) {
	for _, m := range build(c).modules() {
		for _, p := range m.Params() {
			n += p.Len()
		}
	}
	return n
}
