package vae_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/nn"
)

// model64 is the model in float64, written from the formulas as plain loops;
// weights are found by their names.
type model64 struct {
	vae.Config
	w map[string][]float64
	// least is the least magnitude of a number that went into a rectifier.
	least float64
}

func twin(m *vae.Model) *model64 {
	t := &model64{Config: m.Config(), w: map[string][]float64{}}
	for _, p := range m.Params() {
		t.w[p.Name] = wide(p.W)
	}
	return t
}

func wide(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// linear returns W x + b of the layer called name.
func (m *model64) linear(name string, x []float64) []float64 {
	w, b := m.w[name+".weight"], m.w[name+".bias"]
	y := make([]float64, len(b))
	for o := range y {
		y[o] = b[o]
		for i, v := range x {
			y[o] += w[o*len(x)+i] * v
		}
	}
	return y
}

func (m *model64) activate(x []float64, activation string) []float64 {
	for i, v := range x {
		switch activation {
		case "tanh":
			x[i] = math.Tanh(v)
		case "sigmoid":
			x[i] = 1 / (1 + math.Exp(-v))
		case "relu", "leaky-relu":
			m.least = min(m.least, math.Abs(v))
			if v < 0 {
				x[i] = 0
				if activation == "leaky-relu" {
					x[i] = v / 100
				}
			}
		}
	}
	return x
}

// chain runs the activated layers name.0, name.2, ... and returns the last
// one's output.
func (m *model64) chain(name string, layers int, activation string, x []float64) []float64 {
	for i := range layers {
		x = m.activate(m.linear(fmt.Sprintf("%s.%d", name, 2*i), x), activation)
	}
	return x
}

// perceptron is a chain with a linear layer at its end.
func (m *model64) perceptron(name string, layers int, activation string, x []float64) []float64 {
	return m.linear(fmt.Sprintf("%s.%d", name, 2*layers), m.chain(name, layers, activation, x))
}

// encode maps one picture to its mean and log-variance.
func (m *model64) encode(x, y []float64) (mu, logvar []float64) {
	h := x
	switch m.Family {
	case "conv", "vae-gan":
		h = m.convEncode("encoder", m.Encoder, x)
		for i := range m.Hidden {
			h = m.activate(m.linear(fmt.Sprint("encoder.", 2*len(m.Encoder)+1+2*i), h), m.Activation)
		}
	case "cvae":
		h = m.chain("encoder", len(m.Encoder), m.Activation, append(slices.Clone(x), y...))
	default:
		h = m.chain("encoder", len(m.Encoder), m.Activation, x)
	}
	return m.linear("mu", h), m.linear("logvar", h)
}

// decode maps one latent to the parameters of p(x|z).
func (m *model64) decode(z, y []float64) []float64 {
	var out []float64
	switch m.Family {
	case "conv":
		out = m.convDecode(z)
	case "dcgan", "vae-gan":
		out = m.generate(z)
	case "cvae":
		out = m.perceptron("decoder", len(m.Decoder), m.Activation, append(slices.Clone(z), y...))
	default:
		out = m.perceptron("decoder", len(m.Decoder), m.Activation, z)
	}
	for i, v := range out {
		switch m.Output {
		case "sigmoid":
			out[i] = 1 / (1 + math.Exp(-v))
		case "tanh":
			out[i] = (math.Tanh(v) + 1) / 2
		}
	}
	return out
}

// means maps one latent to the pixels that Decode gives.
func (m *model64) means(z, y []float64) []float64 {
	out := m.decode(z, y)
	for i, v := range out {
		if m.Likelihood == vae.Bernoulli {
			out[i] = 1 / (1 + math.Exp(-v))
		} else {
			out[i] = math.Max(0, math.Min(1, v))
		}
	}
	return out
}

// negLogLikelihood is -log p(x|z) of one picture.
func (m *model64) negLogLikelihood(x, z, y []float64) (s float64) {
	sigma := m.Sigma
	if sigma == 0 {
		sigma = 1
	}
	for i, v := range m.decode(z, y) {
		if m.Likelihood == vae.Bernoulli {
			p := 1 / (1 + math.Exp(-v))
			s -= x[i]*math.Log(p) + (1-x[i])*math.Log(1-p)
		} else {
			d := (x[i] - v) / sigma
			s += d*d/2 + math.Log(sigma*math.Sqrt(2*math.Pi))
		}
	}
	return s
}

// terms are the terms of a Bound and the loss, means over the pictures of x; y
// are the classes of the pictures, and eps the noise of each sample.
func (m *model64) terms(x []float64, labels []int, eps [][]float64, a vae.ObjectiveConfig, beta float64) (loss float64, t vae.Terms) {
	w, l := m.InputLen(), m.Latent
	n, k := len(x)/w, len(eps)
	for i := range n {
		x := x[i*w:][:w]
		y := make([]float64, m.Conditions)
		if len(y) > 0 {
			y[labels[i]] = 1
		}
		mu, logvar := m.encode(x, y)
		var recon, kl, paid float64
		logw, tempered := make([]float64, k), make([]float64, k)
		for s := range k {
			z, logp, logq := make([]float64, l), 0., 0.
			for j := range z {
				e := eps[s][i*l+j]
				z[j] = mu[j] + math.Exp(logvar[j]/2)*e
				logp -= z[j]*z[j]/2 + math.Log(2*math.Pi)/2
				d := z[j] - mu[j]
				logq -= d*d/math.Exp(logvar[j])/2 + logvar[j]/2 + math.Log(2*math.Pi)/2
			}
			nll := m.negLogLikelihood(x, z, y)
			recon += nll / float64(k)
			logw[s], tempered[s] = -nll+logp-logq, -nll+beta*(logp-logq)
		}
		for j := range l {
			v := -(1 + logvar[j] - mu[j]*mu[j] - math.Exp(logvar[j])) / 2
			kl += v
			paid += math.Max(v, a.FreeBits)
		}
		t.Recon += recon / float64(n)
		t.KL += kl / float64(n)
		other := 0
		if a.Bound == vae.BoundIWAE {
			t.Other[0] -= logMeanExp(logw) / float64(n)
			loss -= logMeanExp(tempered) / float64(n)
			other++
		} else {
			loss += (recon + beta*paid) / float64(n)
		}
		if len(y) > 0 {
			label := -math.Log(m.recognise(x)[labels[i]]) / float64(n)
			t.Other[other] += label
			loss += label
		}
	}
	return loss, t
}

func logMeanExp(x []float64) float64 {
	top, sum := slices.Max(x), 0.
	for _, v := range x {
		sum += math.Exp(v - top)
	}
	return top + math.Log(sum/float64(len(x)))
}

// classify returns the class probabilities of one latent mean.
func (m *model64) classify(mu []float64) []float64 {
	return softmax(m.perceptron("classifier", len(m.Classifier), "relu", mu))
}

// recognise returns q(y|x) of one picture.
func (m *model64) recognise(x []float64) []float64 {
	return softmax(m.perceptron("recogniser", len(m.Recogniser), m.Activation, x))
}

func softmax(p []float64) []float64 {
	sum := 0.0
	for i, v := range p {
		p[i] = math.Exp(v)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
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

// compareGradients compares the gradient of every parameter of the arena with
// the numerical derivative of f with respect to its float64 twin.
func compareGradients(t *testing.T, a *nn.Arena, m *model64, f func() float64) {
	t.Helper()
	compareGradientsOf(t, a, m, func(string) func() float64 { return f })
}

// compareGradientsOf is compareGradients where not all parameters follow the same
// function.
func compareGradientsOf(t *testing.T, a *nn.Arena, m *model64, of func(param string) func() float64) {
	t.Helper()
	for _, p := range a.Params {
		f := of(p.Name)
		w := m.w[p.Name]
		want, largest := make([]float64, len(w)), 0.0
		for i := range w {
			want[i] = derivative(f, w, i)
			largest = max(largest, math.Abs(want[i]))
		}
		if largest == 0 {
			t.Errorf("%s has no gradient at all: the test says nothing", p.Name)
		}
		for i, v := range want {
			if d := math.Abs(float64(p.G[i]) - v); !(d <= 2e-5*math.Abs(v)+5e-6*largest) {
				t.Errorf("the gradient of %s[%d] is %v instead of %v", p.Name, i, p.G[i], v)
				break
			}
		}
	}
}

// near compares numbers with their float64 twins.
func near(t *testing.T, what string, got []float32, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers instead of %d", what, len(got), len(want))
	}
	for i, w := range want {
		if !(math.Abs(float64(got[i])-w) <= tol*(1+math.Abs(w))) {
			t.Errorf("%s[%d] is %v instead of %v", what, i, got[i], w)
			return
		}
	}
}

// uniform draws n numbers in [0, 1), some of them exactly 0 or 1.
func uniform(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		switch r.IntN(4) {
		case 0:
			x[i] = float32(r.IntN(2))
		default:
			x[i] = r.Float32()
		}
	}
	return x
}

func normal(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// newModel builds a model and gives it biases too.
func newModel(t testing.TB, c vae.Config, seed uint64) *vae.Model {
	t.Helper()
	m, err := vae.New(c, seed)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(seed, 9))
	for _, p := range m.Params() {
		if len(p.Shape) == 1 {
			for i := range p.W {
				p.W[i] = float32(0.3 * r.NormFloat64())
			}
		}
	}
	return m
}
