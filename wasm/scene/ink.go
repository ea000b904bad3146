package scene

import (
	"math"
	"slices"

	"inkdrift/wasm/proto"
)

// Capsule is a piece of a stroke: all that is covered by a disc which moves from
// one point to another while its radius changes evenly. In pad units.
type Capsule struct{ X0, Y0, R0, X1, Y1, R1 float32 }

// Ink is what was drawn on a pad, as capsules.
//
// While somebody draws, only the end of the last stroke changes. So that a
// painter need not paint all again, the first Settled capsules stay as they are
// for as long as Epoch is the same, and Settled only grows; those after them may
// be others with every change.
type Ink struct {
	Epoch    int
	Capsules []Capsule
	Settled  int

	strokes []proto.Stroke
	starts  []int // of each stroke in Capsules
}

// liveLimit is how many capsules of the stroke being drawn may be unsettled.
const liveLimit = 96

// set replaces the content and reports whether it is another.
func (k *Ink) set(strokes []proto.Stroke) bool {
	same := 0
	for same < len(strokes) && same < len(k.strokes) && equal(strokes[same], k.strokes[same]) {
		same++
	}
	if same == len(strokes) && same == len(k.strokes) {
		return false
	}
	switch {
	case same == len(k.strokes):
	case same == len(k.strokes)-1 && same < len(strokes) && continues(strokes[same], k.strokes[same]):
	default:
		k.Epoch++
		k.Settled = 0
	}
	if same < len(k.strokes) {
		k.Capsules = k.Capsules[:k.starts[same]]
		k.starts = k.starts[:same]
	}
	for _, s := range strokes[same:] {
		k.starts = append(k.starts, len(k.Capsules))
		k.Capsules = appendStroke(k.Capsules, s)
	}
	k.strokes = strokes
	k.settle()
	return true
}

// settle settles all finished strokes, and so much of the last one as no further
// point can change once it has grown long.
func (k *Ink) settle() {
	if len(k.strokes) == 0 {
		return
	}
	last := len(k.strokes) - 1
	k.Settled = max(k.Settled, k.starts[last])
	if len(k.Capsules)-k.Settled <= liveLimit {
		return
	}
	s := k.strokes[last]
	s.Points = s.Points[:max(0, len(s.Points)-2)]
	final := k.starts[last]
	for i := 0; i+1 < len(s.Points); i++ {
		final += pieces(k.strokes[last], i)
	}
	k.Settled = max(k.Settled, final)
}

func equal(a, b proto.Stroke) bool {
	return a.Width == b.Width && slices.Equal(a.Points, b.Points)
}

// continues reports whether stroke a is stroke b, drawn on.
func continues(a, b proto.Stroke) bool {
	return a.Width == b.Width && len(a.Points) > len(b.Points) && slices.Equal(a.Points[:len(b.Points)], b.Points)
}

// appendStroke turns a stroke into capsules along a smooth curve through its
// points. Fast movements leave few points, and straight pieces between them
// would show.
func appendStroke(to []Capsule, s proto.Stroke) []Capsule {
	p := s.Points
	if len(p) == 1 {
		r := s.Width * p[0].P / 2
		return append(to, Capsule{p[0].X, p[0].Y, r, p[0].X, p[0].Y, r})
	}
	for i := 0; i+1 < len(p); i++ {
		n := pieces(s, i)
		x0, y0, r0 := p[i].X, p[i].Y, s.Width*p[i].P/2
		r1 := s.Width * p[i+1].P / 2
		c := curveOf(p, i)
		from := Capsule{X1: x0, Y1: y0, R1: r0}
		for j := 1; j <= n; j++ {
			t := float32(j) / float32(n)
			x, y, r := p[i+1].X, p[i+1].Y, r1
			if j < n {
				x, y = c.at(t)
				r = r0 + (r1-r0)*t
			}
			next := Capsule{from.X1, from.Y1, from.R1, x, y, r}
			to = append(to, next)
			from = next
		}
	}
	return to
}

// Flatness is the tolerance when a curve is cut into straight pieces, in pad
// units, and maxPieces bounds their number.
const (
	flatness  = 0.0005
	maxPieces = 16
)

// pieces gives the number of capsules that the way from point i to the next
// takes, by Wang's formula for cubic curves, applied to how far the curve leaves
// the straight way.
func pieces(s proto.Stroke, i int) int {
	c := curveOf(s.Points, i)
	dx, dy := float64(c.x3-c.x0), float64(c.y3-c.y0)
	length := math.Hypot(dx, dy)
	if length == 0 {
		return 1
	}
	off := func(x, y float32) float64 { return math.Abs(float64(x)*dy-float64(y)*dx) / length }
	bend := max(off(c.x0-2*c.x1+c.x2, c.y0-2*c.y1+c.y2), off(c.x1-2*c.x2+c.x3, c.y1-2*c.y2+c.y3))
	return int(min(max(math.Ceil(math.Sqrt(0.75*bend/flatness)), 1), maxPieces))
}

// curve is a cubic Bézier curve.
type curve struct{ x0, y0, x1, y1, x2, y2, x3, y3 float32 }

// curveOf gives the curve from point i to the next. It depends on no point but
// these two and one on either side.
func curveOf(p []proto.Point, i int) curve {
	a, b := p[i], p[i+1]
	c := curve{x0: a.X, y0: a.Y, x1: a.X, y1: a.Y, x2: b.X, y2: b.Y, x3: b.X, y3: b.Y}
	length := float32(math.Hypot(float64(b.X-a.X), float64(b.Y-a.Y)))
	if i > 0 {
		dx, dy := tangent(p[i-1], a, b)
		c.x1 += dx * length / 3
		c.y1 += dy * length / 3
	} else {
		c.x1 += (b.X - a.X) / 3
		c.y1 += (b.Y - a.Y) / 3
	}
	if i+2 < len(p) {
		dx, dy := tangent(a, b, p[i+2])
		c.x2 -= dx * length / 3
		c.y2 -= dy * length / 3
	} else {
		c.x2 -= (b.X - a.X) / 3
		c.y2 -= (b.Y - a.Y) / 3
	}
	return c
}

// tangent gives the direction in which a curve from a to c passes b. Its length
// is 1 where the way is straight and shrinks to 0 for a turn of a right angle or
// more, so that corners stay corners.
func tangent(a, b, c proto.Point) (dx, dy float32) {
	inX, inY := float64(b.X-a.X), float64(b.Y-a.Y)
	outX, outY := float64(c.X-b.X), float64(c.Y-b.Y)
	in, out := math.Hypot(inX, inY), math.Hypot(outX, outY)
	cos := (inX*outX + inY*outY) / (in * out)
	if !(cos > 0) { // nor if two points are the same
		return 0, 0
	}
	x, y := inX/in+outX/out, inY/in+outY/out
	k := cos / math.Hypot(x, y)
	return float32(x * k), float32(y * k)
}

func (c curve) at(t float32) (x, y float32) {
	u := 1 - t
	a, b, d, e := u*u*u, 3*u*u*t, 3*u*t*t, t*t*t
	return a*c.x0 + b*c.x1 + d*c.x2 + e*c.x3, a*c.y0 + b*c.y1 + d*c.y2 + e*c.y3
}
