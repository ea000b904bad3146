package studio

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/png"

	"inkdrift/wasm/engine"
	"inkdrift/wasm/proto"
)

// Shades between paper and ink. A GIF is smaller with fewer, and at this many
// no steps can be seen.
const (
	gifShades   = 64
	stripShades = 256
)

// minDelay is the shortest delay, in hundredths of a second, that browsers do
// not replace by a slow one of their own.
const minDelay = 2

func encodeGIF(t *engine.Task, r *proto.GIF) (*proto.GIFOK, [][]byte, error) {
	palette, err := ramp(r.Paper, r.Ink, gifShades)
	if err != nil {
		return nil, nil, err
	}
	frames, err := t.Msg.Floats(0, "frames", r.Count*r.Width*r.Height)
	if err != nil {
		return nil, nil, err
	}
	w, h := r.Size()
	whole := image.Rect(0, 0, w, h)
	enlarge := newEnlarger(r.Width, r.Height, r.Scale)
	full := make([]*image.Paletted, r.Count)
	for i := range full {
		full[i] = image.NewPaletted(whole, palette)
		enlarge.draw(full[i], image.Pt(r.Margin, r.Margin), frames[i*r.Width*r.Height:][:r.Width*r.Height])
		t.Yield()
	}

	order := playOrder(r.Count, r.Mode)
	animation := &gif.GIF{Config: image.Config{ColorModel: palette, Width: whole.Dx(), Height: whole.Dy()}}
	if r.Mode == proto.ModeOnce {
		animation.LoopCount = -1
	}
	for i, f := range order {
		picture := full[f]
		if i > 0 {
			picture = changed(full[order[i-1]], picture)
		}
		animation.Image = append(animation.Image, picture)
		animation.Delay = append(animation.Delay, max((r.DelayMS+5)/10, minDelay))
		animation.Disposal = append(animation.Disposal, gif.DisposalNone)
	}
	out := &yieldingBuffer{task: t}
	if err := gif.EncodeAll(out, animation); err != nil {
		return nil, nil, err
	}
	return &proto.GIFOK{Frames: len(order)}, [][]byte{out.Bytes()}, nil
}

// playOrder lists the frames of one round. On the way back of a ping-pong the
// two ends are left out, they are shown already.
func playOrder(n int, mode string) []int {
	var order []int
	for i := range n {
		order = append(order, i)
	}
	if mode == proto.ModePingPong {
		for i := n - 2; i > 0; i-- {
			order = append(order, i)
		}
	}
	return order
}

// changed gives the part of the picture next that is not as before, at least a
// pixel. It shares next's memory.
func changed(before, next *image.Paletted) *image.Paletted {
	w, h := next.Stride, next.Rect.Dy()
	row := func(p *image.Paletted, y int) []byte { return p.Pix[y*w:][:w] }
	top, bottom := 0, h
	for top < h-1 && bytes.Equal(row(before, top), row(next, top)) {
		top++
	}
	for bottom > top+1 && bytes.Equal(row(before, bottom-1), row(next, bottom-1)) {
		bottom--
	}
	left, right := w, 0
	for y := top; y < bottom; y++ {
		a, b := row(before, y), row(next, y)
		for x := 0; x < left; x++ {
			if a[x] != b[x] {
				left = x
			}
		}
		for x := w; x > right; x-- {
			if a[x-1] != b[x-1] {
				right = x
			}
		}
	}
	if left >= right { // nothing has changed
		left, right = 0, 1
	}
	return next.SubImage(image.Rect(left, top, right, bottom)).(*image.Paletted)
}

// lastStays is how many times as long as the others the last frame of a film is shown.
const lastStays = 6

func encodeFilm(t *engine.Task, r *proto.Film) (*proto.FilmOK, [][]byte, error) {
	rgb, pixels := t.Msg.Buf(0), t.Msg.Buf(1)
	n := len(rgb) / 3
	if n < 1 || n > 256 || len(rgb) != 3*n {
		return nil, nil, proto.Errorf(proto.CodeBadLength, "palette", "%d bytes: want 1 to 256 colours of 3", len(rgb))
	}
	size := r.Width * r.Height
	if len(pixels) != r.Count*size {
		return nil, nil, proto.Errorf(proto.CodeBadLength, "frames", "%d bytes: want %d frames of %d", len(pixels), r.Count, size)
	}
	palette := make(color.Palette, n)
	for i := range palette {
		palette[i] = color.RGBA{rgb[3*i], rgb[3*i+1], rgb[3*i+2], 255}
	}
	for i, p := range pixels {
		if int(p) >= n {
			return nil, nil, proto.Errorf(proto.CodeBadValue, "frames", "pixel %d has the colour %d of %d", i, p, n)
		}
	}
	whole := image.Rect(0, 0, r.Width, r.Height)
	animation := &gif.GIF{Config: image.Config{ColorModel: palette, Width: r.Width, Height: r.Height}}
	var before *image.Paletted
	for i := range r.Count {
		full := &image.Paletted{Pix: pixels[i*size:][:size], Stride: r.Width, Rect: whole, Palette: palette}
		picture := full
		if before != nil {
			picture = changed(before, full)
		}
		before = full
		delay := max((r.DelayMS+5)/10, minDelay)
		if i == r.Count-1 {
			delay *= lastStays
		}
		animation.Image = append(animation.Image, picture)
		animation.Delay = append(animation.Delay, delay)
		animation.Disposal = append(animation.Disposal, gif.DisposalNone)
		t.Yield()
	}
	out := &yieldingBuffer{task: t}
	if err := gif.EncodeAll(out, animation); err != nil {
		return nil, nil, err
	}
	return &proto.FilmOK{}, [][]byte{out.Bytes()}, nil
}

func encodeStrip(t *engine.Task, r *proto.Strip) (*proto.StripOK, [][]byte, error) {
	palette, err := ramp(r.Paper, r.Ink, stripShades)
	if err != nil {
		return nil, nil, err
	}
	frames, err := t.Msg.Floats(0, "frames", r.Count*r.Width*r.Height)
	if err != nil {
		return nil, nil, err
	}
	w, h := r.Size()
	picture := image.NewPaletted(image.Rect(0, 0, w, h), palette)
	enlarge := newEnlarger(r.Width, r.Height, r.Scale)
	for i := range r.Count {
		enlarge.draw(picture, image.Pt(i*(r.Width*r.Scale+2*r.Margin+r.Gap)+r.Margin, r.Margin), frames[i*r.Width*r.Height:][:r.Width*r.Height])
		t.Yield()
	}
	out := &yieldingBuffer{task: t}
	if err := png.Encode(out, picture); err != nil {
		return nil, nil, err
	}
	return &proto.StripOK{Width: w, Height: h}, [][]byte{out.Bytes()}, nil
}

// yieldingBuffer collects a file and yields each time a piece of the
// file is written: encoders write a few kilobytes at a time.
type yieldingBuffer struct {
	bytes.Buffer
	task *engine.Task
}

// Write appends p.
func (b *yieldingBuffer) Write(p []byte) (int, error) {
	b.task.Yield()
	return b.Buffer.Write(p)
}
