package album

import (
	"fmt"

	"inkdrift/vae/data"
	"inkdrift/vae/data/picture"
)

// Fit says how a picture of another form than its frame is brought into it.
type Fit string

const (
	// Crop fills the frame and cuts off what reaches beyond it, the same on both sides.
	Crop Fit = "crop"
	// Whole shows the whole picture, with paper beside it.
	Whole Fit = "whole"
)

// MostSide is the largest side of a frame.
const MostSide = 512

// Frame says how each picture is cut and scaled.
type Frame struct {
	// Shape is one channel for grey or three for colour, and up to MostSide pixels a side.
	Shape data.Shape
	// Fit is Crop if empty.
	Fit Fit
	// Paper is the colour beside and under pictures.
	Paper [3]uint8
	// Negative turns light to dark: for ink on paper where a model wants bright ink, as MNIST has it.
	Negative bool
}

// Check returns a [*data.FileError] that wraps [data.ErrMismatch] if no picture can be brought into the frame.
func (f Frame) Check() error {
	wrong := func(field, detail, advice string) error {
		return data.NewFileError(field, data.ErrMismatch, advice, detail)
	}
	switch {
	case f.Shape.C != 1 && f.Shape.C != 3:
		return wrong("channels", fmt.Sprint(f.Shape.C), "choose 1 for grey or 3 for colour")
	case f.Shape.H < 1 || f.Shape.W < 1 || f.Shape.H > MostSide || f.Shape.W > MostSide:
		return wrong("size", f.Shape.String(), fmt.Sprintf("choose 1 to %d pixels a side", MostSide))
	case f.Fit != "" && f.Fit != Crop && f.Fit != Whole:
		return wrong("fit", fmt.Sprintf("%.20q", string(f.Fit)), fmt.Sprintf("choose %q or %q", Crop, Whole))
	}
	return nil
}

// Rect is a rectangle of pixels: its upper left corner and its size.
type Rect struct{ X, Y, W, H int }

// place returns which part of a picture of w x h pixels is used, and which part of the frame it fills.
func (f Frame) place(w, h int) (from, to Rect) {
	from, to = Rect{0, 0, w, h}, Rect{0, 0, f.Shape.W, f.Shape.H}
	wide := int64(w)*int64(f.Shape.H) > int64(h)*int64(f.Shape.W) // wider than the frame
	switch {
	case f.Fit == Whole && wide:
		to.H = share(f.Shape.W, h, w)
		to.Y = (f.Shape.H - to.H) / 2
	case f.Fit == Whole:
		to.W = share(f.Shape.H, w, h)
		to.X = (f.Shape.W - to.W) / 2
	case wide:
		from.W = share(h, f.Shape.W, f.Shape.H)
		from.X = (w - from.W) / 2
	default:
		from.H = share(w, f.Shape.H, f.Shape.W)
		from.Y = (h - from.H) / 2
	}
	return from, to
}

// share returns n*a/b, rounded, and at least 1.
func share(n, a, b int) int { return max(1, int((2*int64(n)*int64(a)+int64(b))/(2*int64(b)))) }

// Preview is a picture brought into a frame.
type Preview struct {
	Width, Height int    // of the upright picture
	Used          Rect   // the part of it that is used
	Pixels        []byte // the result, in the shape of the frame
}

// Preview brings a picture into the frame. The error is that of [Frame.Check].
func (f Frame) Preview(p *picture.Picture) (*Preview, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	v := &Preview{Pixels: make([]byte, f.Shape.Len())}
	v.Width, v.Height = p.Size()
	v.Used, _ = f.place(v.Width, v.Height)
	new(scaler).take(v.Pixels, p, f, nil)
	return v, nil
}
