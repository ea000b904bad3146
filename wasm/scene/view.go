package scene

import (
	"math"

	"inkdrift/wasm/proto"
)

// MaxPixels bounds the canvas. A 4K screen fits; on what is larger or denser the
// picture is drawn a little coarser and scaled up by the browser.
const MaxPixels = 3840 * 2160

// Limits of a layout that can be shown.
const (
	maxCSSSide = 1 << 15
	maxDPR     = 16
)

// Rect is a place in device pixels.
type Rect struct{ X, Y, W, H int }

// Empty reports whether r has no pixels.
func (r Rect) Empty() bool { return r.W <= 0 || r.H <= 0 }

// inset gives r without d pixels on each side.
func (r Rect) inset(d int) Rect { return Rect{r.X + d, r.Y + d, r.W - 2*d, r.H - 2*d} }

// intersect gives what r and q have in common; empty if that is nothing.
func (r Rect) intersect(q Rect) Rect {
	x, y := max(r.X, q.X), max(r.Y, q.Y)
	out := Rect{x, y, min(r.X+r.W, q.X+q.W) - x, min(r.Y+r.H, q.Y+q.H) - y}
	if out.Empty() {
		return Rect{}
	}
	return out
}

// union gives the least place that holds r and q; an empty one has no part in it.
func (r Rect) union(q Rect) Rect {
	if r.Empty() {
		return q
	}
	if q.Empty() {
		return r
	}
	x, y := min(r.X, q.X), min(r.Y, q.Y)
	return Rect{x, y, max(r.X+r.W, q.X+q.W) - x, max(r.Y+r.H, q.Y+q.H) - y}
}

// fit gives the largest place in the middle of r that has the aspect w:h.
func (r Rect) fit(w, h int) Rect {
	if r.Empty() || w <= 0 || h <= 0 {
		return Rect{}
	}
	fw, fh := r.W, r.H
	if r.W*h > r.H*w {
		fw = max(1, (r.H*w+h/2)/h)
	} else {
		fh = max(1, (r.W*h+w/2)/w)
	}
	return Rect{r.X + (r.W-fw)/2, r.Y + (r.H-fh)/2, fw, fh}
}

// View is the stage's size and the places of its slots in device pixels.
type View struct {
	W, H  int     // of the canvas, device pixels
	Scale float64 // device pixels in a CSS pixel, after capping
	slots [numSlots]Rect
}

// CSS gives the canvas's size in CSS pixels at which one of its pixels is one of
// the device (or, where the scale was capped, at which it fills the stage).
func (v View) CSS() (w, h float64) {
	return float64(v.W) / v.Scale, float64(v.H) / v.Scale
}

// Slot gives a slot's place; it is empty if the slot is not shown.
func (v View) Slot(s Slot) Rect { return v.slots[s] }

// NewView works out where everything is. The canvas gets at most [MaxPixels]
// pixels and no side beyond maxSide. The error names the wrong field.
func NewView(l proto.Layout, maxSide int) (View, error) {
	if err := checkSide("width", l.Width); err != nil {
		return View{}, err
	}
	if err := checkSide("height", l.Height); err != nil {
		return View{}, err
	}
	if !(l.DPR > 0 && l.DPR <= maxDPR) {
		return View{}, proto.Errorf(proto.CodeBadValue, "dpr", "%v: want more than 0 and at most %d", l.DPR, maxDPR)
	}
	scale := min(l.DPR,
		math.Sqrt(MaxPixels/(l.Width*l.Height)),
		float64(maxSide)/max(l.Width, l.Height))
	v := View{
		W:     max(1, int(l.Width*scale+1e-6)),
		H:     max(1, int(l.Height*scale+1e-6)),
		Scale: scale,
	}
	for s, name := range slotNames {
		r, shown := l.Slots[name]
		if !shown {
			continue
		}
		if !(math.Abs(r.X)+math.Abs(r.Y)+math.Abs(r.W)+math.Abs(r.H) <= 8*maxCSSSide) {
			return View{}, proto.Errorf(proto.CodeBadValue, "slots."+name, "%v is no place on the stage", r)
		}
		x, y := round(r.X*scale), round(r.Y*scale)
		v.slots[s] = Rect{x, y, round((r.X+r.W)*scale) - x, round((r.Y+r.H)*scale) - y}
	}
	return v, nil
}

func checkSide(field string, v float64) error {
	if !(v >= 1 && v <= maxCSSSide) {
		return proto.Errorf(proto.CodeBadValue, field, "%v: want 1 to %d", v, maxCSSSide)
	}
	return nil
}

func round(x float64) int { return int(math.Floor(x + 0.5)) }
