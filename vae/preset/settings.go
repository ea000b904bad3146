package preset

import (
	"slices"

	"inkdrift/vae"
	"inkdrift/vae/nn"
	"inkdrift/vae/store"
	"inkdrift/vae/train"
)

// Settings are the settings of an experiment. Each always has a value, also where
// the family or another setting makes it say nothing; see [Applies].
type Settings struct {
	Data              string  `json:"data"`              // a made set, or the name of one that came in files
	Images            int     `json:"images"`            // to train on, of a made set
	From              string  `json:"from"`              // the model whose weights the run begins with; empty: none
	Family            string  `json:"family"`            // see vae.Families
	Encoder           []int   `json:"encoder"`           // widths of its hidden layers; channels where the family has maps
	Decoder           []int   `json:"decoder"`           // as Encoder
	Hidden            []int   `json:"hidden"`            // widths of linear layers between maps and latent dimensions
	Kernel            int     `json:"kernel"`            // side of the windows of convolutions, in pixels
	Latent            int     `json:"latent"`            // latent dimensions
	Activation        string  `json:"activation"`        // of hidden layers
	Likelihood        string  `json:"likelihood"`        // how pixels are compared
	Sigma             float64 `json:"sigma"`             // of a Gaussian likelihood
	Output            string  `json:"output"`            // what makes pixels of the decoder's last numbers
	Conditions        int     `json:"conditions"`        // classes of a conditional model
	Recogniser        []int   `json:"recogniser"`        // widths of the layers that find the class of a picture
	Discriminator     []int   `json:"discriminator"`     // channels
	Objective         string  `json:"objective"`         // "elbo" or "iwae"
	Samples           int     `json:"samples"`           // latents drawn for each picture
	FreeBits          float64 `json:"freeBits"`          // nats of KL of each latent dimension that cost nothing
	Beta              float64 `json:"beta"`              // weight of the KL term
	BetaStart         float64 `json:"betaStart"`         // where beta comes from in the warm-up
	KLWarmUp          int     `json:"klWarmUp"`          // steps from BetaStart to Beta
	LabelSmoothing    float64 `json:"labelSmoothing"`    // how far below 1 the discriminator's target for real pictures is
	Noise             float64 `json:"noise"`             // on what the discriminator sees, its standard deviation
	NoiseSteps        int     `json:"noiseSteps"`        // over which Noise falls to 0; 0: it stays
	DiscriminatorRate float64 `json:"discriminatorRate"` // its learning rate, as a part of the generator's
	Optimizer         string  `json:"optimizer"`         // "adam", "adamw" or "sgd"
	Momentum          float64 `json:"momentum"`          // of SGD
	WeightDecay       float64 `json:"weightDecay"`       // of AdamW
	L1                float64 `json:"l1"`                // penalty on the sum of the magnitudes of weights
	L2                float64 `json:"l2"`                // penalty on half the sum of their squares
	ClipNorm          float64 `json:"clipNorm"`          // longer gradients are made as long; 0: never
	LearningRate      float64 `json:"learningRate"`      // a step
	Schedule          string  `json:"schedule"`          // of the learning rate
	WarmUp            int     `json:"warmUp"`            // steps over which the learning rate rises from 0
	Batch             int     `json:"batch"`             // pictures a step
	Binarize          string  `json:"binarize"`          // how grey pixels become 0 and 1
	Seed              uint64  `json:"seed"`              // of weights, batches and noise
	Epochs            int     `json:"epochs"`            // of the run
	Minutes           float64 `json:"minutes"`           // of training after which the page stops; 0: never
	Patience          int     `json:"patience"`          // epochs without improvement after which the page stops; 0: never
}

// Values of settings that are not those of another package.
const (
	// OutputPlain is what vae.Config has as an empty Output.
	OutputPlain = "plain"
	// AdamW is train.Adam with WeightDecay.
	AdamW = "adamw"
)

// adversarialBeta1 is the decay of Adam's first moment where two networks play
// against each other (Radford et al. 2016).
const adversarialBeta1 = 0.5

// Defaults returns what every preset has that says nothing else.
func Defaults() Settings {
	s := Settings{
		Data: "digits", Images: 20_000,
		Family: "dense", Encoder: []int{400}, Decoder: []int{400}, Hidden: []int{}, Kernel: 3, Latent: 16, Activation: "relu",
		Sigma: 1, Conditions: 10, Recogniser: []int{128}, Discriminator: []int{16, 32},
		Objective: vae.BoundELBO, Samples: 1, Beta: 1,
		LabelSmoothing: 0.1, Noise: 0.2, NoiseSteps: 10_000, DiscriminatorRate: 1,
		Optimizer: string(train.Adam), Momentum: 0.9, WeightDecay: 0.01,
		LearningRate: 0.002, Schedule: string(nn.Constant), Batch: 64, Seed: 1, Epochs: 10,
	}
	Ink.apply(&s)
	return s
}

// Pixels are the settings that suit a kind of pictures.
type Pixels struct {
	Likelihood string  `json:"likelihood"`
	Sigma      float64 `json:"sigma"`
	Output     string  `json:"output"`
	Binarize   string  `json:"binarize"`
	ClipNorm   float64 `json:"clipNorm"`
}

// Kinds of pictures.
var (
	// Ink: pictures of a pen, where a pixel can be taken for ink or none.
	Ink = Pixels{string(vae.Bernoulli), 1, OutputPlain, string(train.Dynamic), 0}
	// Shades: a pixel is a shade to be met, not a chance.
	Shades = Pixels{string(vae.Gaussian), 0.1, "sigmoid", string(train.None), 1000}
)

