package train_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"inkdrift/vae/train"
)

// together runs workers that share every batch: gradients are added in the
// order of the ranks. It checks that all take the same steps and returns their
// events.
func together(t *testing.T, workers []*train.Trainer) (events []train.Event) {
	t.Helper()
	sum := make([]float32, len(workers[0].Model().Arena().G))
	for !workers[0].Done() {
		var whole train.ShareResult
		for rank, tr := range workers {
			p, err := tr.Compute(rank, len(workers))
			if err != nil {
				t.Fatal(err)
			}
			whole.Add(p)
			if rank%2 == 1 { // changes nothing, and the others show that
				tr.Prefetch(rank, len(workers))
			}
			for i, g := range tr.Model().Arena().G {
				if rank == 0 {
					sum[i] = g
				} else {
					sum[i] += g
				}
			}
		}
		for rank, tr := range workers {
			copy(tr.Model().Arena().G, sum)
			ev, err := tr.Apply(whole)
			if err != nil {
				t.Fatal(err)
			}
			if rank == 0 {
				events = append(events, ev)
			} else if last := events[len(events)-1]; fmt.Sprint(ev) != fmt.Sprint(last) { // NaN is not equal to itself
				t.Fatalf("trainer %d did %+v, the first %+v", rank, ev, last)
			}
		}
		for rank, tr := range workers[1:] {
			if !slices.Equal(tr.Model().Arena().W, workers[0].Model().Arena().W) {
				t.Fatalf("workers 0 and %d differ after step %d", rank+1, tr.StepsTaken())
			}
		}
	}
	return events
}

// TestShares: workers that share a batch take the same steps as one alone,
// whatever the number and however short the last batch (53 pictures by 9, so
// that it has 8, and by 13, so that it has 1).
func TestShares(t *testing.T) {
	for _, batch := range []int{9, 13} {
		for _, how := range []train.Binarization{train.None, train.Static, train.Dynamic} {
			o := everything()
			o.Batch, o.Binarize = batch, how
			alone := newTrainer(t, tiny, pictures(53), o)
			want := finish(t, alone)
			for size := 1; size <= 4; size++ {
				group := make([]*train.Trainer, size)
				for i := range group {
					group[i] = newTrainer(t, tiny, pictures(53), o)
				}
				got := together(t, group)
				if len(got) != len(want) {
					t.Fatalf("%d steps instead of %d", len(got), len(want))
				}
				for i, ev := range got {
					w := want[i]
					if math.Abs(ev.Terms.Recon-w.Terms.Recon) > 1e-4 || math.Abs(ev.Terms.KL-w.Terms.KL) > 1e-4 || ev.Images != w.Images ||
						math.Abs(ev.GradNorm-w.GradNorm) > 1e-3*w.GradNorm {
						t.Fatalf("batch %d, %s, %d workers, step %d: %+v instead of %+v", batch, how, size, i+1, ev, w)
					}
				}
				for i, v := range group[0].Model().Arena().W {
					if d := math.Abs(float64(v - alone.Model().Arena().W[i])); d > 1e-3 || size == 1 && d != 0 {
						t.Fatalf("batch %d, %s, %d workers: weight %d is %v off", batch, how, size, i, d)
					}
				}
			}
		}
	}
}

// TestSharedRollback: a picture whose loss is not finite is in one worker's
// share; all undo the step.
func TestSharedRollback(t *testing.T) {
	o := everything()
	o.Binarize = train.None
	group := make([]*train.Trainer, 3)
	for i := range group {
		group[i] = newTrainer(t, tiny, spoilt{pictures(53), 20, nan}, o)
	}
	undone := 0
	for _, ev := range together(t, group) {
		if ev.Undone {
			undone++
		}
	}
	if undone != o.Epochs {
		t.Errorf("%d steps undone in %d epochs", undone, o.Epochs)
	}
}

