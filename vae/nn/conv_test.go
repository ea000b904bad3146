package nn_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"inkdrift/vae/compute"
	"inkdrift/vae/nn"
)

// conv64 is a convolution, or a transposed one, in float64 over rows in the
// order channels, height, width, written from the formulas in the documentation
// of PyTorch.
type conv64 struct {
	transposed              bool
	in, out                 [3]int // channels, height, width
	kernel, stride, padding int
	act                     compute.Activation
	w, b                    []float64
}

func (c *conv64) params() [][]float64 { return [][]float64{c.w, c.b} }

// weight is the weight between a channel of the input and one of the output.
func (c *conv64) weight(i, o, ky, kx int) float64 {
	k := c.kernel
	if c.transposed {
		return c.w[((i*c.out[0]+o)*k+ky)*k+kx]
	}
	return c.w[((o*c.in[0]+i)*k+ky)*k+kx]
}

func (c *conv64) forward(x []float64) (y []float64, least float64) {
	lenIn, lenOut := c.in[0]*c.in[1]*c.in[2], c.out[0]*c.out[1]*c.out[2]
	least = math.Inf(1)
	for ; len(x) > 0; x = x[lenIn:] {
		sums := make([]float64, lenOut)
		at := func(s [3]int, channel, row, col int) int { return (channel*s[1]+row)*s[2] + col }
		for i := range c.in[0] {
			for o := range c.out[0] {
				for ky := range c.kernel {
					for kx := range c.kernel {
						// The pixels of the smaller side, and where they meet the other.
						small, large := c.out, c.in
						if c.transposed {
							small, large = c.in, c.out
						}
						for row := range small[1] {
							for col := range small[2] {
								r, s := row*c.stride-c.padding+ky, col*c.stride-c.padding+kx
								if r < 0 || r >= large[1] || s < 0 || s >= large[2] {
									continue
								}
								if c.transposed {
									sums[at(c.out, o, r, s)] += c.weight(i, o, ky, kx) * x[at(c.in, i, row, col)]
								} else {
									sums[at(c.out, o, row, col)] += c.weight(i, o, ky, kx) * x[at(c.in, i, r, s)]
								}
							}
						}
					}
				}
			}
		}
		for i, s := range sums {
			v, l := activate(s+c.b[i/(c.out[1]*c.out[2])], c.act)
			least = min(least, l)
			y = append(y, v)
		}
	}
	return y, least
}

// convCase is a layer to test.
type convCase struct {
	transposed      bool
	in              nn.Shape
	out             int
	kernel, stride  int
	padding         int
	outputPadding   [2]int
	act             compute.Activation
	height, width   int // of the output
	wantWeightShape [4]int
}

func (c convCase) String() string {
	kind := "conv"
	if c.transposed {
		kind = "transposed"
	}
	return fmt.Sprintf("%s %v to %d, kernel %d, stride %d, padding %d %v, activation %d", kind, c.in, c.out, c.kernel, c.stride, c.padding, c.outputPadding, c.act)
}

var convCases = []convCase{
	{false, nn.Shape{1, 1, 1}, 1, 1, 1, 0, [2]int{}, compute.Identity, 1, 1, [4]int{1, 1, 1, 1}},
	{false, nn.Shape{5, 7, 1}, 2, 3, 2, 1, [2]int{}, compute.ReLU, 3, 4, [4]int{2, 1, 3, 3}},
	{false, nn.Shape{6, 4, 3}, 5, 3, 2, 1, [2]int{}, compute.LeakyReLU, 3, 2, [4]int{5, 3, 3, 3}},
	{false, nn.Shape{4, 4, 2}, 3, 3, 1, 1, [2]int{}, compute.Tanh, 4, 4, [4]int{3, 2, 3, 3}},
	{false, nn.Shape{3, 2, 2}, 4, 5, 1, 2, [2]int{}, compute.Identity, 3, 2, [4]int{4, 2, 5, 5}},
	{false, nn.Shape{7, 5, 2}, 3, 2, 3, 0, [2]int{}, compute.Tanh, 2, 2, [4]int{3, 2, 2, 2}},
	{false, nn.Shape{2, 3, 1}, 2, 4, 3, 2, [2]int{}, compute.Tanh, 1, 2, [4]int{2, 1, 4, 4}},
	{true, nn.Shape{1, 1, 1}, 1, 1, 1, 0, [2]int{}, compute.Identity, 1, 1, [4]int{1, 1, 1, 1}},
	{true, nn.Shape{3, 4, 2}, 3, 3, 2, 1, [2]int{1, 0}, compute.ReLU, 6, 7, [4]int{2, 3, 3, 3}},
	{true, nn.Shape{2, 2, 5}, 4, 3, 2, 1, [2]int{0, 1}, compute.LeakyReLU, 3, 4, [4]int{5, 4, 3, 3}},
	{true, nn.Shape{4, 5, 3}, 1, 3, 1, 1, [2]int{}, compute.Identity, 4, 5, [4]int{3, 1, 3, 3}},
	{true, nn.Shape{2, 1, 2}, 2, 2, 3, 0, [2]int{2, 1}, compute.Tanh, 7, 3, [4]int{2, 2, 2, 2}},
	{true, nn.Shape{3, 3, 2}, 3, 5, 1, 3, [2]int{}, compute.Tanh, 1, 1, [4]int{2, 3, 5, 5}},
}

