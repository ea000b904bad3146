package train

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

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

// maxRollbacks is how many rollbacks to the same snapshot end a run.
const maxRollbacks = 8

// Event describes a step.
type Event struct {
	Step, Epoch  int
	Images       int // pictures in this step's batch
	Terms        vae.Terms
	GradNorm     float64 // with penalties, before clipping
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

// State is the part of a run that changes: with the model's config, the options
// and the data it continues bit-identically.
type State struct {
	Step     int     // steps taken
	OptSteps int     // steps the optimiser took
	Scale    float64 // of the learning rate, halved by each rollback
	W        []float32
	// M and V are the optimiser's first and second moments, laid out as W; SGD
	// has no second, V is then nil.
	M, V []float32
	// Average is the moving average of W, laid out as that; nil where Options.EMA
	// is 0.
	Average []float32
	// Snapshot is the state that an undone step goes back to; nil if it is this
	// one. Its own Snapshot is nil.
	Snapshot    *State
	UndoneSteps int // since Snapshot
}

// Trainer is a run.
type Trainer struct {
	model     *vae.Model
	data      data.Dataset
	opt       Options
	objective vae.Objective
	optimizer nn.Optimizer
	average   []float32  // of the weights; nil without EMA
	averaged  *vae.Model // has them, once Result was asked for

	step, rollbacks int
	scale           float64
	snap            State

	epoch int // of order; -1 before the first
	order []int
	share share
	x     []float32
	// labels are those of x if the model is conditional.
	labels []int
	terms  []float32 // of each picture of the batch, see vae.Share

	size, whole int // of the last Compute: workers, and pictures of the batch
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
	objective, err := vae.NewObjective(m, o.Batch, o.objectiveConfig())
	if err != nil {
		return nil, objectiveError(err)
	}
	t := &Trainer{
		model: m, data: d, opt: o, scale: 1, epoch: -1, share: share{step: -1},
		objective: objective,
		optimizer: o.newOptimizer(m.NumParams()),
		order:     make([]int, d.Len()),
		x:         make([]float32, o.Batch*m.InputLen()),
		labels:    make([]int, o.Batch),
		terms:     make([]float32, o.Batch*vae.TermsLen),
	}
	if o.EMA > 0 {
		t.average = slices.Clone(m.Arena().W)
	}
	live := t.optimizer.State()
	t.snap = State{W: make([]float32, m.NumParams()), M: slices.Clone(live.M), V: slices.Clone(live.V), Average: slices.Clone(t.average)}
	t.snapshot()
	return t, nil
}

// DataError says why a data set cannot be trained on.
type DataError struct{ Name, Reason string }

func (e *DataError) Error() string { return fmt.Sprintf("data set %q %s", e.Name, e.Reason) }

// checkData returns a *DataError unless d has pictures of the model's shape, and
// labels if the model is conditional.
func checkData(m *vae.Model, d data.Dataset) error {
	if d.Len() == 0 {
		return &DataError{d.Name(), "has no pictures"}
	}
	if got, want := d.Shape(), m.Config().Input; [3]int{got.C, got.H, got.W} != want {
		return &DataError{d.Name(), fmt.Sprintf("has pictures of %v, the model takes %v", got, want)}
	}
	if k := m.Conditions(); k > 0 {
		for i := range d.Len() {
			if l := d.Label(i); l < 0 || l >= k {
				return &DataError{d.Name(), fmt.Sprintf("has the label %d (-1: none) on picture %d; the model is conditional and needs one from 0 to %d on each", l, i, k-1)}
			}
		}
	}
	return nil
}

// Model returns the model being trained.
func (t *Trainer) Model() *vae.Model { return t.model }

// Result returns the model to evaluate and to keep: the one being trained, or
// with Options.EMA another one with the average of its weights, which stays as it
// is until Result is asked for again. It has no classifier then.
func (t *Trainer) Result() *vae.Model {
	if t.average == nil {
		return t.model
	}
	if t.averaged == nil {
		m, err := vae.NewZero(bare(t.model.Config()))
		if err != nil {
			panic(err) // a valid config remains one
		}
		t.averaged = m
	}
	copy(t.averaged.Arena().W, t.average)
	return t.averaged
}

// Data returns the set that is trained on.
func (t *Trainer) Data() data.Dataset { return t.data }

// TermNames are the names of Terms.Other, as vae.Objective has them.
func (t *Trainer) TermNames() []string { return t.objective.Names() }

// Options returns the run's options.
func (t *Trainer) Options() Options { return t.opt }

// StepsTaken is the number of steps taken.
func (t *Trainer) StepsTaken() int { return t.step }

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
	if err := t.Compute(0, 1); err != nil {
		return Event{}, err
	}
	return t.Apply()
}