// TestState hands a run in mid-epoch to another trainer.
func TestState(t *testing.T) {
	for _, optimizer := range []train.Optimizer{train.Adam, train.SGD} {
		o := everything()
		o.Optimizer = optimizer
		a := newTrainer(t, tiny, pictures(53), o)
		for range 4 {
			if _, err := a.Step(); err != nil {
				t.Fatal(err)
			}
		}
		b := newTrainer(t, tiny, pictures(53), o)
		if err := b.Restore(a.State()); err != nil {
			t.Fatal(err)
		}
		if b.StepsTaken() != 4 || !slices.Equal(finish(t, a), finish(t, b)) || !slices.Equal(a.Model().Arena().W, b.Model().Arena().W) {
			t.Errorf("%s: the two runs differ", optimizer)
		}
	}
}

// TestChange: changed settings count from the next step on and are in a
// checkpoint taken at once.
func TestChange(t *testing.T) {
	o := everything()
	o.WarmUp, o.KLWarmUp, o.Schedule = 0, 0, "constant"
	tr := newTrainer(t, tiny, pictures(53), o)
	for range 3 {
		if _, err := tr.Step(); err != nil {
			t.Fatal(err)
		}
	}
	rate, beta := 2e-4, 3.5
	if err := tr.Change(train.Changes{LearningRate: &rate}); err != nil {
		t.Fatal(err)
	}
	if err := tr.Change(train.Changes{Beta: &beta}); err != nil {
		t.Fatal(err)
	}
	c, err := train.ReadCheckpoint(file(t, tr))
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.Resume(pictures(53))
	if err != nil {
		t.Fatal(err)
	}
	if again.StepsTaken() != 3 {
		t.Errorf("the checkpoint is of step %d", again.StepsTaken())
	}
	events := finish(t, tr)
	if events[0].LearningRate != rate || events[0].Beta != beta {
		t.Errorf("the next step was %+v", events[0])
	}
	if !slices.Equal(events, finish(t, again)) {
		t.Error("the resumed run differs")
	}
	var e *train.OptionError
	bad := math.NaN()
	if err := tr.Change(train.Changes{LearningRate: &bad}); !errors.As(err, &e) || tr.Options().LearningRate != rate {
		t.Errorf("a learning rate of NaN: %v", err)
	}
}

// TestEvaluation: the figures in parts add up to the whole, a dimension that says
// nothing is not active, and the same seed gives the same.
func TestEvaluation(t *testing.T) {
	tr := newTrainer(t, tiny, pictures(53), everything())
	finish(t, tr)
	m := tr.Model()
	whole, err := train.Evaluate(m, pictures(530), train.Dynamic, 5)
	if err != nil {
		t.Fatal(err)
	}
	e, err := train.NewEvaluation(m, pictures(530), train.Dynamic, 5, 0)
	if err != nil {
		t.Fatal(err)
	}
	for round := range 2 {
		batches := 0
		for {
			more, err := e.Next()
			if err != nil {
				t.Fatal(err)
			}
			if !more {
				break
			}
			batches++
		}
		r := e.Result()
		if r.Terms != whole || r.Images != 530 || batches != 3 {
			t.Errorf("round %d: %+v in %d batches instead of %+v", round, r, batches, whole)
		}
		if sum := r.KL[0] + r.KL[1]; math.Abs(sum-whole.KL) > 1e-5*whole.KL {
			t.Errorf("the dimensions' KL add up to %v instead of %v", sum, whole.KL)
		}
		e.Reset()
	}

	// A latent that does not depend on the picture.
	for _, p := range m.Params() {
		if p.Name == "mu.weight" || p.Name == "logvar.weight" {
			clear(p.W[len(p.W)/2:])
		}
	}
	if _, err := e.Next(); err != nil {
		t.Fatal(err)
	}
	if r := e.Result(); !r.Active[0] || r.Active[1] {
		t.Errorf("active: %v; only the first says something", r.Active)
	}
	few, err := train.NewEvaluation(m, pictures(53), train.None, 5, 7)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := few.Next(); err != nil || few.Result().Images != 7 {
		t.Errorf("%+v, %v", few.Result(), err)
	}
}
