package computetest

import (
	"math"

	"inkdrift/vae/compute"
)

// operation is one method of a Backend in one of its forms.
type operation struct {
	name     string
	operands []operand
	// run calls the method.
	run func(b compute.Backend, x [][]float32)
	// ref computes in float64 what the written operands of x must become and
	// leaves in mag the size of the numbers that rounding errors come from.
	ref func(rows, width int, x, mag [][]float64)
	// tol is the rounding error that is allowed, as a part of mag.
	tol float64
}

// eps is the distance from 1 to the next float32.
const eps = 1.0 / (1 << 23)

// Constants of the calls.
const (
	scale  = 0.37
	offset = 12345
)

var key = compute.Key{A: 0x01234567, B: 0x89abcdef}

var adamSteps = []struct {
	name string
	step compute.AdamStep
}{
	{"Adam", compute.AdamStep{Rate: 0.01, Beta1: 0.9, Beta2: 0.999, Correction2: 1.7, Epsilon: 1e-8}},
	{"AdamW", compute.AdamStep{Rate: 0.003, Beta1: 0.5, Beta2: 0.99, Correction2: 1, Epsilon: 1e-3, Decay: 0.02}},
}

var activations = []struct {
	name string
	act  compute.Activation
}{
	{"identity", compute.Identity}, {"tanh", compute.Tanh}, {"relu", compute.ReLU}, {"leaky", compute.LeakyReLU},
}

// exp has the range that compute.Exp has in float32.
func exp(x float64) float64 {
	switch {
	case x > 88.3762626647949:
		return math.Inf(1)
	case x < -87.33654:
		return 0
	}
	return math.Exp(x)
}

func logistic(x float64) float64 {
	if x < 0 {
		e := exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + exp(-x))
}

// operations lists every method in every form.
func operations() []*operation {
	var ops []*operation
	for _, a := range activations {
		ops = append(ops, biasAct(a.act, a.name), biasActGrad(a.act, a.name))
	}
	for _, a := range adamSteps {
		ops = append(ops, adam(a.name, a.step))
	}
	ops = append(ops, sigmoid("Sigmoid", false), sigmoid("Sigmoid in place", true))
	for _, f := range []form{plain, noGrad, inPlace} {
		ops = append(ops, bce(f), squaredError(f))
	}
	return append(ops, reparameterize(), reparameterizeGrad(), kl(false), kl(true),
		uniform(), normal(), bernoulli(false), bernoulli(true))
}

func biasAct(act compute.Activation, name string) *operation {
	return &operation{
		name:     "BiasAct " + name,
		operands: []operand{{"y", inout, perElement, gauss}, {"bias", in, perColumn, gauss}},
		run:      func(b compute.Backend, x [][]float32) { b.BiasAct(x[0], x[1], act) },
		ref: func(rows, width int, x, mag [][]float64) {
			for i := range x[0] {
				// Every backend rounds the sum to float32 first.
				v := float64(float32(x[0][i] + x[1][i%width]))
				switch act {
				case compute.Tanh:
					v = math.Tanh(v)
				case compute.ReLU:
					if v < 0 {
						v = 0
					}
				case compute.LeakyReLU:
					if v < 0 {
						v *= 0.01
					}
				}
				x[0][i], mag[0][i] = v, math.Abs(v)
			}
		},
		tol: 2 * eps,
	}
}

func biasActGrad(act compute.Activation, name string) *operation {
	return &operation{
		name:     "BiasActGrad " + name,
		operands: []operand{{"dy", inout, perElement, gauss}, {"dbias", inout, perColumn, gauss}, {"y", in, perElement, unit}},
		run:      func(b compute.Backend, x [][]float32) { b.BiasActGrad(x[0], x[1], x[2], act) },
		ref: func(rows, width int, x, mag [][]float64) {
			for j := range x[1] {
				mag[1][j] = math.Abs(x[1][j])
			}
			for i, y := range x[2] {
				d, m := x[0][i], 0.0
				switch act {
				case compute.Tanh:
					m = (1 + y*y) * math.Abs(d)
					d *= 1 - y*y
				case compute.ReLU:
					if y <= 0 {
						d = 0
					}
				case compute.LeakyReLU:
					if y < 0 {
						d *= 0.01
					}
				}
				if act != compute.Tanh {
					m = math.Abs(d)
				}
				x[0][i], mag[0][i] = d, m
				x[1][i%width] += d
				mag[1][i%width] += m
			}
		},
		tol: 3 * eps,
	}
}

func sigmoid(name string, inPlace bool) *operation {
	op := &operation{name: name, tol: 3 * eps}
	if inPlace {
		op.operands = []operand{{"x", inout, perElement, logit}}
		op.run = func(b compute.Backend, x [][]float32) { b.Sigmoid(x[0], x[0]) }
	} else {
		op.operands = []operand{{"x", in, perElement, logit}, {"dst", out, perElement, gauss}}
		op.run = func(b compute.Backend, x [][]float32) { b.Sigmoid(x[1], x[0]) }
	}
	op.ref = func(rows, width int, x, mag [][]float64) {
		last := len(x) - 1
		for i, v := range x[0] {
			x[last][i] = logistic(v)
			mag[last][i] = x[last][i]
		}
	}
	return op
}

