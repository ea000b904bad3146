package data

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"

	"inkdrift/vae/ink"
)

// MaxPicturePixels is the size of the largest picture that is taken.
const MaxPicturePixels = 40_000_000

// What can be wrong with a picture, besides ErrTooLarge, ErrTruncated and ErrCorrupt; test for one with errors.Is.
var (
	ErrNotPicture = errors.New("not a PNG, JPEG or GIF picture")
	ErrNoPixels   = errors.New("picture without pixels")
	ErrNoInk      = errors.New("nothing is drawn on it")
)

// mostPixels is the most pixels that one byte of a file can encode: 1,032 bytes of one-bit pixels from a byte of PNG's
// deflate, a string as long as the table for 12 bits of GIF's LZW, and at least a bit for each 8x8 block of JPEG. A
// file whose header claims more is truncated.
var mostPixels = map[string]int64{"png": 8 * 1032, "gif": 4096, "jpeg": 1024}

// DecodePicture makes a drawing of a picture file, PNG, JPEG or GIF (its first frame), as [ink.FromImage] does: w x h
// bytes, row by row, 0 for paper and 255 for ink, neither side longer than [ink.PictureSide].
//
// The size is checked before the pixels are decoded. Errors are of type [*FileError] and match ErrNotPicture,
// ErrNoPixels, ErrTooLarge (more than [MaxPicturePixels]), ErrTruncated, ErrCorrupt, or ErrNoInk (blank).
func DecodePicture(b []byte) (pixels []uint8, w, h int, err error) {
	img, err := OpenPicture(b)
	if err != nil {
		return nil, 0, 0, err
	}
	pixels, w, h, ok := ink.FromImage(img)
	if !ok {
		return nil, 0, 0, &FileError{Field: "pixels", Kind: ErrNoInk, Detail: fmt.Sprintf("%d x %d pixels of one colour, or nearly", w, h),
			Advice: "choose a picture of a digit that stands out from its paper"}
	}
	return pixels, w, h, nil
}

// OpenPicture decodes a picture file, PNG, JPEG or GIF (its first frame), as it is stored. The size is checked before the
// pixels are decoded. Errors are of type [*FileError] and match ErrNotPicture, ErrNoPixels, ErrTooLarge (more than
// [MaxPicturePixels]), ErrTruncated or ErrCorrupt.
func OpenPicture(b []byte) (image.Image, error) { return OpenPictureYielding(b, nil) }

// OpenPictureYielding is OpenPicture that calls yield, unless it is nil, every few kilobytes, so that a caller can do
// other work.
func OpenPictureYielding(b []byte, yield func()) (image.Image, error) {
	if err := checkPicture(b); err != nil {
		return nil, err
	}
	img, _, err := image.Decode(&yieldingReader{b, yield})
	if err != nil {
		return nil, pictureError("pixels", err)
	}
	if img.Bounds().Empty() {
		return nil, noPixels(img.Bounds().Dx(), img.Bounds().Dy())
	}
	return img, nil
}

// yieldingReader reads at most yieldBytes of b between two calls of yield.
type yieldingReader struct {
	b     []byte
	yield func()
}

const yieldBytes = 4 << 10

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

// checkPicture checks the header of a picture file.
func checkPicture(b []byte) error {
	// The decoders of the standard library have no error of their own for a picture without pixels.
	switch {
	case len(b) >= 24 && string(b[:8]) == "\x89PNG\r\n\x1a\n" && string(b[12:16]) == "IHDR":
		if w, h := binary.BigEndian.Uint32(b[16:]), binary.BigEndian.Uint32(b[20:]); w == 0 || h == 0 {
			return noPixels(int(w), int(h))
		} else if uint64(w)*uint64(h) > MaxPicturePixels {
			return pictureTooLarge(int(w), int(h))
		}
	case len(b) >= 10 && string(b[:4]) == "GIF8":
		if w, h := binary.LittleEndian.Uint16(b[6:]), binary.LittleEndian.Uint16(b[8:]); w == 0 || h == 0 {
			return noPixels(int(w), int(h))
		}
	}
	c, format, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return pictureError("header", err)
	}
	if c.Width <= 0 || c.Height <= 0 {
		return noPixels(c.Width, c.Height)
	}
	pixels := int64(c.Width) * int64(c.Height)
	if pixels > MaxPicturePixels {
		return pictureTooLarge(c.Width, c.Height)
	}
	if pixels > mostPixels[format]*int64(len(b)) {
		return &FileError{Field: "pixels", Kind: ErrTruncated,
			Detail: fmt.Sprintf("%d bytes cannot hold %d x %d pixels", len(b), c.Width, c.Height), Advice: adviceAgain}
	}
	return nil
}

func noPixels(w, h int) error {
	return &FileError{Field: "size", Kind: ErrNoPixels, Detail: fmt.Sprintf("%d x %d", w, h), Advice: "choose another picture"}
}

func pictureTooLarge(w, h int) error {
	return &FileError{Field: "size", Kind: ErrTooLarge,
		Detail: fmt.Sprintf("%d x %d pixels, at most %d million are taken", w, h, MaxPicturePixels/1_000_000),
		Advice: "make the picture smaller or cut out a part"}
}

// pictureError makes a FileError of a decoder's error.
func pictureError(field string, err error) error {
	switch {
	case errors.Is(err, image.ErrFormat):
		return &FileError{Field: field, Kind: ErrNotPicture, Advice: "choose a PNG, JPEG or GIF file"}
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return &FileError{Field: field, Kind: ErrTruncated, Advice: adviceAgain}
	}
	return &FileError{Field: field, Kind: ErrCorrupt, Detail: err.Error(), Advice: "save the picture again, as PNG for instance"}
}
