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
	order   []float32 // room for one row in another order
	columns []float32
	x, y    []float32 // the last input and output
	dx      []float32
	// sums are gradients over some leaves of a batch, those of stack: of the
	// kernels, in the order of columns, then of the bias.
	sums  [][]float32
	stack []span
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
}

// kernelsLen is the number of values of the kernels with rows of columns.
func (f *filter) kernelsLen() int { return f.maps * f.window.RowLen() }

// sumLen is the length of one of the sums.
func (f *filter) sumLen() int { return f.kernelsLen() + f.bias.Len() }

// loadKernels puts the weights into the order of columns.
func (f *filter) loadKernels() {
	w := f.window
	for i := range f.maps {
		compute.Implementation().Transpose(f.kernels[i*w.RowLen():][:w.Used()], f.weight.W[i*w.Used():][:w.Used()], w.Channels, w.Kernel*w.Kernel)
	}
}

// addKernels adds a gradient of the kernels to that of the weights.
func (f *filter) addKernels(sum []float32) {
	w, b, keep := f.window, compute.Implementation(), f.weight.keep()
	for i := range f.maps {
		from, to := sum[i*w.RowLen():][:w.Used()], f.weight.G[i*w.Used():][:w.Used()]
		if keep == 0 {
			b.Transpose(to, from, w.Kernel*w.Kernel, w.Channels)
			continue
		}
		b.Transpose(f.order, from, w.Kernel*w.Kernel, w.Channels)
		blas32.Axpy(1, vector(f.order), vector(to))
	}
}

// addBias adds a gradient of the bias.
func (f *filter) addBias(sum []float32) {
	if f.bias.keep() == 0 {
		copy(f.bias.G, sum)
		return
	}
	blas32.Axpy(1, vector(sum), vector(f.bias.G))
}

// part is a few of the pictures of a batch with their maps.
type part struct {
	at, n   int // the first one's number, and how many
	picture []float32
	maps    []float32
	// The maps with a row for each pixel, and room for the columns.
	rows, columns blas32.General
}

// leaves calls body for each leaf of the batch of which n rows are, with those of
// its pictures from lo up to hi of count; outside of a batch all are one leaf. So
// what is worked on together does not depend on the share.
func (f *filter) leaves(n int, body func(leaf, lo, hi, count int)) {
	r := f.weight.reduction
	switch {
	case r == nil || r.batch == 0:
		body(0, 0, n, n)
		return
	case r.count == 0 || n%r.count != 0:
		panic("nn: rows that are no multiple of the pictures of a batch")
	case r.batch < leastPictures:
		body(0, 0, r.count, r.count)
		return
	}
	for leaf := range Leaves {
		lo, hi := max(leaf*r.batch/Leaves-r.first, 0), min((leaf+1)*r.batch/Leaves-r.first, r.count)
		if lo < hi {
			body(leaf, lo, hi, r.count)
		}
	}
}

// parts calls body for a few pictures after the other of n rows.
func (f *filter) parts(n int, pictures, maps []float32, body func(p part)) {
	f.leaves(n, func(_, lo, hi, count int) { f.leafParts(n, lo, hi, count, pictures, maps, body) })
}

// leafParts is parts for one leaf.
func (f *filter) leafParts(n, lo, hi, count int, pictures, maps []float32, body func(p part)) {
	w, step := f.window, f.chunk(hi-lo)
	for first := 0; first < n; first += count {
		for at := first + lo; at < first+hi; at += step {
			p := part{at: at, n: min(step, first+hi-at)}
			p.picture = p.of(pictures, w.PictureLen())
			p.maps = p.of(maps, f.mapLen())
			p.rows = matrix(p.n*w.Rows(), f.maps, p.maps)
			p.columns = matrix(p.n*w.Rows(), w.RowLen(), f.columns)
			body(p)
		}
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

// backward calls body for a few pictures after the other, with what it is to add
// the gradients of kernels and bias to: keep is 0 where that of the kernels begins.
func (f *filter) backward(n int, pictures, maps []float32, body func(p part, kernels, bias []float32, keep float32)) {
	learn := !f.weight.frozen || !f.bias.frozen
	f.stack = f.stack[:0]
	f.leaves(n, func(leaf, lo, hi, count int) {
		depth := len(f.stack)
		if depth == len(f.sums) {
			f.sums = append(f.sums, make([]float32, f.sumLen()))
		}
		kernels, bias := f.sums[depth][:f.kernelsLen()], f.sums[depth][f.kernelsLen():]
		clear(bias)
		keep := float32(0)
		f.leafParts(n, lo, hi, count, pictures, maps, func(p part) {
			body(p, kernels, bias, keep)
			keep = 1
		})
		if learn {
			f.stack = push(f.stack, span{leaf, leaf + 1}, f.merge)
		}
	})
	switch {
	case !learn:
	case n == 0:
		if !f.weight.frozen {
			f.weight.ready()
		}
		if !f.bias.frozen {
			f.bias.ready()
		}
	case f.weight.reduction.collecting():
		f.weight.reduction.addConv(f)
	default:
		for i := len(f.stack) - 2; i >= 0; i-- { // of a share that is not made of whole nodes
			f.merge(i)
		}
		f.add(f.sums[0], !f.weight.frozen, !f.bias.frozen)
	}
}

// merge adds one of the sums to the one before.
func (f *filter) merge(i int) { blas32.Axpy(1, vector(f.sums[i+1]), vector(f.sums[i])) }

// add adds one of the sums to the gradients of weight and bias.
func (f *filter) add(sum []float32, weight, bias bool) {
	if weight {
		f.addKernels(sum[:f.kernelsLen()])
	}
	if bias {
		f.addBias(sum[f.kernelsLen():])
	}
}

// reduce computes the gradient of a call that was put off, of the parameters that
// are in the stretch of the arena from lo up to hi.
func (f *filter) reduce(c call, r *Reduction, lo, hi int) {
	from, to := f.weight.within(lo, hi)
	if weight := c.weight && from < to; weight {
		r.sumPieces(c.sums, f.sumLen(), 0, f.kernelsLen())
		f.addKernels(r.data[c.sums:][:f.kernelsLen()])
	}
	from, to = f.bias.within(lo, hi)
	if bias := c.bias && from < to; bias {
		r.sumPieces(c.sums, f.sumLen(), f.kernelsLen(), f.sumLen())
		f.addBias(r.data[c.sums:][f.kernelsLen():f.sumLen()])
	}
}

// gradient adds maps^T columns to a gradient of the kernels.
func (f *filter) gradient(p part, kernels []float32, keep float32) {
	blas32.Gemm(blas.Trans, blas.NoTrans, 1, p.rows, p.columns, keep, f.kernelRows(kernels))
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
	b := compute.Implementation()
	c.backward(n, c.x, dy, func(p part, kernels, bias []float32, keep float32) {
		b.BiasActGrad(p.maps, bias, p.of(c.y, c.Out()), c.act)
		if !c.weight.frozen {
			b.Im2col(p.columns.Data, p.picture, c.window)
			c.gradient(p, kernels, keep)
		}
		if needX {
			c.scatter(p, p.of(c.dx, c.In()))
		}
	})
	if !needX {
		return nil
	}
	return c.dx
}
