// Command stage draws the pictures of the page: it runs in an iframe that lies
// under the page's own elements and takes no input of its own.
//
// The iframe's script (web/stage.js) fetches and starts it. It sends the window
// above the event stage-hello, gets stage-port with a MessagePort as the
// answer, and uses that port from then on; see package proto for the messages.
//
// It draws with Ebitengine, on WebGL 2; where that is not available, or the
// address has renderer=canvas2d, on a 2D canvas. What is drawn is the same:
// package scene decides.
package main

import (
	"fmt"
	"sync"
	"syscall/js"
	"time"

	"inkdrift/wasm/port"
	"inkdrift/wasm/proto"
	"inkdrift/wasm/scene"
	"inkdrift/wasm/stage/control"
)

// Types of the first messages between the stage's window and the one above.
const (
	typeHello = "stage-hello"
	typePort  = "stage-port"
	typeError = "stage-error"
)

// canvas is a way to get the scene on the screen.
type canvas interface {
	name() string
	// resize gives the canvas the view's size.
	resize(v scene.View)
	// wake makes it call stage.frame soon, at the browser's next frame.
	wake()
	// run shows frames until there is an error.
	run() error
}

// stage is the program. The lock is for the two that use it: the goroutine that
// takes messages, and the canvas when it draws a frame.
type stage struct {
	canvas canvas
	inbox  *port.Inbox
	parent *port.Port
	shell  *port.Port
	engine *port.Port

	mu      sync.Mutex
	scene   *scene.Scene
	control *control.Control // nil until the shell has sent its port
	view    scene.View       // of the canvas
	paper   string           // the document's background
	timer   *time.Timer      // until the control has something to ask
}

func main() {
	st := &stage{inbox: port.NewInbox(), parent: port.Parent(), scene: scene.New()}
	st.canvas = newCanvas(st)
	go st.listen()
	if err := st.canvas.run(); err != nil {
		_ = st.parent.Send(proto.Failed(typeError, err))
	}
}

// newCanvas chooses the renderer.
func newCanvas(st *stage) canvas {
	query := js.Global().Get("URLSearchParams").New(js.Global().Get("location").Get("search"))
	if query.Call("get", "renderer").Equal(js.ValueOf(canvas2DName)) {
		return newCanvas2D(st)
	}
	side, ok := webGL2()
	if !ok {
		return newCanvas2D(st)
	}
	st.scene.MaxSide = side
	return newEbiten(st)
}

// webGL2 reports whether there is WebGL 2, and the largest side of a texture.
func webGL2() (side int, ok bool) {
	gl := js.Global().Get("document").Call("createElement", "canvas").Call("getContext", "webgl2")
	if !gl.Truthy() {
		return 0, false
	}
	side = gl.Call("getParameter", gl.Get("MAX_TEXTURE_SIZE")).Int()
	if lose := gl.Call("getExtension", "WEBGL_lose_context"); lose.Truthy() {
		lose.Call("loseContext") // browsers allow few contexts
	}
	return side - 64, side > 64 // Ebitengine pads its images
}

// listen says hello to the window above and then handles messages without end.
func (st *stage) listen() {
	st.inbox.Listen(st.parent)
	if err := st.parent.Send(proto.Message{Head: fmt.Sprintf(`{"type":%q}`, typeHello)}); err != nil {
		js.Global().Get("console").Call("error", "inkdrift: "+err.Error())
	}
	for {
		st.take(st.inbox.Next())
		st.settle()
	}
}

// take takes one message.
func (st *stage) take(d port.Delivery) {
	st.mu.Lock()
	defer st.mu.Unlock()
	now := time.Now()
	switch {
	case d.From == st.parent:
		if h, err := d.Message.Parse(); err == nil && h.Type == typePort && d.Port != nil {
			st.meetShell(d.Port)
		}
	case d.From == st.shell && !d.Closed:
		if h, err := d.Message.Parse(); err == nil && h.Type == proto.TypeEngine && d.Port != nil {
			st.meetEngine(d.Port, now)
			return
		}
		st.control.FromShell(d.Message, now)
	case d.From == st.engine && !d.Closed:
		st.control.FromEngine(d.Message, now)
	}
}

func (st *stage) meetShell(p *port.Port) {
	if st.shell != nil {
		st.shell.Close()
	}
	st.shell = p
	st.inbox.Listen(p)
	st.control = control.New(st.scene, p, st.canvas.name())
}

func (st *stage) meetEngine(p *port.Port, now time.Time) {
	if st.engine != nil {
		st.engine.Close()
	}
	st.engine = p
	st.inbox.Listen(p)
	st.control.SetEngine(p, now)
}

// settle applies what a message, or time, has changed.
func (st *stage) settle() {
	st.mu.Lock()
	view, placed := st.scene.View()
	resized := placed && view != st.view
	st.view = view
	if theme, ok := st.scene.Theme(); ok && st.paper != css(theme.Paper) {
		// The background is seen beside the canvas while the window is resized.
		st.paper = css(theme.Paper)
		js.Global().Get("document").Get("documentElement").Get("style").Set("backgroundColor", st.paper)
	}
	draw := st.scene.Dirty() || st.scene.Animating()
	if st.control != nil {
		now := time.Now()
		st.control.Ask(now)
		st.control.AskCells()
		if at, ok := st.control.Due(); ok {
			st.schedule(at.Sub(now))
		}
	}
	st.mu.Unlock()
	if resized {
		st.canvas.resize(view)
	}
	if draw {
		st.canvas.wake()
	}
}

func (st *stage) schedule(in time.Duration) {
	if st.timer == nil {
		st.timer = time.AfterFunc(in, st.settle)
		return
	}
	st.timer.Reset(in)
}

// frame paints what has changed by now, and says whether anything had. The canvas calls it.
func (st *stage) frame(p scene.Painter) (painted bool) {
	st.mu.Lock()
	if st.control != nil {
		st.control.Advance(time.Now())
	}
	painted = st.scene.Paint(p)
	if painted && st.control != nil {
		st.control.Painted()
	}
	again := st.scene.Animating()
	st.mu.Unlock()
	if again {
		st.canvas.wake()
	}
	return painted
}

// lost is called when the canvas is empty again.
func (st *stage) lost() {
	st.mu.Lock()
	st.scene.Invalidate()
	st.mu.Unlock()
}
