package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkdrift/tools/internal/minimnist"
	"inkdrift/vae"
	"inkdrift/vae/store"
)

func model(t *testing.T) string {
	t.Helper()
	m, err := vae.New(vae.Config{Family: "dense", Input: [3]int{1, 28, 28}, Encoder: []int{8}, Decoder: []int{8}, Latent: 3,
		Activation: "tanh", Likelihood: vae.Bernoulli, Classes: 10}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := store.WriteModel(&b, m, store.Options{}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "tiny.safetensors")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
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
	if l.Model != "tiny" || l.Images != 20 || l.NLLSamples != 7 || l.Seed != 4 || l.LabelImages != 30 || l.Params != 784*8+8+2*27+32+784*9 {
		t.Errorf("%+v", l)
	}
	// An untrained model is near a coin toss for each of 784 pixels.
	if l.NLL < 400 || l.NLL > 700 || l.ELBO > -400 {
		t.Errorf("NLL %.1f, ELBO %.1f", l.NLL, l.ELBO)
	}
}

func TestEvalBadArguments(t *testing.T) {
	torn := filepath.Join(t.TempDir(), "torn.safetensors")
	if err := os.WriteFile(torn, []byte("torn"), 0o644); err != nil {
		t.Fatal(err)
	}
	dir := minimnist.Dir(t, 1, 1)
	for want, args := range map[string][]string{
		"-model is missing":    {"-data", dir},
		"-data is missing":     {"-model", torn},
		"torn.safetensors":     {"-model", torn, "-data", dir},
		`"often" is unknown`:   {"-model", torn, "-data", dir, "-binarize", "often"},
		"must not be negative": {"-model", torn, "-data", dir, "-images", "-1"},
	} {
		if err := run(context.Background(), args, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %q in it", args, err, want)
		}
	}
}
