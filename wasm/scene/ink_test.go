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
	for step := range 600 {
		next := slices.Clone(strokes)
		switch n := len(next); {
		case n > 0 && r.IntN(150) == 0: // undo
			next = next[:n-1]
		case r.IntN(1000) == 0: // clear
			next = nil
		case n == 0 || r.IntN(60) == 0: // a new stroke
			next = append(next, scribble(r, 1+r.IntN(3)))
		default: // drawing on; the end is only an estimate until the pointer is past it
			last := next[n-1]
			keep := max(1, len(last.Points)-r.IntN(8))
			last.Points = append(slices.Clone(last.Points[:keep]), scribble(r, 8+r.IntN(5)).Points...)
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
	if grew < 10 {
		t.Errorf("settled capsules grew only %d times", grew)
	}
}

func TestInkOfLongStrokeSettles(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	whole := scribble(r, 2000)
	var k Ink
	most := 0
	for n := 1; n+30 <= len(whole.Points); n += 3 {
		now := proto.Stroke{Width: whole.Width, Points: slices.Clone(whole.Points[:n+30])}
		for i := n; i < n+30; i++ {
			now.Points[i].X += r.Float32() / 100
		}
		k.set([]proto.Stroke{now})
		most = max(most, len(k.Capsules)-k.Settled)
	}
	if k.Epoch != 0 {
		t.Errorf("epoch %d, but nothing that had been settled was taken back", k.Epoch)
	}
	if limit := liveLimit + 40; most > limit {
		t.Errorf("%d capsules unsettled at once, want at most %d", most, limit)
	}
}

func TestInkReportsChange(t *testing.T) {
	var k Ink
	long := scribble(rand.New(rand.NewPCG(5, 6)), 200)
	a, b := stroke(0.1, 0, 0, 1, 1), stroke(0.1, 1, 0)
	wide := long
	wide.Width *= 2
	for i, tt := range []struct {
		strokes []proto.Stroke
		changed bool
		epoch   int
		settled int
	}{
		{nil, false, 0, 0},
		{[]proto.Stroke{long}, true, 0, 0}, // it has not stayed for long enough
		{[]proto.Stroke{long}, false, 0, 0},
		{[]proto.Stroke{long, a}, true, 0, 199},
		{[]proto.Stroke{long, a, b}, true, 0, 199},
		{[]proto.Stroke{long, b}, true, 0, 199},
		{[]proto.Stroke{long}, true, 0, 199},
		{[]proto.Stroke{wide}, true, 1, 0},
		{[]proto.Stroke{wide, a}, true, 1, 199},
		{nil, true, 2, 0},
	} {
		if got := k.set(tt.strokes); got != tt.changed || k.Epoch != tt.epoch || k.Settled != tt.settled {
			t.Errorf("%d: changed %v, epoch %d, settled %d; want %v, %d, %d", i, got, k.Epoch, k.Settled, tt.changed, tt.epoch, tt.settled)
		}
	}
}

func TestCapsules(t *testing.T) {
	s := proto.Stroke{Width: 0.5, Points: []proto.Point{{X: 1, Y: 2, P: 1}, {X: 3, Y: 4, P: 2}, {X: 5, Y: 6, P: 0.5}}}
	want := []Capsule{{1, 2, 0.25, 3, 4, 0.5}, {3, 4, 0.5, 5, 6, 0.125}}
	if got := appendStroke(nil, s); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	s.Points = s.Points[:1]
	if got := appendStroke(nil, s); !slices.Equal(got, []Capsule{{1, 2, 0.25, 1, 2, 0.25}}) {
		t.Errorf("a dot is %v", got)
	}
	if s.Points[:2][1].X != 3 {
		t.Error("a dot has overwritten what came after it")
	}
}
