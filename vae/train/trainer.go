package train

import (
	"fmt"
	"slices"

	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/data"
	"inkdrift/vae/nn"
)

// SnapshotEvery is the number of steps between two snapshots.
const SnapshotEvery = 100

// maxGradNorm is where squares of the gradient leave float32, so that Adam's
// second moment would become infinite and stay so.
const maxGradNorm = 1e18

// maxTroubles is how many undone steps, each within SnapshotEvery steps of a
// snapshot that did not get past it, end a run.
const maxTroubles = 8

// Event tells what a step did.
type Event struct {
	Step, Epoch  int
	Images       int // pictures in this step's batch
	Terms        vae.Terms
	GradNorm     float64
	LearningRate float64
	Beta         float64
	// Undone is set when the loss or the gradient was not finite, or the gradient
	// too large to be squared: weights and optimiser went back to the last
	// snapshot and the learning rate was halved.
	Undone bool
	// EpochDone is set on the last step of an epoch, Done on the last of the run.
	EpochDone, Done bool
}

// DivergedError ends a run whose loss stays non-finite however often the
// learning rate is halved.
type DivergedError struct {
	Step  int
	Layer string // the first tensor with a non-finite value, or "loss"
}

func (e *DivergedError) Error() string {
	return fmt.Sprintf("training diverged at step %d: %s is not finite; lower the learning rate", e.Step, e.Layer)
}

// State is what a run needs, beside its model's config, its options and its
// data, to go on bit-identically.
type State struct {
	Step      int     // steps taken
	AdamSteps int     // steps the optimiser took
	Scale     float64 // of the learning rate, halved after trouble
	W, M, V   []float32
}

// Trainer is a run.
type Trainer struct {
	model     *vae.Model
	data      data.Dataset
	opt       Options
	objective *vae.ELBO
	adam      *nn.Adam

	step, troubles int
	scale          float64
	snap           State

	epoch int // of order; -1 before the first
	order []int
	x     []float32
}

// New prepares a run from its start. Errors are *OptionError and *DataError.
func New(m *vae.Model, d data.Dataset, o Options) (*Trainer, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if err := checkData(m, d); err != nil {
		return nil, err
	}
	o.Batch = min(o.Batch, d.Len())
	t := &Trainer{
		model: m, data: d, opt: o, scale: 1, epoch: -1,
		objective: vae.NewELBO(m, o.Batch),
		adam:      nn.NewAdam(m.NumParams()),
		order:     make([]int, d.Len()),
		x:         make([]float32, o.Batch*m.InputLen()),
	}
	t.adam.Decay = o.WeightDecay
	n := m.NumParams()
	t.snap = State{W: make([]float32, n), M: make([]float32, n), V: make([]float32, n)}
	t.snapshot()
	return t, nil
}

// DataError says why a data set cannot be trained on.
type DataError struct{ Name, Reason string }

func (e *DataError) Error() string { return fmt.Sprintf("data set %q %s", e.Name, e.Reason) }

// checkData returns a *DataError unless d has pictures, of the model's shape.
func checkData(m *vae.Model, d data.Dataset) error {
	if d.Len() == 0 {
		return &DataError{d.Name(), "has no pictures"}
	}
	if got, want := d.Shape(), m.Config().Input; [3]int{got.C, got.H, got.W} != want {
		return &DataError{d.Name(), fmt.Sprintf("has pictures of %v, the model takes %v", got, want)}
	}
	return nil
}

// Model returns the model being trained.
func (t *Trainer) Model() *vae.Model { return t.model }

// Options returns the run's options.
func (t *Trainer) Options() Options { return t.opt }

// Taken is the number of steps taken.
func (t *Trainer) Taken() int { return t.step }

// StepsPerEpoch is the number of steps in which every picture is seen once.
func (t *Trainer) StepsPerEpoch() int { return (t.data.Len() + t.opt.Batch - 1) / t.opt.Batch }