// form is where the gradient of a loss goes.
type form uint8

const (
	plain   form = iota // to an operand of its own
	noGrad              // nowhere
	inPlace             // over the first input
)

func (f form) String() string { return [...]string{"", " without gradient", " in place"}[f] }

// lossOperation is a loss of each row. element gives the loss and the gradient of one
// element, and the sizes of the numbers in them.
func lossOperation(name string, f form, inputs [2]kind,
	run func(b compute.Backend, loss, grad, a, t []float32),
	element func(a, t float64) (loss, lossMag, grad, gradMag float64)) *operation {

	op := &operation{name: name + f.String(), tol: 3 * eps}
	first := in
	if f == inPlace {
		first = inout
	}
	op.operands = []operand{{"loss", out, perRow, gauss}, {"a", first, perElement, inputs[0]}, {"target", in, perElement, inputs[1]}}
	grad := 1
	if f == plain {
		op.operands = append(op.operands, operand{"grad", out, perElement, gauss})
		grad = 3
	}
	op.run = func(b compute.Backend, x [][]float32) {
		if f == noGrad {
			run(b, x[0], nil, x[1], x[2])
			return
		}
		run(b, x[0], x[grad], x[1], x[2])
	}
	op.ref = func(rows, width int, x, mag [][]float64) {
		for i := range rows {
			x[0][i] = 0
			for j := i * width; j < (i+1)*width; j++ {
				l, lm, g, gm := element(x[1][j], x[2][j])
				x[0][i] += l
				mag[0][i] += lm
				if f != noGrad {
					x[grad][j], mag[grad][j] = g, gm
				}
			}
		}
	}
	return op
}

func bce(f form) *operation {
	return lossOperation("BCEWithLogits", f, [2]kind{logit, prob},
		func(b compute.Backend, loss, grad, l, t []float32) { b.BCEWithLogits(loss, grad, l, t, scale) },
		func(l, t float64) (loss, lossMag, grad, gradMag float64) {
			tail := math.Log1p(exp(-math.Abs(l)))
			loss = max(l, 0) - l*t + tail
			s := logistic(l)
			return loss, math.Abs(l) + math.Abs(l*t) + tail, float32Scale * (s - t), float32Scale * (s + math.Abs(t))
		})
}

func squaredError(f form) *operation {
	return lossOperation("SquaredError", f, [2]kind{gauss, gauss},
		func(b compute.Backend, loss, grad, m, t []float32) { b.SquaredError(loss, grad, m, t, scale) },
		func(m, t float64) (loss, lossMag, grad, gradMag float64) {
			d := m - t
			return d * d, d * d, float32Scale * d, float32Scale * math.Abs(d)
		})
}

// float32Scale is scale as the backends get it.
var float32Scale = float64(float32(scale))

func reparameterize() *operation {
	return &operation{
		name:     "Reparameterize",
		operands: []operand{{"z", out, perElement, gauss}, {"mu", in, perElement, gauss}, {"logvar", in, perElement, gauss}, {"eps", in, perElement, gauss}},
		run:      func(b compute.Backend, x [][]float32) { b.Reparameterize(x[0], x[1], x[2], x[3]) },
		ref: func(rows, width int, x, mag [][]float64) {
			for i := range x[0] {
				d := exp(x[2][i]/2) * x[3][i]
				x[0][i] = x[1][i] + d
				mag[0][i] = math.Abs(x[1][i]) + math.Abs(d)
			}
		},
		tol: 3 * eps,
	}
}

func reparameterizeGrad() *operation {
	return &operation{
		name: "ReparameterizeGrad",
		operands: []operand{{"dmu", out, perElement, gauss}, {"dlogvar", out, perElement, gauss},
			{"dz", in, perElement, gauss}, {"logvar", in, perElement, gauss}, {"eps", in, perElement, gauss}},
		run: func(b compute.Backend, x [][]float32) { b.ReparameterizeGrad(x[0], x[1], x[2], x[3], x[4]) },
		ref: func(rows, width int, x, mag [][]float64) {
			for i, d := range x[2] {
				x[0][i], mag[0][i] = d, 0 // exact
				x[1][i] = d * x[4][i] * exp(x[3][i]/2) / 2
				mag[1][i] = math.Abs(x[1][i])
			}
		},
		tol: 3 * eps,
	}
}

