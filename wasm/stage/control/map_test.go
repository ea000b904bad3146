package control

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"inkdrift/wasm/proto"
	"inkdrift/wasm/scene"
)

// withMap is a world whose stage shows a map of two dimensions, three units high.
func withMap(t *testing.T) *world {
	w := newWorld(t)
	w.says(`{"type":"layout","width":400,"height":400,"dpr":1,"slots":{"map":{"x":0,"y":0,"w":400,"h":300}}}`)
	w.says(`{"type":"theme","paper":"#ffffff","ink":"#000000","muted":"#888888","line":"#cccccc","accent":"#ff0000","mu":"#ff8800","sigma":"#008888","classes":["#000000","#000000","#000000","#000000","#000000","#000000","#000000","#000000","#000000","#000000"]}`)
	w.showMap(proto.FloatBytes([]float32{1, 0}), proto.FloatBytes([]float32{0, 1}))
	return w
}

func (w *world) showMap(e1, e2 []byte) {
	w.t.Helper()
	w.says(`{"type":"map","center":{"x":0,"y":0},"span":3,"ground":true}`, make([]byte, len(e1)), e1, e2, nil)
	if h := w.shell.take(w.t); len(h) != 0 {
		w.t.Fatalf("said %v", h)
	}
}

// cells answers the request for tiles, which must be the only one; it reports how many points were asked for, 0 if there
// was no request.
func (w *world) cells(change func(ink []byte) []byte) int {
	w.t.Helper()
	if len(w.engine.sent) == 0 {
		return 0
	}
	m := w.engine.sent[0]
	h, err := m.Parse()
	if err != nil || h.Type != proto.TypeMapCells || len(w.engine.sent) != 1 {
		w.t.Fatalf("asked %v", w.engine.sent)
	}
	w.engine.sent = nil
	n := len(m.Buf(0)) / 8
	w.engineSays(fmt.Sprintf(`{"type":"ok","re":%d,"n":%d}`, h.ID, n), change(make([]byte, 784*n)))
	return n
}

func same(ink []byte) []byte { return ink }

func TestAsksForTiles(t *testing.T) {
	w := withMap(t)
	total := 0
	for {
		w.c.AskCells()
		w.c.AskCells() // one request at a time
		n := w.cells(same)
		if n == 0 {
			break
		}
		if n > proto.MaxCells || n%(scene.TileCells*scene.TileCells) != 0 {
			t.Errorf("%d cells at once", n)
		}
		if total += n; total > 10_000 {
			t.Fatal("it never has enough")
		}
	}
	if total == 0 || len(w.shell.sent) != 0 {
		t.Errorf("asked for %d cells, said %v", total, w.shell.take(t))
	}
}

func TestTilesOfAnotherPlaneAreDropped(t *testing.T) {
	w := withMap(t)
	w.c.AskCells()
	w.showMap(proto.FloatBytes([]float32{0, 1}), proto.FloatBytes([]float32{1, 0}))
	wanted := w.scene.WantedTiles(1000)
	w.cells(same)
	if !slices.Equal(w.scene.WantedTiles(1000), wanted) {
		t.Error("tiles of the plane before are shown")
	}
	// A new engine is asked again, and the answer of the old one does not count.
	w.c.AskCells()
	old := w.engine.sent
	w.engine.sent = nil
	w.c.SetEngine(&w.engine, w.now)
	w.c.AskCells()
	if len(w.engine.sent) != 1 {
		t.Errorf("a new engine is asked %d times", len(w.engine.sent))
	}
	h, _ := old[0].Parse()
	w.engineSays(fmt.Sprintf(`{"type":"ok","re":%d,"n":64}`, h.ID), make([]byte, 64*784))
	if w.c.cells == 0 {
		t.Error("the answer of an engine before is taken for that of the new one")
	}
}

func TestTilesThatFail(t *testing.T) {
	w := withMap(t)
	w.c.AskCells()
	h, _ := w.engine.sent[0].Parse()
	w.engine.sent = nil
	w.engineSays(fmt.Sprintf(`{"type":"error","re":%d,"error":{"code":"not-finite","message":"x"}}`, h.ID))
	if said := w.shell.types(t); !slices.Equal(said, []string{"error"}) {
		t.Errorf("said %v", said)
	}
	if w.c.AskCells(); len(w.engine.sent) != 0 {
		t.Error("asks again for what fails")
	}
	w.showMap(proto.FloatBytes([]float32{0, 1}), proto.FloatBytes([]float32{1, 0}))
	if w.c.AskCells(); len(w.engine.sent) != 1 {
		t.Error("does not ask for another plane")
	}
}

