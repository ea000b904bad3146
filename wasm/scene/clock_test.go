package scene

import (
	"errors"
	"math"
	"testing"

	"inkdrift/wasm/proto"
)

// run plays for some seconds in steps of a 60th.
func run(c *Clock, from, seconds float64) float64 {
	for i := 0; i <= int(seconds*60+0.5); i++ {
		c.step(from + float64(i)/60)
	}
	return c.T
}

func TestClock(t *testing.T) {
	for _, tt := range []struct {
		name    string
		play    proto.Play
		seconds float64
		want    float64
		playing bool
	}{
		{"half way", proto.Play{Playing: true, Speed: 1, Mode: "loop"}, 1.5, 0.5, true},
		{"twice as fast", proto.Play{Playing: true, Speed: 2, Mode: "loop"}, 0.75, 0.5, true},
		{"loop jumps back", proto.Play{Playing: true, Speed: 1, Mode: "loop"}, 3.75, 0.25, true},
		{"from the middle", proto.Play{Playing: true, Speed: 1, T: 0.5, Mode: "loop"}, 0.75, 0.75, true},
		{"ping-pong turns", proto.Play{Playing: true, Speed: 1, Mode: "pingpong"}, 3.75, 0.75, true},
		{"ping-pong turns again", proto.Play{Playing: true, Speed: 1, Mode: "pingpong"}, 6.75, 0.25, true},
		{"once ends", proto.Play{Playing: true, Speed: 1, Mode: "once"}, 4, 1, false},
		{"once from the end starts again", proto.Play{Playing: true, Speed: 1, T: 1, Mode: "once"}, 1.5, 0.5, true},
		{"paused", proto.Play{Speed: 1, T: 0.3, Mode: "loop"}, 2, 0.3, false},
		{"paused at the end", proto.Play{Speed: 1, T: 1, Mode: "once"}, 2, 1, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var c Clock
			if err := c.set(tt.play); err != nil {
				t.Fatal(err)
			}
			if got := run(&c, 100, tt.seconds); math.Abs(got-tt.want) > 1e-9 || c.Playing != tt.playing {
				t.Errorf("T = %v, playing %v; want %v, %v", got, c.Playing, tt.want, tt.playing)
			}
		})
	}
}

func TestClockSkipsWhatNobodySaw(t *testing.T) {
	var c Clock
	if err := c.set(proto.Play{Playing: true, Speed: 1, Mode: "loop"}); err != nil {
		t.Fatal(err)
	}
	c.step(0)
	c.step(60)
	if c.T > maxStep/duration+1e-9 {
		t.Errorf("a minute without a frame moved T to %v", c.T)
	}
	c.step(59) // a clock that went back
	c.hold()
	before := c.T
	c.step(70)
	if c.T != before {
		t.Errorf("held, T moved from %v to %v", before, c.T)
	}
}

// TestClockPausedTime pauses and goes on: the pause does not count.
func TestClockPausedTime(t *testing.T) {
	var c Clock
	play := proto.Play{Playing: true, Speed: 1, Mode: "loop"}
	for _, step := range []struct {
		now     float64
		playing bool
	}{{0, true}, {0.05, true}, {0.05, false}, {9, false}, {9, true}} {
		play.Playing, play.T = step.playing, c.T
		if err := c.set(play); err != nil {
			t.Fatal(err)
		}
		c.step(step.now)
	}
	if want := 0.05 / duration; math.Abs(c.T-want) > 1e-9 {
		t.Errorf("T = %v, want %v", c.T, want)
	}
}

func TestClockRefuses(t *testing.T) {
	for field, play := range map[string]proto.Play{
		"t":     {T: 1.5, Speed: 1, Mode: "loop"},
		"t ":    {T: math.NaN(), Speed: 1, Mode: "loop"},
		"speed": {Speed: 0, Mode: "loop"},
		"mode":  {Speed: 1, Mode: "backwards"},
	} {
		c := Clock{T: 0.25}
		err := c.set(play)
		var e *proto.Error
		if !errors.As(err, &e) || e.Field != string([]byte(field)[:len(e.Field)]) || c.T != 0.25 {
			t.Errorf("%s: %v, T %v", field, err, c.T)
		}
	}
}
