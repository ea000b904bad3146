// Package picture opens people's picture files.
//
// [Inspect] reads size and orientation out of a file's header, for pictures of many formats, and refuses what is none or
// too large before anything is decoded. [Open] then has it decoded by a [Decoder]: in a page that is the browser, so
// that whatever it shows can be used, in tools and under Node it is package
// [inkdrift/vae/data/picture/decoders]. [Draw] makes a drawing of one for a pad.
package picture

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"io"

	"inkdrift/vae/data"
	"inkdrift/vae/ink"
)

// What can be wrong with a picture, besides errors of package data; test for one with errors.Is.
var (
	ErrNotPicture = errors.New("not a picture")
	ErrNoPixels   = errors.New("picture without pixels")
	ErrNoInk      = errors.New("nothing is drawn on it")
)

const (
	adviceAgain = "get the file again"
	adviceSave  = "save the picture again, as PNG for instance"
)

// A Decoder decodes a picture file whose header was inspected, an animation's first frame. side bounds the longer side of
// the result, in pixels; a decoder may give more, and 0 asks for all there are. yield, unless it is nil, is called
// now and then. The file states no orientation but upright, so that it does not matter which ones a decoder knows. The error is
// [data.ErrFormat] where the format is not read, and any other where the file is damaged.
type Decoder func(file []byte, side int, yield func()) (img image.Image, err error)

// Picture is a picture file that has been decoded.
type Picture struct {
	Image       image.Image // as it is stored
	Orientation Orientation // how it is seen
}

// Size returns width and height in pixels, of the upright picture.
func (p *Picture) Size() (w, h int) {
	w, h = p.Image.Bounds().Dx(), p.Image.Bounds().Dy()
	if p.Orientation.Across() {
		w, h = h, w
	}
	return w, h
}

// Open decodes a picture file. Its header is checked before the pixels are decoded; see [Decoder] for side and yield,
// which is called every few kilobytes where it can be. Errors are of type [*data.FileError] and match those of [Inspect], or
// [data.ErrTruncated] or [data.ErrCorrupt].
func Open(file []byte, decode Decoder, side int, yield func()) (*Picture, error) {
	h, err := Inspect(file)
	if err != nil {
		return nil, err
	}
	if h.endless {
		// Browsers take it for torn, and so it is unless nothing but the marker is missing.
		file = append(bytes.Clone(file), 0xff, 0xd9)
	}
	if h.Orientation != 1 {
		file = bytes.Clone(file)
		file[h.orientedAt] = 1
	}
	img, err := decode(file, side, yield)
	switch {
	case err != nil && h.rare != "":
		return nil, notRead(h.rare)
	case err != nil && readElsewhere[h.Format], errors.Is(err, data.ErrFormat):
		return nil, notRead(h.Format)
	case err != nil && (h.torn || h.endless):
		return nil, data.NewFileError("pixels", data.ErrTruncated, adviceAgain, "%v", err)
	case err != nil:
		return nil, data.NewFileError("pixels", data.ErrCorrupt, adviceSave, "%v", err)
	case img.Bounds().Empty():
		return nil, data.NewFileError("size", ErrNoPixels, "choose another picture", "")
	case img.Bounds().Dx()*img.Bounds().Dy() > MaxPixels:
		return nil, data.NewFileError("size", data.ErrTooLarge, "make the picture smaller or cut out a part", "")
	}
	if h.endless && greyEnd(img) {
		return nil, data.NewFileError("pixels", data.ErrTruncated, adviceAgain, "")
	}
	return &Picture{Image: img, Orientation: h.Orientation}, nil
}

// greyEnd reports whether the last block of a JPEG is as decoders leave it where nothing of it arrived: all of its coefficients are
// 0, which is the grey in the middle.
func greyEnd(img image.Image) bool {
	b := img.Bounds()
	for k := range 16 { // the last four by four pixels
		x, y := max(b.Min.X, b.Max.X-1-k%4), max(b.Min.Y, b.Max.Y-1-k/4)
		if c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA); c != (color.NRGBA{128, 128, 128, 255}) {
			return false
		}
	}
	return true
}

// Registered is a [Decoder] of what package image has decoders for in this program.
func Registered(file []byte, _ int, yield func()) (img image.Image, err error) {
	img, _, err = image.Decode(NewReader(file, yield))
	if errors.Is(err, image.ErrFormat) {
		err = data.ErrFormat
	}
	return img, err
}

// readElsewhere are formats that only some programs decode: where one does not, the format is to blame and not the file.
var readElsewhere = map[string]bool{"HEIC": true, "AVIF": true}

// drawSide is as much of a picture as a drawing needs.
const drawSide = 2048

// Draw makes a drawing of a picture file, upright, as [ink.FromImage] does: w x h bytes, row by row, 0 for paper and 255
// for ink, neither side longer than [ink.PictureSide]. Errors are those of [Open], or match [ErrNoInk] if it is blank.
func Draw(file []byte, decode Decoder) (pixels []uint8, w, h int, err error) {
	p, err := Open(file, decode, drawSide, nil)
	if err != nil {
		return nil, 0, 0, err
	}
	img := p.Image
	if p.Orientation != 1 {
		img = turned(img, p.Orientation)
	}
	pixels, w, h, ok := ink.FromImage(img)
	if !ok {
		return nil, 0, 0, data.NewFileError("pixels", ErrNoInk, "choose a picture of a digit that stands out from its paper",
			"%d x %d pixels of one colour, or nearly", w, h)
	}
	return pixels, w, h, nil
}

// yieldingReader reads at most yieldBytes of b between two calls of yield.
type yieldingReader struct {
	b     []byte
	yield func()
}

const yieldBytes = 4 << 10

// NewReader returns a reader of a file that calls yield, unless it is nil, every few kilobytes.
func NewReader(file []byte, yield func()) io.Reader { return &yieldingReader{file, yield} }

// Read implements [io.Reader].
func (r *yieldingReader) Read(p []byte) (int, error) {
	if len(r.b) == 0 {
		return 0, io.EOF
	}
	if r.yield != nil {
		r.yield()
	}
	n := copy(p[:min(len(p), yieldBytes)], r.b)
	r.b = r.b[n:]
	return n, nil
}
