package nn

import "inkdrift/vae/compute"

// ConvTranspose2d is a transposed convolution followed by an activation: the
// gradient of a convolution with respect to its input, used forward. W has the
// shape [in, out, kernel, kernel], as PyTorch's nn.ConvTranspose2d. Rows of x
// are maps of shape InShape, rows of y pictures of OutShape.
type ConvTranspose2d struct{ filter }

// NewConvTranspose2d makes a layer whose tensors are called name.weight and
// name.bias. The picture has (n-1)*stride - 2*padding + kernel + outputPadding
// pixels along an axis of n of the input; outputPadding, for height and width,
// is less than stride.
func NewConvTranspose2d(name string, in Shape, out, kernel, stride, padding int, outputPadding [2]int, act compute.Activation) *ConvTranspose2d {
	size := func(n, extra int) int { return (n-1)*stride - 2*padding + kernel + extra }
	w := compute.Window{
		Height: size(in.Height, outputPadding[0]), Width: size(in.Width, outputPadding[1]), Channels: out,
		Kernel: kernel, Stride: stride, Padding: padding,
	}
	c := &ConvTranspose2d{newFilter(name, w, in.Channels, act, out)}
	if c.InShape() != in {
		panic("nn: the output padding of a transposed convolution is not below its stride")
	}
	return c
}

// InShape is the shape of the input.
func (c *ConvTranspose2d) InShape() Shape {
	w := c.window
	return Shape{w.Places(w.Height), w.Places(w.Width), c.maps}
}

// OutShape is the shape of the output.
func (c *ConvTranspose2d) OutShape() Shape { return pictureShape(c.window) }

// In is the width of the input.
func (c *ConvTranspose2d) In() int { return c.mapLen() }

// Out is the width of the output.
func (c *ConvTranspose2d) Out() int { return c.window.PictureLen() }

// Init implements Module.
func (c *ConvTranspose2d) Init(seed uint64) {
	// A pixel lies under that many places of the window, on the average.
	w := c.window
	area := float64(w.Kernel*w.Kernel) / float64(w.Stride*w.Stride)
	c.init(seed, area*float64(c.maps), float64(w.Kernel*w.Kernel)*float64(w.Channels))
}

// Layers implements Module.
func (c *ConvTranspose2d) Layers() []Layer {
	w, in := c.window, c.InShape()
	extra := func(n, to int) int { return to - ((n-1)*w.Stride - 2*w.Padding + w.Kernel) }
	return c.layers(Layer{
		Kind: KindConvTranspose, In: in.dims(), Out: c.OutShape().dims(),
		OutputPadding: []int{extra(in.Height, w.Height), extra(in.Width, w.Width)},
	})
}

// Reserve makes room for n rows.
func (c *ConvTranspose2d) Reserve(n int) {
	c.reserve(n, c.Out())
	c.reserveBack(n, c.In())
}

// Forward implements Module.
func (c *ConvTranspose2d) Forward(x []float32, n int) []float32 {
	c.reserve(n, c.Out())
	c.x = x
	c.loadKernels()
	b := compute.Implementation()
	c.parts(n, c.y, x, func(p part) {
		c.scatter(p, p.picture)
		b.BiasAct(p.picture, c.bias.W, c.act)
	})
	return c.y
}

// Backward implements Module.
func (c *ConvTranspose2d) Backward(dy []float32, n int, needX bool) []float32 {
	c.reserveBack(n, c.In())
	b := compute.Implementation()
	c.backward(n, dy, c.x, func(p part, kernels, bias []float32, keep float32) {
		b.BiasActGrad(p.picture, bias, p.of(c.y, c.Out()), c.act)
		if needX || !c.weight.frozen {
			b.Im2col(p.columns.Data, p.picture, c.window)
		}
		if !c.weight.frozen {
			c.gradient(p, kernels, keep)
		}
		if needX {
			c.gather(p, p.of(c.dx, c.In()))
		}
	})
	if !needX {
		return nil
	}
	return c.dx
}
