package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkdrift/tools/internal/minimnist"
	"inkdrift/vae/classify"
)

// stopAfter cancels a context when a line has been written.
type stopAfter struct{ cancel func() }

func (s stopAfter) Write(p []byte) (int, error) {
	s.cancel()
	return len(p), nil
}

func TestStoppedRunGoesOnBitIdentically(t *testing.T) {
	dir := minimnist.Dir(t, 120, 20)
	whole, parts := filepath.Join(t.TempDir(), "whole.safetensors"), filepath.Join(t.TempDir(), "parts.safetensors")
	args := []string{"-data", dir, "-epochs", "2", "-seed", "5", "-out"}
	var told bytes.Buffer
	if err := run(context.Background(), append(args, whole), &told, io.Discard); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(told.String(), "epoch 2/2") || !strings.Contains(told.String(), "of 20 test pictures") {
		t.Errorf("told %s", told.String())
	}
	ctx, cancel := context.WithCancel(context.Background())
	err := run(ctx, append(args, parts), stopAfter{cancel}, io.Discard)
	if !errors.Is(err, errStopped) || !strings.Contains(err.Error(), "-resume "+parts+".ckpt") {
		t.Fatalf("stopping gave %v", err)
	}
	told.Reset()
	if err := run(context.Background(), append(args, parts, "-resume", parts+".ckpt", "-json"), &told, io.Discard); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(told.String()), "\n")
	var epoch epochLine
	var file fileLine
	if len(lines) != 2 || json.Unmarshal([]byte(lines[0]), &epoch) != nil || json.Unmarshal([]byte(lines[1]), &file) != nil ||
		epoch.Epoch != 2 || epoch.Loss == 0 || epoch.TestImages != 20 || file.File != parts || file.TestImages != 20 {
		t.Errorf("-json: %s", &told)
	}
	a, _ := os.ReadFile(whole)
	b, _ := os.ReadFile(parts)
	if len(a) == 0 || !bytes.Equal(a, b) {
		t.Error("the resumed run's file differs from the whole run's")
	}
	if _, err := os.Stat(parts + ".ckpt"); !errors.Is(err, os.ErrNotExist) {
		t.Error("the checkpoint is still there")
	}
	n, ref, err := classify.Read(a)
	if err != nil || ref == nil || ref.Data != "mnist-test" || ref.Images != 20 || n.Features() != 96 {
		t.Errorf("%+v, %v", ref, err)
	}
}

func TestBadArguments(t *testing.T) {
	dir := minimnist.Dir(t, 1, 1)
	out := filepath.Join(t.TempDir(), "out.safetensors")
	torn := filepath.Join(t.TempDir(), "torn.ckpt")
	if err := os.WriteFile(torn, []byte("torn"), 0o644); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"-data is missing":          {"-out", out},
		"-out is missing":           {"-data", dir},
		"train-images-idx3-ubyte":   {"-data", t.TempDir(), "-out", out},
		"epochs must be at least 1": {"-data", dir, "-out", out, "-epochs", "0"},
		"learning_rate must be":     {"-data", dir, "-out", out, "-rate", "-1"},
		"torn.ckpt":                 {"-data", dir, "-out", out, "-resume", torn},
		"no such file":              {"-data", dir, "-out", out, "-resume", out},
	} {
		if err := run(context.Background(), args, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %q in it", args, err, want)
		}
	}
}
