package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkdrift/tools/internal/minimnist"
	"inkdrift/vae"
	"inkdrift/vae/classify"
	"inkdrift/vae/store"
)

// tiny is an untrained model of digits.
var tiny = vae.Config{Family: "dense", Input: [3]int{1, 28, 28}, Encoder: []int{8}, Decoder: []int{8}, Latent: 3,
	Activation: "tanh", Likelihood: vae.Bernoulli, Classes: 10}

func model(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tiny.safetensors")
	save(t, path, tiny, "mnist-train")
	return path
}

func save(t *testing.T, path string, c vae.Config, data string) {
	t.Helper()
	m, err := vae.New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	create(t, path, func(w io.Writer) error {
		return store.WriteModel(w, m, store.Options{Notes: map[string]string{"data": data}})
	})
}

func create(t *testing.T, path string, write func(w io.Writer) error) {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// library is a directory with models of several kinds, one of them not of digits,
// and an untrained classifier.
func library(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	save(t, filepath.Join(dir, "tiny.safetensors"), tiny, "mnist-train")
	hand := tiny
	hand.Family, hand.Classes, hand.Conditions = "cvae", 0, 10
	save(t, filepath.Join(dir, "hand.safetensors"), hand, "mnist-train")
	face := tiny
	face.Input, face.Classes = [3]int{3, 32, 32}, 0
	save(t, filepath.Join(dir, "face.safetensors"), face, "faces")
	n, err := classify.New(classify.Config{Input: [3]int{1, 28, 28}, Channels: []int{2}, Strides: []int{2}, Features: 4, Classes: 10}, 1)
	if err != nil {
		t.Fatal(err)
	}
	create(t, filepath.Join(dir, "classifier.safetensors"), func(w io.Writer) error { return n.Write(w, store.F16, nil, nil) })
	save(t, filepath.Join(dir, "gan.safetensors"), vae.Config{Family: "dcgan", Input: [3]int{1, 28, 28}, Encoder: []int{}, Decoder: []int{2}, Latent: 3,
		Activation: "relu", Likelihood: vae.Implicit, Output: "tanh"}, "digits")
	cloth := tiny
	cloth.Classes, cloth.Likelihood, cloth.Sigma = 0, vae.Gaussian, 0.5
	save(t, filepath.Join(dir, "cloth.safetensors"), cloth, "textures")
	create(t, filepath.Join(dir, galleryName), func(w io.Writer) error {
		_, err := io.WriteString(w, `[{"name": "tiny", "file": "tiny.safetensors", "data": "mnist"}, {"name": "face", "file": "face.safetensors", "data": "faces"},
			{"name": "hand", "file": "hand.safetensors", "data": "mnist"}, {"name": "gan", "file": "gan.safetensors", "data": "mnist"},
			{"name": "cloth", "file": "cloth.safetensors", "data": "textures"}]`)
		return err
	})
	return dir
}

func TestEvalPrintsOneObject(t *testing.T) {
	args := []string{"-model", model(t), "-data", minimnist.Dir(t, 1, 30), "-nll-samples", "7", "-images", "20", "-seed", "4", "-json"}
	var a, b bytes.Buffer
	if err := run(context.Background(), args, &a, io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := run(context.Background(), args, &b, io.Discard); err != nil {
		t.Fatal(err)
	}
	if a.String() != b.String() {
		t.Errorf("the same seed gave\n%s%s", a.String(), b.String())
	}
	var l line
	if err := json.Unmarshal(a.Bytes(), &l); err != nil {
		t.Fatal(err)
	}
	if l.Model != "tiny" || l.Images != 20 || l.NLLSamples != 7 || l.Seed != 4 || l.LabelImages != 20 || l.Params != 784*8+8+2*27+32+784*9 {
		t.Errorf("%+v", l)
	}
	// The names that are promised, at the top of the object.
	var flat map[string]any
	if err := json.Unmarshal(a.Bytes(), &flat); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"model", "params", "images", "elbo", "recon", "kl", "nll", "nll_samples", "active_units", "accuracy", "seed"} {
		if _, ok := flat[name]; !ok {
			t.Errorf("%q is missing in %s", name, a.String())
		}
	}
	if _, ok := flat["fid"]; ok {
		t.Error("a distance without a classifier")
	}
	// An untrained model is near a coin toss for each of 784 pixels.
	if l.NLL < 400 || l.NLL > 700 || l.ELBO > -400 {
		t.Errorf("NLL %.1f, ELBO %.1f", l.NLL, l.ELBO)
	}
}

func TestEvalPrintsATableOfAll(t *testing.T) {
	args := []string{"-models", library(t), "-data", minimnist.Dir(t, 40, 30), "-nll-samples", "2", "-images", "25", "-samples", "120", "-linear", "35"}
	var b bytes.Buffer
	if err := run(context.Background(), args, &b, io.Discard); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	cells := map[string][]string{}
	for _, l := range lines {
		if !strings.HasPrefix(l, "|") {
			continue
		}
		if len([]rune(l)) != len([]rune(lines[0])) {
			t.Errorf("a line of another width: %s", l)
		}
		c := strings.Split(strings.Trim(l, "| "), "|")
		for i := range c {
			c[i] = strings.TrimSpace(c[i])
		}
		cells[c[0]] = c[1:]
	}
	for name, want := range map[string][]string{
		"measure":                {"n", "tiny", "face", "hand", "gan", "cloth"},
		"measured on":            {"", "mnist-test", "faces", "mnist-test", "mnist-test", "textures"},
		"NLL":                    {"25, k = 2", "", "", "", "-", ""},
		"- binarisation":         {"", "dynamic", "dynamic", "dynamic", "-", "none"},
		"SSIM":                   {"", "", "", "", "-", ""},
		"error of linear on mu":  {"25, fit on 35", "", "", "", "-", ""},
		"FID, own features":      {"120 to 30", "", "-", "", "", "-"},
		"Inception-style score":  {"120 in 10", "", "-", "", "", "-"},
		"classes covered":        {"120", "", "-", "", "", "-"},
		"own classifier's error": {"25", "", "-", "", "-", "-"},
		"written as wanted":      {"25", "-", "-", "", "-", "-"},
	} {
		got, ok := cells[name]
		if !ok || len(got) != 6 {
			t.Errorf("%s: %q in\n%s", name, got, b.String())
			continue
		}
		for i, w := range want {
			if w != "" && got[i] != w || w == "" && got[i] == "-" {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	}
	// Without samples the table has no such rows.
	b.Reset()
	if err := run(context.Background(), append(args, "-samples", "0", "-linear", "0"), &b, io.Discard); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "FID") || strings.Contains(b.String(), "linear") {
		t.Error(b.String())
	}
}

func TestEvalBadArguments(t *testing.T) {
	torn := filepath.Join(t.TempDir(), "torn.safetensors")
	if err := os.WriteFile(torn, []byte("torn"), 0o644); err != nil {
		t.Fatal(err)
	}
	dir := minimnist.Dir(t, 1, 1)
	for want, args := range map[string][]string{
		galleryName:            {"-data", dir, "-models", dir},
		"at least 2":           {"-model", torn, "-data", dir, "-samples", "1"},
		"nonesuch":             {"-model", torn, "-data", dir, "-classifier", "nonesuch"},
		"-data is missing":     {"-model", torn},
		"torn.safetensors":     {"-model", torn, "-data", dir},
		"none.safetensors":     {"-model", filepath.Join(filepath.Dir(torn), "none.safetensors"), "-data", dir},
		`"often" is unknown`:   {"-model", torn, "-data", dir, "-binarize", "often"},
		"must not be negative": {"-model", torn, "-data", dir, "-images", "-2"},
	} {
		var said bytes.Buffer
		if err := run(context.Background(), args, io.Discard, &said); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %q in it", args, err, want)
		}
		// Nothing else is complained of before: there is no classifier beside torn.safetensors.
		if said.Len() > 0 {
			t.Errorf("%v: %s", args, &said)
		}
	}
}

// TestEvalOtherPictures: files named as MNIST's may hold other pictures.
func TestEvalOtherPictures(t *testing.T) {
	n, err := classify.New(classify.Config{Input: [3]int{1, 28, 28}, Channels: []int{2}, Strides: []int{2}, Features: 2, Classes: 10}, 1)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "classifier.safetensors")
	args := []string{"-model", model(t), "-data", minimnist.Dir(t, 1, 30), "-classifier", path, "-nll-samples", "0", "-linear", "0", "-samples", "20", "-json"}
	for _, c := range []struct {
		of   string // what the classifier was measured on
		want bool
	}{{"others", true}, {"mnist-test", false}} {
		ref := &classify.Reference{Data: c.of, Images: 30, Mean: make([]float32, 2), Cov: []float32{1, 0, 0, 1}}
		create(t, path, func(w io.Writer) error { return n.Write(w, store.F16, ref, nil) })
		var out, said bytes.Buffer
		if err := run(context.Background(), args, &out, &said); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(out.String(), `"fid"`); got != c.want || strings.Contains(said.String(), "left out") == c.want {
			t.Errorf("measured on %s: %s\n%s", c.of, out.String(), said.String())
		}
	}
}

