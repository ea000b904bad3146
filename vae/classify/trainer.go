package classify

import (
	"fmt"
	"math"

	"inkdrift/vae/compute"
	"inkdrift/vae/data"
	"inkdrift/vae/nn"
)

// Options of a training run: AdamW on the mean cross-entropy, the learning rate
// falling to 0 along half a cosine.
type Options struct {
	Epochs       int        `json:"epochs"`
	Batch        int        `json:"batch"`
	LearningRate float64    `json:"learning_rate"`
	WeightDecay  float64    `json:"weight_decay"`
	Distort      Distortion `json:"distort"`
	Seed         uint64     `json:"seed"`
}

// Defaults returns settings that suit digits.
func Defaults() Options {
	return Options{Epochs: 24, Batch: 100, LearningRate: 2e-3, WeightDecay: 0.02, Seed: 1,
		Distort: Distortion{Turn: 0.2, Slant: 0.2, Scale: 0.12, Shift: 2}}
}

// OptionError says which field of Options is wrong and why.
type OptionError struct{ Field, Reason string }

func (e *OptionError) Error() string {
	return fmt.Sprintf("classifier training: %s %s", e.Field, e.Reason)
}

// Validate returns an *OptionError for the first setting that makes no sense.
func (o Options) Validate() error {
	within := func(v, lo, hi float64) bool { return v >= lo && v <= hi }
	switch {
	case o.Epochs < 1 || o.Epochs > 1<<20:
		return &OptionError{"epochs", "must be at least 1"}
	case o.Batch < 1 || o.Batch > 1<<16:
		return &OptionError{"batch", "must be between 1 and 65536"}
	case !within(o.LearningRate, math.SmallestNonzeroFloat64, 1e3):
		return &OptionError{"learning_rate", "must be a positive number"}
	case !within(o.WeightDecay, 0, 1e3):
		return &OptionError{"weight_decay", "must be a number of at least 0"}
	case !within(o.Distort.Turn, 0, math.Pi):
		return &OptionError{"distort.turn", "must be between 0 and pi"}
	case !within(o.Distort.Slant, 0, 2):
		return &OptionError{"distort.slant", "must be between 0 and 2"}
	case !within(o.Distort.Scale, 0, 0.9):
		return &OptionError{"distort.scale", "must be between 0 and 0.9"}
	case !within(o.Distort.Shift, 0, 1000):
		return &OptionError{"distort.shift", "must be between 0 and 1000 pixels"}
	}
	return nil
}

// Purposes of the random streams.
const (
	streamOrder   = 51
	streamDistort = 52
)

// Trainer is a run, a step at a time. All that it draws depends on the seed and
// the step alone, so that a run can be resumed.
type Trainer struct {
	network *Network
	data    data.Dataset
	opt     Options
	adam    *nn.Adam
	step    int

	order  []int // of the pictures in the present epoch
	epoch  int   // that order belongs to
	x, y   []float32
	labels []int
}

// NewTrainer begins to train n on d, whose pictures must all have labels. Errors
// are *OptionError and *DataError.
func NewTrainer(n *Network, d data.Dataset, o Options) (*Trainer, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if err := n.check(d); err != nil {
		return nil, err
	}
	for i := range d.Len() {
		if l := d.Label(i); l < 0 || l >= n.Classes() {
			return nil, &DataError{d.Name(), fmt.Sprintf("gives picture %d the label %d; the classes are 0 to %d", i, l, n.Classes()-1)}
		}
	}
	o.Batch = min(o.Batch, d.Len())
	n.arena.EnableGrad()
	n.body.Reserve(o.Batch)
	n.head.Reserve(o.Batch)
	t := &Trainer{network: n, data: d, opt: o, adam: nn.NewAdam(len(n.arena.W)), epoch: -1,
		order: make([]int, d.Len()), labels: make([]int, o.Batch),
		x: make([]float32, o.Batch*n.InputLen()), y: make([]float32, o.Batch*n.InputLen())}
	t.adam.Decay = o.WeightDecay
	return t, nil
}

// Network returns the network in training.
func (t *Trainer) Network() *Network { return t.network }

// Options returns the settings of the run.
func (t *Trainer) Options() Options { return t.opt }

// StepsPerEpoch is the number of batches of one pass through the data.
func (t *Trainer) StepsPerEpoch() int { return (t.data.Len() + t.opt.Batch - 1) / t.opt.Batch }

// Steps is the number of steps of the whole run.
func (t *Trainer) Steps() int { return t.opt.Epochs * t.StepsPerEpoch() }

// StepsTaken is the number of steps taken.
func (t *Trainer) StepsTaken() int { return t.step }

// Done reports whether the run is complete.
func (t *Trainer) Done() bool { return t.step >= t.Steps() }

// LossError says that the loss of a step was not finite.
type LossError struct{ Step int }

func (e *LossError) Error() string {
	return fmt.Sprintf("classifier training: the loss of step %d is not finite; take a smaller learning rate", e.Step)
}

// Step trains on the next batch and returns its mean cross-entropy in nats. A
// *LossError leaves the weights as they were.
func (t *Trainer) Step() (float64, error) {
	per := t.StepsPerEpoch()
	if epoch := t.step / per; epoch != t.epoch {
		permute(t.order, compute.NewKey(t.opt.Seed, streamOrder, uint64(epoch)))
		t.epoch = epoch
	}
	first := t.step % per * t.opt.Batch
	index := t.order[first:min(first+t.opt.Batch, len(t.order))]
	x := t.batch(index)
	for i, k := range index {
		t.labels[i] = t.data.Label(k)
	}
	loss := t.network.gradient(x, t.labels[:len(index)])
	if loss-loss != 0 {
		return loss, &LossError{t.step}
	}
	t.adam.Step(t.network.arena, t.opt.LearningRate*nn.Cosine.Factor(float64(t.step)/float64(t.Steps())))
	t.step++
	return loss, nil
}

// batch returns distorted copies of the pictures of index.
func (t *Trainer) batch(index []int) []float32 {
	in := t.network.config.Input
	plane, p := in[1]*in[2], t.network.InputLen()
	x, y := t.x[:len(index)*p], t.y[:len(index)*p]
	t.data.Batch(x, index)
	if t.opt.Distort == (Distortion{}) {
		return x
	}
	for i := range index {
		key := compute.NewKey(t.opt.Seed, streamDistort, uint64(t.step), uint64(i))
		for c := range in[0] {
			at := i*p + c*plane
			t.opt.Distort.apply(y[at:][:plane], x[at:][:plane], in[1], in[2], key)
		}
	}
	return y
}

// permute returns a random permutation of the numbers from 0 (Fisher and
// Yates).
func permute(order []int, key compute.Key) {
	for i := range order {
		order[i] = i
	}
	for i := len(order) - 1; i > 0; i-- {
		j := int(uint64(key.Word(uint32(i))) * uint64(i+1) >> 32)
		order[i], order[j] = order[j], order[i]
	}
}
