package control

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"inkdrift/wasm/proto"
	"inkdrift/wasm/scene"
)

// outbox keeps what is sent.
type outbox struct{ sent []proto.Message }

func (o *outbox) Send(m proto.Message) error {
	o.sent = append(o.sent, m)
	return nil
}

// take gives the heads sent since the last time.
func (o *outbox) take(t *testing.T) []map[string]any {
	t.Helper()
	var heads []map[string]any
	for _, m := range o.sent {
		var h map[string]any
		if err := json.Unmarshal([]byte(m.Head), &h); err != nil {
			t.Fatal(err)
		}
		heads = append(heads, h)
	}
	o.sent = nil
	return heads
}

// types gives the types sent since the last time.
func (o *outbox) types(t *testing.T) []string {
	t.Helper()
	var types []string
	for _, h := range o.take(t) {
		types = append(types, h["type"].(string))
	}
	return types
}

type world struct {
	t      *testing.T
	scene  *scene.Scene
	shell  outbox
	engine outbox
	c      *Control
	now    time.Time
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, scene: scene.New(), now: time.Unix(1000, 0)}
	w.c = New(w.scene, &w.shell, "canvas2d")
	if h := w.shell.take(t); len(h) != 1 || h[0]["type"] != "ready" || h[0]["renderer"] != "canvas2d" {
		t.Fatalf("said %v", h)
	}
	w.c.SetEngine(&w.engine, w.now)
	return w
}

func (w *world) says(head string, bufs ...[]byte) {
	w.c.FromShell(proto.Message{Head: head, Bufs: bufs}, w.now)
}

func (w *world) engineSays(head string, bufs ...[]byte) {
	w.c.FromEngine(proto.Message{Head: head, Bufs: bufs}, w.now)
}

// encoded tells what the model makes of a pad: mu of two numbers, or nothing.
func (w *world) encoded(pad string, rev int, mu ...float32) {
	picture := proto.FloatBytes(make([]float32, 784))
	w.engineSays(fmt.Sprintf(`{"type":"pad","pad":%q,"rev":%d,"empty":%v}`, pad, rev, len(mu) == 0), picture, proto.FloatBytes(mu), proto.FloatBytes(mu), picture)
}

// pass lets time pass, and the control ask if it wants.
func (w *world) pass(d time.Duration) {
	w.now = w.now.Add(d)
	w.c.Ask(w.now)
}

// answer answers the only request there is with n frames.
func (w *world) answer(n int) {
	w.t.Helper()
	h := w.engine.take(w.t)
	if len(h) != 1 {
		w.t.Fatalf("asked %v", h)
	}
	w.engineSays(fmt.Sprintf(`{"type":"ok","re":%v,"frames":%d}`, h[0]["id"], n), proto.FloatBytes(make([]float32, n*784)), nil)
}

func TestAsksForThePath(t *testing.T) {
	w := newWorld(t)
	w.encoded("a", 1, 1, 2)
	if _, due := w.c.Due(); due {
		t.Error("asks with one drawing")
	}
	w.encoded("b", 1, 3, 4)
	w.pass(quietTime - 1)
	if len(w.engine.sent) != 0 {
		t.Error("asks at once")
	}
	w.pass(1)
	if len(w.engine.sent) != 1 {
		t.Fatalf("asked %d times", len(w.engine.sent))
	}
	m := w.engine.sent[0]
	if !slices.Equal(m.Bufs[0], proto.FloatBytes([]float32{1, 2})) || !slices.Equal(m.Bufs[1], proto.FloatBytes([]float32{3, 4})) {
		t.Errorf("asked with %v", m.Bufs)
	}
	var req proto.Morph
	if err := m.Fields(&req); err != nil || req.Frames != 48 || req.Path != proto.PathSlerp {
		t.Errorf("asked for %+v, %v", req, err)
	}
	w.encoded("b", 2, 5, 6)
	w.pass(time.Second)
	if len(w.engine.sent) != 1 {
		t.Error("asks again before there is an answer")
	}
	w.answer(48)
	if h := w.shell.take(t); len(h) != 1 || h[0]["type"] != "morph" || h[0]["frames"] != 48.0 || h[0]["path"] != "slerp" || w.scene.Frames() != 48 {
		t.Errorf("said %v, shows %d frames", h, w.scene.Frames())
	}
	w.pass(0)
	if len(w.engine.sent) != 1 {
		t.Error("does not ask for what has changed meanwhile")
	}
	w.answer(48)
	w.pass(time.Second)
	if len(w.engine.sent) != 0 {
		t.Error("asks for what it has")
	}
}

