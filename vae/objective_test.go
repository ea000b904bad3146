package vae_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/nn"
)

// small is a model of every kind of layer.
var small = vae.Config{Family: "dense", Input: [3]int{1, 2, 3}, Encoder: []int{5, 4}, Decoder: []int{4, 5}, Latent: 2,
	Activation: "tanh", Likelihood: vae.Bernoulli}

// noises is the noise of the k samples of a step.
func noises(seed, step uint64, n, k int) (eps [][]float64) {
	for s := range k {
		key := vae.NoiseKey(seed, step)
		if s > 0 {
			key = compute.NewKey(uint64(key.A)|uint64(key.B)<<32, uint64(s))
		}
		e := make([]float32, n)
		compute.Go{}.Normal(e, key, 0)
		eps = append(eps, wide(e))
	}
	return eps
}

// variant is a model with its objective.
type variant struct {
	vae.Config
	vae.ObjectiveConfig
	beta float64
}

// variants of the objective and the model that a Bound trains.
func variants() map[string]variant {
	v := map[string]variant{}
	for _, act := range []string{"tanh", "relu", "leaky-relu"} {
		c := small
		c.Activation = act
		v[act+" bernoulli"] = variant{Config: c, beta: 1}
		v[act+" bernoulli beta 4"] = variant{Config: c, beta: 4}
		c.Likelihood = vae.Gaussian
		v[act+" gaussian"] = variant{Config: c, beta: 1}
		c.Sigma = 0.4
		v[act+" gaussian sigma 0.4 beta 0.3"] = variant{Config: c, beta: 0.3}
	}
	c := small
	c.Activation, c.Likelihood, c.Output = "sigmoid", vae.Gaussian, "sigmoid"
	v["sigmoid inside and out"] = variant{Config: c, beta: 1}
	c.Output, c.Sigma = "tanh", 0.2
	v["sigmoid, tanh out"] = variant{Config: c, beta: 1}
	c = small
	c.Encoder, c.Decoder = nil, nil
	v["no hidden layers"] = variant{Config: c, beta: 2}
	c = small
	c.Input, c.Encoder, c.Decoder, c.Latent = [3]int{3, 2, 2}, []int{7}, []int{3, 9, 2}, 5
	v["other shapes"] = variant{Config: c, beta: 1}
	c = small
	c.Latent = 1
	v["one latent, beta 0"] = variant{Config: c, beta: 0}
	v["three samples"] = variant{small, vae.ObjectiveConfig{Bound: vae.BoundELBO, Samples: 3}, 0.5}
	v["free bits"] = variant{small, vae.ObjectiveConfig{FreeBits: 0.4}, 1}
	v["free bits, two samples, beta 3"] = variant{small, vae.ObjectiveConfig{FreeBits: 0.4, Samples: 2}, 3}
	v["iwae of one sample"] = variant{small, vae.ObjectiveConfig{Bound: vae.BoundIWAE}, 1}
	v["iwae of five"] = variant{small, vae.ObjectiveConfig{Bound: vae.BoundIWAE, Samples: 5}, 1}
	v["iwae of three, beta 0.3"] = variant{small, vae.ObjectiveConfig{Bound: vae.BoundIWAE, Samples: 3}, 0.3}
	c = vae.Config{Family: "conv", Input: [3]int{1, 5, 6}, Encoder: []int{3, 2}, Decoder: []int{3, 4, 2}, Latent: 2,
		Activation: "tanh", Likelihood: vae.Bernoulli}
	v["conv bernoulli"] = variant{Config: c, beta: 1}
	v["conv iwae"] = variant{c, vae.ObjectiveConfig{Bound: vae.BoundIWAE, Samples: 2}, 1}
	c.Kernel = 4
	v["conv of kernel 4"] = variant{Config: c, beta: 1}
	c.Kernel, c.Input, c.Encoder, c.Decoder, c.Hidden = 5, [3]int{1, 4, 3}, []int{2}, []int{2, 2}, []int{4, 3}
	v["conv of kernel 5 with hidden layers"] = variant{Config: c, beta: 1}
	c.Kernel, c.Hidden, c.Activation = 0, nil, "sigmoid"
	v["conv of sigmoids"] = variant{Config: c, beta: 1}
	c.Activation, c.Likelihood, c.Input, c.Encoder, c.Decoder = "relu", vae.Gaussian, [3]int{3, 4, 3}, []int{5}, []int{4, 3}
	v["conv colour gaussian beta 2"] = variant{Config: c, beta: 2}
	c.Output = "sigmoid"
	v["conv colour sigmoid"] = variant{Config: c, beta: 1}
	c.Activation, c.Encoder, c.Decoder, c.Output = "leaky-relu", nil, []int{2}, "tanh"
	v["conv without hidden convolutions"] = variant{Config: c, beta: 1}
	c = small
	c.Family, c.Conditions, c.Recogniser = "cvae", 3, []int{4}
	v["conditional"] = variant{Config: c, beta: 1}
	v["conditional iwae of three"] = variant{c, vae.ObjectiveConfig{Bound: vae.BoundIWAE, Samples: 3}, 0.6}
	c.Activation, c.Likelihood, c.Output, c.Encoder, c.Decoder, c.Recogniser = "leaky-relu", vae.Gaussian, "tanh", nil, nil, nil
	v["conditional without hidden layers, two samples"] = variant{c, vae.ObjectiveConfig{Samples: 2}, 1}
	return v
}

