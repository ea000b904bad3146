package train

import (
	"fmt"

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
	KLWarmUp     int          `json:"kl_warm_up"` // steps over which beta rises from 0 (Bowman et al. 2016)
	Optimizer    Optimizer    `json:"optimizer,omitempty"`
	Momentum     float64      `json:"momentum,omitempty"` // of SGD
	WeightDecay  float64      `json:"weight_decay"`       // decoupled; with Adam it makes AdamW
	Binarize     Binarization `json:"binarize"`
	Seed         uint64       `json:"seed"`
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

// Validate returns an *OptionError for the first option that makes no sense.
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
	return adam
}
