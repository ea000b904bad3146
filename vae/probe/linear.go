package probe

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"

	"inkdrift/vae/compute"
)

// Linear is a multinomial logistic regression (softmax classifier): how well
// classes can be read from numbers, such as latent means, by hyperplanes.
type Linear struct {
	Dims, Classes int
	// Weights holds a row of Dims weights and a bias for each class.
	Weights []float64
	// Loss is the mean cross-entropy in nats with the penalty, Gradient the
	// largest part of its gradient, Iterations how many were taken.
	Loss, Gradient float64
	Iterations     int
}

// LinearOptions of FitLinear.
type LinearOptions struct {
	// Penalty weights half the squared norm of the weights, biases left out,
	// beside the mean cross-entropy; 0 means one over the number of rows.
	Penalty float64
	// Iterations at most; 0 means 300.
	Iterations int
	// Yield, unless nil, is called before each iteration; an error of its ends the
	// fit and is returned.
	Yield func() error
}

const (
	linearIterations = 300
	linearGradient   = 1e-5 // below which every part of the gradient ends the fit
	linearMemory     = 10   // pairs that L-BFGS remembers
)

// FitLinear fits a classifier to rows of dims numbers with their labels, 0 to
// classes-1. The problem is convex and begins at zero, so the result depends on
// nothing else. It is found by L-BFGS with steps that are shortened until the loss
// falls enough (Armijo). The error is a *FeatureError or that of Yield.
func FitLinear(x []float32, labels []int, dims, classes int, o LinearOptions) (*Linear, error) {
	n := len(labels)
	switch {
	case dims < 1 || n == 0 || len(x) != n*dims:
		return nil, &FeatureError{"features", fmt.Sprintf("are %d numbers for %d labels and %d dimensions", len(x), n, dims)}
	case classes < 2:
		return nil, &FeatureError{"classes", fmt.Sprintf("are %d; there must be at least 2", classes)}
	case !(o.Penalty >= 0 && o.Penalty < 1e9):
		return nil, &FeatureError{"penalty", "must be a number of at least 0"}
	}
	for i, v := range x {
		if v-v != 0 {
			return nil, &FeatureError{"features", fmt.Sprintf("of row %d are not finite", i/dims)}
		}
	}
	for i, l := range labels {
		if l < 0 || l >= classes {
			return nil, &FeatureError{"labels", fmt.Sprintf("have %d in row %d; the classes are 0 to %d", l, i, classes-1)}
		}
	}
	if o.Penalty == 0 {
		o.Penalty = 1 / float64(n)
	}
	if o.Iterations == 0 {
		o.Iterations = linearIterations
	}
	p := &softmaxProblem{x: x, labels: labels, dims: dims, classes: classes, penalty: o.Penalty,
		scores: make([]float32, n*classes), w: make([]float32, classes*dims), g: make([]float32, classes*dims)}
	l := &Linear{Dims: dims, Classes: classes, Weights: make([]float64, classes*(dims+1))}
	var err error
	l.Loss, l.Gradient, l.Iterations, err = minimize(p.loss, l.Weights, o)
	return l, err
}

// softmaxProblem is the loss of a multinomial logistic regression.
type softmaxProblem struct {
	x             []float32
	labels        []int
	dims, classes int
	penalty       float64
	scores        []float32 // [rows, classes]
	w, g          []float32 // weights and gradient, [classes, dims]
}

