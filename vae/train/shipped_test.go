package train_test

import (
	"os"
	"path/filepath"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/store"
)

// shipped reads a model of the page.
func shipped(t *testing.T, name string) *vae.Model {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "web", "models", name+".safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := store.ReadModel(b)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestShippedPrior: nine tenths of what is drawn from the fitted prior of digits are
// read as some digit with 90 %, of N(0, I) far fewer.
func TestShippedPrior(t *testing.T) {
	m := shipped(t, "digits")
	n := 500
	if slow {
		n = 100
	}
	x, z, probs := make([]float32, n*784), make([]float32, n*m.Latent()), make([]float32, n*10)
	sure := func(sample func(dst, z []float32, seed uint64) error) (share float64) {
		if err := sample(x, z, 1); err != nil {
			t.Fatal(err)
		}
		if err := m.Recognise(probs, x); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			for _, p := range probs[10*i:][:10] {
				if p > 0.9 {
					share += 1 / float64(n)
				}
			}
		}
		return share
	}
	normal, fitted := sure(m.Sample), sure(m.SampleFitted)
	t.Logf("%.3f of N(0, I), %.3f of the fitted prior", normal, fitted)
	if fitted < 0.9 || normal > fitted-0.1 {
		t.Errorf("%.3f of N(0, I) and %.3f of the fitted prior are read with 90 %%", normal, fitted)
	}
}
