package train_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/data"
	"inkdrift/vae/nn"
	"inkdrift/vae/train"
)

// everything is a set of options in which all that can change over a run does.
func everything() train.Options {
	return train.Options{Epochs: 3, Batch: 10, LearningRate: 5e-3, Schedule: nn.Cosine, WarmUp: 5, Beta: 0.7, KLWarmUp: 8,
		WeightDecay: 0.01, Binarize: train.Dynamic, Seed: 4}
}

func TestSameSeedSameRun(t *testing.T) {
	run := func(o train.Options) ([]train.Event, []byte) {
		tr := newTrainer(t, tiny, pictures(53), o)
		return finish(t, tr), file(t, tr)
	}
	e1, f1 := run(everything())
	e2, f2 := run(everything())
	if !slices.Equal(e1, e2) || !slices.Equal(f1, f2) {
		t.Error("the same options gave two runs")
	}
	if len(e1) != 18 {
		t.Errorf("53 pictures in batches of 10, three times, took %d steps", len(e1))
	}
	o := everything()
	o.Seed++
	e3, _ := run(o)
	if e3[0].Terms == e1[0].Terms {
		t.Error("two seeds gave the same first step")
	}
	// The backend's goroutines change nothing.
	defer compute.Use(compute.Implementation())
	compute.Use(compute.NewParallel(compute.Go{}, 3))
	if e4, f4 := run(everything()); !slices.Equal(e1, e4) || !slices.Equal(f1, f4) {
		t.Error("three goroutines gave another run")
	}
}

func TestEvents(t *testing.T) {
	o := everything()
	tr := newTrainer(t, tiny, pictures(53), o)
	if tr.StepsPerEpoch() != 6 || tr.Steps() != 18 || tr.StepsTaken() != 0 || tr.Done() || tr.Options() != o {
		t.Errorf("%d steps an epoch, %d in all, %d taken", tr.StepsPerEpoch(), tr.Steps(), tr.StepsTaken())
	}
	for i, ev := range finish(t, tr) {
		images := 10
		if i%6 == 5 {
			images = 3
		}
		want := train.Event{Step: i + 1, Epoch: i / 6, Images: images, EpochDone: i%6 == 5, Done: i == 17,
			Terms: ev.Terms, GradNorm: ev.GradNorm, LearningRate: ev.LearningRate, Beta: ev.Beta}
		if ev != want {
			t.Errorf("step %d: %+v instead of %+v", i, ev, want)
		}
		if !ev.Terms.Finite() || !(ev.GradNorm > 0) {
			t.Errorf("step %d: terms %+v, gradient %v", i, ev.Terms, ev.GradNorm)
		}
		rate := 5e-3 * (1 + math.Cos(math.Pi*float64(i)/18)) / 2
		if i < 5 {
			rate *= float64(i+1) / 5
		}
		if math.Abs(ev.LearningRate-rate) > 1e-12 {
			t.Errorf("step %d: learning rate %v instead of %v", i, ev.LearningRate, rate)
		}
		if beta := 0.7 * min(1, float64(i)/8); math.Abs(ev.Beta-beta) > 1e-12 {
			t.Errorf("step %d: beta %v instead of %v", i, ev.Beta, beta)
		}
	}
	before := slices.Clone(tr.Model().Arena().W)
	ev, err := tr.Step()
	if err != nil || !ev.Done || ev.Step != 18 || tr.StepsTaken() != 18 || !slices.Equal(before, tr.Model().Arena().W) {
		t.Errorf("a step after the last: %+v, %v", ev, err)
	}
}

// spy records the targets of the Bernoulli likelihood.
type spy struct {
	compute.Go
	seen *[][]float32
}

func (s spy) BCEWithLogits(loss, grad, logits, target []float32, scale float32) {
	w := len(target) / len(loss)
	for i := range loss {
		*s.seen = append(*s.seen, slices.Clone(target[i*w:][:w]))
	}
	s.Go.BCEWithLogits(loss, grad, logits, target, scale)
}

