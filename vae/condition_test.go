package vae_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"inkdrift/vae"
)

var conditional = vae.Config{Family: "cvae", Input: [3]int{1, 2, 3}, Encoder: []int{5}, Decoder: []int{4}, Latent: 2,
	Activation: "tanh", Likelihood: vae.Bernoulli, Conditions: 3, Recogniser: []int{4}}

// TestEncodeRecognises: without a class the most probable one is used.
func TestEncodeRecognises(t *testing.T) {
	const n = 6
	m := newModel(t, conditional, 11)
	x := uniform(rand.New(rand.NewPCG(1, 1)), n*m.InputLen())
	probs, y := make([]float32, n*3), make([]float32, n*3)
	if err := m.Recognise(probs, x); err != nil {
		t.Fatal(err)
	}
	var labels []int
	for i := range n {
		labels = append(labels, slices.Index(probs[i*3:][:3], slices.Max(probs[i*3:][:3])))
	}
	if slices.Min(labels) == slices.Max(labels) {
		t.Fatal("all are taken for the same: take another seed")
	}
	if err := vae.OneHot(y, labels, 3); err != nil {
		t.Fatal(err)
	}
	mu, logvar, wantMu, wantLogvar := make([]float32, n*2), make([]float32, n*2), make([]float32, n*2), make([]float32, n*2)
	if err := errors.Join(m.Encode(mu, logvar, x), m.EncodeGiven(wantMu, wantLogvar, x, y)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(mu, wantMu) || !slices.Equal(logvar, wantLogvar) {
		t.Error("Encode does not take pictures for what Recognise says")
	}
	// Samples show the classes in turn.
	z, dst, want := make([]float32, n*2), make([]float32, n*6), make([]float32, n*6)
	if err := errors.Join(vae.OneHot(y, []int{0, 1, 2, 0, 1, 2}, 3), m.Sample(dst, z, 7), m.DecodeGiven(want, z, y)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(dst, want) {
		t.Error("samples are not of classes in turn")
	}
}

// TestWhatFamiliesLack: a network that a family does not have is a certain
// error.
func TestWhatFamiliesLack(t *testing.T) {
	f := func(n int) []float32 { return make([]float32, n) }
	c, g := newModel(t, conditional, 1), newModel(t, gan, 1)
	w := g.InputLen()
	var length *vae.LengthError
	for _, v := range []struct {
		name      string
		err, want error
	}{
		{"Decode of a conditional model", c.Decode(f(6), f(2)), vae.ErrNeedsClass},
		{"NegLogLikelihood of a conditional model", c.NegLogLikelihood(f(1), f(6), f(2)), vae.ErrNeedsClass},
		{"Classify of a conditional model", c.Classify(f(3), f(2)), vae.ErrNoClassifier},
		{"Encode of a generator", g.Encode(f(3), f(3), f(w)), vae.ErrNoEncoder},
		{"EncodeGiven of a generator", g.EncodeGiven(f(3), f(3), f(w), nil), vae.ErrNoEncoder},
		{"NegLogLikelihood of a generator", g.NegLogLikelihood(f(1), f(w), f(3)), vae.ErrNoLikelihood},
		{"NegLogLikelihoodGiven of a generator", g.NegLogLikelihoodGiven(f(1), f(w), f(3), nil), vae.ErrNoLikelihood},
		{"Recognise of a generator", g.Recognise(f(3), f(w)), vae.ErrNoClassifier},
	} {
		if !errors.Is(v.err, v.want) {
			t.Errorf("%s: %v", v.name, v.err)
		}
	}
	for _, v := range []struct {
		field string
		err   error
	}{
		{"y", c.EncodeGiven(f(2), f(2), f(6), f(2))},
		{"y", c.DecodeGiven(f(6), f(2), nil)},
		{"y", c.NegLogLikelihoodGiven(f(1), f(6), f(2), f(4))},
		{"y", g.DecodeGiven(f(w), f(3), f(3))},
		{"x", c.Recognise(f(3), f(5))},
		{"probs", c.Recognise(f(4), f(6))},
		{"z", c.Sample(f(6), f(3), 1)},
		{"dst", vae.OneHot(f(2), []int{0}, 3)},
	} {
		if !errors.As(v.err, &length) || length.Field != v.field {
			t.Errorf("wrong %s gave %v", v.field, v.err)
		}
	}
	var label *vae.LabelError
	if err := vae.OneHot(f(3), []int{3}, 3); !errors.As(err, &label) {
		t.Errorf("label 3 of 3 classes: %v", err)
	}
	if c.Conditions() != 3 || g.Conditions() != 0 || !c.HasEncoder() || g.HasEncoder() || !c.Config().HasLikelihood() || g.Config().HasLikelihood() {
		t.Error("the models are asked what they have and say something else")
	}
}

// TestWithoutDiscriminator: a model for files makes the same pictures and cannot
// be trained.
func TestWithoutDiscriminator(t *testing.T) {
	for _, c := range []vae.Config{gan, autoencoderGAN} {
		m := newModel(t, c, 1)
		n := m.WithoutDiscriminator()
		if n.NumParams() >= m.NumParams() || n.Config().Trainable() || !m.Config().Trainable() {
			t.Errorf("%s: %d parameters of %d are left", c.Family, n.NumParams(), m.NumParams())
		}
		a, b, z := make([]float32, 2*m.InputLen()), make([]float32, 2*m.InputLen()), make([]float32, 2*m.Latent())
		if err := errors.Join(m.Sample(a, z, 3), n.Sample(b, z, 3)); err != nil || !slices.Equal(a, b) {
			t.Errorf("%s: another sample, %v", c.Family, err)
		}
		var aim *vae.ObjectiveError
		if _, err := vae.NewObjective(n, 1, vae.ObjectiveConfig{}); !errors.As(err, &aim) {
			t.Errorf("%s: training gives %v", c.Family, err)
		}
	}
}

// TestObjectiveConfigs: each wrong field is refused by name.
func TestObjectiveConfigs(t *testing.T) {
	for _, c := range []struct {
		config vae.Config
		aim    vae.ObjectiveConfig
		field  string
	}{
		{small, vae.ObjectiveConfig{Bound: "elbo", Samples: vae.MaxSamples, FreeBits: 3}, ""},
		{small, vae.ObjectiveConfig{Bound: "iwae", Samples: 5}, ""},
		{conditional, vae.ObjectiveConfig{Bound: "iwae", Samples: 5}, ""},
		{gan, vae.ObjectiveConfig{Smoothing: 0.1, DiscriminatorRate: 0.5}, ""},
		{small, vae.ObjectiveConfig{Bound: "hinge"}, "bound"},
		{small, vae.ObjectiveConfig{Samples: -1}, "samples"},
		{small, vae.ObjectiveConfig{Samples: vae.MaxSamples + 1}, "samples"},
		{small, vae.ObjectiveConfig{FreeBits: -1}, "free_bits"},
		{small, vae.ObjectiveConfig{Bound: "iwae", FreeBits: 1}, "free_bits"},
		{small, vae.ObjectiveConfig{Smoothing: 0.1}, "label_smoothing"},
		{small, vae.ObjectiveConfig{DiscriminatorRate: 1}, "discriminator_rate"},
		{gan, vae.ObjectiveConfig{Smoothing: 0.5}, "label_smoothing"},
		{gan, vae.ObjectiveConfig{DiscriminatorRate: -1}, "discriminator_rate"},
		{gan, vae.ObjectiveConfig{Bound: "elbo"}, "bound"},
		{gan, vae.ObjectiveConfig{Samples: 2}, "samples"},
		{gan, vae.ObjectiveConfig{FreeBits: 1}, "free_bits"},
		{autoencoderGAN, vae.ObjectiveConfig{FreeBits: 1}, "free_bits"},
	} {
		_, err := vae.NewObjective(newModel(t, c.config, 1), 2, c.aim)
		var e *vae.ObjectiveError
		if c.field == "" && err != nil || c.field != "" && (!errors.As(err, &e) || e.Field != c.field) {
			t.Errorf("%s with %+v: %v", c.config.Family, c.aim, err)
		}
	}
}

// TestFamilyConfigs has a case for each field that only some families have.
func TestFamilyConfigs(t *testing.T) {
	for _, c := range []struct {
		config vae.Config
		field  string
		change func(*vae.Config)
	}{
		{conditional, "", func(c *vae.Config) {}},
		{conditional, "", func(c *vae.Config) { c.Recogniser, c.Encoder, c.Decoder = nil, nil, nil }},
		{conditional, "conditions", func(c *vae.Config) { c.Conditions = 0 }},
		{conditional, "conditions", func(c *vae.Config) { c.Conditions = 1001 }},
		{conditional, "classes", func(c *vae.Config) { c.Classes = 3 }},
		{conditional, "recogniser[0]", func(c *vae.Config) { c.Recogniser = []int{0} }},
		{conditional, "discriminator", func(c *vae.Config) { c.Discriminator = []int{3} }},
		{conditional, "likelihood", func(c *vae.Config) { c.Likelihood = vae.Implicit }},
		{small, "hidden", func(c *vae.Config) { c.Hidden = []int{3} }},
		{small, "conditions", func(c *vae.Config) { c.Conditions = 3 }},
		{small, "recogniser", func(c *vae.Config) { c.Recogniser = []int{3} }},
		{small, "output", func(c *vae.Config) { c.Output = "sigmoid" }},
		{small, "output", func(c *vae.Config) { c.Likelihood, c.Output = vae.Gaussian, "relu" }},
		{gan, "", func(c *vae.Config) {}},
		{gan, "", func(c *vae.Config) { c.Discriminator = nil }},
		{gan, "likelihood", func(c *vae.Config) { c.Likelihood = vae.Gaussian }},
		{gan, "encoder", func(c *vae.Config) { c.Encoder = []int{3} }},
		{gan, "classes", func(c *vae.Config) { c.Classes = 3 }},
		{gan, "output", func(c *vae.Config) { c.Output = "" }},
		{gan, "decoder", func(c *vae.Config) { c.Decoder = nil }},
		{gan, "decoder", func(c *vae.Config) { c.Decoder = []int{1, 1, 1} }},
		{gan, "decoder[0]", func(c *vae.Config) { c.Input, c.Decoder = [3]int{1, 1000, 1000}, []int{40, 1} }},
		{gan, "discriminator", func(c *vae.Config) { c.Discriminator = []int{1, 1, 1} }},
		{gan, "discriminator[1]", func(c *vae.Config) { c.Input, c.Discriminator = [3]int{1, 1000, 1000}, []int{1, 20} }},
		{autoencoderGAN, "", func(c *vae.Config) { c.Classes, c.Classifier = 3, []int{2} }},
		{autoencoderGAN, "output", func(c *vae.Config) { c.Output = "" }},
		{autoencoderGAN, "encoder[0]", func(c *vae.Config) { c.Input, c.Encoder = [3]int{1, 1000, 1000}, []int{5} }},
		{autoencoderGAN, "decoder", func(c *vae.Config) { c.Decoder = nil }},
	} {
		config := c.config
		c.change(&config)
		m, err := vae.NewZero(config)
		var e *vae.ConfigError
		if c.field != "" {
			if !errors.As(err, &e) || e.Field != c.field {
				t.Errorf("%+v: got %v, wanted an error about %s", config, err, c.field)
			}
			continue
		}
		if err != nil {
			t.Errorf("%+v: %v", config, err)
			continue
		}
		total := 0
		for _, p := range m.Params() {
			total += p.Len()
		}
		if got := config.ParamBound(); got != total {
			t.Errorf("%+v: ParamBound is %d, the model has %d", config, got, total)
		}
	}
}
