package data

import (
	"fmt"
	"math/rand/v2"
)

// Shape is the shape of one picture: channels, height, width. Pictures are stored channel by channel, each row by
// row.
type Shape struct{ C, H, W int }

// Len returns the number of values in one picture.
func (s Shape) Len() int { return s.C * s.H * s.W }

// String returns the shape as "CxHxW".
func (s Shape) String() string { return fmt.Sprintf("%dx%dx%d", s.C, s.H, s.W) }

// Dataset is a numbered list of pictures of one shape. Its methods may be called from several goroutines at once.
type Dataset interface {
	// Name returns a short name, such as "mnist-train".
	Name() string
	// Shape returns the shape of every picture.
	Shape() Shape
	// Len returns the number of pictures.
	Len() int
	// Batch writes the pictures named by index, one after the other, to dst as values in [0,1]. dst must hold
	// len(index)*Shape().Len() values and every index must be in [0, Len()); it panics otherwise.
	Batch(dst []float32, index []int)
	// Label returns the class of picture i, or -1 if it has none.
	Label(i int) int
}

// Subset is a Dataset made of some pictures of another.
type Subset struct {
	name  string
	base  Dataset
	index []int
}

// NewSubset returns the pictures of base named by index, in that order. It keeps index. It panics if an index is
// outside base.
func NewSubset(name string, base Dataset, index []int) *Subset {
	for _, i := range index {
		if i < 0 || i >= base.Len() {
			panic(fmt.Sprintf("data: subset index %d is outside [0,%d)", i, base.Len()))
		}
	}
	return &Subset{name: name, base: base, index: index}
}

// Split deals the pictures of d out at random, the same way for the same seed: the first subset gets n of them (all
// if there are fewer), the second the rest.
func Split(d Dataset, n int, seed uint64) (first, rest *Subset) {
	order := rand.New(rand.NewPCG(seed, 0x5b1e75)).Perm(d.Len())
	n = max(0, min(n, len(order)))
	return NewSubset(d.Name()+"-split", d, order[:n:n]), NewSubset(d.Name()+"-rest", d, order[n:])
}

// Name implements Dataset.
func (s *Subset) Name() string { return s.name }

// Shape implements Dataset.
func (s *Subset) Shape() Shape { return s.base.Shape() }

// Len implements Dataset.
func (s *Subset) Len() int { return len(s.index) }

// Label implements Dataset.
func (s *Subset) Label(i int) int { return s.base.Label(s.index[i]) }

// Batch implements Dataset.
func (s *Subset) Batch(dst []float32, index []int) {
	n := s.Shape().Len()
	checkBatch(dst, index, n)
	for k, i := range index {
		s.base.Batch(dst[k*n:(k+1)*n], s.index[i:i+1])
	}
}

// Attributes implements [Attributed]; there are none if the set it was taken from has none.
func (s *Subset) Attributes() []Attribute { return AttributesOf(s.base) }

// Values implements [Attributed].
func (s *Subset) Values(dst []float32, i int) { valuesOf(s.base, dst, s.index[i]) }

// checkBatch panics when dst cannot hold len(index) pictures of n values. Copies of it would only make programs larger.
//
//go:noinline
func checkBatch(dst []float32, index []int, n int) {
	if len(dst) < len(index)*n {
		panic(fmt.Sprintf("data: a batch of %d pictures of %d values does not fit into %d values", len(index), n, len(dst)))
	}
}
