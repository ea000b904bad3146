package classify

import (
	"math"

	"inkdrift/vae/compute"
)

// Distortion gives the ranges of random distortions of training pictures,
// uniform on both sides of 0, drawn anew whenever a picture is used.
type Distortion struct {
	// Turn is in radians.
	Turn float64 `json:"turn"`
	// Slant is in widths per height.
	Slant float64 `json:"slant"`
	// Scale is relative, of width and height apart.
	Scale float64 `json:"scale"`
	// Shift is in pixels, of x and y apart.
	Shift float64 `json:"shift"`
}

// draws is how many random numbers one picture takes.
const draws = 6

// apply writes a distorted copy of one channel of h by w values to dst, with the
// numbers of stream key, bilinear between pixels and 0 beyond the edges.
func (d Distortion) apply(dst, src []float32, h, w int, key compute.Key) {
	var u [draws]float64
	for i := range u {
		u[i] = 2*float64(key.Word(uint32(i)))/(1<<32) - 1
	}
	sin, cos := math.Sincos(d.Turn * u[0])
	slant := d.Slant * u[1]
	sx, sy := 1+d.Scale*u[2], 1+d.Scale*u[3]
	// A pixel of dst at v from the middle comes from A v of src.
	a, b := float32(sx*cos), float32(sx*(slant*cos-sin))
	c, e := float32(sy*sin), float32(sy*(slant*sin+cos))
	mx, my := float32(w-1)/2, float32(h-1)/2
	tx, ty := float32(d.Shift*u[4])+mx, float32(d.Shift*u[5])+my
	for y := range h {
		vy := float32(y) - my
		for x := range w {
			vx := float32(x) - mx
			dst[y*w+x] = bilinear(src, h, w, float32(a*vx)+float32(b*vy)+tx, float32(c*vx)+float32(e*vy)+ty)
		}
	}
}

func bilinear(src []float32, h, w int, x, y float32) float32 {
	if !(x > -1 && y > -1 && x < float32(w) && y < float32(h)) {
		return 0
	}
	x0, y0 := int(x+1)-1, int(y+1)-1
	fx, fy := x-float32(x0), y-float32(y0)
	var v00, v01, v10, v11 float32
	left, right := x0 >= 0, x0+1 < w
	if y0 >= 0 {
		if left {
			v00 = src[y0*w+x0]
		}
		if right {
			v01 = src[y0*w+x0+1]
		}
	}
	if y0+1 < h {
		if left {
			v10 = src[(y0+1)*w+x0]
		}
		if right {
			v11 = src[(y0+1)*w+x0+1]
		}
	}
	top := v00 + float32(fx*(v01-v00))
	low := v10 + float32(fx*(v11-v10))
	return top + float32(fy*(low-top))
}
