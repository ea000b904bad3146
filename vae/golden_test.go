package vae_test

import (
	_ "embed"
	"encoding/json"
	"math"
	"os/exec"
	"runtime"
	"slices"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/nn"
)

// golden.json is what testdata/golden.py writes: two small models followed for
// ten steps of Adam by a program that shares nothing with this one.
//
//go:embed testdata/golden.json
var goldenFile []byte

type goldenCase struct {
	Name       string
	Config     vae.Config
	X          [][]float64
	Seed       uint64
	Beta, Rate float64
	Weights    map[string][]float64
	// Of the first step, one row a picture. Out is what the decoder gives.
	Mu, Logvar, Z, Out []float64
	// Of each picture.
	Recon, KL []float64
	Gradients map[string][]float64
	// Of each step, means over the pictures.
	Steps []struct {
		Eps       []float64
		Recon, KL float64
	}
	LastWeights map[string][]float64 `json:"last_weights"`
}

func readGolden(t *testing.T, b []byte) (cases []goldenCase) {
	t.Helper()
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) != 2 || len(cases[0].Steps) != 10 || len(cases[1].Steps) != 10 {
		t.Fatal("the golden file is not complete")
	}
	return cases
}

func narrow(x []float64) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}

// model builds the case's model with its weights.
func (c *goldenCase) model(t *testing.T) *vae.Model {
	t.Helper()
	m, err := vae.NewZero(c.Config)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Params()) != len(c.Weights) || len(m.Params()) != len(c.Gradients) || len(m.Params()) != len(c.LastWeights) {
		t.Fatalf("the model has %d parameters, the golden file %d", len(m.Params()), len(c.Weights))
	}
	for _, p := range m.Params() {
		if len(c.Weights[p.Name]) != p.Len() {
			t.Fatalf("%s has %d elements instead of %d", p.Name, len(c.Weights[p.Name]), p.Len())
		}
		copy(p.W, narrow(c.Weights[p.Name]))
	}
	return m
}

func TestGolden(t *testing.T) {
	for _, c := range readGolden(t, goldenFile) {
		t.Run(c.Name, func(t *testing.T) {
			m := c.model(t)
			x := narrow(slices.Concat(c.X...))
			n, l := len(c.X), m.Latent()

			mu, logvar, mean := make([]float32, n*l), make([]float32, n*l), make([]float32, len(x))
			nll := make([]float32, n)
			if err := m.Encode(mu, logvar, x); err != nil {
				t.Fatal(err)
			}
			near(t, "mu", mu, c.Mu, 1e-6)
			near(t, "logvar", logvar, c.Logvar, 1e-6)
			if err := m.Decode(mean, narrow(c.Z)); err != nil {
				t.Fatal(err)
			}
			near(t, "Decode", mean, c.means(), 1e-6)
			if err := m.NegLogLikelihood(nll, x, narrow(c.Z)); err != nil {
				t.Fatal(err)
			}
			near(t, "NegLogLikelihood", nll, c.Recon, 1e-6)
			kl := make([]float32, n)
			compute.Go{}.KL(kl, nil, nil, mu, logvar, 0)
			near(t, "KL", kl, c.KL, 1e-6)

			o, adam := vae.NewELBO(m, n), nn.NewAdam(m.NumParams())
			for i, s := range c.Steps {
				key := vae.NoiseKey(c.Seed, uint64(i))
				eps := make([]float32, n*l)
				compute.Go{}.Normal(eps, key, 0)
				near(t, "noise", eps, s.Eps, 1e-6)

				terms, err := o.NewGradient(vae.Share{X: x, Key: key, Batch: n, Beta: c.Beta})
				if err != nil {
					t.Fatal(err)
				}
				// 1 - 0.999 in float32 makes Adam's first steps a relative 2.4e-5 too
				// short.
				if math.Abs(terms.Recon-s.Recon) > 1e-5*s.Recon || math.Abs(terms.KL-s.KL) > 1e-5*(s.KL+0.1) {
					t.Errorf("step %d: terms are %+v instead of %v and %v", i, terms, s.Recon, s.KL)
				}
				if i == 0 {
					for _, p := range m.Params() {
						near(t, "the gradient of "+p.Name, p.G, c.Gradients[p.Name], 1e-6)
					}
				}
				adam.Step(m.Arena(), c.Rate)
			}
			for _, p := range m.Params() {
				near(t, "after ten steps "+p.Name, p.W, c.LastWeights[p.Name], 2e-5)
			}
		})
	}
}

// means turns the decoder's output into the pixels that Decode gives.
func (c *goldenCase) means() []float64 {
	y := slices.Clone(c.Out)
	for i, v := range y {
		if c.Config.Likelihood == vae.Bernoulli {
			y[i] = 1 / (1 + math.Exp(-v))
		} else {
			y[i] = min(max(v, 0), 1)
		}
	}
	return y
}

// TestGoldenFile runs golden.py where Python is installed.
func TestGoldenFile(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil || runtime.GOARCH == "wasm" {
		t.Skip("python3 cannot be started here: that golden.json is what golden.py writes was not checked")
	}
	out, err := exec.Command(python, "testdata/golden.py").Output()
	if err != nil {
		t.Fatal(err)
	}
	got, want := readGolden(t, out), readGolden(t, goldenFile)
	for i := range want {
		for j, s := range want[i].Steps {
			if g := got[i].Steps[j]; math.Abs(g.Recon-s.Recon) > 1e-9 || math.Abs(g.KL-s.KL) > 1e-9 {
				t.Errorf("%s, step %d: golden.py gives %v and %v, the file has %v and %v", want[i].Name, j, g.Recon, g.KL, s.Recon, s.KL)
			}
		}
		for name, w := range want[i].Gradients {
			for k := range w {
				if math.Abs(got[i].Gradients[name][k]-w[k]) > 1e-9 {
					t.Fatalf("%s: golden.py gives another gradient of %s", want[i].Name, name)
				}
			}
		}
	}
}
