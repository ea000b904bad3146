package ink

import "math"

// Warp describes a digit as another handwriting would have it.
type Warp struct {
	// Slant shears to the right, in widths per height; Turn is in radians.
	Slant, Turn float32
	// Aspect scales the width against the height.
	Aspect float32
	// Weight thickens the stroke when positive and thins it when negative; at
	// 1 or -1 by about one pixel of the 28x28 picture.
	Weight float32
}

// warpSide is the side of the picture on which Warp works: twice MNIST's, so
// that half a pixel of stroke can be added or taken.
const warpSide = 2 * PreparedSide

// Apply writes the altered copy of a 28x28 picture, prepared again as MNIST
// was, to dst. It reports whether any ink is left; dst is src where not. dst
// and src hold 784 values and must not overlap. It does not allocate.
func (w Warp) Apply(dst, src []float32) bool {
	var a, b [warpSide * warpSide]float32
	w.move(&a, src)
	steps := w.Weight
	if steps < 0 {
		steps = -steps
	}
	for ; steps > 0; steps-- {
		morph(&b, &a, w.Weight > 0, min(steps, 1))
		a = b
	}
	if !Prepare(dst, a[:], warpSide, warpSide) {
		copy(dst[:PreparedLen], src)
		return false
	}
	return true
}

// move resamples src under the affine part of w.
func (w Warp) move(dst *[warpSide * warpSide]float32, src []float32) {
	// Each target pixel is mapped back through aspect, slant and turn. The picture
	// shrinks a little so that slanted ink stays inside.
	const shrink = 1.25
	s, c := math.Sincos(float64(w.Turn))
	sin, cos := float32(s), float32(c)
	aspect := w.Aspect
	if aspect <= 0 {
		aspect = 1
	}
	for y := range warpSide {
		for x := range warpSide {
			u := (float32(x) + 0.5 - warpSide/2) * shrink / 2
			v := (float32(y) + 0.5 - warpSide/2) * shrink / 2
			u, v = u*cos+v*sin, v*cos-u*sin
			u = (u + w.Slant*v) / aspect
			dst[y*warpSide+x] = bilinear(src, u+PreparedSide/2-0.5, v+PreparedSide/2-0.5)
		}
	}
}

func bilinear(src []float32, x, y float32) float32 {
	x0, y0 := int(math.Floor(float64(x))), int(math.Floor(float64(y)))
	fx, fy := x-float32(x0), y-float32(y0)
	at := func(x, y int) float32 {
		if x < 0 || y < 0 || x >= PreparedSide || y >= PreparedSide {
			return 0
		}
		return src[y*PreparedSide+x]
	}
	top := at(x0, y0)*(1-fx) + at(x0+1, y0)*fx
	low := at(x0, y0+1)*(1-fx) + at(x0+1, y0+1)*fx
	return top*(1-fy) + low*fy
}

// morph moves each pixel towards the greatest (thick) or least of itself and
// its four neighbours by the fraction amount.
func morph(dst, src *[warpSide * warpSide]float32, thick bool, amount float32) {
	for y := range warpSide {
		for x := range warpSide {
			i := y*warpSide + x
			v := src[i]
			e := v
			for _, n := range [4]int{i - 1, i + 1, i - warpSide, i + warpSide} {
				if n < 0 || n >= len(src) {
					continue
				}
				if thick == (src[n] > e) {
					e = src[n]
				}
			}
			dst[i] = v + amount*(e-v)
		}
	}
}
