package vae_test

import (
	"fmt"
	"math"
	"math/rand/v2"
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

// chain runs the activated layers name.0, name.2, ... and returns what comes out.
func (m *model64) chain(name string, layers int, activation string, x []float64) []float64 {
	for i := range layers {
		x = m.activate(m.linear(fmt.Sprintf("%s.%d", name, 2*i), x), activation)
	}
	return x
}

// encode maps one picture to its mean and log-variance.
func (m *model64) encode(x []float64) (mu, logvar []float64) {
	h := x
	if m.Family == "conv" {
		h = m.convEncode(x)
	} else {
		h = m.chain("encoder", len(m.Encoder), m.Activation, x)
	}
	return m.linear("mu", h), m.linear("logvar", h)
}

// decode maps one latent to the parameters of p(x|z).
func (m *model64) decode(z []float64) []float64 {
	if m.Family == "conv" {
		return m.convDecode(z)
	}
	h := m.chain("decoder", len(m.Decoder), m.Activation, z)
	return m.linear(fmt.Sprintf("decoder.%d", 2*len(m.Decoder)), h)
}

// means maps one latent to the pixels that Decode gives.
func (m *model64) means(z []float64) []float64 {
	y := m.decode(z)
	for i, v := range y {
		if m.Likelihood == vae.Bernoulli {
			y[i] = 1 / (1 + math.Exp(-v))
		} else {
			y[i] = math.Max(0, math.Min(1, v))
		}
	}
	return y
}

// negLogLikelihood is -log p(x|z) of one picture.
func (m *model64) negLogLikelihood(x, z []float64) (s float64) {
	sigma := m.Sigma
	if sigma == 0 {
		sigma = 1
	}
	for i, y := range m.decode(z) {
		if m.Likelihood == vae.Bernoulli {
			p := 1 / (1 + math.Exp(-y))
			s -= x[i]*math.Log(p) + (1-x[i])*math.Log(1-p)
		} else {
			d := (x[i] - y) / sigma
			s += d*d/2 + math.Log(sigma*math.Sqrt(2*math.Pi))
		}
	}
	return s
}

// terms are the sums over the pictures of x of both parts of the objective.
func (m *model64) terms(x, eps []float64) (recon, kl float64) {
	n, l := m.InputLen(), m.Latent
	for i := range len(x) / n {
		mu, logvar := m.encode(x[i*n:][:n])
		z := make([]float64, l)
		for j := range z {
			z[j] = mu[j] + math.Sqrt(math.Exp(logvar[j]))*eps[i*l+j]
			kl -= (1 + logvar[j] - mu[j]*mu[j] - math.Exp(logvar[j])) / 2
		}
		recon += m.negLogLikelihood(x[i*n:][:n], z)
	}
	return recon, kl
}

// classify returns the class probabilities of one latent mean.
func (m *model64) classify(mu []float64) []float64 {
	p := m.linear(fmt.Sprintf("classifier.%d", 2*len(m.Classifier)), m.chain("classifier", len(m.Classifier), "relu", mu))
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

// compareGradients holds the gradient of every parameter of the arena to the
// numerical derivative of f with respect to its float64 twin.
func compareGradients(t *testing.T, a *nn.Arena, m *model64, f func() float64) {
	t.Helper()
	for _, p := range a.Params {
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
