package data

import (
	"math"

	"inkdrift/vae/ink"
)

// node is a point that a curve goes through. At a corner the curve may turn sharply.
type node struct {
	x, y   float64
	corner bool
}

// trace appends a smooth curve through nodes to dst: piecewise cubic, with Catmull and Rom's tangents for centripetal
// knots (the square root of the distance), which makes neither loops nor cusps between nodes. The curve starts anew at
// corners. Its points are about step apart.
func trace(dst []ink.Point, nodes []node, step float64) []ink.Point {
	if len(nodes) == 0 {
		return dst
	}
	dst = append(dst, ink.Point{X: float32(nodes[0].x), Y: float32(nodes[0].y), P: 1})
	for first := 0; first < len(nodes)-1; {
		last := first + 1
		for last < len(nodes)-1 && !nodes[last].corner {
			last++
		}
		for i := first; i < last; i++ {
			a, b := nodes[i], nodes[i+1]
			before, after := mirror(a, b), mirror(b, a)
			if i > first {
				before = nodes[i-1]
			}
			if i+1 < last {
				after = nodes[i+2]
			}
			dst = tracePiece(dst, before, a, b, after, step)
		}
		first = last
	}
	return dst
}

// mirror returns b on the other side of a.
func mirror(a, b node) node { return node{x: 2*a.x - b.x, y: 2*a.y - b.y} }

// tracePiece appends the curve from b to c, without b, that comes from a and goes on to d.
func tracePiece(dst []ink.Point, a, b, c, d node, step float64) []ink.Point {
	ta, tb, tc := knot(a, b), knot(b, c), knot(c, d)
	// The tangents at b and c, for a parameter that runs from 0 to 1 between them.
	bx, by := tangent(a.x, b.x, c.x, ta, tb), tangent(a.y, b.y, c.y, ta, tb)
	cx, cy := -tangent(d.x, c.x, b.x, tc, tb), -tangent(d.y, c.y, b.y, tc, tb)
	n := max(1, int(math.Ceil(tb*tb/step)))
	for k := 1; k <= n; k++ {
		t := float64(k) / float64(n)
		dst = append(dst, ink.Point{X: float32(hermite(b.x, bx, c.x, cx, t)), Y: float32(hermite(b.y, by, c.y, cy, t)), P: 1})
	}
	return dst
}

// knot returns the centripetal distance of two nodes.
func knot(a, b node) float64 { return math.Sqrt(max(1e-6, math.Sqrt(square(b.x-a.x)+square(b.y-a.y)))) }

// tangent returns the slope at b of the parabola through a, b and c with knots s before and t after b, times t.
func tangent(a, b, c, s, t float64) float64 {
	return ((b-a)/s*t + (c-b)/t*s) / (s + t) * t
}

// hermite is the cubic from p with slope u to q with slope v.
func hermite(p, u, q, v, t float64) float64 {
	s := 1 - t
	return p*(1+2*t)*s*s + u*t*s*s + q*t*t*(3-2*t) - v*t*t*s
}
