package metric

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// Moments are the mean and the covariance of a set of feature vectors: the
// Gaussian that a Fréchet distance compares.
type Moments struct {
	N    int       // how many vectors
	Mean []float64 // len d
	Cov  []float64 // [d, d], row-major, symmetric, divided by N-1
}

// FeatureError says which argument of a measure is wrong, and how.
type FeatureError struct{ Field, Reason string }

func (e *FeatureError) Error() string { return fmt.Sprintf("metric: %s %s", e.Field, e.Reason) }

// MomentsOf returns the moments of vectors of d numbers each, one after the
// other: at least two. The error is a *FeatureError.
func MomentsOf(features []float32, d int) (*Moments, error) {
	if d < 1 || len(features)%d != 0 {
		return nil, &FeatureError{"features", fmt.Sprintf("have %d numbers, which is not a whole number of vectors of %d", len(features), d)}
	}
	n := len(features) / d
	if n < 2 {
		return nil, &FeatureError{"features", fmt.Sprintf("are of %d pictures; a covariance needs at least 2", n)}
	}
	x := mat.NewDense(n, d, nil)
	for i, v := range features {
		if v-v != 0 {
			return nil, &FeatureError{"features", fmt.Sprintf("of picture %d are not finite", i/d)}
		}
		x.Set(i/d, i%d, float64(v))
	}
	m := &Moments{N: n, Mean: make([]float64, d), Cov: make([]float64, d*d)}
	for i := range m.Mean {
		m.Mean[i] = stat.Mean(mat.Col(nil, i, x), nil)
	}
	var cov mat.SymDense
	stat.CovarianceMatrix(&cov, x, nil)
	mat.NewDense(d, d, m.Cov).Copy(&cov)
	return m, nil
}

// NewMoments returns the moments of n vectors from numbers that Float32 gave.
// The error is a *FeatureError.
func NewMoments(n int, mean, cov []float32) (*Moments, error) {
	d := len(mean)
	if n < 2 || d == 0 || len(cov) != d*d {
		return nil, &FeatureError{"covariance", fmt.Sprintf("of %d vectors has %d numbers for a mean of %d", n, len(cov), d)}
	}
	m := &Moments{N: n, Mean: make([]float64, d), Cov: make([]float64, d*d)}
	for i, v := range mean {
		m.Mean[i] = float64(v)
	}
	for i, v := range cov {
		m.Cov[i] = float64(v)
	}
	return m, nil
}

// Float32 returns the mean and the covariance to be stored.
func (m *Moments) Float32() (mean, cov []float32) {
	for _, v := range m.Mean {
		mean = append(mean, float32(v))
	}
	for _, v := range m.Cov {
		cov = append(cov, float32(v))
	}
	return mean, cov
}