func TestAsksWhileSomebodyDraws(t *testing.T) {
	w := newWorld(t)
	w.encoded("a", 1, 1, 2)
	for i := range 60 {
		w.encoded("b", i, 3, 4)
		w.pass(16 * time.Millisecond)
		if len(w.engine.sent) > 0 {
			w.answer(10)
		}
	}
	if n := len(w.shell.sent); n < 4 || n > 5 {
		t.Errorf("a second of drawing: %d paths", n)
	}
}

func TestPathOfAnotherKind(t *testing.T) {
	w := newWorld(t)
	w.encoded("a", 1, 1, 2)
	w.encoded("b", 1, 3, 4)
	w.pass(quietTime)
	w.says(`{"type":"play","path":"lerp","frames":12}`)
	w.answer(48)
	if h := w.shell.take(t); h[0]["path"] != "slerp" {
		t.Errorf("said %v, but slerp was asked for", h)
	}
	w.pass(quietTime)
	w.answer(12)
	if h := w.shell.take(t); h[0]["path"] != "lerp" || h[0]["frames"] != 12.0 {
		t.Errorf("said %v", h)
	}
}

func TestClearedPad(t *testing.T) {
	w := newWorld(t)
	w.encoded("a", 1, 1, 2)
	w.encoded("b", 1, 3, 4)
	w.pass(quietTime)
	w.answer(48)
	w.encoded("b", 2, 3, 5)
	w.pass(quietTime)
	w.shell.sent = nil
	w.encoded("b", 3)
	if h := w.shell.take(t); len(h) != 1 || h[0]["frames"] != 0.0 || w.scene.Frames() != 0 {
		t.Errorf("said %v, shows %d frames", h, w.scene.Frames())
	}
	w.answer(48)
	if w.scene.Frames() != 0 || len(w.shell.sent) != 0 {
		t.Error("shows a path to nowhere")
	}
	w.encoded("b", 4)
	if len(w.shell.sent) != 0 {
		t.Error("tells twice that there is no path")
	}
	w.encoded("b", 2, 7, 7) // late news of what was there before
	w.pass(time.Second)
	if len(w.engine.sent) != 0 {
		t.Error("believes what is out of date")
	}
}

const modelHead = `{"type":"model","model":{"name":"m","input":[1,%d,%d],"latent":2}}`

func TestAnotherModel(t *testing.T) {
	w := newWorld(t)
	w.encoded("a", 1, 1, 2)
	w.encoded("b", 1, 3, 4)
	w.pass(quietTime)
	w.engineSays(fmt.Sprintf(modelHead, 28, 28))
	w.answer(48)
	if w.scene.Frames() != 0 {
		t.Error("shows the old model's path")
	}
	w.encoded("a", 1, 1, 2, 3)
	w.pass(time.Second)
	if len(w.engine.sent) != 0 {
		t.Error("asks with one drawing of the new model and one of the old")
	}
	w.encoded("b", 1, 4, 5, 6)
	w.pass(time.Second)
	w.answer(10)
	if w.scene.Frames() != 10 {
		t.Errorf("shows %d frames", w.scene.Frames())
	}
	if h := w.shell.types(t); !slices.Equal(h, []string{"morph"}) {
		t.Errorf("said %v", h)
	}
	w.engineSays(fmt.Sprintf(modelHead, 32, 16))
	if w.scene.Frames() != 0 {
		t.Error("shows frames of another size")
	}
}

func TestAnotherEngine(t *testing.T) {
	w := newWorld(t)
	w.encoded("a", 1, 1, 2)
	w.encoded("b", 1, 3, 4)
	w.pass(quietTime)
	old := w.engine.take(t)[0]["id"]
	w.c.SetEngine(&w.engine, w.now)
	w.pass(quietTime)
	w.engineSays(fmt.Sprintf(`{"type":"ok","re":%v,"frames":2}`, old), proto.FloatBytes(make([]float32, 2*784)))
	if w.scene.Frames() != 0 {
		t.Error("takes an answer that it no longer waits for")
	}
	w.answer(5)
	if w.scene.Frames() != 5 {
		t.Errorf("shows %d frames", w.scene.Frames())
	}
}

