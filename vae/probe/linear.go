package probe

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"

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
// nothing else. It is found by L-BFGS (Nocedal and Wright, Numerical
// Optimization, algorithm 7.5) with steps that are halved until the loss falls
// enough (Armijo). The error is a *FeatureError or that of Yield.
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
// gradient, and returns value, largest part of the gradient and iterations.
func minimize(f func(x, grad []float64) float64, x []float64, o LinearOptions) (value, gradient float64, taken int, err error) {
	n := len(x)
	g, next, nextG, dir := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	var memory []step
	value = f(x, g)
	for ; taken < o.Iterations; taken++ {
		if o.Yield != nil {
			if err := o.Yield(); err != nil {
				return value, gradient, taken, err
			}
		}
		gradient = largest(g)
		if gradient < linearGradient {
			break
		}
		descend(dir, g, memory)
		slope := dot(dir, g)
		length := 1.0
		if len(memory) == 0 {
			length = min(1, 1/gradient)
		}
		var reached float64
		for {
			for i := range next {
				next[i] = x[i] + length*dir[i]
			}
			if reached = f(next, nextG); reached <= value+1e-4*length*slope {
				break
			}
			if length /= 2; length < 1e-9 {
				return value, gradient, taken, nil // the remaining decrease is below rounding
			}
		}
		s := step{make([]float64, n), make([]float64, n), 0}
		for i := range x {
			s.x[i], s.g[i] = next[i]-x[i], nextG[i]-g[i]
		}
		if s.curvature = dot(s.x, s.g); s.curvature > 0 {
			if len(memory) == linearMemory {
				memory = memory[1:]
			}
			memory = append(memory, s)
		}
		copy(x, next)
		copy(g, nextG)
		value = reached
	}
	return value, largest(g), taken, nil
}

// step is a change of the weights and that of the gradient.
type step struct {
	x, g      []float64
	curvature float64 // their product
}

// descend writes the direction of L-BFGS, minus the inverse Hessian, estimated
// from the steps, times g, to dir (algorithm 7.4).
func descend(dir, g []float64, memory []step) {
	for i, v := range g {
		dir[i] = -v
	}
	alpha := make([]float64, len(memory))
	for i := len(memory) - 1; i >= 0; i-- {
		alpha[i] = dot(memory[i].x, dir) / memory[i].curvature
		axpy(-alpha[i], memory[i].g, dir)
	}
	if len(memory) > 0 {
		last := memory[len(memory)-1]
		scale := last.curvature / dot(last.g, last.g)
		for i := range dir {
			dir[i] *= scale
		}
	}
	for i, s := range memory {
		axpy(alpha[i]-dot(s.g, dir)/s.curvature, s.x, dir)
	}
}

func dot(a, b []float64) float64 {
	return blas64.Dot(blas64.Vector{N: len(a), Inc: 1, Data: a}, blas64.Vector{N: len(b), Inc: 1, Data: b})
}

func axpy(f float64, x, y []float64) {
	blas64.Axpy(f, blas64.Vector{N: len(x), Inc: 1, Data: x}, blas64.Vector{N: len(y), Inc: 1, Data: y})
}

func largest(x []float64) (most float64) {
	for _, v := range x {
		most = max(most, math.Abs(v))
	}
	return most
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
