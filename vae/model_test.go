package vae_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/nn"
)

// classified is small with a classifier.
func classified() vae.Config {
	c := small
	c.Classes, c.Classifier = 4, []int{6}
	return c
}

// TestForward compares every way through the model with the float64 one.
func TestForward(t *testing.T) {
	for name, v := range variants() {
		t.Run(name, func(t *testing.T) {
			c := v.Config
			if c.Conditions == 0 {
				c.Classes, c.Classifier = 4, []int{6}
			}
			m := newModel(t, c, 8)
			ref := twin(m)
			r := rand.New(rand.NewPCG(2, 2))
			for _, n := range []int{1, 5, 3} {
				l, w, k := m.Latent(), m.InputLen(), m.Conditions()
				x, z, y := uniform(r, n*w), normal(r, n*l), make([]float32, n*k)
				for i := range y {
					y[i] = r.Float32() // not only one class
				}
				mu, logvar, dst := make([]float32, n*l), make([]float32, n*l), make([]float32, n*w)
				nll, probs := make([]float32, n), make([]float32, n*(k+m.Classes()))
				before := slices.Clone(x)
				err := errors.Join(m.EncodeGiven(mu, logvar, x, y), m.DecodeGiven(dst, z, y), m.NegLogLikelihoodGiven(nll, x, z, y), m.Recognise(probs, x))
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(x, before) {
					t.Error("the pictures were changed")
				}
				for i := range n {
					z64, x64, y64 := wide(z[i*l:][:l]), wide(x[i*w:][:w]), wide(y[i*k:][:k])
					wantMu, wantLogvar := ref.encode(x64, y64)
					near(t, "mu", mu[i*l:][:l], wantMu, 2e-6)
					near(t, "logvar", logvar[i*l:][:l], wantLogvar, 2e-6)
					near(t, "Decode", dst[i*w:][:w], ref.means(z64, y64), 2e-6)
					near(t, "NegLogLikelihood", nll[i:i+1], []float64{ref.negLogLikelihood(x64, z64, y64)}, 1e-5)
					if k > 0 {
						near(t, "Recognise", probs[i*k:][:k], ref.recognise(x64), 2e-6)
					} else {
						near(t, "Recognise", probs[i*4:][:4], ref.classify(wantMu), 4e-6)
					}
				}
				for i, v := range dst {
					if v < 0 || v > 1 {
						t.Errorf("pixel %d is %v", i, v)
					}
				}
				if k > 0 {
					continue
				}
				// Without conditions these are the same.
				mu2, logvar2, dst2, nll2 := slices.Clone(mu), slices.Clone(logvar), slices.Clone(dst), slices.Clone(nll)
				if err := errors.Join(m.Encode(mu2, logvar2, x), m.Decode(dst2, z), m.NegLogLikelihood(nll2, x, z), m.Classify(probs, z)); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(mu, mu2) || !slices.Equal(logvar, logvar2) || !slices.Equal(dst, dst2) || !slices.Equal(nll, nll2) {
					t.Error("the methods that are told no class give something else")
				}
				for i := range n {
					near(t, "Classify", probs[i*4:][:4], ref.classify(wide(z[i*l:][:l])), 2e-6)
				}
			}
		})
	}
}

