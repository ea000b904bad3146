package computetest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"inkdrift/vae/compute"
)

// checkExact checks what holds to the last bit for every backend.
func checkExact(t *testing.T, b compute.Backend) {
	r := rand.New(rand.NewPCG(1, 2))
	draw := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		// Denormal numbers are numbers.
		if n > 3 {
			x[1], x[2] = 1e-40, -3e-45
		}
		return x
	}
	const n = 37
	t.Run("sums and selections", func(t *testing.T) {
		y, bias := draw(3*n), draw(n)
		// One sum is denormal.
		y[1], bias[1] = 2e-39, 1e-40
		for _, act := range []compute.Activation{compute.Identity, compute.ReLU} {
			want := make([]float32, len(y))
			for i, v := range y {
				want[i] = v + bias[i%n]
				if act == compute.ReLU && want[i] < 0 {
					want[i] = 0
				}
			}
			got := append([]float32(nil), y...)
			b.BiasAct(got, bias, act)
			wantBits(t, fmt.Sprint("BiasAct ", act), got, want)
		}
		dy, d := draw(n), make([]float32, n)
		got := append([]float32(nil), dy...)
		b.BiasActGrad(got, d, draw(n), compute.Identity)
		wantBits(t, "BiasActGrad identity", got, dy)
		wantBits(t, "dbias of one row", d, dy)
	})
	t.Run("activations", func(t *testing.T) {
		x := draw(n)
		x[0], x[3], x[4] = 0, 1e4, 1e-3
		neg, zero := make([]float32, n), make([]float32, n)
		for i, v := range x {
			neg[i] = -v
		}
		b.BiasAct(x, zero, compute.Tanh)
		b.BiasAct(neg, zero, compute.Tanh)
		for i := range x {
			if x[i] != -neg[i] || !(x[i] >= -1 && x[i] <= 1) {
				t.Errorf("tanh is not odd or not in [-1, 1]: %v and %v", x[i], neg[i])
			}
		}
		if x[0] != 0 || x[3] != 1 {
			t.Errorf("tanh(0) = %v, tanh(1e4) = %v", x[0], x[3])
		}
		s := []float32{0, 1e4, -1e4, 30, -200}
		b.Sigmoid(s, s)
		wantBits(t, "Sigmoid", s, []float32{0.5, 1, 0, 1, 0})
	})
	t.Run("losses", func(t *testing.T) {
		logits := []float32{1e4, -1e4, 1e4, -1e4, 1e4}
		target := []float32{1, 0, 0, 1, 0.5}
		loss, grad := make([]float32, 5), make([]float32, 5)
		b.BCEWithLogits(loss, grad, logits, target, 2)
		wantBits(t, "BCE of certain logits", loss, []float32{0, 0, 1e4, 1e4, 5e3})
		wantBits(t, "its gradient", grad, []float32{0, 0, 2, -2, 1})
		x := draw(n)
		b.SquaredError(loss[:1], nil, x, x, 1)
		wantBits(t, "SquaredError of equal operands", loss[:1], []float32{0})
	})
	t.Run("latents", func(t *testing.T) {
		mu, zero, e, z := draw(n), make([]float32, n), draw(n), make([]float32, n)
		b.Reparameterize(z, mu, draw(n), zero)
		wantBits(t, "z without noise", z, mu)
		b.Reparameterize(z, zero, zero, e)
		wantBits(t, "z of the prior", z, e)
		k, dm, dv := make([]float32, 1), draw(n), draw(n)
		wm, wv := append([]float32(nil), dm...), append([]float32(nil), dv...)
		b.KL(k, dm, dv, zero, zero, 3)
		wantBits(t, "KL of the prior", k, []float32{0})
		wantBits(t, "its dmu", dm, wm)
		wantBits(t, "its dlogvar", dv, wv)
	})
	t.Run("optimiser", func(t *testing.T) {
		w, zero := draw(n), make([]float32, n)
		got, m, v := append([]float32(nil), w...), make([]float32, n), make([]float32, n)
		b.Adam(got, zero, m, v, adamSteps[0].step)
		wantBits(t, "Adam without gradient", got, w)
		wantBits(t, "its m", m, zero)
		wantBits(t, "its v", v, zero)
	})
}

func wantBits(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		// The sign of a zero is left to the implementation here.
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) && !(got[i] == 0 && want[i] == 0) {
			t.Errorf("%s: element %d is %v instead of %v", what, i, got[i], want[i])
			return
		}
	}
}

// checkStreams checks that number i of a stream depends on its key and on i
// alone, and that Bernoulli uses probabilities as they are.
func checkStreams(t *testing.T, b compute.Backend) {
	const n = 100
	fill := map[string]func(dst []float32, k compute.Key, offset uint32){
		"Uniform": b.Uniform,
		"Normal":  b.Normal,
		"Bernoulli": func(dst []float32, k compute.Key, offset uint32) {
			for i := range dst {
				dst[i] = 0.3
			}
			b.Bernoulli(dst, dst, k, offset)
		},
	}
	for name, f := range fill {
		for _, at := range []uint32{0, 1, 4, 1 << 20, math.MaxUint32 - 50} {
			k := compute.Key{A: at + 7, B: 3}
			whole := make([]float32, n)
			f(whole, k, at)
			for _, part := range [][2]int{{0, 1}, {1, 4}, {3, 20}, {49, 52}, {60, 100}, {7, 7}} {
				x := make([]float32, part[1]-part[0])
				f(x, k, at+uint32(part[0]))
				wantBits(t, fmt.Sprintf("%s: numbers %d to %d after %d, drawn apart", name, part[0], part[1], at), x, whole[part[0]:part[1]])
			}
			other := make([]float32, n)
			f(other, compute.Key{A: k.A, B: k.B + 1}, at)
			same := 0
			for i := range other {
				if other[i] == whole[i] {
					same++
				}
			}
			if same == n {
				t.Errorf("%s: the second word of the key does not count", name)
			}
		}
	}
	p := []float32{0, 1, -1, 2, float32(math.NaN()), 0, 1}
	want := []float32{0, 1, 0, 1, 0, 0, 1}
	for offset := range uint32(500) {
		dst := make([]float32, len(p))
		b.Bernoulli(dst, p, key, offset)
		wantBits(t, "Bernoulli of certain chances", dst, want)
	}
}