func kl(noGrad bool) *operation {
	op := &operation{name: "KL", tol: 3 * eps}
	op.operands = []operand{{"kl", out, perRow, gauss}, {"mu", in, perElement, gauss}, {"logvar", in, perElement, gauss}}
	if noGrad {
		op.name += " without gradient"
		op.run = func(b compute.Backend, x [][]float32) { b.KL(x[0], nil, nil, x[1], x[2], scale) }
	} else {
		op.operands = append(op.operands, operand{"dmu", inout, perElement, gauss}, operand{"dlogvar", inout, perElement, gauss})
		op.run = func(b compute.Backend, x [][]float32) { b.KL(x[0], x[3], x[4], x[1], x[2], scale) }
	}
	op.ref = func(rows, width int, x, mag [][]float64) {
		for i := range rows {
			x[0][i] = 0
			for j := i * width; j < (i+1)*width; j++ {
				m, v := x[1][j], x[2][j]
				x[0][i] += -0.5 * (1 + v - m*m - exp(v))
				mag[0][i] += 0.5 * (1 + math.Abs(v) + m*m + exp(v))
				if noGrad {
					continue
				}
				mag[3][j] = math.Abs(x[3][j]) + float32Scale*math.Abs(m)
				mag[4][j] = math.Abs(x[4][j]) + float32Scale*(exp(v)+1)/2
				x[3][j] += float32Scale * m
				x[4][j] += float32Scale * (exp(v) - 1) / 2
			}
		}
	}
	return op
}

func adam(name string, p compute.AdamStep) *operation {
	return &operation{
		name:     name,
		operands: []operand{{"w", inout, perElement, gauss}, {"g", in, perElement, gauss}, {"m", inout, perElement, gauss}, {"v", inout, perElement, positive}},
		run:      func(b compute.Backend, x [][]float32) { b.Adam(x[0], x[1], x[2], x[3], p) },
		ref: func(rows, width int, x, mag [][]float64) {
			b1, b2 := float64(p.Beta1), float64(p.Beta2)
			for i, g := range x[1] {
				w, m, v := x[0][i], x[2][i], x[3][i]
				m, x[2][i] = b1*m+(1-b1)*g, b1*m+(1-b1)*g
				v = b2*v + (1-b2)*g*g
				mag[2][i] = math.Abs(m) + 2*(1-b1)*math.Abs(g)
				mag[3][i] = math.Abs(v)
				step := float64(p.Rate) / (math.Sqrt(v*float64(p.Correction2)) + float64(p.Epsilon))
				x[0][i] = w - float64(p.Decay)*w - step*m
				mag[0][i] = math.Abs(w) + step*mag[2][i]
				x[3][i] = v
			}
		},
		tol: 5 * eps,
	}
}

// word is number i of a stream, in 64-bit arithmetic modulo 2^32.
func word(k compute.Key, i uint32) uint64 {
	const mask = 1<<32 - 1
	x := (uint64(i)*0x9e3779b9 + uint64(k.A)) & mask
	for _, r := range []struct {
		shift int
		mul   uint64
	}{{16, 0x21f0aaad}, {15, 0x735a2d97}, {15, 1}} {
		x = (x ^ x>>r.shift) * r.mul & mask
	}
	x = (x + uint64(k.B)) & mask
	for _, r := range []struct {
		shift int
		mul   uint64
	}{{16, 0x85ebca6b}, {13, 0xc2b2ae35}, {16, 1}} {
		x = (x ^ x>>r.shift) * r.mul & mask
	}
	return x
}

// uniformOf is the upper 24 bits of a word as a fraction.
func uniformOf(w uint64) float64 { return float64(w>>8) / (1 << 24) }

// normalOf takes the sign from bit 8 and the quantile from the 23 bits above:
// tail is the probability of a value further from 0, on both sides.
func normalOf(w uint64) float64 {
	tail := (float64(w>>9) + 0.5) / (1 << 23)
	z := math.Sqrt2 * math.Erfcinv(tail)
	if w&(1<<8) != 0 {
		return -z
	}
	return z
}

func uniform() *operation {
	return &operation{
		name:     "Uniform",
		operands: []operand{{"dst", out, perElement, gauss}},
		run:      func(b compute.Backend, x [][]float32) { b.Uniform(x[0], key, offset) },
		ref: func(rows, width int, x, mag [][]float64) {
			for i := range x[0] {
				x[0][i] = uniformOf(word(key, offset+uint32(i))) // exact
			}
		},
	}
}

func normal() *operation {
	return &operation{
		name:     "Normal",
		operands: []operand{{"dst", out, perElement, gauss}},
		run:      func(b compute.Backend, x [][]float32) { b.Normal(x[0], key, offset) },
		ref: func(rows, width int, x, mag [][]float64) {
			for i := range x[0] {
				x[0][i] = normalOf(word(key, offset+uint32(i)))
				mag[0][i] = math.Abs(x[0][i])
			}
		},
		tol: 6 * eps,
	}
}

func bernoulli(inPlace bool) *operation {
	op := &operation{name: "Bernoulli"}
	op.operands = []operand{{"p", in, perElement, prob}, {"dst", out, perElement, gauss}}
	op.run = func(b compute.Backend, x [][]float32) { b.Bernoulli(x[1], x[0], key, offset) }
	if inPlace {
		op.name += " in place"
		op.operands = []operand{{"p", inout, perElement, prob}}
		op.run = func(b compute.Backend, x [][]float32) { b.Bernoulli(x[0], x[0], key, offset) }
	}
	op.ref = func(rows, width int, x, mag [][]float64) {
		last := len(x) - 1
		for i, p := range x[0] {
			x[last][i] = 0 // exact
			if uniformOf(word(key, offset+uint32(i))) < p {
				x[last][i] = 1
			}
		}
	}
	return op
}