func TestLengthErrors(t *testing.T) {
	m := newModel(t, classified(), 1)
	f := func(n int) []float32 { return make([]float32, n) }
	// Two rows: 12 pixels, 4 latents, 8 classes.
	for _, c := range []struct {
		field string
		whole bool
		err   error
	}{
		{"x", true, m.Encode(f(4), f(4), f(13))},
		{"mu", false, m.Encode(f(3), f(4), f(12))},
		{"mu", false, m.Encode(nil, f(4), f(12))},
		{"logvar", false, m.Encode(f(4), f(5), f(12))},
		{"z", true, m.Decode(f(12), f(3))},
		{"dst", false, m.Decode(f(11), f(4))},
		{"z", true, m.Sample(f(12), f(3), 1)},
		{"dst", false, m.Sample(f(13), f(4), 1)},
		{"z", true, m.NegLogLikelihood(f(2), f(12), f(5))},
		{"x", false, m.NegLogLikelihood(f(2), f(18), f(4))},
		{"dst", false, m.NegLogLikelihood(f(3), f(12), f(4))},
		{"mu", true, m.Classify(f(8), f(3))},
		{"probs", false, m.Classify(f(9), f(4))},
	} {
		var e *vae.LengthError
		if !errors.As(c.err, &e) || e.Field != c.field || e.WholeRows != c.whole || e.Error() == "" {
			t.Errorf("wrong %s gave %v", c.field, c.err)
		}
	}
	// Nothing is a batch of no rows.
	if err := errors.Join(m.Encode(nil, nil, nil), m.Decode(nil, nil), m.Sample(nil, nil, 1),
		m.NegLogLikelihood(nil, nil, nil), m.Classify(nil, nil)); err != nil {
		t.Errorf("no rows gave %v", err)
	}
	if err := newModel(t, small, 1).Classify(f(8), f(4)); !errors.Is(err, vae.ErrNoClassifier) {
		t.Errorf("without a classifier: %v", err)
	}
}

func TestNaNFlowsThrough(t *testing.T) {
	m := newModel(t, classified(), 1)
	nan := float32(math.NaN())
	x, mu, logvar := make([]float32, 12), make([]float32, 4), make([]float32, 4)
	x[7] = nan
	if err := m.Encode(mu, logvar, x); err != nil {
		t.Fatal(err)
	}
	if mu[0] != mu[0] || mu[1] != mu[1] || mu[2] == mu[2] || logvar[3] == logvar[3] {
		t.Errorf("a NaN in the second picture gave the means %v", mu)
	}
	probs := make([]float32, 8)
	if err := m.Classify(probs, mu); err != nil || probs[0] != probs[0] || probs[4] == probs[4] {
		t.Errorf("NaN in the second row gave %v, %v", probs, err)
	}
}

