package nn_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"inkdrift/vae/compute"
	"inkdrift/vae/nn"
)

// twin is a layer in float64 with weights of its own.
type twin interface {
	// forward returns the output and the least magnitude of a number that went
	// into a rectifier.
	forward(x []float64) (y []float64, least float64)
	params() [][]float64
}

// layer64 is a dense layer in float64, written from the formula.
type layer64 struct {
	in, out int
	act     compute.Activation
	w, b    []float64
}

// forward returns act(x W^T + b) and the least magnitude of a pre-activation.
func (l *layer64) forward(x []float64) (y []float64, least float64) {
	least = math.Inf(1)
	for row := 0; row < len(x); row += l.in {
		for o := range l.out {
			s := l.b[o]
			for i := range l.in {
				s += l.w[o*l.in+i] * x[row+i]
			}
			s, v := activate(s, l.act)
			least = min(least, v)
			y = append(y, s)
		}
	}
	return y, least
}

func (l *layer64) params() [][]float64 { return [][]float64{l.w, l.b} }

// activate returns act(s) and how far s is from a kink.
func activate(s float64, act compute.Activation) (y, least float64) {
	switch {
	case act == compute.Tanh:
		return math.Tanh(s), math.Inf(1)
	case act == compute.Identity:
		return s, math.Inf(1)
	case s > 0:
		return s, s
	case act == compute.LeakyReLU:
		return s / 100, -s
	}
	return 0, -s
}

