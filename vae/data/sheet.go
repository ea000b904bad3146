package data

import (
	"math/rand/v2"

	"inkdrift/vae/ink"
)

const (
	// SheetGap is how many transparent pixels lie between two pictures of a sheet.
	SheetGap = 2
	// maxSheet is the largest sheet in pixels, larger than any screen.
	maxSheet = 16 << 20
)

// Sheet is a picture of pictures: Width x Height pixels of red, green, blue and alpha, row by row, as a canvas of the web
// takes them.
type Sheet struct {
	Width, Height int
	RGBA          []byte
}

// NewSheet shows the pictures of d named by index, row by row in so many columns, [SheetGap] transparent pixels between
// them. An index below 0 leaves its place empty. Pictures of one channel are shown in grey, of three in colour. It returns
// a [*FileError] that wraps [ErrMismatch] for other pictures, and [ErrTooLarge] for more than 16 million pixels.
func NewSheet(d Dataset, index []int, columns int) (*Sheet, error) {
	shape := d.Shape()
	if shape.C != 1 && shape.C != 3 {
		return nil, NewFileError("channels", ErrMismatch, "choose grey or colour",
			"%d, pictures that can be seen have 1 or 3", shape.C)
	}
	columns = max(1, min(columns, len(index)))
	rows := (len(index) + columns - 1) / columns
	s := &Sheet{Width: columns*(shape.W+SheetGap) - SheetGap, Height: max(0, rows*(shape.H+SheetGap)-SheetGap)}
	if int64(s.Width)*int64(s.Height) > maxSheet {
		return nil, NewFileError("size", ErrTooLarge, "show fewer pictures", "%d x %d pixels", s.Width, s.Height)
	}
	s.RGBA = make([]byte, 4*s.Width*s.Height)
	pixels := make([]float32, shape.Len())
	for k, i := range index {
		if i < 0 {
			continue
		}
		d.Batch(pixels, index[k:k+1])
		s.put(pixels, shape, k%columns*(shape.W+SheetGap), k/columns*(shape.H+SheetGap))
	}
	return s, nil
}

// put draws one picture with its upper left corner at (left, top).
func (s *Sheet) put(pixels []float32, shape Shape, left, top int) {
	plane := shape.H * shape.W
	second, third := 0, 0
	if shape.C == 3 {
		second, third = plane, 2*plane
	}
	for y := range shape.H {
		out := s.RGBA[4*((top+y)*s.Width+left):]
		for x := range shape.W {
			v := pixels[y*shape.W+x:]
			out[4*x], out[4*x+1], out[4*x+2], out[4*x+3] = toByte(v[0]), toByte(v[second]), toByte(v[third]), 255
		}
	}
}

// toByte returns 255v, rounded, for v in [0,1].
func toByte(v float32) byte { return byte(ink.Clamp(v)*255 + 0.5) }

// Examples returns the numbers of n different pictures of d (all if there are fewer), drawn at random, the same for the same
// seed. Of a set that is in order by its classes they are of all classes.
func Examples(d Dataset, n int, seed uint64) []int {
	r := rand.New(rand.NewPCG(seed, 0x5ee7))
	count := d.Len()
	n = max(0, min(n, count))
	// One from each of n stretches of the same length.
	index := make([]int, n)
	for k := range index {
		from, to := k*count/n, (k+1)*count/n
		index[k] = from + r.IntN(to-from)
	}
	return index
}

// ExamplesByClass returns the numbers of pictures for a sheet whose row k has pictures of class k, the first ones of the set;
// -1 where a class has too few. It looks at no more than the first look labels, all if look is 0.
func ExamplesByClass(d Dataset, classes, columns, look int) []int {
	index := make([]int, classes*columns)
	for k := range index {
		index[k] = -1
	}
	have := make([]int, classes)
	missing := len(index)
	n := d.Len()
	if look > 0 && look < n {
		n = look
	}
	for i := 0; i < n && missing > 0; i++ {
		if c := d.Label(i); c >= 0 && c < classes && have[c] < columns {
			index[c*columns+have[c]] = i
			have[c]++
			missing--
		}
	}
	return index
}
