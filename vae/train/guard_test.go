package train_test

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/train"
)

// TestRollback makes the loss of one step not finite and checks what the
// trainer does.
func TestRollback(t *testing.T) {
	o := everything()
	o.Binarize, o.Epochs = train.None, 6
	tr := newTrainer(t, tiny, spoilt{pictures(53), 20, nan}, o)
	scale, undone := 1.0, 0
	w := slices.Clone(tr.Model().Arena().W) // of the last snapshot
	for !tr.Done() {
		ev, err := tr.Step()
		if err != nil {
			t.Fatal(err)
		}
		s := tr.Snapshot()
		if ev.Undone {
			undone++
			scale /= 2
			if !slices.Equal(tr.Model().Arena().W, w) {
				t.Errorf("step %d was undone, but the weights are not those of the snapshot", ev.Step)
			}
			if s.Step == ev.Step {
				t.Errorf("step %d was undone and remembered", ev.Step)
			}
		} else {
			if ev.EpochDone && s.Step != ev.Step {
				t.Errorf("step %d ended an epoch; the snapshot is that of step %d", ev.Step, s.Step)
			}
			if slices.Equal(tr.Model().Arena().W, w) {
				t.Errorf("step %d changed nothing", ev.Step)
			}
		}
		if s.Step == ev.Step {
			w = slices.Clone(tr.Model().Arena().W)
			if s.Scale != scale {
				t.Errorf("after step %d the rate is scaled by %v instead of %v", ev.Step, s.Scale, scale)
			}
		}
		want := 5e-3 * (1 + math.Cos(math.Pi*float64(ev.Step-1)/36)) / 2 * scale
		if ev.Undone {
			want *= 2 // halved after the step
		}
		if ev.Step > 5 && math.Abs(ev.LearningRate-want) > 1e-12 {
			t.Errorf("step %d: learning rate %v instead of %v", ev.Step, ev.LearningRate, want)
		}
	}
	if undone != 6 {
		t.Errorf("a picture that breaks the loss was met %d times in 6 epochs", undone)
	}
	if name := tr.Model().Arena().NonFinite(); name != "" {
		// The gradient of the last step may be what was undone; weights never are.
		for _, p := range tr.Model().Params() {
			for _, v := range p.W {
				if v-v != 0 {
					t.Fatalf("%s has a weight of %v", p.Name, v)
				}
			}
		}
	}
}

// diverge runs until the error, and returns it with the number of undone steps.
func diverge(t *testing.T, tr *train.Trainer) (*train.DivergedError, int) {
	t.Helper()
	undone := 0
	for !tr.Done() {
		ev, err := tr.Step()
		var e *train.DivergedError
		if errors.As(err, &e) {
			return e, undone
		}
		if err != nil {
			t.Fatal(err)
		}
		if ev.Undone {
			undone++
		}
	}
	t.Fatalf("the run ended with %d undone steps", undone)
	return nil, 0
}

// TestDiverged: a learning rate as large as is allowed drives the weights to
// where the loss is infinite, and every return ends there again.
func TestDiverged(t *testing.T) {
	c := tiny
	c.Activation, c.Likelihood, c.Encoder, c.Decoder = "relu", vae.Gaussian, []int{40, 40}, []int{40, 40}
	o := everything()
	o.Binarize, o.LearningRate, o.WarmUp, o.WeightDecay = train.None, 999, 0, 0
	tr := newTrainer(t, c, pictures(100), o)
	e, undone := diverge(t, tr)
	if undone < 7 || e.Layer == "" || e.Step < 8 {
		t.Errorf("%v after %d undone steps", e, undone)
	}
	known := e.Layer == "loss"
	for _, p := range tr.Model().Params() {
		known = known || p.Name == e.Layer
	}
	if !known {
		t.Errorf("the error names %q", e.Layer)
	}
	if !slices.Equal(tr.Model().Arena().W, tr.Snapshot().W) {
		t.Error("the model does not have the weights of the snapshot")
	}
	for _, v := range tr.Model().Arena().W {
		if v-v != 0 {
			t.Fatalf("the model has a weight of %v", v)
		}
	}
	// What is left can be written and read.
	if _, err := train.ReadCheckpoint(file(t, tr)); err != nil {
		t.Errorf("the checkpoint: %v", err)
	}
}

