package files

import (
	"math"
	"path"
	"slices"

	"inkdrift/vae/data"
)

// turns tells whether pictures are to be turned, and whether nothing tells.
func (s *searcher) turns(f *Found, images *candidate) (turned, unsure bool) {
	if f.Shape.H != f.Shape.W || s.Turn == TurnNever {
		return false, false
	}
	if s.Turn == TurnAlways {
		return true, false
	}
	if f.Shape.C != 1 {
		return false, false
	}
	turned, unsure = lies(f.Train, f.Shape)
	if slices.Contains(nameWords(path.Join(images.outer, images.name)), "emnist") {
		return true, false
	}
	return turned, unsure
}

// lies tells whether characters lie on their side. Those of MNIST, which are as large as 20 pixels and stand in the middle of
// 28, are higher than wide by a sixth in the mean; where they are wider by as much, rows and columns were exchanged. Where there
// are few, or they are as wide as high, it is not sure.
func lies(p Part, shape data.Shape) (turned, unsure bool) {
	const most = 2000
	if shape.H != 28 || p.Count == 0 {
		return false, false
	}
	n := min(p.Count, most)
	var wide, high, long, squares float64
	for i := range n {
		x := p.Pixels[i*784 : (i+1)*784]
		left, right, top, bottom := 28, -1, 28, -1
		for k, v := range x {
			if v > 100 {
				left, right, top, bottom = min(left, k%28), max(right, k%28), min(top, k/28), max(bottom, k/28)
			}
		}
		w, h := float64(right-left+1), float64(bottom-top+1)
		wide, high, long, squares = wide+w, high+h, long+max(w, h), squares+(w-h)*(w-h)
	}
	if mean := long / float64(n); mean <= 17 || mean >= 23 {
		return false, false // no such characters
	}
	// By how many standard errors of the mean they are wider than high.
	mean := (wide - high) / float64(n)
	sigmas := mean / math.Sqrt(max(squares/float64(n)-mean*mean, 1e-9)/float64(n))
	switch {
	case sigmas > 3 && wide > 1.1*high:
		return true, false
	case sigmas < -3 && n >= leastSure:
		return false, false
	}
	return false, true
}

// leastSure is how many characters tell whether they stand.
const leastSure = 20

// turn exchanges rows and columns of square pictures.
func turn(pixels []byte, s data.Shape) {
	plane := s.H * s.W
	for at := 0; at+plane <= len(pixels); at += plane {
		p := pixels[at : at+plane]
		for y := range s.H {
			for x := range y {
				p[y*s.W+x], p[x*s.W+y] = p[x*s.W+y], p[y*s.W+x]
			}
		}
	}
}
