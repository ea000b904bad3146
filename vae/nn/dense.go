package nn

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"inkdrift/vae/compute"
)

// Module is a differentiable map from rows of In numbers to rows of Out numbers.
type Module interface {
	In() int
	Out() int
	// Params lists the trainable tensors in a fixed order.
	Params() []*Param
	// Init draws the starting weights; the same seed gives the same weights.
	Init(seed uint64)
	// Reserve makes room for batches of up to n rows; later calls with as many
	// rows or fewer do not allocate.
	Reserve(n int)
	// Forward maps n rows of x. The result belongs to the module and is good
	// until its next Forward; x must stay unchanged until Backward.
	Forward(x []float32, n int) []float32
	// Backward takes the gradient with respect to the first n rows of the last
	// Forward's result, which it overwrites, adds the gradients of the parameters
	// that are not frozen to theirs and returns the gradient with respect to x,
	// or nil if needX is false. The result belongs to the module. It may be called
	// more than once after a Forward.
	Backward(dy []float32, n int, needX bool) []float32
	// Layers describes what the module computes, layer after layer; the identity has
	// none.
	Layers() []Layer
}

// Dense computes y = act(x W^T + b), W of shape [out, in], as PyTorch's
// nn.Linear followed by an activation.
type Dense struct {
	in, out int
	act     compute.Activation
	weight  Param
	bias    Param
	x       []float32 // the last input
	y, dx   []float32
	waste   []float32 // receives the gradient of a frozen bias
}

// NewDense makes a layer whose tensors are called name.weight and name.bias.
func NewDense(name string, in, out int, act compute.Activation) *Dense {
	return &Dense{
		in: in, out: out, act: act,
		weight: Param{Name: name + ".weight", Shape: []int{out, in}, unit: in},
		bias:   Param{Name: name + ".bias", Shape: []int{out}},
	}
}

// In is the width of the input.
func (d *Dense) In() int { return d.in }

// Out is the width of the output.
func (d *Dense) Out() int { return d.out }

// Params returns the weight and the bias.
func (d *Dense) Params() []*Param { return []*Param{&d.weight, &d.bias} }

// Init draws weights uniformly with the variance of Glorot and Bengio 2010
// (linear, tanh) or He et al. 2015 (rectifiers); biases are zero.
func (d *Dense) Init(seed uint64) {
	variance := 2 / float64(d.in+d.out)
	if d.act == compute.ReLU || d.act == compute.LeakyReLU {
		variance = 2 / float64(d.in)
	}
	d.weight.initUniform(seed, math.Sqrt(3*variance))
	clear(d.bias.W)
}

// Reserve makes room for n rows.
func (d *Dense) Reserve(n int) {
	if n*d.out > cap(d.y) {
		d.y = make([]float32, n*d.out)
	}
	if n*d.in > cap(d.dx) {
		d.dx = make([]float32, n*d.in)
	}
}

// Layers implements Module.
func (d *Dense) Layers() []Layer {
	l := Layer{Kind: KindLinear, Name: d.weight.layer(), In: []int{d.in}, Out: []int{d.out}, Weight: d.weight.Shape}
	return activated(l, d.act)
}

func matrix(rows, cols int, data []float32) blas32.General {
	return blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: data[:rows*cols]}
}

// Forward implements Module.
func (d *Dense) Forward(x []float32, n int) []float32 {
	d.Reserve(n)
	d.x, d.y = x, d.y[:n*d.out]
	blas32.Gemm(blas.NoTrans, blas.Trans, 1, matrix(n, d.in, x), matrix(d.out, d.in, d.weight.W), 0, matrix(n, d.out, d.y))
	compute.Implementation().BiasAct(d.y, d.bias.W, d.act)
	return d.y
}

// Backward implements Module.
func (d *Dense) Backward(dy []float32, n int, needX bool) []float32 {
	learn := !d.weight.frozen || !d.bias.frozen
	later := learn && d.weight.reduction.collecting()
	var dbias []float32
	if later {
		d.waste = grow(d.waste, d.out)
		dbias = d.waste
	} else {
		dbias = d.bias.gradient(&d.waste)
	}
	compute.Implementation().BiasActGrad(dy, dbias, d.y[:n*d.out], d.act)
	g := matrix(n, d.out, dy)
	switch {
	case later:
		d.weight.reduction.addDense(d, d.x, dy, n)
	case !d.weight.frozen:
		blas32.Gemm(blas.Trans, blas.NoTrans, 1, g, matrix(n, d.in, d.x), d.weight.keep(), matrix(d.out, d.in, d.weight.G))
	}
	if !needX {
		return nil
	}
	d.dx = d.dx[:n*d.in]
	blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, g, matrix(d.out, d.in, d.weight.W), 0, matrix(n, d.in, d.dx))
	return d.dx
}

// reduce computes the gradient of a call that was put off, of the parameters that
// are in the stretch of the arena from lo up to hi.
func (d *Dense) reduce(c call, data []float32, lo, hi int) {
	dy := data[c.dy:][:c.rows*d.out]
	from, to := d.weight.within(lo, hi)
	if from, to = from/d.in, to/d.in; c.weight && from < to {
		g := blas32.General{Rows: c.rows, Cols: to - from, Stride: d.out, Data: dy[from:]}
		x := matrix(c.rows, d.in, data[c.x:][:c.rows*d.in])
		blas32.Gemm(blas.Trans, blas.NoTrans, 1, g, x, d.weight.keep(), matrix(to-from, d.in, d.weight.G[from*d.in:]))
	}
	if from, to := d.bias.within(lo, hi); c.bias && from < to {
		compute.Implementation().BiasActGrad(dy, d.bias.ready(), dy, compute.Identity) // adds up columns
	}
}
