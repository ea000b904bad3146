package main

import (
	"image/color"
	"strconv"
	"syscall/js"

	"github.com/hajimehoshi/ebiten/v2"

	"inkdrift/wasm/scene"
)

// ebitenCanvas shows the scene with Ebitengine.
//
// Ebitengine makes a canvas of its own that fills the body, and gives it as many
// pixels as the body is wide and high in CSS pixels (times a density that it asks
// for only once). So here the body is as large as the canvas is to be in device
// pixels, the canvas is shown at its size in CSS pixels, and the rest of the body
// is cut off. That follows the density wherever the window goes, and lets the
// scene bound the canvas.
type ebitenCanvas struct {
	stage   *stage
	body    js.Value
	element js.Value
	view    scene.View
	painter ebitenPainter
	screen  *ebiten.Image // the one that was last painted on
	wakeUp  js.Value      // web/stage.js lets Ebitengine's next frame come
}

func newEbiten(st *stage) *ebitenCanvas {
	document := js.Global().Get("document")
	c := &ebitenCanvas{
		stage:   st,
		body:    document.Get("body"),
		element: document.Call("querySelector", "canvas"),
		wakeUp:  js.Global().Get("inkdriftWake"),
	}
	document.Get("documentElement").Get("style").Set("overflow", "hidden")
	c.element.Set("tabIndex", -1) // the Tab key must not reach the canvas
	return c
}

func (c *ebitenCanvas) name() string { return "webgl2" }

func (c *ebitenCanvas) run() error {
	ebiten.SetScreenClearedEveryFrame(false)
	ebiten.SetTPS(ebiten.SyncWithFPS)
	ebiten.SetRunnableOnUnfocused(true)
	return ebiten.RunGameWithOptions(c, &ebiten.RunGameOptions{
		DisableHiDPI:      true,
		InitUnfocused:     true,
		ScreenTransparent: true, // the page's background is visible until the first frame
	})
}

func (c *ebitenCanvas) resize(v scene.View) {
	c.view = v
	w, h := v.CSS()
	setSize(c.body.Get("style"), float64(v.W), float64(v.H))
	setSize(c.element.Get("style"), w, h)
	window := js.Global()
	window.Call("dispatchEvent", window.Get("Event").New("resize")) // Ebitengine measures the body
}

func setSize(style js.Value, w, h float64) {
	style.Set("width", strconv.FormatFloat(w, 'f', -1, 64)+"px")
	style.Set("height", strconv.FormatFloat(h, 'f', -1, 64)+"px")
}

func (c *ebitenCanvas) wake() { c.wakeUp.Invoke() }

// Update does nothing: the scene changes with messages and time.
func (c *ebitenCanvas) Update() error { return nil }

// Layout gives the canvas the size of the window around it; see LayoutF.
func (c *ebitenCanvas) Layout(w, h int) (int, int) { return w, h }

// LayoutF gives the size of the body in CSS pixels, which is that of the canvas
// in its own pixels.
func (c *ebitenCanvas) LayoutF(w, h float64) (float64, float64) { return w, h }

// Draw paints what has changed. Between the calls Ebitengine keeps the screen.
func (c *ebitenCanvas) Draw(screen *ebiten.Image) {
	b := screen.Bounds()
	if b.Dx() != c.view.W || b.Dy() != c.view.H {
		return // before the first layout
	}
	if screen != c.screen {
		c.screen = screen
		c.stage.lost()
	}
	c.painter.screen = screen
	if c.stage.frame(&c.painter) {
		c.wake() // WebKitGTK may show each frame when the next one comes: the last one needs another behind it
	}
}

func rgba(c scene.Color) color.RGBA { return color.RGBA{c.R, c.G, c.B, 255} }
