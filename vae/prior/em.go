package prior

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"inkdrift/vae/compute"
)

// Options of Fit.
type Options struct {
	// Components is K.
	Components int
	// Shrinkage is how many vectors with the covariance of all are added to those of
	// each component: it keeps the covariances of small components invertible.
	Shrinkage float64
	// Iterations is the most rounds of expectation and maximisation, and Tolerance
	// the gain of the mean log-likelihood, in nats, below which they end.
	Iterations int
	Tolerance  float64
	// Seed of the means that it begins with.
	Seed uint64
	// Progress, unless nil, gets the mean log-likelihood after each round; its error
	// ends the work and is returned.
	Progress func(round int, logLikelihood float64) error
}

// Defaults returns options that suit tens of thousands of vectors of tens of
// numbers.
func Defaults() Options {
	return Options{Components: 32, Shrinkage: 20, Iterations: 100, Tolerance: 2e-3, Seed: 1}
}

// Active returns the dimensions of a latent space that an encoder uses: those
// where the means of the posteriors have a variance above threshold. len(mu) =
// n*latent.
func Active(mu []float32, latent int, threshold float64) (dims []int) {
	n := len(mu) / latent
	for j := range latent {
		var sum, squares float64
		for i := range n {
			v := float64(mu[i*latent+j])
			sum += v
			squares += v * v
		}
		mean := sum / float64(n)
		if squares/float64(n)-mean*mean > threshold {
			dims = append(dims, j)
		}
	}
	return dims
}

// Fit fits a mixture to latents by expectation and maximisation (Dempster, Laird
// and Rubin 1977), over dims alone: len(z) = n*latent. It begins with means chosen
// as in k-means++ (Arthur and Vassilvitskii 2007) and the covariance of all. The
// same latents, options and kernel give the same bits. The error is an *Error, or
// Progress's.
func Fit(z []float32, latent int, dims []int, o Options) (*Mixture, error) {
	d, k := len(dims), o.Components
	switch {
	case latent < 1 || len(z)%latent != 0:
		return nil, wrong("latents", "have %d numbers, which is not a whole number of latents of %d", len(z), latent)
	case k < 1:
		return nil, wrong("components", "must be at least 1")
	case !(o.Shrinkage > 0):
		return nil, wrong("shrinkage", "must be a positive number")
	case o.Iterations < 1:
		return nil, wrong("iterations", "must be at least 1")
	}
	n := len(z) / latent
	if n < 2*k {
		return nil, wrong("latents", "are %d; %d components take at least %d", n, k, 2*k)
	}
	m := &Mixture{Latent: latent, Dims: dims, Weights: make([]float32, k), Mean: make([]float32, k*d), Factor: make([]float32, k*triangle(d))}
	for c := range k {
		m.Weights[c] = 1 / float32(k)
		at := c * triangle(d)
		for i := range d {
			at += i + 1
			m.Factor[at-1] = 1
		}
	}
	if err := m.Validate(); err != nil {
		return nil, err
	}
	e := newEM(m, n)
	e.load(z)
	for _, v := range e.x {
		if v-v != 0 {
			return nil, wrong("latents", "are not finite")
		}
	}
	e.begin(o.Seed)
	density := make([]float64, n)
	last := math.Inf(-1)
	for round := range o.Iterations {
		e.expect(density)
		var sum float64
		for _, v := range density {
			sum += v
		}
		mean := sum / float64(n)
		if o.Progress != nil {
			if err := o.Progress(round, mean); err != nil {
				return nil, err
			}
		}
		if mean-last < o.Tolerance {
			break
		}
		last = mean
		e.maximise(o.Shrinkage)
	}
	return m, nil
}

// em is the work space of fitting a mixture to n vectors of d numbers. Products of
// matrices are done by blas32.
type em struct {
	m       *Mixture
	n, d, k int
	x       []float32   // [n, d]
	y       []float32   // [n, d]: of one component, vectors with unit covariance, or weighted ones
	r       []float32   // [k, n]: log-densities, then responsibilities
	cov     []float64   // [d, d] of all vectors
	inverse []float32   // [d, d] of a factor
	squares [][]float64 // [d, d], two of them
	sum     []float32   // [d]
	part    []float32   // [d, d]
}

func newEM(m *Mixture, n int) *em {
	d, k := len(m.Dims), len(m.Weights)
	return &em{m: m, n: n, d: d, k: k, x: make([]float32, n*d), y: make([]float32, n*d), r: make([]float32, n*k),
		cov: make([]float64, d*d), inverse: make([]float32, d*d), squares: [][]float64{make([]float64, d*d), make([]float64, d*d)},
		sum: make([]float32, d), part: make([]float32, d*d)}
}

// load takes the dimensions of the mixture.
func (e *em) load(z []float32) {
	for i := range e.n {
		for j, at := range e.m.Dims {
			e.x[i*e.d+j] = z[i*e.m.Latent+at]
		}
	}
}

