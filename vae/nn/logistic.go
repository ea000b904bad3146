package nn

import (
	"gonum.org/v1/gonum/blas/blas32"

	"inkdrift/vae/compute"
)

// Logistic computes y = 1 / (1 + exp(-slope*x)) for each number. It has no
// parameters. With slope 2 it is (1 + tanh x) / 2, the hyperbolic tangent in the
// range of pixels.
type Logistic struct {
	width int
	slope float32
	kind  Kind
	y     []float32
}

// NewSigmoid is the logistic function, PyTorch's nn.Sigmoid.
func NewSigmoid(width int) *Logistic { return &Logistic{width: width, slope: 1, kind: KindSigmoid} }

// NewHalfTanh is (1 + tanh x) / 2.
func NewHalfTanh(width int) *Logistic {
	return &Logistic{width: width, slope: 2, kind: KindHalfTanh}
}

// In is the width of the input.
func (l *Logistic) In() int { return l.width }

// Out is the width of the output.
func (l *Logistic) Out() int { return l.width }

// Params returns nothing.
func (l *Logistic) Params() []*Param { return nil }

// Init does nothing.
func (l *Logistic) Init(uint64) {}

// Reserve makes room for n rows.
func (l *Logistic) Reserve(n int) { l.y = grow(l.y, n*l.width) }

// Layers implements Module.
func (l *Logistic) Layers() []Layer {
	return []Layer{{Kind: l.kind, In: []int{l.width}, Out: []int{l.width}}}
}

// Forward implements Module.
func (l *Logistic) Forward(x []float32, n int) []float32 {
	l.Reserve(n)
	if l.slope == 1 {
		compute.Implementation().Sigmoid(l.y, x[:len(l.y)])
		return l.y
	}
	copy(l.y, x)
	blas32.Scal(l.slope, vector(l.y))
	compute.Implementation().Sigmoid(l.y, l.y)
	return l.y
}

// Backward implements Module. It is a plain loop: of a training step it is less
// than a hundredth.
func (l *Logistic) Backward(dy []float32, n int, needX bool) []float32 {
	if !needX {
		return nil
	}
	dy = dy[:n*l.width]
	for i, v := range l.y[:len(dy)] {
		dy[i] *= float32(l.slope * float32(v*(1-v)))
	}
	return dy
}
