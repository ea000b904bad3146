package train_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/data"
	"inkdrift/vae/train"
)

// workout is a model with options that use all that its family has.
type workout struct {
	vae.Config
	train.Options
}

// workouts has one for each family, and for the bounds.
func workouts() map[string]workout {
	all := map[string]workout{}
	iwae := everything()
	iwae.Objective, iwae.Samples, iwae.ClipNorm = vae.BoundIWAE, 3, 5
	all["iwae"] = workout{tiny, iwae}
	free := everything()
	free.FreeBits, free.Samples, free.L1, free.L2, free.Beta1 = 0.2, 2, 1e-3, 1e-2, 0.5
	all["free bits"] = workout{tiny, free}

	c := tiny
	c.Family, c.Encoder, c.Decoder, c.Kernel = "conv", []int{2, 3}, []int{3, 2}, 4
	all["conv"] = workout{c, everything()}
	c = tiny
	c.Family, c.Conditions, c.Recogniser = "cvae", 3, []int{4}
	o := everything()
	o.BetaStart = 5
	all["cvae"] = workout{c, o}
	c = vae.Config{Family: "dcgan", Input: tiny.Input, Decoder: []int{3}, Discriminator: []int{2}, Latent: 2, Activation: "leaky-relu",
		Likelihood: vae.Implicit, Output: "tanh"}
	o = everything()
	o.Binarize, o.KLWarmUp, o.LabelSmoothing, o.InstanceNoise, o.InstanceNoiseSteps, o.DiscriminatorRate = train.None, 0, 0.1, 0.3, 7, 0.5
	all["dcgan"] = workout{c, o}
	c.Family, c.Encoder, c.Likelihood = "vae-gan", []int{2}, vae.Gaussian
	o.Optimizer, o.Momentum = train.SGD, 0.5
	all["vae-gan"] = workout{c, o}
	return all
}

// TestFamiliesShareBatches: whatever is trained, workers that share a batch
// take the steps of one alone, and one that is resumed those of one that never
// stopped.
func TestFamiliesShareBatches(t *testing.T) {
	for name, w := range workouts() {
		t.Run(name, func(t *testing.T) {
			alone := newTrainer(t, w.Config, pictures(53), w.Options)
			want := finish(t, alone)
			if again := finish(t, newTrainer(t, w.Config, pictures(53), w.Options)); !slices.Equal(again, want) {
				t.Error("the same options gave two runs")
			}
			shared := w.Options
			shared.Batch = 26
			sameShared(t, name, func() *train.Trainer { return newTrainer(t, w.Config, pictures(53), shared) }, []int{2, 3, 4})
			names := alone.TermNames()
			for i, v := range want[3].Terms.Other {
				if (v != 0) != (i < len(names)) {
					t.Errorf("the terms %v are called %v", want[3].Terms.Other, names)
				}
			}

			cut := newTrainer(t, w.Config, pictures(53), w.Options)
			for range 8 {
				if _, err := cut.Step(); err != nil {
					t.Fatal(err)
				}
			}
			again := resume(t, file(t, cut), pictures(53))
			if again.StepsTaken() != 6 || !slices.Equal(finish(t, again), want[6:]) || !slices.Equal(again.Model().Arena().W, alone.Model().Arena().W) {
				t.Error("the resumed run differs")
			}
		})
	}
}

