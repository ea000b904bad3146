package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

// fakeDriver answers as a test specifies.
type fakeDriver struct {
	asked   []string
	prepare func(worker int) (any, error)
	measure func(worker int) (any, error)
	workers map[string]int
}

func (f *fakeDriver) ask(call string, fields map[string]any, result any) error {
	worker, _ := fields["worker"].(int)
	f.asked = append(f.asked, fmt.Sprint(call, worker))
	var answer any
	var err error
	switch call {
	case "open":
		if f.workers == nil {
			f.workers = make(map[string]int)
		}
		f.workers[fields["host"].(string)] = len(f.workers) + 1
		answer = len(f.workers)
	case "prepare":
		answer, err = f.prepare(worker)
	case "measure":
		answer, err = f.measure(worker)
	}
	if err != nil || result == nil {
		return err
	}
	b, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, result)
}

func newBench(f *fakeDriver, out *bytes.Buffer) *bench {
	return &bench{driver: f, rounds: 3, out: out, log: new(bytes.Buffer), open: make(map[host]int), peaks: make(map[string]*peak)}
}

// trainGroup has a ceiling and two trainings.
func trainGroup() group {
	line := Line{Bench: "train", Workload: "w", Runtime: "node", Workers: 2, Unit: "images/s"}
	one, two, ceiling := line, line, line
	one.Impl, two.Impl = "inkdrift-strict", "tfjs"
	ceiling.Bench, ceiling.Impl, ceiling.Variant = "gemm", "simd-peak", "strict"
	return group{title: "t", flops: 2e6, jobs: []job{
		{host{runtime: "node", name: "peak"}, nil, ceiling, time.Second},
		{host{runtime: "node", name: "one"}, nil, one, time.Second},
		{host{runtime: "node", name: "two"}, nil, two, time.Second},
	}}
}

func TestRounds(t *testing.T) {
	n := 0
	f := &fakeDriver{
		prepare: func(int) (any, error) { return map[string]any{"id": 7, "loss": 600}, nil },
		measure: func(worker int) (any, error) {
			n++
			return map[string]any{"value": 1000*worker + n, "steps": 20 + n, "loss": 500}, nil
		},
	}
	var out bytes.Buffer
	b := newBench(f, &out)
	if err := b.run(context.Background(), trainGroup()); err != nil {
		t.Fatal(err)
	}
	want := "open0 prepare1 open0 prepare2 open0 prepare3" + strings.Repeat(" measure1 measure2 measure3", 3) + " drop1 drop2 drop3"
	if got := strings.Join(f.asked, " "); got != want {
		t.Errorf("asked %s", got)
	}
	if len(b.failures) > 0 || len(b.lines) != 2 {
		t.Fatalf("%v, %d lines", b.failures, len(b.lines))
	}
	l := b.lines[0]
	// Measurements 2, 5 and 8 are its own; 1, 4 and 7 the ceiling's.
	if *l.Value != 2005 || *l.Min != 2002 || *l.Max != 2008 || l.Runs != 3 || l.Steps != 28 {
		t.Errorf("%+v", l)
	}
	// 2005 images of 2 MFLOP over the ceiling of 1004 GFLOP/s.
	if *l.Ceiling != 1004 || *l.OfCeiling != Number(2005*2e6/1e9/1004) {
		t.Errorf("ceiling %v, part of it %v", *l.Ceiling, *l.OfCeiling)
	}
	if b.lines[1].Ceiling != nil {
		t.Error("a peer has a ceiling")
	}
	if strings.Count(out.String(), "\n") != 2 {
		t.Errorf("printed %s", out.String())
	}
	if err := b.sayPeaks(); err != nil || *b.lines[2].Value != 1004 {
		t.Errorf("the ceiling: %v", err)
	}
}