// labelled gives n pictures labels in turn, if the model is conditional.
func labelled(m *vae.Model, n int) (labels []int) {
	for i := range n {
		if k := m.Conditions(); k > 0 {
			labels = append(labels, (i*2+1)%k)
		}
	}
	return labels
}

func newObjective(t testing.TB, m *vae.Model, n int, a vae.ObjectiveConfig) vae.Objective {
	t.Helper()
	o, err := vae.NewObjective(m, n, a)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// sameTerms compares terms within a relative tolerance.
func sameTerms(a, b vae.Terms, tol float64) bool {
	near := func(x, y float64) bool { return math.Abs(x-y) <= tol*(1+math.Abs(y)) }
	ok := near(a.Recon, b.Recon) && near(a.KL, b.KL)
	for i, v := range a.Other {
		ok = ok && near(v, b.Other[i])
	}
	return ok
}

// TestGradient compares the gradient of every parameter with finite differences
// of an independent float64 model.
func TestGradient(t *testing.T) {
	for name, v := range variants() {
		t.Run(name, func(t *testing.T) {
			const n, seed, step = 3, 11, 4
			m := newModel(t, v.Config, 5)
			ref := twin(m)
			ref.least = math.Inf(1)
			x, labels := uniform(rand.New(rand.NewPCG(1, 2)), n*m.InputLen()), labelled(m, n)
			x64, eps := wide(x), noises(seed, step, n*m.Latent(), max(v.Samples, 1))
			_, want := ref.terms(x64, labels, eps, v.ObjectiveConfig, v.beta)
			if ref.least < 1e-5 {
				t.Fatal("a number is too near the kink of a rectifier for finite differences: take another seed")
			}

			o := newObjective(t, m, n, v.ObjectiveConfig)
			s := vae.Share{X: x, Labels: labels, Key: vae.NoiseKey(seed, step), Batch: n, Beta: v.beta}
			got, err := o.NewGradient(s)
			if err != nil {
				t.Fatal(err)
			}
			if !sameTerms(got, want, 1e-5) {
				t.Errorf("terms are %+v instead of %+v", got, want)
			}
			if got.ELBO() != -got.Recon-got.KL {
				t.Errorf("the bound is %v of %+v", got.ELBO(), got)
			}
			compareGradients(t, m.Arena(), ref, func() float64 {
				loss, _ := ref.terms(x64, labels, eps, v.ObjectiveConfig, v.beta)
				return loss
			})
			checkReplaced(t, m, o, s, got)
		})
	}
}

// checkReplaced checks that Evaluate gives the terms that NewGradient gave and
// leaves the gradient as it is, and that NewGradient does not look at what was
// there.
func checkReplaced(t *testing.T, m *vae.Model, o vae.Objective, s vae.Share, terms vae.Terms) {
	t.Helper()
	g := slices.Clone(m.Arena().G)
	same, err := o.Evaluate(s)
	if err != nil || same != terms {
		t.Errorf("Evaluate gives %+v, %v; NewGradient gave %+v", same, err, terms)
	}
	if !slices.Equal(g, m.Arena().G) {
		t.Error("Evaluate changed the gradient")
	}
	for i := range m.Arena().G {
		m.Arena().G[i] = float32(math.NaN())
	}
	if same, err := o.NewGradient(s); err != nil || same != terms || !slices.Equal(g, m.Arena().G) {
		t.Errorf("NewGradient again gives %+v, %v or another gradient; the first time it gave %+v", same, err, terms)
	}
}

// objectives are one model of each family with each kind of objective.
func objectives() map[string]variant {
	v, all := map[string]variant{}, variants()
	for _, name := range []string{"tanh bernoulli", "free bits, two samples, beta 3", "iwae of five", "conv bernoulli", "conv iwae",
		"conditional", "conditional iwae of three"} {
		v[name] = all[name]
	}
	for name, a := range adversaries() {
		v[name] = a
	}
	return v
}

// TestNewGradientOfNothing: a share without pictures, or a wrong one, leaves no
// gradient behind.
func TestNewGradientOfNothing(t *testing.T) {
	for name, v := range objectives() {
		m := newModel(t, v.Config, 3)
		o := newObjective(t, m, 2, v.ObjectiveConfig)
		x, labels := uniform(rand.New(rand.NewPCG(5, 5)), 2*m.InputLen()), labelled(m, 2)
		shares := []vae.Share{{}, {X: x[1:], Labels: labels}}
		if m.Conditions() > 0 {
			shares = append(shares, vae.Share{X: x, Labels: labels[1:]}, vae.Share{X: x, Labels: []int{0, -1}}, vae.Share{X: x, Labels: []int{m.Conditions(), 0}})
		}
		for i, s := range shares {
			s.Batch = 2
			for i := range m.Arena().G {
				m.Arena().G[i] = 7
			}
			terms, err := o.NewGradient(s)
			if (err == nil) != (i == 0) || terms != (vae.Terms{}) {
				t.Fatalf("%s: share %d gives %+v, %v", name, i, terms, err)
			}
			if norm := m.Arena().GradNorm(); norm != 0 {
				t.Errorf("%s: share %d leaves a gradient of norm %v", name, i, norm)
			}
			var length *vae.LengthError
			var label *vae.LabelError
			if _, err := o.Evaluate(s); i > 0 && !errors.As(err, &length) && !errors.As(err, &label) {
				t.Errorf("%s: Evaluate of share %d gives %v", name, i, err)
			}
		}
	}
}

// TestShares: the gradients of the shares of a batch add up to that of the whole,
// which is what workers that share a batch rely on.
func TestShares(t *testing.T) {
	const n = 7
	for name, v := range objectives() {
		m := newModel(t, v.Config, 3)
		w := m.InputLen()
		x, labels := uniform(rand.New(rand.NewPCG(5, 5)), n*w), labelled(m, n)
		all := vae.Share{X: x, Labels: labels, Key: vae.NoiseKey(1, 1), Batch: n, Beta: 0.7, Noise: 0.3}
		o := newObjective(t, m, n, v.ObjectiveConfig)
		whole, err := o.NewGradient(all)
		if err != nil {
			t.Fatal(err)
		}
		want := wide(m.Arena().G)
		for _, cuts := range [][]int{{0, 3, 7}, {0, 1, 2, 6, 7}, {0, 0, 7}} {
			sum, terms := make([]float32, len(want)), vae.Terms{}
			for i := range len(cuts) - 1 {
				s := all
				from, to := cuts[i], cuts[i+1]
				s.X, s.First = x[from*w:to*w], from
				if labels != nil {
					s.Labels = labels[from:to]
				}
				part, err := o.NewGradient(s)
				if err != nil {
					t.Fatal(err)
				}
				terms = terms.Plus(part.Scaled(float64(to-from) / n))
				for j, g := range m.Arena().G {
					sum[j] += g
				}
			}
			near(t, fmt.Sprint(name, ": the gradient of the shares ", cuts), sum, want, 2e-6)
			if !sameTerms(terms, whole, 1e-6) {
				t.Errorf("%s: shares %v have the terms %+v, the whole %+v", name, cuts, terms, whole)
			}
		}
	}
}

// TestBatchesOfAnySize: an objective made for small batches takes large ones.
func TestBatchesOfAnySize(t *testing.T) {
	for name, v := range objectives() {
		m := newModel(t, v.Config, 3)
		s := vae.Share{X: uniform(rand.New(rand.NewPCG(5, 5)), 9*m.InputLen()), Labels: labelled(m, 9), Key: vae.NoiseKey(1, 1), Batch: 9, Beta: 1}
		a, err := newObjective(t, m, 9, v.ObjectiveConfig).NewGradient(s)
		if err != nil {
			t.Fatal(err)
		}
		want := wide(m.Arena().G)
		b, err := newObjective(t, newModel(t, v.Config, 3), 2, v.ObjectiveConfig).NewGradient(s)
		if err != nil || a != b {
			t.Errorf("%s: terms %+v and %+v, %v", name, a, b, err)
		}
		near(t, name+": gradient", m.Arena().G, want, 0)
	}
}

func TestGradientDoesNotAllocate(t *testing.T) {
	for name, v := range variants() {
		checkNoAllocation(t, name, v)
	}
}

func checkNoAllocation(t *testing.T, name string, v variant) {
	t.Helper()
	m := newModel(t, v.Config, 3)
	rows := 8
	if v.Family != "dense" {
		rows = 2 // gonum starts goroutines for large products
	}
	x, labels := uniform(rand.New(rand.NewPCG(5, 5)), rows*m.InputLen()), labelled(m, rows)
	o, adam := newObjective(t, m, rows, v.ObjectiveConfig), nn.NewAdam(m.NumParams())
	step := uint64(0)
	if n := testing.AllocsPerRun(10, func() {
		s := vae.Share{X: x, Labels: labels, Key: vae.NoiseKey(1, step), Batch: rows, Beta: v.beta, Noise: 0.1}
		step++
		if _, err := o.NewGradient(s); err != nil {
			t.Fatal(err)
		}
		adam.Step(m.Arena(), 1e-3)
		s.X = x[:rows/2*m.InputLen()]
		if labels != nil {
			s.Labels = labels[:rows/2]
		}
		if _, err := o.Evaluate(s); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%s: a step allocates %v times", name, n)
	}
}

func TestTerms(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		terms vae.Terms
		want  bool
	}{{vae.Terms{Recon: 1, KL: 2}, true}, {vae.Terms{Recon: inf}, false}, {vae.Terms{KL: nan}, false}, {vae.Terms{Recon: inf, KL: -inf}, false},
		{vae.Terms{Other: [vae.MaxOther]float64{0, nan}}, false}} {
		if c.terms.Finite() != c.want {
			t.Errorf("%+v is finite: %v", c.terms, !c.want)
		}
	}
}

func TestNoiseKey(t *testing.T) {
	seen := map[compute.Key]bool{}
	for seed := range uint64(20) {
		for step := range uint64(20) {
			seen[vae.NoiseKey(seed, step)] = true
		}
	}
	if len(seen) != 400 {
		t.Errorf("%d streams for 400 steps", len(seen))
	}
}

// TestClassifierGradient compares with finite differences, and with a head of
// no hidden layer too.
func TestClassifierGradient(t *testing.T) {
	for _, hidden := range [][]int{nil, {6}, {5, 4}} {
		c := small
		c.Classes, c.Classifier = 3, hidden
		m := newModel(t, c, 2)
		ref := twin(m)
		ref.least = math.Inf(1)
		labels := []int{2, 0, 1, 1}
		mu := normal(rand.New(rand.NewPCG(4, 4)), len(labels)*m.Latent())
		mu64 := wide(mu)
		loss := func() (s float64) {
			for i, l := range labels {
				s -= math.Log(ref.classify(mu64[i*m.Latent():][:m.Latent()])[l])
			}
			return s / float64(len(labels))
		}
		want := loss()
		if ref.least < 1e-5 {
			t.Fatal("a number is too near the kink of a rectifier for finite differences: take another seed")
		}
		got, err := m.ClassifierGradient(mu, labels)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got-want) > 1e-6*want {
			t.Errorf("the cross-entropy is %v instead of %v", got, want)
		}
		compareGradients(t, m.Head(), ref, loss)
		g := slices.Clone(m.Head().G)
		if _, err := m.ClassifierGradient(mu, labels); err != nil {
			t.Fatal(err)
		}
		for i := range g {
			g[i] *= 2
		}
		near(t, "the gradient taken twice", m.Head().G, wide(g), 1e-6)
	}
}

