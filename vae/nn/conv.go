package nn

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"inkdrift/vae/compute"
)

// Shape is that of a picture or of a map of features whose numbers lie in the
// order height, width, channels. Convolutions have that order on both sides;
// ChannelsLast and ChannelsFirst lead there from PyTorch's and back.
type Shape struct{ Height, Width, Channels int }

// Len is the number of values.
func (s Shape) Len() int { return s.Height * s.Width * s.Channels }

// filter is what a convolution and its transpose have in common: a window over
// pictures on one side, a map with a pixel for each place of the window on the
// other, and weights [map channels, picture channels, kernel, kernel] between
// them. It works on a few pictures at a time, so that the columns of
// compute.Im2col stay in a cache.
type filter struct {
	window  compute.Window
	maps    int // channels of the map
	act     compute.Activation
	weight  Param
	bias    Param
	kernels []float32 // the weights as rows of columns are: [maps, RowLen]
	grads   []float32 // the gradient in that order
	order   []float32 // room for one row in another order
	columns []float32
	x, y    []float32 // the last input and output
	dx      []float32
	waste   []float32 // receives the gradient of a frozen bias
}

// columnsBudget is the number of values of columns that are worked on at a time.
const columnsBudget = 1 << 16

func newFilter(name string, w compute.Window, maps int, act compute.Activation, bias int) filter {
	if !w.Valid() || maps < 1 {
		panic("nn: a convolution without a place for its window")
	}
	return filter{
		window: w, maps: maps, act: act,
		weight: Param{Name: name + ".weight", Shape: []int{maps, w.Channels, w.Kernel, w.Kernel}},
		bias:   Param{Name: name + ".bias", Shape: []int{bias}},
	}
}

// Params returns the weight and the bias.
func (f *filter) Params() []*Param { return []*Param{&f.weight, &f.bias} }

// init draws weights uniformly with the variance of He et al. 2015 for
// rectifiers and of Glorot and Bengio 2010 otherwise; each output depends on in
// numbers, each input acts on out; biases are zero.
func (f *filter) init(seed uint64, in, out float64) {
	variance := 2 / (in + out)
	if f.act == compute.ReLU || f.act == compute.LeakyReLU {
		variance = 2 / in
	}
	f.weight.initUniform(seed, math.Sqrt(3*variance))
	clear(f.bias.W)
}

// layers describes a convolution or its transpose.
func (f *filter) layers(l Layer) []Layer {
	l.Name, l.Weight, l.Stride, l.Padding = f.weight.layer(), f.weight.Shape, f.window.Stride, f.window.Padding
	return activated(l, f.act)
}

// most is the greatest number of pictures that are worked on at a time.
func (f *filter) most() int { return max(1, columnsBudget/f.window.ColumnsLen()) }

// chunk is how many of n pictures are worked on at a time, about the same number
// every time.
func (f *filter) chunk(n int) int {
	parts := max(1, (n+f.most()-1)/f.most())
	return (n + parts - 1) / parts
}

// mapLen is the number of values of the map of one picture.
func (f *filter) mapLen() int { return f.window.Rows() * f.maps }

// grow returns x with room for n numbers.
func grow(x []float32, n int) []float32 {
	if n > cap(x) {
		return make([]float32, n)
	}
	return x[:n]
}

// reserve makes room for n pictures on the way forward: out numbers each.
func (f *filter) reserve(n, out int) {
	f.y = grow(f.y, n*out)
	f.columns = grow(f.columns, min(n, f.most())*f.window.ColumnsLen())
	f.kernels = grow(f.kernels, f.maps*f.window.RowLen())
	f.order = grow(f.order, f.window.Used())
}

// reserveBack makes room for n pictures on the way back: in numbers each.
func (f *filter) reserveBack(n, in int) {
	f.dx = grow(f.dx, n*in)
	f.grads = grow(f.grads, f.maps*f.window.RowLen())
}

// loadKernels puts the weights into the order of columns.
func (f *filter) loadKernels() {
	w := f.window
	for i := range f.maps {
		compute.Implementation().Transpose(f.kernels[i*w.RowLen():][:w.Used()], f.weight.W[i*w.Used():][:w.Used()], w.Channels, w.Kernel*w.Kernel)
	}
}

// addGradient adds the gradient of the kernels to that of the weights.
func (f *filter) addGradient() {
	w, b, keep := f.window, compute.Implementation(), f.weight.keep()
	for i := range f.maps {
		from, to := f.grads[i*w.RowLen():][:w.Used()], f.weight.G[i*w.Used():][:w.Used()]
		if keep == 0 {
			b.Transpose(to, from, w.Kernel*w.Kernel, w.Channels)
			continue
		}
		b.Transpose(f.order, from, w.Kernel*w.Kernel, w.Channels)
		blas32.Axpy(1, vector(f.order), vector(to))
	}
}

// part is a few of the pictures of a batch with their maps.
type part struct {
	at, n   int // the first one's number, and how many
	picture []float32
	maps    []float32
	// The maps with a row for each pixel, and room for the columns.
	rows, columns blas32.General
}

