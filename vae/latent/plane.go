package latent

import (
	"fmt"
	"math"
)

// Plane is a plane in latent space: all points Origin + x E1 + y E2. E1 and E2 are orthonormal, to the precision of
// float32.
type Plane struct{ Origin, E1, E2 []float32 }

// thin is the length below which what is left of a unit vector, less its part along another one, is no direction.
const thin = 1e-4

// Spanned returns the plane through origin along the first two of the directions that are independent. Where there are
// fewer, it takes axes of the latent space. A latent space has at least two dimensions; it panics where there are fewer,
// or where lengths differ.
func Spanned(origin []float32, directions ...[]float32) Plane {
	d := len(origin)
	if d < 2 {
		panic(fmt.Sprintf("latent: a plane in %d dimensions", d))
	}
	p := Plane{Origin: append([]float32(nil), origin...)}
	add := func(v []float32) {
		if len(v) != d {
			panic(fmt.Sprintf("latent: a direction of %d numbers in %d dimensions", len(v), d))
		}
		switch e := left(v, p.E1); {
		case e == nil:
		case p.E1 == nil:
			p.E1 = e
		default:
			p.E2 = e
		}
	}
	for _, v := range directions {
		if p.E2 == nil {
			add(v)
		}
	}
	for i := 0; p.E2 == nil; i++ {
		axis := make([]float32, d)
		axis[i] = 1
		add(axis)
	}
	return p
}

// left returns the unit vector along what is left of v less its part along e, a unit vector or nil; nil if that is no
// direction.
func left(v, e []float32) []float32 {
	length := math.Sqrt(dot(v, v))
	if !(length > 0) {
		return nil
	}
	w := make([]float64, len(v))
	for j, x := range v {
		w[j] = float64(x) / length
	}
	if e != nil {
		for range 2 { // once more for what rounding left
			along := 0.0
			for j, x := range e {
				along += w[j] * float64(x)
			}
			for j, x := range e {
				w[j] -= along * float64(x)
			}
		}
	}
	sum := 0.0
	for _, x := range w {
		sum += x * x
	}
	if !(sum > thin*thin) {
		return nil
	}
	out := make([]float32, len(v))
	for j, x := range w {
		out[j] = float32(x / math.Sqrt(sum))
	}
	return out
}

// Through returns the plane through a, b and the origin. The bisector of a and b points up; a is on the left.
func Through(a, b []float32) Plane {
	d := len(a)
	if len(b) != d {
		panic(fmt.Sprintf("latent: a plane through points of %d and %d numbers", d, len(b)))
	}
	across, up := make([]float32, d), make([]float32, d)
	la, lb := math.Sqrt(dot(a, a)), math.Sqrt(dot(b, b))
	for j := range d {
		var x, y float64 // of unit length, so that the sum is at a right angle to the difference
		if la > 0 {
			x = float64(a[j]) / la
		}
		if lb > 0 {
			y = float64(b[j]) / lb
		}
		across[j], up[j] = float32(y-x), float32(x+y)
	}
	return Spanned(make([]float32, d), across, up)
}

// Dimensions returns the plane of two dimensions; the others are 0. Of two dimensions it is all of latent space.
func Dimensions(d, across, up int) Plane {
	if across < 0 || across >= d || up < 0 || up >= d || across == up {
		panic(fmt.Sprintf("latent: a plane of dimensions %d and %d of %d", across, up, d))
	}
	e1, e2 := make([]float32, d), make([]float32, d)
	e1[across], e2[up] = 1, 1
	return Plane{make([]float32, d), e1, e2}
}

// Project returns where z, or the point of the plane that is nearest to it, lies on the plane.
func (p Plane) Project(z []float32) (x, y float64) {
	for j, v := range z {
		v := float64(v) - float64(p.Origin[j])
		x += v * float64(p.E1[j])
		y += v * float64(p.E2[j])
	}
	return x, y
}

// At writes the point at x, y to dst.
func (p Plane) At(dst []float32, x, y float64) {
	for j := range p.Origin {
		dst[j] = float32(float64(p.Origin[j]) + x*float64(p.E1[j]) + y*float64(p.E2[j]))
	}
}

// Off returns how far z is from the plane.
func (p Plane) Off(z []float32) float64 {
	x, y := p.Project(z)
	sum := 0.0
	for j, v := range z {
		r := float64(v) - float64(p.Origin[j]) - x*float64(p.E1[j]) - y*float64(p.E2[j])
		sum += r * r
	}
	return math.Sqrt(sum)
}

// Share returns which part of the variance of points, row by row, is on the plane: 0 to 1. It is 0 where they do not
// vary.
func (p Plane) Share(points []float32) float64 {
	d := len(p.Origin)
	mean := make([]float64, d)
	for i, v := range points {
		mean[i%d] += float64(v) / float64(len(points)/d)
	}
	var on, all float64
	for ; len(points) >= d; points = points[d:] {
		var x, y float64
		for j, v := range points[:d] {
			v := float64(v) - mean[j]
			all += v * v
			x += v * float64(p.E1[j])
			y += v * float64(p.E2[j])
		}
		on += x*x + y*y
	}
	if all == 0 {
		return 0
	}
	return on / all
}

// Ellipse is where a normal distribution on a plane has one standard deviation: half its axes, and the angle from E1 to
// the major one, counter-clockwise in radians.
type Ellipse struct{ Major, Minor, Angle float64 }

// Ellipse projects a normal distribution with independent dimensions, given by the logarithms of its variances.
func (p Plane) Ellipse(logvar []float32) Ellipse {
	var a, b, c float64 // the covariance is a b, b c
	for j, v := range logvar {
		s, x, y := math.Exp(float64(v)), float64(p.E1[j]), float64(p.E2[j])
		a, b, c = a+s*x*x, b+s*x*y, c+s*y*y
	}
	middle, half := (a+c)/2, math.Hypot((a-c)/2, b)
	return Ellipse{math.Sqrt(middle + half), math.Sqrt(max(middle-half, 0)), math.Atan2(2*b, a-c) / 2}
}

func dot(a, b []float32) (sum float64) {
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}
