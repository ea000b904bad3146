package main

import (
	"io"
	"strings"
	"testing"
	"time"
)

// TestPlan checks that what was promised is measured.
func TestPlan(t *testing.T) {
	for _, workload := range workloads {
		r, err := recipe(workload)
		if err != nil {
			t.Fatal(err)
		}
		p := planner{"chromium", workload, r, []counted{{product{false, true, 2, 3, 4}, 1}, {product{false, false, 2, 3, 4}, 1}}, time.Second}
		have := make(map[string]bool)
		for _, g := range append(append(p.gemm(), p.train()...), p.coding()...) {
			for _, j := range g.jobs {
				l := j.line
				if l.Runtime != "chromium" || l.Unit == "" || l.Impl == "" || l.Workers < 0 || j.each <= 0 || j.host.runtime != l.Runtime {
					t.Errorf("%s: %+v", g.title, j)
				}
				have[strings.Join([]string{l.Bench, l.Impl, l.Case, l.Data, l.Workers.String()}, " ")] = true
				if l.Bench == "train" {
					if l.Batch < 128 && j.spec["warmUp"] != warmUp {
						t.Errorf("%s: %+v", g.title, j.spec)
					}
					if images%l.Batch != 0 {
						t.Errorf("%s: batches of %d", g.title, l.Batch)
					}
				}
			}
		}
		for _, impl := range []string{"inkdrift-relaxed", "inkdrift-strict", "inkdrift-go", "tfjs", "jax-js"} {
			for _, workers := range []string{"1", "2"} {
				if want := "train " + impl + "  digits " + workers; !have[want] {
					t.Errorf("%s: nothing of %q", workload, want)
				}
			}
			if want := "gemm " + impl + " NT  1"; !have[want] && impl != "jax-js" {
				t.Errorf("%s: nothing of %q", workload, want)
			}
		}
		for _, want := range []string{"gemm tfjs-plain NT  1", "gemm simd-peak   1", "decode inkdrift-strict   1", "encode tfjs   1", "train inkdrift-relaxed  noise 1", "train inkdrift-relaxed  digits auto"} {
			if !have[want] {
				t.Errorf("%s: nothing of %q", workload, want)
			}
		}
		if have["gemm tfjs-plain NN  1"] {
			t.Errorf("%s: what has no transpose is measured twice", workload)
		}
	}
}

func TestFlags(t *testing.T) {
	s, err := readFlags([]string{"-only", "train,gemm", "-runtime", "node", "-rounds", "7", "-workload", "conv-vae-32"}, io.Discard)
	if err != nil || strings.Join(s.only, "+") != "train+gemm" || strings.Join(s.runtimes, "+") != "node" || s.rounds != 7 || strings.Join(s.workloads, "+") != "conv-vae-32" {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err = readFlags(nil, io.Discard); err != nil || s.rounds != 5 || len(s.only) != len(parts) || len(s.runtimes) != 2 || len(s.workloads) != 2 {
		t.Errorf("%+v, %v", s, err)
	}
	for args, want := range map[string]string{
		"-only everything": `no "everything"`, "-runtime opera": `no "opera"`, "-workload mnist": `no "mnist"`,
		"-rounds 0": "must be positive", "train": "no arguments",
	} {
		if _, err := readFlags(strings.Fields(args), io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", args, err)
		}
	}
}

func TestMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("CHROME", "no-such-browser")
	err := new(setup).find(true)
	if err == nil {
		t.Fatal("all was found")
	}
	for _, want := range []string{"Node is missing: install", "npm is missing", "Chromium is missing: install", "-runtime node"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
	if err := new(setup).find(false); strings.Contains(err.Error(), "Chromium") {
		t.Error(err)
	}
	for version, want := range map[string]int{"v20.20.2\n": 20, "v9.1": 9, "": 0, "nonsense": 0} {
		if got := majorVersion(version); got != want {
			t.Errorf("%q is version %d", version, got)
		}
	}
}
