package metric

import (
	"math"
	"testing"

	"inkdrift/vae"
)

func TestAUROC(t *testing.T) {
	for _, tt := range []struct {
		kind, others []float64
		want         float64
	}{
		{[]float64{3, 4}, []float64{1, 2}, 1},
		{[]float64{1, 2}, []float64{3, 4}, 0},
		{[]float64{1, 3}, []float64{2}, 0.5},
		{[]float64{1}, []float64{1}, 0.5},
		{[]float64{5, 1, 2}, []float64{2, 0, 1, 2}, (4 + 1.5 + 3.0) / 12},
	} {
		if got := AUROC(tt.kind, tt.others); math.Abs(got-tt.want) > 1e-12 {
			t.Errorf("AUROC(%v, %v) = %v, want %v", tt.kind, tt.others, got, tt.want)
		}
	}
	if got := AUROC(nil, []float64{1}); !math.IsNaN(got) {
		t.Errorf("of nothing it is %v", got)
	}
}

func TestTrend(t *testing.T) {
	trend := FitTrend([]float64{10, 20, 30, 20}, []float64{-12, -20, -32, -24}) // about -2 - ink
	if math.Abs(trend.At0+2) > 1e-9 || math.Abs(trend.PerInk+1) > 1e-9 {
		t.Errorf("%+v", trend)
	}
	if got := trend.Less(-40, 33); math.Abs(got+5) > 1e-9 {
		t.Errorf("5 nats less than usual are %v", got)
	}
	if got := FitTrend([]float64{7, 7}, []float64{1, 3}); got != (Trend{At0: 2}) {
		t.Errorf("of one amount of ink: %+v", got)
	}
	if got := Ink([]float32{0.5, 1, 0}); got != 1.5 {
		t.Errorf("ink of %v", got)
	}
}

// TestTypicality: it is the ELBO of grey values without their entropy, which is nought
// for a picture of black and white.
func TestTypicality(t *testing.T) {
	m, err := vae.New(vae.Config{Family: "dense", Input: [3]int{1, 4, 4}, Encoder: []int{6}, Decoder: []int{6}, Latent: 2,
		Activation: "tanh", Likelihood: vae.Bernoulli}, 1)
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, 16)
	for i := range x {
		x[i] = float32(i % 2)
	}
	first, err := Typicality(m, x, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	if first >= 0 || first < -50 {
		t.Errorf("typicality %v", first)
	}
	if again, _ := Typicality(m, x, 3, 1); again != first {
		t.Errorf("%v, then %v", first, again)
	}
	if other, _ := Typicality(m, x, 3, 2); other == first {
		t.Error("the seed makes no difference")
	}
	x[0] = 0.5
	grey, err := Typicality(m, x, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	// A pixel of 0.5 costs log 2 at least, whatever is reconstructed; without that it costs about nothing here, where
	// the decoder gives about 0.5 everywhere.
	if grey < first {
		t.Errorf("a grey pixel costs %v", first-grey)
	}
	if _, err := Typicality(m, x[1:], 3, 1); err == nil {
		t.Error("a picture that is too small is taken")
	}
}
