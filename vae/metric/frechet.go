package metric

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
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
	values, vectors, err := eigenSym(mat.NewSymDense(d, samples.Cov), true)
	if err != nil {
		return dist, err
	}
	if err := yield(pause); err != nil {
		return dist, err
	}
	for i, v := range values {
		values[i] = math.Sqrt(max(v, 0))
	}
	var b, product mat.Dense
	b.Mul(mat.NewDiagDense(d, values), vectors.T())
	product.Product(&b, mat.NewSymDense(d, reference.Cov), b.T())
	if values, _, err = eigenSym(mat.NewSymDense(d, product.RawMatrix().Data), false); err != nil {
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

// eigenSym returns the eigenvalues of a symmetric matrix and, if wanted, its
// eigenvectors as columns. The error is a *FeatureError if a is not finite.
func eigenSym(a *mat.SymDense, wantVectors bool) (values []float64, vectors *mat.Dense, err error) {
	for _, v := range a.RawSymmetric().Data {
		if v-v != 0 {
			return nil, nil, &FeatureError{"covariance", "is not finite"}
		}
	}
	var e mat.EigenSym
	if !e.Factorize(a, wantVectors) {
		return nil, nil, &FeatureError{"covariance", "has no eigenvalues that could be found"}
	}
	if wantVectors {
		vectors = new(mat.Dense)
		e.VectorsTo(vectors)
	}
	return e.Values(nil), vectors, nil
}