func wide(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func random(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// derivative differentiates f with respect to x[i] by central differences.
func derivative(f func() float64, x []float64, i int) float64 {
	const h = 1e-6
	v := x[i]
	x[i] = v + h
	a := f()
	x[i] = v - h
	b := f()
	x[i] = v
	return (a - b) / (2 * h)
}

// compare checks got against the derivatives of f with respect to x.
func compare(t *testing.T, what string, got []float32, f func() float64, x []float64) {
	t.Helper()
	if len(got) != len(x) {
		t.Fatalf("%s has %d elements instead of %d", what, len(got), len(x))
	}
	want, largest := make([]float64, len(x)), 0.0
	for i := range x {
		want[i] = derivative(f, x, i)
		largest = max(largest, math.Abs(want[i]))
	}
	for i, w := range want {
		if d := math.Abs(float64(got[i]) - w); !(d <= 1e-5*math.Abs(w)+3e-6*largest) {
			t.Errorf("%s[%d] is %v instead of %v", what, i, got[i], w)
			return
		}
	}
}

// build returns a chain of dense layers of the given widths with random weights
// and biases, and its float64 twin.
func build(r *rand.Rand, widths []int, acts []compute.Activation) (*nn.Sequential, *nn.Arena, []twin) {
	var modules []nn.Module
	var twins []twin
	for i, act := range acts {
		modules = append(modules, nn.NewDense(fmt.Sprint("layer.", i), widths[i], widths[i+1], act))
	}
	s := nn.NewSequential(widths[0], modules...)
	a := nn.NewArena(s.Params())
	copy(a.W, random(r, len(a.W)))
	for i, act := range acts {
		twins = append(twins, &layer64{widths[i], widths[i+1], act, wide(a.Params[2*i].W), wide(a.Params[2*i+1].W)})
	}
	return s, a, twins
}

// checkModule compares m with its twins: forward, and backward for a random
// gradient of the result.
func checkModule(t *testing.T, m nn.Module, a *nn.Arena, twins []twin, n int, r *rand.Rand) {
	t.Helper()
	x, dy := random(r, n*m.In()), random(r, n*m.Out())
	x64, dy64 := wide(x), wide(dy)
	forward := func() (y []float64, least float64) {
		y, least = x64, math.Inf(1)
		for _, l := range twins {
			var v float64
			y, v = l.forward(y)
			least = min(least, v)
		}
		return y, least
	}
	loss := func() (s float64) {
		y, _ := forward()
		for i, v := range y {
			s += v * dy64[i]
		}
		return s
	}
	want, least := forward()
	if least < 1e-5 {
		t.Fatal("a pre-activation is too near the kink of a rectifier for finite differences: take another seed")
	}
	got := m.Forward(x, n)
	if len(got) != len(want) {
		t.Fatalf("Forward gave %d numbers instead of %d", len(got), len(want))
	}
	for i, w := range want {
		if d := math.Abs(float64(got[i]) - w); !(d <= 2e-6*(1+math.Abs(w))*float64(m.In())) {
			t.Fatalf("Forward gave %v instead of %v at %d", got[i], w, i)
		}
	}
	// Gradients are added to earlier ones.
	a.EnableGrad()
	start := random(r, len(a.G))
	copy(a.G, start)
	dx := m.Backward(append([]float32(nil), dy...), n, true)
	first := append([]float32(nil), a.G...)
	compare(t, "dx", dx, loss, x64)

	copy(a.G, start)
	m.Forward(x, n)
	if dx := m.Backward(append([]float32(nil), dy...), n, false); dx != nil {
		t.Error("Backward gave dx that nobody wanted")
	}
	for i, g := range a.G {
		if g != first[i] {
			t.Fatalf("needX changes a gradient of the parameters: %v and %v", first[i], g)
		}
	}
	// From zero there is no rounding of the sum.
	a.ZeroGrad()
	m.Forward(x, n)
	m.Backward(append([]float32(nil), dy...), n, false)
	for i, g := range a.G {
		if d := math.Abs(float64(first[i]) - float64(start[i]) - float64(g)); d > 1e-6*(1+math.Abs(float64(g))+math.Abs(float64(start[i]))) {
			t.Fatalf("gradient %d became %v from %v, although it is %v", i, first[i], start[i], g)
		}
	}
	at := 0
	for _, l := range twins {
		for _, w := range l.params() {
			compare(t, a.Params[at].Name, a.Params[at].G, loss, w)
			at++
		}
	}
}

var allActivations = []compute.Activation{compute.Identity, compute.Tanh, compute.ReLU, compute.LeakyReLU}

func TestDense(t *testing.T) {
	for _, act := range allActivations {
		for _, s := range [][3]int{{1, 1, 1}, {3, 5, 2}, {7, 4, 6}, {17, 9, 5}} {
			t.Run(fmt.Sprint(act, s), func(t *testing.T) {
				r := rand.New(rand.NewPCG(uint64(act), 2))
				m, a, twins := build(r, s[:2], []compute.Activation{act})
				checkModule(t, m, a, twins, s[2], r)
				// The same layer with other batches, larger and smaller.
				checkModule(t, m, a, twins, s[2]+3, r)
				checkModule(t, m, a, twins, 1, r)
			})
		}
	}
}

func TestSequential(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	m, a, twins := build(r, []int{5, 8, 4, 6, 3}, []compute.Activation{compute.Tanh, compute.ReLU, compute.LeakyReLU, compute.Identity})
	checkModule(t, m, a, twins, 7, r)
	if m.In() != 5 || m.Out() != 3 {
		t.Errorf("maps %d to %d", m.In(), m.Out())
	}
	var names []string
	for _, p := range m.Params() {
		names = append(names, p.Name)
	}
	want := "[layer.0.weight layer.0.bias layer.1.weight layer.1.bias layer.2.weight layer.2.bias layer.3.weight layer.3.bias]"
	if fmt.Sprint(names) != want {
		t.Errorf("parameters are %v", names)
	}
}

func TestEmptySequential(t *testing.T) {
	m := nn.NewSequential(3)
	x := []float32{1, 2, 3, 4, 5, 6}
	m.Init(1)
	m.Reserve(2)
	if y := m.Forward(x, 2); &y[0] != &x[0] || len(y) != 6 {
		t.Error("is not the identity")
	}
	if dx := m.Backward(x, 2, true); &dx[0] != &x[0] {
		t.Error("does not hand the gradient on")
	}
	if m.In() != 3 || m.Out() != 3 || len(m.Params()) != 0 {
		t.Errorf("maps %d to %d with %d parameters", m.In(), m.Out(), len(m.Params()))
	}
}

func TestWidthsThatDoNotFit(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("widths that do not fit were accepted")
		}
	}()
	nn.NewSequential(4, nn.NewDense("a", 4, 5, compute.Tanh), nn.NewDense("b", 6, 1, compute.Tanh))
}

func TestNoRows(t *testing.T) {
	m, a, _ := build(rand.New(rand.NewPCG(1, 1)), []int{3, 4, 2}, []compute.Activation{compute.Tanh, compute.Identity})
	a.EnableGrad()
	if y := m.Forward(nil, 0); len(y) != 0 {
		t.Errorf("no rows gave %v", y)
	}
	if dx := m.Backward(nil, 0, true); len(dx) != 0 || a.GradNorm() != 0 {
		t.Errorf("no rows gave the gradients %v and %v", dx, a.G)
	}
}

// TestAllocations: after Reserve, batches of that size or smaller allocate nothing.
func TestAllocations(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	m, a, _ := build(r, []int{20, 30, 10}, []compute.Activation{compute.Tanh, compute.Identity})
	a.EnableGrad()
	const n = 16
	m.Reserve(n)
	x, dy := random(r, n*20), random(r, n*10)
	adam := nn.NewAdam(len(a.W))
	for _, rows := range []int{n, 5} {
		if allocs := testing.AllocsPerRun(20, func() {
			a.ZeroGrad()
			m.Forward(x, rows)
			m.Backward(dy[:rows*10], rows, true)
			if a.GradNorm() < 0 {
				t.Fail()
			}
			adam.Step(a, 1e-3)
		}); allocs != 0 {
			t.Errorf("a step on %d rows of %d reserved allocates %v times", rows, n, allocs)
		}
	}
}
