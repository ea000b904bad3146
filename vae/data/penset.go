package data

import (
	"math"
	"math/rand/v2"
	"sync"

	"inkdrift/vae/ink"
)

// PadStyle says how digits of a pen are drawn on a pad: lengths are in pads, angles
// in radians, and what is a pair lies evenly between the two.
type PadStyle struct {
	// Brush is the diameter of the brush, and Size the longer side of the digit. A
	// brush of more than MaxBrush of the size is made as thin as that.
	Brush, Size [2]float64
	// Slant shears to the right, in widths per height, Turn is clockwise, and Aspect
	// scales the width against the height.
	Slant, Turn, Aspect [2]float64
	// Jitter is the standard deviation of each point, across and down.
	Jitter [2]float64
	// Bend is the amplitude of a smooth displacement, across and down, in parts of the
	// digit's longer side (Simard et al. 2003 bend pictures so).
	Bend [2]float64
	// Corner puts the digit into a corner of the pad instead of anywhere on it.
	Corner bool
}

// MaxBrush is the most that a brush may be of a digit's longer side.
const MaxBrush = 0.3

// UsualStyle is how most people draw on the pad: its usual brush, and a digit that
// fills more than half of it.
func UsualStyle() PadStyle {
	return PadStyle{Brush: [2]float64{0.08, 0.08}, Size: [2]float64{0.6, 0.6}, Aspect: [2]float64{1, 1}}
}

// AnyStyle is wide enough for all brushes of the pad, small and large drawings,
// slants of 30 degrees and an unsteady mouse.
func AnyStyle() PadStyle {
	return PadStyle{Brush: [2]float64{0.035, 0.165}, Size: [2]float64{0.25, 0.8}, Slant: [2]float64{-0.6, 0.6},
		Turn: [2]float64{-0.15, 0.15}, Aspect: [2]float64{0.75, 1.3}, Jitter: [2]float64{0, 0.013}}
}

// padSide is the side of the picture that the page draws strokes into before it is
// prepared; wasm/engine/studio has the same.
const padSide = 112

// PenSet is a Dataset of pen digits drawn on the pad and prepared as the page does
// it: every digit copies times, each time in another way of the style. Pictures
// are drawn when they are asked for, the same for the same seed.
type PenSet struct {
	name   string
	digits []PenDigit
	style  PadStyle
	copies int
	seed   uint64
}

// NewPenSet returns copies drawings of each digit: picture i is of digit
// i % len(digits). It panics at copies below 1.
func NewPenSet(name string, digits []PenDigit, style PadStyle, copies int, seed uint64) *PenSet {
	if copies < 1 {
		panic("data: a set of pen digits needs at least one copy of each")
	}
	return &PenSet{name, digits, style, copies, seed}
}

// Name implements Dataset.
func (s *PenSet) Name() string { return s.name }

// Shape implements Dataset.
func (s *PenSet) Shape() Shape { return Shape{1, ink.PreparedSide, ink.PreparedSide} }

// Len implements Dataset.
func (s *PenSet) Len() int { return s.copies * len(s.digits) }

// Label implements Dataset.
func (s *PenSet) Label(i int) int { return s.digits[s.digit(i)].Label }

// Writer returns the writer of picture i.
func (s *PenSet) Writer(i int) int { return s.digits[s.digit(i)].Writer }

func (s *PenSet) digit(i int) int {
	if i < 0 || i >= s.Len() {
		panic("data: index outside the set of pen digits")
	}
	return i % len(s.digits)
}

var padCanvases = sync.Pool{New: func() any { return new([padSide * padSide]float32) }}

// Batch implements Dataset.
func (s *PenSet) Batch(dst []float32, index []int) {
	checkBatch(dst, index, ink.PreparedLen)
	canvas := padCanvases.Get().(*[padSide * padSide]float32)
	defer padCanvases.Put(canvas)
	for k, i := range index {
		clear(canvas[:])
		ink.Rasterize(canvas[:], padSide, padSide, s.Strokes(i))
		ink.Prepare(dst[k*ink.PreparedLen:][:ink.PreparedLen], canvas[:], padSide, padSide)
	}
}

