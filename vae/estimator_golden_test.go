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
)

// estimators.json is what testdata/estimators.py writes: gradients without the
// score of q(z|x), by a program that shares nothing with this one.
//
//go:embed testdata/estimators.json
var estimatorsFile []byte

type estimatorCase struct {
	Name      string
	Config    vae.Config
	X         [][]float64
	Seed      uint64
	Samples   int
	Beta      float64
	Gradient  string
	Weights   map[string][]float64
	Gradients map[string][]float64
}

func readEstimators(t *testing.T, b []byte) (cases []estimatorCase) {
	t.Helper()
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) != 5 {
		t.Fatalf("%d cases", len(cases))
	}
	return cases
}

func TestGoldenEstimators(t *testing.T) {
	for _, c := range readEstimators(t, estimatorsFile) {
		m, err := vae.NewZero(c.Config)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range m.Params() {
			copy(p.W, narrow(c.Weights[p.Name]))
		}
		o := newObjective(t, m, len(c.X), vae.ObjectiveConfig{Bound: vae.BoundIWAE, Samples: c.Samples, Gradient: c.Gradient})
		s := vae.Share{X: narrow(slices.Concat(c.X...)), Key: vae.NoiseKey(c.Seed, 0), Batch: len(c.X), Beta: c.Beta}
		if _, err := o.NewGradient(s); err != nil {
			t.Fatal(err)
		}
		for _, p := range m.Params() {
			near(t, c.Name+": the gradient of "+p.Name, p.G, c.Gradients[p.Name], 2e-6)
		}
	}
}

// TestGoldenEstimatorsFile runs estimators.py where Python is installed.
func TestGoldenEstimatorsFile(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil || runtime.GOARCH == "wasm" {
		t.Skip("python3 cannot be started here: that estimators.json is what estimators.py writes was not checked")
	}
	out, err := exec.Command(python, "-B", "testdata/estimators.py").Output()
	if err != nil {
		t.Fatal(err)
	}
	got, want := readEstimators(t, out), readEstimators(t, estimatorsFile)
	for i, c := range want {
		for name, w := range c.Gradients {
			for k := range w {
				if math.Abs(got[i].Gradients[name][k]-w[k]) > 1e-9 {
					t.Fatalf("%s: estimators.py gives another gradient of %s", c.Name, name)
				}
			}
		}
	}
}
