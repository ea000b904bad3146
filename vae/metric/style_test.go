package metric

import (
	"math"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/data"
	"inkdrift/vae/ink"
)

// By hand: ink at (3, 0), (2, 1) and (1, 2) goes one to the right for each one up.
// Upright it does not lean, in one row there is nothing to lean, and a shear of any
// picture by whole pixels adds itself.
func TestSlantByHand(t *testing.T) {
	near(t, "one for one", Slant([]float32{
		0, 0, 0, 1,
		0, 0, 1, 0,
		0, 1, 0, 0}, 4), 1, 1e-12)
	near(t, "two for one, to the left", Slant([]float32{
		0.5, 0, 0, 0, 0,
		0, 0, 0.5, 0, 0,
		0, 0, 0, 0, 0.5}, 5), -2, 1e-12)
	near(t, "upright", Slant([]float32{
		0, 1, 1,
		0, 1, 1}, 3), 0, 1e-12)
	near(t, "a row", Slant([]float32{0, 0, 0, 1, 0, 1}, 3), 0, 0)
	near(t, "nothing", Slant(make([]float32, 9), 3), 0, 0)

	// Moments by hand: ink 1, 2, 1 at (0, 0), (1, 1), (0, 2) has no covariance; a
	// further 1 at (2, 0) makes means (0.8, 0.8), cov(x, y) = 2/5 - 0.64 = -0.24 and
	// var(y) = 6/5 - 0.64 = 0.56.
	uneven := []float32{
		1, 0, 1, 0, 0,
		0, 2, 0, 0, 0,
		1, 0, 0, 0, 0}
	near(t, "uneven", Slant(uneven, 5), 0.24/0.56, 1e-7)
	sheared := []float32{
		0, 0, 1, 0, 1,
		0, 0, 2, 0, 0,
		1, 0, 0, 0, 0}
	near(t, "sheared by one", Slant(sheared, 5), 0.24/0.56+1, 1e-7)
}

// By hand: a block of w x h pixels has the area wh; between four pixels the
// gradient is 1 along sides, 2(w-1) + 2(h-1) times, and 1/sqrt 2 at corners.
func TestStrokeWidthByHand(t *testing.T) {
	for _, c := range []struct{ w, h int }{{1, 1}, {1, 8}, {3, 8}, {4, 2}} {
		for _, grey := range []float32{1, 0.25} {
			x := make([]float32, 100)
			for i := range c.w * c.h {
				x[(1+i/c.w)*10+3+i%c.w] = grey
			}
			w, h := float64(c.w), float64(c.h)
			near(t, "a block", StrokeWidth(x, 10), 2*w*h/(2*(w+h)-4+2*math.Sqrt2), 1e-7)
		}
	}
	near(t, "nothing", StrokeWidth(make([]float32, 9), 3), 0, 0)
	// Ink at the rim has a side there too.
	near(t, "at the rim", StrokeWidth([]float32{1, 0, 0, 0}, 2), 2/(4*math.Sqrt2/2), 1e-7)
}

// drawn is a picture of a line through points in pixels.
func drawn(width float64, points ...[2]float64) []float32 {
	s := ink.Stroke{Width: float32(width / 28)}
	for _, p := range points {
		s.Points = append(s.Points, ink.Point{X: float32(p[0] / 28), Y: float32(p[1] / 28), P: 1})
	}
	x := make([]float32, 784)
	ink.Rasterize(x, 28, 28, []ink.Stroke{s})
	return x
}

