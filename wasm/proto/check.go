package proto

import "unicode/utf8"

// Limits of requests, checked before anything is allocated for them.
const (
	MaxFrames     = 512
	MaxSamples    = 1024
	MaxBitmapSide = 512
	MaxSide       = 256 // of a frame of a GIF or strip, before scaling
	MaxScale      = 36
	MaxGap        = 256 // of paper between and around frames
	MaxDelayMS    = 10_000
	MaxGIFPixels  = 48 << 20 // over all frames, after scaling
	MaxStripSide  = 32_767
	MaxName       = 200 // bytes
)

// ReadySide is the side of a bitmap that is ready for the model.
const ReadySide = 28

// Check validates the fields of a request; the error names the invalid one.
func (r ModelLoad) Check() error { return checkName(r.Name) }

// Check validates the fields; bitmap is the buffer that came with them.
func (r PadSet) Check(bitmap []byte) error {
	if err := checkPad(r.Pad); err != nil {
		return err
	}
	if r.Rev < 0 {
		return Errorf(CodeBadValue, "rev", "%d is negative", r.Rev)
	}
	return r.Bitmap.Check(bitmap)
}

// Check validates a bitmap and its pixels; a nil bitmap has none.
func (b *Bitmap) Check(pixels []byte) error {
	if b == nil {
		if len(pixels) != 0 {
			return Errorf(CodeBadLength, "bitmap", "%d bytes of pixels and no width and height", len(pixels))
		}
		return nil
	}
	if err := checkRange("bitmap.width", b.Width, 1, MaxBitmapSide); err != nil {
		return err
	}
	if err := checkRange("bitmap.height", b.Height, 1, MaxBitmapSide); err != nil {
		return err
	}
	if b.Ready && (b.Width != ReadySide || b.Height != ReadySide) {
		return Errorf(CodeBadValue, "bitmap.ready", "a bitmap that is ready is %dx%d, this is %dx%d", ReadySide, ReadySide, b.Width, b.Height)
	}
	if len(pixels) != b.Width*b.Height {
		return Errorf(CodeBadLength, "bitmap", "%d bytes of pixels for %dx%d", len(pixels), b.Width, b.Height)
	}
	return nil
}

// Check validates the fields of a request; the error names the invalid one.
func (r Morph) Check() error {
	if err := checkRange("frames", r.Frames, 2, MaxFrames); err != nil {
		return err
	}
	if r.Path != PathSlerp && r.Path != PathLerp {
		return Errorf(CodeBadValue, "path", "%.20q: want %q or %q", r.Path, PathSlerp, PathLerp)
	}
	return nil
}

// Check validates the fields of a request; the error names the invalid one.
func (r Sample) Check() error {
	if err := checkRange("n", r.N, 1, MaxSamples); err != nil {
		return err
	}
	if err := checkPrior(r.Prior); err != nil {
		return err
	}
	return checkSeed(r.Seed)
}

func checkPrior(prior string) error {
	switch prior {
	case "", PriorNormal, PriorFitted:
		return nil
	}
	return Errorf(CodeBadValue, "prior", "%.20q: want %q or %q", prior, PriorNormal, PriorFitted)
}

// Check validates the fields of a request; the error names the invalid one.
func (r Example) Check() error {
	if err := checkRange("digit", r.Digit, -1, 9); err != nil {
		return err
	}
	return checkSeed(r.Seed)
}

// Check validates the fields of a request; the error names the invalid one.
func (r Picture) Check() error { return checkName(r.Name) }

// Check validates the fields of a request; the error names the invalid one.
func (r GIF) Check() error {
	if err := checkFrames(r.Width, r.Height, r.Count, r.Scale); err != nil {
		return err
	}
	if err := checkRange("margin", r.Margin, 0, MaxGap); err != nil {
		return err
	}
	w, h := r.Size()
	if pixels := w * h * r.Count; pixels > MaxGIFPixels {
		return Errorf(CodeBadValue, "scale", "%d frames of %dx%d are %d pixels, at most %d are made", r.Count, w, h, pixels, MaxGIFPixels)
	}
	if err := checkRange("delayMs", r.DelayMS, 0, MaxDelayMS); err != nil {
		return err
	}
	switch r.Mode {
	case ModeLoop, ModePingPong, ModeOnce:
		return nil
	}
	return Errorf(CodeBadValue, "mode", "%.20q: want %q, %q or %q", r.Mode, ModeLoop, ModePingPong, ModeOnce)
}

// Size gives the width and height of the animation in pixels.
func (r GIF) Size() (w, h int) {
	return r.Width*r.Scale + 2*r.Margin, r.Height*r.Scale + 2*r.Margin
}

// Check validates the fields of a request; the error names the invalid one.
func (r Film) Check() error {
	for _, f := range []struct {
		field string
		n     int
	}{{"width", r.Width}, {"height", r.Height}} {
		if err := checkRange(f.field, f.n, 1, MaxStripSide); err != nil {
			return err
		}
	}
	if err := checkRange("count", r.Count, 1, MaxFrames); err != nil {
		return err
	}
	if pixels := r.Width * r.Height * r.Count; pixels > MaxGIFPixels {
		return Errorf(CodeBadValue, "count", "%d frames of %dx%d are %d pixels, at most %d are made", r.Count, r.Width, r.Height, pixels, MaxGIFPixels)
	}
	return checkRange("delayMs", r.DelayMS, 0, MaxDelayMS)
}

// Check validates the fields of a request; the error names the invalid one.
func (r Strip) Check() error {
	if err := checkFrames(r.Width, r.Height, r.Count, r.Scale); err != nil {
		return err
	}
	if err := checkRange("margin", r.Margin, 0, MaxGap); err != nil {
		return err
	}
	if err := checkRange("gap", r.Gap, 0, MaxGap); err != nil {
		return err
	}
	w, h := r.Size()
	if w > MaxStripSide || w*h > MaxGIFPixels {
		return Errorf(CodeBadValue, "scale", "the strip would be %dx%d pixels, at most %d wide and %d in all are made", w, h, MaxStripSide, MaxGIFPixels)
	}
	return nil
}

// Size gives the strip's width and height in pixels.
func (r Strip) Size() (w, h int) {
	return r.Count*(r.Width*r.Scale+2*r.Margin+r.Gap) - r.Gap, r.Height*r.Scale + 2*r.Margin
}

func checkFrames(w, h, count, scale int) error {
	if err := checkRange("width", w, 1, MaxSide); err != nil {
		return err
	}
	if err := checkRange("height", h, 1, MaxSide); err != nil {
		return err
	}
	if err := checkRange("count", count, 1, MaxFrames); err != nil {
		return err
	}
	return checkRange("scale", scale, 1, MaxScale)
}

func checkRange(field string, v, lo, hi int) error {
	if v < lo || v > hi {
		return Errorf(CodeBadValue, field, "%d: want %d to %d", v, lo, hi)
	}
	return nil
}

func checkSeed(seed int64) error {
	if seed < 0 {
		return Errorf(CodeBadValue, "seed", "%d is negative", seed)
	}
	return nil
}

func checkName(name string) error {
	if len(name) > MaxName {
		return Errorf(CodeBadValue, "name", "%d bytes, at most %d", len(name), MaxName)
	}
	if !utf8.ValidString(name) {
		return Errorf(CodeBadValue, "name", "not UTF-8")
	}
	return nil
}