func TestClassifierGradientErrors(t *testing.T) {
	m := newModel(t, small, 2)
	if _, err := m.ClassifierGradient(make([]float32, 2), []int{0}); !errors.Is(err, vae.ErrNoClassifier) {
		t.Errorf("without a classifier: %v", err)
	}
	m, err := m.WithClassifier(3, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	var length *vae.LengthError
	if _, err := m.ClassifierGradient(make([]float32, 3), []int{0}); !errors.As(err, &length) || length.Field != "mu" {
		t.Errorf("mu of the wrong length: %v", err)
	}
	for _, l := range []int{-1, 3, 1 << 40} {
		var label *vae.LabelError
		if _, err := m.ClassifierGradient(make([]float32, 4), []int{0, l}); !errors.As(err, &label) || label.Index != 1 || label.Label != l || label.Classes != 3 {
			t.Errorf("label %d: %v", l, err)
		}
	}
	if loss, err := m.ClassifierGradient(nil, nil); loss != 0 || err != nil {
		t.Errorf("no rows: %v, %v", loss, err)
	}
	// Certain and wrong: large, not infinite.
	m.Head().Params[1].W[0] = 1e5
	loss, err := m.ClassifierGradient(make([]float32, 2), []int{1})
	if err != nil || !(loss > 80) || math.IsInf(loss, 0) {
		t.Errorf("certain and wrong: %v, %v", loss, err)
	}
	if n := m.Head().GradNorm(); math.IsNaN(n) || math.IsInf(n, 0) {
		t.Errorf("certain and wrong: gradient of norm %v", n)
	}
}
