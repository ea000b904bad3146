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
)

// small is a model of every kind of layer.
var small = vae.Config{Family: "dense", Input: [3]int{1, 2, 3}, Encoder: []int{5, 4}, Decoder: []int{4, 5}, Latent: 2,
	Activation: "tanh", Likelihood: vae.Bernoulli}

func noise(seed, step uint64, n int) []float64 {
	eps := make([]float32, n)
	compute.Go{}.Normal(eps, vae.NoiseKey(seed, step), 0)
	return wide(eps)
}

// variants of the objective and the model.
func variants() map[string]struct {
	vae.Config
	beta float64
} {
	type variant = struct {
		vae.Config
		beta float64
	}
	v := map[string]variant{}
	for _, act := range []string{"tanh", "relu", "leaky-relu"} {
		c := small
		c.Activation = act
		v[act+" bernoulli"] = variant{c, 1}
		v[act+" bernoulli beta 4"] = variant{c, 4}
		c.Likelihood = vae.Gaussian
		v[act+" gaussian"] = variant{c, 1}
		c.Sigma = 0.4
		v[act+" gaussian sigma 0.4 beta 0.3"] = variant{c, 0.3}
	}
	c := small
	c.Encoder, c.Decoder = nil, nil
	v["no hidden layers"] = variant{c, 2}
	c = small
	c.Input, c.Encoder, c.Decoder, c.Latent = [3]int{3, 2, 2}, []int{7}, []int{3, 9, 2}, 5
	v["other shapes"] = variant{c, 1}
	c = small
	c.Latent = 1
	v["one latent, beta 0"] = variant{c, 0}
	c = vae.Config{Family: "conv", Input: [3]int{1, 5, 6}, Encoder: []int{3, 2}, Decoder: []int{3, 4, 2}, Latent: 2,
		Activation: "tanh", Likelihood: vae.Bernoulli}
	v["conv bernoulli"] = variant{c, 1}
	c.Activation, c.Likelihood, c.Input, c.Encoder, c.Decoder = "relu", vae.Gaussian, [3]int{3, 4, 3}, []int{5}, []int{4, 3}
	v["conv colour gaussian beta 2"] = variant{c, 2}
	c.Activation, c.Encoder, c.Decoder = "leaky-relu", nil, []int{2}
	v["conv without hidden convolutions"] = variant{c, 1}
	return v
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
			x := uniform(rand.New(rand.NewPCG(1, 2)), n*m.InputLen())
			x64, eps := wide(x), noise(seed, step, n*m.Latent())
			recon, kl := ref.terms(x64, eps)
			if ref.least < 1e-5 {
				t.Fatal("a number is too near the kink of a rectifier for finite differences: take another seed")
			}

			o := vae.NewELBO(m, n)
			o.Beta = v.beta
			got, err := o.Gradient(x, vae.NoiseKey(seed, step), 0, n)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(got.Recon-recon/n) > 1e-5*recon/n || math.Abs(got.KL-kl/n) > 1e-5*kl/n+1e-6 {
				t.Errorf("terms are %+v instead of %v and %v", got, recon/n, kl/n)
			}
			if got.ELBO() != -got.Recon-got.KL {
				t.Errorf("the bound is %v of %+v", got.ELBO(), got)
			}
			compareGradients(t, m.Arena(), ref, func() float64 {
				recon, kl := ref.terms(x64, eps)
				return (recon + v.beta*kl) / n
			})

			// The terms alone are the same and leave the gradient as it is.
			g := slices.Clone(m.Arena().G)
			same, err := o.Evaluate(x, vae.NoiseKey(seed, step), 0)
			if err != nil || same != got {
				t.Errorf("Evaluate gives %+v, %v; Gradient gave %+v", same, err, got)
			}
			if !slices.Equal(g, m.Arena().G) {
				t.Error("Evaluate changed the gradient")
			}
			// What was there does not count if that is said.
			for i := range m.Arena().G {
				m.Arena().G[i] = float32(math.NaN())
			}
			if same, err := o.NewGradient(x, vae.NoiseKey(seed, step), 0, n); err != nil || same != got || !slices.Equal(g, m.Arena().G) {
				t.Errorf("NewGradient gives %+v, %v or another gradient; Gradient gave %+v", same, err, got)
			}
			// A second time the gradient is added.
			if _, err := o.Gradient(x, vae.NoiseKey(seed, step), 0, n); err != nil {
				t.Fatal(err)
			}
			near(t, "the gradient taken twice", m.Arena().G, doubled(g), 1e-6)
		})
	}
}

