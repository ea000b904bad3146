package ink

import "math"

// Point is one point of a stroke: X to the right and Y down in pad units (the pad is the square from 0 to 1), P the
// pressure, a factor on the width of the stroke (1 for a mouse).
type Point struct{ X, Y, P float32 }

// Stroke is a line drawn without lifting the pen. Width is the diameter of its round brush in pad units.
type Stroke struct {
	Width  float32
	Points []Point
}

// Rasterize draws strokes over dst, a w x h picture (row by row) that the unit square is stretched over: each pixel
// becomes the larger of what it was and the part of it that ink covers, in [0,1]. A brush stays round in any picture;
// its diameter is in units of the shorter side. The thickness runs evenly from point to point; a stroke of one point is
// a dot. Segments that are not finite or have no width leave no ink. It does not allocate, and a segment costs no more than
// the pixels that it reaches.
//
// It panics if dst holds less than w*h values.
func Rasterize(dst []float32, w, h int, strokes []Stroke) {
	if w <= 0 || h <= 0 {
		return
	}
	dst = dst[:w*h]
	side := float64(min(w, h))
	for _, s := range strokes {
		radius := float64(s.Width) / 2 * side
		for i, p := range s.Points {
			a := disc{float64(p.X) * float64(w), float64(p.Y) * float64(h), radius * max(0, float64(p.P))}
			if i+1 < len(s.Points) {
				q := s.Points[i+1]
				segment(dst, w, h, a, disc{float64(q.X) * float64(w), float64(q.Y) * float64(h), radius * max(0, float64(q.P))})
			} else if i == 0 {
				segment(dst, w, h, a, a)
			}
		}
	}
}

// disc is the brush at one point, in pixels.
type disc struct{ x, y, r float64 }

// segment draws the brush on its way from a to b.
func segment(dst []float32, w, h int, a, b disc) {
	r := max(a.r, b.r)
	dx, dy, dr := b.x-a.x, b.y-a.y, b.r-a.r
	if !(r > 0) || math.IsInf(dx, 0) || math.IsInf(dy, 0) || math.IsInf(r, 0) {
		return
	}
	length := math.Sqrt(dx*dx + dy*dy)
	var invLen2, nx, ny float64
	if length > 1e-6 {
		invLen2 = 1 / (length * length)
		nx, ny = -dy/length, dx/length
	} else if dr > 0 {
		a.r, dr = b.r, 0 // both ends in one place: the larger disc
	}
	reach := r + 0.5
	y0, y1 := span(min(a.y, b.y)-reach, max(a.y, b.y)+reach, h)
	x0, x1 := span(min(a.x, b.x)-reach, max(a.x, b.x)+reach, w)
	long := length > 2*reach // then most of the box around the segment is out of its reach
	for y := y0; y < y1; y++ {
		py := float64(y) + 0.5
		if long {
			lo, hi := rowOf(a, b, reach, nx, ny, py)
			x0, x1 = span(lo, hi, w)
		}
		row := dst[y*w : (y+1)*w]
		py -= a.y
		for x := x0; x < x1; x++ {
			if row[x] >= 1 {
				continue
			}
			px := float64(x) + 0.5 - a.x
			t := (px*dx + py*dy) * invLen2
			if t < 0 {
				t = 0
			} else if t > 1 {
				t = 1
			}
			ex, ey, er := px-t*dx, py-t*dy, a.r+t*dr
			d2 := ex*ex + ey*ey
			if far := er + 0.5; d2 >= far*far {
				continue
			}
			c := float32(1)
			if near := er - 0.5; near < 0 || d2 > near*near {
				// The part of a pixel-wide window at distance d from its middle that the line of thickness 2r covers.
				d := math.Sqrt(d2)
				c = float32(lesser(er, d+0.5) - greater(-er, d-0.5))
			}
			if c > row[x] {
				row[x] = c
			}
		}
	}
}

// rowOf returns the part of row y within reach of the line from a to b, whose unit normal is (nx, ny).
func rowOf(a, b disc, reach, nx, ny, y float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, end := range [2]disc{a, b} {
		if d := y - end.y; d >= -reach && d <= reach {
			half := math.Sqrt(reach*reach - d*d)
			lo, hi = min(lo, end.x-half), max(hi, end.x+half)
		}
	}
	// The two long sides, reach to either side of the line.
	for _, side := range [2]float64{reach, -reach} {
		from, to := a.y+side*ny, b.y+side*ny
		if y < min(from, to) || y > max(from, to) || from == to {
			continue
		}
		x := a.x + side*nx + (y-from)/(to-from)*(b.x-a.x)
		lo, hi = min(lo, x), max(hi, x)
	}
	return lo, hi
}

// span returns the pixels of [0,n) whose middle is in [lo,hi], none if lo or hi is NaN.
func span(lo, hi float64, n int) (first, end int) {
	lo, hi = math.Ceil(lo-0.5), math.Floor(hi+0.5)
	if !(lo < float64(n) && hi > 0) {
		return 0, 0
	}
	return int(max(lo, 0)), int(min(hi, float64(n)))
}

// lesser and greater are min and max for numbers that are not NaN. In WebAssembly the built-in ones, which check for
// NaN, took a third of the time of a drawing.
func lesser(a, b float64) float64 {
	if a < b {
		return a
	}
	return b
}

func greater(a, b float64) float64 {
	if a > b {
		return a
	}
	return b
}
