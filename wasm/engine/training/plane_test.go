package training

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// cloud draws n points of dim numbers that vary by sizes along their first
// numbers, turned a little.
func cloud(n, dim int, sizes ...float64) []float32 {
	random := rand.New(rand.NewPCG(1, uint64(dim)))
	points := make([]float32, n*dim)
	for i := range n {
		row := points[i*dim:][:dim]
		for j := range row {
			size := 0.1
			if j < len(sizes) {
				size = sizes[j]
			}
			row[j] = float32(size*random.NormFloat64() + float64(j))
		}
		for j := 1; j < dim; j++ {
			row[j-1], row[j] = 0.8*row[j-1]-0.6*row[j], 0.6*row[j-1]+0.8*row[j]
		}
	}
	return points
}

// principal returns gonum's first two principal components of points, the parts of
// the variance that they explain, and the coordinates of the points along them.
func principal(t *testing.T, points []float32, dim int) (components [2][]float64, explained [2]float64, at *mat.Dense) {
	t.Helper()
	n := len(points) / dim
	x := mat.NewDense(n, dim, nil)
	for i, v := range points {
		x.Set(i/dim, i%dim, float64(v))
	}
	var pc stat.PC
	if !pc.PrincipalComponents(x, nil) {
		t.Fatal("gonum finds no principal components")
	}
	var vectors mat.Dense
	pc.VectorsTo(&vectors)
	variances := pc.VarsTo(nil)
	var total float64
	for _, v := range variances {
		total += v
	}
	for k := range 2 {
		components[k], explained[k] = mat.Col(nil, k, &vectors), variances[k]/total
	}
	for j := range dim {
		mean := stat.Mean(mat.Col(nil, j, x), nil)
		for i := range n {
			x.Set(i, j, x.At(i, j)-mean)
		}
	}
	at = new(mat.Dense)
	at.Mul(x, vectors.Slice(0, dim, 0, 2))
	return components, explained, at
}

// TestPlane: the directions are gonum's principal components, whatever it begins
// with.
func TestPlane(t *testing.T) {
	for _, dim := range []int{3, 5, 20, 64} {
		var p plane
		for round, points := range [][]float32{cloud(400, dim, 3, 2, 1), cloud(50, dim, 0.5, 5), cloud(4, dim, 1, 2)} {
			components, explains, ref := principal(t, points, dim)
			before := p.axes
			mean, explained := p.fit(points, dim)
			for k := range 2 {
				if same := math.Abs(dot(p.axes[k], components[k])); same < 1-1e-4 {
					t.Errorf("%d dimensions, round %d: axis %d is off by a cosine of %v", dim, round, k, same)
				}
				if d := explained[k] - explains[k]; math.Abs(d) > 1e-4 {
					t.Errorf("%d dimensions, round %d: axis %d explains %v, off by %v", dim, round, k, explained[k], d)
				}
				if before[k] != nil && dot(before[k], p.axes[k]) < 0 {
					t.Errorf("%d dimensions, round %d: axis %d has flipped", dim, round, k)
				}
			}
			xy := make([]float32, 2*len(points)/dim)
			p.project(xy, points, mean)
			for i := range xy {
				if math.Abs(math.Abs(float64(xy[i]))-math.Abs(ref.At(i/2, i%2))) > 0.05 {
					t.Fatalf("%d dimensions, round %d: point %d lies at %v, not %v", dim, round, i/2, xy[i], ref.At(i/2, i%2))
				}
			}
		}
	}
}

// TestFlatPlane: points that lie all in one place or on a line do no harm.
func TestFlatPlane(t *testing.T) {
	for name, points := range map[string][]float32{
		"one place": make([]float32, 5*4),
		"a line":    {1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 5, 5, 5, 5},
		"huge":      {1e38, 0, 0, 0, -1e38, 0, 0, 0, 0, 1e38, 0, 0},
	} {
		var p plane
		for range 2 {
			mean, explained := p.fit(points, 4)
			xy := make([]float32, len(points)/2)
			p.project(xy, points, mean)
			for _, v := range append(explained, dot(p.axes[0], p.axes[0]), dot(p.axes[1], p.axes[1])) {
				if !(v >= -1e-9 && v <= 1+1e-9) {
					t.Errorf("%s: %v", name, v)
				}
			}
			if along := dot(p.axes[0], p.axes[1]); !(math.Abs(along) < 1e-9) {
				t.Errorf("%s: the axes are not at a right angle: %v", name, along)
			}
		}
	}
}
