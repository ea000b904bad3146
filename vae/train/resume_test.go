package train_test

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"inkdrift/vae/data"
	"inkdrift/vae/train"
)

// resumeCases are runs of more than one snapshot an epoch, with a partial last
// batch in each.
func resumeCases() map[string]struct {
	d data.Dataset
	o train.Options
} {
	type run = struct {
		d data.Dataset
		o train.Options
	}
	// 454 pictures by 4: 114 steps an epoch, snapshots at 100, 114, 200, 228, ...
	o := everything()
	o.Epochs, o.Batch, o.WarmUp, o.KLWarmUp = 3, 4, 130, 210
	static, grey, last, sgd, ema := o, o, o, o, o
	ema.EMA, ema.Binarize = 0.98, train.None
	sgd.Optimizer, sgd.Momentum = train.SGD, 0.9
	static.Binarize, grey.Binarize, last.Binarize = train.Static, train.None, train.None
	d := pictures(454)
	return map[string]run{
		"dynamic": {d, o},
		"static":  {d, static},
		"sgd":     {d, sgd},
		"grey":    {d, grey},
		// A picture that breaks the loss once an epoch, wherever it comes.
		"average":  {d, ema},
		"rollback": {spoilt{d, 77, nan}, grey},
		// One that comes with the snapshot at the end of each epoch.
		"rollback at the end":     {spoilt{d, lastOf(d, last), nan}, last},
		"rollback of the average": {spoilt{d, 77, nan}, ema},
	}
}

// lastOf returns a picture that the first epoch ends with.
func lastOf(d data.Dataset, o train.Options) int {
	var order []int
	t, err := train.New(newModel(tiny), recorder{d, &order}, o)
	if err != nil {
		panic(err)
	}
	for range t.StepsPerEpoch() {
		if _, err := t.Step(); err != nil {
			panic(err)
		}
	}
	return order[len(order)-1]
}

// recorder remembers which pictures were asked for.
type recorder struct {
	data.Dataset
	asked *[]int
}

func (r recorder) Batch(dst []float32, index []int) {
	*r.asked = append(*r.asked, index...)
	r.Dataset.Batch(dst, index)
}

// TestResume stops a run at many places, writes a checkpoint of the last snapshot
// or of the state it stopped in, reads it and goes on: the events from there on
// and the bytes of the last checkpoint must be those of the run that never
// stopped.
func TestResume(t *testing.T) {
	stops := []int{0, 1, 50, 99, 100, 101, 113, 114, 115, 199, 200, 215, 228, 229, 300, 341, 342}
	if slow {
		stops = []int{0, 99, 100, 113, 114, 201, 341}
	}
	for name, c := range resumeCases() {
		t.Run(name, func(t *testing.T) {
			whole := newTrainer(t, tiny, c.d, c.o)
			events := finish(t, whole)
			end := file(t, whole)
			undone := 0
			for _, ev := range events {
				if ev.Undone {
					undone++
				}
			}
			if (undone > 0) != strings.HasPrefix(name, "rollback") {
				t.Fatalf("%d undone steps", undone)
			}
			for _, stop := range stops {
				tr := newTrainer(t, tiny, c.d, c.o)
				for range stop {
					if _, err := tr.Step(); err != nil {
						t.Fatal(err)
					}
				}
				for what, stateOf := range map[string]func(*train.Trainer) train.State{
					"snapshot": (*train.Trainer).Snapshot, "state": (*train.Trainer).State,
				} {
					b := fileOf(t, tr, stateOf(tr))
					again := resume(t, b, c.d)
					from := again.StepsTaken()
					if from > stop || stop-from >= 2*train.SnapshotEvery || what == "state" && from != stop {
						t.Errorf("%s: stopped at step %d, resumed at %d", what, stop, from)
					}
					if !bytes.Equal(fileOf(t, again, stateOf(again)), b) {
						t.Errorf("%s: the checkpoint of the run resumed at %d is not the one it was read from", what, from)
					}
					if !slices.EqualFunc(finish(t, again), events[from:], sameEvent) {
						t.Errorf("%s: stopped at %d: the steps from %d on are not those of the run that never stopped", what, stop, from)
					}
					if !bytes.Equal(file(t, again), end) {
						t.Errorf("%s: stopped at %d: the end is not that of the run that never stopped", what, stop)
					}
					if !slices.Equal(again.Model().Arena().W, whole.Model().Arena().W) || !slices.Equal(again.Result().Arena().W, whole.Result().Arena().W) {
						t.Errorf("%s: stopped at %d: the weights are not those of the run that never stopped", what, stop)
					}
				}
			}
		})
	}
}

// sameEvent compares events; all NaNs are the same.
func sameEvent(a, b train.Event) bool {
	for _, p := range [][2]*float64{{&a.Terms.Recon, &b.Terms.Recon}, {&a.Terms.KL, &b.Terms.KL}, {&a.GradNorm, &b.GradNorm}} {
		if math.IsNaN(*p[0]) && math.IsNaN(*p[1]) {
			*p[0], *p[1] = 0, 0
		}
	}
	return a == b
}

func resume(t testing.TB, b []byte, d data.Dataset) *train.Trainer {
	t.Helper()
	c, err := train.ReadCheckpoint(b)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := c.Resume(d)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// TestResumeTwice stops at every snapshot of a run, one after the other.
func TestResumeTwice(t *testing.T) {
	c := resumeCases()["rollback"]
	whole := newTrainer(t, tiny, c.d, c.o)
	finish(t, whole)
	tr := newTrainer(t, tiny, c.d, c.o)
	times := 0
	for !tr.Done() {
		for range 60 {
			if _, err := tr.Step(); err != nil {
				t.Fatal(err)
			}
			if tr.Snapshot().Step == tr.StepsTaken() && !tr.Done() {
				tr = resume(t, file(t, tr), c.d)
				times++
				break
			}
		}
	}
	if times < 3 || !bytes.Equal(file(t, tr), file(t, whole)) {
		t.Errorf("a run that was resumed %d times ends elsewhere", times)
	}
}

// TestRestore: a snapshot in memory restores a run as a checkpoint file does.
func TestRestore(t *testing.T) {
	d, o := pictures(53), everything()
	a := newTrainer(t, tiny, d, o)
	for range 8 {
		if _, err := a.Step(); err != nil {
			t.Fatal(err)
		}
	}
	s := a.Snapshot()
	if s.Step != 6 || s.OptSteps != 6 || s.Scale != 1 {
		t.Fatalf("the snapshot is that of step %d (%d of Adam), scale %v", s.Step, s.OptSteps, s.Scale)
	}
	s.W, s.M, s.V = slices.Clone(s.W), slices.Clone(s.M), slices.Clone(s.V)
	want := finish(t, a)
	b := newTrainer(t, tiny, d, o)
	// Whatever has happened to the other run before is forgotten.
	for range 13 {
		if _, err := b.Step(); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Restore(s); err != nil {
		t.Fatal(err)
	}
	got := finish(t, b)
	if !slices.EqualFunc(got[len(got)-len(want):], want, sameEvent) || !slices.Equal(a.Model().Arena().W, b.Model().Arena().W) {
		t.Error("the restored run goes another way")
	}
}