// loss computes the mean cross-entropy with the penalty at weights v and its
// gradient. Products are float32, through BLAS, sums over rows float64.
func (p *softmaxProblem) loss(v, grad []float64) float64 {
	n, d, k := len(p.labels), p.dims, p.classes
	for c := range k {
		for j := range d {
			p.w[c*d+j] = float32(v[c*(d+1)+j])
		}
	}
	x := blas32.General{Rows: n, Cols: d, Stride: d, Data: p.x}
	w := blas32.General{Rows: k, Cols: d, Stride: d, Data: p.w}
	s := blas32.General{Rows: n, Cols: k, Stride: k, Data: p.scores}
	blas32.Gemm(blas.NoTrans, blas.Trans, 1, x, w, 0, s)
	clear(grad)
	var loss float64
	for i, label := range p.labels {
		row := p.scores[i*k:][:k]
		top := float32(math.Inf(-1))
		for c, b := range row {
			row[c] = b + float32(v[c*(d+1)+d])
			if row[c] > top {
				top = row[c]
			}
		}
		right := row[label]
		var sum float64
		for c, b := range row {
			row[c] = compute.Exp(b - top)
			sum += float64(row[c])
		}
		loss += math.Log(sum) + float64(top) - float64(right)
		for c := range row {
			row[c] = float32(float64(row[c]) / sum)
		}
		row[label]--
		for c, b := range row {
			grad[c*(d+1)+d] += float64(b)
		}
	}
	blas32.Gemm(blas.Trans, blas.NoTrans, 1, s, x, 0, blas32.General{Rows: k, Cols: d, Stride: d, Data: p.g})
	loss /= float64(n)
	for c := range k {
		at := c * (d + 1)
		for j := range d {
			grad[at+j] = float64(p.g[c*d+j])/float64(n) + p.penalty*v[at+j]
			loss += p.penalty / 2 * v[at+j] * v[at+j]
		}
		grad[at+d] /= float64(n)
	}
	return loss
}

// minimize moves x to a minimum of f, which returns the value and writes the
// gradient, and returns value, largest part of the gradient and iterations. The
// error is that of o.Yield: where rounding ends the descent, or iterations run out,
// the result is the best that was found.
func minimize(f func(x, grad []float64) float64, x []float64, o LinearOptions) (value, gradient float64, taken int, err error) {
	// Value and gradient are asked for one after the other at the same place.
	at, atValue, atGrad := slices.Clone(x), 0.0, make([]float64, len(x))
	atValue = f(at, atGrad)
	move := func(x []float64) {
		if !slices.Equal(at, x) {
			copy(at, x)
			atValue = f(at, atGrad)
		}
	}
	yields := recorder{yield: o.Yield}
	r, err := optimize.Minimize(
		optimize.Problem{
			Func: func(x []float64) float64 { move(x); return atValue },
			Grad: func(grad, x []float64) { move(x); copy(grad, atGrad) },
		}, x,
		&optimize.Settings{
			GradientThreshold: linearGradient, MajorIterations: o.Iterations,
			Converger: optimize.NeverTerminate{}, Recorder: &yields,
		},
		&optimize.LBFGS{Store: linearMemory, Linesearcher: &optimize.Backtracking{}},
	)
	switch {
	case yields.err != nil:
		return 0, 0, 0, yields.err
	case r == nil:
		return 0, 0, 0, err
	}
	copy(x, r.X)
	return r.F, floats.Norm(r.Gradient, math.Inf(1)), r.MajorIterations, nil
}

// recorder calls yield after each iteration and ends the descent with its error.
type recorder struct {
	yield func() error
	err   error
}

// Init implements optimize.Recorder.
func (r *recorder) Init() error { return nil }

// Record implements optimize.Recorder.
func (r *recorder) Record(_ *optimize.Location, op optimize.Operation, _ *optimize.Stats) error {
	if r.yield != nil && op == optimize.MajorIteration {
		r.err = r.yield()
	}
	return r.err
}

// Class returns the class of one row of Dims numbers.
func (l *Linear) Class(x []float32) int {
	best, top := 0, math.Inf(-1)
	for c := range l.Classes {
		w := l.Weights[c*(l.Dims+1):][:l.Dims+1]
		s := w[l.Dims]
		for j, v := range x[:l.Dims] {
			s += w[j] * float64(v)
		}
		if s > top {
			best, top = c, s
		}
	}
	return best
}

// Error returns the fraction of rows whose class differs from their label. The
// error value is a *FeatureError.
func (l *Linear) Error(x []float32, labels []int) (float64, error) {
	if len(labels) == 0 || len(x) != len(labels)*l.Dims {
		return 0, &FeatureError{"features", fmt.Sprintf("are %d numbers for %d labels and %d dimensions", len(x), len(labels), l.Dims)}
	}
	wrong := 0
	for i, label := range labels {
		if l.Class(x[i*l.Dims:]) != label {
			wrong++
		}
	}
	return float64(wrong) / float64(len(labels)), nil
}
