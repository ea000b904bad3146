// Package handwriting puts together the pictures that tools teach and test the
// reading of drawings with: MNIST, digits of a pen drawn as on the page's pad, and
// generated ones in ways of writing that MNIST lacks.
package handwriting

import (
	"math"

	"inkdrift/vae/data"
)

// Writers of the pen digits that nothing is trained on: those of Calibration choose
// between models and set their temperature, those of Test are only measured.
var (
	Calibration = []int{5, 15, 25}
	Test        = []int{10, 20, 30}
)

// Options say how many pictures there are of each kind, besides MNIST.
type Options struct {
	PenCopies int // of each pen digit
	Variants  int // generated digits in unusual ways
	Digits    int // generated digits like MNIST's
	Seed      uint64
}

// ForReading has as many drawings as pictures of MNIST, and more: what is read is
// drawn.
func ForReading() Options { return Options{PenCopies: 16, Variants: 40_000, Digits: 10_000, Seed: 1} }

// ForModels keeps most pictures MNIST's, on whose likelihood models are compared.
func ForModels() Options { return Options{PenCopies: 2, Variants: 8000, Seed: 1} }

// Pens are the pen digits by purpose.
type Pens struct{ Train, Calibration, Test []data.PenDigit }

// OpenPens reads the pen digits of a folder. The error is a *data.FileError.
func OpenPens(dir string) (p Pens, err error) {
	all, err := data.OpenPenDigits(dir)
	if err != nil {
		return p, err
	}
	p.Calibration, all = data.Writers(all, Calibration...)
	p.Test, p.Train = data.Writers(all, Test...)
	return p, nil
}

// Training returns mnist and drawings as a set of the given name. Drawings are made
// once, when they are first asked for.
func (p Pens) Training(name string, mnist data.Dataset, o Options) data.Dataset {
	sets := []data.Dataset{mnist}
	if o.PenCopies > 0 {
		sets = append(sets, data.Cache(data.NewPenSet("pens", p.Train, data.AnyStyle(), o.PenCopies, o.Seed)))
	}
	if o.Variants > 0 {
		sets = append(sets, data.Cache(data.NewVariants(o.Seed).Set(0, o.Variants)))
	}
	if o.Digits > 0 {
		sets = append(sets, data.Cache(data.NewDigits(o.Seed).Set(0, o.Digits)))
	}
	return data.Join(name, sets...)
}

// Slice is a way of drawing that reading is measured on by itself.
type Slice struct {
	Name  string
	Style data.PadStyle
}

// Slices are the usual way of drawing, and ways that differ from it in one thing.
func Slices() []Slice {
	one := func(v float64) [2]float64 { return [2]float64{v, v} }
	slice := func(name string, change func(*data.PadStyle)) Slice {
		s := data.UsualStyle()
		change(&s)
		return Slice{name, s}
	}
	slant := math.Tan(30 * math.Pi / 180)
	return []Slice{
		slice("usual", func(*data.PadStyle) {}),
		slice("brush 4 %", func(s *data.PadStyle) { s.Brush = one(0.04) }),
		slice("brush 16 %", func(s *data.PadStyle) { s.Brush = one(0.16) }),
		slice("small", func(s *data.PadStyle) { s.Size = one(0.3) }),
		slice("large", func(s *data.PadStyle) { s.Size = one(0.85) }),
		slice("leaning right", func(s *data.PadStyle) { s.Slant = one(slant) }),
		slice("leaning left", func(s *data.PadStyle) { s.Slant = one(-slant) }),
		slice("jitter", func(s *data.PadStyle) { s.Jitter = one(0.01) }),
		slice("corner", func(s *data.PadStyle) { s.Size, s.Corner = one(0.35), true }),
	}
}
