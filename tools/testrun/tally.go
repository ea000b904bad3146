package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A tally counts the results of one step and prints them as they come.
type tally struct {
	out    io.Writer
	step   string
	passed int
	failed []string // names
	again  []string // names of those that passed, but not the first time
	skips  []string // names with reasons
	times  []timed  // of those that passed
}

// timed is a test and how long it took.
type timed struct {
	name    string
	seconds float64
}

// fork returns an empty tally that prints to the same place.
func (t *tally) fork() *tally { return &tally{out: t.out, step: t.step} }

// join adds what u counted.
func (t *tally) join(u *tally) {
	t.passed += u.passed
	t.failed = append(t.failed, u.failed...)
	t.again = append(t.again, u.again...)
	t.skips = append(t.skips, u.skips...)
	t.times = append(t.times, u.times...)
}

// ran reports whether a test ended well, by its name.
func (t *tally) ran(name string) bool {
	return slices.ContainsFunc(t.times, func(x timed) bool { return x.name == name })
}

func (t *tally) printf(format string, args ...any) {
	fmt.Fprintf(t.out, format, args...)
}

func (t *tally) pass(n int) {
	t.passed += n
}

// took notes how long a test took that passed.
func (t *tally) took(name string, seconds float64) {
	t.times = append(t.times, timed{name, seconds})
}

// slowest prints the ten tests that took longest, without those that took no time
// worth a line.
func (t *tally) slowest() {
	const n, least = 10, 0.5
	slices.SortStableFunc(t.times, func(a, b timed) int { return cmp.Compare(b.seconds, a.seconds) })
	for i, x := range t.times[:min(n, len(t.times))] {
		if x.seconds < least {
			break
		}
		if i == 0 {
			t.printf("   slowest:\n")
		}
		t.printf("   %5.1f s  %s\n", x.seconds, x.name)
	}
}

// fail counts a failure and prints its details.
func (t *tally) fail(name, detail string) {
	t.failed = append(t.failed, name)
	t.printf("FAIL %s\n%s", name, indent(detail))
}

func (t *tally) skip(name, reason string) {
	if reason == "" {
		reason = "no reason given"
	}
	t.skips = append(t.skips, name+": "+reason)
}

// executed is the number of tests that ran.
func (t *tally) executed() int {
	return t.passed + len(t.failed)
}

// summary prints the failures and skips of all steps and then, as the last line,
// what make test promises. It reports whether all is well.
func summary(out io.Writer, tallies []*tally) bool {
	passed, failed, skipped := 0, 0, 0
	for _, t := range tallies {
		passed += t.passed
		failed += len(t.failed)
		skipped += len(t.skips)
	}
	if skipped > 0 {
		fmt.Fprintf(out, "\nSkipped, %d:\n", skipped)
		for _, t := range tallies {
			for _, s := range t.skips {
				fmt.Fprintf(out, "  %s: %s\n", t.step, s)
			}
		}
	}
	if failed > 0 {
		fmt.Fprintf(out, "\nFailed, %d:\n", failed)
		for _, t := range tallies {
			for _, f := range t.failed {
				fmt.Fprintf(out, "  %s: %s\n", t.step, f)
			}
		}
	}
	var again []string
	for _, t := range tallies {
		again = append(again, t.again...)
	}
	if len(again) > 0 {
		fmt.Fprintf(out, "\n%d needed a second try: %s\n", len(again), strings.Join(again, "; "))
	}
	fmt.Fprintf(out, "\n%d passed, %d failed\n", passed, failed)
	return failed == 0 && passed > 0
}