// Steps is the number of steps of the whole run.
func (t *Trainer) Steps() int { return t.opt.Epochs * t.StepsPerEpoch() }

// Done reports whether the run has ended.
func (t *Trainer) Done() bool { return t.step >= t.Steps() }

// Purposes of the random streams of a run.
const (
	streamOrder    = 11
	streamBinarize = 12
	streamEval     = 13
)

// Step takes one step. After the last it returns an Event with Done set and
// does nothing. The error is a *DivergedError; the model then has the weights
// of the last snapshot.
func (t *Trainer) Step() (Event, error) {
	if t.Done() {
		return Event{Step: t.step, Epoch: t.opt.Epochs, Done: true}, nil
	}
	per := t.StepsPerEpoch()
	epoch, at := t.step/per, t.step%per
	t.shuffle(epoch)
	index := t.order[at*t.opt.Batch : min((at+1)*t.opt.Batch, len(t.order))]
	x := t.x[:len(index)*t.model.InputLen()]
	t.data.Batch(x, index)
	t.binarize(x, index)

	ev := Event{Step: t.step + 1, Epoch: epoch, Images: len(index), LearningRate: t.rate(), Beta: t.beta()}
	arena := t.model.Arena()
	arena.ZeroGrad()
	t.objective.Beta = ev.Beta
	var err error
	ev.Terms, err = t.objective.Gradient(x, vae.NoiseKey(t.opt.Seed, uint64(t.step)), 0, len(index))
	if err != nil {
		return ev, err
	}
	ev.GradNorm = arena.GradNorm()
	if !ev.Terms.Finite() || !(ev.GradNorm < maxGradNorm) {
		if err := t.undo(); err != nil {
			return ev, err
		}
		ev.Undone = true
	} else {
		t.adam.Step(arena, ev.LearningRate)
	}
	t.step++
	ev.EpochDone, ev.Done = t.step%per == 0, t.Done()
	if t.step%SnapshotEvery == 0 || ev.EpochDone {
		if !ev.Undone {
			t.snapshot()
		}
	}
	return ev, nil
}

// rate is the learning rate of the next step.
func (t *Trainer) rate() float64 {
	r := t.opt.LearningRate * t.scale * t.opt.Schedule.Factor(float64(t.step)/float64(t.Steps()))
	if t.step < t.opt.WarmUp {
		r *= float64(t.step+1) / float64(t.opt.WarmUp)
	}
	return r
}

// beta is the weight of the KL term at the next step.
func (t *Trainer) beta() float64 {
	if t.step < t.opt.KLWarmUp {
		return t.opt.Beta * float64(t.step) / float64(t.opt.KLWarmUp)
	}
	return t.opt.Beta
}

// shuffle makes order that of an epoch, which depends on the seed and the epoch
// alone, so that it can be made again on resuming.
func (t *Trainer) shuffle(epoch int) {
	if epoch == t.epoch {
		return
	}
	permute(t.order, compute.NewKey(t.opt.Seed, streamOrder, uint64(epoch)))
	t.epoch = epoch
}

// permute fills order with a permutation drawn from key (Fisher-Yates).
func permute(order []int, key compute.Key) {
	for i := range order {
		order[i] = i
	}
	for i := len(order) - 1; i > 0; i-- {
		j := int(uint64(key.Word(uint32(i))) * uint64(i+1) >> 32)
		order[i], order[j] = order[j], order[i]
	}
}

// binarize draws the pixels of a batch.
func (t *Trainer) binarize(x []float32, index []int) {
	switch t.opt.Binarize {
	case Dynamic:
		compute.Implementation().Bernoulli(x, x, compute.NewKey(t.opt.Seed, streamBinarize, uint64(t.step)), 0)
	case Static:
		n := t.model.InputLen()
		for i, k := range index {
			row := x[i*n:][:n]
			compute.Implementation().Bernoulli(row, row, compute.NewKey(t.opt.Seed, streamBinarize), uint32(k*n))
		}
	}
}

