package compute_test

import (
	"math"
	"runtime"
	"testing"

	"inkdrift/vae/compute"
)

// slow is set where tests run many times slower than natively.
const slow = runtime.GOARCH == "wasm"

// ulps is the distance of got from want in units in the last place of a
// float32 near want.
func ulps(got float32, want float64) float64 {
	f := float32(math.Abs(want))
	return math.Abs(float64(got)-want) / float64(math.Nextafter32(f, float32(math.Inf(1)))-f)
}

var elementary = []struct {
	name   string
	f      func(float32) float32
	exact  func(float64) float64
	lo, hi float32
	ulps   float64   // the bound that the function's comment states
	edges  []float32 // where the formula changes
}{
	{"Exp", compute.Exp, math.Exp, -87.33654, 88.37626, 1, []float32{0, math.Ln2 / 2, -math.Ln2 / 2, 1, -87.33654, 88.37626}},
	{"Log", compute.Log, math.Log, 1.1754944e-38, math.MaxFloat32, 1, []float32{1, math.Sqrt2, math.Sqrt2 / 2, 1.1754944e-38, math.MaxFloat32}},
	{"TanhOf", compute.TanhOf, math.Tanh, -math.MaxFloat32, math.MaxFloat32, 1.5, []float32{0, 0.625, -0.625, 9, -9, 44}},
	{"Logistic", compute.Logistic, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, -87.3, math.MaxFloat32, 3, []float32{0, 17, -17, 88.37626, -87.3}},
}

func TestElementary(t *testing.T) {
	step := uint64(1009)
	if slow {
		step = 50021
	}
	for _, e := range elementary {
		t.Run(e.name, func(t *testing.T) {
			worst, at := 0.0, float32(0)
			try := func(bits uint32) {
				x := math.Float32frombits(bits)
				if !(x >= e.lo && x <= e.hi) {
					return
				}
				want := e.exact(float64(x))
				if math.Abs(want) < 1.1754944e-38 && want != 0 {
					return // denormal results are not promised
				}
				if u := ulps(e.f(x), want); !(u <= worst) {
					worst, at = u, x
				}
			}
			for bits := uint64(0); bits < 1<<32; bits += step {
				try(uint32(bits))
			}
			for _, edge := range e.edges {
				for d := range uint32(2000) {
					try(math.Float32bits(edge) + d - 1000)
				}
			}
			if !(worst <= e.ulps) {
				t.Errorf("%s(%v) = %v is %.3f units in the last place off; %v were promised", e.name, at, e.f(at), worst, e.ulps)
			}
			t.Logf("at most %.3f units in the last place off, at %v", worst, at)
		})
	}
}

func TestElementaryAtTheEnds(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range []struct {
		name    string
		f       func(float32) float32
		x, want float32
	}{
		{"Exp", compute.Exp, 0, 1},
		{"Exp", compute.Exp, inf, inf}, {"Exp", compute.Exp, 88.38, inf}, {"Exp", compute.Exp, math.MaxFloat32, inf},
		{"Exp", compute.Exp, -inf, 0}, {"Exp", compute.Exp, -87.34, 0}, {"Exp", compute.Exp, nan, nan},
		{"Exp", compute.Exp, 1e-40, 1},
		{"Log", compute.Log, 1, 0}, {"Log", compute.Log, 0, -inf}, {"Log", compute.Log, inf, inf},
		{"Log", compute.Log, -1, nan}, {"Log", compute.Log, -inf, nan}, {"Log", compute.Log, nan, nan},
		{"TanhOf", compute.TanhOf, 0, 0}, {"TanhOf", compute.TanhOf, inf, 1}, {"TanhOf", compute.TanhOf, -inf, -1},
		{"TanhOf", compute.TanhOf, 1e4, 1}, {"TanhOf", compute.TanhOf, nan, nan}, {"TanhOf", compute.TanhOf, 1e-40, 1e-40},
		{"Logistic", compute.Logistic, 0, 0.5}, {"Logistic", compute.Logistic, inf, 1}, {"Logistic", compute.Logistic, -inf, 0},
		{"Logistic", compute.Logistic, 1e4, 1}, {"Logistic", compute.Logistic, -1e4, 0}, {"Logistic", compute.Logistic, nan, nan},
	} {
		if got := c.f(c.x); got != c.want && (got == got || c.want == c.want) {
			t.Errorf("%s(%v) = %v instead of %v", c.name, c.x, got, c.want)
		}
	}
}
