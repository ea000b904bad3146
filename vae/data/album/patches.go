package album

import (
	"fmt"
	"math"

	"inkdrift/vae/compute"
	"inkdrift/vae/data"
	"inkdrift/vae/data/picture"
)

// Patches says which patches of a picture are wanted.
type Patches struct {
	// Shape is that of a patch, as in a [Frame].
	Shape data.Shape
	// Scale is how many pixels of the picture, across and down, make one of a patch: 1 to 64.
	Scale float64
	// Count is how many patches there are to train on; there are a tenth as many for validation and for the test.
	Count int
	Seed  uint64
	// Paper is the colour under transparent pixels.
	Paper [3]uint8
	// Negative turns light to dark.
	Negative bool
	// Yield, unless nil, is called for every row of the picture, so that a caller can do other work.
	Yield func()
}

const (
	// MostScale is the largest scale of patches.
	MostScale = 64
	// MostPatchPixels is how many pixels a picture may have, made smaller by the scale.
	MostPatchPixels = 16 << 20
	// patchDice is the random stream of the places of patches.
	patchDice = 0x70617463
)

// PatchSet is a Dataset of patches of one picture, at places drawn at random, the same for the same seed. A patch is cut out
// when it is asked for.
type PatchSet struct {
	name   string
	shape  data.Shape
	pixels []byte // the picture, plane by plane
	w, h   int
	area   Rect // of the places of upper left corners
	key    compute.Key
	n      int
	scale  float64
}

// NewPatches cuts a picture into patches. Patches to train on come from one part of it, along its longer side, those for
// validation and for the test from others, with no pixel in common; see [data.SplitAreas].
//
// Errors are of type [*data.FileError]: those of [Frame.Check], [data.ErrMismatch] for a scale or a count that makes no sense,
// [data.ErrTooLarge] for a picture of more than [MostPatchPixels], made smaller, and [data.ErrTooFew] for one that is too
// small for three parts.
func NewPatches(name string, p *picture.Picture, want Patches) (*data.Collection, error) {
	frame := Frame{Shape: want.Shape, Paper: want.Paper, Negative: want.Negative}
	if err := frame.Check(); err != nil {
		return nil, err
	}
	if !(want.Scale >= 1 && want.Scale <= MostScale) {
		return nil, data.NewFileError("scale", data.ErrMismatch, fmt.Sprintf("choose 1 to %d", MostScale), "%v", want.Scale)
	}
	if want.Count < 1 || want.Count > data.FirstValidation {
		return nil, data.NewFileError("count", data.ErrMismatch, fmt.Sprintf("choose 1 to %d", data.FirstValidation), "%v", want.Count)
	}
	pw, ph := p.Size()
	w, h := int(math.Round(float64(pw)/want.Scale)), int(math.Round(float64(ph)/want.Scale))
	areas, ok := divide(w, h, want.Shape)
	switch {
	case w*h > MostPatchPixels:
		return nil, data.NewFileError("size", data.ErrTooLarge, fmt.Sprintf("choose a scale of at least %.1f", leastScale(pw, ph)), "%d x %d pixels", w, h)
	case !ok:
		return nil, data.NewFileError("size", data.ErrTooFew, "choose a smaller scale, smaller patches or a larger picture",
			"at this scale it has %d x %d pixels, a patch %d x %d, and there must be room for three areas", w, h, want.Shape.W, want.Shape.H)
	}
	pixels := make([]byte, want.Shape.C*w*h)
	frame.Shape.W, frame.Shape.H = w, h
	new(scaler).take(pixels, p, frame, want.Yield)
	var parts [3]*PatchSet
	for k := range parts {
		part := &PatchSet{name: name + partNames[k], shape: want.Shape, pixels: pixels, w: w, h: h, n: want.Count, scale: want.Scale}
		part.area, part.key = areas[k], compute.NewKey(patchDice, want.Seed, uint64(k))
		if k > 0 {
			part.n = (want.Count + 9) / 10
		}
		parts[k] = part
	}
	return &data.Collection{
		Info:  data.Info{Name: name, Key: "data.patches", Shape: want.Shape, Split: data.SplitAreas},
		Train: parts[0], Validation: parts[1], Test: parts[2],
	}, nil
}

var partNames = [3]string{"-train", "-validation", "-test"}

// leastScale returns, in tenths, the scale at which a picture of w x h pixels is small enough.
func leastScale(w, h int) float64 {
	return math.Ceil(10*math.Sqrt(float64(w)*float64(h)/MostPatchPixels)) / 10
}

// divide returns the places of upper left corners in three parts of a picture of w x h pixels: about 80, 10 and 10 % of it along
// its longer side, and at least as much as a patch needs.
func divide(w, h int, patch data.Shape) (areas [3]Rect, ok bool) {
	if w < patch.W || h < patch.H {
		return areas, false
	}
	long, size := w, patch.W
	if h > w {
		long, size = h, patch.H
	}
	aside := max(size, long/10)
	if long < 2*aside+size {
		return areas, false
	}
	from := [4]int{0, long - 2*aside, long - aside, long}
	for k := range areas {
		at, n := from[k], from[k+1]-from[k]-size+1
		if h > w {
			areas[k] = Rect{0, at, w - patch.W + 1, n}
		} else {
			areas[k] = Rect{at, 0, n, h - patch.H + 1}
		}
	}
	return areas, true
}

// Name implements data.Dataset.
func (s *PatchSet) Name() string { return s.name }

// Shape implements data.Dataset.
func (s *PatchSet) Shape() data.Shape { return s.shape }

// Len implements data.Dataset.
func (s *PatchSet) Len() int { return s.n }

// Label implements data.Dataset: patches have none.
func (s *PatchSet) Label(int) int { return -1 }

// corner returns the upper left corner of patch i.
func (s *PatchSet) corner(i int) (x, y int) {
	if i < 0 || i >= s.n {
		panic(fmt.Sprintf("album: patch %d of %d", i, s.n))
	}
	pick := func(word uint32, n int) int { return int(uint64(word) * uint64(n) >> 32) }
	return s.area.X + pick(s.key.Word(uint32(2*i)), s.area.W), s.area.Y + pick(s.key.Word(uint32(2*i+1)), s.area.H)
}

// Place returns where patch i is in the picture, in its pixels.
func (s *PatchSet) Place(i int) Rect {
	x, y := s.corner(i)
	of := func(v int) int { return int(math.Round(float64(v) * s.scale)) }
	return Rect{of(x), of(y), of(s.shape.W), of(s.shape.H)}
}

// Batch implements data.Dataset. It does not allocate.
func (s *PatchSet) Batch(dst []float32, index []int) {
	n := s.shape.Len()
	if len(dst) < n*len(index) {
		panic(fmt.Sprintf("album: a batch of %d patches of %d values does not fit into %d values", len(index), n, len(dst)))
	}
	for _, i := range index {
		x, y := s.corner(i)
		for c := range s.shape.C {
			for v := range s.shape.H {
				row := s.pixels[(c*s.h+y+v)*s.w+x:][:s.shape.W]
				for u, b := range row {
					dst[u] = unit[b]
				}
				dst = dst[s.shape.W:]
			}
		}
	}
}

// unit is b/255 for every byte.
var unit = func() (t [256]float32) {
	for b := range t {
		t[b] = float32(b) / 255
	}
	return t
}()
