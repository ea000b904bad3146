package tasks

import "time"

// clock is what repeat reads the time from; tests bring their own.
type clock func() time.Duration

// wallClock begins at zero.
func wallClock() clock {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// repeat calls f until at least d has gone by, and at least once, and returns
// how often it did and how long that took. It looks at the clock about ten
// times, however short f is.
func repeat(now clock, d time.Duration, f func() error) (calls int, took time.Duration, err error) {
	start := now()
	for batch := 1; ; {
		for range batch {
			if err := f(); err != nil {
				return 0, 0, err
			}
			calls++
		}
		took = now() - start
		if took >= d {
			return calls, took, nil
		}
		// A tenth of the time, as far as is known how much that is, but never
		// past its end by more than one call.
		each := max(took/time.Duration(calls), time.Nanosecond)
		batch = max(1, int(min((d-took)/each, d/10/each, time.Duration(4*batch))))
	}
}