// TestNewGradientOfNothing: a share without pictures, or with half a one, leaves
// no gradient behind, and the next one is added.
func TestNewGradientOfNothing(t *testing.T) {
	m := newModel(t, small, 3)
	o := vae.NewELBO(m, 2)
	x, key := uniform(rand.New(rand.NewPCG(5, 5)), 2*m.InputLen()), vae.NoiseKey(1, 1)
	for _, n := range []int{0, m.InputLen() + 1} {
		for i := range m.Arena().G {
			m.Arena().G[i] = 7
		}
		if _, err := o.NewGradient(x[:n], key, 0, 2); (err == nil) != (n == 0) {
			t.Fatal(err)
		}
		if norm := m.Arena().GradNorm(); norm != 0 {
			t.Errorf("%d numbers of a picture leave a gradient of norm %v", n, norm)
		}
	}
	once := make([]float32, len(m.Arena().G))
	for i := range 2 {
		if _, err := o.Gradient(x, key, 0, 2); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			copy(once, m.Arena().G)
		}
	}
	near(t, "the gradient taken twice", m.Arena().G, doubled(once), 1e-6)
}

func doubled(x []float32) []float64 {
	y := wide(x)
	for i := range y {
		y[i] *= 2
	}
	return y
}

// TestParts: the gradients of the parts of a batch add up to that of the whole,
// which is what workers that share a batch rely on.
func TestParts(t *testing.T) {
	const n = 7
	m := newModel(t, small, 3)
	x := uniform(rand.New(rand.NewPCG(5, 5)), n*m.InputLen())
	key := vae.NoiseKey(1, 1)
	o := vae.NewELBO(m, n)
	whole, err := o.Gradient(x, key, 0, n)
	if err != nil {
		t.Fatal(err)
	}
	want := wide(m.Arena().G)
	for _, cuts := range [][]int{{0, 3, 7}, {0, 1, 2, 6, 7}, {0, 0, 7}} {
		m.Arena().ZeroGrad()
		var sum vae.Terms
		for i := range len(cuts) - 1 {
			from, to := cuts[i], cuts[i+1]
			part, err := o.Gradient(x[from*m.InputLen():to*m.InputLen()], key, from, n)
			if err != nil {
				t.Fatal(err)
			}
			sum.Recon += part.Recon * float64(to-from) / n
			sum.KL += part.KL * float64(to-from) / n
		}
		near(t, fmt.Sprint("the gradient of the parts ", cuts), m.Arena().G, want, 1e-6)
		if math.Abs(sum.Recon-whole.Recon) > 1e-6*whole.Recon || math.Abs(sum.KL-whole.KL) > 1e-6 {
			t.Errorf("parts %v have the terms %+v, the whole %+v", cuts, sum, whole)
		}
	}
}

// TestBatchesOfAnySize: an objective made for small batches takes large ones.
func TestBatchesOfAnySize(t *testing.T) {
	m := newModel(t, small, 3)
	x := uniform(rand.New(rand.NewPCG(5, 5)), 9*m.InputLen())
	a, err := vae.NewELBO(m, 9).Gradient(x, vae.NoiseKey(1, 1), 0, 9)
	if err != nil {
		t.Fatal(err)
	}
	want := wide(m.Arena().G)
	m.Arena().ZeroGrad()
	o := vae.NewELBO(m, 2)
	b, err := o.Gradient(x, vae.NoiseKey(1, 1), 0, 9)
	if err != nil {
		t.Fatal(err)
	}
	if a != b {
		t.Errorf("terms %+v and %+v", a, b)
	}
	near(t, "gradient", m.Arena().G, want, 0)
	if none, err := o.Gradient(nil, vae.NoiseKey(1, 1), 0, 9); err != nil || none != (vae.Terms{}) {
		t.Errorf("no pictures gave %+v, %v", none, err)
	}
	near(t, "gradient after no pictures", m.Arena().G, want, 0)
	var le *vae.LengthError
	if _, err := o.Gradient(x[1:], vae.NoiseKey(1, 1), 0, 9); !errors.As(err, &le) || le.Field != "x" {
		t.Errorf("a part of a picture gave %v", err)
	}
	if _, err := o.Evaluate(x[1:], vae.NoiseKey(1, 1), 0); !errors.As(err, &le) || le.Field != "x" {
		t.Errorf("a part of a picture gave %v", err)
	}
}

func TestGradientDoesNotAllocate(t *testing.T) {
	for name, v := range variants() {
		m := newModel(t, v.Config, 3)
		rows := 8
		if v.Family == "conv" {
			rows = 2 // gonum starts goroutines for large products
		}
		x := uniform(rand.New(rand.NewPCG(5, 5)), rows*m.InputLen())
		o := vae.NewELBO(m, rows)
		step := uint64(0)
		if n := testing.AllocsPerRun(10, func() {
			key := vae.NoiseKey(1, step)
			step++
			if _, err := o.Gradient(x, key, 0, rows); err != nil {
				t.Fatal(err)
			}
			if _, err := o.Evaluate(x[:rows/2*m.InputLen()], key, 0); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: a gradient allocates %v times", name, n)
		}
	}
}

func TestTerms(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		terms vae.Terms
		want  bool
	}{{vae.Terms{Recon: 1, KL: 2}, true}, {vae.Terms{Recon: inf}, false}, {vae.Terms{KL: nan}, false}, {vae.Terms{Recon: inf, KL: -inf}, false}} {
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
		near(t, "the gradient taken twice", m.Head().G, doubled(g), 1e-6)
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
