package train

import (
	"errors"
	"fmt"

	"inkdrift/vae"
	"inkdrift/vae/nn"
)

// Binarization says how grey pixels become the 0 and 1 of a Bernoulli model.
type Binarization string

// The ways of binarising.
const (
	// None trains on the grey values.
	None Binarization = "none"
	// Static draws each pixel once, with the pixel's value as probability.
	Static Binarization = "static"
	// Dynamic draws each pixel anew every time it is seen (Burda et al. 2016).
	Dynamic Binarization = "dynamic"
)

// Optimizer names a rule by which weights follow their gradient.
type Optimizer string

// The optimisers. The empty name means Adam.
const (
	Adam Optimizer = "adam" // nn.Adam
	SGD  Optimizer = "sgd"  // nn.SGD
)

// Options are the settings of a run; the same options, model and data give the
// same run.
type Options struct {
	Epochs       int          `json:"epochs"`
	Batch        int          `json:"batch"`
	LearningRate float64      `json:"learning_rate"`
	Schedule     nn.Schedule  `json:"schedule"`
	WarmUp       int          `json:"warm_up"` // steps over which the learning rate rises from 0
	Beta         float64      `json:"beta"`
	KLWarmUp     int          `json:"kl_warm_up"` // steps over which beta goes from BetaStart to Beta (Bowman et al. 2016)
	BetaStart    float64      `json:"beta_start,omitempty"`
	Optimizer    Optimizer    `json:"optimizer,omitempty"`
	Momentum     float64      `json:"momentum,omitempty"` // of SGD
	WeightDecay  float64      `json:"weight_decay"`       // decoupled; with Adam it makes AdamW
	Binarize     Binarization `json:"binarize"`
	Seed         uint64       `json:"seed"`

	// Objective is vae.BoundELBO or vae.BoundIWAE; empty is what the family is
	// mostly trained for, the ELBO where it is not adversarial.
	Objective string  `json:"objective,omitempty"`
	Samples   int     `json:"samples,omitempty"`   // latents a picture; 0 means 1
	Gradient  string  `json:"gradient,omitempty"`  // vae.GradientTotal, GradientSTL or GradientDReG; empty: the first
	FreeBits  float64 `json:"free_bits,omitempty"` // nats of KL a latent dimension that cost nothing (Kingma et al. 2016)

	// EMA is the decay of an exponential moving average of the weights (Polyak and
	// Juditsky 1992), which is what is evaluated and exported; 0: there is none. In
	// the first steps it is less, (1+t)/(10+t) after t of them.
	EMA float64 `json:"ema,omitempty"`

	Beta1    float64 `json:"beta1,omitempty"`     // decay of Adam's first moment; 0 means 0.9
	L1       float64 `json:"l1,omitempty"`        // penalty on the sum of magnitudes of weights, biases left out
	L2       float64 `json:"l2,omitempty"`        // penalty on half the sum of squares of weights, biases left out
	ClipNorm float64 `json:"clip_norm,omitempty"` // longer gradients are made as long (Pascanu et al. 2013); 0: never

	// Of a discriminator: how much its target for real pictures is below 1
	// (Salimans et al. 2016), the standard deviation of noise on its input
	// (Sønderby et al. 2017), the steps over which that falls to 0 (0: it stays),
	// and a factor of its learning rate (0 means 1).
	LabelSmoothing     float64 `json:"label_smoothing,omitempty"`
	InstanceNoise      float64 `json:"instance_noise,omitempty"`
	InstanceNoiseSteps int     `json:"instance_noise_steps,omitempty"`
	DiscriminatorRate  float64 `json:"discriminator_rate,omitempty"`
}

// objectiveConfig returns the options that concern the objective.
func (o Options) objectiveConfig() vae.ObjectiveConfig {
	return vae.ObjectiveConfig{Bound: o.Objective, Samples: o.Samples, Gradient: o.Gradient, FreeBits: o.FreeBits, Smoothing: o.LabelSmoothing, DiscriminatorRate: o.DiscriminatorRate}
}

// objectiveError makes an *OptionError of a *vae.ObjectiveError.
func objectiveError(err error) error {
	var e *vae.ObjectiveError
	if !errors.As(err, &e) {
		return err
	}
	if e.Field == "bound" {
		return &OptionError{"objective", e.Reason}
	}
	return &OptionError{e.Field, e.Reason}
}

