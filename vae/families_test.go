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
	"inkdrift/vae/nn"
)

// families.json is what testdata/families.py writes: a small model of each
// objective besides the plain bound, followed for five steps of Adam by a program
// that shares nothing with this one.
//
//go:embed testdata/families.json
var familiesFile []byte

type familyCase struct {
	Name      string
	Config    vae.Config
	X         [][]float64
	Labels    []int
	Samples   int
	Smoothing float64
	Noise     float64
	Seed      uint64
	Rate      float64
	Beta1     float64
	Weights   map[string][]float64
	Gradients map[string][]float64 // of the first step
	// Steps are recon, kl and the other terms of each step.
	Steps       [][]float64
	LastWeights map[string][]float64 `json:"last_weights"`
}

func readFamilies(t *testing.T, b []byte) (cases []familyCase) {
	t.Helper()
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) != 4 || len(cases[3].Steps) != 5 {
		t.Fatal("the golden file is not complete")
	}
	return cases
}

func TestGoldenFamilies(t *testing.T) {
	for _, c := range readFamilies(t, familiesFile) {
		t.Run(c.Name, func(t *testing.T) {
			g := goldenCase{Config: c.Config, Weights: c.Weights, Gradients: c.Gradients, LastWeights: c.LastWeights}
			m := g.model(t)
			aim := vae.ObjectiveConfig{Samples: c.Samples, Smoothing: c.Smoothing}
			if c.Name == "iwae" {
				aim.Bound = vae.BoundIWAE
			}
			o, adam := newObjective(t, m, len(c.X), aim), nn.NewAdam(m.NumParams())
			if c.Beta1 > 0 {
				adam.Beta1 = c.Beta1
			}
			for i, want := range c.Steps {
				terms, err := o.NewGradient(vae.Share{X: narrow(slices.Concat(c.X...)), Labels: c.Labels,
					Key: vae.NoiseKey(c.Seed, uint64(i)), Batch: len(c.X), Beta: 1, Noise: c.Noise})
				if err != nil {
					t.Fatal(err)
				}
				got := append([]float64{terms.Recon, terms.KL}, terms.Other[:len(o.Names())]...)
				if len(got) != len(want) {
					t.Fatalf("%d terms instead of %d", len(got), len(want))
				}
				for j, w := range want {
					if math.Abs(got[j]-w) > 2e-5*(1+math.Abs(w)) {
						t.Errorf("step %d: terms are %v instead of %v", i, got, want)
						break
					}
				}
				if i == 0 {
					for _, p := range m.Params() {
						near(t, "the gradient of "+p.Name, p.G, c.Gradients[p.Name], 2e-6)
					}
				}
				adam.Step(m.Arena(), c.Rate)
			}
			for _, p := range m.Params() {
				near(t, "after five steps "+p.Name, p.W, c.LastWeights[p.Name], 3e-5)
			}
		})
	}
}

// TestFamiliesFile runs families.py where Python is installed.
func TestFamiliesFile(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil || runtime.GOARCH == "wasm" {
		t.Skip("python3 cannot be started here: that families.json is what families.py writes was not checked")
	}
	out, err := exec.Command(python, "-B", "testdata/families.py").Output()
	if err != nil {
		t.Fatal(err)
	}
	got, want := readFamilies(t, out), readFamilies(t, familiesFile)
	for i := range want {
		for name, w := range want[i].LastWeights {
			for k := range w {
				if math.Abs(got[i].LastWeights[name][k]-w[k]) > 1e-8 {
					t.Fatalf("%s: families.py gives another %s", want[i].Name, name)
				}
			}
		}
	}
}
