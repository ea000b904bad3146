package metric

import "math"

// maxSweeps is far more than Jacobi's method takes: it converges quadratically,
// in fewer than ten sweeps for hundreds of rows.
const maxSweeps = 60

// eigenSym returns the eigenvalues of the symmetric n by n matrix a, in no
// order, and the eigenvectors as rows. It uses Jacobi's rotations, row by row
// (Golub and Van Loan, Matrix Computations, section 8.5); RATIONALE says why
// not gonum's. It calls pause between rows. The error is a *FeatureError if a
// is not finite, or that of pause.
func eigenSym(a []float64, n int, pause func() error) (values, vectors []float64, err error) {
	a = append([]float64(nil), a...)
	vectors = make([]float64, n*n)
	for i := range n {
		vectors[i*n+i] = 1
	}
	var total float64
	for _, v := range a {
		total += v * v
	}
	for range maxSweeps {
		var off float64
		for i := range n {
			for _, v := range a[i*n:][:i] {
				off += v * v
			}
		}
		if off <= 1e-30*total {
			values = make([]float64, n)
			for i := range values {
				values[i] = a[i*n+i]
			}
			return values, vectors, nil
		}
		for p := range n {
			for q := p + 1; q < n; q++ {
				rotate(a, vectors, n, p, q)
			}
			if err := yield(pause); err != nil {
				return nil, nil, err
			}
		}
	}
	return nil, nil, &FeatureError{"covariance", "has no eigenvalues that could be found; are its numbers finite?"}
}

// rotate makes a[p, q] zero by a rotation of rows and columns p and q.
func rotate(a, vectors []float64, n, p, q int) {
	apq := a[p*n+q]
	if apq == 0 {
		return
	}
	tau := (a[q*n+q] - a[p*n+p]) / (2 * apq)
	t := 1 / (math.Abs(tau) + math.Sqrt(1+tau*tau))
	if tau < 0 {
		t = -t
	}
	c := 1 / math.Sqrt(1+t*t)
	s := t * c
	turn(a[p*n:][:n], a[q*n:][:n], c, s)
	for i := range n {
		x, y := a[i*n+p], a[i*n+q]
		a[i*n+p], a[i*n+q] = c*x-s*y, s*x+c*y
	}
	a[p*n+q], a[q*n+p] = 0, 0
	turn(vectors[p*n:][:n], vectors[q*n:][:n], c, s)
}

func turn(x, y []float64, c, s float64) {
	for i, v := range x {
		x[i], y[i] = c*v-s*y[i], s*v+c*y[i]
	}
}