// TestFailures checks that what does not learn or does not work makes no figure.
func TestFailures(t *testing.T) {
	good := func(int) (any, error) { return map[string]any{"id": 7, "loss": 600}, nil }
	measured := func(loss any) func(int) (any, error) {
		return func(int) (any, error) { return map[string]any{"value": 1, "loss": loss}, nil }
	}
	broken := func(int) (any, error) { return nil, answerError("it broke") }
	for _, c := range []struct {
		name             string
		prepare, measure func(int) (any, error)
		want             string
	}{
		{"a loss that stays", good, measured(599), "does not learn"},
		{"a loss that grows", good, measured(6000), "does not learn"},
		{"no loss at first", func(int) (any, error) { return map[string]any{"id": 7}, nil }, measured(1), "does not learn"},
		{"no preparation", broken, measured(1), "it broke"},
		{"no measurement", good, broken, "it broke"},
	} {
		f := &fakeDriver{prepare: c.prepare, measure: c.measure}
		var out bytes.Buffer
		b := newBench(f, &out)
		if err := b.run(context.Background(), trainGroup()); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if out.Len() > 0 {
			t.Errorf("%s: printed %s", c.name, out.String())
		}
		if len(b.failures) < 2 || !strings.Contains(b.failures[len(b.failures)-1], c.want) {
			t.Errorf("%s: failures %q", c.name, b.failures)
		}
	}
}

func TestAbsent(t *testing.T) {
	f := &fakeDriver{prepare: func(int) (any, error) { return map[string]any{"absent": "it has no such kernel"}, nil }}
	var out bytes.Buffer
	b := newBench(f, &out)
	if err := b.run(context.Background(), trainGroup()); err != nil {
		t.Fatal(err)
	}
	if len(b.failures) > 0 || strings.Count(out.String(), `"value":null`) != 2 || strings.Count(out.String(), "it has no such kernel") != 2 {
		t.Errorf("%q, %s", b.failures, out.String())
	}
}

// TestDriverGone checks that the end of the driver ends the bench.
func TestDriverGone(t *testing.T) {
	gone := errors.New("the driver has ended")
	f := &fakeDriver{prepare: func(int) (any, error) { return nil, gone }}
	b := newBench(f, new(bytes.Buffer))
	if err := b.run(context.Background(), trainGroup()); !errors.Is(err, gone) {
		t.Error(err)
	}
}

func TestStopped(t *testing.T) {
	f := &fakeDriver{prepare: func(int) (any, error) { return map[string]any{"id": 7}, nil }}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := newBench(f, new(bytes.Buffer)).run(ctx, trainGroup()); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestTotals(t *testing.T) {
	b := newBench(nil, new(bytes.Buffer))
	add := func(impl, shape string, count int, value, ceiling float64) {
		l := Line{Bench: "gemm", Workload: "w", Impl: impl, Runtime: "node", Shape: shape, Case: "NT", Count: count}
		l.fill([]float64{value, value / 2, value * 2})
		if ceiling > 0 {
			l.Ceiling = number(ceiling)
		}
		b.lines = append(b.lines, l)
	}
	// 2 and 4 GFLOP, the second one twice: 0.1 s and 0.8 s.
	add("inkdrift-strict", "1000x1000x1000", 1, 20, 40)
	add("inkdrift-strict", "1000x2000x1000", 2, 10, 40)
	add("tfjs", "1000x1000x1000", 1, 5, 0)
	add("tfjs-plain", "1000x1000x1000", 1, 5, 0)
	b.lines = append(b.lines, Line{Bench: "gemm", Workload: "w", Impl: "inkdrift-relaxed", Runtime: "node", Shape: "1x1x1", Reason: "absent"})
	if err := b.sayTotals("node", "w"); err != nil {
		t.Fatal(err)
	}
	got := b.lines[5:]
	if len(got) != 2 {
		t.Fatalf("%d totals", len(got))
	}
	l := got[0]
	if math.Abs(float64(*l.Value)-10/0.9) > 1e-9 || math.Abs(float64(*l.Max)-20/0.9) > 1e-9 || *l.Ceiling != 40 || math.Abs(float64(*l.OfCeiling)-10/0.9/40) > 1e-9 || l.Count != 3 || l.Shape != "all" {
		t.Errorf("%+v", l)
	}
	if *got[1].Value != 5 || got[1].Ceiling != nil {
		t.Errorf("%+v", got[1])
	}
}
