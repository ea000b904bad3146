package nn

import (
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"inkdrift/vae/compute"
)

// Optimizer moves weights against their gradient.
type Optimizer interface {
	// Step moves the weights of a against its gradient with learning rate lr,
	// times the factor that a parameter has of its own.
	Step(a *Arena, lr float64)
	// State gives the optimiser's state, so that it can be saved and restored.
	State() OptimizerState
}

// OptimizerState is the memory of an optimiser itself, not a copy: writing to it
// changes the optimiser.
type OptimizerState struct {
	// Steps counts the steps taken.
	Steps *int
	// M and V are the running first and second moments, laid out as the arena;
	// nil where the optimiser has none.
	M, V []float32
}

// Adam is the optimiser of Kingma and Ba 2015, and with Decay > 0 AdamW
// (Loshchilov and Hutter 2019). Its state is exported so that it can be saved.
type Adam struct {
	Beta1, Beta2, Epsilon float64
	// Decay is the decoupled weight decay.
	Decay float64
	// Steps counts the steps taken.
	Steps int
	// M and V are the running first and second moments, laid out as the arena.
	M, V []float32
}

// NewAdam returns an optimiser for n parameters with the paper's constants.
func NewAdam(n int) *Adam {
	return &Adam{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, M: make([]float32, n), V: make([]float32, n)}
}

// Step implements Optimizer.
func (o *Adam) Step(a *Arena, lr float64) {
	o.Steps++
	t := float64(o.Steps)
	correction1, correction2 := 1-math.Pow(o.Beta1, t), float32(1/(1-math.Pow(o.Beta2, t)))
	for r := range a.rates() {
		lr := lr * r.factor
		compute.Implementation().Adam(a.W[r.from:r.to], a.G[r.from:r.to], o.M[r.from:r.to], o.V[r.from:r.to], compute.AdamStep{
			Rate:        float32(lr / correction1),
			Beta1:       float32(o.Beta1),
			Beta2:       float32(o.Beta2),
			Correction2: correction2,
			Epsilon:     float32(o.Epsilon),
			Decay:       float32(lr * o.Decay),
		})
	}
}

// State implements Optimizer.
func (o *Adam) State() OptimizerState { return OptimizerState{&o.Steps, o.M, o.V} }

// SGD is gradient descent with momentum (Polyak 1964) in the form that
// Sutskever et al. 2013 give as the classical one,
//
//	m = Momentum*m + g
//	w = w - lr*m
//
// and decoupled weight decay (SGDW of Loshchilov and Hutter 2019).
type SGD struct {
	Momentum float64
	// Decay is the decoupled weight decay.
	Decay float64
	// Steps counts the steps taken.
	Steps int
	// M is the running sum of gradients, laid out as the arena.
	M []float32
}

// NewSGD returns an optimiser for n parameters.
func NewSGD(n int, momentum float64) *SGD { return &SGD{Momentum: momentum, M: make([]float32, n)} }

// Step implements Optimizer.
func (o *SGD) Step(a *Arena, lr float64) {
	o.Steps++
	m := vector(o.M)
	blas32.Scal(float32(o.Momentum), m)
	blas32.Axpy(1, vector(a.G), m)
	for r := range a.rates() {
		w, m, lr := vector(a.W[r.from:r.to]), vector(o.M[r.from:r.to]), lr*r.factor
		if o.Decay != 0 {
			blas32.Scal(float32(1-lr*o.Decay), w)
		}
		blas32.Axpy(float32(-lr), m, w)
	}
}

// State implements Optimizer.
func (o *SGD) State() OptimizerState { return OptimizerState{Steps: &o.Steps, M: o.M} }

func vector(x []float32) blas32.Vector { return blas32.Vector{N: len(x), Inc: 1, Data: x} }

// Schedule gives the learning rate's factor over a run.
type Schedule string

// The schedules.
const (
	// Constant keeps the rate.
	Constant Schedule = "constant"
	// Cosine falls from 1 to 0 along half a cosine (Loshchilov and Hutter 2017).
	Cosine Schedule = "cosine"
	// Linear falls from 1 to 0 in a line.
	Linear Schedule = "linear"
)

// Factor returns the factor at progress p in [0, 1] of the run.
func (s Schedule) Factor(p float64) float64 {
	p = min(max(p, 0), 1)
	switch s {
	case Cosine:
		return 0.5 * (1 + math.Cos(math.Pi*p))
	case Linear:
		return 1 - p
	}
	return 1
}

// Valid reports whether s is one of the schedules.
func (s Schedule) Valid() bool { return s == Constant || s == Cosine || s == Linear }
