package scene

// Picture is what a [Painter] draws with its corners at those of a rectangle,
// smoothly scaled where the sizes differ.
type Picture struct {
	ID   int    // the same for as long as the picture is in the same place
	Rev  int    // another whenever size or pixels are others
	W, H int    // pixels
	Pix  []byte // W*H*4: R, G, B, A of each pixel, rows from the top; A is 255
}

// look is how a picture is shown.
type look uint8

const (
	smooth look = iota // enlarged as if it were ink
	pixels             // each pixel a square, so that the model's input is visible
)

// The largest sides at which pictures are made; from there painters scale them.
// A frame of the morph is made anew for each frame that is drawn.
const (
	maxLarge = 224 // pads and morph
	maxSmall = 112 // cells of strip and samples
)

// develop makes the pixels of pic: values, w x h, as they are to look at the
// place at, but no side larger than limit.
func (s *Scene) develop(pic *Picture, values []float32, w, h int, at Rect, how look, limit int) {
	dw, dh, shades := at.W, at.H, s.inked
	if how == pixels {
		// By a whole factor, so that all squares are the same; the painter takes away
		// the few pixels that are too many.
		k := min(max(1, (at.W+w-1)/w), max(1, maxLarge/max(w, h)))
		dw, dh, shades = w*k, h*k, s.plain
		s.scratch = grow(s.scratch, dw*dh)
		repeat(s.scratch, values, w, h, k)
	} else {
		if m := max(dw, dh); m > limit {
			dw, dh = max(1, dw*limit/m), max(1, dh*limit/m)
		}
		s.scratch = grow(s.scratch, dw*dh)
		s.resampler.resize(s.scratch, dw, dh, values, w, h)
	}
	pic.W, pic.H = dw, dh
	if len(pic.Pix) != dw*dh*4 {
		pic.Pix = make([]byte, dw*dh*4)
	}
	shades.paint(pic.Pix, s.scratch)
	pic.Rev++
}

// grow gives a slice of length n, v's memory if that suffices.
func grow(v []float32, n int) []float32 {
	if cap(v) < n {
		return make([]float32, n)
	}
	return v[:n]
}
