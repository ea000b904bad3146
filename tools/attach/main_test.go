package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"inkdrift/tools/internal/minimnist"
	"inkdrift/vae"
	"inkdrift/vae/classify"
	"inkdrift/vae/store"
)

// write writes a file with what writes to it.
func write(t *testing.T, name string, to func(io.Writer) error) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := to(f); err != nil {
		t.Fatal(err)
	}
	return path
}

func modelFile(t *testing.T, classes int) string {
	t.Helper()
	m, err := vae.New(vae.Config{Family: "dense", Input: [3]int{1, 28, 28}, Encoder: []int{8}, Decoder: []int{6}, Latent: 3,
		Activation: "tanh", Likelihood: vae.Bernoulli, Classes: classes}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, "model.safetensors", func(w io.Writer) error {
		return store.WriteModel(w, m, store.Options{DType: store.F16, Mantissa: 4, Notes: map[string]string{"data": "mnist-train"}})
	})
}

func readerFile(t *testing.T, strides ...int) string {
	t.Helper()
	n, err := classify.New(classify.Config{Input: [3]int{1, 28, 28}, Channels: []int{2, 3}, Strides: strides, Features: 5, Classes: 10}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, "reader.safetensors", func(w io.Writer) error {
		return n.Write(w, store.F16, nil, map[string]string{"temperature": "1.5"})
	})
}

func read(t *testing.T, path string) (*store.File, *vae.Model) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := store.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	m, err := f.Model()
	if err != nil {
		t.Fatal(err)
	}
	return f, m
}

// TestAttach: the model keeps its weights and notes, reads pictures as the
// classifier in the file does, and has the prior.
func TestAttach(t *testing.T) {
	model, reader := modelFile(t, 10), readerFile(t, 2, 2)
	out := filepath.Join(t.TempDir(), "out.safetensors")
	args := []string{"-model", model, "-out", out, "-reader", reader, "-mantissa", "0", "-components", "1,2", "-data", minimnist.Dir(t, 250, 50), "-json"}
	var figures, said bytes.Buffer
	if err := run(context.Background(), args, &figures, &said); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(figures.String()), "\n")
	var tried, taken fitLine
	if len(lines) != 3 || json.Unmarshal([]byte(lines[0]), &tried) != nil || json.Unmarshal([]byte(lines[2]), &taken) != nil ||
		tried.Components != 1 || tried.Shrinkage != 20 || tried.Held == 0 || taken.Components < 1 || taken.Dimensions < 1 {
		t.Errorf("-json: %s", &figures)
	}
	if !strings.HasPrefix(said.String(), "wrote ") {
		t.Errorf("said %q", &said)
	}
	_, before := read(t, model)
	f, after := read(t, out)
	if !slices.Equal(before.Arena().W, after.Arena().W) || !slices.Equal(before.Head().W, after.Head().W) {
		t.Error("the weights of the model changed")
	}
	if f.Metadata["data"] != "mnist-train" || f.Metadata["reader_temperature"] != "1.5" || !strings.Contains(f.Metadata["prior"], "mnist") {
		t.Errorf("notes %v", f.Metadata)
	}
	if p := after.Prior(); p == nil || p.Components() > 2 {
		t.Errorf("prior %+v", p)
	}
	b, err := os.ReadFile(reader)
	if err != nil {
		t.Fatal(err)
	}
	n, _, err := classify.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, 784)
	for i := range x {
		x[i] = float32(i%7) / 7
	}
	got, want := make([]float32, 10), make([]float32, 10)
	if err := n.Run(nil, want, x); err != nil {
		t.Fatal(err)
	}
	if err := after.Recognise(got, x); err != nil {
		t.Fatal(err)
	}
	for i, v := range want {
		if d := got[i] - v; d > 1e-5 || d < -1e-5 {
			t.Errorf("class %d: %v instead of %v", i, got[i], v)
		}
	}
}

// TestAttachRounds: the reader is rounded, the model is not.
func TestAttachRounds(t *testing.T) {
	model, out := modelFile(t, 10), filepath.Join(t.TempDir(), "out.safetensors")
	if err := run(context.Background(), []string{"-model", model, "-out", out, "-reader", readerFile(t, 2, 2), "-mantissa", "2"}, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	_, before := read(t, model)
	_, after := read(t, out)
	if !slices.Equal(before.Arena().W, after.Arena().W) {
		t.Error("the weights of the model changed")
	}
	if w := after.Reader().W; !slices.Equal(w, store.Rounded(w, 2)) || slices.Equal(w, store.Rounded(w, 1)) {
		t.Error("the reader's weights are not rounded to 2 bits")
	}
}

func TestAttachRefuses(t *testing.T) {
	model := modelFile(t, 10)
	for _, c := range []struct {
		want string
		args []string
	}{
		{"-model and -out", nil},
		{"nothing to do", []string{"-model", model, "-out", "x"}},
		{"-components needs -data", []string{"-model", model, "-out", "x", "-components", "3"}},
		{"is no positive number", []string{"-model", model, "-out", "x", "-components", "3,x", "-data", "d"}},
		{"-mantissa", []string{"-model", model, "-out", "x", "-reader", "y", "-mantissa", "24"}},
		{"are all 2", []string{"-model", model, "-out", "x", "-reader", readerFile(t, 1, 2)}},
		{"10 classes", []string{"-model", modelFile(t, 3), "-out", "x", "-reader", readerFile(t, 2, 2)}},
		{"no such file", []string{"-model", filepath.Join(t.TempDir(), "none"), "-out", "x", "-reader", "y"}},
	} {
		if err := run(context.Background(), c.args, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.args, err, c.want)
		}
	}
}
