package data

import (
	"math"
	"math/rand/v2"

	"inkdrift/vae/ink"
)

// hand holds the spreads of a handwriting, as standard deviations unless said otherwise; lengths are in heights of a
// digit.
type hand struct {
	slant, stretch      float64 // on top of the digit's own
	turn                float64 // rotation, radians
	warp                float64 // each coefficient of the quadratic warp
	wander              float64 // each node, across and down
	ends                float64 // the first and last node of a stroke, on top of that
	apart               float64 // each stroke after the first
	tremor              float64 // of the line
	press               float64 // of the pressure along a stroke
	pen, penSpread      float64 // middle diameter of the brush, and its spread, relative
	penLeast, penMost   float64
	sizeLeast, sizeMost float64 // longer side of the digit in pads, evenly between
	place               float64 // of the middle of the digit, in pads, at most
	step                float64 // from point to point of the line
}

var (
	// crowd is the handwriting of many people, tuned against MNIST.
	crowd = hand{
		slant: 0.24, stretch: 0.2, turn: 0.08, warp: 0.15, wander: 0.028, ends: 0.03, apart: 0.025, tremor: 0.005, press: 0.1,
		pen: 0.133, penSpread: 0.29, penLeast: 0.06, penMost: 0.27,
		sizeLeast: 0.62, sizeMost: 0.72, place: 0.03, step: 0.07, // less than two pixels of MNIST
	}
	// anyone writes with all brushes of a pad, and leans either way.
	anyone = hand{
		slant: 0.3, stretch: 0.2, turn: 0.1, warp: 0.13, wander: 0.025, ends: 0.03, apart: 0.025, tremor: 0.006, press: 0.05,
		pen: 0.15, penSpread: 0.42, penLeast: 0.05, penMost: 0.34,
		sizeLeast: 0.62, sizeMost: 0.72, place: 0.03, step: 0.05,
	}
	// tidy is a neat handwriting.
	tidy = hand{
		slant: 0.13, stretch: 0.12, turn: 0.05, warp: 0.09, wander: 0.016, ends: 0.015, apart: 0.012, tremor: 0.0015, press: 0.08,
		pen: 0.12, penSpread: 0.12, penLeast: 0.095, penMost: 0.14,
		sizeLeast: 0.64, sizeMost: 0.71, place: 0.02, step: 0.035,
	}
)

// writer writes one digit at a time into memory that it keeps.
type writer struct {
	src     rand.PCG
	nodes   []node
	curve   []ink.Point
	strokes []ink.Stroke
	starts  []int // of each stroke in curve
	ink     [padSide * padSide]float32
}

// unit returns a random number in [0,1).
func (w *writer) unit() float64 { return float64(w.src.Uint64()>>11) / (1 << 53) }

// bell returns a random number with mean 0 and variance 1: the sum of four even ones, so it is never beyond 3.5, and
// (unlike the ziggurat of math/rand) the same on every machine.
func (w *writer) bell() float64 {
	return (w.unit() + w.unit() + w.unit() + w.unit() - 2) * math.Sqrt(3)
}

// form begins the random numbers of the given digit with number i of d and
// chooses how it is written.
func (w *writer) form(d *Digits, i, digit int) *allograph {
	w.src.Seed(d.seed, penStream^uint64(digit)<<56^uint64(i))
	return w.choose(d.forms[digit])
}

// write makes w.strokes the given digit with number i of d, in the hand h.
func (w *writer) write(h *hand, d *Digits, i, digit int) {
	form := w.form(d, i, digit)
	bend := w.transform(h, digit)
	// The pen is the same for the whole digit.
	b := w.bell()
	pen := min(h.penMost, max(h.penLeast, h.pen*style[digit].pen*(1+h.penSpread*(b+0.15*b*b))))
	w.curve, w.starts = w.curve[:0], w.starts[:0]
	for k, path := range form.paths {
		w.starts = append(w.starts, len(w.curve))
		var ox, oy float64
		if k > 0 {
			ox, oy = h.apart*w.bell(), h.apart*w.bell()
		}
		w.nodes = w.nodes[:0]
		for j, n := range path {
			s := h.wander
			if j == 0 || j == len(path)-1 {
				s += h.ends
			}
			n.x, n.y = bend.apply(n.x+ox+s*w.bell(), n.y+oy+s*w.bell())
			w.nodes = append(w.nodes, n)
		}
		w.curve = trace(w.curve, w.nodes, h.step)
		w.feel(h, w.curve[w.starts[k]:])
	}
	w.settle(h, pen)
}

