package sets

import (
	"errors"
	"fmt"

	"inkdrift/vae/data"
)

// list has all sets, in the order in which they are offered.
var list = []*Source{
	&digits,
	&faces,
	&greyTextures,
	&colourTextures,
	&greyMaterials,
	&colourMaterials,
}

// Source is an endless set of pictures that are made.
type Source struct {
	data.Info
	// Ink: the pictures are drawn with a pen, so that a pixel can be taken for ink or none; else pixels are shades.
	Ink bool
	// Train, Validation and Test are good sizes of the parts.
	Train, Validation, Test int

	maker maker
}

// maker makes the pictures of a seed. Its methods may be called from several goroutines at once, and allocate nothing.
type maker interface {
	// picture writes picture i to dst, as long as the pictures of the set, as multiples of 1/255 in [0,1].
	picture(dst []float32, seed uint64, i int)
	// label returns the class of picture i, -1 for none.
	label(seed uint64, i int) int
	// values writes the attributes of picture i.
	values(dst []float32, seed uint64, i int)
}

// ErrUnknown means that there is no set of that name.
var ErrUnknown = errors.New("unknown data set")

// All returns all sets, in the order in which they are offered. They must not be changed.
func All() []*Source { return list }

// Find returns the set of a name. The error wraps [ErrUnknown].
func Find(name string) (*Source, error) {
	names := ""
	for _, s := range list {
		if s.Name == name {
			return s, nil
		}
		names += ", " + s.Name
	}
	return nil, fmt.Errorf("%w: %.40q; there are %s", ErrUnknown, name, names[2:])
}

// Open returns the set of a seed with parts of the given sizes, dealt out by [data.SplitNumbers]. Each picture is made
// whenever it is asked for, see [data.Cache]. It panics if a size is negative or above [data.FirstValidation].
func (s *Source) Open(seed uint64, train, validation, test int) *data.Collection {
	for _, n := range []int{train, validation, test} {
		if n < 0 || n > data.FirstValidation {
			panic(fmt.Sprintf("sets: a part of %d pictures", n))
		}
	}
	return &data.Collection{
		Info:       s.Info,
		Train:      s.Span(seed, 0, train),
		Validation: s.Span(seed, data.FirstValidation, validation),
		Test:       s.Span(seed, data.FirstTest, test),
	}
}

// Span returns the pictures first to first+n-1 of a seed.
func (s *Source) Span(seed uint64, first, n int) data.Dataset {
	return &part{source: s, seed: seed, first: first, n: n}
}

// SpanName names the pictures of Span in checkpoints: whoever goes on with a run must have the very same.
func (s *Source) SpanName(seed uint64, first, n int) string {
	return fmt.Sprintf("%s, seed %d, %d from %d", s.Name, seed, n, first)
}

// part is a stretch of a set.
type part struct {
	source   *Source
	seed     uint64
	first, n int
}

func (p *part) Name() string                 { return p.source.Name }
func (p *part) Shape() data.Shape            { return p.source.Shape }
func (p *part) Len() int                     { return p.n }
func (p *part) Label(i int) int              { return p.source.maker.label(p.seed, p.number(i)) }
func (p *part) Attributes() []data.Attribute { return p.source.Attributes }
func (p *part) Values(dst []float32, i int)  { p.source.maker.values(dst, p.seed, p.number(i)) }

func (p *part) Batch(dst []float32, index []int) {
	n := p.source.Shape.Len()
	for k, i := range index {
		p.source.maker.picture(dst[k*n:(k+1)*n:(k+1)*n], p.seed, p.number(i))
	}
}

// number returns which of all pictures of the seed picture i of the part is.
func (p *part) number(i int) int {
	if i < 0 || i >= p.n {
		panic(fmt.Sprintf("sets: picture %d of %d", i, p.n))
	}
	return p.first + i
}
