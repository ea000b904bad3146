package nn

import "inkdrift/vae/compute"

// Reorder transposes each row, seen as a matrix: it leads from the order
// channels, height, width of PyTorch and of data sets to that of convolutions
// here, and back. It has no parameters.
type Reorder struct {
	rows, cols int
	layer      Layer
	y, dx      []float32
}

// ChannelsLast takes rows in the order channels, height, width.
func ChannelsLast(s Shape) *Reorder {
	return &Reorder{rows: s.Channels, cols: s.Height * s.Width, layer: Layer{Kind: KindUnfold, In: []int{s.Len()}, Out: s.dims()}}
}

// ChannelsFirst gives rows in the order channels, height, width, as nn.Flatten
// does after a convolution of PyTorch.
func ChannelsFirst(s Shape) *Reorder {
	return &Reorder{rows: s.Height * s.Width, cols: s.Channels, layer: Layer{Kind: KindFlatten, In: s.dims(), Out: []int{s.Len()}}}
}

// In is the width of the input.
func (r *Reorder) In() int { return r.rows * r.cols }

// Out is the width of the output.
func (r *Reorder) Out() int { return r.rows * r.cols }

// Layers implements Module.
func (r *Reorder) Layers() []Layer { return []Layer{r.layer} }

// Params returns nothing.
func (r *Reorder) Params() []*Param { return nil }

// Init does nothing.
func (r *Reorder) Init(uint64) {}

// Reserve makes room for n rows.
func (r *Reorder) Reserve(n int) {
	if r.same() {
		return
	}
	r.y = grow(r.y, n*r.Out())
	r.dx = grow(r.dx, n*r.In())
}

// same reports whether both orders are the same.
func (r *Reorder) same() bool { return r.rows == 1 || r.cols == 1 }

// Forward implements Module; where both orders are the same it returns x.
func (r *Reorder) Forward(x []float32, n int) []float32 {
	if r.same() {
		return x
	}
	r.y = grow(r.y, n*r.Out())
	compute.Implementation().Transpose(r.y, x[:len(r.y)], r.rows, r.cols)
	return r.y
}

// Backward implements Module.
func (r *Reorder) Backward(dy []float32, n int, needX bool) []float32 {
	switch {
	case !needX:
		return nil
	case r.same():
		return dy
	}
	r.dx = grow(r.dx, n*r.In())
	compute.Implementation().Transpose(r.dx, dy[:len(r.dx)], r.cols, r.rows)
	return r.dx
}
