package vae_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"inkdrift/vae"
)

// readerModel is a model with both classifiers, of pictures of 6x5.
func readerModel(t *testing.T) *vae.Model {
	t.Helper()
	c := small
	c.Input, c.Classes, c.Classifier = [3]int{1, 6, 5}, 3, []int{4}
	c.Reader, c.ReaderHidden = []int{2, 3}, []int{5}
	return newModel(t, c, 4)
}

// TestReader compares Recognise with plain loops in float64.
func TestReader(t *testing.T) {
	m := readerModel(t)
	ref := twin(m)
	x := uniform(rand.New(rand.NewPCG(1, 1)), 2*m.InputLen())
	probs, mu, logvar := make([]float32, 6), make([]float32, 4), make([]float32, 4)
	if err := m.Recognise(probs, x); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		h := wide(x[i*30:][:30])
		in, height, width := 1, 6, 5
		for layer, out := range []int{2, 3} {
			w, b := ref.w[[]string{"reader.0.weight", "reader.2.weight"}[layer]], ref.w[[]string{"reader.0.bias", "reader.2.bias"}[layer]]
			hh, ww := (height+1)/2, (width+1)/2
			next := make([]float64, out*hh*ww)
			for o := range out {
				for y := range hh {
					for u := range ww {
						sum := b[o]
						for c := range in {
							for ky := range 3 {
								for kx := range 3 {
									sy, sx := 2*y+ky-1, 2*u+kx-1
									if sy >= 0 && sy < height && sx >= 0 && sx < width {
										sum += w[((o*in+c)*3+ky)*3+kx] * h[(c*height+sy)*width+sx]
									}
								}
							}
						}
						next[(o*hh+y)*ww+u] = math.Max(0, sum)
					}
				}
			}
			h, in, height, width = next, out, hh, ww
		}
		h = ref.activate(ref.linear("reader.5", h), "relu")
		near(t, "probabilities", probs[3*i:][:3], softmax(ref.linear("reader.7", h)), 1e-5)
	}
	// The classifier on mu is another one.
	if err := m.Encode(mu, logvar, x); err != nil {
		t.Fatal(err)
	}
	other := make([]float32, 6)
	if err := m.Classify(other, mu); err != nil || slices.Equal(other, probs) {
		t.Errorf("the classifier on mu says the same, %v", err)
	}
	if text := m.Describe()["reader"]; !strings.Contains(text, "conv reader.2 stride 2") || !strings.HasSuffix(text, "softmax") {
		t.Errorf("described as %q", text)
	}
}

func TestWithReader(t *testing.T) {
	m := readerModel(t)
	bare, err := m.WithClassifier(3, []int{4}, 1)
	if err != nil || bare.Reader() != nil || len(bare.Config().Reader) > 0 {
		t.Fatalf("a reader without weights is left: %v", err)
	}
	copy(bare.Head().W, m.Head().W)
	again, err := bare.WithReader(m.Config().Reader, m.Config().ReaderHidden)
	if err != nil {
		t.Fatal(err)
	}
	copy(again.Reader().W, m.Reader().W)
	for i, p := range again.Params() {
		if q := m.Params()[i]; p.Name != q.Name || !slices.Equal(p.W, q.W) {
			t.Errorf("%s is not what it was", p.Name)
		}
	}
	if n := len(m.Params()); m.Params()[n-1].Name != "reader.7.bias" || m.NumParams() != bare.NumParams() {
		t.Errorf("the last of %d parameters is %s", n, m.Params()[n-1].Name)
	}
	for field, change := range map[string]func(*vae.Config){
		"reader":           func(c *vae.Config) { c.Classes, c.Classifier = 0, nil },
		"reader_hidden":    func(c *vae.Config) { c.Reader = nil },
		"reader[0]":        func(c *vae.Config) { c.Reader = []int{0} },
		"reader_hidden[1]": func(c *vae.Config) { c.ReaderHidden = []int{3, 1 << 20} },
		"reader[1]":        func(c *vae.Config) { c.Reader, c.Input = []int{1, 1 << 16}, [3]int{1, 64, 64} },
	} {
		c := m.Config()
		change(&c)
		var e *vae.ConfigError
		if err := c.Validate(); !errors.As(err, &e) || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}
