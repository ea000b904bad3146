package metric

import (
	"math"

	"gonum.org/v1/gonum/stat"

	"inkdrift/vae"
	"inkdrift/vae/data"
)

// Slant is how far a picture of ink leans: the shift to the right for each pixel
// upwards, which is the tangent of the angle to the vertical. It is that of the
// shear that leaves no correlation between rows and columns of ink, from second
// moments of ink, -cov(x, y)/var(y) with y downwards: shearing a picture by s adds
// s to it. Ink lies between 0 and 1 in len(x)/width rows. A picture whose ink lies
// in a single row, or that has none, leans by 0.
func Slant(x []float32, width int) float64 {
	var sum, sx, sy float64
	for i, v := range x {
		sum += float64(v)
		sx += float64(v) * float64(i%width)
		sy += float64(v) * float64(i/width)
	}
	if sum == 0 {
		return 0
	}
	mx, my := sx/sum, sy/sum
	var cov, vary float64
	for i, v := range x {
		dy := float64(i/width) - my
		cov += float64(v) * (float64(i%width) - mx) * dy
		vary += float64(v) * dy * dy
	}
	if vary <= 1e-9*sum {
		return 0
	}
	return -cov / vary
}

// StrokeWidth is the mean width of the strokes of a picture of ink, in pixels:
// twice the area over the perimeter. The area is the sum of ink and the perimeter
// its total variation, which by the coarea formula is the mean of the perimeters of
// all level sets, so neither takes a threshold and a picture that is paler
// all over has the same width. A ring has exactly its width; a stroke with two ends
// comes out too thin by about its width over its length, and one thinner than two
// pixels, whose sides blur into each other, up to a third too wide. Ink lies in
// len(x)/width rows, with paper around; a picture without any has the width 0.
func StrokeWidth(x []float32, width int) float64 {
	height := len(x) / width
	at := func(row, col int) float64 {
		if row < 0 || col < 0 || row >= height || col >= width {
			return 0
		}
		return float64(x[row*width+col])
	}
	var area, perimeter float64
	for row := range height + 1 {
		for col := range width + 1 {
			// The gradient between four pixels.
			a, b, c, d := at(row-1, col-1), at(row-1, col), at(row, col-1), at(row, col)
			perimeter += math.Hypot(b+d-a-c, c+d-a-b) / 2
			area += d
		}
	}
	if perimeter == 0 {
		return 0
	}
	return 2 * area / perimeter
}

// Hand says how well a conditional model writes every class in the hand of a
// picture that it is shown: with the class of that picture given, and with the
// class that the model itself recognises.
type Hand struct {
	HandImages int     `json:"hand_images"`
	Given      Writing `json:"hand_given"`
	Recognised Writing `json:"hand_recognised"`
}

// Writing are figures of all classes written in the hand of each picture.
type Writing struct {
	// Correct is the share of written digits that the classifier puts into the
	// wanted class, CorrectOf that of each class.
	Correct   float64   `json:"taken"`
	CorrectOf []float64 `json:"taken_of"`
	// SlantOf and WidthOf are, for each class, Pearson's correlation between the
	// picture's Slant or StrokeWidth and that of what is written in its hand, over
	// all pictures of all classes; 0 where one of both is always the same.
	SlantOf []float64 `json:"slant_of"`
	WidthOf []float64 `json:"width_of"`
}

// handImages is how many pictures Hand is measured on, drawn by the seed.
const handImages = 500

// hand measures Hand; nil for models and pictures that it makes no sense for.
func (e *evaluation) hand() (*Hand, error) {
	m, k := e.model, e.model.Conditions()
	if !m.HasEncoder() || k == 0 || k != e.opt.Classifier.Classes() || e.data.Shape().C != 1 {
		return nil, nil
	}
	d, _ := data.Split(e.data, handImages, e.opt.Seed+streamHand)
	r := &Hand{HandImages: d.Len()}
	given, recognised := newHandSamples(m, e.opt.Classifier), newHandSamples(m, e.opt.Classifier)
	probs := make([]float32, batch*k)
	err := eachBatch(d, func(x []float32, first, n int) error {
		y, err := e.given(d, first, n)
		if err != nil {
			return err
		}
		if err := given.write(x, y, n); err != nil {
			return err
		}
		if err := m.Recognise(probs[:n*k], x); err != nil {
			return err
		}
		if err := recognised.write(x, mostLikely(probs[:n*k], k), n); err != nil {
			return err
		}
		return e.opt.Progress("hand", first+n, d.Len())
	})
	r.Given, r.Recognised = given.writing(), recognised.writing()
	return r, err
}

// handSamples collects the digits written in the hands of pictures.
type handSamples struct {
	model      *vae.Model
	classifier Classifier
	samples    *SampleSet
	// Of the pictures, and of each class written in their hands.
	slant, width     []float64
	slantOf, widthOf [][]float64

	mu, logvar, z, wanted, ink []float32
}

func newHandSamples(m *vae.Model, j Classifier) *handSamples {
	k, l := m.Conditions(), m.Latent()
	s := &handSamples{
		model: m, classifier: j, samples: NewSampleSet(j), slantOf: make([][]float64, k), widthOf: make([][]float64, k),
		mu: make([]float32, batch*l), logvar: make([]float32, batch*l),
		z: make([]float32, k*l), wanted: make([]float32, k*k), ink: make([]float32, k*m.InputLen()),
	}
	for c := range k {
		s.wanted[c*k+c] = 1
	}
	return s
}

// write writes every class in the hands of n pictures whose classes are y.
func (s *handSamples) write(x, y []float32, n int) error {
	p, l, side := s.model.InputLen(), s.model.Latent(), s.model.Config().Input[2]
	if err := s.model.EncodeGiven(s.mu[:n*l], s.logvar[:n*l], x, y); err != nil {
		return err
	}
	for i := range n {
		for c := range s.slantOf {
			copy(s.z[c*l:], s.mu[i*l:][:l])
		}
		if err := s.model.DecodeGiven(s.ink, s.z, s.wanted); err != nil {
			return err
		}
		if err := s.samples.Add(s.ink); err != nil {
			return err
		}
		s.slant = append(s.slant, Slant(x[i*p:][:p], side))
		s.width = append(s.width, StrokeWidth(x[i*p:][:p], side))
		for c := range s.slantOf {
			s.slantOf[c] = append(s.slantOf[c], Slant(s.ink[c*p:][:p], side))
			s.widthOf[c] = append(s.widthOf[c], StrokeWidth(s.ink[c*p:][:p], side))
		}
	}
	return nil
}

func (s *handSamples) writing() Writing {
	k := len(s.slantOf)
	w := Writing{CorrectOf: make([]float64, k)}
	taken := 0
	for i := range s.samples.Len() {
		if c := i % k; s.samples.Class(i) == c {
			w.CorrectOf[c]++
			taken++
		}
	}
	w.Correct = float64(taken) / float64(max(s.samples.Len(), 1))
	for c := range k {
		w.CorrectOf[c] /= float64(max(len(s.slant), 1))
		w.SlantOf = append(w.SlantOf, correlation(s.slant, s.slantOf[c]))
		w.WidthOf = append(w.WidthOf, correlation(s.width, s.widthOf[c]))
	}
	return w
}

// correlation is Pearson's, or 0 where it is not defined.
func correlation(x, y []float64) float64 {
	if len(x) < 2 || stat.Variance(x, nil) == 0 || stat.Variance(y, nil) == 0 {
		return 0
	}
	return stat.Correlation(x, y, nil)
}
