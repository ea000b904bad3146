package ink

import "image"

// PictureSide is the longest side of what FromImage returns.
const PictureSide = 112

// FromImage makes a drawing of a picture that has pixels: w x h bytes, row by row, 0 for paper and 255 for ink, neither
// side longer than [PictureSide]. It works for dark ink on light paper and for the reverse, for screenshots and for photos
// of pen on paper: the paper, which must reach the border, may be unevenly lit, what is transparent is paper, and the ink
// is stretched to full contrast. From a picture that has to be made smaller, specks and what touches the border beside a
// drawing (the table, a shadow) are removed, and the paper around the drawing is cut down.
//
// ok is false if no ink is found; w and h are then the size in which it was looked for.
func FromImage(img image.Image) (pixels []uint8, w, h int, ok bool) {
	s := greySheet(img)
	if !s.toInk() {
		return nil, s.w, s.h, false
	}
	if max(img.Bounds().Dx(), img.Bounds().Dy()) > PictureSide {
		s.tidy()
		s = s.crop()
	}
	pixels, w, h = s.shrink(PictureSide)
	return pixels, w, h, true
}
