package latent

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// PCA holds the first principal components of a set of points.
type PCA struct {
	// Mean is the mean of the points.
	Mean []float64
	// Components are unit vectors, the one along which the points vary most first. The largest entry of each is positive.
	Components [][]float64
	// Variance is the variance along each component.
	Variance []float64
	// Total is the variance along all directions together.
	Total float64
}

// FitPCA finds the first k principal components of points with dim values each. The error says which of these is wrong:
// there must be at least 2 points, k must be from 1 to dim and less than the number of points, and every value finite.
func FitPCA(points []float32, dim, k int) (*PCA, error) {
	if dim < 1 || len(points)%dim != 0 {
		return nil, fmt.Errorf("pca: points: %d values are not a whole number of points of %d", len(points), dim)
	}
	n := len(points) / dim
	if n < 2 {
		return nil, fmt.Errorf("pca: points: %d given; at least 2 are needed", n)
	}
	if k < 1 || k > dim || k >= n {
		return nil, fmt.Errorf("pca: k: %d components of %d points of %d values; it must be from 1 to %d", k, n, dim, min(dim, n-1))
	}
	x := mat.NewDense(n, dim, nil)
	p := &PCA{Mean: make([]float64, dim), Variance: make([]float64, k)}
	for i, v := range points {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return nil, fmt.Errorf("pca: points: value %d of point %d is %v; it must be finite", i%dim, i/dim, v)
		}
		x.Set(i/dim, i%dim, float64(v))
		p.Mean[i%dim] += float64(v) / float64(n)
	}
	var pc stat.PC
	if !pc.PrincipalComponents(x, nil) {
		return nil, errors.New("pca: the singular value decomposition did not converge")
	}
	var vectors mat.Dense
	pc.VectorsTo(&vectors)
	variance := pc.VarsTo(nil)
	for _, v := range variance {
		p.Total += v
	}
	copy(p.Variance, variance)
	for c := range k {
		p.Components = append(p.Components, upright(mat.Col(nil, c, &vectors)))
	}
	return p, nil
}

// upright turns v round if its largest entry is negative.
func upright(v []float64) []float64 {
	largest := 0.0
	for _, x := range v {
		if math.Abs(x) > math.Abs(largest) {
			largest = x
		}
	}
	if largest < 0 {
		for i := range v {
			v[i] = -v[i]
		}
	}
	return v
}

// Project writes the coordinates of points along the components to dst, len(p.Components) for each point.
func (p *PCA) Project(dst, points []float32) {
	dim, k := len(p.Mean), len(p.Components)
	n := len(points) / dim
	if len(points)%dim != 0 || len(dst) < n*k {
		panic(fmt.Sprintf("latent: %d values are not points of %d, or do not fit into %d coordinates", len(points), dim, len(dst)))
	}
	for i := range n {
		for c, component := range p.Components {
			var sum float64
			for j, w := range component {
				sum += w * (float64(points[i*dim+j]) - p.Mean[j])
			}
			dst[i*k+c] = float32(sum)
		}
	}
}

// Lift writes the points that have given coordinates along the components, and none along all others, to dst: the
// reverse of Project for points in the plane of the components.
func (p *PCA) Lift(dst, coordinates []float32) {
	dim, k := len(p.Mean), len(p.Components)
	n := len(coordinates) / k
	if len(coordinates)%k != 0 || len(dst) < n*dim {
		panic(fmt.Sprintf("latent: %d values are not coordinates along %d components, or do not fit into %d", len(coordinates), k, len(dst)))
	}
	for i := range n {
		for j := range dim {
			sum := p.Mean[j]
			for c, component := range p.Components {
				sum += component[j] * float64(coordinates[i*k+c])
			}
			dst[i*dim+j] = float32(sum)
		}
	}
}
