package metric

import (
	"errors"
	"math"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/data"
)

// linear is a model whose p(x) is known: one latent, one pixel,
// p(x|z) = N(w z + b, 1), so that p(x) = N(b, 1 + w^2).
func linear(t *testing.T, w, b float32) *vae.Model {
	t.Helper()
	m, err := vae.New(vae.Config{Family: "dense", Input: [3]int{1, 1, 1}, Latent: 1, Activation: "tanh", Likelihood: vae.Gaussian}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range m.Params() {
		switch p.Name {
		case "decoder.0.weight":
			p.W[0] = w
		case "decoder.0.bias":
			p.W[0] = b
		}
	}
	return m
}

func TestNLLOfLinearModel(t *testing.T) {
	const w, b, x = 1.5, 0.25, 0.9
	m := linear(t, w, b)
	variance := 1 + w*w
	want := 0.5*math.Log(2*math.Pi*variance) + (x-b)*(x-b)/(2*variance)

	// The exact posterior makes every weight equal: k = 1 is exact.
	mu, logvar := []float32{w * (x - b) / float32(variance)}, []float32{float32(-math.Log(variance))}
	l, err := NewLikelihood(m, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	got, err := l.NLL([]float32{x}, mu, logvar, compute.NewKey(1))
	if err != nil || math.Abs(got-want) > 1e-5 {
		t.Errorf("exact posterior: NLL %.6f, want %.6f (%v)", got, want, err)
	}

	// The prior as proposal: right in the limit only.
	if l, err = NewLikelihood(m, 200_000, 0); err != nil {
		t.Fatal(err)
	}
	got, err = l.NLL([]float32{x}, []float32{0}, []float32{0}, compute.NewKey(2))
	if err != nil || math.Abs(got-want) > 0.01 {
		t.Errorf("prior: NLL %.4f, want %.4f (%v)", got, want, err)
	}
}

func TestNewLikelihoodRefuses(t *testing.T) {
	for _, k := range []int{-1, 0, 1 << 30} {
		if _, err := NewLikelihood(linear(t, 1, 0), k, 0); err == nil {
			t.Errorf("%d samples accepted", k)
		}
	}
}

func TestLogSumExp(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		x    []float64
		want float64
	}{
		{[]float64{0, 0}, math.Log(2)},
		{[]float64{-1000, -1000, -1000, -1000}, -1000 + math.Log(4)},
		{[]float64{1000, 0}, 1000},
		{nil, -inf},
		{[]float64{-inf, -inf}, -inf},
		{[]float64{-inf, 3}, 3},
	} {
		if got := LogSumExp(c.x); got != c.want && math.Abs(got-c.want) > 1e-12 {
			t.Errorf("LogSumExp(%v) = %v, want %v", c.x, got, c.want)
		}
	}
	if got := LogSumExp([]float64{math.NaN(), 1}); !math.IsNaN(got) {
		t.Errorf("NaN was lost: %v", got)
	}
}

func TestActiveUnits(t *testing.T) {
	// Variances 0.02, 0.005 and 0.
	if got := ActiveUnits([][]float64{{-0.1, 0.1}, {-0.05, 0.05}, {7, 7}}); got != 1 {
		t.Errorf("%d active units, want 1", got)
	}
}

func TestEvaluateOnSubset(t *testing.T) {
	m := linear(t, 1, 0)
	d, err := data.NewImages("dots", data.Shape{C: 1, H: 1, W: 1}, []byte{0, 255, 255, 0, 255}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Evaluate(m, d, Options{NLLSamples: 10, Images: 3, Binarize: true, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if r.Images != 3 || r.LabelImages != 5 || r.Accuracy != 0 || math.Abs(r.ELBO+r.Recon+r.KL) > 1e-12 {
		t.Errorf("%+v", r)
	}
	if r.NLL > r.Recon+r.KL+1 || r.NLLStdErr <= 0 {
		t.Errorf("%+v", r)
	}
	if _, err := Evaluate(m, mustImages(t, 2), Options{}); err == nil {
		t.Error("pictures of another shape accepted")
	}
}

func mustImages(t *testing.T, side int) *data.Images {
	t.Helper()
	d, err := data.NewImages("x", data.Shape{C: 1, H: side, W: side}, make([]byte, side*side), nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// dots are pictures of one pixel, and their labels.
func dots(t *testing.T, pixels, labels []byte) *data.Images {
	t.Helper()
	d, err := data.NewImages("dots", data.Shape{C: 1, H: 1, W: 1}, pixels, labels)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestEvaluateByHand gives a model whose figures are known: mu = 2x and logvar =
// log(1/4) of pixels 0 and 1, which the decoder takes back to x.
func TestEvaluateByHand(t *testing.T) {
	m := linear(t, 0.5, 0)
	for _, p := range m.Params() {
		switch p.Name {
		case "mu.weight":
			p.W[0] = 2
		case "logvar.weight":
			p.W[0] = 0
		case "logvar.bias":
			p.W[0] = float32(math.Log(0.25))
		}
	}
	train := dots(t, []byte{0, 255, 0, 255}, []byte{0, 1, 0, 1})
	test := dots(t, []byte{0, 0, 255, 255, 255}, []byte{0, 1, 1, 1, 1})
	var told []string
	_, err := Evaluate(m, test, Options{Seed: 1, Train: train, Classifier: mirror{1}, Samples: 7,
		Progress: func(what string, done, of int) error {
			if done == of {
				told = append(told, what)
			}
			return nil
		}})
	if err == nil {
		t.Fatal("a classifier of one class was taken")
	}
	r, err := Evaluate(m, test, Options{Seed: 1, Train: train})
	if err != nil {
		t.Fatal(err)
	}
	// -1/2 (1 + log 1/4 - mu^2 - 1/4): 3/5 of the pictures have mu = 2.
	kl := (math.Log(4) - 0.75 + 4*0.6) / 2
	near(t, "KL", r.KL, kl, 1e-6)
	near(t, "KL of the dimension", r.DimKL[0], kl, 1e-6)
	// The squared error of 0.5 z, z = 2x + e/2, has the mean 1/16.
	near(t, "reconstruction", r.Recon, math.Log(2*math.Pi)/2, 0.3)
	if r.ActiveUnits != 1 || r.LabelImages != 5 || r.Accuracy != 0 || r.Compared != 5 || r.MSE != 0 || r.NLL != 0 {
		t.Errorf("%+v %+v %+v", *r.Likelihoods, *r.Latents, *r.Fidelity)
	}
	if r.LinearError != 0.2 || r.LinearTrain != 4 || r.LinearTest != 5 {
		t.Errorf("%+v", *r.Reading)
	}
	if r.Distance != nil || r.Score != nil || r.Coverage != nil || r.Obedience != nil {
		t.Error("samples were measured without a classifier")
	}
	if len(told) == 0 || told[0] != "ELBO" {
		t.Errorf("progress told of %q", told)
	}
}

// TestEvaluateSamples draws pictures of two pixels from a decoder that is known:
// p(x|z) has the mean (z, 1/2).
func TestEvaluateSamples(t *testing.T) {
	m, err := vae.New(vae.Config{Family: "dense", Input: [3]int{1, 1, 2}, Latent: 1, Activation: "tanh", Likelihood: vae.Gaussian}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range m.Params() {
		switch p.Name {
		case "decoder.0.weight":
			copy(p.W, []float32{1, 0})
		case "decoder.0.bias":
			copy(p.W, []float32{0, 0.5})
		}
	}
	d, err := data.NewImages("pairs", data.Shape{C: 1, H: 1, W: 2}, make([]byte, 8), nil)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Seed: 3, Classifier: mirror{2}, Samples: 2050, Reference: &Moments{N: 9, Mean: []float64{0, 0.5}, Cov: make([]float64, 4)}, Train: d}
	r, err := Evaluate(m, d, o)
	if err != nil {
		t.Fatal(err)
	}
	// Pixels are clamped to [0, 1], so the first has the second moment E min(z, 1)^2
	// over z > 0, and all of it is distance to a point at 0.
	density := math.Exp(-0.5) / math.Sqrt(2*math.Pi)
	within, beyond := 0.5*math.Erf(1/math.Sqrt2), 0.5*math.Erfc(1/math.Sqrt2)
	near(t, "distance", r.FID, within-density+beyond, 0.03)
	// The first is the brighter one where z > 1/2.
	part := 0.5 * math.Erfc(0.5/math.Sqrt2)
	near(t, "part of the first class", float64(r.Counts[0])/2050, part, 0.03)
	if r.Distance.Samples != 2050 || r.Distance.Reference != 9 || r.Score.Samples != 2050 || r.Score.Parts != 10 || r.Coverage.Samples != 2050 || r.Covered != 2 {
		t.Errorf("%+v %+v %+v", *r.Distance, *r.Score, *r.Coverage)
	}
	if r.Reading != nil {
		t.Error("a linear classifier of pictures without labels")
	}
	again, err := Evaluate(m, d, o)
	if err != nil || *again.Distance != *r.Distance {
		t.Error("the same seed gave another distance", err)
	}
	o.Seed++
	other, err := Evaluate(m, d, o)
	if err != nil || *other.Distance == *r.Distance {
		t.Error("another seed gave the same distance", err)
	}
	stop := errors.New("stop")
	o.Progress = func(what string, _, _ int) error {
		if what == "samples" {
			return stop
		}
		return nil
	}
	if _, err := Evaluate(m, d, o); err != stop {
		t.Errorf("stopped with %v", err)
	}
	o.Classifier, o.Progress = mirror{3}, nil
	if _, err := Evaluate(m, d, o); err == nil {
		t.Error("a classifier of other pictures was taken")
	}
}