func TestTellsTheTime(t *testing.T) {
	w := newWorld(t)
	w.encoded("a", 1, 1, 2)
	w.encoded("b", 1, 3, 4)
	w.pass(quietTime)
	w.answer(5)
	w.shell.sent = nil
	w.says(`{"type":"play","playing":true,"t":0.5,"speed":1,"mode":"once","path":"slerp","frames":48}`)
	w.c.Advance(w.now)
	if len(w.shell.sent) != 0 {
		t.Error("says what the shell has just said")
	}
	for range 120 {
		w.now = w.now.Add(time.Second / 60)
		w.c.Advance(w.now)
	}
	ticks := w.shell.take(t)
	if n := len(ticks); n < 30 || n > 50 {
		t.Errorf("1.5 seconds of playing: %d ticks", n)
	}
	last, t0 := ticks[len(ticks)-1], 0.5
	if last["t"] != 1.0 || last["playing"] != false {
		t.Errorf("ends with %v", last)
	}
	for _, tick := range ticks {
		if tick["type"] != "tick" || tick["t"].(float64) < t0 {
			t.Errorf("%v after %v", tick, t0)
		}
		t0 = tick["t"].(float64)
	}
	// A command may leave out what it does not change.
	w.says(`{"type":"play","t":0.25}`)
	if c := w.scene.Clock(); c.T != 0.25 || c.Mode != "once" || c.Playing {
		t.Errorf("plays %+v", c)
	}
}

func TestDraws(t *testing.T) {
	w := newWorld(t)
	w.says(`{"type":"layout","width":100,"height":100,"dpr":1,"slots":{"padA":{"x":0,"y":0,"w":50,"h":50},"samples":{"x":50,"y":0,"w":50,"h":50}}}`)
	w.says(`{"type":"theme","paper":"#ffffff","ink":"#000000","muted":"#888888","line":"#cccccc","accent":"#ff0000","mu":"#ff8800","sigma":"#008888","classes":["#000000","#000000","#000000","#000000","#000000","#000000","#000000","#000000","#000000","#000000"]}`)
	for _, tt := range []struct {
		head string
		bufs [][]byte
	}{
		{`{"type":"pad","pad":"a","bitmap":null}`, [][]byte{proto.EncodeStrokes([]proto.Stroke{{Width: 0.1, Points: []proto.Point{{X: 0.5, Y: 0.5, P: 1}}}}), nil}},
		{`{"type":"pad","pad":"a","bitmap":{"width":2,"height":1}}`, [][]byte{nil, {0, 255}}},
		{`{"type":"samples","n":2}`, [][]byte{proto.FloatBytes(make([]float32, 2*784))}},
	} {
		w.scene.Paint(blind{})
		w.says(tt.head, tt.bufs...)
		if !w.scene.Dirty() {
			t.Errorf("%s changes nothing", tt.head)
		}
	}
	if h := w.shell.take(t); len(h) != 0 {
		t.Errorf("said %v", h)
	}
}

// blind draws nothing.
type blind struct{}

func (blind) Fill(scene.Rect, scene.Color)                       {}
func (blind) Picture(*scene.Picture, scene.Rect)                 {}
func (blind) Shapes([]scene.Capsule, scene.Color)                {}
func (blind) Clip(scene.Rect)                                    {}
func (blind) Ink(scene.Pad, *scene.Ink, scene.Rect, scene.Color) {}

