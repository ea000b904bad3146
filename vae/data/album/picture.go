package album

import (
	"image"
	"image/color"
)

// rowReader returns a function that writes the light of the pixels x0 to x1-1 of row y of a stored picture to dst, red, green
// and blue in turn, on paper where it is transparent. The forms that the decoders return for ordinary files have quick ways.
func rowReader(img image.Image, paper [3]uint8) func(dst []light, y, x0, x1 int) {
	b := img.Bounds()
	t := &sRGB().light
	under := [3]light{t[paper[0]], t[paper[1]], t[paper[2]]}
	switch m := img.(type) {
	case *image.YCbCr:
		return func(dst []light, y, x0, x1 int) {
			for x := x0; x < x1; x++ {
				i, j := m.YOffset(b.Min.X+x, b.Min.Y+y), m.COffset(b.Min.X+x, b.Min.Y+y)
				red, green, blue := color.YCbCrToRGB(m.Y[i], m.Cb[j], m.Cr[j])
				o := dst[3*(x-x0):][:3]
				o[0], o[1], o[2] = t[red], t[green], t[blue]
			}
		}
	case *image.Gray:
		return func(dst []light, y, x0, x1 int) {
			for k, v := range m.Pix[y*m.Stride+x0 : y*m.Stride+x1] {
				o := dst[3*k:][:3]
				o[0], o[1], o[2] = t[v], t[v], t[v]
			}
		}
	case *image.RGBA: // how opaque PNGs are decoded
		return func(dst []light, y, x0, x1 int) {
			for x := x0; x < x1; x++ {
				p, o := m.Pix[y*m.Stride+4*x:][:4], dst[3*(x-x0):][:3]
				if p[3] == 255 {
					o[0], o[1], o[2] = t[p[0]], t[p[1]], t[p[2]]
				} else {
					over(o, t, m.RGBAAt(b.Min.X+x, b.Min.Y+y), &under)
				}
			}
		}
	case *image.NRGBA:
		return func(dst []light, y, x0, x1 int) {
			for x := x0; x < x1; x++ {
				p, o := m.Pix[y*m.Stride+4*x:][:4], dst[3*(x-x0):][:3]
				cover(o, t, p[0], p[1], p[2], uint32(p[3]), &under)
			}
		}
	case *image.Paletted:
		var palette [256][3]light
		for i, c := range m.Palette {
			if i < len(palette) {
				over(palette[i][:], t, c, &under)
			}
		}
		return func(dst []light, y, x0, x1 int) {
			for k, v := range m.Pix[y*m.Stride+x0 : y*m.Stride+x1] {
				copy(dst[3*k:], palette[v][:])
			}
		}
	}
	return func(dst []light, y, x0, x1 int) {
		for x := x0; x < x1; x++ {
			over(dst[3*(x-x0):][:3], t, img.At(b.Min.X+x, b.Min.Y+y), &under)
		}
	}
}

// over lays a colour over paper.
func over(o []light, t *[256]light, c color.Color, under *[3]light) {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	cover(o, t, n.R, n.G, n.B, uint32(n.A), under)
}

func cover(o []light, t *[256]light, r, g, b uint8, alpha uint32, under *[3]light) {
	o[0] = (t[r]*alpha + under[0]*(255-alpha) + 127) / 255
	o[1] = (t[g]*alpha + under[1]*(255-alpha) + 127) / 255
	o[2] = (t[b]*alpha + under[2]*(255-alpha) + 127) / 255
}
