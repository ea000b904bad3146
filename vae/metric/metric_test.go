package metric

import (
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
	l, err := NewLikelihood(m, 1)
	if err != nil {
		t.Fatal(err)
	}
	got, err := l.NLL([]float32{x}, mu, logvar, compute.NewKey(1))
	if err != nil || math.Abs(got-want) > 1e-5 {
		t.Errorf("exact posterior: NLL %.6f, want %.6f (%v)", got, want, err)
	}

	// The prior as proposal: right in the limit only.
	if l, err = NewLikelihood(m, 200_000); err != nil {
		t.Fatal(err)
	}
	got, err = l.NLL([]float32{x}, []float32{0}, []float32{0}, compute.NewKey(2))
	if err != nil || math.Abs(got-want) > 0.01 {
		t.Errorf("prior: NLL %.4f, want %.4f (%v)", got, want, err)
	}
}

func TestNewLikelihoodRefuses(t *testing.T) {
	for _, k := range []int{-1, 0, 1 << 30} {
		if _, err := NewLikelihood(linear(t, 1, 0), k); err == nil {
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
