package main

import (
	"fmt"
	"strings"
)

// floor is what a run is to reach at least, as a part of something else in the
// same run, or at most in milliseconds.
type floor struct {
	what  string
	least float64 // of a ratio; or
	most  float64 // of milliseconds
	// value finds what is compared; false where it was not measured.
	value func(find finder) (float64, bool)
}

// finder returns the median of the line that is like another one: of that bench,
// workload, implementation, runtime, workers, data and shape.
type finder func(Line) (float64, bool)

// floors are in the order in which they are told.
func floors() (all []floor) {
	ratio := func(what string, least float64, of, to Line) {
		all = append(all, floor{what: what, least: least, value: func(find finder) (float64, bool) {
			a, okA := find(of)
			b, okB := find(to)
			return a / b, okA && okB
		}})
	}
	training := func(workload, impl, runtime string, workers Workers) Line {
		return Line{Bench: "train", Workload: workload, Impl: impl, Runtime: runtime, Workers: workers, Data: "digits"}
	}
	const relaxed, strict = "inkdrift-relaxed", "inkdrift-strict"
	type number struct {
		of string
		is float64
	}
	for _, least := range []number{{"dense-vae-400", 1.45}, {"conv-vae-32", 1.8}} {
		ratio("two workers to one, "+least.of, least.is,
			training(least.of, relaxed, "chromium", 2), training(least.of, relaxed, "chromium", 1))
	}
	for _, runtime := range []string{"chromium", "firefox"} {
		for _, workload := range workloads {
			all = append(all, floor{what: fmt.Sprintf("workers found by trial to the best number, %s in %s", workload, runtime), least: 0.95,
				value: func(find finder) (float64, bool) {
					auto, ok := find(training(workload, relaxed, runtime, 0))
					one, okOne := find(training(workload, relaxed, runtime, 1))
					two, okTwo := find(training(workload, relaxed, runtime, 2))
					return auto / max(one, two), ok && okOne && okTwo
				}})
		}
	}
	ratio("strict to relaxed, dense-vae-400", 0.85,
		training("dense-vae-400", strict, "chromium", 1), training("dense-vae-400", relaxed, "chromium", 1))
	for _, workload := range workloads {
		all = append(all, floor{what: "all products to the ceiling, " + workload, least: 0.85, value: func(find finder) (float64, bool) {
			return find(Line{Bench: "gemm", Workload: workload, Impl: relaxed, Runtime: "chromium", Workers: 1, Shape: allShapes})
		}})
	}
	for _, most := range []number{
		{"drawable", 700}, {"drawable-10-mbit", 1500}, {"first-picture", 500}, {"first-reconstruction", 1700}, {"second-visit", 1000},
	} {
		all = append(all, floor{what: most.of, most: most.is, value: func(find finder) (float64, bool) {
			return find(Line{Bench: "startup", Workload: most.of, Impl: relaxed, Runtime: "chromium", Workers: 1})
		}})
	}
	return all
}

// sayFloors tells which floors a run has missed, of those that it measured; "" if it
// measured none.
func sayFloors(lines []Line) string {
	find := func(like Line) (float64, bool) {
		for _, l := range lines {
			if l.Runs > 0 && l.Bench == like.Bench && l.Workload == like.Workload && l.Impl == like.Impl && l.Runtime == like.Runtime &&
				l.Workers == like.Workers && l.Data == like.Data && l.Shape == like.Shape {
				if like.Bench == "gemm" { // the part of the ceiling
					if l.OfCeiling == nil {
						return 0, false
					}
					return float64(*l.OfCeiling), true
				}
				return float64(*l.Value), true
			}
		}
		return 0, false
	}
	var missed []string
	measured := 0
	for _, f := range floors() {
		v, ok := f.value(find)
		if !ok {
			continue
		}
		measured++
		switch {
		case f.most > 0 && v > f.most:
			missed = append(missed, fmt.Sprintf("%s %.0f ms instead of %.0f", f.what, v, f.most))
		case f.most == 0 && !(v >= f.least):
			missed = append(missed, fmt.Sprintf("%s %.2f instead of %.2f", f.what, v, f.least))
		}
	}
	switch {
	case measured == 0:
		return ""
	case len(missed) == 0:
		return fmt.Sprintf("all %d floors that were measured are met", measured)
	}
	return fmt.Sprintf("%d of %d floors missed: %s", len(missed), measured, strings.Join(missed, "; "))
}
