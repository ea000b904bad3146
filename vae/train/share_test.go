package train_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"unsafe"

	"inkdrift/vae/train"
)

// together runs workers that share every batch, and exchanges what they find. It
// checks that all take the same steps and returns their events.
func together(t *testing.T, workers []*train.Trainer) (events []train.Event) {
	t.Helper()
	for !workers[0].Done() {
		events = append(events, stepTogether(t, workers))
	}
	return events
}

// slice is the gradient of a worker, zero but where a rank reduces it.
func slice(tr *train.Trainer, rank int) (g []float32) {
	tr.Slice(rank, func(at int, x []float32) {
		g = append(g, make([]float32, at+len(x)-len(g))...)
		copy(g[at:], x)
	})
	return g
}

// stepTogether takes one step with all workers.
func stepTogether(t *testing.T, workers []*train.Trainer) (first train.Event) {
	t.Helper()
	for rank, tr := range workers {
		if err := tr.Compute(rank, len(workers)); err != nil {
			t.Fatal(err)
		}
		if rank%2 == 1 { // changes nothing, and the others show that
			tr.Prefetch(rank, len(workers))
		}
	}
	for rank, from := range workers {
		var sent []float32
		from.Operands(rank, func(_ int, x []float32) { sent = append(sent, x...) })
		for other, to := range workers {
			if other == rank {
				continue
			}
			at := 0
			to.Operands(rank, func(_ int, x []float32) { at += copy(x, sent[at:]) })
			if at != len(sent) && len(slice(to, other)) > 0 {
				t.Fatalf("%d of %d operands of worker %d taken by %d", at, len(sent), rank, other)
			}
		}
	}
	for _, tr := range workers {
		tr.Reduce()
	}
	for rank, from := range workers {
		for _, to := range workers {
			sent := slice(from, rank)
			to.Slice(rank, func(at int, x []float32) { copy(x, sent[at:]) })
		}
	}
	for rank, tr := range workers {
		ev, err := tr.Apply()
		if err != nil {
			t.Fatal(err)
		}
		if rank == 0 {
			first = ev
		} else if fmt.Sprint(ev) != fmt.Sprint(first) { // NaN is not equal to itself
			t.Fatalf("trainer %d did %+v, the first %+v", rank, ev, first)
		}
	}
	for rank, tr := range workers[1:] {
		if !slices.Equal(tr.Model().Arena().W, workers[0].Model().Arena().W) {
			t.Fatalf("workers 0 and %d differ after step %d", rank+1, tr.StepsTaken())
		}
	}
	return first
}

// TestShares: workers that share a batch take the same steps as one alone, bit
// for bit, whatever the number and however short the last batch (53 pictures by
// 9 are never shared; by 13 so that the last has 1; by 40 so that it has 13).
func TestShares(t *testing.T) {
	for _, c := range []struct {
		batch int
		how   train.Binarization
		sizes []int
	}{
		{9, train.Static, []int{3}},
		{13, train.Dynamic, []int{2, 3, 4, 13}},
		{40, train.None, []int{1, 2, 3, 4, 5, 13}},
		{53, train.Dynamic, []int{2}},
	} {
		o := everything()
		o.Batch, o.Binarize = c.batch, c.how
		sameShared(t, fmt.Sprintf("batch %d, %s", c.batch, c.how), func() *train.Trainer { return newTrainer(t, tiny, pictures(53), o) }, c.sizes)
	}
}

// sameShared checks that so many workers take the steps of one.
func sameShared(t *testing.T, what string, make func() *train.Trainer, sizes []int) {
	t.Helper()
	alone := make()
	want := finish(t, alone)
	for _, size := range sizes {
		var group []*train.Trainer
		for range size {
			group = append(group, make())
		}
		got := together(t, group)
		if len(got) != len(want) {
			t.Fatalf("%s, %d workers: %d steps instead of %d", what, size, len(got), len(want))
		}
		for i, ev := range got {
			if fmt.Sprint(ev) != fmt.Sprint(want[i]) {
				t.Fatalf("%s, %d workers, step %d: %+v instead of %+v", what, size, i+1, ev, want[i])
			}
		}
		if !slices.Equal(group[0].Model().Arena().W, alone.Model().Arena().W) {
			t.Fatalf("%s, %d workers: other weights", what, size)
		}
	}
}

// TestSlices: the slices of all workers make up the gradient, each as large as any
// other but for what is not cut; and places of slices and operands are even where
// the memory is at an address that eight divides.
func TestSlices(t *testing.T) {
	even := func(at int, x []float32) {
		t.Helper()
		if address := uintptr(unsafe.Pointer(unsafe.SliceData(x))); len(x) > 0 && address%8 != uintptr(at%2*4) {
			t.Errorf("place %d is at address %d", at, address)
		}
	}
	wide := tiny
	wide.Encoder, wide.Decoder, wide.Latent = []int{61}, []int{61}, 3
	for _, size := range []int{1, 2, 3, 4, 5} {
		o := everything()
		o.Batch = 41
		tr := newTrainer(t, wide, pictures(53), o)
		if err := tr.Compute(0, size); err != nil {
			t.Fatal(err)
		}
		owners := make([]int, tr.Model().NumParams())
		least, most := len(owners), 0
		for rank := range size {
			n := 0
			tr.Slice(rank, func(at int, x []float32) {
				even(at, x)
				n += len(x)
				for i := range x {
					owners[at+i]++
				}
			})
			least, most = min(least, n), max(most, n)
			tr.Operands(rank, func(at int, x []float32) {
				even(at, x)
				if at < 0 || at+len(x) > tr.OperandsLen() {
					t.Errorf("an operand from %d to %d of %d", at, at+len(x), tr.OperandsLen())
				}
			})
		}
		for i, n := range owners {
			if n != 1 {
				t.Fatalf("%d workers: %d of them reduce number %d", size, n, i)
			}
		}
		if most-least > len(owners)/10 {
			t.Errorf("%d workers: from %d to %d numbers of %d", size, least, most, len(owners))
		}
	}
}

// TestSharedRollback: a picture whose loss is not finite is in one worker's
// share; all undo the step.
func TestSharedRollback(t *testing.T) {
	o := everything()
	o.Binarize, o.Batch = train.None, 18
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
