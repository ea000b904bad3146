package prior

import (
	"fmt"
	"math"

	"inkdrift/vae/compute"
)

// Mixture is a mixture of K Gaussians over d of the dimensions of a latent space;
// the others, which an encoder leaves at N(0, 1), are independent of them.
type Mixture struct {
	// Latent is the number of dimensions of the latent space, and Dims are those
	// that the mixture is about, in order.
	Latent int
	Dims   []int
	// Weights are the probabilities of the components, K numbers.
	Weights []float32
	// Mean is [K, d].
	Mean []float32
	// Factor has for each component the lower triangle, row by row, of the L with
	// covariance L L^T and a positive diagonal: [K, d(d+1)/2].
	Factor []float32
}

// MaxNumbers is the most numbers that a mixture may have: 90 kB in half precision.
const MaxNumbers = 45_000

// Components is K.
func (m *Mixture) Components() int { return len(m.Weights) }

// triangle is how many numbers the lower triangle of a [d, d] matrix has.
func triangle(d int) int { return d * (d + 1) / 2 }

// Error says which part of a mixture, or of what it is to be fitted to, is wrong.
type Error struct{ Field, Reason string }

func (e *Error) Error() string { return fmt.Sprintf("prior: %s %s", e.Field, e.Reason) }

func wrong(field, reason string, args ...any) error {
	return &Error{field, fmt.Sprintf(reason, args...)}
}

// Validate returns an *Error for the first part that does not fit.
func (m *Mixture) Validate() error {
	k, d := len(m.Weights), len(m.Dims)
	switch {
	case k == 0:
		return wrong("weights", "are none")
	case d == 0:
		return wrong("dimensions", "are none")
	case len(m.Mean) != k*d:
		return wrong("mean", "has %d numbers instead of %d", len(m.Mean), k*d)
	case len(m.Factor) != k*triangle(d):
		return wrong("factor", "has %d numbers instead of %d", len(m.Factor), k*triangle(d))
	case k+len(m.Mean)+len(m.Factor) > MaxNumbers:
		return wrong("components", "are %d of %d dimensions, more than %d numbers: take fewer", k, d, MaxNumbers)
	}
	for i, j := range m.Dims {
		if j < 0 || j >= m.Latent || i > 0 && j <= m.Dims[i-1] {
			return wrong("dimensions", "must be of the %d of the latent space, in order; number %d is %d", m.Latent, i, j)
		}
	}
	var sum float64
	for i, w := range m.Weights {
		if !(w >= 0 && w <= 1) {
			return wrong("weights", "must be between 0 and 1; number %d is %v", i, w)
		}
		sum += float64(w)
	}
	if math.Abs(sum-1) > 0.01 {
		return wrong("weights", "add up to %.3f instead of 1", sum)
	}
	for i, v := range m.Mean {
		if v-v != 0 {
			return wrong("mean", "is not finite at %d", i)
		}
	}
	at := 0
	for c := range k {
		for i := range d {
			for j := range i + 1 {
				if v := m.Factor[at]; v-v != 0 || i == j && v <= 0 {
					return wrong("factor", "of component %d is %v at [%d, %d]; it must be finite, and positive on the diagonal", c, v, i, j)
				}
				at++
			}
		}
	}
	return nil
}

// Purposes of the random streams of a sample.
const (
	streamComponent = 1
	streamNoise     = 2
)

// Sample draws latents into z, len(z) = n*Latent, from the stream of key: the same
// key gives the same latents, and the first of n are those of any larger n. It
// panics if z is not of whole latents.
func (m *Mixture) Sample(z []float32, key compute.Key) {
	if len(z)%m.Latent != 0 {
		panic(fmt.Sprintf("prior: %d numbers are no whole latents of %d", len(z), m.Latent))
	}
	n, d := len(z)/m.Latent, len(m.Dims)
	word := uint64(key.A) | uint64(key.B)<<32
	which := compute.NewKey(word, streamComponent)
	compute.Implementation().Normal(z, compute.NewKey(word, streamNoise), 0)
	e := make([]float32, d)
	for i := range n {
		row := z[i*m.Latent:][:m.Latent]
		c := m.component(float64(which.Word(uint32(i))) / (1 << 32))
		for j, at := range m.Dims {
			e[j] = row[at]
		}
		f := m.Factor[c*triangle(d):][:triangle(d)]
		for j, at := range m.Dims {
			sum := m.Mean[c*d+j]
			for k := range j + 1 {
				sum += float32(f[k] * e[k])
			}
			f = f[j+1:]
			row[at] = sum
		}
	}
}

// component is the one that u in [0, 1) chooses by the weights.
func (m *Mixture) component(u float64) int {
	last := 0
	for c, w := range m.Weights {
		if w == 0 {
			continue
		}
		if last = c; u < float64(w) {
			return c
		}
		u -= float64(w)
	}
	return last
}

// LogDensity computes log p(z) in nats of each latent, over the dimensions of the
// mixture alone: len(z) = n*Latent, len(dst) = n. The error is an *Error.
func (m *Mixture) LogDensity(dst []float64, z []float32) error {
	if len(z) != len(dst)*m.Latent {
		return wrong("latents", "have %d numbers instead of %d", len(z), len(dst)*m.Latent)
	}
	e := newEM(m, len(dst))
	e.load(z)
	e.expect(dst)
	return nil
}