// build makes the layer between two that change the order, so that both ends are
// as PyTorch has them, and its twin.
func (c convCase) build(r *rand.Rand) (*nn.Sequential, *nn.Arena, []twin) {
	var layer nn.Module
	var out nn.Shape
	if c.transposed {
		l := nn.NewConvTranspose2d("layer", c.in, c.out, c.kernel, c.stride, c.padding, c.outputPadding, c.act)
		layer, out = l, l.OutShape()
	} else {
		l := nn.NewConv2d("layer", c.in, c.out, c.kernel, c.stride, c.padding, c.act)
		layer, out = l, l.OutShape()
	}
	s := nn.NewSequential(c.in.Len(), nn.ChannelsLast(c.in), layer, nn.ChannelsFirst(out))
	a := nn.NewArena(s.Params())
	copy(a.W, random(r, len(a.W)))
	return s, a, []twin{&conv64{
		transposed: c.transposed, in: [3]int{c.in.Channels, c.in.Height, c.in.Width}, out: [3]int{c.out, c.height, c.width},
		kernel: c.kernel, stride: c.stride, padding: c.padding, act: c.act, w: wide(a.Params[0].W), b: wide(a.Params[1].W),
	}}
}

func TestConvolutions(t *testing.T) {
	for i, c := range convCases {
		t.Run(c.String(), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(i), 7))
			m, a, twins := c.build(r)
			if m.Out() != c.out*c.height*c.width {
				t.Fatalf("has %d numbers", m.Out())
			}
			names := []string{"layer.weight", "layer.bias"}
			for i, p := range a.Params {
				if p.Name != names[i] {
					t.Errorf("parameter %d is called %s", i, p.Name)
				}
			}
			if !slices.Equal(a.Params[0].Shape, c.wantWeightShape[:]) || !slices.Equal(a.Params[1].Shape, []int{c.out}) {
				t.Errorf("the shapes are %v and %v", a.Params[0].Shape, a.Params[1].Shape)
			}
			checkModule(t, m, a, twins, 3, r)
			checkModule(t, m, a, twins, 4, r)
			checkModule(t, m, a, twins, 1, r)
		})
	}
}

// TestConvolutionInParts has batches that are worked on in several parts.
func TestConvolutionInParts(t *testing.T) {
	for _, transposed := range []bool{false, true} {
		c := convCase{transposed: transposed, in: nn.Shape{Height: 40, Width: 40, Channels: 2}, out: 4, kernel: 5, stride: 1, padding: 2, act: compute.Tanh}
		r := rand.New(rand.NewPCG(1, 8))
		whole, a, _ := c.build(r)
		single, b, _ := c.build(r)
		copy(b.W, a.W)
		a.EnableGrad()
		b.EnableGrad()
		const n = 5
		x, dy := random(r, n*whole.In()), random(r, n*whole.Out())
		y := slices.Clone(whole.Forward(x, n))
		dx := whole.Backward(slices.Clone(dy), n, true)
		for i := range n {
			one := x[i*whole.In():][:whole.In()]
			for j, v := range single.Forward(one, 1) {
				if got := y[i*whole.Out()+j]; math.Abs(float64(got-v)) > 1e-6 {
					t.Fatalf("%v: picture %d has %v instead of %v", c, i, got, v)
				}
			}
			for j, v := range single.Backward(slices.Clone(dy[i*whole.Out():][:whole.Out()]), 1, true) {
				if got := dx[i*whole.In()+j]; math.Abs(float64(got-v)) > 1e-4 {
					t.Fatalf("%v: picture %d has the gradient %v instead of %v", c, i, got, v)
				}
			}
		}
		for i, v := range b.G {
			if math.Abs(float64(a.G[i]-v)) > 2e-4*(1+math.Abs(float64(v))) {
				t.Fatalf("%v: gradient %d is %v instead of %v", c, i, a.G[i], v)
			}
		}
	}
}

