package metric

import (
	"errors"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/data"
)

// square are n pictures of 4x4 with labels 0 and 1.
func square(t *testing.T, n int) *data.Images {
	t.Helper()
	pixels, labels := make([]byte, 16*n), make([]byte, n)
	for i := range pixels {
		pixels[i] = byte(compute.NewKey(1).Word(uint32(i)))
	}
	for i := range labels {
		labels[i] = byte(i % 2)
	}
	d, err := data.NewImages("squares", data.Shape{C: 1, H: 4, W: 4}, pixels, labels)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func build(t *testing.T, c vae.Config) *vae.Model {
	t.Helper()
	m, err := vae.New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestEvaluateWithoutEncoder: of a generator there are samples alone.
func TestEvaluateWithoutEncoder(t *testing.T) {
	m := build(t, vae.Config{Family: "dcgan", Input: [3]int{1, 4, 4}, Decoder: []int{3, 2}, Discriminator: []int{2}, Latent: 3,
		Activation: "leaky-relu", Likelihood: vae.Implicit, Output: "sigmoid"})
	d := square(t, 20)
	o := Options{NLLSamples: 3, Seed: 1, Train: d, Classifier: mirror{16}, Samples: 160,
		Reference: &Moments{N: 20, Mean: make([]float64, 16), Cov: make([]float64, 256)}}
	r, err := Evaluate(m, d, o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Likelihoods != nil || r.Latents != nil || r.Fidelity != nil || r.Reading != nil || r.Obedience != nil {
		t.Errorf("%+v", r)
	}
	if r.Distance.Samples != 160 || r.FID <= 0 || r.Score.Samples != 160 || r.Coverage.Samples != 160 {
		t.Errorf("%+v %+v %+v", r.Distance, r.Score, r.Coverage)
	}
	// Without the discriminator, as it is shipped, too.
	bare, err := Evaluate(m.WithoutDiscriminator(), d, o)
	if err != nil || *bare.Distance != *r.Distance {
		t.Errorf("without the discriminator: %+v, %v", bare.Distance, err)
	}
}

// conditional is a model of two classes whose decoder looks at the class alone: the
// first pixel is bright in class 0 and the second in class 1.
func conditional(t *testing.T) *vae.Model {
	t.Helper()
	m := build(t, vae.Config{Family: "cvae", Input: [3]int{1, 1, 2}, Latent: 1, Activation: "tanh", Likelihood: vae.Bernoulli, Conditions: 2})
	for _, p := range m.Params() {
		switch p.Name {
		case "decoder.0.weight": // [2 pixels, 1 latent + 2 classes]
			copy(p.W, []float32{0, 4, -4, 0, -4, 4})
		case "recogniser.0.weight": // [2 classes, 2 pixels]
			copy(p.W, []float32{9, 0, 0, 9})
		case "mu.weight", "logvar.weight":
			clear(p.W)
		}
	}
	return m
}

func TestEvaluateConditional(t *testing.T) {
	m := conditional(t)
	d, err := data.NewImages("pairs", data.Shape{C: 1, H: 1, W: 2}, []byte{255, 0, 0, 255, 255, 0, 255, 0}, []byte{0, 1, 0, 1})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Evaluate(m, d, Options{NLLSamples: 4, Seed: 1, Train: d, Classifier: mirror{2}, Samples: 31})
	if err != nil {
		t.Fatal(err)
	}
	// By hand: each pixel has the logit 4 or -4 by the class, whatever z. Three of the
	// pictures are as their class says, log(1+exp(-4)) a pixel, and the last is the
	// other way round, log(1+exp(4)).
	want := (3*2*0.0181499279 + 2*4.0181499279) / 4
	near(t, "reconstruction", r.Recon, want, 1e-5)
	near(t, "KL", r.KL, 0, 1e-6)
	near(t, "NLL", r.NLL, want, 1e-5)
	// The class of the last picture is recognised, so its reconstruction is right.
	near(t, "accuracy", r.Accuracy, 0.75, 1e-9)
	near(t, "MSE", r.MSE, 0.01798620996*0.01798620996, 1e-7)
	if r.GivenError != 0 || r.GivenSamples != 31 {
		t.Errorf("%+v", *r.Obedience)
	}
	// A decoder that draws the other class is detected.
	for _, p := range m.Params() {
		if p.Name == "decoder.0.weight" {
			copy(p.W, []float32{0, -4, 4, 0, 4, -4})
		}
	}
	if r, err = Evaluate(m, d, Options{Seed: 1, Classifier: mirror{2}, Samples: 30}); err != nil || r.GivenError != 1 {
		t.Errorf("%+v, %v", r.Obedience, err)
	}
	var e *vae.LengthError
	l, err := NewLikelihood(m, 2, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.NLL([]float32{1, 0}, []float32{0}, []float32{0}, compute.NewKey(1)); !errors.As(err, &e) {
		t.Errorf("no class given: %v", err)
	}
}