// snapshot remembers the state.
func (t *Trainer) snapshot() {
	t.troubles = 0
	t.snap.Step, t.snap.AdamSteps, t.snap.Scale = t.step, t.adam.Steps, t.scale
	copy(t.snap.W, t.model.Arena().W)
	copy(t.snap.M, t.adam.M)
	copy(t.snap.V, t.adam.V)
}

// undo takes weights and optimiser back to the snapshot and halves the rate.
func (t *Trainer) undo() error {
	layer := t.model.Arena().NonFinite()
	if layer == "" {
		layer = "loss"
	}
	copy(t.model.Arena().W, t.snap.W)
	copy(t.adam.M, t.snap.M)
	copy(t.adam.V, t.snap.V)
	t.adam.Steps = t.snap.AdamSteps
	t.scale /= 2
	t.troubles++
	if t.troubles >= maxTroubles {
		return &DivergedError{Step: t.step + 1, Layer: layer}
	}
	return nil
}

// Snapshot returns the last remembered state, at most SnapshotEvery steps old.
// A run restored from it goes through the same steps again, bit for bit. The
// slices stay good until the next Step.
func (t *Trainer) Snapshot() State { return t.snap }

// Restore goes on from a state that a Trainer of the same model, data and
// options gave. The error is a *StateError.
func (t *Trainer) Restore(s State) error {
	n := t.model.NumParams()
	if len(s.W) != n || len(s.M) != n || len(s.V) != n {
		return &StateError{"weights", fmt.Sprintf("have %d, %d and %d numbers; the model has %d", len(s.W), len(s.M), len(s.V), n)}
	}
	if s.Step < 0 || s.Step > t.Steps() || s.AdamSteps < 0 || s.AdamSteps > s.Step || !(s.Scale > 0 && s.Scale <= 1) {
		return &StateError{"step, adam_steps, scale", "are out of range"}
	}
	if i := slices.IndexFunc(s.V, func(v float32) bool { return v < 0 }); i >= 0 {
		return &StateError{"adam.v", fmt.Sprintf("has a negative number at index %d", i)}
	}
	t.step, t.scale, t.adam.Steps = s.Step, s.Scale, s.AdamSteps
	copy(t.model.Arena().W, s.W)
	copy(t.adam.M, s.M)
	copy(t.adam.V, s.V)
	t.snapshot()
	return nil
}

// StateError says why a saved state does not fit.
type StateError struct{ Field, Reason string }

func (e *StateError) Error() string { return fmt.Sprintf("saved state: %s %s", e.Field, e.Reason) }

// Evaluate returns the terms of the objective, with beta 1, averaged over d,
// binarised as b says. The same seed gives the same figures. The error is a
// *DataError.
func Evaluate(m *vae.Model, d data.Dataset, b Binarization, seed uint64) (vae.Terms, error) {
	if err := checkData(m, d); err != nil {
		return vae.Terms{}, err
	}
	const batch = 200
	o := vae.NewELBO(m, batch)
	n := m.InputLen()
	x, index := make([]float32, batch*n), make([]int, batch)
	var sum vae.Terms
	for at := 0; at < d.Len(); at += batch {
		rows := min(batch, d.Len()-at)
		for i := range rows {
			index[i] = at + i
		}
		d.Batch(x, index[:rows])
		if b != None {
			compute.Implementation().Bernoulli(x[:rows*n], x[:rows*n], compute.NewKey(seed, streamEval), uint32(at*n))
		}
		t, err := o.Evaluate(x[:rows*n], compute.NewKey(seed, streamEval, 1), at)
		if err != nil {
			return vae.Terms{}, err
		}
		sum.Recon += t.Recon * float64(rows)
		sum.KL += t.KL * float64(rows)
	}
	sum.Recon /= float64(d.Len())
	sum.KL /= float64(d.Len())
	return sum, nil
}