// TestDivergedNamesTheLayer: NaN in every picture reaches the first weights.
func TestDivergedNamesTheLayer(t *testing.T) {
	o := everything()
	o.Binarize, o.Epochs = train.None, 20
	tr := newTrainer(t, tiny, spoilt{pictures(1), 0, nan}, o)
	before := slices.Clone(tr.Model().Arena().W)
	e, undone := diverge(t, tr)
	if e.Layer != "encoder.0.weight" || undone != 7 || e.Step != 8 {
		t.Errorf("%v after %d undone steps", e, undone)
	}
	if !slices.Equal(before, tr.Model().Arena().W) {
		t.Error("the weights are not those before the rollback")
	}
}

// TestDivergedAfterResuming: a run that is resumed after some undone steps ends
// where it would have.
func TestDivergedAfterResuming(t *testing.T) {
	o := everything()
	o.Binarize, o.Epochs = train.None, 20
	d := spoilt{pictures(1), 0, nan}
	tr := newTrainer(t, tiny, d, o)
	for stop := range 7 {
		again := resume(t, fileOf(t, tr, tr.State()), d)
		if e, undone := diverge(t, again); e.Step != 8 || undone != 7-stop {
			t.Errorf("resumed at step %d: %v after %d more undone steps", stop, e, undone)
		}
		if ev, err := tr.Step(); err != nil || !ev.Undone {
			t.Fatalf("%+v, %v", ev, err)
		}
	}
	// What has ended can be resumed, and ends at once, again and again.
	for range 3 {
		if e, undone := diverge(t, tr); e.Step != 8 || undone != 0 {
			t.Errorf("%v after %d undone steps", e, undone)
		}
		tr = resume(t, fileOf(t, tr, tr.State()), d)
	}
}

// TestGradientTooLargeToSquare: a gradient whose square leaves float32 would
// make Adam's second moment infinite, and the checkpoint unreadable.
func TestGradientTooLargeToSquare(t *testing.T) {
	c := tiny
	c.Likelihood = vae.Gaussian
	o := everything()
	o.Binarize, o.Epochs = train.None, 2
	tr := newTrainer(t, c, spoilt{pictures(53), 20, 1.7e19}, o)
	undone := 0
	for _, ev := range finish(t, tr) {
		if ev.Undone {
			undone++
		}
		if !ev.Terms.Finite() {
			t.Fatalf("the terms %+v of step %d are not what this test is about", ev.Terms, ev.Step)
		}
	}
	if undone != 2 {
		t.Errorf("%d steps were undone instead of 2", undone)
	}
	if _, err := train.ReadCheckpoint(file(t, tr)); err != nil {
		t.Errorf("the checkpoint: %v", err)
	}
}

// TestUndoneStateIsTheSnapshot: after an undone step a run is where one is that
// was put there from the snapshot, optimiser and all.
func TestUndoneStateIsTheSnapshot(t *testing.T) {
	o := everything()
	o.Binarize, o.Epochs, o.Batch = train.None, 2, 2
	d := spoilt{pictures(53), 20, nan}
	a := newTrainer(t, tiny, d, o)
	for {
		ev, err := a.Step()
		if err != nil {
			t.Fatal(err)
		}
		if ev.Undone {
			break
		}
	}
	s := a.Snapshot()
	if a.StepsTaken()-s.Step < 2 {
		t.Fatalf("the rollback came %d steps after the snapshot: this test is about more", a.StepsTaken()-s.Step)
	}
	s.Step, s.Scale = a.StepsTaken(), s.Scale/2
	b := newTrainer(t, tiny, d, o)
	if err := b.Restore(s); err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(finish(t, a), finish(t, b), sameEvent) || !bytes.Equal(file(t, a), file(t, b)) {
		t.Error("the two runs part")
	}
}