// TestBinarization also checks that each epoch sees each picture once.
func TestBinarization(t *testing.T) {
	const n = 53
	d := pictures(n)
	defer compute.Use(compute.Implementation())
	for _, b := range []train.Binarization{train.None, train.Static, train.Dynamic} {
		t.Run(string(b), func(t *testing.T) {
			var seen [][]float32
			compute.Use(spy{seen: &seen})
			o := everything()
			o.Binarize = b
			finish(t, newTrainer(t, tiny, d, o))
			if len(seen) != 3*n {
				t.Fatalf("saw %d pictures in three epochs of %d", len(seen), n)
			}
			byNumber := map[int][][]float32{}
			var orders [3][]int
			for i, x := range seen {
				k := number(x)
				byNumber[k] = append(byNumber[k], x)
				orders[i/n] = append(orders[i/n], k)
			}
			for e, order := range orders {
				sorted := slices.Clone(order)
				slices.Sort(sorted)
				if sorted[0] != 0 || sorted[n-1] != n-1 || len(slices.Compact(sorted)) != n {
					t.Errorf("epoch %d did not see each picture once: %v", e, order)
				}
				if slices.IsSorted(order) || slices.Equal(order, orders[(e+1)%3]) {
					t.Errorf("epoch %d has no order of its own: %v", e, order)
				}
			}
			grey := make([]float32, d.Shape().Len())
			same, differ, sum, want := 0, 0, 0.0, 0.0
			for k, views := range byNumber {
				d.Batch(grey, []int{k})
				for _, v := range views {
					for j, p := range v {
						if b == train.None && p != grey[j] || b != train.None && p != 0 && p != 1 {
							t.Fatalf("pixel %d of picture %d is %v, grey %v", j, k, p, grey[j])
						}
						sum += float64(p)
						want += float64(grey[j])
					}
					if slices.Equal(v, views[0]) {
						same++
					} else {
						differ++
					}
				}
			}
			// One bit has a standard deviation of at most 1/2.
			if off := math.Abs(sum - want); off > 3*math.Sqrt(3*n*24)/2 {
				t.Errorf("%v white pixels instead of about %v", sum, want)
			}
			if b == train.Dynamic && differ < 2*n-5 || b != train.Dynamic && differ > 0 {
				t.Errorf("%d views are as at first, %d others", same, differ)
			}
		})
	}
}

func TestBatchLargerThanTheData(t *testing.T) {
	o := everything()
	o.Batch = 1000
	tr := newTrainer(t, tiny, pictures(7), o)
	if events := finish(t, tr); len(events) != 3 || events[0].Images != 7 || tr.Options().Batch != 7 {
		t.Errorf("%d steps of %d pictures, batch %d", len(events), events[0].Images, tr.Options().Batch)
	}
}

// TestStepDoesNotAllocate runs over snapshots, ends of epochs and partial batches.
// (gonum's parallel products, which begin at larger sizes, do allocate a little.)
func TestStepDoesNotAllocate(t *testing.T) {
	for _, b := range []train.Binarization{train.None, train.Static, train.Dynamic} {
		o := everything()
		o.Binarize, o.Epochs = b, 100
		tr := newTrainer(t, tiny, pictures(53), o)
		if n := testing.AllocsPerRun(250, func() {
			if _, err := tr.Step(); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("binarisation %s: a step allocates %v times", b, n)
		}
		if tr.Snapshot().Step < 240 {
			t.Errorf("the last snapshot is that of step %d", tr.Snapshot().Step)
		}
	}
}

func TestTrainingHelps(t *testing.T) {
	o := everything()
	o.Epochs, o.LearningRate, o.WeightDecay, o.Beta = 60, 2e-2, 0, 1
	d := pictures(64)
	m := newModel(tiny)
	before, err := train.Evaluate(m, d, train.Dynamic, 1)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := train.New(m, d, o)
	if err != nil {
		t.Fatal(err)
	}
	finish(t, tr)
	after, err := train.Evaluate(m, d, train.Dynamic, 1)
	if err != nil {
		t.Fatal(err)
	}
	// The six bits that vary cost ln 2 each, the 14 grey pixels 9.7 in all: a
	// model that knows the mean of every pixel reaches -13.9.
	if after.ELBO() < -14.1 || before.ELBO() > -17 {
		t.Errorf("the bound went from %v to %v", before.ELBO(), after.ELBO())
	}
}

func TestOptionErrors(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		field  string
		change func(*train.Options)
	}{
		{"epochs", func(o *train.Options) { o.Epochs = 0 }},
		{"epochs", func(o *train.Options) { o.Epochs = math.MaxInt }},
		{"batch", func(o *train.Options) { o.Batch = 0 }},
		{"batch", func(o *train.Options) { o.Batch = -4 }},
		{"batch", func(o *train.Options) { o.Batch = 1<<16 + 1 }},
		{"learning_rate", func(o *train.Options) { o.LearningRate = 0 }},
		{"learning_rate", func(o *train.Options) { o.LearningRate = -1 }},
		{"learning_rate", func(o *train.Options) { o.LearningRate = nan }},
		{"learning_rate", func(o *train.Options) { o.LearningRate = inf }},
		{"schedule", func(o *train.Options) { o.Schedule = "" }},
		{"schedule", func(o *train.Options) { o.Schedule = "sudden" }},
		{"warm_up", func(o *train.Options) { o.WarmUp = -1 }},
		{"kl_warm_up", func(o *train.Options) { o.KLWarmUp = -1 }},
		{"beta", func(o *train.Options) { o.Beta = -0.1 }},
		{"beta", func(o *train.Options) { o.Beta = nan }},
		{"beta", func(o *train.Options) { o.Beta = inf }},
		{"weight_decay", func(o *train.Options) { o.WeightDecay = -1 }},
		{"weight_decay", func(o *train.Options) { o.WeightDecay = nan }},
		{"optimizer", func(o *train.Options) { o.Optimizer = "lbfgs" }},
		{"momentum", func(o *train.Options) { o.Optimizer, o.Momentum = train.SGD, 1 }},
		{"momentum", func(o *train.Options) { o.Optimizer, o.Momentum = train.SGD, nan }},
		{"momentum", func(o *train.Options) { o.Momentum = 0.9 }},
		{"binarize", func(o *train.Options) { o.Binarize = "" }},
		{"binarize", func(o *train.Options) { o.Binarize = "sometimes" }},
	} {
		o := train.Defaults()
		c.change(&o)
		var e *train.OptionError
		if _, err := train.New(newModel(tiny), pictures(5), o); !errors.As(err, &e) || !strings.Contains(e.Field, c.field) {
			t.Errorf("%+v: got %v, wanted an error about %s", o, err, c.field)
		}
	}
	if err := train.Defaults().Validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
}