// begin chooses means among the vectors, far from each other, and gives all
// components the covariance of all vectors over the square of their number's
// d-th root.
func (e *em) begin(seed uint64) {
	n, d := e.n, e.d
	mean := make([]float64, d)
	for i, v := range e.x {
		mean[i%d] += float64(v) / float64(n)
	}
	for i := range n {
		row := e.x[i*d:][:d]
		for a := range d {
			va := float64(row[a]) - mean[a]
			for b := range a + 1 {
				e.cov[a*d+b] += va * (float64(row[b]) - mean[b]) / float64(n)
			}
		}
	}
	for a := range d {
		e.cov[a*d+a] += 1e-6 // numbers that are all the same
		for b := range a {
			e.cov[b*d+a] = e.cov[a*d+b]
		}
	}
	key := compute.NewKey(seed)
	nearest := make([]float64, n)
	for i := range nearest {
		nearest[i] = math.Inf(1)
	}
	next := int(uint64(key.Word(0)) * uint64(n) >> 32)
	for c := range e.k {
		centre := e.m.Mean[c*d:][:d]
		copy(centre, e.x[next*d:][:d])
		var total float64
		for i := range n {
			var s float64
			for j, v := range e.x[i*d:][:d] {
				u := float64(v - centre[j])
				s += u * u
			}
			nearest[i] = min(nearest[i], s)
			total += nearest[i]
		}
		u := float64(key.Word(uint32(c+1))) / (1 << 32) * total
		next = n - 1
		for i, v := range nearest {
			if u -= v; u < 0 {
				next = i
				break
			}
		}
	}
	start := slices.Clone(e.cov)
	shrink := math.Pow(float64(e.k), -2/float64(d))
	for i := range start {
		start[i] *= shrink
	}
	cholesky(start, d)
	for c := range e.k {
		e.store(c, start)
	}
}

// store makes the lower triangle of l the factor of component c.
func (e *em) store(c int, l []float64) {
	f := e.m.Factor[c*triangle(e.d):]
	at := 0
	for i := range e.d {
		for j := range i + 1 {
			f[at] = float32(l[i*e.d+j])
			at++
		}
	}
}

// expect leaves in r the responsibilities of the components for the vectors, and
// in density the logarithm of the density of each vector.
func (e *em) expect(density []float64) {
	n, d := e.n, e.d
	for c := range e.k {
		logDet := e.invert(c)
		// y = x W^T - (W mean)^T with W the inverse of the factor.
		w := blas32.General{Rows: d, Cols: d, Stride: d, Data: e.inverse}
		blas32.Gemm(blas.NoTrans, blas.Trans, 1, general(e.x, n, d), w, 0, general(e.y, n, d))
		blas32.Gemv(blas.NoTrans, 1, w, vector(e.m.Mean[c*d:][:d]), 0, vector(e.sum))
		log := math.Log(max(float64(e.m.Weights[c]), 1e-30)) - logDet - float64(d)/2*math.Log(2*math.Pi)
		r := e.r[c*n:][:n]
		for i := range n {
			var s float32
			for j, v := range e.y[i*d:][:d] {
				u := v - e.sum[j]
				s += u * u
			}
			r[i] = float32(log - float64(s)/2)
		}
	}
	for i := range n {
		top := e.r[i]
		for c := range e.k {
			top = max(top, e.r[c*n+i])
		}
		var sum float32
		for c := range e.k {
			v := compute.Exp(e.r[c*n+i] - top)
			e.r[c*n+i] = v
			sum += v
		}
		for c := range e.k {
			e.r[c*n+i] /= sum
		}
		density[i] = float64(top) + math.Log(float64(sum))
	}
}

// invert leaves in inverse the inverse of the factor of component c and returns
// the logarithm of its determinant.
func (e *em) invert(c int) (logDet float64) {
	d, w := e.d, e.squares[0]
	clear(w)
	f := e.m.Factor[c*triangle(d):]
	at := func(i, j int) float64 { return float64(f[triangle(i)+j]) }
	for i := range d {
		logDet += math.Log(at(i, i))
		w[i*d+i] = 1 / at(i, i)
		for j := range i {
			var s float64
			for k := j; k < i; k++ {
				s += at(i, k) * w[k*d+j]
			}
			w[i*d+j] = -s / at(i, i)
		}
	}
	for i, v := range w {
		e.inverse[i] = float32(v)
	}
	return logDet
}

// maximise sets weights, means and covariances by the responsibilities.
func (e *em) maximise(shrinkage float64) {
	n, d := e.n, e.d
	for c := range e.k {
		r := e.r[c*n:][:n]
		var count float64
		for _, v := range r {
			count += float64(v)
		}
		e.m.Weights[c] = float32(count / float64(n))
		if count < 1 {
			continue // it keeps its place, and almost no weight
		}
		mean := e.m.Mean[c*d:][:d]
		blas32.Gemv(blas.Trans, float32(1/count), general(e.x, n, d), vector(r), 0, vector(mean))
		for i, v := range r {
			v = float32(math.Sqrt(float64(v)))
			for j, u := range e.x[i*d:][:d] {
				e.y[i*d+j] = v * (u - mean[j])
			}
		}
		blas32.Gemm(blas.Trans, blas.NoTrans, 1, general(e.y, n, d), general(e.y, n, d), 0, general(e.part, d, d))
		s := e.squares[1]
		for i := range s {
			s[i] = (float64(e.part[i]) + shrinkage*e.cov[i]) / (count + shrinkage)
		}
		cholesky(s, d)
		e.store(c, s)
	}
}

// cholesky replaces the lower triangle of a positive definite matrix by its factor.
func cholesky(a []float64, d int) {
	for j := range d {
		for i := j; i < d; i++ {
			s := a[i*d+j]
			for k := range j {
				s -= a[i*d+k] * a[j*d+k]
			}
			if i == j {
				a[i*d+i] = math.Sqrt(max(s, 1e-12))
			} else {
				a[i*d+j] = s / a[j*d+j]
			}
		}
	}
}

func general(x []float32, rows, cols int) blas32.General {
	return blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: x}
}

func vector(x []float32) blas32.Vector { return blas32.Vector{N: len(x), Inc: 1, Data: x} }