func TestClassifyIsStable(t *testing.T) {
	m, err := newModel(t, small, 1).WithClassifier(3, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	clear(m.Head().W)
	for _, c := range []struct{ bias, want [3]float32 }{
		{[3]float32{1e4, 0, -1e4}, [3]float32{1, 0, 0}},
		{[3]float32{-1e30, -1e30, -1e30}, [3]float32{1. / 3, 1. / 3, 1. / 3}},
		{[3]float32{0, 3e38, 0}, [3]float32{0, 1, 0}},
	} {
		copy(m.Head().Params[1].W, c.bias[:])
		probs := make([]float32, 3)
		if err := m.Classify(probs, make([]float32, 2)); err != nil || !slices.Equal(probs, c.want[:]) {
			t.Errorf("logits %v gave %v, %v", c.bias, probs, err)
		}
	}
}

func TestSeeds(t *testing.T) {
	a, b, c := newBare(t, 1), newBare(t, 1), newBare(t, 2)
	if !slices.Equal(weights(a), weights(b)) {
		t.Error("one seed gave two models")
	}
	same := 0
	for i, p := range a.Params() {
		if len(p.Shape) == 2 && slices.Equal(p.W, c.Params()[i].W) {
			same++
		}
	}
	if same > 0 {
		t.Errorf("two seeds share %d weight matrices", same)
	}
	draw := func(m *vae.Model, seed uint64) ([]float32, []float32) {
		z, x := make([]float32, 600), make([]float32, 1800)
		if err := m.Sample(x, z, seed); err != nil {
			t.Fatal(err)
		}
		return x, z
	}
	x1, z1 := draw(a, 7)
	x2, z2 := draw(b, 7)
	_, z3 := draw(a, 8)
	if !slices.Equal(z1, z2) || !slices.Equal(x1, x2) {
		t.Error("one seed gave two samples")
	}
	if slices.Equal(z1, z3) {
		t.Error("two seeds gave the same sample")
	}
	var sum, square float64
	for _, v := range z1 {
		sum += float64(v)
		square += float64(v) * float64(v)
	}
	if math.Abs(sum/600) > 0.2 || math.Abs(square/600-1) > 0.3 {
		t.Errorf("samples of the prior have the mean %v and the mean square %v", sum/600, square/600)
	}
	want := make([]float32, len(x1))
	if err := a.Decode(want, z1); err != nil || !slices.Equal(x1, want) {
		t.Errorf("a sample is not its latents decoded (%v)", err)
	}
}

func newBare(t *testing.T, seed uint64) *vae.Model {
	t.Helper()
	m, err := vae.New(classified(), seed)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func weights(m *vae.Model) (w []float32) {
	for _, p := range m.Params() {
		w = append(w, p.W...)
	}
	return w
}

// TestParams: names and shapes are those of a PyTorch state dict, and files rely
// on them.
func TestParams(t *testing.T) {
	m := newBare(t, 1)
	var got []string
	for _, p := range m.Params() {
		got = append(got, fmt.Sprint(p.Name, p.Shape))
	}
	want := []string{
		"encoder.0.weight[5 6]", "encoder.0.bias[5]", "encoder.2.weight[4 5]", "encoder.2.bias[4]",
		"mu.weight[2 4]", "mu.bias[2]", "logvar.weight[2 4]", "logvar.bias[2]",
		"decoder.0.weight[4 2]", "decoder.0.bias[4]", "decoder.2.weight[5 4]", "decoder.2.bias[5]", "decoder.4.weight[6 5]", "decoder.4.bias[6]",
		"classifier.0.weight[6 2]", "classifier.0.bias[6]", "classifier.2.weight[4 6]", "classifier.2.bias[4]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the parameters are\n%v instead of\n%v", got, want)
	}
	// The list is the caller's to add to.
	p := m.Params()
	_ = append(p[:len(m.Arena().Params)], &nn.Param{Name: "other"})
	if q := m.Params(); len(q) != len(want) || q[len(m.Arena().Params)].Name != "classifier.0.weight" {
		t.Error("a caller's append changed the model")
	}
	if got := m.NumParams(); got != 35+24+10+10+12+25+36 {
		t.Errorf("has %d parameters", got)
	}
	if m.InputLen() != 6 || m.Latent() != 2 || m.Classes() != 4 || len(m.Head().W) != 18+28 {
		t.Errorf("%d pixels, %d latents, %d classes, %d numbers in the head", m.InputLen(), m.Latent(), m.Classes(), len(m.Head().W))
	}
	if m := newModel(t, small, 1); m.Head() != nil || m.Classes() != 0 || len(m.Params()) != len(m.Arena().Params) {
		t.Error("a model without classes has a head")
	}
}

func TestNewZero(t *testing.T) {
	m, err := vae.NewZero(classified())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range weights(m) {
		if v != 0 {
			t.Fatal("a weight is not zero")
		}
	}
	c := classified()
	c.Latent = 0
	var e *vae.ConfigError
	if _, err := vae.NewZero(c); !errors.As(err, &e) {
		t.Errorf("no latents gave %v", err)
	}
	if _, err := vae.New(c, 1); !errors.As(err, &e) {
		t.Errorf("no latents gave %v", err)
	}
}

func TestWithClassifier(t *testing.T) {
	m := newModel(t, small, 1)
	n, err := m.WithClassifier(3, []int{5}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if m.Classes() != 0 || n.Classes() != 3 || !slices.Equal(n.Config().Classifier, []int{5}) {
		t.Errorf("%d and %d classes", m.Classes(), n.Classes())
	}
	if !slices.Equal(m.Arena().W, n.Arena().W) {
		t.Error("encoder and decoder are not the same")
	}
	n.Arena().W[0]++
	if m.Arena().W[0] == n.Arena().W[0] {
		t.Error("the two models share their weights")
	}
	if o, err := m.WithClassifier(3, []int{5}, 2); err != nil || !slices.Equal(o.Head().W, n.Head().W) || slices.Max(o.Head().W) == 0 {
		t.Errorf("the head is not drawn from its seed (%v)", err)
	}
	var e *vae.ConfigError
	if _, err := m.WithClassifier(1, nil, 1); !errors.As(err, &e) || e.Field != "classes" {
		t.Errorf("one class gave %v", err)
	}
}
