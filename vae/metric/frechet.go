package metric

import (
	"fmt"
	"math"
)

// Distance is a Fréchet distance with the sizes of the sets that it was measured
// on. It is biased upwards by small sets: compare only distances of equal
// Samples to the same reference.
type Distance struct {
	FID       float64 `json:"fid"`
	Samples   int     `json:"fid_samples"`
	Reference int     `json:"fid_reference_images"`
}

// Frechet returns the distance of Heusel et al. 2017, equation 6, between the
// Gaussians of samples and of a reference,
//
//	|m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^1/2)
//
// (a squared 2-Wasserstein distance: Dowson and Landau 1982). The trace of the
// root is that of (S1^1/2 S2 S1^1/2)^1/2, which is symmetric and has the same
// eigenvalues; covariances need not have full rank. The error is a *FeatureError.
func Frechet(samples, reference *Moments) (Distance, error) {
	return frechet(samples, reference, nil)
}

// frechet is Frechet that calls pause between pieces of work.
func frechet(samples, reference *Moments, pause func() error) (Distance, error) {
	dist := Distance{Samples: samples.N, Reference: reference.N}
	d := len(samples.Mean)
	if d != len(reference.Mean) {
		return dist, &FeatureError{"features", fmt.Sprintf("are %d numbers in one set and %d in the other", d, len(reference.Mean))}
	}
	// S1 = U diag(l) U^T, so S1^1/2 = U diag(l^1/2) U^T, and the product has the
	// eigenvalues of B S2 B^T with B = diag(l^1/2) U^T.
	values, vectors, err := eigenSym(samples.Cov, d, pause)
	if err != nil {
		return dist, err
	}
	for i, v := range values {
		root := math.Sqrt(max(v, 0))
		for j := range d {
			vectors[i*d+j] *= root
		}
	}
	if values, _, err = eigenSym(congruence(vectors, reference.Cov, d), d, pause); err != nil {
		return dist, err
	}
	for i, m := range samples.Mean {
		diff := m - reference.Mean[i]
		dist.FID += diff*diff + samples.Cov[i*d+i] + reference.Cov[i*d+i]
	}
	for _, v := range values {
		dist.FID -= 2 * math.Sqrt(max(v, 0))
	}
	// Rounding may make a distance of 0 slightly negative.
	dist.FID = max(dist.FID, 0)
	return dist, nil
}

// congruence returns B S B^T of n by n matrices, S and so the result symmetric.
func congruence(b, s []float64, n int) []float64 {
	bs, y := make([]float64, n*n), make([]float64, n*n)
	for i := range n {
		row := bs[i*n:][:n]
		for k := range n {
			f := b[i*n+k]
			for j, v := range s[k*n:][:n] {
				row[j] += f * v
			}
		}
		for j := range i + 1 {
			var sum float64
			for k, v := range b[j*n:][:n] {
				sum += row[k] * v
			}
			y[i*n+j], y[j*n+i] = sum, sum
		}
	}
	return y
}
