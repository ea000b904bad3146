package scene

import (
	"math"

	"inkdrift/wasm/proto"
)

// duration is how long the way from A to B takes at speed 1, in seconds.
const duration = 3

// maxStep bounds how far the clock goes in one step, in seconds. A page that was
// hidden is not drawn, and goes on where it was.
const maxStep = 0.1

// Limits of the playing speed.
const (
	minSpeed = 0.01
	maxSpeed = 100
)

// Clock plays the morph: T goes from 0, drawing A, to 1, drawing B.
type Clock struct {
	Playing bool
	T       float64
	Speed   float64
	Mode    string // proto.ModeLoop, ModePingPong or ModeOnce

	back    bool    // the way back of ModePingPong
	last    float64 // time of the last step
	started bool    // last is set
}

// set applies the shell's settings. The error names the wrong field.
func (c *Clock) set(p proto.Play) error {
	if !(p.T >= 0 && p.T <= 1) {
		return proto.Errorf(proto.CodeBadValue, "t", "%v: want 0 to 1", p.T)
	}
	if !(p.Speed >= minSpeed && p.Speed <= maxSpeed) {
		return proto.Errorf(proto.CodeBadValue, "speed", "%v: want %v to %v", p.Speed, minSpeed, maxSpeed)
	}
	switch p.Mode {
	case proto.ModeLoop, proto.ModePingPong, proto.ModeOnce:
	default:
		return proto.Errorf(proto.CodeBadValue, "mode", "%.20q: want %q, %q or %q", p.Mode, proto.ModeLoop, proto.ModePingPong, proto.ModeOnce)
	}
	if !c.Playing {
		c.started = false
	}
	if p.Mode != c.Mode {
		c.back = false
	}
	c.Playing, c.T, c.Speed, c.Mode = p.Playing, p.T, p.Speed, p.Mode
	if c.Playing && c.Mode == proto.ModeOnce && c.T == 1 {
		c.T = 0 // playing again
	}
	return nil
}

// hold leaves out the time until the next step.
func (c *Clock) hold() { c.started = false }

// step moves T by the time since the last step; now is in seconds.
func (c *Clock) step(now float64) {
	if !c.Playing {
		return
	}
	if !c.started {
		c.started, c.last = true, now
		return
	}
	dt := min(max(now-c.last, 0), maxStep)
	c.last = now
	way := dt * c.Speed / duration
	switch c.Mode {
	case proto.ModeOnce:
		c.T += way
		if c.T >= 1 {
			c.T, c.Playing = 1, false
		}
	case proto.ModePingPong:
		// A ball between two walls: unfolded, it moves on a circle of length 2.
		at := c.T
		if c.back {
			at = 2 - at
		}
		at = math.Mod(at+way, 2)
		c.back = at > 1
		c.T = at
		if c.back {
			c.T = 2 - at
		}
	default:
		c.T += way
		if c.T > 1 {
			c.T -= math.Floor(c.T)
		}
	}
}