func TestFamiliesDoNotAllocate(t *testing.T) {
	for name, w := range workouts() {
		w.Epochs, w.Batch = 100, 2 // gonum's larger products start goroutines
		tr := newTrainer(t, w.Config, pictures(53), w.Options)
		if n := testing.AllocsPerRun(20, func() {
			if _, err := tr.Step(); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: a step allocates %v times", name, n)
		}
	}
}

// step takes one step of plain gradient descent and returns the change of each
// weight, divided by minus the learning rate: the gradient that was followed.
func step(t *testing.T, change func(*train.Options)) (ev train.Event, followed []float64, m *vae.Model) {
	t.Helper()
	o := everything()
	o.Optimizer, o.WeightDecay, o.WarmUp, o.Schedule, o.LearningRate = train.SGD, 0, 0, "constant", 0.5
	change(&o)
	tr := newTrainer(t, tiny, pictures(53), o)
	before := slices.Clone(tr.Model().Arena().W)
	ev, err := tr.Step()
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range tr.Model().Arena().W {
		followed = append(followed, float64(before[i]-w)/0.5)
	}
	m = newModel(tiny) // as it was
	return ev, followed, m
}

// TestPenalties: each adds its gradient, for matrices alone.
func TestPenalties(t *testing.T) {
	_, plain, m := step(t, func(o *train.Options) {})
	for _, c := range []struct{ l1, l2 float64 }{{0.1, 0}, {0, 0.3}, {0.1, 0.3}} {
		_, got, _ := step(t, func(o *train.Options) { o.L1, o.L2 = c.l1, c.l2 })
		at := 0
		for _, p := range m.Arena().Params {
			for _, w := range p.W {
				want := plain[at]
				if len(p.Shape) > 1 {
					want += c.l2*float64(w) + c.l1*math.Copysign(1, float64(w))
				}
				if math.Abs(got[at]-want) > 1e-5*(1+math.Abs(want)) {
					t.Fatalf("%+v: %s follows %v instead of %v", c, p.Name, got[at], want)
				}
				at++
			}
		}
	}
}

// TestClipping: a longer gradient keeps its direction, a shorter one is left.
func TestClipping(t *testing.T) {
	ev, plain, _ := step(t, func(o *train.Options) {})
	for _, most := range []float64{ev.GradNorm / 3, ev.GradNorm * 3} {
		clipped, got, _ := step(t, func(o *train.Options) { o.ClipNorm = most })
		if clipped.GradNorm != ev.GradNorm {
			t.Errorf("the norm is told as %v instead of %v", clipped.GradNorm, ev.GradNorm)
		}
		f := min(1, most/ev.GradNorm)
		for i, g := range got {
			if math.Abs(g-f*plain[i]) > 1e-5*(1+math.Abs(plain[i])) {
				t.Fatalf("at most %v: weight %d follows %v instead of %v", most, i, g, f*plain[i])
			}
		}
	}
}

// TestBeta1: the default is the paper's, and another makes another run.
func TestBeta1(t *testing.T) {
	run := func(beta1 float64) []train.Event {
		o := everything()
		o.Beta1 = beta1
		return finish(t, newTrainer(t, tiny, pictures(53), o))
	}
	a, b, c := run(0), run(0.9), run(0.5)
	if !slices.Equal(a, b) || slices.Equal(a, c) {
		t.Error("beta1 of 0 is not 0.9, or one of 0.5 is")
	}
}

// TestBetaStart: beta may also come from above.
func TestBetaStart(t *testing.T) {
	o := everything()
	o.BetaStart = 4
	for i, ev := range finish(t, newTrainer(t, tiny, pictures(53), o)) {
		want := 0.7
		if i < 8 {
			want = 4 - 3.3*float64(i)/8
		}
		if math.Abs(ev.Beta-want) > 1e-12 {
			t.Errorf("step %d: beta %v instead of %v", i, ev.Beta, want)
		}
	}
}

// TestInstanceNoise: it counts, and is gone after its steps.
func TestInstanceNoise(t *testing.T) {
	w := workouts()["dcgan"]
	without := w.Options
	without.InstanceNoise = 0
	a, b := newTrainer(t, w.Config, pictures(53), w.Options), newTrainer(t, w.Config, pictures(53), without)
	for i := range w.InstanceNoiseSteps {
		if err := b.Restore(a.State()); err != nil {
			t.Fatal(err)
		}
		x, err := a.Step()
		if err != nil {
			t.Fatal(err)
		}
		if y, err := b.Step(); err != nil || x.Terms == y.Terms {
			t.Fatalf("noise makes no difference at step %d (%v)", i, err)
		}
	}
	if err := b.Restore(a.State()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(finish(t, a), finish(t, b)) {
		t.Error("noise is left after its steps")
	}
}

// unlabelled has no labels.
type unlabelled struct{ data.Dataset }

func (unlabelled) Label(int) int { return -1 }

// TestLabelsAreNeeded: a conditional model is not trained or measured on pictures
// of no class, or of more classes than it knows.
func TestLabelsAreNeeded(t *testing.T) {
	w := workouts()["cvae"]
	two := w.Config
	two.Conditions = 2
	var e *train.DataError
	if _, err := train.New(newModel(two), pictures(53), w.Options); !errors.As(err, &e) {
		t.Errorf("a third class: %v", err)
	}
	if _, err := train.New(newModel(w.Config), unlabelled{pictures(53)}, w.Options); !errors.As(err, &e) {
		t.Errorf("no labels: %v", err)
	}
	if _, err := train.NewEvaluation(newModel(w.Config), unlabelled{pictures(53)}, train.None, 1, 0); !errors.As(err, &e) {
		t.Errorf("no labels to measure on: %v", err)
	}
}

// TestFamiliesAreEvaluated: each has its terms, and latent dimensions if it encodes.
func TestFamiliesAreEvaluated(t *testing.T) {
	for name, w := range workouts() {
		m := newModel(w.Config)
		e, err := train.NewEvaluation(m, pictures(53), train.None, 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Next(); err != nil {
			t.Fatal(err)
		}
		r := e.Result()
		dims := 0
		if m.HasEncoder() {
			dims = m.Latent()
		}
		if len(r.KL) != dims || len(r.Active) != dims || !r.Terms.Finite() || r.Images != 53 {
			t.Errorf("%s: %+v", name, r)
		}
		for i, v := range r.Terms.Other {
			if (v != 0) != (i < len(e.TermNames())) {
				t.Errorf("%s: the terms %v are called %v", name, r.Terms.Other, e.TermNames())
			}
		}
	}
}

// TestFamilyOptionErrors has a case for each option that is new with them.
func TestFamilyOptionErrors(t *testing.T) {
	gan := workouts()["dcgan"].Config
	for _, c := range []struct {
		model  vae.Config
		field  string
		change func(*train.Options)
	}{
		{tiny, "objective", func(o *train.Options) { o.Objective = "mse" }},
		{tiny, "samples", func(o *train.Options) { o.Samples = -1 }},
		{tiny, "free_bits", func(o *train.Options) { o.FreeBits = math.NaN() }},
		{tiny, "label_smoothing", func(o *train.Options) { o.LabelSmoothing = 0.1 }},
		{gan, "discriminator_rate", func(o *train.Options) { o.DiscriminatorRate = math.Inf(1) }},
		{tiny, "beta_start", func(o *train.Options) { o.BetaStart = -1 }},
		{tiny, "beta1", func(o *train.Options) { o.Beta1 = 1 }},
		{tiny, "beta1", func(o *train.Options) { o.Beta1, o.Optimizer = 0.5, train.SGD }},
		{tiny, "l1", func(o *train.Options) { o.L1 = -1 }},
		{tiny, "l2", func(o *train.Options) { o.L2 = math.Inf(1) }},
		{tiny, "clip_norm", func(o *train.Options) { o.ClipNorm = math.NaN() }},
		{gan, "instance_noise", func(o *train.Options) { o.InstanceNoise = -1 }},
		{gan, "instance_noise_steps", func(o *train.Options) { o.InstanceNoiseSteps = -1 }},
	} {
		o := train.Defaults()
		c.change(&o)
		var e *train.OptionError
		if _, err := train.New(newModel(c.model), pictures(9), o); !errors.As(err, &e) || e.Field != c.field {
			t.Errorf("wrong %s: %v", c.field, err)
		}
		if err := (train.Recipe{Model: c.model, Train: o, DType: "F32"}).Validate(); !errors.As(err, &e) || e.Field != c.field {
			t.Errorf("a recipe with wrong %s: %v", c.field, err)
		}
	}
	o := train.Defaults()
	o.InstanceNoise = 0.1
	var e *train.OptionError
	if err := (train.Recipe{Model: tiny, Train: o, DType: "F32"}).Validate(); !errors.As(err, &e) || e.Field != "instance_noise" {
		t.Errorf("noise without a discriminator: %v", err)
	}
}