// PixelsFor returns the settings that suit the pictures that a model with a likelihood was made for.
func PixelsFor(l vae.Likelihood) Pixels {
	if l == vae.Bernoulli {
		return Ink
	}
	return Shades
}

func (p Pixels) apply(s *Settings) {
	s.Likelihood, s.Sigma, s.Output, s.Binarize, s.ClipNorm = p.Likelihood, p.Sigma, p.Output, p.Binarize, p.ClipNorm
}

// FromModel returns the settings of a run that goes on with a model that was trained for a made set: the usual ones of its
// family, and its network. The discriminator of a file without one is the usual one.
func FromModel(name string, c vae.Config, set string) Settings {
	p, err := Find(FamilyPreset(c.Family))
	if err != nil {
		panic(err) // every family has a preset
	}
	s := p.Settings
	c = train.Trainable(c, s.Discriminator)
	PixelsFor(c.Likelihood).apply(&s)
	s.From, s.Data = name, set
	s.Encoder, s.Decoder, s.Hidden = append([]int{}, c.Encoder...), c.Decoder, append([]int{}, c.Hidden...)
	s.Latent, s.Activation, s.Likelihood = c.Latent, c.Activation, string(c.Likelihood)
	if c.Kernel > 0 {
		s.Kernel = c.Kernel
	}
	if c.Sigma > 0 {
		s.Sigma = c.Sigma
	}
	if s.Output = c.Output; s.Output == "" {
		s.Output = OutputPlain
	}
	if c.Conditions > 0 {
		s.Conditions, s.Recogniser = c.Conditions, c.Recogniser
	}
	if len(c.Discriminator) > 0 {
		s.Discriminator = c.Discriminator
	}
	return s
}

// likelihood is how pixels are compared: adversarial families have no choice.
func (s Settings) likelihood() vae.Likelihood {
	switch t, _ := vae.FamilyTraits(s.Family); {
	case !t.Adversarial:
		return vae.Likelihood(s.Likelihood)
	case t.Encoder:
		return vae.Gaussian
	}
	return vae.Implicit
}

// output is what becomes of the decoder's last numbers. A discriminator looks at
// pixels.
func (s Settings) output() string {
	t, _ := vae.FamilyTraits(s.Family)
	switch {
	case s.likelihood() == vae.Bernoulli:
		return ""
	case s.Output != OutputPlain:
		return s.Output
	case t.Adversarial:
		return "sigmoid"
	}
	return ""
}

// Recipe returns what training is asked for, with pictures of the given shape:
// channels, height, width. Settings that do not apply are left out. recipe in
// web/training/families.js makes the same.
func (s Settings) Recipe(shape [3]int) train.Recipe {
	t, _ := vae.FamilyTraits(s.Family)
	r := train.Recipe{
		Model: vae.Config{
			Family: s.Family, Input: shape, Encoder: []int{}, Decoder: slices.Clone(s.Decoder), Latent: s.Latent,
			Activation: s.Activation, Likelihood: s.likelihood(), Output: s.output(),
		},
		Train: train.Options{
			Epochs: s.Epochs, Batch: s.Batch, LearningRate: s.LearningRate, Schedule: nn.Schedule(s.Schedule), WarmUp: s.WarmUp,
			Beta: 1, Optimizer: train.Optimizer(s.Optimizer), L1: s.L1, L2: s.L2, ClipNorm: s.ClipNorm, Binarize: train.None, Seed: s.Seed,
		},
		Head:  train.HeadDefaults(),
		DType: store.F32,
	}
	m, o := &r.Model, &r.Train
	if t.Encoder {
		m.Encoder = slices.Clone(s.Encoder)
		o.Beta, o.KLWarmUp = s.Beta, s.KLWarmUp
		if s.KLWarmUp > 0 {
			o.BetaStart = s.BetaStart
		}
	}
	if t.Maps {
		m.Kernel = s.Kernel
	}
	if t.Hidden && len(s.Hidden) > 0 {
		m.Hidden = slices.Clone(s.Hidden)
	}
	if t.Conditional {
		m.Conditions, m.Recogniser = s.Conditions, slices.Clone(s.Recogniser)
	}
	switch m.Likelihood {
	case vae.Gaussian:
		m.Sigma = s.Sigma
	case vae.Bernoulli:
		o.Binarize = train.Binarization(s.Binarize)
	}
	switch s.Optimizer {
	case string(train.SGD):
		o.Momentum = s.Momentum
	case AdamW:
		o.Optimizer, o.WeightDecay = train.Adam, s.WeightDecay
	}
	if t.Adversarial {
		m.Discriminator = slices.Clone(s.Discriminator)
		o.LabelSmoothing, o.DiscriminatorRate, o.InstanceNoise = s.LabelSmoothing, s.DiscriminatorRate, s.Noise
		if s.Noise > 0 {
			o.InstanceNoiseSteps = s.NoiseSteps
		}
		if s.Optimizer != string(train.SGD) {
			o.Beta1 = adversarialBeta1
		}
		return r
	}
	if s.Objective != vae.BoundELBO {
		o.Objective = s.Objective
	} else {
		o.FreeBits = s.FreeBits
	}
	if s.Samples != 1 {
		o.Samples = s.Samples
	}
	return r
}
