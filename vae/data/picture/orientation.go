package picture

import (
	"encoding/binary"
	"image"
	"image/color"
)

// Orientation is the Exif orientation, tag 0x0112: 1 is upright, 2 to 4 are mirrored or upside down, 5 to 8 the same
// with rows and columns exchanged.
type Orientation uint8

// Across reports whether rows and columns are exchanged.
func (s Orientation) Across() bool { return s >= 5 }

// Stored returns which pixel of the stored picture of w x h pixels is seen at (x, y) of the upright one.
func (s Orientation) Stored(x, y, w, h int) (int, int) {
	switch s {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	case 8:
		return w - 1 - y, x
	}
	return x, y
}

// Upright returns where pixel (x, y) of a stored picture of w x h pixels is seen in the upright one.
func (s Orientation) Upright(x, y, w, h int) (int, int) {
	switch s {
	case 6: // 6 and 8 undo each other, the others themselves
		return Orientation(8).Stored(x, y, h, w)
	case 8:
		return Orientation(6).Stored(x, y, h, w)
	case 5, 7:
		return s.Stored(x, y, h, w)
	}
	return s.Stored(x, y, w, h)
}

// turned gives a picture as it is seen.
func turned(img image.Image, by Orientation) image.Image {
	u := upright{img, by}
	b := u.Bounds()
	m, quick := img.(*image.NRGBA) // as browsers give it
	if !quick || len(m.Pix) != 4*b.Dx()*b.Dy() {
		return u
	}
	out := image.NewNRGBA(b)
	w, h := m.Rect.Dx(), m.Rect.Dy()
	for i := range len(out.Pix) / 4 {
		x, y := by.Stored(i%b.Max.X, i/b.Max.X, w, h)
		copy(out.Pix[4*i:4*i+4], m.Pix[4*(y*w+x):])
	}
	return out
}

// upright is a picture as it is seen.
type upright struct {
	image.Image
	by Orientation
}

// Bounds implements [image.Image].
func (u upright) Bounds() image.Rectangle {
	b := u.Image.Bounds()
	if u.by.Across() {
		return image.Rect(0, 0, b.Dy(), b.Dx())
	}
	return image.Rect(0, 0, b.Dx(), b.Dy())
}

// At implements [image.Image].
func (u upright) At(x, y int) color.Color {
	b := u.Image.Bounds()
	sx, sy := u.by.Stored(x, y, b.Dx(), b.Dy())
	return u.Image.At(b.Min.X+sx, b.Min.Y+sy)
}

// orient reads the orientation out of Exif in a file, at some bytes of it: a TIFF header and a directory of entries of 12 bytes
// (Exif 2.3, section 4.6). What has no valid one counts as upright.
func (h *Header) orient(file []byte, from, length int) {
	tiff := cut(file, from, length)
	if len(tiff) < 8 {
		return
	}
	var order binary.ByteOrder = binary.BigEndian
	low := 9 // the byte of a value that has small numbers
	switch string(tiff[:4]) {
	case "MM\x00*":
	case "II*\x00":
		order, low = binary.LittleEndian, 8
	default:
		return
	}
	const (
		entry       = 12
		orientation = 0x0112
		shortType   = 3
	)
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return
	}
	at += 2
	for n := order.Uint16(tiff[at-2:]); n > 0 && at+entry <= int64(len(tiff)); at, n = at+entry, n-1 {
		e := tiff[at:]
		if order.Uint16(e) == orientation && order.Uint16(e[2:]) == shortType {
			if v := order.Uint16(e[8:]); v >= 1 && v <= 8 {
				h.Orientation, h.orientedAt = Orientation(v), from+int(at)+low
			}
			return
		}
	}
}