// choose picks a form by weight.
func (w *writer) choose(forms []allograph) *allograph {
	var sum float64
	for k := range forms {
		sum += forms[k].weight
	}
	at := w.unit() * sum
	for k := range forms {
		if at -= forms[k].weight; at < 0 {
			return &forms[k]
		}
	}
	return &forms[len(forms)-1]
}

// bend is a quadratic warp followed by a linear map, around the middle of the glyph.
type bend struct {
	warp           [6]float64
	xx, xy, yx, yy float64
}

// transform draws the bend of one digit.
func (w *writer) transform(h *hand, digit int) (b bend) {
	for k := range b.warp {
		b.warp[k] = h.warp * w.bell()
	}
	slant := style[digit].slant + h.slant*w.bell()
	stretch := max(0.5, style[digit].stretch*(1+h.stretch*w.bell()))
	sin, cos := math.Sincos(h.turn * w.bell())
	// Stretch across, lean to the right (y points down), turn.
	b.xx, b.xy = cos*stretch, -cos*slant-sin
	b.yx, b.yy = sin*stretch, -sin*slant+cos
	return b
}

func (b *bend) apply(x, y float64) (float64, float64) {
	x, y = x-glyphMiddle, y-0.5
	u := x + b.warp[0]*x*x + b.warp[1]*x*y + b.warp[2]*y*y
	v := y + b.warp[3]*x*x + b.warp[4]*x*y + b.warp[5]*y*y
	return b.xx*u + b.xy*v, b.yx*u + b.yy*v
}

// feel adds pressure and tremor to a stroke.
func (w *writer) feel(h *hand, curve []ink.Point) {
	// Two slow waves for the pressure, one quicker for the tremor, and the pen often comes down and lifts off lightly.
	p1, p2, a1, a2 := w.unit(), w.unit(), h.press*w.bell(), 0.6*h.press*w.bell()
	tx, ty, fx, fy := w.unit(), w.unit(), 3+3*w.unit(), 3+3*w.unit()
	in, out := 0.3*square(w.unit()), 0.4*square(w.unit())
	n := float64(max(1, len(curve)-1))
	for k := range curve {
		t := float64(k) / n
		p := 1 + a1*wave(t+p1) + a2*wave(2.3*t+p2)
		p *= 1 - in*square(max(0, 1-t/0.15))
		p *= 1 - out*square(max(0, (t-0.8)/0.2))
		curve[k].P = float32(max(0.3, p))
		curve[k].X += float32(h.tremor * wave(fx*t+tx))
		curve[k].Y += float32(h.tremor * wave(fy*t+ty))
	}
}

// wave is a sine of period 1.
func wave(t float64) float64 { return math.Sin(2 * math.Pi * t) }

func square(x float64) float64 { return x * x }

// settle places the curve on the pad and makes the strokes.
func (w *writer) settle(h *hand, pen float64) {
	lo, hi := w.curve[0], w.curve[0]
	for _, p := range w.curve {
		lo.X, lo.Y = min(lo.X, p.X), min(lo.Y, p.Y)
		hi.X, hi.Y = max(hi.X, p.X), max(hi.Y, p.Y)
	}
	size := h.sizeLeast + (h.sizeMost-h.sizeLeast)*w.unit()
	scale := float32(size) / max(hi.X-lo.X, hi.Y-lo.Y)
	midX := 0.5 + float32(h.place*(2*w.unit()-1)) - scale*(lo.X+hi.X)/2
	midY := 0.5 + float32(h.place*(2*w.unit()-1)) - scale*(lo.Y+hi.Y)/2
	for k, p := range w.curve {
		w.curve[k].X, w.curve[k].Y = midX+scale*p.X, midY+scale*p.Y
	}
	w.strokes = w.strokes[:0]
	for k, first := range w.starts {
		end := len(w.curve)
		if k+1 < len(w.starts) {
			end = w.starts[k+1]
		}
		w.strokes = append(w.strokes, ink.Stroke{Width: float32(pen * size), Points: w.curve[first:end]})
	}
}
