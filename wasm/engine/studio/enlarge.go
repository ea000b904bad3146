package studio

import (
	"image"
	"image/color"
	"strconv"

	"inkdrift/wasm/proto"
)

// ramp gives n colours evenly from paper to ink.
func ramp(paper, ink string, n int) (color.Palette, error) {
	from, err := parseColor("paper", paper)
	if err != nil {
		return nil, err
	}
	to, err := parseColor("ink", ink)
	if err != nil {
		return nil, err
	}
	mix := func(a, b uint8, i int) uint8 {
		return uint8((int(a)*(n-1-i) + int(b)*i + (n-1)/2) / (n - 1))
	}
	p := make(color.Palette, n)
	for i := range p {
		p[i] = color.RGBA{mix(from.R, to.R, i), mix(from.G, to.G, i), mix(from.B, to.B, i), 255}
	}
	return p, nil
}

func parseColor(field, s string) (color.RGBA, error) {
	if len(s) == 7 && s[0] == '#' {
		if v, err := strconv.ParseUint(s[1:], 16, 32); err == nil {
			return color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255}, nil
		}
	}
	return color.RGBA{}, proto.Errorf(proto.CodeBadValue, field, "%.20q: want a colour as \"#rrggbb\"", s)
}

// enlarger makes pictures larger by a whole factor, smoothly: cubic
// convolution with a = -1/2 (R. Keys, IEEE Trans. ASSP 29, 1981), edges
// repeated.
type enlarger struct {
	w, h, scale int
	taps        [][4]float32 // weights for each place within a source pixel
	rows        []float32    // the picture after the horizontal pass
}

func newEnlarger(w, h, scale int) *enlarger {
	e := &enlarger{w: w, h: h, scale: scale, taps: make([][4]float32, scale), rows: make([]float32, h*w*scale)}
	for i := range e.taps {
		for k := range 4 {
			e.taps[i][k] = keys(e.offset(i) - float32(k-1))
		}
	}
	return e
}

// offset gives how far place i of a source pixel is beyond the centre of the
// pixel that taps[i][1] weighs, in [0,1).
func (e *enlarger) offset(i int) float32 {
	at := (float32(i)+0.5)/float32(e.scale) - 0.5
	if at < 0 {
		at++
	}
	return at
}

// keys is the convolution's kernel.
func keys(x float32) float32 {
	x = max(x, -x)
	switch {
	case x < 1:
		return (1.5*x-2.5)*x*x + 1
	case x < 2:
		return ((-0.5*x+2.5)*x-4)*x + 2
	}
	return 0
}

// draw enlarges src into dst with dst's palette, whose first colour is 0 and
// whose last is 1, from the point at on.
func (e *enlarger) draw(dst *image.Paletted, at image.Point, src []float32) {
	wide := e.w * e.scale
	for y := range e.h {
		convolve(e.rows[y*wide:][:wide], src[y*e.w:][:e.w], e)
	}
	shades := float32(len(dst.Palette) - 1)
	var from [4][]float32
	for y := range e.h * e.scale {
		base, place := e.source(y)
		for k := range from {
			row := min(max(base+k-1, 0), e.h-1)
			from[k] = e.rows[row*wide:][:wide]
		}
		weight := e.taps[place]
		out := dst.Pix[dst.PixOffset(at.X, at.Y+y):][:wide]
		for x := range out {
			v := weight[0]*from[0][x] + weight[1]*from[1][x] + weight[2]*from[2][x] + weight[3]*from[3][x]
			out[x] = uint8(min(max(v, 0), 1)*shades + 0.5)
		}
	}
}

// source gives the source pixel left of place i and which taps to weigh it and
// its neighbours with.
func (e *enlarger) source(i int) (base, place int) {
	base, place = i/e.scale, i%e.scale
	if 2*place+1 < e.scale {
		base--
	}
	return base, place
}

// convolve enlarges one row.
func convolve(dst, src []float32, e *enlarger) {
	last := len(src) - 1
	for x := range dst {
		base, place := e.source(x)
		weight := e.taps[place]
		var v float32
		for k, wk := range weight {
			v += wk * src[min(max(base+k-1, 0), last)]
		}
		dst[x] = v
	}
}
