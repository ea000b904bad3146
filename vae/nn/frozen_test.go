package nn_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"inkdrift/vae/compute"
	"inkdrift/vae/nn"
)

// mixed is a network of every kind of layer.
func mixed() (*nn.Sequential, *nn.Arena) {
	in := nn.Shape{Height: 4, Width: 5, Channels: 2}
	conv := nn.NewConv2d("conv", in, 3, 3, 2, 1, compute.LeakyReLU)
	up := nn.NewConvTranspose2d("up", conv.OutShape(), 2, 4, 2, 1, [2]int{0, 0}, compute.Tanh)
	s := nn.NewSequential(in.Len(), nn.ChannelsLast(in), conv, up, nn.ChannelsFirst(up.OutShape()),
		nn.NewDense("dense", up.Out(), 4, compute.Identity), nn.NewSigmoid(4), nn.NewDense("last", 4, 3, compute.ReLU))
	a := nn.NewArena(s.Params())
	copy(a.W, random(rand.New(rand.NewPCG(3, 3)), len(a.W)))
	a.EnableGrad()
	return s, a
}

// TestFrozen: a frozen network carries a gradient as ever and keeps its own.
func TestFrozen(t *testing.T) {
	const n = 3
	s, a := mixed()
	r := rand.New(rand.NewPCG(1, 1))
	x, dy := random(r, n*s.In()), random(r, n*s.Out())
	s.Forward(x, n)
	want := slices.Clone(s.Backward(slices.Clone(dy), n, true))
	grad := slices.Clone(a.G)
	for _, replace := range []bool{false, true} {
		a.ZeroGrad()
		if replace {
			for i := range a.G {
				a.G[i] = 7
			}
			a.Replace()
		}
		before := slices.Clone(a.G)
		nn.Freeze(a.Params, true)
		if got := s.Backward(slices.Clone(dy), n, true); !slices.Equal(got, want) {
			t.Error("a frozen network carries another gradient")
		}
		if !slices.Equal(a.G, before) {
			t.Error("a frozen network learns")
		}
		nn.Freeze(a.Params, false)
		s.Backward(slices.Clone(dy), n, false)
		near(t, "the gradient after thawing", a.G, wide(grad), 1e-6)
	}
}

func near(t *testing.T, what string, got []float32, want []float64, tol float64) {
	t.Helper()
	for i, w := range want {
		if !(math.Abs(float64(got[i])-w) <= tol*(1+math.Abs(w))) {
			t.Fatalf("%s[%d] is %v instead of %v", what, i, got[i], w)
		}
	}
}

// TestFirstRows: Backward of fewer rows than Forward had is that of the first.
func TestFirstRows(t *testing.T) {
	const n, few = 5, 2
	s, a := mixed()
	r := rand.New(rand.NewPCG(1, 1))
	x, dy := random(r, n*s.In()), random(r, few*s.Out())
	s.Forward(x[:few*s.In()], few)
	want, grad := slices.Clone(s.Backward(slices.Clone(dy), few, true)), slices.Clone(a.G)
	a.ZeroGrad()
	s.Forward(x, n)
	s.Backward(random(r, n*s.Out()), n, true)
	a.ZeroGrad()
	got := s.Backward(slices.Clone(dy), few, true)
	near(t, "the gradient of x", got, wide(want), 1e-6)
	near(t, "the gradient of the parameters", a.G, wide(grad), 1e-6)
	if len(got) != few*s.In() {
		t.Errorf("%d numbers of %d rows", len(got), few)
	}
}

