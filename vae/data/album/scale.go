package album

import (
	"inkdrift/vae/data"
	"inkdrift/vae/data/picture"
)

// scaler brings pictures into frames, and keeps its memory between them.
type scaler struct {
	columns, rows taps
	line          []light     // of a stored picture, as far as it is used
	scaled        [2][]uint64 // two rows of it, scaled: red, green and blue in turn
	sums          []uint64    // of such rows
}

// taps says, for each pixel along one side of a result, which pixels it is made of, from first on, and with which weights, all
// of the same sum.
type taps struct {
	first   []int
	start   []int // of its weights
	weights []uint64
	sum     uint64
}

// set lays pixels of the source, lo to lo+n-1, over m pixels.
func (t *taps) set(lo, n, m int) {
	t.first, t.start = resized(t.first, m), resized(t.start, m+1)
	t.weights = t.weights[:0]
	t.sum = uint64(n)
	if n < m {
		t.sum = uint64(2 * m)
	}
	for x := range m {
		t.start[x] = len(t.weights)
		var first, end int
		if n < m {
			// Larger: between the middles of two pixels. Positions are in units of 1/2m of a source pixel.
			at := max(0, (2*x+1)*n-m)
			first = min(at/(2*m), n-1)
			end = min(first+2, n)
			right := uint64(at % (2 * m))
			if end == first+1 {
				right = 0
			}
			t.weights = append(t.weights, t.sum-right, right)[:t.start[x]+end-first]
		} else {
			// Smaller, or as large: the mean over an area. Positions are in units of 1/m of a source pixel.
			first, end = x*n/m, ((x+1)*n+m-1)/m
			for i := first; i < end; i++ {
				t.weights = append(t.weights, uint64(min((x+1)*n, (i+1)*m)-max(x*n, i*m)))
			}
		}
		t.first[x] = lo + first
	}
	t.start[m] = len(t.weights)
}

// of returns which pixels make pixel x, and their weights.
func (t *taps) of(x int) (first int, weights []uint64) {
	return t.first[x], t.weights[t.start[x]:t.start[x+1]]
}

// take writes a picture, brought into a frame, to dst, which has the frame's length. yield, unless it is nil, is called for
// every row.
func (s *scaler) take(dst []byte, p *picture.Picture, f Frame, yield func()) {
	w, h := p.Size()
	from, to := f.place(w, h)
	table := sRGB()
	plane := f.Shape.H * f.Shape.W
	var flip byte
	if f.Negative {
		flip = 255
	}
	put := func(x, y int, c *[3]light) { write(dst, f.Shape, y*f.Shape.W+x, c, table, flip) }
	if to.W < f.Shape.W || to.H < f.Shape.H {
		paper := [3]light{table.light[f.Paper[0]], table.light[f.Paper[1]], table.light[f.Paper[2]]}
		for i := range plane {
			put(i%f.Shape.W, i/f.Shape.W, &paper)
		}
	}

	// A picture that is not upright is scaled as it is stored and rotated as it is written.
	b := p.Image.Bounds()
	x0, y0 := p.Orientation.Stored(from.X, from.Y, b.Dx(), b.Dy())
	x1, y1 := p.Orientation.Stored(from.X+from.W-1, from.Y+from.H-1, b.Dx(), b.Dy())
	x0, x1, y0, y1 = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
	sw, sh := to.W, to.H
	if p.Orientation.Across() {
		sw, sh = sh, sw
	}
	s.columns.set(0, x1-x0+1, sw)
	s.rows.set(y0, y1-y0+1, sh)
	s.line = resized(s.line, 3*(x1-x0+1))
	s.sums = resized(s.sums, 3*sw)
	s.scaled[0], s.scaled[1] = resized(s.scaled[0], 3*sw), resized(s.scaled[1], 3*sw)

	read := rowReader(p.Image, f.Paper)
	have := [2]int{-1, -1}            // which rows are in scaled
	all := s.columns.sum * s.rows.sum // what the weights of a pixel add up to
	for y := range sh {
		clear(s.sums)
		first, weights := s.rows.of(y)
		for k, weight := range weights {
			row := first + k
			scaled := s.scaled[row&1]
			if have[row&1] != row {
				if yield != nil {
					yield()
				}
				read(s.line, row, x0, x1+1)
				s.scaleLine(scaled)
				have[row&1] = row
			}
			for i, v := range scaled {
				s.sums[i] += weight * v
			}
		}
		for x := range sw {
			var c [3]light
			for k := range c {
				c[k] = light((s.sums[3*x+k] + all/2) / all)
			}
			u, v := p.Orientation.Upright(x, y, sw, sh)
			put(to.X+u, to.Y+v, &c)
		}
	}
}

// write writes pixel i of a picture.
//
//go:noinline
func write(dst []byte, shape data.Shape, i int, c *[3]light, table *tables, flip byte) {
	if shape.C == 1 {
		dst[i] = table.back[greyOf(c[0], c[1], c[2])] ^ flip
		return
	}
	for k, l := range c {
		dst[k*shape.H*shape.W+i] = table.back[l] ^ flip
	}
}

// scaleLine scales one row of the source.
func (s *scaler) scaleLine(dst []uint64) {
	for x := range len(dst) / 3 {
		first, weights := s.columns.of(x)
		var r, g, b uint64
		in := s.line[3*first:][:3*len(weights)]
		for k, weight := range weights {
			r += weight * uint64(in[3*k])
			g += weight * uint64(in[3*k+1])
			b += weight * uint64(in[3*k+2])
		}
		dst[3*x], dst[3*x+1], dst[3*x+2] = r, g, b
	}
}

// resized returns memory for n values, the old one if it is large enough.
func resized[T any](old []T, n int) []T {
	if cap(old) < n {
		return make([]T, n)
	}
	return old[:n]
}
