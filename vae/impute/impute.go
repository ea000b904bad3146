// Package impute completes pictures of which a part is missing: it looks for latents
// that explain the part that is there, and decodes them.
//
// Several chains run side by side. Each begins with one of the best of many latents
// drawn from the prior; then it is encoded and decoded in turn, where what was decoded
// takes the place of what is missing (Rezende, Mohamed and Wierstra 2014, appendix F).
// From there each chain draws from p(z | what is there): what the encoder proposes is
// accepted or not (Metropolis within Gibbs, Mattei and Frellsen 2018).
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
	Completions int    // how many are wanted, at least 1
	Seed        uint64 // of all noise
	Rows        int    // pictures that the model takes at once; 0: any number
	Yield       func() // called between pieces of the work, unless nil
}

const (
	candidates  = 2048 // latents of the prior that chains are chosen from, at least
	leastChains = 16   // more than are wanted, so that few ways are missed
	// Rounds of encoding and decoding: first with latents drawn from the posterior, so
	// that chains find their ways, then with its mean.
	draws = 5
	means = 10
	// steps is how many of what the encoder proposes are accepted or not.
	steps = 15
	// certainty is how much the masses of chains are trusted: pixels are not as independent
	// as the likelihood has it.
	certainty = 0.5
)

// Purposes of the random streams.
const (
	streamPrior = iota + 71
	streamRound
	streamStep
	streamAccept
)

// Result is what was found.
type Result struct {
	// Completions has the likeliest places of the best chains, the likeliest first.
	Completions []Completion
	// Mean is the picture with the mean of all that was drawn where it is missing, each
	// chain weighted by how much of p(z | what is there) is around it. It is near to what
	// was there in squared error, and blurred where several things fit.
	Mean []float32
	// Accepted is the share of the encoder's proposals that was accepted.
	Accepted float64
}

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