// TestConvolutionByHand has numbers small enough to be added up on paper.
func TestConvolutionByHand(t *testing.T) {
	// One picture of 3x3, a window of 2x2 at every place.
	c := nn.NewConv2d("c", nn.Shape{Height: 3, Width: 3, Channels: 1}, 1, 2, 1, 0, compute.Identity)
	a := nn.NewArena(c.Params())
	a.EnableGrad()
	copy(a.W, []float32{1, 2, 3, 4, 10})
	x := []float32{1, 0, 2, 0, 1, 0, 3, 0, 1}
	wantAll(t, "y", c.Forward(x, 1), []float32{15, 17, 21, 15})
	dx := c.Backward([]float32{1, 2, 0, -1}, 1, true)
	wantAll(t, "dx", dx, []float32{1, 4, 4, 3, 9, 6, 0, -3, -4})
	wantAll(t, "gradient", a.G, []float32{0, 4, 2, 0, 2})

	// Two pixels unfolded to 5x3: the windows overlap in the middle row.
	d := nn.NewConvTranspose2d("d", nn.Shape{Height: 2, Width: 1, Channels: 1}, 1, 3, 2, 0, [2]int{}, compute.Identity)
	a = nn.NewArena(d.Params())
	a.EnableGrad()
	copy(a.W, []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, -1})
	wantAll(t, "y", d.Forward([]float32{1, 10}, 1), []float32{0, 1, 2, 3, 4, 5, 16, 27, 38, 39, 49, 59, 69, 79, 89})
	dx = d.Backward([]float32{1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1}, 1, true)
	wantAll(t, "dx", dx, []float32{9, 11})
	wantAll(t, "gradient", a.G, []float32{1, 10, 0, 0, 0, 0, 0, 1, 10, 3})
}

func wantAll(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s is %v instead of %v", what, got, want)
	}
}

func TestConvolutionInit(t *testing.T) {
	in := nn.Shape{Height: 8, Width: 8, Channels: 16}
	for _, c := range []struct {
		m    nn.Module
		want float64 // variance
	}{
		{nn.NewConv2d("a", in, 32, 3, 2, 1, compute.ReLU), 2. / (9 * 16)},
		{nn.NewConv2d("b", in, 32, 3, 1, 1, compute.Tanh), 2. / (9 * (16 + 32))},
		{nn.NewConvTranspose2d("c", in, 32, 3, 2, 1, [2]int{1, 1}, compute.LeakyReLU), 2. / (9 * 16 / 4.)},
	} {
		a := nn.NewArena(c.m.Params())
		for i := range a.W {
			a.W[i] = 7
		}
		c.m.Init(3)
		var square float64
		w := c.m.Params()[0].W
		for _, v := range w {
			square += float64(v) * float64(v) / float64(len(w))
		}
		if math.Abs(square/c.want-1) > 0.05 {
			t.Errorf("%s has the variance %v instead of %v", c.m.Params()[0].Name, square, c.want)
		}
		for _, v := range c.m.Params()[1].W {
			if v != 0 {
				t.Errorf("a bias starts at %v", v)
			}
		}
	}
}

func TestConvolutionWithoutRows(t *testing.T) {
	for _, c := range []convCase{convCases[2], convCases[8]} {
		m, a, _ := c.build(rand.New(rand.NewPCG(1, 1)))
		a.EnableGrad()
		if y := m.Forward(nil, 0); len(y) != 0 {
			t.Errorf("no rows gave %v", y)
		}
		if dx := m.Backward(nil, 0, true); len(dx) != 0 || a.GradNorm() != 0 {
			t.Errorf("no rows gave the gradients %v and %v", dx, a.G)
		}
	}
}

// TestConvolutionAllocations: after Reserve, batches of that size or smaller
// allocate nothing.
func TestConvolutionAllocations(t *testing.T) {
	for _, c := range []convCase{convCases[2], convCases[8]} {
		r := rand.New(rand.NewPCG(1, 1))
		m, a, _ := c.build(r)
		a.EnableGrad()
		const n = 6
		m.Reserve(n)
		x, dy := random(r, n*m.In()), random(r, n*m.Out())
		for _, rows := range []int{n, 2} {
			if allocs := testing.AllocsPerRun(20, func() {
				m.Forward(x[:rows*m.In()], rows)
				m.Backward(dy[:rows*m.Out()], rows, true)
			}); allocs != 0 {
				t.Errorf("%v: %d rows of %d reserved allocate %v times", c, rows, n, allocs)
			}
		}
	}
}

func TestConvolutionsThatDoNotFit(t *testing.T) {
	in := nn.Shape{Height: 2, Width: 2, Channels: 1}
	for name, f := range map[string]func(){
		"window":         func() { nn.NewConv2d("a", in, 1, 5, 1, 1, compute.Identity) },
		"stride":         func() { nn.NewConv2d("a", in, 1, 2, 0, 1, compute.Identity) },
		"channels":       func() { nn.NewConv2d("a", in, 0, 2, 1, 1, compute.Identity) },
		"output padding": func() { nn.NewConvTranspose2d("a", in, 1, 3, 2, 1, [2]int{0, 2}, compute.Identity) },
		"picture":        func() { nn.NewConvTranspose2d("a", in, 1, 1, 1, 1, [2]int{}, compute.Identity) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
