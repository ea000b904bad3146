package main

import (
	"math"
	"strconv"
	"syscall/js"

	"inkdrift/wasm/scene"
)

// canvasPainter implements scene.Painter.
type canvasPainter struct {
	document js.Value
	context  js.Value
	pictures map[int]*bitmap // by ID of the picture
	inks     [2]canvasInk    // by pad
}

// bitmap is a picture on a canvas of its own.
type bitmap struct {
	element js.Value
	context js.Value
	rev     int
}

// forget drops what was kept on other canvases.
func (p *canvasPainter) forget() {
	p.pictures = nil
	p.inks = [2]canvasInk{}
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
		b = appendCapsule(b, c, x, y, side)
	}
	return js.Global().Get("Path2D").New(string(b))
}

// appendCapsule appends the outline, clockwise: along the tangent from the first
// disc to the second, around that, back along the other tangent and around the
// first.
func appendCapsule(b []byte, c scene.Capsule, x, y, side float64) []byte {
	x0, y0, r0 := x+float64(c.X0)*side, y+float64(c.Y0)*side, float64(c.R0)*side
	x1, y1, r1 := x+float64(c.X1)*side, y+float64(c.Y1)*side, float64(c.R1)*side
	dx, dy := x1-x0, y1-y0
	length := math.Hypot(dx, dy)
	if length <= math.Abs(r0-r1) { // one disc lies within the other
		if r1 > r0 {
			x0, y0, r0 = x1, y1, r1
		}
		b = appendTo(b, 'M', x0-r0, y0)
		b = appendArc(b, r0, x0+r0, y0, false)
		return append(appendArc(b, r0, x0-r0, y0, false), 'Z')
	}
	ux, uy := dx/length, dy/length
	along := (r0 - r1) / length
	across := math.Sqrt(1 - along*along)
	// The normals of the tangents on either side.
	ax, ay := along*ux+across*uy, along*uy-across*ux
	bx, by := along*ux-across*uy, along*uy+across*ux
	b = appendTo(b, 'M', x0+r0*ax, y0+r0*ay)
	b = appendTo(b, 'L', x1+r1*ax, y1+r1*ay)
	b = appendArc(b, r1, x1+r1*bx, y1+r1*by, r1 > r0)
	b = appendTo(b, 'L', x0+r0*bx, y0+r0*by)
	return append(appendArc(b, r0, x0+r0*ax, y0+r0*ay, r0 > r1), 'Z')
}

func appendTo(b []byte, command byte, x, y float64) []byte {
	b = append(b, command)
	b = strconv.AppendFloat(b, x, 'f', 2, 64)
	b = append(b, ' ')
	return strconv.AppendFloat(b, y, 'f', 2, 64)
}

// appendArc appends a clockwise arc of a circle, the longer of two if large.
func appendArc(b []byte, r, x, y float64, large bool) []byte {
	b = append(b, 'A')
	b = strconv.AppendFloat(b, r, 'f', 2, 64)
	b = append(b, ' ')
	b = strconv.AppendFloat(b, r, 'f', 2, 64)
	if large {
		b = append(b, " 0 1 1 "...)
	} else {
		b = append(b, " 0 0 1 "...)
	}
	b = strconv.AppendFloat(b, x, 'f', 2, 64)
	b = append(b, ' ')
	return strconv.AppendFloat(b, y, 'f', 2, 64)
}
