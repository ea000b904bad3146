package main

import (
	"strconv"
	"syscall/js"

	"inkdrift/wasm/scene"
)

// canvas2DName is the renderer's name, in messages and in the address.
const canvas2DName = "canvas2d"

// canvas2D shows the scene on a 2D canvas.
type canvas2D struct {
	stage   *stage
	element js.Value
	painter canvasPainter
	onFrame js.Func
	waiting bool // for a frame
}

func newCanvas2D(st *stage) *canvas2D {
	document := js.Global().Get("document")
	c := &canvas2D{stage: st, element: newElement(document)}
	body := document.Get("body")
	// Importing Ebitengine has put its canvas there and painted the body black.
	if theirs := document.Call("querySelector", "canvas"); theirs.Truthy() {
		theirs.Call("remove")
	}
	body.Get("style").Set("backgroundColor", "transparent")
	document.Get("documentElement").Get("style").Set("overflow", "hidden")
	c.element.Get("style").Set("display", "block")
	body.Call("appendChild", c.element)
	c.painter = canvasPainter{document: document, context: c.element.Call("getContext", "2d")}
	c.onFrame = js.FuncOf(func(js.Value, []js.Value) any {
		c.waiting = false
		go st.frame(&c.painter) // it may have to wait for the lock, and a callback may not
		return nil
	})
	restored := js.FuncOf(func(js.Value, []js.Value) any {
		go func() {
			c.painter.forget()
			st.lost()
			c.wake()
		}()
		return nil
	})
	c.element.Call("addEventListener", "contextrestored", restored)
	return c
}

func newElement(document js.Value) js.Value { return document.Call("createElement", "canvas") }

func (c *canvas2D) name() string { return canvas2DName }

func (c *canvas2D) run() error { select {} }

func (c *canvas2D) resize(v scene.View) {
	c.element.Set("width", v.W)
	c.element.Set("height", v.H)
	w, h := v.CSS()
	setSize(c.element.Get("style"), w, h)
}

func (c *canvas2D) wake() {
	if c.waiting {
		return
	}
	c.waiting = true
	js.Global().Call("requestAnimationFrame", c.onFrame)
	js.Global().Call("inkdriftWake")
}

// css gives a colour as style sheets have it.
func css(c scene.Color) string {
	return "#" + strconv.FormatUint(1<<24|uint64(c.R)<<16|uint64(c.G)<<8|uint64(c.B), 16)[1:]
}
