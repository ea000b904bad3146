package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"inkdrift/tools/internal/minimnist"
	"inkdrift/vae"
	"inkdrift/vae/store"
	"inkdrift/vae/train"
)

// recipe is a run of 4 epochs of 13 steps, the last of each smaller.
const recipe = `{
	"model": {"family": "dense", "input": [1, 28, 28], "encoder": [24], "decoder": [24], "latent": 4,
		"activation": "tanh", "likelihood": "bernoulli", "classes": 10, "classifier": [32]},
	"train": {"epochs": 4, "batch": 20, "learning_rate": 0.003, "schedule": "cosine", "warm_up": 5, "beta": 1, "binarize": "dynamic", "seed": 3},
	"head": {"epochs": 30, "batch": 50, "learning_rate": 0.01, "copies": 0, "seed": 3},
	"dtype": "F32"
}`

func setUp(t *testing.T) (data, config, out string) {
	t.Helper()
	config = filepath.Join(t.TempDir(), "recipe.json")
	if err := os.WriteFile(config, []byte(recipe), 0o644); err != nil {
		t.Fatal(err)
	}
	return minimnist.Dir(t, 250, 50), config, filepath.Join(t.TempDir(), "model.safetensors")
}

func TestTrainWritesModelAndLines(t *testing.T) {
	data, config, out := setUp(t)
	var stdout bytes.Buffer
	if err := run(context.Background(), []string{"-data", data, "-config", config, "-out", out, "-json"}, &stdout, io.Discard); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	if len(lines) != 4 {
		t.Fatalf("%d lines for 4 epochs", len(lines))
	}
	var first, last epochLine
	if err := errors.Join(json.Unmarshal([]byte(lines[0]), &first), json.Unmarshal([]byte(lines[3]), &last)); err != nil {
		t.Fatal(err)
	}
	if last.Epoch != 4 || last.Step != 52 || last.Test.ELBO < first.Test.ELBO+50 {
		t.Errorf("first %+v, last %+v", first, last)
	}
	if m := readModel(t, out); m.Classes() != 10 {
		t.Errorf("%d classes", m.Classes())
	}
	if _, err := os.Stat(out + ".ckpt"); !errors.Is(err, os.ErrNotExist) {
		t.Error("the checkpoint is still there")
	}
}

// stopAfter cancels a context when a line has been written n times.
type stopAfter struct {
	n      int
	cancel func()
}

func (s *stopAfter) Write(p []byte) (int, error) {
	if s.n--; s.n == 0 {
		s.cancel()
	}
	return len(p), nil
}

