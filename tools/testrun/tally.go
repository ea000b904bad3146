package main

import (
	"fmt"
	"io"
)

// A tally counts the results of one step and prints them as they come.
type tally struct {
	out    io.Writer
	step   string
	passed int
	failed []string // names
	skips  []string // names with reasons
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