// parts calls body for a few pictures after the other of a batch of n.
func (f *filter) parts(n int, pictures, maps []float32, body func(p part)) {
	w := f.window
	for at, step := 0, f.chunk(n); at < n; at += step {
		p := part{at: at, n: min(step, n-at)}
		p.picture = p.of(pictures, w.PictureLen())
		p.maps = p.of(maps, f.mapLen())
		p.rows = matrix(p.n*w.Rows(), f.maps, p.maps)
		p.columns = matrix(p.n*w.Rows(), w.RowLen(), f.columns)
		body(p)
	}
}

// of is the part of a batch whose pictures have width numbers each.
func (p part) of(x []float32, width int) []float32 { return x[p.at*width:][:p.n*width] }

// gather computes dst = columns kernels^T, with a row for each pixel of maps.
func (f *filter) gather(p part, dst []float32) {
	columns, kernels, y := p.columns, f.kernelRows(f.kernels), p.rows
	columns.Cols, kernels.Cols, y.Data = f.window.Used(), f.window.Used(), dst
	blas32.Gemm(blas.NoTrans, blas.Trans, 1, columns, kernels, 0, y)
}

// scatter computes dst = Col2im(maps kernels), by way of the columns.
func (f *filter) scatter(p part, dst []float32) {
	blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, p.rows, f.kernelRows(f.kernels), 0, p.columns)
	clear(dst)
	compute.Implementation().Col2im(dst, p.columns.Data, f.window)
}

// gradient adds maps^T columns to the gradient of the kernels, which begins
// with the first part of a batch.
func (f *filter) gradient(p part) {
	beta := float32(1)
	if p.at == 0 {
		beta = 0
	}
	blas32.Gemm(blas.Trans, blas.NoTrans, 1, p.rows, p.columns, beta, f.kernelRows(f.grads))
}

// finish ends a backward pass over n pictures and returns dx, or nil where it
// was not computed.
func (f *filter) finish(n int, needX bool) []float32 {
	switch {
	case f.weight.frozen:
	case n > 0:
		f.addGradient()
	default:
		f.weight.ready()
	}
	if !needX {
		return nil
	}
	return f.dx
}

// kernelRows is a matrix of kernels or of their gradient.
func (f *filter) kernelRows(x []float32) blas32.General { return matrix(f.maps, f.window.RowLen(), x) }

// Conv2d is a convolution followed by an activation, y = act(conv(x, W) + b), W
// of shape [out, in, kernel, kernel], as PyTorch's nn.Conv2d. Rows of x are
// pictures of shape InShape, rows of y of OutShape.
type Conv2d struct{ filter }

// NewConv2d makes a layer whose tensors are called name.weight and name.bias.
// The window must have a place over the padded picture.
func NewConv2d(name string, in Shape, out, kernel, stride, padding int, act compute.Activation) *Conv2d {
	w := compute.Window{Height: in.Height, Width: in.Width, Channels: in.Channels, Kernel: kernel, Stride: stride, Padding: padding}
	return &Conv2d{newFilter(name, w, out, act, out)}
}

// InShape is the shape of the input.
func (c *Conv2d) InShape() Shape { return pictureShape(c.window) }

// OutShape is the shape of the output.
func (c *Conv2d) OutShape() Shape {
	w := c.window
	return Shape{w.Places(w.Height), w.Places(w.Width), c.maps}
}

func pictureShape(w compute.Window) Shape { return Shape{w.Height, w.Width, w.Channels} }

// In is the width of the input.
func (c *Conv2d) In() int { return c.window.PictureLen() }

// Out is the width of the output.
func (c *Conv2d) Out() int { return c.mapLen() }

// Init implements Module.
func (c *Conv2d) Init(seed uint64) {
	area := float64(c.window.Kernel * c.window.Kernel)
	c.init(seed, area*float64(c.window.Channels), area*float64(c.maps))
}

// Layers implements Module.
func (c *Conv2d) Layers() []Layer {
	return c.layers(Layer{Kind: KindConv, In: c.InShape().dims(), Out: c.OutShape().dims()})
}

// Reserve makes room for n rows.
func (c *Conv2d) Reserve(n int) {
	c.reserve(n, c.Out())
	c.reserveBack(n, c.In())
}

// Forward implements Module.
func (c *Conv2d) Forward(x []float32, n int) []float32 {
	c.reserve(n, c.Out())
	c.x = x
	c.loadKernels()
	b := compute.Implementation()
	c.parts(n, x, c.y, func(p part) {
		b.Im2col(p.columns.Data, p.picture, c.window)
		c.gather(p, p.maps)
		b.BiasAct(p.maps, c.bias.W, c.act)
	})
	return c.y
}

// Backward implements Module.
func (c *Conv2d) Backward(dy []float32, n int, needX bool) []float32 {
	c.reserveBack(n, c.In())
	b, dbias := compute.Implementation(), c.bias.gradient(&c.waste)
	c.parts(n, c.x, dy, func(p part) {
		b.BiasActGrad(p.maps, dbias, p.of(c.y, c.Out()), c.act)
		if !c.weight.frozen {
			b.Im2col(p.columns.Data, p.picture, c.window)
			c.gradient(p)
		}
		if needX {
			c.scatter(p, p.of(c.dx, c.In()))
		}
	})
	return c.finish(n, needX)
}