// Compute runs forward and backward over the share of the next step's batch that
// belongs to a rank of size workers: whole leaves (see nn.Reduction), or nothing
// where the batch has too few pictures to be shared out. Whoever is alone then
// has the gradient; others exchange what Operands gives, Reduce, exchange their
// Slices, and Apply: that takes the same step, to the bit, as one worker alone.
// After the last step of the run it does nothing.
func (t *Trainer) Compute(rank, size int) error {
	if rank < 0 || rank >= size {
		panic(fmt.Sprintf("train: share %d of %d", rank, size))
	}
	if t.Done() {
		return nil
	}
	t.fetch(t.step, rank, size)
	s := &t.share
	t.size, t.whole = size, s.whole
	t.model.Arena().Reduction.Collect(rank, size, s.whole)
	_, err := t.objective.NewGradient(vae.Share{
		X: t.x[:len(s.index)*t.model.InputLen()], Labels: t.labels[:len(s.index)],
		Key: vae.NoiseKey(t.opt.Seed, uint64(t.step)), First: s.first, Batch: s.whole,
		Beta: t.beta(), Noise: t.instanceNoise(),
		Each: t.terms[s.first*vae.TermsLen : (s.first+len(s.index))*vae.TermsLen],
	})
	return err
}

// Operands calls visit for every stretch of memory with what Compute found for
// the pictures of a rank, in an order that all workers have: to send the own
// ones, and to put in those of others. Each has its place among the OperandsLen
// numbers of all workers, which is even where x begins at an address that eight
// divides. A worker that has no share in the step knows only the first stretch of
// others, the terms of their pictures.
func (t *Trainer) Operands(rank int, visit func(at int, x []float32)) {
	lo, hi := nn.Share(rank, t.size, t.whole)
	visit(lo*vae.TermsLen, t.terms[lo*vae.TermsLen:hi*vae.TermsLen])
	first := t.termsRoom()
	t.model.Arena().Reduction.Operands(rank, func(at int, x []float32) { visit(first+at, x) })
}

// OperandsLen is how many numbers the operands of all workers are.
func (t *Trainer) OperandsLen() int { return t.termsRoom() + t.model.Arena().Reduction.Len() }

// termsRoom is the length of terms, made even.
func (t *Trainer) termsRoom() int { return len(t.terms) + len(t.terms)&1 }

// Reduce computes a slice of the gradient of the whole batch, that of this
// worker, from the operands of all.
func (t *Trainer) Reduce() { t.model.Arena().Reduction.Reduce(t.model.Arena()) }

// Slice calls visit for every stretch of the slice of the gradient that a rank
// reduces, with its place in the whole gradient. Places and memory are even
// together, as those of Operands.
func (t *Trainer) Slice(rank int, visit func(at int, x []float32)) {
	a := t.model.Arena()
	a.Reduction.Slice(a, rank, func(lo, hi int) { visit(lo, a.G[lo:hi]) })
}

// Prefetch gets the pictures for the step after the next Apply, of the same
// share, so that its Compute finds them. It may be called between Compute and
// Apply, while waiting for other shares, and changes no result.
func (t *Trainer) Prefetch(rank, size int) {
	if t.step+1 < t.Steps() {
		t.fetch(t.step+1, rank, size)
	}
}

// share says which pictures are in x. They do not depend on weights, so a
// rollback does not invalidate them.
type share struct {
	step, rank, size int
	first, whole     int   // the place of the share's first picture in the batch, and the batch's length
	index            []int // in the data set
}

// fetch makes sure that the pictures of a share of a step are in x.
func (t *Trainer) fetch(step, rank, size int) {
	if s := &t.share; s.step == step && s.rank == rank && s.size == size {
		return
	}
	whole := t.batch(step)
	lo, hi := nn.Share(rank, size, len(whole))
	t.share = share{step, rank, size, lo, len(whole), whole[lo:hi]}
	x := t.x[:(hi-lo)*t.model.InputLen()]
	t.data.Batch(x, t.share.index)
	if t.model.Conditions() > 0 {
		for i, k := range t.share.index {
			t.labels[i] = t.data.Label(k)
		}
	}
	t.binarize(x, t.share.index, step, lo)
}

