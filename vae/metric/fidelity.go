package metric

import (
	"fmt"
	"math"

	"inkdrift/vae/data"
)

// Fidelity says how near reconstructions are to their pictures, averaged over
// pictures. Values of pixels are in [0, 1].
type Fidelity struct {
	Compared int `json:"compared_images"` // how many
	// MSE is the mean squared error of a pixel.
	MSE float64 `json:"mse"`
	// PSNR is that of MSE in decibels, -10 log10 MSE, and 0 where MSE is 0.
	PSNR float64 `json:"psnr"`
	// SSIM is the mean structural similarity; 0 where pictures are smaller than
	// its window.
	SSIM float64 `json:"ssim"`
}

// Constants of Wang et al. 2004, section III.B and C: an 11x11 circular-symmetric
// Gaussian window of standard deviation 1.5, K1 = 0.01, K2 = 0.03, dynamic
// range L = 1.
const (
	ssimWindow = 11
	ssimSigma  = 1.5
	ssimC1     = 0.01 * 0.01
	ssimC2     = 0.03 * 0.03
)

// Comparer adds up what Fidelity is the mean of.
type Comparer struct {
	shape  data.Shape
	n      int
	square float64
	ssim   float64
	kernel [ssimWindow]float64
	// Rows under the horizontal part of the window, of x, y, x², y² and xy.
	lines [5][]float64
}

// NewComparer returns a comparer of pictures of shape s.
func NewComparer(s data.Shape) *Comparer {
	c := &Comparer{shape: s}
	var sum float64
	for i := range c.kernel {
		d := float64(i - ssimWindow/2)
		c.kernel[i] = math.Exp(-d * d / (2 * ssimSigma * ssimSigma))
		sum += c.kernel[i]
	}
	for i := range c.kernel {
		c.kernel[i] /= sum
	}
	if s.W >= ssimWindow && s.H >= ssimWindow {
		for i := range c.lines {
			c.lines[i] = make([]float64, s.H*(s.W-ssimWindow+1))
		}
	}
	return c
}

// Add compares the pictures of y with those of x, row by row. Both hold whole
// pictures of the shape, channel by channel. The error is a *FeatureError.
func (c *Comparer) Add(x, y []float32) error {
	p := c.shape.Len()
	if len(x) != len(y) || len(x)%p != 0 {
		return &FeatureError{"pictures", fmt.Sprintf("are %d and %d numbers instead of as many of a multiple of %d", len(x), len(y), p)}
	}
	plane := c.shape.H * c.shape.W
	for ; len(x) > 0; x, y = x[p:], y[p:] {
		for i, v := range x[:p] {
			d := float64(v) - float64(y[i])
			c.square += d * d
		}
		if c.lines[0] != nil {
			for ch := range c.shape.C {
				c.ssim += c.similarity(x[ch*plane:][:plane], y[ch*plane:][:plane]) / float64(c.shape.C)
			}
		}
		c.n++
	}
	return nil
}

// Result returns the means so far.
func (c *Comparer) Result() Fidelity {
	f := Fidelity{Compared: c.n}
	if c.n == 0 {
		return f
	}
	f.MSE = c.square / float64(c.n*c.shape.Len())
	f.SSIM = c.ssim / float64(c.n)
	if f.MSE > 0 {
		f.PSNR = -10 * math.Log10(f.MSE)
	}
	return f
}

// similarity is the mean SSIM of one channel over every place where the window
// lies within the picture, 18x18 of 28x28: as in the authors' own program, no
// pixels are made up beyond the edges.
func (c *Comparer) similarity(x, y []float32) float64 {
	w, h := c.shape.W, c.shape.H
	across, down := w-ssimWindow+1, h-ssimWindow+1
	for r := range h {
		for i := range across {
			var sx, sy, sxx, syy, sxy float64
			for k, g := range c.kernel {
				a, b := float64(x[r*w+i+k]), float64(y[r*w+i+k])
				sx, sy = sx+g*a, sy+g*b
				sxx, syy, sxy = sxx+g*a*a, syy+g*b*b, sxy+g*a*b
			}
			for q, v := range [5]float64{sx, sy, sxx, syy, sxy} {
				c.lines[q][r*across+i] = v
			}
		}
	}
	var sum float64
	for r := range down {
		for i := range across {
			var s [5]float64
			for k, g := range c.kernel {
				at := (r+k)*across + i
				for q := range s {
					s[q] += g * c.lines[q][at]
				}
			}
			mx, my := s[0], s[1]
			vx, vy, vxy := s[2]-mx*mx, s[3]-my*my, s[4]-mx*my
			sum += (2*mx*my + ssimC1) * (2*vxy + ssimC2) / ((mx*mx + my*my + ssimC1) * (vx + vy + ssimC2))
		}
	}
	return sum / float64(across*down)
}
