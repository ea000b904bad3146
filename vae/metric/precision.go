package metric

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// Manifold compares the manifolds of samples and data in the features of a
// classifier (Kynkäänniemi et al. 2019): Precision is how much of the samples looks
// like data, Recall how much of the data can be sampled.
type Manifold struct {
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	// Neighbours is which nearest neighbour of its own set gives each picture the
	// radius of its ball: the paper's 3.
	Neighbours int `json:"precision_neighbours"`
	Samples    int `json:"precision_samples"`
	Reference  int `json:"precision_reference_images"`
}

// PrecisionNeighbours is the k of Kynkäänniemi et al. 2019.
const PrecisionNeighbours = 3

// PrecisionRecall compares two sets of vectors of d numbers. Precision is the share
// of samples that lie in the ball of some vector of the reference, whose radius is
// the distance to its k-th nearest neighbour there; recall is the same the other
// way round. The error is a *FeatureError. pause, unless nil, is called between
// pieces of work; its error ends it.
func PrecisionRecall(samples, reference []float32, d, k int, pause func() error) (Manifold, error) {
	p := Manifold{Neighbours: k}
	for _, set := range []struct {
		name string
		x    []float32
		n    *int
	}{{"samples", samples, &p.Samples}, {"reference", reference, &p.Reference}} {
		if d < 1 || len(set.x)%d != 0 {
			return p, &FeatureError{set.name, fmt.Sprintf("have %d numbers, which is not a whole number of vectors of %d", len(set.x), d)}
		}
		if *set.n = len(set.x) / d; *set.n <= k || k < 1 {
			return p, &FeatureError{set.name, fmt.Sprintf("are %d; the %d nearest others are needed", *set.n, k)}
		}
	}
	radii, err := neighbourDistances(reference, d, k, pause)
	if err != nil {
		return p, err
	}
	if p.Precision, err = covered(samples, reference, radii, d, pause); err != nil {
		return p, err
	}
	if radii, err = neighbourDistances(samples, d, k, pause); err != nil {
		return p, err
	}
	p.Recall, err = covered(reference, samples, radii, d, pause)
	return p, err
}

// distanceRows is how many rows of a matrix of distances are made at a time.
const distanceRows = 64

// distances calls f with the squared distances of each vector of a from those of b.
func distances(a, b []float32, d int, pause func() error, f func(i int, row []float32)) error {
	n, m := len(a)/d, len(b)/d
	norms := make([]float32, m)
	for j := range norms {
		v := blas32.Vector{N: d, Inc: 1, Data: b[j*d:][:d]}
		norms[j] = blas32.Dot(v, v)
	}
	block := make([]float32, distanceRows*m)
	for first := 0; first < n; first += distanceRows {
		if err := yield(pause); err != nil {
			return err
		}
		rows := min(distanceRows, n-first)
		blas32.Gemm(blas.NoTrans, blas.Trans, -2, blas32.General{Rows: rows, Cols: d, Stride: d, Data: a[first*d:]},
			blas32.General{Rows: m, Cols: d, Stride: d, Data: b}, 0, blas32.General{Rows: rows, Cols: m, Stride: m, Data: block})
		for r := range rows {
			v := blas32.Vector{N: d, Inc: 1, Data: a[(first+r)*d:][:d]}
			norm := blas32.Dot(v, v)
			row := block[r*m:][:m]
			for j := range row {
				row[j] += norm + norms[j]
			}
			f(first+r, row)
		}
	}
	return nil
}

// neighbourDistances gives the squared distance of each vector to its k-th nearest
// among the others.
func neighbourDistances(x []float32, d, k int, pause func() error) ([]float32, error) {
	radii := make([]float32, len(x)/d)
	nearest := make([]float32, k)
	err := distances(x, x, d, pause, func(i int, row []float32) {
		n := 0
		for j, v := range row {
			if j == i || n == k && v >= nearest[k-1] {
				continue
			}
			at := min(n, k-1)
			for ; at > 0 && nearest[at-1] > v; at-- {
				nearest[at] = nearest[at-1]
			}
			nearest[at] = v
			n = min(n+1, k)
		}
		radii[i] = nearest[k-1]
	})
	return radii, err
}

// covered is the share of the vectors of x that lie in a ball around some of those
// of centres.
func covered(x, centres, radii []float32, d int, pause func() error) (float64, error) {
	in := 0
	err := distances(x, centres, d, pause, func(_ int, row []float32) {
		for j, v := range row {
			if v <= radii[j] {
				in++
				return
			}
		}
	})
	return float64(in) / float64(len(x)/d), err
}