// Fill completes the picture x, of which pixel i is missing where hole[i]. The same
// seed gives the same completions. Errors are those of the model, and a *HoleError.
func Fill(m Model, x []float32, hole []bool, o Options) (Result, error) {
	if len(hole) != len(x) {
		return Result{}, &HoleError{len(hole), len(x)}
	}
	o.Completions = max(o.Completions, 1)
	f := &filler{model: m, options: o, x: x, hole: hole, chains: max(o.Completions, leastChains)}
	if o.Rows < 1 {
		f.options.Rows = f.chains
	}
	if err := f.begin(); err != nil {
		return Result{}, err
	}
	for i := range draws + means {
		if err := f.round(i); err != nil {
			return Result{}, err
		}
	}
	if err := f.sample(); err != nil {
		return Result{}, err
	}
	return f.result()
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
	chains  int
	now     latents // of the chains
	best    latents // the likeliest places of the chains so far

	means    []float64 // of what each chain decoded
	pictures []float32 // room
	accepted int
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
	d, n := f.model.Latent(), max(candidates, f.chains)
	z := make([]float32, n*d)
	compute.Implementation().Normal(z, f.key(streamPrior, 0), 0)
	all, err := f.decode(z)
	if err != nil {
		return err
	}
	f.now = all.best(f.chains)
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

// complete is the picture with what was decoded in the hole.
func (f *filler) complete(decoded []float32) []float32 {
	x := slices.Clone(f.x)
	for k, v := range decoded {
		if f.hole[k] {
			x[k] = v
		}
	}
	return x
}

// posterior is what the encoder says of the picture of each chain.
type posterior struct{ mu, logvar []float32 }

// encode encodes the picture with what was decoded for each chain.
func (f *filler) encode(decoded []float32) (posterior, error) {
	d, n := f.model.Latent(), f.chains
	p := posterior{make([]float32, n*d), make([]float32, n*d)}
	for from := 0; from < n; from += f.options.Rows {
		f.yield()
		to := min(from+f.options.Rows, n)
		pictures := f.pictures[:0]
		for k := from; k < to; k++ {
			pictures = append(pictures, f.complete(decoded[k*len(f.x):][:len(f.x)])...)
		}
		if err := f.model.Encode(p.mu[from*d:to*d], p.logvar[from*d:to*d], pictures); err != nil {
			return p, err
		}
		f.pictures = pictures
	}
	return p, nil
}

// draw draws a latent of each chain from its posterior.
func (f *filler) draw(from posterior, key compute.Key) []float32 {
	b := compute.Implementation()
	z, eps := make([]float32, len(from.mu)), make([]float32, len(from.mu))
	b.Normal(eps, key, 0)
	b.Reparameterize(z, from.mu, from.logvar, eps)
	return z
}

// round encodes all chains, draws latents from the posteriors or takes their means, and
// decodes them.
func (f *filler) round(i int) error {
	p, err := f.encode(f.now.decoded)
	if err != nil {
		return err
	}
	z := p.mu
	if i < draws {
		z = f.draw(p, f.key(streamRound, i))
	}
	f.now, err = f.decode(z)
	return err
}

// sample draws from the posterior of what is there: a chain goes to the place that the
// encoder proposes for its picture with a probability that leaves p(z | what is there)
// as it is, else it stays.
func (f *filler) sample() error {
	p, d, n := len(f.x), f.model.Latent(), f.chains
	f.best, f.means = f.now.clone(), make([]float64, n*p)
	at, err := f.encode(f.now.decoded)
	if err != nil {
		return err
	}
	for i := range steps {
		to, err := f.decode(f.draw(at, f.key(streamStep, i)))
		if err != nil {
			return err
		}
		back, err := f.encode(to.decoded)
		if err != nil {
			return err
		}
		key := f.key(streamAccept, i)
		for k := range n {
			uniform := (float64(key.Word(uint32(k))) + 0.5) / (1 << 32)
			gain := to.score[k] - f.now.score[k] + back.logDensity(k, f.now.z[k*d:][:d]) - at.logDensity(k, to.z[k*d:][:d])
			if math.Log(uniform) < gain {
				f.now.set(k, to)
				copy(at.mu[k*d:][:d], back.mu[k*d:])
				copy(at.logvar[k*d:][:d], back.logvar[k*d:])
				f.accepted++
			}
			if f.now.score[k] > f.best.score[k] {
				f.best.set(k, f.now)
			}
			for j, v := range f.now.decoded[k*p:][:p] {
				f.means[k*p+j] += float64(v) / steps
			}
		}
	}
	return nil
}

// logDensity is the log density of z under the posterior of chain k, but for a constant.
func (p posterior) logDensity(k int, z []float32) (s float64) {
	for i, v := range z {
		e, logvar := float64(v-p.mu[k*len(z)+i]), float64(p.logvar[k*len(z)+i])
		s -= (e*e*math.Exp(-logvar) + logvar) / 2
	}
	return s
}

func (l latents) clone() latents {
	return latents{slices.Clone(l.z), slices.Clone(l.decoded), slices.Clone(l.nats), slices.Clone(l.score)}
}

// set makes row k that of other latents.
func (l latents) set(k int, other latents) {
	rows := len(l.nats)
	p, d := len(l.decoded)/rows, len(l.z)/rows
	copy(l.z[k*d:][:d], other.z[k*d:][:d])
	copy(l.decoded[k*p:][:p], other.decoded[k*p:][:p])
	l.nats[k], l.score[k] = other.nats[k], other.score[k]
}

// weights says how much of p(z | what is there) is around the likeliest place of each
// chain, by Laplace's approximation with the widths that the encoder gives; the weights
// add up to 1.
func (f *filler) weights() ([]float64, error) {
	at, err := f.encode(f.best.decoded)
	if err != nil {
		return nil, err
	}
	w, d := make([]float64, f.chains), f.model.Latent()
	for k := range w {
		w[k] = f.best.score[k]
		for _, v := range at.logvar[k*d:][:d] {
			w[k] += float64(v) / 2
		}
	}
	top, sum := slices.Max(w), 0.0
	for k, v := range w {
		w[k] = math.Exp(certainty * (v - top))
		sum += w[k]
	}
	for k := range w {
		w[k] /= sum
	}
	return w, nil
}

// result orders the chains by their likeliest places.
func (f *filler) result() (Result, error) {
	d, p, n := f.model.Latent(), len(f.x), f.chains
	costs := make([]float64, n)
	for k, v := range f.best.score {
		costs[k] = -v
	}
	r := Result{Accepted: float64(f.accepted) / float64(steps*n)}
	mean := make([]float32, p)
	weights, err := f.weights()
	if err != nil {
		return r, err
	}
	for k, w := range weights {
		for i, v := range f.means[k*p:][:p] {
			mean[i] += float32(w * v)
		}
	}
	r.Mean = f.complete(mean)
	for _, k := range least(costs, f.options.Completions) {
		r.Completions = append(r.Completions, Completion{Picture: f.complete(f.best.decoded[k*p:][:p]), Z: f.best.z[k*d:][:d], Nats: f.best.nats[k], Score: f.best.score[k]})
	}
	return r, nil
}
