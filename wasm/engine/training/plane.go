package training

import "math"

// plane is the two directions in which points vary most: their first principal
// components, found by orthogonal iteration (Golub and Van Loan, Matrix
// Computations, 7.3.2). It begins with where it was the last time, so that a
// picture of a model that learns moves and does not jump or flip.
type plane struct {
	dim  int
	axes [2][]float64 // unit vectors; nil: there was no last time
}

// planeTurns bounds the iterations. Where they are too few, directions vary
// about the same, and no picture is better than another.
const planeTurns = 100

// fit turns the plane towards points of dim > 2 numbers each, at least three, all
// finite, and gives their mean and the part of their variance along each axis.
func (p *plane) fit(points []float32, dim int) (mean []float64, explained []float64) {
	n := len(points) / dim
	mean = make([]float64, dim)
	for i, v := range points {
		mean[i%dim] += float64(v) / float64(n)
	}
	centred := make([]float64, len(points))
	total := 0.0
	for i, v := range points {
		centred[i] = float64(v) - mean[i%dim]
		total += centred[i] * centred[i]
	}
	before := p.axes
	if p.dim != dim {
		p.dim, before = dim, [2][]float64{}
		for k := range p.axes {
			p.axes[k] = make([]float64, dim)
			for j := range p.axes[k] {
				p.axes[k][j] = math.Cos(float64((2*k+1)*j + k)) // any direction
			}
		}
		p.straighten()
	}
	var variance [2]float64
	for range planeTurns {
		var next plane
		for k, axis := range p.axes {
			next.axes[k] = spread(centred, axis)
		}
		next.straighten()
		variance = next.turn(centred)
		still := math.Abs(dot(next.axes[0], p.axes[0]))+math.Abs(dot(next.axes[1], p.axes[1])) > 2-1e-10
		p.axes = next.axes
		if still {
			break
		}
	}
	for k, axis := range p.axes {
		if before[k] != nil && dot(axis, before[k]) < 0 || before[k] == nil && largest(axis) < 0 {
			scale(axis, -1)
		}
	}
	if total == 0 {
		return mean, []float64{0, 0}
	}
	return mean, []float64{variance[0] / total, variance[1] / total}
}

// straighten makes the axes unit vectors, the second at a right angle to the
// first.
func (p *plane) straighten() {
	for k, axis := range p.axes {
		for range 2 { // once more for what rounding left
			if k == 1 {
				along := dot(axis, p.axes[0])
				for j, v := range p.axes[0] {
					axis[j] -= along * v
				}
			}
			length := math.Sqrt(dot(axis, axis))
			for i := 0; !(length > 1e-150); i++ { // no direction is left: take another
				axis[i%len(axis)]++
				if k == 1 {
					along := dot(axis, p.axes[0])
					for j, v := range p.axes[0] {
						axis[j] -= along * v
					}
				}
				length = math.Sqrt(dot(axis, axis))
			}
			scale(axis, 1/length)
		}
	}
}

// turn turns the axes within their plane so that the points vary most along the
// first, and gives the sums of squares along both.
func (p *plane) turn(centred []float64) [2]float64 {
	dim := len(p.axes[0])
	var a, b, c float64
	for ; len(centred) >= dim; centred = centred[dim:] {
		x, y := dot(centred[:dim], p.axes[0]), dot(centred[:dim], p.axes[1])
		a, b, c = a+x*x, b+x*y, c+y*y
	}
	sin, cos := math.Sincos(math.Atan2(2*b, a-c) / 2)
	for j, x := range p.axes[0] {
		y := p.axes[1][j]
		p.axes[0][j], p.axes[1][j] = cos*x+sin*y, cos*y-sin*x
	}
	return [2]float64{a*cos*cos + 2*b*sin*cos + c*sin*sin, a*sin*sin - 2*b*sin*cos + c*cos*cos}
}

// project writes where points lie in the plane, x and y of each.
func (p *plane) project(dst, points []float32, mean []float64) {
	for i := range len(points) / p.dim {
		row := points[i*p.dim:][:p.dim]
		for k, axis := range p.axes {
			var sum float64
			for j, v := range row {
				sum += (float64(v) - mean[j]) * axis[j]
			}
			dst[2*i+k] = float32(sum)
		}
	}
}

// at gives the points of places in the plane, x and y of each.
func (p *plane) at(xy []float32, mean []float64) []float32 {
	points := make([]float32, 0, len(xy)/2*p.dim)
	for ; len(xy) > 0; xy = xy[2:] {
		for j, m := range mean {
			points = append(points, float32(m+float64(xy[0])*p.axes[0][j]+float64(xy[1])*p.axes[1][j]))
		}
	}
	return points
}

// spread gives the sum over all points of the point times how far it lies along
// axis: the covariance times axis, but for a factor.
func spread(centred, axis []float64) []float64 {
	dim := len(axis)
	out := make([]float64, dim)
	for ; len(centred) >= dim; centred = centred[dim:] {
		along := dot(centred[:dim], axis)
		for j, v := range centred[:dim] {
			out[j] += along * v
		}
	}
	return out
}

func dot(x, y []float64) (sum float64) {
	for i, v := range x {
		sum += v * y[i]
	}
	return sum
}

func scale(x []float64, by float64) {
	for i := range x {
		x[i] *= by
	}
}

// largest gives the number of x that is farthest from zero.
func largest(x []float64) (most float64) {
	for _, v := range x {
		if math.Abs(v) > math.Abs(most) {
			most = v
		}
	}
	return most
}