func TestDataErrors(t *testing.T) {
	none := data.NewSubset("none", pictures(5), nil)
	other := tiny
	other.Input = [3]int{1, 6, 4}
	larger := tiny
	larger.Input = [3]int{1, 5, 6}
	for _, c := range []struct {
		config vae.Config
		d      data.Dataset
		word   string
	}{{tiny, none, "no pictures"}, {other, pictures(5), "takes"}, {larger, pictures(5), "takes"}} {
		m := newModel(c.config)
		var e *train.DataError
		if _, err := train.New(m, c.d, train.Defaults()); !errors.As(err, &e) || !strings.Contains(err.Error(), c.word) || e.Name != c.d.Name() {
			t.Errorf("New: %v", err)
		}
		if _, err := train.Evaluate(m, c.d, train.None, 1); !errors.As(err, &e) {
			t.Errorf("Evaluate: %v", err)
		}
		if _, _, err := train.HeadFeatures(m, c.d, train.HeadDefaults()); !errors.As(err, &e) {
			t.Errorf("HeadFeatures: %v", err)
		}
	}
}

func TestEvaluate(t *testing.T) {
	d := pictures(401)
	m := newModel(tiny)
	for _, b := range []train.Binarization{train.None, train.Static, train.Dynamic} {
		one, err := train.Evaluate(m, d, b, 5)
		if err != nil {
			t.Fatal(err)
		}
		two, _ := train.Evaluate(m, d, b, 5)
		if one != two {
			t.Errorf("%s: one seed gave %+v and %+v", b, one, two)
		}
		if other, _ := train.Evaluate(m, d, b, 6); other == one || math.Abs(other.ELBO()-one.ELBO()) > 0.5 {
			t.Errorf("%s: two seeds gave %+v and %+v", b, one, other)
		}
	}
	// With hardly any noise the terms are those of the means.
	for _, p := range m.Params() {
		switch p.Name {
		case "logvar.weight":
			clear(p.W)
		case "logvar.bias":
			p.W[0], p.W[1] = -60, -60
		}
	}
	got, err := train.Evaluate(m, d, train.None, 5)
	if err != nil {
		t.Fatal(err)
	}
	x, mu, logvar, nll := make([]float32, 401*24), make([]float32, 802), make([]float32, 802), make([]float32, 401)
	index := make([]int, 401)
	for i := range index {
		index[i] = i
	}
	d.Batch(x, index)
	if err := errors.Join(m.Encode(mu, logvar, x), m.NegLogLikelihood(nll, x, mu)); err != nil {
		t.Fatal(err)
	}
	var recon, kl float64
	for _, v := range nll {
		recon += float64(v) / 401
	}
	for _, v := range mu {
		kl += (float64(v)*float64(v) + 60 - 1) / 2 / 401
	}
	if math.Abs(got.Recon-recon) > 1e-4 || math.Abs(got.KL-kl) > 1e-4 {
		t.Errorf("the terms are %+v instead of %v and %v", got, recon, kl)
	}
}

func TestErrorTexts(t *testing.T) {
	for want, err := range map[string]error{
		`training options: batch must be even`: &train.OptionError{Field: "batch", Reason: "must be even"},
		`data set "x" is bad`:                  &train.DataError{Name: "x", Reason: "is bad"},
		`saved state: weights are gone`:        &train.StateError{Field: "weights", Reason: "are gone"},
		`training diverged at step 7: mu.bias is not finite; lower the learning rate`: &train.DivergedError{Step: 7, Layer: "mu.bias"},
	} {
		if fmt.Sprint(err) != want {
			t.Errorf("%q instead of %q", err, want)
		}
	}
}
