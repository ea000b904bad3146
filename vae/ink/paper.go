package ink

import (
	"math"
	"slices"
)

// surface is a slowly varying brightness of a picture: a quadratic in x and y, each from -1 to 1.
type surface [6]float64

// terms returns what the coefficients of a surface are multiplied by at a pixel.
func (s *sheet) terms(i int) [6]float64 {
	x := 2*(float64(i%s.w)+0.5)/float64(s.w) - 1
	y := 2*(float64(i/s.w)+0.5)/float64(s.h) - 1
	return [6]float64{1, x, y, x * x, x * y, y * y}
}

func (c *surface) at(t [6]float64) (sum float64) {
	for k := range c {
		sum += c[k] * t[k]
	}
	return sum
}

// paperRounds is how often the paper is fitted again without the pixels that do not look like paper.
const paperRounds = 6

// fitPaper returns the light of the paper, and how far a pixel may be from it and still be paper. It begins with the
// middle value of the border and goes on, with the pixels that are near enough to it, by least squares.
func (s *sheet) fitPaper() (paper surface, near float64) {
	step := 1 + max(s.w, s.h)/96 // every step-th pixel, across and down, is enough
	var at, border []int
	var light []float64
	for y := 0; y < s.h; y += step {
		for x := 0; x < s.w; x += step {
			at = append(at, y*s.w+x)
		}
	}
	for i, v := range s.v {
		if onBorder(i%s.w, i/s.w, s.w, s.h) {
			border, light = append(border, i), append(light, float64(v))
		}
	}
	paper[0] = median(light)
	for range paperRounds {
		near = s.borderSpread(border, &paper)
		var normal [6][7]float64
		for k := range normal {
			normal[k][k] = 1e-3 * float64(1+k) // keeps pictures of a few pixels soluble
		}
		normal[0][6] = normal[0][0] * paper[0]
		for _, i := range at {
			t := s.terms(i)
			if math.Abs(float64(s.v[i])-paper.at(t)) > near {
				continue
			}
			for r := range 6 {
				for c := range 6 {
					normal[r][c] += t[r] * t[c]
				}
				normal[r][6] += t[r] * float64(s.v[i])
			}
		}
		paper = solve(&normal)
	}
	return paper, s.borderSpread(border, &paper)
}

// borderSpread returns three times the spread of some pixels around a surface, but at least 0.04.
func (s *sheet) borderSpread(pixels []int, paper *surface) float64 {
	off := make([]float64, len(pixels))
	for k, i := range pixels {
		off[k] = math.Abs(float64(s.v[i]) - paper.at(s.terms(i)))
	}
	return max(0.04, 3*1.4826*median(off))
}

// solve solves six linear equations whose matrix is symmetric and positive definite.
func solve(m *[6][7]float64) (x surface) {
	for p := range 6 {
		for r := p + 1; r < 6; r++ {
			f := m[r][p] / m[p][p]
			for c := p; c < 7; c++ {
				m[r][c] -= f * m[p][c]
			}
		}
	}
	for p := 5; p >= 0; p-- {
		x[p] = m[p][6]
		for c := p + 1; c < 6; c++ {
			x[p] -= m[p][c] * x[c]
		}
		x[p] /= m[p][p]
	}
	return x
}

const (
	leastContrast = 0.04 // of ink to paper
	noiseFactor   = 4    // times the spread of the paper is still paper
)

// toInk turns light into ink, 0 to 1; ok is false if there is none.
func (s *sheet) toInk() (ok bool) {
	fitted, near := s.fitPaper()
	var dark, bright float64
	off := make([]float32, len(s.v))
	for i, v := range s.v {
		d := float64(v) - fitted.at(s.terms(i))
		off[i] = float32(d)
		if d < -near {
			dark -= d
		} else if d > near {
			bright += d
		}
	}
	if dark >= bright { // dark ink on light paper: invert
		for i, v := range s.v {
			s.v[i], off[i] = 1-v, -off[i]
		}
	}
	paper := s.localPaper(off)
	// Paper and ink share the light that falls on them, so ink is measured relative to the range above the paper.
	var noise []float32
	for i, v := range s.v {
		room := max(0.1, 1-paper[i])
		s.v[i] = (v - paper[i]) / room
		if float64(off[i]) <= near {
			noise = append(noise, max(s.v[i], -s.v[i]))
		}
		s.v[i] = min(1, max(0, s.v[i]))
	}
	spread := float64(1.4826 * median(noise))
	full := s.fullInk()
	if full < leastContrast || full < noiseFactor*spread {
		return false
	}
	least := min(0.4*full, max(0.02*full, noiseFactor*spread))
	for i, v := range s.v {
		s.v[i] = float32(min(1, max(0, (float64(v)-least)/(full-least))))
	}
	return true
}

// fullInk returns what counts as full ink: the upper quartile of the pixels above Otsu's threshold (1979).
func (s *sheet) fullInk() float64 {
	const bins = 256
	var histogram [bins]float64
	for _, v := range s.v {
		histogram[min(bins-1, int(v*bins))]++
	}
	var n, sum float64
	for b, c := range histogram {
		n, sum = n+c, sum+c*float64(b)
	}
	var below, belowSum, best float64
	threshold := 0
	for b, c := range histogram {
		below, belowSum = below+c, belowSum+c*float64(b)
		if below == 0 || below == n {
			continue
		}
		d := belowSum/below - (sum-belowSum)/(n-below)
		if between := below * (n - below) * d * d; between > best {
			best, threshold = between, b
		}
	}
	var inked []float32
	for _, v := range s.v {
		if int(v*bins) > threshold {
			inked = append(inked, v)
		}
	}
	if len(inked) == 0 {
		return 0
	}
	slices.Sort(inked)
	return float64(inked[len(inked)*3/4])
}
