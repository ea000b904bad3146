package tasks

import (
	"errors"
	"testing"
	"time"
)

func TestRepeat(t *testing.T) {
	for _, each := range []time.Duration{3 * time.Nanosecond, 7 * time.Microsecond, 20 * time.Millisecond, 3 * time.Second} {
		const d = 100 * time.Millisecond
		var at time.Duration
		looks, calls := 0, 0
		now := func() time.Duration {
			looks++
			return at
		}
		n, took, err := repeat(now, d, func() error {
			calls++
			at += each
			return nil
		})
		if err != nil || n != calls || n < 1 {
			t.Fatalf("%v a call: %d calls of %d, %v", each, n, calls, err)
		}
		if took < d {
			t.Errorf("%v a call: took %v, less than %v", each, took, d)
		}
		if most := max(d+d/5, 2*each); took > most {
			t.Errorf("%v a call: took %v, more than %v", each, took, most)
		}
		if each == 7*time.Microsecond && looks > 60 {
			t.Errorf("looked at the clock %d times", looks)
		}
	}
}

func TestRepeatStops(t *testing.T) {
	want := errors.New("no")
	calls := 0
	_, _, err := repeat(wallClock(), time.Hour, func() error {
		calls++
		if calls == 3 {
			return want
		}
		return nil
	})
	if err != want || calls != 3 {
		t.Errorf("%d calls, %v", calls, err)
	}
}