// Strokes returns picture i as it is drawn on the pad.
func (s *PenSet) Strokes(i int) []ink.Stroke {
	d := &s.digits[s.digit(i)]
	r := rand.New(rand.NewPCG(s.seed, uint64(i)))
	between := func(v [2]float64) float64 { return v[0] + (v[1]-v[0])*r.Float64() }
	brush, size := between(s.style.Brush), between(s.style.Size)
	slant, aspect, jitter := between(s.style.Slant), between(s.style.Aspect), between(s.style.Jitter)
	sin, cos := math.Sincos(between(s.style.Turn))

	bend := noBend
	if s.style.Bend[1] > 0 {
		bend = newBend(r, d, between(s.style.Bend))
	}
	var lo, hi [2]float64
	first := true
	points := make([][][2]float64, len(d.Strokes))
	for k, stroke := range d.Strokes {
		for _, p := range stroke {
			px, py := bend(float64(p.X), float64(p.Y))
			x, y := aspect*(px+slant*py), -py
			q := [2]float64{cos*x - sin*y, sin*x + cos*y}
			points[k] = append(points[k], q)
			for a := range q {
				if first || q[a] < lo[a] {
					lo[a] = q[a]
				}
				if first || q[a] > hi[a] {
					hi[a] = q[a]
				}
			}
			first = false
		}
	}
	brush = min(brush, MaxBrush*size)
	scale := size / max(hi[0]-lo[0], hi[1]-lo[1], 1)
	var move [2]float64
	for a := range move {
		room := max(0, 1-brush-scale*(hi[a]-lo[a]))
		at := r.Float64()
		if s.style.Corner {
			at = math.Round(at)
		}
		move[a] = brush/2 + room*at - scale*lo[a]
	}
	strokes := make([]ink.Stroke, len(points))
	for k, stroke := range points {
		strokes[k].Width = float32(brush)
		for _, q := range stroke {
			var p ink.Point
			p.X = float32(scale*q[0] + move[0] + jitter*r.NormFloat64())
			p.Y = float32(scale*q[1] + move[1] + jitter*r.NormFloat64())
			p.P = 1
			strokes[k].Points = append(strokes[k].Points, p)
		}
	}
	return strokes
}

func noBend(x, y float64) (float64, float64) { return x, y }

// bendWaves is the most waves of a bend over the longer side of a digit.
const bendWaves = 1.25

// newBend draws a smooth displacement of a digit: of either coordinate a wave of any direction.
func newBend(r *rand.Rand, d *PenDigit, amplitude float64) func(x, y float64) (float64, float64) {
	lo, hi := d.Strokes[0][0], d.Strokes[0][0]
	for _, stroke := range d.Strokes {
		for _, p := range stroke {
			lo.X, lo.Y, hi.X, hi.Y = min(lo.X, p.X), min(lo.Y, p.Y), max(hi.X, p.X), max(hi.Y, p.Y)
		}
	}
	side := max(float64(hi.X)-float64(lo.X), float64(hi.Y)-float64(lo.Y), 1)
	var waves [2]struct{ x, y, phase float64 }
	for a := range waves {
		sin, cos := math.Sincos(2 * math.Pi * r.Float64())
		k := 2 * math.Pi * bendWaves * r.Float64() / side
		waves[a].x, waves[a].y, waves[a].phase = k*cos, k*sin, 2*math.Pi*r.Float64()
	}
	amplitude *= side
	move := func(a int, x, y float64) float64 {
		w := &waves[a]
		return amplitude * math.Sin(w.x*x+w.y*y+w.phase)
	}
	return func(x, y float64) (float64, float64) { return x + move(0, x, y), y + move(1, x, y) }
}

// Writers splits digits into those of the writers that are named and the others,
// both in order.
func Writers(digits []PenDigit, named ...int) (of, others []PenDigit) {
	is := make(map[int]bool, len(named))
	for _, w := range named {
		is[w] = true
	}
	for _, d := range digits {
		if is[d.Writer] {
			of = append(of, d)
		} else {
			others = append(others, d)
		}
	}
	return of, others
}
