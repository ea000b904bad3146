package vae_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/compute"
)

// generate is a generator: transposed convolutions, the last to the picture.
func (m *model64) generate(z []float64) []float64 {
	heights, widths := m.sizes(len(m.Decoder))
	h := map64{m.Decoder[0], heights[0], widths[0], m.activate(m.linear("decoder.0", z), m.Activation)}
	for i, c := range append(m.Decoder[1:len(m.Decoder):len(m.Decoder)], m.Input[0]) {
		h = m.convTranspose(fmt.Sprint("decoder.", 3+2*i), h, c, m.kernel(), 2, heights[i+1], widths[i+1])
		if i < len(m.Decoder)-1 {
			m.activate(h.data, m.Activation)
		}
	}
	return h.data
}

// discriminate gives the discriminator's features of a picture and its logit.
func (m *model64) discriminate(x []float64) (features []float64, logit float64) {
	features = m.convEncode("discriminator", m.Discriminator, x)
	return features, m.linear(fmt.Sprint("discriminator.", 2*len(m.Discriminator)+1), features)[0]
}

// crossEntropy is that of a logit with the probability that it should give.
func crossEntropy(logit, target float64) float64 {
	p := 1 / (1 + math.Exp(-logit))
	return -target*math.Log(p) - (1-target)*math.Log(1-p)
}

// stream draws n numbers of a stream of a step.
func stream(key compute.Key, purpose uint64, n int) []float64 {
	x := make([]float32, n)
	compute.Go{}.Normal(x, compute.NewKey(uint64(key.A)|uint64(key.B)<<32, purpose), 0)
	return wide(x)
}

// game is a step of an adversarial objective in float64.
type game struct {
	*model64
	a       vae.ObjectiveConfig
	x       [][]float64 // real pictures
	eps, z  [][]float64 // of the pictures, and random latents
	noise   [][][]float64
	beta    float64
	terms64 struct{ recon, kl, features, discriminator, fooling, real, fake float64 }
}

func newGame(m *vae.Model, s vae.Share, a vae.ObjectiveConfig, sets int) *game {
	g := &game{model64: twin(m), a: a, beta: s.Beta}
	w, l := m.InputLen(), m.Latent()
	n := len(s.X) / w
	rows := func(x []float64, width int) (r [][]float64) {
		for i := range n {
			r = append(r, x[i*width:][:width])
		}
		return r
	}
	g.x = rows(wide(s.X), w)
	eps := make([]float32, n*l)
	compute.Go{}.Normal(eps, s.Key, 0)
	g.eps, g.z = rows(wide(eps), l), rows(stream(s.Key, 1<<32, n*l), l)
	for i := range sets {
		noise := stream(s.Key, 2<<32+uint64(i), n*w)
		for j := range noise {
			noise[j] *= s.Noise
		}
		g.noise = append(g.noise, rows(noise, w))
	}
	return g
}

func plus(a, b []float64) []float64 {
	c := make([]float64, len(a))
	for i := range a {
		c[i] = a[i] + b[i]
	}
	return c
}

// run computes all terms of a step.
func (g *game) run() {
	t := &g.terms64
	*t = struct{ recon, kl, features, discriminator, fooling, real, fake float64 }{}
	n := float64(len(g.x))
	sigmoid := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	for i, x := range g.x {
		fakes := [][]float64{g.decode(g.z[i], nil)}
		if g.HasEncoder() {
			mu, logvar := g.encode(x, nil)
			z := make([]float64, len(mu))
			for j := range z {
				z[j] = mu[j] + math.Exp(logvar[j]/2)*g.eps[i][j]
				t.kl -= (1 + logvar[j] - mu[j]*mu[j] - math.Exp(logvar[j])) / 2 / n
			}
			t.recon += g.negLogLikelihood(x, z, nil) / n
			fakes = append([][]float64{g.decode(z, nil)}, fakes...)
		}
		k := float64(len(fakes))
		seen, logit := g.discriminate(plus(x, g.noise[len(fakes)][i]))
		t.discriminator += crossEntropy(logit, 1-g.a.Smoothing) / 2 / n
		t.real += sigmoid(logit) / n
		for j, fake := range fakes {
			features, logit := g.discriminate(plus(fake, g.noise[j][i]))
			t.discriminator += crossEntropy(logit, 0) / k / 2 / n
			t.fooling += crossEntropy(logit, 1) / k / n
			t.fake += sigmoid(logit) / k / n
			if j == 0 && g.HasEncoder() {
				for f := range features {
					d := features[f] - seen[f]
					t.features += d * d / 2 / n
				}
			}
		}
	}
}