// TestLogistic compares with float64 functions and their derivatives.
func TestLogistic(t *testing.T) {
	x := []float32{-100, -20, -3, -0.5, 0, 1e-3, 0.7, 4, 30, 100}
	for _, c := range []struct {
		m nn.Module
		f func(float64) float64
	}{
		{nn.NewSigmoid(5), func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }},
		{nn.NewHalfTanh(5), func(v float64) float64 { return (1 + math.Tanh(v)) / 2 }},
	} {
		before := slices.Clone(x)
		y := c.m.Forward(x, 2)
		dy := []float32{1, 1, 1, 1, 1, 1, 1, -2, 1, 1}
		dx := slices.Clone(c.m.Backward(slices.Clone(dy), 2, true))
		for i, v := range x {
			in := []float64{float64(v)}
			if math.Abs(float64(y[i])-c.f(in[0])) > 1e-6 {
				t.Errorf("%v of %v is %v", c.m, v, y[i])
			}
			if want := float64(dy[i]) * derivative(func() float64 { return c.f(in[0]) }, in, 0); math.Abs(float64(dx[i])-want) > 1e-6 {
				t.Errorf("the derivative of %v at %v is %v instead of %v", c.m, v, dx[i], want)
			}
		}
		if !slices.Equal(x, before) || c.m.Backward(dy, 2, false) != nil || c.m.In() != 5 || c.m.Out() != 5 || len(c.m.Params()) != 0 {
			t.Errorf("%v is no module of 5 numbers without parameters", c.m)
		}
	}
}

// TestRates: a parameter's own factor of the learning rate is that.
func TestRates(t *testing.T) {
	for name, optimizer := range map[string]func() nn.Optimizer{
		"adam": func() nn.Optimizer { o := nn.NewAdam(12); o.Decay = 0.1; return o },
		"sgd":  func() nn.Optimizer { o := nn.NewSGD(12, 0.9); o.Decay = 0.1; return o },
	} {
		arena := func(rates ...float64) *nn.Arena {
			var ps []*nn.Param
			for i, r := range rates {
				ps = append(ps, &nn.Param{Name: string(rune('a' + i)), Shape: []int{3}, Rate: r})
			}
			a := nn.NewArena(ps)
			a.EnableGrad()
			for i := range a.W {
				a.W[i], a.G[i] = float32(i-5), float32(7-i)
			}
			return a
		}
		mixed, full, half := arena(0, 0.5, 0.5, 1), arena(0, 0, 0, 0), arena(0, 0, 0, 0)
		o1, o2, o3 := optimizer(), optimizer(), optimizer()
		for range 3 {
			o1.Step(mixed, 0.1)
			o2.Step(full, 0.1)
			o3.Step(half, 0.05)
		}
		want := slices.Concat(full.W[:3], half.W[3:9], full.W[9:])
		if !slices.Equal(mixed.W, want) {
			t.Errorf("%s: %v instead of %v", name, mixed.W, want)
		}
		if n := testing.AllocsPerRun(5, func() { o1.Step(mixed, 0.1) }); n != 0 {
			t.Errorf("%s: a step allocates %v times", name, n)
		}
	}
}

// TestSentence: a network says which tensors it multiplies with what.
func TestSentence(t *testing.T) {
	s, _ := mixed()
	want := "unfold to 2 channels; conv conv stride 2; leaky-relu; conv-transpose up stride 2 kernel 4 padding 1; tanh; flatten; " +
		"linear dense; sigmoid; linear last; relu"
	if got := nn.Sentence(s.Layers()); got != want {
		t.Errorf("says\n%s instead of\n%s", got, want)
	}
	if got := nn.Sentence(nn.NewSequential(3).Layers()); got != "" {
		t.Errorf("the identity says %q", got)
	}
	if got := nn.Sentence(nn.NewHalfTanh(2).Layers()); !strings.Contains(got, "tanh") {
		t.Errorf("half a tanh says %q", got)
	}
}

// TestLayersFit: the shapes of layers that follow one another fit, and weights have
// the shapes of their tensors.
func TestLayersFit(t *testing.T) {
	s, _ := mixed()
	shapes := map[string][]int{}
	for _, p := range s.Params() {
		shapes[p.Name] = p.Shape
	}
	layers := s.Layers()
	for i, l := range layers {
		if i > 0 && product(l.In) != product(layers[i-1].Out) {
			t.Errorf("%v takes %v after %v", l, l.In, layers[i-1].Out)
		}
		if l.Name != "" && !slices.Equal(shapes[l.Name+".weight"], l.Weight) {
			t.Errorf("%v has weights of %v instead of %v", l, l.Weight, shapes[l.Name+".weight"])
		}
		if !slices.Contains(nn.Kinds(), l.Kind) {
			t.Errorf("%q is not among the kinds", l.Kind)
		}
	}
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