// TestEvalOnOtherSets measures without MNIST: on a set that is made, and on people's
// pictures; what cannot be measured there is left out, and that is said.
func TestEvalOnOtherSets(t *testing.T) {
	dir := library(t)
	pictures := t.TempDir()
	for class, grey := range map[string]uint8{"dark": 40, "light": 200} {
		if err := os.Mkdir(filepath.Join(pictures, class), 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range 15 {
			img := image.NewGray(image.Rect(0, 0, 28, 28))
			for k := range img.Pix {
				img.Pix[k] = grey + uint8(i+k%7)
			}
			create(t, filepath.Join(pictures, class, fmt.Sprintf("%02d.png", i)), func(w io.Writer) error { return png.Encode(w, img) })
		}
	}
	base := []string{"-models", dir, "-nll-samples", "2", "-images", "12", "-samples", "120", "-linear", "35"}
	for _, c := range []struct {
		set, test string
		models    int
		said      []string
	}{
		{"digits:50,seed=3", "digits", 4, []string{"face.safetensors is left out", "takes pictures of 3x32x32", "the classifier takes"}},
		{"faces:20", "faces", 1, []string{"tiny.safetensors is left out", "no digits of 28x28 pixels"}},
		{pictures, filepath.Base(pictures) + "-test", 5, nil},
	} {
		var out, said bytes.Buffer
		if err := run(context.Background(), append(base, "-data", c.set), &out, &said); err != nil {
			t.Fatal(err)
		}
		var on []string
		for _, l := range strings.Split(out.String(), "\n") {
			if cells := strings.Split(l, "|"); len(cells) > 1 && strings.TrimSpace(cells[1]) == "measured on" {
				on = cells[3 : len(cells)-1]
			}
		}
		if len(on) != c.models || strings.TrimSpace(on[0]) != c.test {
			t.Errorf("%s: measured on %q, want %d times %s", c.set, on, c.models, c.test)
		}
		for _, want := range c.said {
			if !strings.Contains(said.String(), want) {
				t.Errorf("%s: %q is not said in\n%s", c.set, want, &said)
			}
		}
	}
	if err := run(context.Background(), append(base, "-data", "digits", "-typical"), io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "MNIST") {
		t.Errorf("-typical without MNIST: %v", err)
	}
}
