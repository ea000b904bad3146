// Package nn holds the layers of a network, each with an explicit Forward and
// Backward, over gonum's blas32 and the compute seam. Batches are row-major: n
// rows of In or Out numbers. Layers own their activations, which makes them
// cheap and not safe for concurrent use.
package nn

import (
	"iter"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"inkdrift/vae/compute"
)

// Param is one trainable tensor with its gradient.
type Param struct {
	// Name is the tensor's name in a PyTorch state dict, such as
	// "encoder.0.weight".
	Name string
	// Shape is the tensor's shape, row-major.
	Shape []int
	// W and G are the values and the gradient, len = product of Shape. An Arena
	// provides them; G is nil until EnableGrad.
	W, G []float32
	// Rate is a factor of the learning rate for this parameter; 0 means 1.
	Rate float64
	// replace: the content of G is to be overwritten; see Arena.Replace.
	replace bool
	// frozen: see Freeze.
	frozen bool
	// at is the place in the arena; unit is how many elements stay together when
	// the arena is dealt out in slices, 0 for all.
	at, unit int
	// reduction is that of the arena.
	reduction *Reduction
}

// Freeze says whether Backward leaves the gradients of params as they are, so
// that a network can carry a gradient that is not meant for it.
func Freeze(params []*Param, frozen bool) {
	for _, p := range params {
		p.frozen = frozen
	}
}

// Len is the number of elements.
func (p *Param) Len() int {
	n := 1
	for _, d := range p.Shape {
		n *= d
	}
	return n
}

// layer is the name of the layer whose weight p is.
func (p *Param) layer() string { return strings.TrimSuffix(p.Name, ".weight") }

// Arena is the one flat memory of a model's parameters and of their gradients,
// so that an optimiser, a checkpoint or an exchange between workers is one
// slice.
type Arena struct {
	Params    []*Param
	W, G      []float32
	Reduction *Reduction
}

// NewArena gives params, in order, one block of zero values.
func NewArena(params []*Param) *Arena {
	a := &Arena{Params: params, Reduction: new(Reduction)}
	a.W = make([]float32, a.total())
	for at, p := range a.each() {
		p.at, p.reduction = at, a.Reduction
		p.W = a.W[at : at+p.Len() : at+p.Len()]
	}
	return a
}

// EnableGrad allocates the gradients, which a model that only runs forward
// does without. Doing it again does nothing.
func (a *Arena) EnableGrad() {
	if a.G != nil {
		return
	}
	a.G = make([]float32, a.total())
	for at, p := range a.each() {
		p.G = a.G[at : at+p.Len() : at+p.Len()]
	}
}

// each yields every parameter with its place in the blocks.
func (a *Arena) each() iter.Seq2[int, *Param] {
	return func(yield func(int, *Param) bool) {
		at := 0
		for _, p := range a.Params {
			if !yield(at, p) {
				return
			}
			at += p.Len()
		}
	}
}

// within returns which elements of p lie in the arena from lo up to hi.
func (p *Param) within(lo, hi int) (from, to int) {
	n := p.Len()
	return min(max(lo-p.at, 0), n), min(max(hi-p.at, 0), n)
}

// run is a stretch of parameters with the same factor of the learning rate.
type run struct {
	from, to int
	factor   float64
}

// rates yields the stretches in order.
func (a *Arena) rates() iter.Seq[run] {
	return func(yield func(run) bool) {
		var r run
		for at, p := range a.each() {
			factor := p.Rate
			if factor == 0 {
				factor = 1
			}
			if factor != r.factor && r.to > r.from {
				if !yield(r) {
					return
				}
				r.from = at
			}
			r.factor, r.to = factor, at+p.Len()
		}
		if r.to > r.from {
			yield(r)
		}
	}
}

func (a *Arena) total() (n int) {
	for _, p := range a.Params {
		n += p.Len()
	}
	return n
}

// ZeroGrad clears every gradient.
func (a *Arena) ZeroGrad() {
	clear(a.G)
	for _, p := range a.Params {
		p.replace = false
	}
}

// Replace makes the next Backward of each module write the gradients of its
// parameters instead of adding to them. It is ZeroGrad without a pass over the
// memory, for a caller that is about to run every module; until then the
// gradients are meaningless.
func (a *Arena) Replace() {
	for _, p := range a.Params {
		p.replace = true
	}
}

// keep is the factor of what is in G before a gradient is added: 0 once after
// Replace, else 1.
func (p *Param) keep() float32 {
	if p.replace {
		p.replace = false
		return 0
	}
	return 1
}

// ready clears G if it is to be overwritten, and returns it.
func (p *Param) ready() []float32 {
	if p.keep() == 0 {
		clear(p.G)
	}
	return p.G
}

// gradient is ready of a parameter that is not frozen, else a slice of that
// length in waste, which is not read.
func (p *Param) gradient(waste *[]float32) []float32 {
	if !p.frozen {
		return p.ready()
	}
	*waste = grow(*waste, p.Len())
	return *waste
}

// GradNorm returns the Euclidean norm of the whole gradient, within about 1e-6
// of itself; it is NaN or infinite exactly when some element is, or when the sum
// overflows float64.
func (a *Arena) GradNorm() float64 {
	const block = 4096
	var sum float64
	for g := a.G; len(g) > 0; {
		part := g[:min(block, len(g))]
		g = g[len(part):]
		// Where the squares fit float32, and sums of them.
		if s := blas32.Dot(vector(part), vector(part)); s > 1e-20 && s < 1e30 {
			sum += float64(s)
		} else {
			sum += squares(part)
		}
	}
	return math.Sqrt(sum)
}

// squares adds up the squares of x in float64.
func squares(x []float32) (sum float64) {
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return sum
}

// NonFinite returns the name of the first parameter with a NaN or an infinity
// in its values or gradient, or "".
func (a *Arena) NonFinite() string {
	for _, p := range a.Params {
		if slices.ContainsFunc(p.W, bad) || slices.ContainsFunc(p.G, bad) {
			return p.Name
		}
	}
	return ""
}

func bad(x float32) bool { return x-x != 0 }

// initUniform fills p with numbers in [-bound, bound) drawn from a stream that
// depends on the seed and the parameter's name alone.
func (p *Param) initUniform(seed uint64, bound float64) {
	words := []uint64{seed}
	for _, c := range []byte(p.Name) {
		words = append(words, uint64(c))
	}
	compute.Implementation().Uniform(p.W, compute.NewKey(words...), 0)
	for i, u := range p.W {
		p.W[i] = float32(float32(2*u-1) * float32(bound))
	}
}
