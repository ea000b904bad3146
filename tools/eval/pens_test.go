package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkdrift/tools/internal/minimnist"
	"inkdrift/vae"
	"inkdrift/vae/store"
)

// penFile is a file of some digits by writer 10, one of those that are measured, and
// by writer 1, and as many of writers 5 and 20.
func penFile(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for i, writer := range []int{10, 10, 1, 5, 20} {
		fmt.Fprintf(&b, ".SEGMENT DIGIT %d ? \"7\"\n.COMMENT 7 %d %d\n.PEN_DOWN\n 100 300\n 200 300\n 140 100\n.PEN_UP\n.DT 100\n", i, writer, i)
		if i == 0 {
			b.WriteString(".PEN_DOWN\n 120 200\n 190 200\n.PEN_UP\n.DT 100\n")
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pendigits-orig.tra"), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestReadings(t *testing.T) {
	m, err := vae.New(vae.Config{Family: "dense", Input: [3]int{1, 28, 28}, Encoder: []int{8}, Decoder: []int{6}, Latent: 3,
		Activation: "tanh", Likelihood: vae.Bernoulli, Classes: 10}, 1)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "model.safetensors")
	create(t, path, func(w io.Writer) error { return store.WriteModel(w, m, store.Options{}) })
	args := []string{"-model", path, "-data", minimnist.Dir(t, 20, 10), "-pens", penFile(t)}
	var out bytes.Buffer
	if err := run(context.Background(), append(args, "-json"), &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	slices := map[string]reading{}
	for line := range strings.Lines(out.String()) {
		var r reading
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		slices[r.Slice] = r
	}
	// Nine ways of drawing, any of them, bars and MNIST's test pictures.
	if len(slices) != 12 || slices["usual"].Images != 3 || slices["any"].Images != 6 || slices["mnist-test"].Images != 10 {
		t.Errorf("readings %+v", slices)
	}
	if b := slices["bars of 7"].Bars; b == nil || b.Of != 1 || b.Kept < 0 || b.Kept > 1 {
		t.Errorf("bars %+v", b)
	}
	for name, r := range slices {
		if name != "bars of 7" && (r.Recon <= 0 || r.ECE < 0 || r.Accuracy < 0 || r.Accuracy > 1) {
			t.Errorf("%s: %+v", name, r)
		}
	}
	out.Reset()
	if err := run(context.Background(), append(args, "-writers", "all"), &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); !strings.Contains(text, "leaning right") || !strings.Contains(text, "kept ") || strings.Count(text, "\n") != 13 {
		t.Errorf("the table is\n%s", text)
	}
	// Where typicality has been measured it is said what the page says as well.
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), typicalFile), []byte(`{"model": {"from": 1000, "step": 1, "digits": [9]}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := run(context.Background(), args, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); !strings.Contains(text, "letters and doodles") || strings.Count(text, "0.00 %  100.00 %") != 12 {
		t.Errorf("with all test digits more typical than anything the table is\n%s", text)
	}
	for _, wrong := range [][]string{{"-writers", "none"}, {"-update"}} {
		if err := run(context.Background(), append(args, wrong...), io.Discard, io.Discard); err == nil {
			t.Errorf("%v was taken", wrong)
		}
	}
}
