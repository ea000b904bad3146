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
)

// typicalOf reads the file of typicality in a directory.
func typicalOf(t *testing.T, dir string) (all map[string]typical) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, typicalFile))
	if err != nil {
		t.Fatalf("%v; tools/eval -typical writes it", err)
	}
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func sum(v []int) (s int) {
	for _, n := range v {
		s += n
	}
	return s
}

// TestShippedTypical: every model of the studio has been measured, and tells test digits
// from letters and doodles.
func TestShippedTypical(t *testing.T) {
	all := typicalOf(t, shipped)
	for _, name := range []string{"digits", "digits-2d", "conv-iwae", "iwae-50", "vae-50"} {
		m, ok := all[name]
		if !ok || m.Set != "mnist-test" || sum(m.Digits) != typicalDigits || sum(m.Others) != typicalOthers || len(m.Digits) != len(m.Others) || m.Step != typicalStep {
			t.Errorf("%s: %+v", name, m)
		}
		if m.AUROC < 0.95 {
			t.Errorf("the AUROC of %s is %v", name, m.AUROC)
		}
	}
}

// TestTypical measures a small model, and keeps what the file says of another.
func TestTypical(t *testing.T) {
	path := model(t)
	dir := filepath.Dir(path)
	if err := os.WriteFile(filepath.Join(dir, typicalFile), []byte(`{"other": {"set": "x", "step": 3}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(context.Background(), []string{"-model", path, "-data", minimnist.Dir(t, 1, 30), "-typical"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	all := typicalOf(t, dir)
	if m := all["tiny"]; sum(m.Digits) != 30 || sum(m.Others) != typicalOthers || m.AUROC <= 0 || m.AUROC >= 1 {
		t.Errorf("%+v", m)
	}
	if all["other"].Step != 3 {
		t.Errorf("what was there is lost: %+v", all)
	}
	if !strings.Contains(out.String(), "tiny: AUROC 0.") {
		t.Errorf("printed %q", out.String())
	}
}

// TestFillFigures completes small pictures.
func TestFillFigures(t *testing.T) {
	var out bytes.Buffer
	if err := run(context.Background(), []string{"-model", model(t), "-data", minimnist.Dir(t, 20, 10), "-fill"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(out.String(), ": 2 test digits"); got != len(holes) || !strings.Contains(out.String(), "tiny, all: 10 test digits") {
		t.Errorf("%d holes were measured:\n%s", got, out.String())
	}
}

func TestBelow(t *testing.T) {
	m := typical{From: -10, Step: 4, Digits: []int{0, 10, 0, 30}}
	for share, want := range map[float64]float64{0: -6, 0.125: -4, 0.25: 2, 0.625: 4, 1: 6} {
		if got := m.below(share); got != want {
			t.Errorf("a share of %v is below of %v, want %v", share, got, want)
		}
	}
}