// TestModelChangesWhileTilesAreOnTheirWay: what the new model says of the points of the one before is no fault.
func TestModelChangesWhileTilesAreOnTheirWay(t *testing.T) {
	w := withMap(t)
	w.c.AskCells()
	h, _ := w.engine.sent[0].Parse()
	w.engineSays(`{"type":"model","model":{"name":"m","input":[1,28,28],"latent":7}}`)
	w.engineSays(fmt.Sprintf(`{"type":"error","re":%d,"error":{"code":"bad-length","message":"x"}}`, h.ID))
	if said := w.shell.types(t); len(said) != 0 {
		t.Errorf("said %v", said)
	}
}

// TestDrawnPath plays a path that a person drew until a drawing changes.
func TestDrawnPath(t *testing.T) {
	w := withMap(t)
	path := proto.FloatBytes([]float32{0, 0, 1, 0, 1, 1})
	draw := func() {
		t.Helper()
		w.engine.sent = nil
		w.says(`{"type":"map-path"}`, path)
		if len(w.engine.sent) != 1 || !slices.Equal(w.engine.sent[0].Buf(0), path) {
			t.Fatalf("asked %v", w.engine.sent)
		}
		h, _ := w.engine.sent[0].Parse()
		w.engine.sent = nil
		w.engineSays(fmt.Sprintf(`{"type":"ok","re":%d,"n":3}`, h.ID), proto.FloatBytes(make([]float32, 3*784)))
		if h := w.shell.take(t); len(h) != 1 || h[0]["path"] != proto.PathDrawn || h[0]["frames"] != 3.0 || w.scene.Frames() != 3 {
			t.Fatalf("said %v, shows %d frames", h, w.scene.Frames())
		}
	}
	draw() // nothing is on the pads
	w.says(`{"type":"map-path"}`)
	if h := w.shell.take(t); len(h) != 1 || h[0]["frames"] != 0.0 || w.scene.Frames() != 0 {
		t.Errorf("without drawings: said %v, shows %d frames", h, w.scene.Frames())
	}

	w.encoded("a", 1, 1, 2)
	w.encoded("b", 1, 3, 4)
	w.pass(time.Second)
	w.answer(48)
	w.shell.sent = nil
	draw()
	w.pass(time.Second)
	if len(w.engine.sent) != 0 {
		t.Error("the path between the drawings takes its place by itself")
	}
	w.encoded("b", 2, 5, 6)
	w.pass(time.Second)
	w.answer(48)
	if h := w.shell.take(t); len(h) != 1 || h[0]["path"] != "slerp" {
		t.Errorf("said %v", h)
	}
	draw()
	w.says(`{"type":"map-path"}`)
	w.pass(time.Second)
	w.answer(48)
	if h := w.shell.take(t); len(h) != 1 || h[0]["path"] != "slerp" {
		t.Errorf("said %v", h)
	}
}

func TestMapRefuses(t *testing.T) {
	for _, tt := range []struct {
		head  string
		bufs  [][]byte
		field string
	}{
		{`{"type":"map","span":0}`, [][]byte{make([]byte, 8), make([]byte, 8), make([]byte, 8), nil}, "span"},
		{`{"type":"map","span":1}`, [][]byte{make([]byte, 8), make([]byte, 4), make([]byte, 8), nil}, "plane"},
		{`{"type":"map","span":1}`, [][]byte{{1}}, "origin"},
		{`{"type":"map","span":1,"at":5}`, nil, "at"},
		{`{"type":"map-data"}`, [][]byte{{1}}, "mu"},
		{`{"type":"map-sample"}`, [][]byte{make([]byte, 8)}, "pixels"},
		{`{"type":"map-path"}`, [][]byte{{1}}, "z"},
		{`{"type":"map-draws"}`, [][]byte{{1}}, "z"},
	} {
		w := withMap(t)
		w.says(tt.head, tt.bufs...)
		if h := w.shell.take(t); len(h) != 1 || h[0]["type"] != "error" || h[0]["error"].(map[string]any)["field"] != tt.field {
			t.Errorf("%s: said %v, want an error of %s", tt.head, h, tt.field)
		}
	}
}
