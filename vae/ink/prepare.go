package ink

import (
	"fmt"
	"math"
)

const (
	// PreparedSide is the side of a picture as MNIST has it.
	PreparedSide = 28
	// PreparedLen is the number of values in such a picture.
	PreparedLen = PreparedSide * PreparedSide

	boxSide   = 20  // the digit is fitted into a square of this side,
	centre    = 14  // its centre of mass is put on this pixel, across and down,
	leastInk  = 0.1 // and everything up to this is paper.
	gridSlack = 1e-3
)

// Prepare writes a drawing to dst as MNIST's authors prepared theirs: 28x28 values in [0,1]. ink is the drawing, w x h
// values, row by row, 0 for paper and 1 for ink; values outside that range and NaN are brought into it. ok is false,
// and dst all paper, when nothing is drawn. Prepare does not allocate. It panics if dst holds less than 784 values or
// ink less than w*h.
//
// From the page of the MNIST database (LeCun, Cortes and Burges): "The original black and white (bilevel) images from
// NIST were size normalized to fit in a 20x20 pixel box while preserving their aspect ratio. The resulting images
// contain grey levels as a result of the anti-aliasing technique used by the normalization algorithm. The images were
// centered in a 28x28 image by computing the center of mass of the pixels, and translating the image so as to position
// this point at the center of the 28x28 field." In the files themselves every centre of mass lies within half a pixel
// of the middle of pixel (14, 14), so they were moved by whole pixels after the size was normalised. Prepare does the
// same. Ink that this would push over the edge (4 in 30,000 pictures of MNIST) is kept in the field instead.
func Prepare(dst []float32, ink []float32, w, h int) (ok bool) {
	dst = dst[:PreparedLen]
	clear(dst)
	if w < 0 || h < 0 || len(ink) < w*h {
		panic(fmt.Sprintf("ink: a drawing of %d x %d pixels in %d values", w, h, len(ink)))
	}
	b, ok := inkBounds(ink, w, h)
	if !ok {
		return false
	}
	var box [boxSide * boxSide]float32
	fitBox(&box, ink, w, b)
	placeBox(dst, &box)
	return true
}

// bounds is a rectangle of pixels, without its right and lower edge.
type bounds struct{ x0, y0, x1, y1 int }

// inkBounds returns the smallest rectangle that holds all ink; ok is false if there is none.
func inkBounds(ink []float32, w, h int) (b bounds, ok bool) {
	b = bounds{w, h, 0, 0}
	for y := range h {
		row := ink[y*w : (y+1)*w]
		first := 0
		for first < w && !(row[first] > leastInk) {
			first++
		}
		if first == w {
			continue
		}
		last := w - 1
		for !(row[last] > leastInk) {
			last--
		}
		b.x0, b.x1 = min(b.x0, first), max(b.x1, last+1)
		b.y0, b.y1 = min(b.y0, y), y+1
	}
	return b, b.y1 > 0
}

// Clamp brings a value into [0,1]; NaN becomes 0, which is paper.
func Clamp(v float32) float32 {
	if !(v > 0) {
		return 0
	}
	if v > 1 {
		return 1
	}
	return v
}

// fitBox scales the part b of a picture of width w so that its longer side fills the box, the other one in the middle.
func fitBox(box *[boxSide * boxSide]float32, ink []float32, w int, b bounds) {
	step := float64(max(b.x1-b.x0, b.y1-b.y0)) / boxSide // source pixels for one of the box
	var cols, rows [boxSide]window
	windows(&cols, b.x0, b.x1, step)
	windows(&rows, b.y0, b.y1, step)
	// Each source row is scaled once; windows that follow each other share at most two.
	var lines [2][boxSide]float64
	done := b.y0
	for Y, r := range rows {
		var sums [boxSide]float64
		for y := r.first; y < r.end; y++ {
			line := &lines[y&1]
			if y >= done {
				scaleLine(line, ink[y*w:(y+1)*w], &cols)
				done = y + 1
			}
			weight := r.weight(y)
			for X, v := range line {
				sums[X] += weight * v
			}
		}
		for X, v := range sums {
			box[Y*boxSide+X] = Clamp(float32(v))
		}
	}
}

// scaleLine scales one row of a picture.
func scaleLine(line *[boxSide]float64, row []float32, cols *[boxSide]window) {
	for X := range cols {
		c := &cols[X]
		var sum float64
		for x := c.first; x < c.end; x++ {
			sum += c.weight(x) * float64(Clamp(row[x]))
		}
		line[X] = sum
	}
}

// window says which source pixels, along one axis, one pixel of the box is made of: first to end-1.
type window struct {
	first, end int
	lo, hi     float64 // shrinking: the stretch of source that is averaged,
	density    float64 // and 1/(hi-lo)
	mid        float64 // enlarging: the place between two source pixels
	shrink     bool
}

// weight returns the part of pixel i in the window. Shrinking averages the area, enlarging interpolates; the two meet at
// step 1.
func (v *window) weight(i int) float64 {
	if v.shrink {
		return (lesser(v.hi, float64(i+1)) - greater(v.lo, float64(i))) * v.density
	}
	return 1 - math.Abs(v.mid-(float64(i)+0.5))
}

// windows lays the pixels lo to hi-1 of one axis over the box, step source pixels for one of the box.
func windows(out *[boxSide]window, lo, hi int, step float64) {
	size := float64(hi-lo) / step
	margin := (boxSide - size) / 2
	if math.Abs(size-math.Round(size)) < gridSlack {
		// A whole number of pixels is aligned to the grid, so that a prepared picture comes back unchanged.
		margin = math.Floor(margin + gridSlack)
	}
	for i := range out {
		v := window{shrink: step >= 1, density: 1 / step}
		v.lo = float64(lo) + (float64(i)-margin)*step
		v.hi = v.lo + step
		v.mid = (v.lo + v.hi) / 2
		if v.shrink {
			v.first, v.end = int(math.Floor(v.lo)), int(math.Ceil(v.hi))
		} else {
			v.first = int(math.Floor(v.mid - 0.5))
			v.end = v.first + 2
		}
		v.first, v.end = max(v.first, lo), min(v.end, hi)
		out[i] = v
	}
}

// placeBox copies the box into the 28x28 field, moved by whole pixels so that its centre of mass comes to the centre.
func placeBox(dst []float32, box *[boxSide * boxSide]float32) {
	var mass, sx, sy float64
	b := bounds{boxSide, boxSide, 0, 0}
	for y := range boxSide {
		for x := range boxSide {
			v := float64(box[y*boxSide+x])
			if v <= 0 {
				continue
			}
			mass += v
			sx += v * float64(x)
			sy += v * float64(y)
			b.x0, b.x1 = min(b.x0, x), max(b.x1, x+1)
			b.y0, b.y1 = min(b.y0, y), max(b.y1, y+1)
		}
	}
	if mass <= 0 {
		return
	}
	dx := shift(sx/mass, b.x0, b.x1)
	dy := shift(sy/mass, b.y0, b.y1)
	for y := b.y0; y < b.y1; y++ {
		copy(dst[(y+dy)*PreparedSide+b.x0+dx:], box[y*boxSide+b.x0:y*boxSide+b.x1])
	}
}

// shift returns the whole number of pixels to move by, along one axis: centre of mass to the centre, but all ink, which
// is at lo to hi-1, inside the field.
func shift(mass float64, lo, hi int) int {
	return max(-lo, min(centre-int(math.Floor(mass+0.5)), PreparedSide-hi))
}
