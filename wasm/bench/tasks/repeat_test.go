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
		got, err := repeat(now, d, func() error {
			calls++
			at += each
			return nil
		})
		took := got.took
		if err != nil || got.calls != calls || calls < 1 || got.each != each {
			t.Fatalf("%v a call: %+v after %d calls, %v", each, got, calls, err)
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
	_, err := repeat(wallClock(), time.Hour, func() error {
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

// TestInterrupted: occasional slow runs do not count, frequent ones do.
func TestInterrupted(t *testing.T) {
	for _, test := range []struct{ from, to, want time.Duration }{
		{40 * time.Millisecond, 70 * time.Millisecond, time.Millisecond},
		{20 * time.Millisecond, time.Second, 5 * time.Millisecond},
	} {
		var at time.Duration
		got, err := repeat(func() time.Duration { return at }, 100*time.Millisecond, func() error {
			if at >= test.from && at < test.to {
				at += 5 * time.Millisecond
			} else {
				at += time.Millisecond
			}
			return nil
		})
		if err != nil || got.each != test.want {
			t.Errorf("interrupted from %v to %v: %v a call, %v", test.from, test.to, got.each, err)
		}
	}
}
