package main

import (
	"fmt"
	"io"
	"slices"
)

// A tally counts the results of one step and prints them as they come.
type tally struct {
	out    io.Writer
	step   string
	passed int
	failed []string // names
	again  []string // names of those that passed, but not the first time
	skips  []string // names with reasons
}

// fork returns an empty tally that prints to the same place.
func (t *tally) fork() *tally { return &tally{out: t.out, step: t.step} }

// join adds what u counted.
func (t *tally) join(u *tally) {
	t.passed += u.passed
	t.failed = append(t.failed, u.failed...)
	t.again = append(t.again, u.again...)
	t.skips = append(t.skips, u.skips...)
}

// reconsider takes the failures back that another run of the same tests has not,
// if that ran as many.
func (t *tally) reconsider(second *tally) {
	if second.executed() < t.executed() {
		return
	}
	var still []string
	for _, name := range t.failed {
		if slices.Contains(second.failed, name) {
			still = append(still, name)
		} else {
			t.again = append(t.again, name)
			t.passed++
		}
	}
	t.failed = still
}

func (t *tally) printf(format string, args ...any) {
	fmt.Fprintf(t.out, format, args...)
}

func (t *tally) pass(n int) {
	t.passed += n
}

// fail counts a failure and prints what there is to say about it.
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
	for _, t := range tallies {
		if len(t.again) > 0 {
			fmt.Fprintf(out, "\nFailed once, passed when run again, %d:\n", len(t.again))
			for _, name := range t.again {
				fmt.Fprintf(out, "  %s: %s\n", t.step, name)
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
	fmt.Fprintf(out, "\n%d passed, %d failed\n", passed, failed)
	return failed == 0 && passed > 0
}
