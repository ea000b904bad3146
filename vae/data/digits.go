package data

import (
	"math/rand/v2"
	"sync"

	"inkdrift/vae/ink"
)

// Digits generates handwritten digits: an endless, numbered list, the same for the same seed, that needs neither a
// download nor a licence. Digit i does not depend on the ones before it. Its methods may be called from several
// goroutines at once.
//
// Each digit starts as one of several ways to write it (an open or a closed 4, a 7 with or without its bar). Its
// skeleton is bent by a smooth random warp, its nodes wander, the whole is slanted, turned and stretched, a smooth
// curve goes through it, and a pen of varying pressure and a little tremor follows the curve. The ink, stroke width,
// slant and aspect of [Digits.Image] are distributed as in MNIST. [Digits.Strokes] writes the same digits more neatly,
// for display.
type Digits struct {
	seed  uint64
	name  string
	forms *[10][]allograph
	hand  *hand
	side  int // of the picture that a digit is drawn on before it is prepared
}

// NewDigits returns the digits of a seed.
func NewDigits(seed uint64) *Digits { return &Digits{seed, "digits", &allographs, &crowd, rasterSide} }

// NewVariants returns digits of a seed in ways of writing that MNIST has few of or
// none: barred and hooked sevens, slashed and open zeros, flagged and footed ones,
// and others that [Digits.Variant] names, all as common as each other. Their brush
// is as thin or thick as that of a pad may be.
func NewVariants(seed uint64) *Digits {
	return &Digits{seed, "digit-variants", &variants, &anyone, padSide}
}

// Variant returns the name of the way in which digit i is written, such as
// "barred"; empty where the ways have no names.
func (d *Digits) Variant(i int) string {
	w := writers.Get().(*writer)
	defer writers.Put(w)
	return w.form(d, i, d.Label(i)).name
}

// Strokes returns digit i as strokes on the unit square, centred, its longer side about two thirds of the square's, drawn
// with a brush of 0.06 to 0.1, and which digit it is, 0 to 9.
func (d *Digits) Strokes(i int) ([]ink.Stroke, int) {
	label := d.Label(i)
	return d.StrokesOf(i, label), label
}

// StrokesOf is Strokes for a given digit, 0 to 9, instead of the one that number i has. It panics at any other.
func (d *Digits) StrokesOf(i, digit int) []ink.Stroke {
	w := writers.Get().(*writer)
	defer writers.Put(w)
	w.write(&tidy, d, i, digit)
	out := make([]ink.Stroke, len(w.strokes))
	for k, s := range w.strokes {
		out[k] = ink.Stroke{Width: s.Width, Points: append([]ink.Point(nil), s.Points...)}
	}
	return out
}

// Label returns which digit, 0 to 9, digit i is.
func (d *Digits) Label(i int) int {
	var src rand.PCG
	src.Seed(d.seed, labelStream^uint64(i))
	return int(src.Uint64() >> 32 * 10 >> 32)
}

// rasterSide is the side of the picture that a digit is drawn on before it is prepared: about two pixels for one of
// MNIST's.
const rasterSide = 48

// Image draws digit i as a picture of MNIST, 28x28 values in [0,1], into dst and returns which digit it is. It does not
// allocate. It panics if dst holds less than 784 values.
func (d *Digits) Image(dst []float32, i int) int {
	w := writers.Get().(*writer)
	defer writers.Put(w)
	label := d.Label(i)
	w.write(d.hand, d, i, label)
	canvas := w.ink[:d.side*d.side]
	clear(canvas)
	ink.Rasterize(canvas, d.side, d.side, w.strokes)
	ink.Prepare(dst, canvas, d.side, d.side)
	return label
}

// Set returns the digits first to first+n-1 as a Dataset of pictures of MNIST. Each picture is drawn when it is asked
// for; nothing is kept.
func (d *Digits) Set(first, n int) Dataset { return digitSet{d, first, n} }

type digitSet struct {
	*Digits
	first, n int
}

func (s digitSet) Name() string    { return s.name }
func (s digitSet) Shape() Shape    { return Shape{1, ink.PreparedSide, ink.PreparedSide} }
func (s digitSet) Len() int        { return s.n }
func (s digitSet) Label(i int) int { return s.Digits.Label(s.first + s.checked(i)) }

func (s digitSet) Batch(dst []float32, index []int) {
	checkBatch(dst, index, ink.PreparedLen)
	for k, i := range index {
		s.Image(dst[k*ink.PreparedLen:(k+1)*ink.PreparedLen], s.first+s.checked(i))
	}
}

func (s digitSet) checked(i int) int {
	if i < 0 || i >= s.n {
		panic("data: index outside the set of digits")
	}
	return i
}

// Streams keep the random numbers for different purposes apart.
const (
	labelStream = 0x6c6162656c << 24
	penStream   = 0x70656e << 40
)

var writers = sync.Pool{New: func() any { return new(writer) }}