// TestRefuses has every way in which a message can be wrong: each is told once,
// with code and field, and changes nothing.
func TestRefuses(t *testing.T) {
	nan := []byte{0, 0, 0xc0, 0x7f}
	for _, tt := range []struct {
		engine      bool
		head        string
		bufs        [][]byte
		code, field string
	}{
		{false, `{`, nil, "bad-message", "head"},
		{false, `{"x":1}`, nil, "bad-message", "type"},
		{false, `{"type":"dance"}`, nil, "unknown-type", "type"},
		{false, `{"type":"layout","width":"wide"}`, nil, "bad-value", "width"},
		{false, `{"type":"layout","width":0,"height":10,"dpr":1}`, nil, "bad-value", "width"},
		{false, `{"type":"theme","paper":"white"}`, nil, "bad-value", "paper"},
		{false, `{"type":"pad","pad":"c"}`, nil, "bad-value", "pad"},
		{false, `{"type":"pad","pad":"a"}`, [][]byte{{1, 2, 3}}, "bad-length", "strokes"},
		{false, `{"type":"pad","pad":"a"}`, [][]byte{nil, {1}}, "bad-length", "bitmap"},
		{false, `{"type":"play","t":2}`, nil, "bad-value", "t"},
		{false, `{"type":"play","path":"detour"}`, nil, "bad-value", "path"},
		{false, `{"type":"play","frames":100000}`, nil, "bad-value", "frames"},
		{false, `{"type":"samples","n":3}`, [][]byte{make([]byte, 784*4)}, "bad-length", "pixels"},
		{false, `{"type":"samples","n":1}`, [][]byte{nan}, "not-finite", "pixels"},
		{false, `{"type":"samples","n":4611686018427387904}`, [][]byte{nil}, "bad-length", "pixels"},
		{true, `{"type":"pad","pad":"a","rev":1}`, [][]byte{nan}, "not-finite", "pixels"},
		{true, `{"type":"pad","pad":"a","rev":1}`, [][]byte{make([]byte, 8)}, "bad-length", "pixels"},
		{true, `{"type":"pad","pad":"z","rev":1}`, nil, "bad-value", "pad"},
		{true, `{"type":"model","model":{"input":[1,0,28]}}`, nil, "bad-value", "model.input"},
		{true, `{"type":"model","model":{"input":[1,2000000000,2000000000]}}`, nil, "bad-value", "model.input"},
		{true, `{"type":"error","re":1,"error":{"code":"internal","message":"no"}}`, nil, "internal", ""},
		{true, `{"type":"ok","re":1,"frames":3}`, [][]byte{make([]byte, 784*4)}, "bad-length", "frames"},
		{true, `{"type":"ok","re":1,"frames":-3}`, nil, "bad-value", "frames"},
	} {
		w := newWorld(t)
		w.encoded("a", 0, 1)
		w.encoded("b", 0, 1)
		w.pass(quietTime) // request 1
		before := w.scene.Clock()
		if tt.engine {
			w.engineSays(tt.head, tt.bufs...)
		} else {
			w.says(tt.head, tt.bufs...)
		}
		h := w.shell.take(t)
		if len(h) != 1 || h[0]["type"] != "error" {
			t.Errorf("%s: said %v", tt.head, h)
			continue
		}
		e := h[0]["error"].(map[string]any)
		if field, _ := e["field"].(string); e["code"] != tt.code || field != tt.field {
			t.Errorf("%s: %v, want %s %s", tt.head, e, tt.code, tt.field)
		}
		if w.scene.Clock() != before || w.scene.Frames() != 0 {
			t.Errorf("%s: changed something", tt.head)
		}
	}
}

func FuzzMessages(f *testing.F) {
	f.Add(`{"type":"layout","width":100,"height":100,"dpr":1,"slots":{"padA":{"x":0,"y":0,"w":50,"h":50}}}`, []byte(nil), []byte(nil))
	f.Add(`{"type":"pad","pad":"a","bitmap":{"width":1,"height":1}}`, proto.FloatBytes([]float32{1, 0.1, 0, 0, 1}), []byte{7})
	f.Add(`{"type":"play","playing":true,"t":0.5,"speed":1,"mode":"once"}`, []byte(nil), []byte(nil))
	f.Add(`{"type":"samples","n":1}`, make([]byte, 784*4), []byte(nil))
	f.Add(`{"type":"ok","re":1,"frames":1}`, make([]byte, 784*4), []byte(nil))
	f.Add(fmt.Sprintf(modelHead, 3, 2), []byte(nil), []byte(nil))
	f.Fuzz(func(t *testing.T, head string, a, b []byte) {
		w := newWorld(t)
		w.says(`{"type":"layout","width":300,"height":200,"dpr":1,"slots":{"padA":{"x":0,"y":0,"w":50,"h":50},"morph":{"x":50,"y":0,"w":50,"h":50},"strip":{"x":0,"y":50,"w":300,"h":50},"samples":{"x":0,"y":100,"w":300,"h":50}}}`)
		w.says(`{"type":"theme","paper":"#ffffff","ink":"#000000","muted":"#888888","line":"#cccccc","accent":"#ff0000","mu":"#ff8800","sigma":"#008888","classes":["#000000","#000000","#000000","#000000","#000000","#000000","#000000","#000000","#000000","#000000"]}`)
		w.encoded("a", 0, 1)
		w.encoded("b", 0, 1)
		w.pass(time.Second)
		w.says(head, a, b)
		w.engineSays(head, a, b)
		w.pass(time.Second)
		w.c.Advance(w.now)
		if v, _ := w.scene.View(); v.W*v.H > scene.MaxPixels {
			t.Errorf("the canvas is %dx%d", v.W, v.H)
		}
		w.scene.Paint(blind{})
	})
}
