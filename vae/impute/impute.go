// Package impute completes pictures of which a part is missing: it looks for latents
// that explain the part that is there, and decodes them.
//
// Several chains run side by side. Each begins with one of the best of many latents
// drawn from the prior; then it is encoded and decoded in turn, where what was decoded
// takes the place of what is missing (Rezende, Mohamed and Wierstra 2014, appendix F).
package impute

import (
	"fmt"
	"math"
	"slices"

	"inkdrift/vae/compute"
)

// Model is what is needed of a model; lengths are those of inkdrift/vae.Model.
type Model interface {
	InputLen() int
	Latent() int
	Encode(mu, logvar, x []float32) error
	PixelNegLogLikelihood(nats, mean, x, z []float32) error
}

// Options say how pictures are completed.
type Options struct {
	Chains int    // at least 1
	Seed   uint64 // of all noise
	Rows   int    // latents that the model decodes at once; 0: all chains
	Yield  func() // called between pieces of the work, unless nil
}

const (
	candidates = 512 // latents of the prior that chains are chosen from, at least
	// Rounds of encoding and decoding: first with latents drawn from the posterior, so
	// that chains find their ways, then with its mean.
	draws = 5
	means = 10
)

// Purposes of the random streams.
const (
	streamPrior = iota + 71
	streamRound
)

// Completion is a picture with what was missing.
type Completion struct {
	Picture []float32 // what was there is as it came
	Z       []float32 // latent that it was decoded from
	// Nats is what the pixels that were there add to -log p(x|z).
	Nats float64
	// Score is log p(x|z) of these pixels plus log p(z) but for a constant: what the
	// completions are ordered by.
	Score float64
}

// Fill completes the picture x, of which pixel i is missing where hole[i]: as many times
// as there are chains, the likeliest first. The same seed gives the same completions.
// Errors are those of the model, and a *HoleError.
func Fill(m Model, x []float32, hole []bool, o Options) ([]Completion, error) {
	if len(hole) != len(x) {
		return nil, &HoleError{len(hole), len(x)}
	}
	o.Chains = max(o.Chains, 1)
	if o.Rows < 1 {
		o.Rows = o.Chains
	}
	f := &filler{model: m, options: o, x: x, hole: hole}
	if err := f.begin(); err != nil {
		return nil, err
	}
	for i := range draws + means {
		if err := f.round(i); err != nil {
			return nil, err
		}
	}
	return f.completions(), nil
}

// HoleError says that a hole is not that of the picture.
type HoleError struct{ Got, Want int }

func (e *HoleError) Error() string {
	return fmt.Sprintf("the hole has %d pixels, the picture has %d", e.Got, e.Want)
}

// latents are points with what was decoded from them, row by row.
type latents struct {
	z, decoded  []float32
	nats, score []float64 // as of a Completion
}

// filler is a picture on its way.
type filler struct {
	model   Model
	options Options
	x       []float32
	hole    []bool
	now     latents // of the chains
}

// key names a stream of noise.
func (f *filler) key(stream, i int) compute.Key {
	return compute.NewKey(f.options.Seed, uint64(stream), uint64(i))
}

// yield is called between pieces of the work.
func (f *filler) yield() {
	if f.options.Yield != nil {
		f.options.Yield()
	}
}

// decode decodes latents and compares them with what is there.
func (f *filler) decode(z []float32) (latents, error) {
	p, d := len(f.x), f.model.Latent()
	n := len(z) / d
	l := latents{z, make([]float32, n*p), make([]float64, n), make([]float64, n)}
	given, nats := make([]float32, 0, f.options.Rows*p), make([]float32, f.options.Rows*p)
	for range min(f.options.Rows, n) {
		given = append(given, f.x...)
	}
	for from := 0; from < n; from += f.options.Rows {
		f.yield()
		to := min(from+f.options.Rows, n)
		part := nats[:(to-from)*p]
		if err := f.model.PixelNegLogLikelihood(part, l.decoded[from*p:to*p], given[:len(part)], z[from*d:to*d]); err != nil {
			return l, err
		}
		for i := from; i < to; i++ {
			for k, v := range part[(i-from)*p:][:p] {
				if !f.hole[k] {
					l.nats[i] += float64(v)
				}
			}
			l.score[i] = -l.nats[i]
			for _, v := range z[i*d:][:d] {
				l.score[i] -= float64(v) * float64(v) / 2
			}
			if math.IsNaN(l.score[i]) {
				l.score[i] = math.Inf(-1)
			}
		}
	}
	return l, nil
}

// begin gives each chain one of the best of many latents of the prior.
func (f *filler) begin() error {
	d, chains := f.model.Latent(), f.options.Chains
	n := max(candidates, chains)
	z := make([]float32, n*d)
	compute.Implementation().Normal(z, f.key(streamPrior, 0), 0)
	all, err := f.decode(z)
	if err != nil {
		return err
	}
	f.now = all.best(chains)
	return nil
}

// best keeps the n latents with the least nats, the best first.
func (l latents) best(n int) latents {
	rows := len(l.nats)
	p, d := len(l.decoded)/rows, len(l.z)/rows
	var b latents
	for _, i := range least(l.nats, n) {
		b.z = append(b.z, l.z[i*d:][:d]...)
		b.decoded = append(b.decoded, l.decoded[i*p:][:p]...)
		b.nats = append(b.nats, l.nats[i])
		b.score = append(b.score, l.score[i])
	}
	return b
}

// least returns where the n least values are, the least first; n is small. A generic
// sort would weigh four kilobytes of the page's program.
func least(values []float64, n int) []int {
	var order []int
	for i, v := range values {
		at := len(order)
		for at > 0 && v < values[order[at-1]] {
			at--
		}
		if at < n {
			order = slices.Insert(order[:min(len(order), n-1)], at, i)
		}
	}
	return order
}

// picture is the picture with what chain i decoded in the hole.
func (f *filler) picture(i int) []float32 {
	x := slices.Clone(f.x)
	for k, v := range f.now.decoded[i*len(x):][:len(x)] {
		if f.hole[k] {
			x[k] = v
		}
	}
	return x
}

// round encodes all chains, draws latents from the posteriors or takes their means, and
// decodes them.
func (f *filler) round(i int) error {
	d, n, b := f.model.Latent(), f.options.Chains, compute.Implementation()
	mu, logvar, z := make([]float32, n*d), make([]float32, n*d), make([]float32, n*d)
	for k := range n {
		f.yield()
		if err := f.model.Encode(mu[k*d:][:d], logvar[k*d:][:d], f.picture(k)); err != nil {
			return err
		}
	}
	eps := make([]float32, n*d)
	if i < draws {
		b.Normal(eps, f.key(streamRound, i), 0)
	}
	b.Reparameterize(z, mu, logvar, eps)
	next, err := f.decode(z)
	f.now = next
	return err
}

// completions orders the chains as they are now.
func (f *filler) completions() []Completion {
	d := f.model.Latent()
	costs := make([]float64, len(f.now.score))
	for k, v := range f.now.score {
		costs[k] = -v
	}
	var all []Completion
	for _, k := range least(costs, len(costs)) {
		all = append(all, Completion{Picture: f.picture(k), Z: f.now.z[k*d:][:d], Nats: f.now.nats[k], Score: f.now.score[k]})
	}
	return all
}
