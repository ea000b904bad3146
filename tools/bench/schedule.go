package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
)

// asker does the work of a bench: a driver.
type asker interface {
	ask(call string, fields map[string]any, result any) error
}

// bench runs groups and prints their results.
type bench struct {
	driver asker
	rounds int
	out    io.Writer // lines
	log    io.Writer // how it goes

	open     map[host]int
	peaks    map[string]*peak // by runtime, variant and workers
	order    []string
	lines    []Line
	failures []string
	said     string // the title that was logged last
}

// peak collects the measurements of a ceiling over all groups.
type peak struct {
	line    Line
	samples []float64
}

// sample is one measurement of a worker.
type sample struct {
	Exchange string `json:"exchange"` // of several workers of Inkdrift
	Value    float64
	Steps    int
	Loss     float64
}

// running is a job under way.
type running struct {
	job
	worker, task int
	values       []float64
	first, last  float64 // losses
	exchange     string
	steps        int
}

// fail records an error; the bench goes on and returns it at its end.
func (b *bench) fail(j job, err error) {
	text := fmt.Sprintf("%s %s %s, %s, %v workers: %v", j.line.Bench, j.line.Workload, j.line.Impl, j.line.Runtime, j.line.Workers, err)
	b.failures = append(b.failures, text)
	fmt.Fprintln(b.log, "FAILED", text)
}

