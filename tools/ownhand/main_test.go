package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/data"
	"inkdrift/vae/preset"
	"inkdrift/vae/store"
	"inkdrift/vae/train"
)

// pens writes generated digits as those of a few writers, each of whom wrote n times all ten, and returns the folder.
func pens(t *testing.T, writers, n int) string {
	t.Helper()
	var b strings.Builder
	digits := data.NewDigits(1)
	for w := range writers {
		for i := range 10 * n {
			label := (i*3 + w) % 10
			fmt.Fprintf(&b, ".SEGMENT DIGIT 0-9 ? \"%d\"\n.COMMENT %d %d %d\n", label, label, w+1, i)
			for _, s := range digits.StrokesOf(10*n*w+i, label) {
				b.WriteString(".PEN_DOWN\n")
				for _, p := range s.Points {
					fmt.Fprintf(&b, " %d %d\n", int(400*p.X), int(400*(1-p.Y)))
				}
				b.WriteString(".PEN_UP\n")
			}
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pendigits-orig.tra"), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func modelFile(t *testing.T) string {
	t.Helper()
	m, err := vae.New(vae.Config{Family: "dense", Input: [3]int{1, 28, 28}, Encoder: []int{16}, Decoder: []int{16}, Latent: 6,
		Activation: "relu", Likelihood: vae.Bernoulli, Classes: 10}, 1)
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

// TestFirstOf: a person is asked for one digit of each class in turn, and nothing that was drawn is measured on.
func TestFirstOf(t *testing.T) {
	all, err := data.OpenPenDigits(pens(t, 2, 5))
	if err != nil {
		t.Fatal(err)
	}
	of, _ := data.Writers(all, 2)
	drawn, others := firstOf(of, 30)
	if len(drawn) != 30 || len(others) != 20 {
		t.Fatalf("%d drawn, %d others", len(drawn), len(others))
	}
	for i, d := range drawn {
		if d.Label != i%10 || d.Writer != 2 {
			t.Errorf("drawing %d is a %d of writer %d", i, d.Label, d.Writer)
		}
	}
	for _, d := range others {
		if slices.ContainsFunc(drawn, func(o data.PenDigit) bool { return &o.Strokes[0][0] == &d.Strokes[0][0] }) {
			t.Error("a drawing is trained on and measured on")
		}
	}
}

// TestMeasure: a line for each writer, as an object; the model gains, and the file stays as it was.
func TestMeasure(t *testing.T) {
	model := modelFile(t)
	before, err := os.ReadFile(model)
	if err != nil {
		t.Fatal(err)
	}
	recipe, err := json.Marshal(short())
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "short.json")
	if err := os.WriteFile(config, recipe, 0o644); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	args := []string{"-model", model, "-pens", pens(t, 2, 4), "-writers", "2", "-drawn", "20", "-config", config, "-steps", "30", "-json"}
	if err := run(context.Background(), args, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	var r result
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatalf("%v: %s", err, &out)
	}
	if r.Writer != 2 || r.Drawn != 20 || r.Held != 20 || r.Steps != 30 || !(r.After < 0.8*r.Before) || r.Change != r.After/r.Before-1 {
		t.Errorf("%+v", r)
	}
	if after, err := os.ReadFile(model); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the model's file has changed: %v", err)
	}
}

// short is the recipe of the preset with large steps.
func short() train.Recipe {
	p, err := preset.Find(preset.OwnHand)
	if err != nil {
		panic(err)
	}
	r := p.Recipe()
	r.Train.Epochs, r.Train.LearningRate = 1, 0.01
	return r
}

func TestRefuses(t *testing.T) {
	dir := pens(t, 1, 3)
	for want, args := range map[string][]string{
		"-pens is missing":    nil,
		"-drawn must be":      {"-pens", dir, "-drawn", "2"},
		"numbers with commas": {"-pens", dir, "-writers", "1,x"},
		"nonesuch":            {"-pens", dir, "-model", "nonesuch"},
		`"fast" is unknown`:   {"-pens", dir, "-model", modelFile(t), "-config", "fast"},
		"writer 1 has 30":     {"-pens", dir, "-model", modelFile(t), "-writers", "1"},
		"pendigits-orig.tra":  {"-pens", t.TempDir(), "-model", modelFile(t)},
	} {
		if err := run(context.Background(), args, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q in it", args, err, want)
		}
	}
}
