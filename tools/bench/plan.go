package main

import (
	"fmt"
	"time"

	"inkdrift/vae/preset"
	"inkdrift/vae/train"
)

// host is a worker that jobs run in.
type host struct {
	runtime string // node, chromium, firefox
	name    string // of its module in hosts/
	variant string // of the kernel: relaxed, strict, off
	threads int    // of peers
	workers int    // of Inkdrift's training
}

// options are what the module is opened with.
func (h host) options() map[string]any {
	return map[string]any{"variant": h.variant, "threads": h.threads, "workers": h.workers}
}

// job is something that is measured repeatedly; line is its result.
type job struct {
	host host
	spec map[string]any
	line Line
	each time.Duration // how long a measurement takes, about
}

// group is jobs that are measured in turns, and the arithmetic that one unit of
// their values, an image, needs; 0 where values are arithmetic themselves.
type group struct {
	title string
	flops float64
	jobs  []job
}

// workloads in the order of the report.
var workloads = []string{"dense-vae-400", "conv-vae-32"}

// recipe is the preset of a workload, trained on grey values without end.
func recipe(workload string) (train.Recipe, error) {
	p, err := preset.Find(workload)
	if err != nil {
		return train.Recipe{}, err
	}
	r := p.Recipe()
	r.Train.Binarize = train.None
	r.Train.Epochs = 100_000
	return r, nil
}

// variants of Inkdrift's kernel by implementation.
var variants = []struct{ impl, variant string }{
	{"inkdrift-relaxed", "relaxed"},
	{"inkdrift-strict", "strict"},
	{"inkdrift-go", "off"},
}

// warmUp is the number of training steps before the first measurement.
const warmUp = 20

// planner makes the groups of a workload in a runtime.
type planner struct {
	runtime, workload string
	recipe            train.Recipe
	products          []counted
	sample            time.Duration // of training
}

// peaks measure the ceiling of the machine beside the jobs of a group, for one
// worker and up to most at the same time.
func (p planner) peaks(each time.Duration, most int) []job {
	var jobs []job
	for workers := range most {
		for _, variant := range []string{"relaxed", "strict"} {
			jobs = append(jobs, job{
				host: host{runtime: p.runtime, name: "peak", variant: variant, workers: workers + 1},
				spec: map[string]any{},
				line: Line{Bench: "gemm", Workload: "peak-" + variant, Impl: "simd-peak", Runtime: p.runtime, Workers: Workers(workers + 1), Unit: "GFLOP/s", Variant: variant},
				each: each,
			})
		}
	}
	return jobs
}

// gemm is a group for each product of the workload.
func (p planner) gemm() []group {
	const each = 40 * time.Millisecond
	var groups []group
	for _, c := range p.products {
		line := Line{Bench: "gemm", Workload: p.workload, Runtime: p.runtime, Workers: 1, Unit: "GFLOP/s",
			Shape: c.shape(), Case: c.transposes(), Count: c.Count}
		spec := func(transA, transB bool) map[string]any {
			return map[string]any{"kind": "gemm", "transA": transA, "transB": transB, "m": c.M, "n": c.N, "k": c.K}
		}
		g := group{title: p.workload + ", products of matrices", jobs: p.peaks(each, 1)}
		add := func(impl string, h host, transA, transB bool) {
			l := line
			l.Impl = impl
			g.jobs = append(g.jobs, job{h, spec(transA, transB), l, each})
		}
		for _, v := range variants {
			add(v.impl, host{runtime: p.runtime, name: "inkdrift", variant: v.variant}, c.TransA, c.TransB)
		}
		add("tfjs", host{runtime: p.runtime, name: "tfjs", threads: 1}, c.TransA, c.TransB)
		if c.TransA || c.TransB {
			add("tfjs-plain", host{runtime: p.runtime, name: "tfjs", threads: 1}, false, false)
		}
		groups = append(groups, g)
	}
	return groups
}

// batchOf is how many images a step of an implementation has. Those that need
// seconds for a step have fewer, or the warm-up would never end.
func (p planner) batchOf(impl string) int {
	if p.workload == "conv-vae-32" {
		switch impl {
		case "inkdrift-go":
			return 8
		case "jax-js":
			return 1
		}
	}
	return p.recipe.Train.Batch
}

// train is a group for each kind of data; in Firefox one, of what a visitor gets
// there: the relaxed kernel on digits.
func (p planner) train() []group {
	var groups []group
	for _, data := range []string{"digits", "noise"} {
		visitor := p.runtime == "firefox"
		if visitor && data == "noise" {
			continue
		}
		// Noise shows the kernel without the skipping of zeros: one worker, and only
		// implementations that are compared there.
		most, slow := 2, true
		if data == "noise" {
			most, slow = 1, false
		}
		g := group{title: fmt.Sprintf("%s, training on %s", p.workload, data), jobs: p.peaks(100*time.Millisecond, most),
			flops: flopsPerImage(p.products, p.recipe.Train.Batch)}
		add := func(impl string, h host) {
			h.runtime = p.runtime
			batch := p.batchOf(impl)
			g.jobs = append(g.jobs, job{
				host: h,
				spec: map[string]any{"kind": "train", "workload": p.workload, "recipe": p.recipe, "batch": batch, "warmUp": warmUp, "data": data},
				line: Line{Bench: "train", Workload: p.workload, Impl: impl, Runtime: p.runtime, Workers: Workers(max(h.workers, h.threads)), Unit: "images/s", Batch: batch, Data: data},
				each: p.sample,
			})
		}
		for workers := 1; workers <= most; workers++ {
			for _, v := range variants {
				switch {
				case v.variant == "off" && !slow, v.variant != "relaxed" && visitor:
				case workers == 1:
					add(v.impl, host{name: "inkdrift", variant: v.variant, workers: 1})
				default:
					add(v.impl, host{name: "pool", variant: v.variant, workers: workers})
				}
			}
			if (p.workload == "dense-vae-400" || slow) && !visitor {
				add("tfjs", host{name: "tfjs", threads: workers})
				add("jax-js", host{name: "jax", threads: workers})
			}
		}
		if slow { // what a visitor gets
			add("inkdrift-relaxed", host{name: "pool", variant: "relaxed"})
		}
		groups = append(groups, g)
	}
	return groups
}

// coding is a group for each batch that is encoded or decoded.
func (p planner) coding() []group {
	var groups []group
	for _, c := range []struct {
		kind  string
		batch int
	}{{"decode", 1}, {"decode", 256}, {"encode", 1}} {
		g := group{title: fmt.Sprintf("%s, %s of %d", p.workload, c.kind, c.batch)}
		add := func(impl string, h host) {
			h.runtime = p.runtime
			g.jobs = append(g.jobs, job{
				host: h,
				spec: map[string]any{"kind": c.kind, "workload": p.workload, "recipe": p.recipe, "batch": c.batch},
				line: Line{Bench: c.kind, Workload: p.workload, Impl: impl, Runtime: p.runtime, Workers: 1, Unit: "ms", Batch: c.batch},
				each: 200 * time.Millisecond,
			})
		}
		// What takes seconds a call is left out.
		conv := p.workload != "dense-vae-400"
		for _, v := range variants {
			if conv && v.variant == "off" && c.batch > 1 {
				continue
			}
			add(v.impl, host{name: "inkdrift", variant: v.variant})
		}
		if !conv || c.batch == 1 {
			add("tfjs", host{name: "tfjs", threads: 1})
		}
		if !conv {
			add("jax-js", host{name: "jax", threads: 1})
		}
		groups = append(groups, g)
	}
	return groups
}