// Defaults returns the options of a plain run.
func Defaults() Options {
	return Options{Epochs: 10, Batch: 100, LearningRate: 1e-3, Schedule: nn.Constant, Beta: 1, Binarize: Dynamic, Seed: 1}
}

// OptionError says which option is wrong and why.
type OptionError struct{ Field, Reason string }

func (e *OptionError) Error() string {
	return fmt.Sprintf("training options: %s %s", e.Field, e.Reason)
}

// Validate returns an *OptionError for the first option that is invalid for any
// model.
func (o Options) Validate() error {
	switch {
	case o.Epochs < 1:
		return &OptionError{"epochs", "must be at least 1"}
	case o.Epochs > 1e6:
		return &OptionError{"epochs", "must be at most a million"}
	case o.Batch < 1 || o.Batch > 1<<16:
		return &OptionError{"batch", "must be between 1 and 65536"}
	case !(o.LearningRate > 0 && o.LearningRate < 1e3):
		return &OptionError{"learning_rate", "must be a positive number"}
	case !o.Schedule.Valid():
		return &OptionError{"schedule", fmt.Sprintf("%q is unknown; known: constant, cosine, linear", o.Schedule)}
	case o.WarmUp < 0 || o.KLWarmUp < 0:
		return &OptionError{"warm_up, kl_warm_up", "must not be negative"}
	case !(o.Beta >= 0 && o.Beta < 1e6):
		return &OptionError{"beta", "must be a number of at least 0"}
	case !(o.BetaStart >= 0 && o.BetaStart < 1e6):
		return &OptionError{"beta_start", "must be a number of at least 0"}
	case !(o.WeightDecay >= 0 && o.WeightDecay < 1e3):
		return &OptionError{"weight_decay", "must be a number of at least 0"}
	case o.Optimizer != "" && o.Optimizer != Adam && o.Optimizer != SGD:
		return &OptionError{"optimizer", fmt.Sprintf("%q is unknown; known: adam, sgd", o.Optimizer)}
	case !(o.Momentum >= 0 && o.Momentum < 1):
		return &OptionError{"momentum", "must be a number of at least 0 and less than 1"}
	case o.Momentum > 0 && o.Optimizer != SGD:
		return &OptionError{"momentum", "is a setting of sgd alone; adam has its own"}
	case o.Binarize != None && o.Binarize != Static && o.Binarize != Dynamic:
		return &OptionError{"binarize", fmt.Sprintf("%q is unknown; known: none, static, dynamic", o.Binarize)}
	case !(o.Beta1 >= 0 && o.Beta1 < 1):
		return &OptionError{"beta1", "must be a number of at least 0 and less than 1"}
	case o.Beta1 > 0 && o.Optimizer == SGD:
		return &OptionError{"beta1", "is a setting of adam alone"}
	case !(o.EMA >= 0 && o.EMA < 1):
		return &OptionError{"ema", "must be a number of at least 0 and less than 1"}
	case !(o.L1 >= 0 && o.L1 < 1e3):
		return &OptionError{"l1", "must be a number of at least 0"}
	case !(o.L2 >= 0 && o.L2 < 1e3):
		return &OptionError{"l2", "must be a number of at least 0"}
	case !(o.ClipNorm >= 0 && o.ClipNorm < maxGradNorm):
		return &OptionError{"clip_norm", "must be a number of at least 0"}
	case !(o.InstanceNoise >= 0 && o.InstanceNoise < 1e3):
		return &OptionError{"instance_noise", "must be a number of at least 0"}
	case o.InstanceNoiseSteps < 0:
		return &OptionError{"instance_noise_steps", "must not be negative"}
	}
	return nil
}

// newOptimizer makes the optimiser for n parameters.
func (o Options) newOptimizer(n int) nn.Optimizer {
	if o.Optimizer == SGD {
		sgd := nn.NewSGD(n, o.Momentum)
		sgd.Decay = o.WeightDecay
		return sgd
	}
	adam := nn.NewAdam(n)
	adam.Decay = o.WeightDecay
	if o.Beta1 > 0 {
		adam.Beta1 = o.Beta1
	}
	return adam
}