func TestStoppedRunGoesOnBitIdentically(t *testing.T) {
	data, config, whole := setUp(t)
	args := []string{"-data", data, "-config", config, "-json", "-out"}
	if err := run(context.Background(), append(args, whole), io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	parts := filepath.Join(t.TempDir(), "parts.safetensors")
	ctx, cancel := context.WithCancel(context.Background())
	err := run(ctx, append(args, parts), &stopAfter{2, cancel}, io.Discard)
	if !errors.Is(err, errStopped) || !strings.Contains(err.Error(), "-resume "+parts+".ckpt") {
		t.Fatalf("stopping gave %v", err)
	}
	if err := run(context.Background(), append(args, parts, "-resume", parts+".ckpt"), io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	a, _ := os.ReadFile(whole)
	b, _ := os.ReadFile(parts)
	if len(a) == 0 || !bytes.Equal(a, b) {
		t.Error("the resumed run's file differs from the whole run's")
	}
}

// TestSteps: a run that is ended early makes a model of the steps that it took.
func TestSteps(t *testing.T) {
	data, config, out := setUp(t)
	var stdout bytes.Buffer
	if err := run(context.Background(), []string{"-data", data, "-config", config, "-out", out, "-json", "-steps", "30"}, &stdout, io.Discard); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(stdout.String(), "\n"); lines != 2 {
		t.Errorf("%d epochs of 13 steps in 30 steps", lines)
	}
	readModel(t, out)
	if _, err := os.Stat(out + ".ckpt"); !errors.Is(err, os.ErrNotExist) {
		t.Error("the checkpoint is still there")
	}
}

func TestBadArguments(t *testing.T) {
	data, config, out := setUp(t)
	torn := filepath.Join(t.TempDir(), "torn.ckpt")
	if err := os.WriteFile(torn, []byte("\x10\x00\x00\x00\x00\x00\x00\x00{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{"-data is missing", []string{"-config", config, "-out", out}},
		{`"nonesuch" is unknown; known: quick, dense-400`, []string{"-data", data, "-config", "nonesuch", "-out", out}},
		{"epochs must be at least 1", []string{"-data", data, "-config", config, "-out", out, "-epochs", "0"}},
		{"-steps must not be negative", []string{"-data", data, "-config", config, "-out", out, "-steps", "-1"}},
		{"train-images-idx3-ubyte", []string{"-data", t.TempDir(), "-config", config, "-out", out}},
		{"torn.ckpt", []string{"-data", data, "-config", config, "-out", out, "-resume", torn}},
	} {
		err := run(context.Background(), c.args, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %v, want %q in it", c.args, err, c.want)
		}
	}
}

// TestInit checks that a run can begin with the weights of a model file, and
// only with those of the same model.
func TestInit(t *testing.T) {
	data, config, out := setUp(t)
	var first, again bytes.Buffer
	if err := run(context.Background(), []string{"-data", data, "-config", config, "-out", out, "-json"}, &first, io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := run(context.Background(), []string{"-data", data, "-config", config, "-out", out + "2", "-init", out, "-epochs", "1", "-json"}, &again, io.Discard); err != nil {
		t.Fatal(err)
	}
	var cold, warm epochLine
	if err := errors.Join(json.Unmarshal([]byte(strings.SplitN(first.String(), "\n", 2)[0]), &cold), json.Unmarshal(again.Bytes(), &warm)); err != nil {
		t.Fatal(err)
	}
	if warm.Train.ELBO < cold.Train.ELBO+50 {
		t.Errorf("the first epoch has an ELBO of %.1f, without -init %.1f", warm.Train.ELBO, cold.Train.ELBO)
	}
	other := filepath.Join(t.TempDir(), "other.json")
	if err := os.WriteFile(other, []byte(strings.Replace(recipe, `"latent": 4`, `"latent": 5`, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	err := run(context.Background(), []string{"-data", data, "-config", other, "-out", out + "3", "-init", out}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "needs the same") {
		t.Errorf("another model: %v", err)
	}
}

// TestResumeEngineRun checks that a checkpoint of the browser's engine is known
// by the name that it gives to the same pictures.
func TestResumeEngineRun(t *testing.T) {
	dir, config, out := setUp(t)
	args := func(more ...string) []string { return append([]string{"-out", out, "-steps", "5"}, more...) }
	if err := run(context.Background(), args("-data", dir, "-config", config, "-checkpoint"), io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	c, err := readCheckpoint(out + ".ckpt")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "engine.ckpt")
	for name, ok := range map[string]bool{"mnist, 250": true, "digits of mine, 250": true, "mnist, 251": false, "digits, seed 1, 250 from 0": false} {
		c.Data = name
		writeCheckpoint(t, file, c)
		err := run(context.Background(), args("-data", dir, "-resume", file), io.Discard, io.Discard)
		if (err == nil) != ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestResumeMade checks that a checkpoint says which pictures it needs where these
// are made, and settings that are not those of the run are refused.
func TestResumeMade(t *testing.T) {
	_, config, out := setUp(t)
	whole := out + ".whole"
	if err := run(context.Background(), []string{"-data", "digits:60,seed=7,first=100", "-config", config, "-out", whole, "-strict"}, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := run(context.Background(), []string{"-data", "digits:60,seed=7,first=100", "-config", config, "-out", out, "-strict", "-steps", "5", "-checkpoint"}, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	c, err := readCheckpoint(out + ".ckpt")
	if err != nil || c.Data != "digits, seed 7, 60 from 100" {
		t.Fatalf("%v, %v", c, err)
	}
	if err := run(context.Background(), []string{"-resume", out + ".ckpt", "-out", out, "-strict", "-checkpoint"}, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	a, b := readModel(t, whole).Arena().W, readModel(t, out).Arena().W
	if !slices.Equal(a, b) {
		t.Error("the resumed run's weights are others than the whole run's")
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{"settings that it began with", []string{"-resume", out + ".ckpt", "-config", config, "-epochs", "9"}},
		{"is not the one the run began with", []string{"-resume", out + ".ckpt", "-data", "digits:61"}},
		{"-init " + out, []string{"-resume", out}},
		{"no such set can be made; those are digits", []string{"-data", "digitz", "-config", config}},
	} {
		err := run(context.Background(), append(c.args, "-out", out+"2"), io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %v, want %q in it", c.args, err, c.want)
		}
	}
}

func writeCheckpoint(t *testing.T, file string, c *train.Checkpoint) {
	t.Helper()
	f, err := c.File()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := errors.Join(f.Encode(&b), os.WriteFile(file, b.Bytes(), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// readModel reads the model that was written to a file.
func readModel(t *testing.T, file string) *vae.Model {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	m, err := store.ReadModel(b)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestTrainGAN checks that for a model without an encoder its own terms are
// printed, and no ELBO.
func TestTrainGAN(t *testing.T) {
	data, config, out := setUp(t)
	const gan = `{"model": {"family": "dcgan", "input": [1, 28, 28], "encoder": [], "decoder": [4, 4], "discriminator": [4, 4], "latent": 4,
		"activation": "leaky-relu", "likelihood": "implicit", "output": "tanh"},
		"train": {"epochs": 1, "batch": 50, "learning_rate": 0.001, "schedule": "constant", "beta": 1, "binarize": "none", "seed": 3}, "dtype": "F32"}`
	if err := os.WriteFile(config, []byte(gan), 0o644); err != nil {
		t.Fatal(err)
	}
	var lines, words bytes.Buffer
	if err := errors.Join(
		run(context.Background(), []string{"-data", data, "-config", config, "-out", out, "-json"}, &lines, io.Discard),
		run(context.Background(), []string{"-data", data, "-config", config, "-out", out}, io.Discard, &words),
		run(context.Background(), []string{"-data", data, "-config", config, "-out", out + ".lean", "-lean"}, io.Discard, io.Discard),
	); err != nil {
		t.Fatal(err)
	}
	whole, bare := readModel(t, out), readModel(t, out+".lean")
	if len(bare.Config().Discriminator) != 0 || bare.NumParams() >= whole.NumParams() {
		t.Errorf("lean: %d numbers of %d, discriminator %v", bare.NumParams(), whole.NumParams(), bare.Config().Discriminator)
	}
	var line epochLine
	if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if len(line.Train.Other) < 2 || strings.Contains(lines.String(), "elbo") || strings.Contains(words.String(), "ELBO") {
		t.Errorf("%s\n%s", &lines, &words)
	}
	for name, v := range line.Train.Other {
		if v <= 0 || !strings.Contains(words.String(), name) {
			t.Errorf("%s: %v\n%s", name, v, &words)
		}
	}
}
