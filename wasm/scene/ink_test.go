package scene

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"inkdrift/wasm/proto"
)

func stroke(width float32, xy ...float32) proto.Stroke {
	s := proto.Stroke{Width: width}
	for i := 0; i < len(xy); i += 2 {
		s.Points = append(s.Points, proto.Point{X: xy[i], Y: xy[i+1], P: 1})
	}
	return s
}

// scribble draws a stroke of n points that turns slowly.
func scribble(r *rand.Rand, n int) proto.Stroke {
	s := proto.Stroke{Width: 0.08}
	x, y, a := r.Float64(), r.Float64(), 0.0
	for range n {
		a += r.Float64() - 0.5
		x, y = x+0.02*math.Cos(a), y+0.02*math.Sin(a)
		s.Points = append(s.Points, proto.Point{X: float32(x), Y: float32(y), P: 0.5 + r.Float32()})
	}
	return s
}

// TestInkSettles draws, undoes and clears at random, and holds Ink to what it
// promises painters: what is settled stays, and ends as if drawn at once.
func TestInkSettles(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var k Ink
	var strokes []proto.Stroke
	var settled []Capsule
	grew, epoch := 0, 0
	for step := range 3000 {
		next := slices.Clone(strokes)
		switch n := len(next); {
		case n > 0 && r.IntN(150) == 0: // undo
			next = next[:n-1]
		case r.IntN(1000) == 0: // clear
			next = nil
		case n == 0 || r.IntN(60) == 0: // a new stroke
			next = append(next, scribble(r, 1+r.IntN(3)))
		default: // drawing on
			last := next[n-1]
			last.Points = append(slices.Clone(last.Points), scribble(r, 1+r.IntN(3)).Points...)
			next[n-1] = last
		}
		k.set(next)
		strokes = next

		if k.Settled > len(k.Capsules) {
			t.Fatalf("step %d: %d of %d settled", step, k.Settled, len(k.Capsules))
		}
		if k.Epoch == epoch {
			if k.Settled < len(settled) || !slices.Equal(k.Capsules[:len(settled)], settled) {
				t.Fatalf("step %d: settled capsules changed within an epoch", step)
			}
			if k.Settled > len(settled) && len(settled) > 0 {
				grew++
			}
		}
		epoch, settled = k.Epoch, slices.Clone(k.Capsules[:k.Settled])

		var fresh Ink
		fresh.set(next)
		if !slices.Equal(fresh.Capsules, k.Capsules) {
			t.Fatalf("step %d: drawn bit by bit it is %d capsules, at once %d", step, len(k.Capsules), len(fresh.Capsules))
		}
	}
	if grew < 20 {
		t.Errorf("settled capsules grew only %d times", grew)
	}
}

func TestInkOfLongStrokeSettles(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	whole := scribble(r, 2000)
	var k Ink
	most := 0
	for n := 1; n <= len(whole.Points); n += 3 {
		k.set([]proto.Stroke{{Width: whole.Width, Points: whole.Points[:n]}})
		most = max(most, len(k.Capsules)-k.Settled)
	}
	if k.Epoch != 0 {
		t.Errorf("epoch %d, but nothing was taken back", k.Epoch)
	}
	if limit := liveLimit + 3*maxPieces; most > limit {
		t.Errorf("%d capsules unsettled at once, want at most %d", most, limit)
	}
}

func TestInkReportsChange(t *testing.T) {
	var k Ink
	a, b := stroke(0.1, 0, 0, 1, 1), stroke(0.1, 1, 0)
	for i, tt := range []struct {
		strokes []proto.Stroke
		changed bool
		epoch   int
	}{
		{nil, false, 0},
		{[]proto.Stroke{a}, true, 0},
		{[]proto.Stroke{a}, false, 0},
		{[]proto.Stroke{a, b}, true, 0},
		{[]proto.Stroke{a}, true, 1},
		{[]proto.Stroke{b}, true, 2},
		{[]proto.Stroke{stroke(0.2, 1, 0)}, true, 3},
		{nil, true, 4},
	} {
		if got := k.set(tt.strokes); got != tt.changed || k.Epoch != tt.epoch {
			t.Errorf("%d: changed %v, epoch %d; want %v, %d", i, got, k.Epoch, tt.changed, tt.epoch)
		}
	}
}

func TestCapsulesFollowTheStroke(t *testing.T) {
	s := proto.Stroke{Width: 0.1, Points: []proto.Point{{X: 0.1, Y: 0.1, P: 1}, {X: 0.5, Y: 0.2, P: 2}, {X: 0.6, Y: 0.6, P: 0.5}, {X: 0.6, Y: 0.6, P: 0.5}, {X: 0.2, Y: 0.9, P: 1}}}
	c := appendStroke(nil, s)
	first, last := c[0], c[len(c)-1]
	if first.X0 != 0.1 || first.Y0 != 0.1 || first.R0 != 0.05 || last.X1 != 0.2 || last.Y1 != 0.9 || last.R1 != 0.05 {
		t.Errorf("runs from %v to %v", first, last)
	}
	for i := 1; i < len(c); i++ {
		if c[i].X0 != c[i-1].X1 || c[i].Y0 != c[i-1].Y1 || c[i].R0 != c[i-1].R1 {
			t.Errorf("capsule %d does not start where the one before ends", i)
		}
	}
	for _, p := range s.Points {
		if !slices.ContainsFunc(c, func(c Capsule) bool {
			return c.X0 == p.X && c.Y0 == p.Y && c.R0 == s.Width*p.P/2 || c.X1 == p.X && c.Y1 == p.Y && c.R1 == s.Width*p.P/2
		}) {
			t.Errorf("passes %v at no capsule's end", p)
		}
	}
}

func TestCurves(t *testing.T) {
	count := func(s proto.Stroke) int { return len(appendStroke(nil, s)) }
	if n := count(stroke(0.1, 0.5, 0.5)); n != 1 {
		t.Errorf("a dot is %d capsules", n)
	}
	if n := count(stroke(0.1, 0, 0, 0.5, 0.5, 1, 1)); n != 2 {
		t.Errorf("a straight stroke of two pieces is %d capsules", n)
	}
	if n := count(stroke(0.1, 0, 0, 1, 0, 1, 1)); n != 2 {
		t.Errorf("a right angle is rounded off: %d capsules", n)
	}
	if n := count(stroke(0.1, 0, 0, 1, 0, 0, 0)); n != 2 {
		t.Errorf("a way back is %d capsules", n)
	}
	// Sixteen points of a circle: the curve between them stays on it.
	var round proto.Stroke
	for i := range 17 {
		a := float64(i) * math.Pi / 8
		round.Points = append(round.Points, proto.Point{X: float32(0.5 + 0.4*math.Cos(a)), Y: float32(0.5 + 0.4*math.Sin(a)), P: 1})
	}
	c := appendStroke(nil, round)
	if len(c) < 40 {
		t.Errorf("a circle is %d capsules", len(c))
	}
	for _, c := range c[len(c)/8 : len(c)*7/8] { // its ends have no neighbours
		if r := math.Hypot(float64(c.X1)-0.5, float64(c.Y1)-0.5); math.Abs(r-0.4) > 0.003 {
			t.Errorf("%v off the circle at %v, %v", r-0.4, c.X1, c.Y1)
		}
	}
}