// TestStyleOfStrokes draws lines of known slant and width. A line of width w and
// length l has round ends: area wl + pi w^2/4, perimeter 2l + pi w. Slants come out
// a little too small because round ends do not lean.
func TestStyleOfStrokes(t *testing.T) {
	for _, w := range []float64{2, 2.5, 3, 4, 5} {
		for _, slant := range []float64{-0.6, -0.2, 0, 0.3, 0.8} {
			x := drawn(w, [2]float64{14 + 9*slant, 5.2}, [2]float64{14 - 9*slant, 23.2})
			l := 18 * math.Hypot(1, slant)
			near(t, "width of a line", StrokeWidth(x, 28), w*(2*l+math.Pi*w/2)/(2*l+math.Pi*w), 0.04*w)
			near(t, "slant of a line", Slant(x, 28), slant, 0.02+0.05*math.Abs(slant))
		}
		// A ring has no ends.
		var ring [][2]float64
		for i := range 65 {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / 64)
			ring = append(ring, [2]float64{14.3 + 8*cos, 13.8 + 8*sin})
		}
		x := drawn(w, ring...)
		near(t, "width of a ring", StrokeWidth(x, 28), w, 0.04*w)
		near(t, "slant of a ring", Slant(x, 28), 0, 0.01)
	}
}

// TestHand: the samples of a model of two classes that ignores its latent do
// not follow the drawing; those of a model whose latent is slant and width do.
func TestHand(t *testing.T) {
	const side = 4
	// Pictures are a bar that is upright or leans, pale or dark; the classifier
	// looks at the first pixel, which the decoder lights for class 0 alone.
	first := corner{}
	pixels, labels := []byte{}, []byte{}
	for i := range 40 {
		x := make([]byte, side*side)
		for row := range side {
			col := 1
			if i%2 == 0 && row < 2 {
				col = 2
			}
			x[row*side+col] = 255
			if i%3 == 0 {
				x[row*side+col+1] = 255
			}
		}
		pixels, labels = append(pixels, x...), append(labels, byte(i%2))
	}
	d, err := data.NewImages("bars", data.Shape{C: 1, H: side, W: side}, pixels, labels)
	if err != nil {
		t.Fatal(err)
	}
	m := build(t, vae.Config{Family: "cvae", Input: [3]int{1, side, side}, Latent: side * side, Activation: "tanh", Likelihood: vae.Gaussian, Conditions: 2})
	for _, p := range m.Params() {
		clear(p.W)
	}
	r, err := Evaluate(m, d, Options{Seed: 1, Classifier: first, Samples: 20})
	if err != nil {
		t.Fatal(err)
	}
	h := r.Hand
	if h == nil || h.HandImages != 40 {
		t.Fatalf("%+v", h)
	}
	near(t, "taken, of a blank decoder", h.Given.Correct, 0.5, 1e-12)
	near(t, "of class 0", h.Given.CorrectOf[0], 0, 0)
	near(t, "slant of the same picture", h.Given.SlantOf[0], 0, 0)
	near(t, "width of the same picture", h.Recognised.WidthOf[1], 0, 0)

	// Now the latent is the picture and the decoder copies it, but lights the first
	// pixel, faintly, for class 0.
	for _, p := range m.Params() {
		switch p.Name {
		case "mu.weight": // [latent, picture + classes]
			for i := range side * side {
				p.W[i*(side*side+2)+i] = 1
			}
		case "decoder.0.weight": // [picture, latent + classes]
			for i := range side * side {
				p.W[i*(side*side+2)+i] = 1
			}
			p.W[side*side] = 0.01
		}
	}
	if r, err = Evaluate(m, d, Options{Seed: 1, Classifier: first, Samples: 20}); err != nil {
		t.Fatal(err)
	}
	for _, w := range []Writing{r.Hand.Given, r.Hand.Recognised} {
		near(t, "taken", w.Correct, 1, 1e-12)
		for c := range 2 {
			near(t, "of a class", w.CorrectOf[c], 1, 1e-12)
			near(t, "slant", w.SlantOf[c], 1, 1e-3)
			near(t, "width", w.WidthOf[c], 1, 1e-3)
		}
	}
}

// corner takes pictures of 16 pixels for class 0 where the first is not paper.
type corner struct{}

func (corner) InputLen() int { return 16 }
func (corner) Features() int { return 1 }
func (corner) Classes() int  { return 2 }
func (corner) Run(features, probs, x []float32) error {
	for i := range len(features) {
		features[i] = x[i*16]
		if x[i*16] > 0 {
			probs[2*i] = 1
		} else {
			probs[2*i+1] = 1
		}
	}
	return nil
}
