package vae_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"inkdrift/vae"
)

// estimators are variants with the gradients that leave out the score of q(z|x).
func estimators() map[string]variant {
	v := map[string]variant{}
	iwae := func(gradient string, samples int) vae.ObjectiveConfig {
		return vae.ObjectiveConfig{Bound: vae.BoundIWAE, Samples: samples, Gradient: gradient}
	}
	v["stl of one sample"] = variant{small, iwae(vae.GradientSTL, 1), 1}
	v["stl of one sample, beta 0.3"] = variant{small, iwae(vae.GradientSTL, 0), 0.3}
	v["stl of four samples"] = variant{small, iwae(vae.GradientSTL, 4), 1}
	v["dreg of one sample"] = variant{small, iwae(vae.GradientDReG, 1), 1}
	v["dreg of one sample, beta 2"] = variant{small, iwae(vae.GradientDReG, 1), 2}
	v["dreg of five samples"] = variant{small, iwae(vae.GradientDReG, 5), 1}
	v["dreg of three samples, beta 0.3"] = variant{small, iwae(vae.GradientDReG, 3), 0.3}
	c := small
	c.Likelihood, c.Sigma = vae.Gaussian, 0.4
	v["dreg gaussian"] = variant{c, iwae(vae.GradientDReG, 2), 1}
	c = vae.Config{Family: "conv", Input: [3]int{1, 5, 6}, Encoder: []int{3, 2}, Decoder: []int{3, 4, 2}, Latent: 2,
		Activation: "tanh", Likelihood: vae.Bernoulli}
	v["dreg conv"] = variant{c, iwae(vae.GradientDReG, 2), 1}
	c = small
	c.Family, c.Conditions, c.Recogniser = "cvae", 3, []int{4}
	v["dreg conditional"] = variant{c, iwae(vae.GradientDReG, 3), 0.6}
	v["stl conditional"] = variant{c, iwae(vae.GradientSTL, 1), 1}
	return v
}

// frozenPath is a function whose plain derivative with respect to the encoder's
// weights is the estimate: sum_i c_i log w_i, where the c_i and the mean and
// variance in log q(z|x) are numbers taken once and z alone follows the weights.
func (m *model64) frozenPath(x []float64, labels []int, eps [][]float64, a vae.ObjectiveConfig, beta float64) func() float64 {
	w, l := m.InputLen(), m.Latent
	n, k := len(x)/w, len(eps)
	type frozen struct{ mu, logvar, y, c []float64 }
	var all []frozen
	logw := func(x []float64, f frozen, mu, logvar, e []float64) float64 {
		z, s := make([]float64, l), 0.
		for j := range z {
			z[j] = mu[j] + math.Exp(logvar[j]/2)*e[j]
			d := z[j] - f.mu[j]
			s += beta * (d*d/math.Exp(f.logvar[j])/2 + f.logvar[j]/2 - z[j]*z[j]/2)
		}
		return s - m.negLogLikelihood(x, z, f.y)
	}
	for i := range n {
		f := frozen{y: make([]float64, m.Conditions), c: make([]float64, k)}
		if len(f.y) > 0 {
			f.y[labels[i]] = 1
		}
		x := x[i*w:][:w]
		f.mu, f.logvar = m.encode(x, f.y)
		for s := range k {
			f.c[s] = logw(x, f, f.mu, f.logvar, eps[s][i*l:][:l])
		}
		top := logMeanExp(f.c) + math.Log(float64(k))
		for s := range k {
			v := math.Exp(f.c[s] - top)
			f.c[s] = v
			if a.Gradient == vae.GradientDReG {
				f.c[s] = v*v*beta + v*(1-beta)
			}
		}
		all = append(all, f)
	}
	return func() (loss float64) {
		for i, f := range all {
			x := x[i*w:][:w]
			mu, logvar := m.encode(x, f.y)
			for s := range k {
				loss -= f.c[s] * logw(x, f, mu, logvar, eps[s][i*l:][:l]) / float64(n)
			}
		}
		return loss
	}
}

// TestEstimators compares the gradients with finite differences in which the
// scores are stopped.
func TestEstimators(t *testing.T) {
	for name, v := range estimators() {
		t.Run(name, func(t *testing.T) {
			const n, seed, step = 3, 11, 4
			m := newModel(t, v.Config, 5)
			ref := twin(m)
			x, labels := uniform(rand.New(rand.NewPCG(1, 2)), n*m.InputLen()), labelled(m, n)
			x64, eps := wide(x), noises(seed, step, n*m.Latent(), max(v.Samples, 1))
			_, want := ref.terms(x64, labels, eps, v.ObjectiveConfig, v.beta)
			o := newObjective(t, m, n, v.ObjectiveConfig)
			s := vae.Share{X: x, Labels: labels, Key: vae.NoiseKey(seed, step), Batch: n, Beta: v.beta}
			got, err := o.NewGradient(s)
			if err != nil {
				t.Fatal(err)
			}
			if !sameTerms(got, want, 1e-5) {
				t.Errorf("terms are %+v instead of %+v", got, want)
			}
			path := ref.frozenPath(x64, labels, eps, v.ObjectiveConfig, v.beta)
			compareGradientsOf(t, m.Arena(), ref, func(param string) func() float64 {
				if strings.HasPrefix(param, "encoder") || strings.HasPrefix(param, "mu") || strings.HasPrefix(param, "logvar") {
					return path
				}
				return func() float64 {
					loss, _ := ref.terms(x64, labels, eps, v.ObjectiveConfig, v.beta)
					return loss
				}
			})
			checkReplaced(t, m, o, s, got)
			checkNoAllocation(t, name, v)
		})
	}
}