// Apply takes the step that Compute has prepared, once the terms and slices of all
// workers are there. Results and errors are those of Step.
func (t *Trainer) Apply() (Event, error) {
	if t.Done() {
		return Event{Step: t.step, Epoch: t.opt.Epochs, Done: true}, nil
	}
	per, arena, images := t.StepsPerEpoch(), t.model.Arena(), t.whole
	t.penalize()
	ev := Event{
		Step: t.step + 1, Epoch: t.step / per, Images: images, LearningRate: t.rate(), Beta: t.beta(),
		Terms: vae.MeanTerms(t.terms[:images*vae.TermsLen]), GradNorm: arena.GradNorm(),
	}
	if !ev.Terms.Finite() || !(ev.GradNorm < maxGradNorm) {
		if err := t.rollBack(); err != nil {
			return ev, err
		}
		ev.Undone = true
	} else {
		if most := t.opt.ClipNorm; most > 0 && ev.GradNorm > most {
			blas32.Scal(float32(most/ev.GradNorm), blas32.Vector{N: len(arena.G), Inc: 1, Data: arena.G})
		}
		t.optimizer.Step(arena, ev.LearningRate)
		t.updateAverage()
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

// updateAverage moves the average towards the weights.
func (t *Trainer) updateAverage() {
	if t.average == nil {
		return
	}
	n := float64(*t.optimizer.State().Steps)
	decay := min(t.opt.EMA, (1+n)/(10+n))
	average := blas32.Vector{N: len(t.average), Inc: 1, Data: t.average}
	blas32.Scal(float32(decay), average)
	blas32.Axpy(float32(1-decay), blas32.Vector{N: len(t.average), Inc: 1, Data: t.model.Arena().W}, average)
}

// batch returns the pictures of a step.
func (t *Trainer) batch(step int) []int {
	per := t.StepsPerEpoch()
	t.shuffle(step / per)
	at := step % per * t.opt.Batch
	return t.order[at:min(at+t.opt.Batch, len(t.order))]
}

// Changes are settings that a run takes while it goes on; nil leaves one as it
// is.
type Changes struct {
	LearningRate *float64 `json:"learning_rate,omitempty"`
	Beta         *float64 `json:"beta,omitempty"`
}

// Change changes settings from the next Compute on. It takes a snapshot: steps
// before it are not to be repeated with the new settings. The error is
// an *OptionError, and nothing is changed then.
func (t *Trainer) Change(c Changes) error {
	o := t.opt
	if c.LearningRate != nil {
		o.LearningRate = *c.LearningRate
	}
	if c.Beta != nil {
		o.Beta = *c.Beta
	}
	if err := o.Validate(); err != nil {
		return err
	}
	t.opt = o
	t.snapshot()
	return nil
}

// State returns the present state. Asking for it changes nothing in the run. The
// slices are the trainer's own and stay good until the next Apply.
func (t *Trainer) State() State {
	live := t.optimizer.State()
	s := State{Step: t.step, OptSteps: *live.Steps, Scale: t.scale, W: t.model.Arena().W, M: live.M, V: live.V, Average: t.average}
	if t.snap.Step != t.step || t.rollbacks > 0 {
		snap := t.snap
		s.Snapshot, s.UndoneSteps = &snap, t.rollbacks
	}
	return s
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
		return t.opt.BetaStart + (t.opt.Beta-t.opt.BetaStart)*float64(t.step)/float64(t.opt.KLWarmUp)
	}
	return t.opt.Beta
}

// instanceNoise is the noise on a discriminator's input at the next step.
func (t *Trainer) instanceNoise() float64 {
	if n := t.opt.InstanceNoiseSteps; n > 0 {
		return t.opt.InstanceNoise * max(0, 1-float64(t.step)/float64(n))
	}
	return t.opt.InstanceNoise
}

// penalize adds the gradient of the penalties on weights, biases left out, to
// that of the objective. It is done once for all shares of a batch.
func (t *Trainer) penalize() {
	l1, l2 := float32(t.opt.L1), float32(t.opt.L2)
	if l1 == 0 && l2 == 0 {
		return
	}
	for _, p := range t.model.Arena().Params {
		if len(p.Shape) < 2 {
			continue
		}
		if l2 > 0 {
			blas32.Axpy(l2, blas32.Vector{N: len(p.W), Inc: 1, Data: p.W}, blas32.Vector{N: len(p.G), Inc: 1, Data: p.G})
		}
		if l1 == 0 {
			continue
		}
		for i, w := range p.W {
			switch {
			case w > 0:
				p.G[i] += l1
			case w < 0:
				p.G[i] -= l1
			}
		}
	}
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

// binarize draws the pixels of the rows of a step's batch that begin with row
// first.
func (t *Trainer) binarize(x []float32, index []int, step, first int) {
	n := t.model.InputLen()
	switch t.opt.Binarize {
	case Dynamic:
		compute.Implementation().Bernoulli(x, x, compute.NewKey(t.opt.Seed, streamBinarize, uint64(step)), uint32(first*n))
	case Static:
		for i, k := range index {
			row := x[i*n:][:n]
			compute.Implementation().Bernoulli(row, row, compute.NewKey(t.opt.Seed, streamBinarize), uint32(k*n))
		}
	}
}

// snapshot makes the present state the one that undone steps go back to.
//
// Only the number of steps and changes of settings may decide when that is:
// taken at a pause, or when a worker joins, it would make the run depend on time.
func (t *Trainer) snapshot() { t.setSnapshot(t.State()) }

func (t *Trainer) setSnapshot(s State) {
	t.rollbacks = 0
	t.snap.Step, t.snap.OptSteps, t.snap.Scale = s.Step, s.OptSteps, s.Scale
	copy(t.snap.W, s.W)
	copy(t.snap.M, s.M)
	copy(t.snap.V, s.V)
	copy(t.snap.Average, s.Average)
}

// restore sets weights and optimiser to a state of the right size.
func (t *Trainer) restore(s State) {
	live := t.optimizer.State()
	*live.Steps = s.OptSteps
	copy(t.model.Arena().W, s.W)
	copy(live.M, s.M)
	copy(live.V, s.V)
	copy(t.average, s.Average)
}

// rollBack restores weights and optimiser from the snapshot and halves the
// learning rate.
func (t *Trainer) rollBack() error {
	layer := t.model.Arena().NonFinite()
	if layer == "" {
		layer = "loss"
	}
	t.restore(t.snap)
	t.scale /= 2
	t.rollbacks = min(t.rollbacks+1, maxRollbacks)
	if t.rollbacks >= maxRollbacks {
		return &DivergedError{Step: t.step + 1, Layer: layer}
	}
	return nil
}

// Snapshot returns the last remembered state, at most SnapshotEvery steps old.
// A run restored from it goes through the same steps again, bit for bit. The
// slices stay good until the next Apply.
func (t *Trainer) Snapshot() State { return t.snap }

// Restore goes on from a state that a Trainer of the same model, data and
// options gave. The error is a *StateError.
func (t *Trainer) Restore(s State) error {
	if err := t.checkState(s); err != nil {
		return err
	}
	snap := &s
	if s.Snapshot != nil {
		snap = s.Snapshot
	}
	t.setSnapshot(*snap)
	t.step, t.scale, t.rollbacks = s.Step, s.Scale, s.UndoneSteps
	t.restore(s)
	return nil
}

func (t *Trainer) checkState(s State) error {
	if snap := s.Snapshot; snap != nil {
		if err := t.checkState(*snap); err != nil {
			return err
		}
		if snap.Snapshot != nil || snap.Step > s.Step {
			return &StateError{"snapshot", "is no earlier state"}
		}
	}
	if s.UndoneSteps < 0 || s.UndoneSteps > maxRollbacks || s.UndoneSteps > 0 && s.Snapshot == nil {
		return &StateError{"undone", "is out of range"}
	}
	live := t.optimizer.State()
	for _, part := range []struct {
		name      string
		got, want int
	}{{"weights", len(s.W), len(t.snap.W)}, {"first moments", len(s.M), len(live.M)}, {"second moments", len(s.V), len(live.V)}, {"average", len(s.Average), len(t.average)}} {
		if part.got != part.want {
			return &StateError{part.name, fmt.Sprintf("have %d numbers; this run has %d", part.got, part.want)}
		}
	}
	if s.Step < 0 || s.Step > t.Steps() || s.OptSteps < 0 || s.OptSteps > s.Step || !(s.Scale > 0 && s.Scale <= 1) {
		return &StateError{"step, optimizer_steps, scale", "are out of range"}
	}
	if i := slices.IndexFunc(s.V, func(v float32) bool { return v < 0 }); i >= 0 {
		return &StateError{"second moments", fmt.Sprintf("have a negative number at index %d", i)}
	}
	return nil
}

// StateError says why a saved state does not fit.
type StateError struct{ Field, Reason string }

func (e *StateError) Error() string { return fmt.Sprintf("saved state: %s %s", e.Field, e.Reason) }
