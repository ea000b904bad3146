package train_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"inkdrift/vae/train"
)

// TestAverage follows the average in float64 beside a run.
func TestAverage(t *testing.T) {
	o := train.Defaults()
	o.Epochs, o.Batch, o.EMA = 6, 10, 0.9
	tr := newTrainer(t, tiny, pictures(50), o)
	plain := o
	plain.EMA = 0
	other := newTrainer(t, tiny, pictures(50), plain)
	want := make([]float64, tr.Model().NumParams())
	for i, w := range tr.Model().Arena().W {
		want[i] = float64(w)
	}
	for n := 1.0; !tr.Done(); n++ {
		for _, tr := range []*train.Trainer{tr, other} {
			if _, err := tr.Step(); err != nil {
				t.Fatal(err)
			}
		}
		decay := min(0.9, (1+n)/(10+n))
		for i, w := range tr.Model().Arena().W {
			want[i] = decay*want[i] + (1-decay)*float64(w)
		}
	}
	if !slices.Equal(tr.Model().Arena().W, other.Model().Arena().W) {
		t.Error("the average changed the run")
	}
	if other.Result() != other.Model() {
		t.Error("a run without an average has another result than its model")
	}
	far := false
	for i, v := range tr.Result().Arena().W {
		if math.Abs(float64(v)-want[i]) > 1e-5*(1+math.Abs(want[i])) {
			t.Fatalf("average %d is %v instead of %v", i, v, want[i])
		}
		far = far || math.Abs(float64(v-tr.Model().Arena().W[i])) > 1e-4
	}
	if !far {
		t.Error("the average is the weights: the test says nothing")
	}
	s := tr.State()
	s.Average = nil
	var e *train.StateError
	if err := tr.Restore(s); !errors.As(err, &e) || e.Field != "average" {
		t.Errorf("a state without its average: %v", err)
	}
	if n := testing.AllocsPerRun(3, func() { tr.Result() }); n != 0 {
		t.Errorf("Result allocates %v times", n)
	}
}

func TestAverageOption(t *testing.T) {
	for _, v := range []float64{-0.1, 1, math.NaN()} {
		o := train.Defaults()
		o.EMA = v
		var e *train.OptionError
		if err := o.Validate(); !errors.As(err, &e) || e.Field != "ema" {
			t.Errorf("%v: %v", v, err)
		}
	}
}