var gan = vae.Config{Family: "dcgan", Input: [3]int{1, 6, 5}, Decoder: []int{3, 2}, Discriminator: []int{2, 3}, Latent: 3,
	Activation: "leaky-relu", Kernel: 4, Likelihood: vae.Implicit, Output: "tanh"}

var autoencoderGAN = vae.Config{Family: "vae-gan", Input: [3]int{2, 5, 6}, Encoder: []int{2}, Decoder: []int{3, 2}, Discriminator: []int{3}, Latent: 2,
	Activation: "tanh", Likelihood: vae.Gaussian, Sigma: 0.5, Output: "sigmoid"}

// adversaries are adversarial models with their objectives.
func adversaries() map[string]variant {
	v := map[string]variant{}
	v["dcgan"] = variant{Config: gan}
	c := gan
	c.Kernel, c.Activation, c.Input, c.Decoder = 3, "tanh", [3]int{3, 3, 4}, []int{2}
	v["dcgan in colour, smooth labels"] = variant{c, vae.ObjectiveConfig{Smoothing: 0.2}, 0}
	v["vae-gan"] = variant{Config: autoencoderGAN, beta: 1}
	c = autoencoderGAN
	c.Kernel, c.Activation, c.Encoder, c.Output = 4, "leaky-relu", nil, "tanh"
	v["vae-gan, smooth labels, beta 0.3"] = variant{c, vae.ObjectiveConfig{Smoothing: 0.1}, 0.3}
	return v
}

// TestAdversarialGradient compares the gradient of each part of an adversarial
// model with finite differences of what that part is to make small, at the same
// weights and with the same noise.
func TestAdversarialGradient(t *testing.T) {
	for name, v := range adversaries() {
		t.Run(name, func(t *testing.T) {
			const n = 3
			m := newModel(t, v.Config, 5)
			x := uniform(rand.New(rand.NewPCG(1, 2)), n*m.InputLen())
			s := vae.Share{X: x, Key: vae.NoiseKey(11, 4), Batch: n, Beta: v.beta, Noise: 0.25}
			sets := 2
			if m.HasEncoder() {
				sets = 3
			}
			ref := newGame(m, s, v.ObjectiveConfig, sets)
			ref.least = math.Inf(1)
			ref.run()
			if ref.least < 1e-5 {
				t.Fatal("a number is too near the kink of a rectifier for finite differences: take another seed")
			}
			o := newObjective(t, m, n, v.ObjectiveConfig)
			got, err := o.NewGradient(s)
			if err != nil {
				t.Fatal(err)
			}
			w := ref.terms64
			want := vae.Terms{Recon: w.recon, KL: w.kl, Other: [vae.MaxOther]float64{w.discriminator, w.fooling, w.real, w.fake}}
			if m.HasEncoder() {
				want.Other = [vae.MaxOther]float64{w.features, w.discriminator, w.fooling}
			}
			if !sameTerms(got, want, 1e-5) {
				t.Errorf("terms are %+v instead of %+v", got, want)
			}
			compareGradientsOf(t, m.Arena(), ref.model64, func(param string) func() float64 {
				return func() float64 {
					ref.run()
					w := ref.terms64
					switch {
					case strings.HasPrefix(param, "discriminator."):
						return w.discriminator
					case strings.HasPrefix(param, "decoder."):
						if m.HasEncoder() {
							return w.features + 10*w.fooling
						}
						return w.fooling
					}
					return w.features + v.beta*w.kl
				}
			})
			checkReplaced(t, m, o, s, got)
		})
	}
}

func TestAdversarialGradientDoesNotAllocate(t *testing.T) {
	for name, v := range adversaries() {
		checkNoAllocation(t, name, v)
	}
}

// TestDiscriminatorRate: the factor of its learning rate moves the discriminator
// alone.
func TestDiscriminatorRate(t *testing.T) {
	m := newModel(t, gan, 1)
	check := func(own float64) {
		t.Helper()
		for _, p := range m.Params() {
			want := 0.
			if strings.HasPrefix(p.Name, "discriminator.") {
				want = own
			}
			if p.Rate != want {
				t.Errorf("%s has the rate %v, want %v", p.Name, p.Rate, want)
			}
		}
	}
	newObjective(t, m, 1, vae.ObjectiveConfig{})
	check(0)
	newObjective(t, m, 1, vae.ObjectiveConfig{DiscriminatorRate: 0.25})
	check(0.25)
	// One that evaluates beside the one that trains.
	newObjective(t, m, 1, vae.ObjectiveConfig{})
	check(0.25)
}
