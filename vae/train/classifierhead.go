package train

import (
	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/nn"
)

// HeadOptions are the settings for training a model's classifier head: the small
// network that predicts the class from the latent means. The encoder is finished
// and its weights stay as they are.
type HeadOptions struct {
	Epochs       int     `json:"epochs"`
	Batch        int     `json:"batch"`
	LearningRate float64 `json:"learning_rate"`
	WeightDecay  float64 `json:"weight_decay"`
	// Copies is how many altered copies of each picture (slanted, turned,
	// thickened or thinned, see ink.Warp) are learnt from beside the original.
	Copies int    `json:"copies"`
	Seed   uint64 `json:"seed"`
}

// HeadDefaults returns settings that suit digits.
func HeadDefaults() HeadOptions {
	return HeadOptions{Epochs: 20, Batch: 200, LearningRate: 1e-3, WeightDecay: 1e-2, Copies: 3, Seed: 1}
}

// Validate returns an *OptionError for the first setting that makes no sense.
func (o HeadOptions) Validate() error {
	switch {
	case o.Epochs < 1:
		return &OptionError{"head.epochs", "must be at least 1"}
	case o.Batch < 1:
		return &OptionError{"head.batch", "must be at least 1"}
	case !(o.LearningRate > 0 && o.LearningRate < 1e3):
		return &OptionError{"head.learning_rate", "must be a positive number"}
	case !(o.WeightDecay >= 0 && o.WeightDecay < 1e3):
		return &OptionError{"head.weight_decay", "must be a number of at least 0"}
	case o.Copies < 0 || o.Copies > 100:
		return &OptionError{"head.copies", "must be between 0 and 100"}
	}
	return nil
}

// Purposes of the random streams of a head's training.
const streamHeadOrder = 21

// TrainHead trains the classifier of m on latent means mu with their labels,
// len(mu) = len(labels)*Latent, with AdamW and a cosine schedule. It calls
// progress, unless nil, after each epoch with the mean cross-entropy in nats,
// and stops with its error if it returns one. Other errors are *OptionError,
// *DataError without labels, and those of Model.ClassifierGradient.
func TrainHead(m *vae.Model, mu []float32, labels []int, o HeadOptions, progress func(epoch int, loss float64) error) error {
	if err := o.Validate(); err != nil {
		return err
	}
	if m.Classes() == 0 {
		return vae.ErrNoClassifier
	}
	arena, n, l := m.Head(), len(labels), m.Latent()
	if n == 0 {
		return &DataError{"latent means", "are none"}
	}
	if len(mu) != n*l {
		return &vae.LengthError{Field: "mu", Got: len(mu), Want: n * l}
	}
	o.Batch = min(o.Batch, n)
	arena.EnableGrad()
	adam := nn.NewAdam(len(arena.W))
	adam.Decay = o.WeightDecay
	order := make([]int, n)
	x, y := make([]float32, o.Batch*l), make([]int, o.Batch)
	steps := (n + o.Batch - 1) / o.Batch
	for epoch := range o.Epochs {
		permute(order, compute.NewKey(o.Seed, streamHeadOrder, uint64(epoch)))
		var sum float64
		for s := range steps {
			index := order[s*o.Batch : min((s+1)*o.Batch, n)]
			for i, k := range index {
				copy(x[i*l:][:l], mu[k*l:])
				y[i] = labels[k]
			}
			arena.ZeroGrad()
			loss, err := m.ClassifierGradient(x[:len(index)*l], y[:len(index)])
			if err != nil {
				return err
			}
			sum += loss * float64(len(index))
			p := float64(epoch*steps+s) / float64(o.Epochs*steps)
			adam.Step(arena, o.LearningRate*nn.Cosine.Factor(p))
		}
		if progress != nil {
			if err := progress(epoch, sum/float64(n)); err != nil {
				return err
			}
		}
	}
	return nil
}
