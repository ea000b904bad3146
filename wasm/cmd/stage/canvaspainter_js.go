package main

import (
	"syscall/js"

	"inkdrift/wasm/scene"
)

// canvasPainter implements scene.Painter.
type canvasPainter struct {
	document js.Value
	context  js.Value
	pictures map[int]*bitmap // by ID of the picture
	inks     [2]canvasInk    // by pad
	clipped  bool
}

// bitmap is a picture on a canvas of its own.
type bitmap struct {
	element js.Value
	context js.Value
	rev     int
}

// forget drops the canvases of pictures and ink.
func (p *canvasPainter) forget() {
	p.pictures = nil
	p.inks = [2]canvasInk{}
	p.clipped = false
}

// Fill implements scene.Painter.
func (p *canvasPainter) Fill(at scene.Rect, c scene.Color) {
	p.context.Set("fillStyle", css(c))
	p.context.Call("fillRect", at.X, at.Y, at.W, at.H)
}

// Picture implements scene.Painter.
func (p *canvasPainter) Picture(pic *scene.Picture, at scene.Rect) {
	b := p.pictures[pic.ID]
	if b == nil {
		if p.pictures == nil {
			p.pictures = make(map[int]*bitmap)
		}
		b = &bitmap{element: newElement(p.document), rev: pic.Rev - 1}
		b.context = b.element.Call("getContext", "2d")
		p.pictures[pic.ID] = b
	}
	if b.rev != pic.Rev {
		b.rev = pic.Rev
		setPixels(b.element, pic.W, pic.H)
		bytes := js.Global().Get("Uint8ClampedArray").New(len(pic.Pix))
		js.CopyBytesToJS(bytes, pic.Pix)
		b.context.Call("putImageData", js.Global().Get("ImageData").New(bytes, pic.W, pic.H), 0, 0)
	}
	p.context.Call("drawImage", b.element, at.X, at.Y, at.W, at.H)
}

// Shapes implements scene.Painter.
func (p *canvasPainter) Shapes(shapes []scene.Capsule, c scene.Color) {
	p.context.Set("fillStyle", css(c))
	p.context.Call("fill", path(shapes, 0, 0, 1))
}

// Clip implements scene.Painter.
func (p *canvasPainter) Clip(at scene.Rect) {
	if p.clipped {
		p.context.Call("restore")
	}
	if p.clipped = !at.Empty(); p.clipped {
		p.context.Call("save")
		p.context.Call("beginPath")
		p.context.Call("rect", at.X, at.Y, at.W, at.H)
		p.context.Call("clip")
	}
}

// setPixels sets a canvas's size, which empties it, where it has another.
func setPixels(element js.Value, w, h int) (changed bool) {
	if element.Get("width").Int() == w && element.Get("height").Int() == h {
		return false
	}
	element.Set("width", w)
	element.Set("height", h)
	return true
}

// canvasInk is the settled ink of one pad on a canvas of its own.
type canvasInk struct {
	element js.Value
	context js.Value
	color   scene.Color
	epoch   int
	done    int // capsules
}

// Ink implements scene.Painter. All capsules that are painted at once are one
// path, so that their smooth edges do not add up where they overlap.
func (p *canvasPainter) Ink(pad scene.Pad, ink *scene.Ink, at scene.Rect, c scene.Color) {
	if at.Empty() || len(ink.Capsules) == 0 {
		return
	}
	k := &p.inks[pad]
	if k.element.IsUndefined() {
		k.element = newElement(p.document)
		k.context = k.element.Call("getContext", "2d")
	}
	if setPixels(k.element, at.W, at.H) || k.epoch != ink.Epoch || k.color != c {
		k.context.Call("clearRect", 0, 0, at.W, at.H)
		k.epoch, k.color, k.done = ink.Epoch, c, 0
	}
	if ink.Settled > k.done {
		k.context.Set("fillStyle", css(c))
		k.context.Call("fill", path(ink.Capsules[k.done:ink.Settled], 0, 0, float64(at.W)))
		k.done = ink.Settled
	}
	if k.done > 0 {
		p.context.Call("drawImage", k.element, at.X, at.Y)
	}
	if live := ink.Capsules[ink.Settled:]; len(live) > 0 {
		p.context.Call("save")
		p.context.Call("beginPath")
		p.context.Call("rect", at.X, at.Y, at.W, at.H)
		p.context.Call("clip")
		p.context.Set("fillStyle", css(c))
		p.context.Call("fill", path(live, float64(at.X), float64(at.Y), float64(at.W)))
		p.context.Call("restore")
	}
}

// path makes a Path2D of capsules. A path in the language of SVG is one call to
// JavaScript, where drawing commands are several for each capsule.
func path(capsules []scene.Capsule, x, y, side float64) js.Value {
	b := make([]byte, 0, 96*len(capsules))
	for _, c := range capsules {
		b = c.AppendOutline(b, x, y, side)
	}
	return js.Global().Get("Path2D").New(string(b))
}
