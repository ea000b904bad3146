//go:build exportcheck

package exportcheck

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/export"
	"inkdrift/vae/train"
)

// pageRecipes has a recipe for each family.
func pageRecipes() (all []train.Recipe) {
	digits := [3]int{1, 28, 28}
	for _, m := range []vae.Config{
		{Family: "dense", Input: digits, Encoder: []int{20}, Decoder: []int{20}, Latent: 4, Activation: "leaky-relu", Likelihood: vae.Bernoulli},
		{Family: "conv", Input: digits, Encoder: []int{4, 6}, Decoder: []int{6, 4, 4}, Hidden: []int{20}, Latent: 4, Activation: "relu", Likelihood: vae.Bernoulli},
		{Family: "cvae", Input: digits, Encoder: []int{20}, Decoder: []int{20}, Latent: 3, Activation: "tanh", Likelihood: vae.Bernoulli, Conditions: 10, Recogniser: []int{12}},
		{Family: "dcgan", Input: digits, Decoder: []int{8, 4}, Discriminator: []int{4, 8}, Latent: 6, Activation: "leaky-relu", Kernel: 4, Likelihood: vae.Implicit, Output: "tanh"},
		{Family: "vae-gan", Input: digits, Encoder: []int{4}, Decoder: []int{8, 4}, Discriminator: []int{4}, Latent: 4, Activation: "leaky-relu", Kernel: 4, Likelihood: vae.Gaussian, Output: "sigmoid"},
	} {
		o := train.Defaults()
		o.Epochs, o.Batch, o.LearningRate = 3, 8, 3e-4
		if m.Likelihood != vae.Bernoulli {
			o.Binarize = train.None
		}
		all = append(all, train.Recipe{Model: m, Train: o, DType: "F32"})
	}
	return all
}

// fromPage are models that the built engine trained, as the page does. What it exports
// must be, byte for byte, what is exported here.
func fromPage(t *testing.T, here, dir string) (all []subject) {
	node, dist := os.Getenv("EXPORT_NODE"), os.Getenv("EXPORT_DIST")
	if node == "" || dist == "" {
		t.Log("EXPORT_NODE and EXPORT_DIST do not say where Node and the built page are: no models are made with its engine")
		return nil
	}
	type entry struct {
		Name   string       `json:"name"`
		Recipe train.Recipe `json:"recipe"`
	}
	var plan []entry
	for _, r := range pageRecipes() {
		plan = append(plan, entry{"page-" + r.Model.Family, r})
	}
	b, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "page.json")
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	if text, err := exec.Command(node, filepath.Join(here, "page.mjs"), "make", dist, path, dir).CombinedOutput(); err != nil {
		t.Fatalf("the engine: %v\n%s", err, text)
	}
	for _, e := range plan {
		b, err := os.ReadFile(filepath.Join(dir, e.Name+".safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		s := read(t, e.Name, b)
		s.drill = &e.Recipe.Train
		for _, format := range export.Formats() {
			files, err := export.Files(b, export.Options{Format: format, Name: e.Name, Card: "card of " + e.Name})
			if err != nil {
				t.Fatal(err)
			}
			var want bytes.Buffer
			if err := export.Zip(&want, e.Name, files); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(dir, e.Name+"-"+string(format)+".zip"))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want.Bytes()) {
				t.Errorf("%s as %s: the engine's archive differs", e.Name, format)
			}
		}
		all = append(all, s)
	}
	return all
}

// openInPage opens files with the built engine of the studio.
func openInPage(t *testing.T, here string, plans []plan) {
	dist := os.Getenv("EXPORT_DIST")
	if dist == "" {
		t.Skip("EXPORT_DIST does not say where the built page is")
	}
	node := tool(t, "EXPORT_NODE")
	args := []string{filepath.Join(here, "page.mjs"), "open", dist}
	want := 0
	for _, p := range plans {
		if p.Train != nil {
			args = append(args, p.Train.Out)
			want++
		}
	}
	out, err := exec.Command(node, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("the engine: %v\n%s", err, out)
	}
	if got := bytes.Count(out, []byte("\n")); got != want {
		t.Errorf("%d models were opened instead of %d:\n%s", got, want, out)
	}
}