// run measures the jobs of a group in turns. Errors are about the bench itself,
// not about a job.
func (b *bench) run(ctx context.Context, g group) error {
	if title := g.jobs[0].host.runtime + ": " + g.title; title != b.said {
		fmt.Fprintln(b.log, title)
		b.said = title
	}
	var runs []*running
	for _, j := range g.jobs {
		r, err := b.prepare(j)
		if err != nil {
			return err
		}
		if r != nil {
			runs = append(runs, r)
		}
	}
	for range b.rounds {
		for i, r := range runs {
			if r == nil {
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			var s sample
			err := b.driver.ask("measure", map[string]any{"worker": r.worker, "task": r.task, "seconds": r.each.Seconds()}, &s)
			switch refused := answerError(""); {
			case errors.As(err, &refused):
				b.fail(r.job, err)
				runs[i] = nil
				continue
			case err != nil:
				return err
			}
			r.values = append(r.values, s.Value)
			r.steps, r.last, r.exchange = s.Steps, s.Loss, s.Exchange
		}
	}
	ceilings := make(map[ceiling]float64)
	for _, r := range runs {
		if r != nil && r.line.Impl == "simd-peak" {
			ceilings[ceiling{r.line.Variant, r.line.Workers}] = median(r.values)
			b.keepPeak(r)
		}
	}
	for _, r := range runs {
		if r == nil {
			continue
		}
		if r.line.Impl != "simd-peak" {
			b.finish(r, g, ceilings)
		}
		if err := b.driver.ask("drop", map[string]any{"worker": r.worker, "task": r.task}, nil); err != nil {
			return err
		}
	}
	return nil
}

// prepare makes a job ready. It returns nil if that cannot be.
func (b *bench) prepare(j job) (*running, error) {
	refused := answerError("")
	worker, ok := b.open[j.host]
	if !ok {
		err := b.driver.ask("open", map[string]any{"runtime": j.host.runtime, "host": j.host.name, "options": j.host.options()}, &worker)
		if errors.As(err, &refused) {
			b.fail(j, err)
			return nil, nil
		} else if err != nil {
			return nil, err
		}
		b.open[j.host] = worker
	}
	var ready struct {
		ID     int
		Loss   float64
		Absent string
	}
	err := b.driver.ask("prepare", map[string]any{"worker": worker, "spec": j.spec}, &ready)
	switch {
	case errors.As(err, &refused):
		b.fail(j, err)
		return nil, nil
	case err != nil:
		return nil, err
	case ready.Absent != "" && j.line.Impl == "simd-peak":
		return nil, nil
	case ready.Absent != "":
		l := j.line
		l.Reason = ready.Absent
		return nil, b.say(l)
	}
	return &running{job: j, worker: worker, task: ready.ID, first: ready.Loss}, nil
}

// keepPeak adds a ceiling to those of the groups before.
func (b *bench) keepPeak(r *running) {
	key := fmt.Sprint(r.line.Runtime, r.line.Variant, r.line.Workers)
	if b.peaks[key] == nil {
		b.peaks[key] = &peak{line: r.line}
		b.order = append(b.order, key)
	}
	b.peaks[key].samples = append(b.peaks[key].samples, r.values...)
}

// leastFall is the part of its first loss that a training must have lost by its
// end.
const leastFall = 0.1

// finish reports the result of a job.
func (b *bench) finish(r *running, g group, ceilings map[ceiling]float64) {
	l := r.line
	if l.Bench == "train" {
		l.Steps, l.FirstLoss, l.LastLoss, l.Exchange = r.steps, number(r.first), number(r.last), r.exchange
		if !(r.first > 0 && r.last <= (1-leastFall)*r.first) || math.IsNaN(r.last) {
			b.fail(r.job, fmt.Errorf("its loss went from %.4g to %.4g in %d steps: it does not learn", r.first, r.last, r.steps))
			return
		}
	}
	l.fill(r.values)
	if peak, ok := ceilings[ceilingOf(l)]; ok && strings.HasPrefix(l.Impl, "inkdrift-") {
		gflops := float64(*l.Value)
		if g.flops > 0 {
			gflops *= g.flops / 1e9
		}
		l.Ceiling, l.OfCeiling = number(peak), number(gflops/peak)
	}
	if err := b.say(l); err != nil {
		b.fail(r.job, err)
	}
}

// ceiling is a kind of simd-peak: its variant, and how many run at the same time.
type ceiling struct {
	variant string
	workers Workers
}

// ceilingOf returns the ceiling that a result is compared with.
func ceilingOf(l Line) ceiling {
	if l.Impl == "inkdrift-relaxed" {
		return ceiling{"relaxed", max(l.Workers, 1)}
	}
	return ceiling{"strict", l.Workers}
}

// say prints a line and adds it to the table.
func (b *bench) say(l Line) error {
	b.lines = append(b.lines, l)
	return l.write(b.out)
}

// closeWorkers ends all workers.
func (b *bench) closeWorkers() error {
	for h, worker := range b.open {
		if err := b.driver.ask("close", map[string]any{"worker": worker}, nil); err != nil {
			return err
		}
		delete(b.open, h)
	}
	return nil
}

// sayPeaks prints the ceilings of all groups together.
func (b *bench) sayPeaks() error {
	for _, key := range b.order {
		p := b.peaks[key]
		p.line.fill(p.samples)
		if err := b.say(p.line); err != nil {
			return err
		}
	}
	return nil
}

// allShapes is the shape of a line that stands for all products of a step.
const allShapes = "all"

// sayTotals prints, for each implementation, the speed of all products of one
// step of a workload together, as far as they were measured.
func (b *bench) sayTotals(runtime, workload string) error {
	type total struct {
		line                          Line
		flops, median, min, max, peak float64 // peak and the others in seconds
	}
	totals := make(map[string]*total)
	var order []string
	for _, l := range b.lines {
		var m, n, k float64
		if l.Bench != "gemm" || l.Runtime != runtime || l.Workload != workload || l.Runs == 0 || l.Impl == "tfjs-plain" || l.Impl == "simd-peak" {
			continue
		}
		if _, err := fmt.Sscanf(l.Shape, "%fx%fx%f", &m, &n, &k); err != nil {
			return err
		}
		t := totals[l.Impl]
		if t == nil {
			t = &total{line: l}
			t.line.Shape, t.line.Case, t.line.Count, t.line.Ceiling, t.line.OfCeiling = allShapes, "", 0, nil, nil
			totals[l.Impl] = t
			order = append(order, l.Impl)
		}
		flops := 2e-9 * m * n * k * float64(l.Count)
		t.flops += flops
		t.median += flops / float64(*l.Value)
		t.min += flops / float64(*l.Min)
		t.max += flops / float64(*l.Max)
		t.line.Count += l.Count
		if l.Ceiling != nil {
			t.peak += flops / float64(*l.Ceiling)
		}
	}
	for _, impl := range order {
		t := totals[impl]
		l := t.line
		l.Value, l.Min, l.Max = number(t.flops/t.median), number(t.flops/t.min), number(t.flops/t.max)
		if t.peak > 0 {
			l.Ceiling, l.OfCeiling = number(t.flops/t.peak), number(t.peak/t.median)
		}
		if err := b.say(l); err != nil {
			return err
		}
	}
	return nil
}

// moments are what is measured of visits of the page: the workloads of the lines, and
// what the driver calls them.
var moments = []struct{ workload, unit, field string }{
	{"first-paint", "ms", "firstPaint"},
	{"drawable", "ms", "drawable"},
	{"drawable-10-mbit", "ms", "drawableSlow"},
	{"first-picture", "ms", "firstPicture"},
	{"first-reconstruction", "ms", "firstReconstruction"},
	{"second-visit", "ms", "secondVisit"},
	{"bytes", "bytes", "bytes"},
}

// startup measures first visits of the page at url.
func (b *bench) startup(ctx context.Context, url, impl string) error {
	fmt.Fprintln(b.log, "chromium: visits")
	values := make([][]float64, len(moments))
	for range b.rounds {
		if err := ctx.Err(); err != nil {
			return err
		}
		var visit map[string]float64
		if err := b.driver.ask("startup", map[string]any{"url": url}, &visit); err != nil {
			return fmt.Errorf("a visit: %w", err)
		}
		for i, m := range moments {
			v, ok := visit[m.field]
			if !ok {
				return fmt.Errorf("a visit: nothing is known of %s", m.workload)
			}
			values[i] = append(values[i], v)
		}
	}
	for i, m := range moments {
		l := Line{Bench: "startup", Workload: m.workload, Impl: impl, Runtime: "chromium", Workers: 1, Unit: m.unit}
		l.fill(values[i])
		if err := b.say(l); err != nil {
			return err
		}
	}
	return nil
}
