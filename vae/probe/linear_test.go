package probe

import (
	"errors"
	"math"
	"testing"
)

// By hand: one number, -1 of class 0 and 1 of class 1. By symmetry the weights are
// -w and w and the biases 0, and what is minimised is log(1 + exp(-2w)) +
// penalty w^2, which has its least where penalty = 1 / (w (1 + exp(2w))). A
// penalty of 1 / (1 + e^2) makes w = 1.
func TestLinearByHand(t *testing.T) {
	l, err := FitLinear([]float32{-1, 1}, []int{0, 1}, 1, 2, LinearOptions{Penalty: 1 / (1 + math.Exp(2))})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{-1, 0, 1, 0} {
		near(t, "weight", l.Weights[i], want, 1e-4)
	}
	near(t, "loss", l.Loss, math.Log(1+math.Exp(-2))+1/(1+math.Exp(2)), 1e-6)
	if l.Gradient > linearGradient {
		t.Errorf("gradient %g", l.Gradient)
	}
}

// TestLinearBias: of a constant, the biases learn how frequent the classes are.
func TestLinearBias(t *testing.T) {
	l, err := FitLinear(make([]float32, 8), []int{0, 0, 0, 0, 0, 0, 1, 1}, 1, 2, LinearOptions{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "difference of biases", l.Weights[1]-l.Weights[3], math.Log(3), 1e-4)
	wrong, err := l.Error(make([]float32, 4), []int{0, 0, 0, 1})
	if err != nil || wrong != 0.25 {
		t.Errorf("error %v, %v", wrong, err)
	}
}

// blobs are rows about one of three places each.
func blobs(n int, seed uint64) (x []float32, labels []int) {
	x = cloud(n, 4, seed)
	for i := range n {
		labels = append(labels, i%3)
		x[i*4+i%3] += 6
	}
	return x, labels
}

func TestLinearGradient(t *testing.T) {
	x, labels := blobs(30, 1)
	p := &softmaxProblem{x: x, labels: labels, dims: 4, classes: 3, penalty: 0.1,
		scores: make([]float32, 90), w: make([]float32, 12), g: make([]float32, 12)}
	v, g, other := make([]float64, 15), make([]float64, 15), make([]float64, 15)
	for i := range v {
		v[i] = 0.05 * float64(i%7-3)
	}
	p.loss(v, g)
	for i := range v {
		const h = 1e-2
		at := v[i]
		v[i] = at + h
		up := p.loss(v, other)
		v[i] = at - h
		down := p.loss(v, other)
		v[i] = at
		near(t, "gradient", g[i], (up-down)/(2*h), 2e-3*(1+math.Abs(g[i])))
	}
}

func TestLinearSeparates(t *testing.T) {
	x, labels := blobs(300, 1)
	l, err := FitLinear(x, labels, 4, 3, LinearOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if l.Gradient > linearGradient {
		t.Errorf("after %d iterations the gradient is %g", l.Iterations, l.Gradient)
	}
	again, err := FitLinear(x, labels, 4, 3, LinearOptions{})
	if err != nil || again.Loss != l.Loss {
		t.Error("the second fit differs from the first")
	}
	tx, tl := blobs(300, 2)
	wrong, err := l.Error(tx, tl)
	if err != nil || wrong > 0.06 {
		t.Errorf("error %.3f, %v", wrong, err)
	}
	// No hyperplane parts these: the best linear classifier is wrong somewhere.
	xor, err := FitLinear([]float32{0, 0, 0, 1, 1, 0, 1, 1}, []int{0, 1, 1, 0}, 2, 2, LinearOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if wrong, _ := xor.Error([]float32{0, 0, 0, 1, 1, 0, 1, 1}, []int{0, 1, 1, 0}); wrong < 0.25 {
		t.Errorf("error %.2f on what is not linear", wrong)
	}
}

func TestLinearRefuses(t *testing.T) {
	for name, f := range map[string]func() error{
		"no rows":       func() error { _, err := FitLinear(nil, nil, 2, 2, LinearOptions{}); return err },
		"half a row":    func() error { _, err := FitLinear(make([]float32, 3), []int{0, 1}, 2, 2, LinearOptions{}); return err },
		"one class":     func() error { _, err := FitLinear(make([]float32, 2), []int{0, 0}, 1, 1, LinearOptions{}); return err },
		"unknown class": func() error { _, err := FitLinear(make([]float32, 2), []int{0, 2}, 1, 2, LinearOptions{}); return err },
		"penalty": func() error {
			_, err := FitLinear(make([]float32, 2), []int{0, 1}, 1, 2, LinearOptions{Penalty: -1})
			return err
		},
		"not finite": func() error {
			_, err := FitLinear([]float32{0, float32(math.Inf(1))}, []int{0, 1}, 1, 2, LinearOptions{})
			return err
		},
		"test of other rows": func() error {
			l, err := FitLinear(make([]float32, 2), []int{0, 1}, 1, 2, LinearOptions{})
			if err == nil {
				_, err = l.Error(make([]float32, 3), []int{0, 1})
			}
			return err
		},
	} {
		var e *FeatureError
		if err := f(); !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
