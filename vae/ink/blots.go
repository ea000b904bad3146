package ink

import "math"

const (
	blotInk    = 0.3   // connected pixels with at least this ink are a blot;
	speckPart  = 0.03  // one with less than this part of the largest is a speck;
	drawnPart  = 0.001 // and one with at least this part of the picture may be the drawing
	cropMargin = 0.2   // of the drawing's longer side is left around it
)

// blot is a connected piece of ink.
type blot struct {
	pixels int
	edge   bool // it touches the border
}

// tidy removes what is not part of the drawing: specks, and blots that touch the border if another blot can be the
// drawing.
func (s *sheet) tidy() {
	of, blots := s.blots()
	inner := 0 // the largest that does not touch the border
	largest := 0
	for _, b := range blots {
		largest = max(largest, b.pixels)
		if !b.edge {
			inner = max(inner, b.pixels)
		}
	}
	alone := float64(inner) >= max(4, drawnPart*float64(len(s.v)))
	if alone {
		largest = inner
	}
	keep := make([]bool, len(blots))
	for k, b := range blots {
		keep[k] = float64(b.pixels) >= speckPart*float64(largest) && !(alone && b.edge)
	}
	// The soft edge of a blot, two pixels wide, goes with it.
	const soft = 2
	kept := make([]bool, len(s.v))
	for i, k := range of {
		if k < 0 || !keep[k] {
			continue
		}
		x, y := i%s.w, i/s.w
		for v := max(0, y-soft); v <= min(s.h-1, y+soft); v++ {
			for u := max(0, x-soft); u <= min(s.w-1, x+soft); u++ {
				kept[v*s.w+u] = true
			}
		}
	}
	for i := range s.v {
		if !kept[i] || of[i] >= 0 && !keep[of[i]] {
			s.v[i] = 0
		}
	}
}

// blots finds the connected pieces of ink; of is the number of each pixel's, -1 for none.
func (s *sheet) blots() (of []int32, blots []blot) {
	of = make([]int32, len(s.v))
	for i := range of {
		of[i] = -1
	}
	var open []int
	for i, v := range s.v {
		if v < blotInk || of[i] >= 0 {
			continue
		}
		k := int32(len(blots))
		var b blot
		of[i] = k
		for open = append(open[:0], i); len(open) > 0; {
			j := open[len(open)-1]
			open = open[:len(open)-1]
			x, y := j%s.w, j/s.w
			b.pixels++
			b.edge = b.edge || x == 0 || y == 0 || x == s.w-1 || y == s.h-1
			for v := max(0, y-1); v <= min(s.h-1, y+1); v++ {
				for u := max(0, x-1); u <= min(s.w-1, x+1); u++ {
					if n := v*s.w + u; of[n] < 0 && s.v[n] >= blotInk {
						of[n] = k
						open = append(open, n)
					}
				}
			}
		}
		blots = append(blots, b)
	}
	return of, blots
}

// crop returns the drawing with some paper around it, in a square if there is enough of it.
func (s *sheet) crop() *sheet {
	b, ok := inkBounds(s.v, s.w, s.h)
	if !ok {
		return s
	}
	half := float64(max(b.x1-b.x0, b.y1-b.y0)) * (0.5 + cropMargin)
	cut := func(lo, hi, n int) (int, int) {
		middle := float64(lo+hi) / 2
		return max(0, int(math.Floor(middle-half))), min(n, int(math.Ceil(middle+half)))
	}
	x0, x1 := cut(b.x0, b.x1, s.w)
	y0, y1 := cut(b.y0, b.y1, s.h)
	out := &sheet{x1 - x0, y1 - y0, make([]float32, 0, (x1-x0)*(y1-y0))}
	for y := y0; y < y1; y++ {
		out.v = append(out.v, s.v[y*s.w+x0:y*s.w+x1]...)
	}
	return out
}

// shrink returns the ink as bytes, averaged by area down to at most side.
func (s *sheet) shrink(side int) (ink []uint8, w, h int) {
	w, h = fit(s.w, s.h, side)
	ink = make([]uint8, w*h)
	for y := range h {
		y0, y1 := float64(y)*float64(s.h)/float64(h), float64(y+1)*float64(s.h)/float64(h)
		for x := range w {
			x0, x1 := float64(x)*float64(s.w)/float64(w), float64(x+1)*float64(s.w)/float64(w)
			var sum float64
			for v := int(y0); v < min(s.h, int(math.Ceil(y1))); v++ {
				part := min(y1, float64(v+1)) - max(y0, float64(v))
				for u := int(x0); u < min(s.w, int(math.Ceil(x1))); u++ {
					sum += part * (min(x1, float64(u+1)) - max(x0, float64(u))) * float64(s.v[v*s.w+u])
				}
			}
			ink[y*w+x] = uint8(255*sum/((x1-x0)*(y1-y0)) + 0.5)
		}
	}
	return ink, w, h
}
