package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/store"
)

// modelFile is the path of a small model with a card beside it.
func modelFile(t *testing.T) string {
	t.Helper()
	m, err := vae.New(vae.Config{Family: "dense", Input: [3]int{1, 6, 5}, Encoder: []int{8}, Decoder: []int{6}, Latent: 3,
		Activation: "tanh", Likelihood: vae.Bernoulli}, 1)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "mine.safetensors")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := store.WriteModel(f, m, store.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "mine.md"), []byte("# The card of mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func written(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestWrites(t *testing.T) {
	model := modelFile(t)
	for _, c := range []struct {
		args []string
		want []string
	}{
		{nil, []string{"decoder.onnx", "encoder.onnx"}},
		{[]string{"-format", "onnx"}, []string{"decoder.onnx", "encoder.onnx"}},
		{[]string{"-format", "pytorch"}, []string{"model.py", "weights.safetensors"}},
	} {
		out := filepath.Join(t.TempDir(), "new", "folder")
		if err := run(append([]string{"-model", model, "-out", out}, c.args...), io.Discard, io.Discard); err != nil {
			t.Fatal(err)
		}
		if got := written(t, out); !slices.Equal(got, c.want) {
			t.Errorf("%v writes %v instead of %v", c.args, got, c.want)
		}
		if c.want[0] != "decoder.onnx" {
			continue
		}
		b, err := os.ReadFile(filepath.Join(out, "encoder.onnx"))
		if err != nil || !strings.Contains(string(b), "# The card of mine") {
			t.Errorf("%v: the card is missing, %v", c.args, err)
		}
	}
}

// TestSaysWhatItWrote: to people with a size that says something of small files as well, to programs as objects.
func TestSaysWhatItWrote(t *testing.T) {
	args := []string{"-model", modelFile(t), "-out", t.TempDir()}
	var out, said bytes.Buffer
	if err := run(args, &out, &said); err != nil {
		t.Fatal(err)
	}
	if out.Len() > 0 || !regexp.MustCompile(`^wrote \S+encoder.onnx, [1-9][0-9.]* (bytes|kB)\n`).Match(said.Bytes()) {
		t.Errorf("%q, %q", &out, &said)
	}
	said.Reset()
	if err := run(append(args, "-json"), &out, &said); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var f file
	if len(lines) != 2 || json.Unmarshal([]byte(lines[1]), &f) != nil || filepath.Base(f.File) != "decoder.onnx" || said.Len() > 0 {
		t.Fatalf("%q, %q", &out, &said)
	}
	if info, err := os.Stat(f.File); err != nil || info.Size() != f.Bytes {
		t.Errorf("%+v: %v", f, err)
	}
}

func TestRefuses(t *testing.T) {
	model, out := modelFile(t), t.TempDir()
	bad := filepath.Join(out, "bad.safetensors")
	if err := os.WriteFile(bad, []byte("no model"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "-model and -out are needed"},
		{[]string{"-model", model}, "-model and -out are needed"},
		{[]string{"-model", model, "-out", out, "-format", "tflite"}, `"tflite" is unknown; known: onnx, pytorch`},
		{[]string{"-model", model, "-out", out, "more"}, "no arguments"},
		{[]string{"-model", filepath.Join(out, "none"), "-out", out}, "none"},
		{[]string{"-model", bad, "-out", out}, "bad.safetensors: "},
		{[]string{"-model", model, "-out", out, "-card", filepath.Join(out, "none.md")}, "none.md"},
		{[]string{"-model", model, "-out", bad}, "bad.safetensors"},
	} {
		if err := run(c.args, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v instead of %q", c.args, err, c.want)
		}
	}
	if got := written(t, out); len(got) != 1 {
		t.Errorf("what was refused wrote %v", got)
	}
	var said strings.Builder
	if err := run([]string{"-h"}, io.Discard, &said); !errors.Is(err, flag.ErrHelp) || !strings.Contains(said.String(), "encoder.onnx") {
		t.Errorf("-h: %v, %q", err, said.String())
	}
}
