package nn_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"inkdrift/vae/nn"
)

// TestAdam follows algorithm 1 of Kingma and Ba 2015, and algorithm 2 of
// Loshchilov and Hutter 2019 where there is decay, in float64.
func TestAdam(t *testing.T) {
	const n, steps = 23, 200
	for _, decay := range []float64{0, 0.1} {
		r := rand.New(rand.NewPCG(1, 2))
		a := nn.NewArena([]*nn.Param{{Name: "w", Shape: []int{n}}})
		a.EnableGrad()
		copy(a.W, random(r, n))
		w, m, v := wide(a.W), make([]float64, n), make([]float64, n)
		o := nn.NewAdam(n)
		o.Decay = decay
		if o.Beta1 != 0.9 || o.Beta2 != 0.999 || o.Epsilon != 1e-8 {
			t.Fatalf("constants %v, %v, %v are not those of the paper", o.Beta1, o.Beta2, o.Epsilon)
		}
		start := wide(a.W)
		for step := 1; step <= steps; step++ {
			lr := 0.01 / float64(step%7+1)
			copy(a.G, random(r, n))
			a.G[3] = 0             // never a gradient
			a.G[4] *= 1e-6         // a small one
			a.G[5] *= float32(1e6) // a large one
			for i, g := range wide(a.G) {
				m[i] = 0.9*m[i] + 0.1*g
				v[i] = 0.999*v[i] + 0.001*g*g
				mHat := m[i] / (1 - math.Pow(0.9, float64(step)))
				vHat := v[i] / (1 - math.Pow(0.999, float64(step)))
				w[i] -= lr*mHat/(math.Sqrt(vHat)+1e-8) + lr*decay*w[i]
			}
			o.Step(a, lr)
			if o.Steps != step {
				t.Fatalf("counted %d steps instead of %d", o.Steps, step)
			}
			if step != 1 && step != 2 && step != 20 && step != steps {
				continue
			}
			for i := range w {
				// Each step rounds a weight of about 1 to 6e-8.
				if d := math.Abs(float64(a.W[i]) - w[i]); d > 2e-5*math.Abs(w[i]-start[i])+5e-7+1e-7*math.Sqrt(float64(step)) {
					t.Fatalf("decay %v: weight %d is %v instead of %v after %d steps", decay, i, a.W[i], w[i], step)
				}
				if d := math.Abs(float64(o.M[i]) - m[i]); d > 1e-5*math.Abs(m[i])+1e-6*math.Sqrt(v[i]) {
					t.Fatalf("first moment %d is %v instead of %v", i, o.M[i], m[i])
				}
				// 1 - 0.999 in float32 is a relative 5e-5 off.
				if d := math.Abs(float64(o.V[i]) - v[i]); d > 1e-4*v[i] {
					t.Fatalf("second moment %d is %v instead of %v", i, o.V[i], v[i])
				}
			}
		}
		if decay == 0 && float64(a.W[3]) != start[3] {
			t.Error("a weight moved without a gradient")
		}
	}
}

// TestSGD follows the formula of the comment in float64.
func TestSGD(t *testing.T) {
	const n, steps, momentum = 23, 50, 0.9
	for _, decay := range []float64{0, 0.1} {
		r := rand.New(rand.NewPCG(1, 2))
		a := nn.NewArena([]*nn.Param{{Name: "w", Shape: []int{n}}})
		a.EnableGrad()
		copy(a.W, random(r, n))
		w, m := wide(a.W), make([]float64, n)
		o := nn.NewSGD(n, momentum)
		o.Decay = decay
		for step := 1; step <= steps; step++ {
			lr := 0.01 / float64(step%7+1)
			copy(a.G, random(r, n))
			for i, g := range wide(a.G) {
				m[i] = momentum*m[i] + g
				w[i] -= lr*m[i] + lr*decay*w[i]
			}
			o.Step(a, lr)
			for i := range w {
				if d := math.Abs(float64(a.W[i]) - w[i]); d > 1e-6*float64(step) {
					t.Fatalf("decay %v: weight %d is %v instead of %v after %d steps", decay, i, a.W[i], w[i], step)
				}
			}
		}
		if s := o.State(); *s.Steps != steps || &s.M[0] != &o.M[0] || s.V != nil {
			t.Errorf("the state is %+v", s)
		}
	}
}

// TestAdamFirstStep: the first step is the learning rate against the sign of the
// gradient, whatever its size.
func TestAdamFirstStep(t *testing.T) {
	a := nn.NewArena([]*nn.Param{{Name: "w", Shape: []int{4}}})
	a.EnableGrad()
	copy(a.G, []float32{1e-3, -5, 1e4, 0})
	nn.NewAdam(4).Step(a, 0.25)
	for i, want := range []float64{-0.25, 0.25, -0.25, 0} {
		if math.Abs(float64(a.W[i])-want) > 1e-5 {
			t.Errorf("weight %d moved by %v instead of %v", i, a.W[i], want)
		}
	}
}

func TestSchedules(t *testing.T) {
	for _, c := range []struct {
		s       nn.Schedule
		p, want float64
	}{
		{nn.Constant, 0, 1}, {nn.Constant, 0.7, 1}, {nn.Constant, 1, 1},
		{nn.Linear, 0, 1}, {nn.Linear, 0.25, 0.75}, {nn.Linear, 1, 0}, {nn.Linear, -1, 1}, {nn.Linear, 2, 0},
		{nn.Cosine, 0, 1}, {nn.Cosine, 1. / 3, 0.75}, {nn.Cosine, 0.5, 0.5}, {nn.Cosine, 2. / 3, 0.25}, {nn.Cosine, 1, 0},
		{nn.Cosine, -0.5, 1}, {nn.Cosine, 1.5, 0},
	} {
		if got := c.s.Factor(c.p); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s at %v is %v instead of %v", c.s, c.p, got, c.want)
		}
	}
	for s, want := range map[nn.Schedule]bool{nn.Constant: true, nn.Cosine: true, nn.Linear: true, "": false, "step": false} {
		if s.Valid() != want {
			t.Errorf("%q is valid: %v", s, !want)
		}
	}
}
