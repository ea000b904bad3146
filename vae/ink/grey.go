package ink

import (
	"image"
	"image/color"
	"slices"
)

// sheetSide is the longest side on which the ink of a picture is looked for.
const sheetSide = 448

// sheet is a picture of w x h values, row by row: first the light that each pixel sends, in [0,1], later its ink.
type sheet struct {
	w, h int
	v    []float32
}

// greySheet returns img as light, averaged down to at most sheetSide a side, on paper where img is transparent.
func greySheet(img image.Image) *sheet {
	b := img.Bounds()
	w, h := fit(b.Dx(), b.Dy(), sheetSide)
	light, cover := make([]float64, w*h), make([]float64, w*h)
	count := make([]float64, w*h)
	read := rowReader(img)
	row, alpha := make([]uint8, b.Dx()), make([]uint8, b.Dx())
	for y := range b.Dy() {
		read(y, row, alpha)
		to, part := y*h/b.Dy()*w, 0 // pixel x goes to column x*w/b.Dx()
		for x, l := range row {
			light[to] += float64(l)
			cover[to] += float64(alpha[x])
			count[to]++
			if part += w; part >= b.Dx() {
				part -= b.Dx()
				to++
			}
		}
	}
	s := &sheet{w, h, make([]float32, w*h)}
	for i := range light {
		light[i] /= 255 * count[i]
		cover[i] /= 255 * count[i]
	}
	paper := transparentPaper(light, cover, w, h)
	for i := range light {
		s.v[i] = float32(min(1, light[i]+(1-cover[i])*paper))
	}
	return s
}

// fit returns the size w x h scaled down, if need be, to at most side, and no side less than 1.
func fit(w, h, side int) (int, int) {
	long := max(w, h)
	if long <= side {
		return w, h
	}
	scale := func(n int) int { return max(1, (n*side+long/2)/long) }
	return scale(w), scale(h)
}

// transparentPaper returns the light of the paper that is put under a picture with transparent parts. If most of the
// border is opaque, it is the border's own; otherwise the ink is what is opaque and the paper its opposite.
func transparentPaper(light, cover []float64, w, h int) float64 {
	var own []float64
	border := 0
	var sum, weight float64
	for i := range light {
		sum, weight = sum+light[i], weight+cover[i]
		if onBorder(i%w, i/w, w, h) {
			border++
			if cover[i] > 0.5 {
				own = append(own, light[i]/cover[i])
			}
		}
	}
	if 2*len(own) > border {
		return median(own)
	}
	if sum > weight/2 {
		return 0
	}
	return 1
}

// onBorder reports whether a pixel is in the outermost ring of a picture, a fortieth of it wide.
func onBorder(x, y, w, h int) bool {
	ring := 1 + max(w, h)/40
	return x < ring || y < ring || x >= w-ring || y >= h-ring
}

// median returns the middle of v, which it puts in order, and 0 for none.
func median[T float32 | float64](v []T) T {
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	return v[len(v)/2]
}

// rowReader returns a function that reads row y of img: the light of each pixel, times its alpha, and its alpha. The
// forms that the decoders return for ordinary files have quick ways.
func rowReader(img image.Image) func(y int, light, alpha []uint8) {
	b := img.Bounds()
	opaque := func(alpha []uint8) {
		for x := range alpha {
			alpha[x] = 255
		}
	}
	switch m := img.(type) {
	case *image.YCbCr:
		return func(y int, light, alpha []uint8) {
			copy(light, m.Y[m.YOffset(b.Min.X, b.Min.Y+y):])
			opaque(alpha)
		}
	case *image.Gray:
		return func(y int, light, alpha []uint8) {
			copy(light, m.Pix[y*m.Stride:])
			opaque(alpha)
		}
	case *image.RGBA:
		return func(y int, light, alpha []uint8) {
			for x := range light {
				p := m.Pix[y*m.Stride+4*x:]
				light[x], alpha[x] = luma(uint32(p[0]), uint32(p[1]), uint32(p[2])), p[3]
			}
		}
	case *image.NRGBA:
		return func(y int, light, alpha []uint8) {
			for x := range light {
				p := m.Pix[y*m.Stride+4*x:]
				light[x] = uint8(uint32(luma(uint32(p[0]), uint32(p[1]), uint32(p[2]))) * uint32(p[3]) / 255)
				alpha[x] = p[3]
			}
		}
	case *image.Paletted:
		var lights, alphas [256]uint8
		for i, c := range m.Palette {
			if i < 256 {
				lights[i], alphas[i] = lightOf(c)
			}
		}
		return func(y int, light, alpha []uint8) {
			for x := range light {
				p := m.Pix[y*m.Stride+x]
				light[x], alpha[x] = lights[p], alphas[p]
			}
		}
	case image.RGBA64Image:
		return func(y int, light, alpha []uint8) {
			for x := range light {
				c := m.RGBA64At(b.Min.X+x, b.Min.Y+y)
				light[x], alpha[x] = luma(uint32(c.R>>8), uint32(c.G>>8), uint32(c.B>>8)), uint8(c.A>>8)
			}
		}
	}
	return func(y int, light, alpha []uint8) {
		for x := range light {
			light[x], alpha[x] = lightOf(img.At(b.Min.X+x, b.Min.Y+y))
		}
	}
}

func lightOf(c color.Color) (light, alpha uint8) {
	r, g, b, a := c.RGBA()
	return luma(r>>8, g>>8, b>>8), uint8(a >> 8)
}

// luma is the Y of JPEG (Rec. 601).
func luma(r, g, b uint32) uint8 { return uint8((19595*r + 38470*g + 7471*b + 1<<15) >> 16) }
