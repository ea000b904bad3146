package tasks

import (
	"cmp"
	"slices"
	"time"
)

// clock is what repeat reads the time from; tests bring their own.
type clock func() time.Duration

// wallClock begins at zero.
func wallClock() clock {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// timing is what repeat found.
type timing struct {
	calls int
	took  time.Duration
	// each is how long a call takes: the median of the parts of the time, by
	// their length, so that an interruption does not count.
	each time.Duration
}

// repeat calls f until at least d has gone by, and at least once. It looks at
// the clock about ten times, however short f is.
func repeat(now clock, d time.Duration, f func() error) (t timing, err error) {
	var parts []part
	start := now()
	for batch := 1; ; {
		for range batch {
			if err := f(); err != nil {
				return timing{}, err
			}
			t.calls++
		}
		took := now() - start
		parts = append(parts, part{took - t.took, batch})
		t.took = took
		if took >= d {
			t.each = medianPart(parts)
			return t, nil
		}
		// A tenth of the time, as far as is known how much that is, but never
		// past its end by more than one call.
		each := max(took/time.Duration(t.calls), time.Nanosecond)
		batch = max(1, int(min((d-took)/each, d/10/each, time.Duration(4*batch))))
	}
}

// part is some calls in a row.
type part struct {
	took  time.Duration
	calls int
}

func (p part) each() float64 { return float64(p.took) / float64(p.calls) }

// medianPart returns how long a call took in the part in whose middle half of
// all the time is over when they are sorted by that.
func medianPart(parts []part) time.Duration {
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.each(), b.each()) })
	var all, sum time.Duration
	for _, p := range parts {
		all += p.took
	}
	for _, p := range parts {
		if sum += p.took; 2*sum >= all {
			return time.Duration(p.each())
		}
	}
	return 0
}