// TestEstimatorsAreUnbiased compares the mean of each estimate over many draws
// with that of the total gradient, in standard errors of their difference for
// the same noise, and the variances.
func TestEstimatorsAreUnbiased(t *testing.T) {
	draws := 40_000
	if testing.Short() {
		draws = 4000
	}
	for _, c := range []struct {
		name     string
		gradient string
		samples  int
		beta     float64
		biased   bool
	}{
		{"stl of one sample", vae.GradientSTL, 1, 1, false},
		{"stl of one sample, beta 0.5", vae.GradientSTL, 1, 0.5, false},
		{"dreg of one sample", vae.GradientDReG, 1, 1, false},
		{"dreg of three samples", vae.GradientDReG, 3, 1, false},
		{"dreg of three samples, beta 0.5", vae.GradientDReG, 3, 0.5, false},
		// That it is found to be biased shows that the test can see a bias.
		{"stl of three samples", vae.GradientSTL, 3, 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := vae.Config{Family: "dense", Input: [3]int{1, 1, 3}, Latent: 1, Activation: "tanh", Likelihood: vae.Bernoulli}
			m := newModel(t, config, 5)
			x := []float32{1, 0, 1}
			a := vae.ObjectiveConfig{Bound: vae.BoundIWAE, Samples: c.samples}
			total := newObjective(t, m, 1, a)
			a.Gradient = c.gradient
			other := newObjective(t, m, 1, a)
			var at []int // of the encoder's parameters in the arena
			first := 0
			for _, p := range m.Arena().Params {
				if strings.HasPrefix(p.Name, "mu") || strings.HasPrefix(p.Name, "logvar") {
					for i := range p.Len() {
						at = append(at, first+i)
					}
				}
				first += p.Len()
			}
			sum, squares := make([]float64, len(at)), make([]float64, len(at))
			one := make([]float64, len(at))
			for step := range draws {
				s := vae.Share{X: x, Key: vae.NoiseKey(3, uint64(step)), Batch: 1, Beta: c.beta}
				if _, err := total.NewGradient(s); err != nil {
					t.Fatal(err)
				}
				for i, k := range at {
					one[i] = float64(m.Arena().G[k])
				}
				if _, err := other.NewGradient(s); err != nil {
					t.Fatal(err)
				}
				for i, k := range at {
					d := float64(m.Arena().G[k]) - one[i]
					sum[i] += d
					squares[i] += d * d
				}
			}
			worst := 0.0
			for i := range sum {
				n := float64(draws)
				mean := sum[i] / n
				if sd := math.Sqrt((squares[i]/n - mean*mean) / n); sd > 0 {
					worst = max(worst, math.Abs(mean)/sd)
				}
			}
			if biased := worst > 4.5; biased != c.biased {
				t.Errorf("the means differ by %.1f standard errors", worst)
			}
		})
	}
}

// TestScoreFreeGradientIsExact: where q(z|x) is the true posterior, the
// estimates have no variance at all: the encoder's gradient is 0 for any noise,
// which that of the total gradient is not. The decoder ignores z, so that the
// posterior is the prior, and the encoder gives the prior.
func TestScoreFreeGradientIsExact(t *testing.T) {
	m, err := vae.NewZero(small)
	if err != nil {
		t.Fatal(err)
	}
	for gradient, exact := range map[string]bool{vae.GradientSTL: true, vae.GradientDReG: true, vae.GradientTotal: false} {
		o := newObjective(t, m, 1, vae.ObjectiveConfig{Bound: vae.BoundIWAE, Samples: 2, Gradient: gradient})
		if _, err := o.NewGradient(vae.Share{X: make([]float32, m.InputLen()), Key: vae.NoiseKey(1, 1), Batch: 1, Beta: 1}); err != nil {
			t.Fatal(err)
		}
		largest := 0.0
		for _, p := range m.Arena().Params {
			if p.Name == "mu.bias" || p.Name == "logvar.bias" {
				for _, g := range p.G {
					largest = max(largest, math.Abs(float64(g)))
				}
			}
		}
		if (largest < 1e-6) != exact {
			t.Errorf("%s: the encoder has a gradient of %v", gradient, largest)
		}
	}
}

func TestGradientNames(t *testing.T) {
	for _, c := range []struct {
		a  vae.ObjectiveConfig
		ok bool
	}{
		{vae.ObjectiveConfig{Gradient: vae.GradientTotal}, true},
		{vae.ObjectiveConfig{Gradient: vae.GradientSTL}, false},
		{vae.ObjectiveConfig{Gradient: vae.GradientDReG, Samples: 5}, false},
		{vae.ObjectiveConfig{Gradient: vae.GradientDReG, Bound: vae.BoundIWAE}, true},
		{vae.ObjectiveConfig{Gradient: "vimco", Bound: vae.BoundIWAE}, false},
	} {
		err := c.a.Validate(small)
		var e *vae.ObjectiveError
		if (err == nil) != c.ok || err != nil && (!errors.As(err, &e) || e.Field != "gradient") {
			t.Errorf("%+v: %v", c.a, err)
		}
	}
}
