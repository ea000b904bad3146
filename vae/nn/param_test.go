package nn_test

import (
	"hash/crc32"
	"math"
	"testing"

	"inkdrift/vae/compute"
	"inkdrift/vae/nn"
)

func TestArena(t *testing.T) {
	ps := []*nn.Param{{Name: "a", Shape: []int{2, 3}}, {Name: "b", Shape: []int{}}, {Name: "c", Shape: []int{4}}}
	a := nn.NewArena(ps)
	if len(a.W) != 11 || a.G != nil || ps[0].G != nil {
		t.Fatalf("%d weights, gradients %v", len(a.W), a.G)
	}
	a.EnableGrad()
	g := &a.G[0]
	a.EnableGrad()
	if &a.G[0] != g {
		t.Error("EnableGrad again took new memory")
	}
	for i := range a.W {
		a.W[i], a.G[i] = float32(i), float32(100+i)
	}
	at := 0
	for _, p := range ps {
		if p.Len() != len(p.W) || p.Len() != len(p.G) || cap(p.W) != p.Len() || cap(p.G) != p.Len() {
			t.Errorf("%s: %d elements, %d values (room for %d), %d gradients", p.Name, p.Len(), len(p.W), cap(p.W), len(p.G))
		}
		for i := range p.W {
			if p.W[i] != float32(at) || p.G[i] != float32(100+at) {
				t.Errorf("%s[%d] is not element %d of the arena", p.Name, i, at)
			}
			at++
		}
	}
	a.ZeroGrad()
	if a.GradNorm() != 0 || a.W[3] != 3 {
		t.Error("ZeroGrad left a gradient or took a weight")
	}
}

func TestGradNorm(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 7, 10, 4095, 4096, 4097, 9000} {
		a := nn.NewArena([]*nn.Param{{Name: "p", Shape: []int{n}}})
		a.EnableGrad()
		want := 0.0
		for i := range a.G {
			a.G[i] = float32(i+1) * 1e-3
			want += float64(a.G[i]) * float64(a.G[i])
		}
		if got := a.GradNorm(); math.Abs(got-math.Sqrt(want)) > 1e-6*math.Sqrt(want) {
			t.Errorf("the norm of %d numbers is %v instead of %v", n, got, math.Sqrt(want))
		}
		for i := 0; i < n; i += max(1, n/10) {
			old := a.G[i]
			for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
				a.G[i] = float32(v)
				if got := a.GradNorm(); !math.IsNaN(got) && !math.IsInf(got, 1) {
					t.Errorf("the norm with %v in place %d of %d is %v", v, i, n, got)
				}
			}
			// The largest numbers do not overflow.
			a.G[i] = math.MaxFloat32
			if got := a.GradNorm(); math.IsInf(got, 0) {
				t.Errorf("the norm with a large number is %v", got)
			}
			a.G[i] = old
		}
	}
}

// TestGradNormRange: numbers whose squares do not fit float32 count too.
func TestGradNormRange(t *testing.T) {
	a := nn.NewArena([]*nn.Param{{Name: "p", Shape: []int{10000}}})
	a.EnableGrad()
	for _, v := range []float32{1e-30, -1e-18, 3e-11, 1e-3, 1e3, 1e14, -1e19, 1e38} {
		for _, places := range [][]int{{5000}, {0, 9999}, {1, 2, 3, 4}} {
			clear(a.G)
			for _, i := range places {
				a.G[i] = v
			}
			want := math.Abs(float64(v)) * math.Sqrt(float64(len(places)))
			if got := a.GradNorm(); !(math.Abs(got-want) <= 1e-6*want) {
				t.Errorf("%v in places %v: the norm is %v instead of %v", v, places, got, want)
			}
		}
	}
}

func TestNonFinite(t *testing.T) {
	a := nn.NewArena([]*nn.Param{{Name: "first", Shape: []int{3}}, {Name: "second", Shape: []int{2}}})
	if got := a.NonFinite(); got != "" {
		t.Errorf("without gradients: %q", got)
	}
	a.EnableGrad()
	a.W[0], a.G[4] = math.MaxFloat32, -math.MaxFloat32
	if got := a.NonFinite(); got != "" {
		t.Errorf("all finite: %q", got)
	}
	a.G[4] = float32(math.Inf(-1))
	if got := a.NonFinite(); got != "second" {
		t.Errorf("infinite gradient: %q", got)
	}
	a.W[2] = float32(math.NaN())
	if got := a.NonFinite(); got != "first" {
		t.Errorf("NaN weight: %q", got)
	}
}

// initialised returns a layer's weights.
func initialised(name string, in, out int, act compute.Activation, seed uint64) (weight, bias []float32) {
	d := nn.NewDense(name, in, out, act)
	a := nn.NewArena(d.Params())
	for i := range a.W {
		a.W[i] = 7
	}
	d.Init(seed)
	return d.Params()[0].W, d.Params()[1].W
}

func TestInit(t *testing.T) {
	const in, out = 300, 200
	for _, c := range []struct {
		act      compute.Activation
		variance float64
	}{
		{compute.Identity, 2. / (in + out)}, {compute.Tanh, 2. / (in + out)}, // Glorot and Bengio
		{compute.ReLU, 2. / in}, {compute.LeakyReLU, 2. / in}, // He et al.
	} {
		w, b := initialised("x", in, out, c.act, 3)
		var sum, square, largest float64
		for _, v := range w {
			sum += float64(v)
			square += float64(v) * float64(v)
			largest = max(largest, math.Abs(float64(v)))
		}
		n := float64(len(w))
		// The mean of squares of a uniform variable has the relative standard error sqrt(0.8/n).
		if got := square / n; math.Abs(got/c.variance-1) > 5*math.Sqrt(0.8/n) {
			t.Errorf("activation %d: variance %v instead of %v", c.act, got, c.variance)
		}
		if got := sum / n; math.Abs(got) > 5*math.Sqrt(c.variance/n) {
			t.Errorf("activation %d: mean %v", c.act, got)
		}
		if bound := math.Sqrt(3 * c.variance); largest > bound*(1+1e-6) || largest < 0.999*bound {
			t.Errorf("activation %d: largest weight %v, bound %v", c.act, largest, bound)
		}
		for _, v := range b {
			if v != 0 {
				t.Fatalf("activation %d: bias %v", c.act, v)
			}
		}
	}
}

func TestInitIsDeterministic(t *testing.T) {
	bits := func(x []float32) uint32 {
		h := crc32.NewIEEE()
		for _, v := range x {
			b := math.Float32bits(v)
			h.Write([]byte{byte(b), byte(b >> 8), byte(b >> 16), byte(b >> 24)})
		}
		return h.Sum32()
	}
	w, _ := initialised("encoder.0", 30, 20, compute.Tanh, 1)
	// The bits are the same on every platform and must not change.
	if got, want := bits(w), uint32(0x1aabaaae); got != want {
		t.Errorf("the checksum of the weights is %#08x instead of %#08x", got, want)
	}
	for _, c := range []struct {
		name string
		seed uint64
		same bool
	}{{"encoder.0", 1, true}, {"encoder.0", 2, false}, {"encoder.2", 1, false}} {
		v, _ := initialised(c.name, 30, 20, compute.Tanh, c.seed)
		if (bits(v) == bits(w)) != c.same {
			t.Errorf("%s with seed %d: the same weights: %v", c.name, c.seed, !c.same)
		}
	}
}
