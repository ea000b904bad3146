package studio

import (
	"strings"
	"testing"

	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/proto"
)

func TestMessagesThatAreNone(t *testing.T) {
	r := newFixture(t)
	for _, tt := range []struct {
		head string
		id   int64
		code proto.Code // of the answer; "": logged
	}{
		{``, 0, ""},
		{`{"type":`, 0, ""},
		{`{"type":"nonsense"}`, 0, ""},
		{`{"type":"ok","re":3}`, 0, ""},
		{`{"type":"error","error":{"code":"internal","message":"x"}}`, 0, ""},
		{`{"type":"encode"}`, 0, ""}, // without a model; nobody waits for the answer
		{`{"id":51}`, 51, proto.CodeBadMessage},
		{`{"id":52,"type":"nonsense"}`, 52, proto.CodeUnknownType},
		{`{"id":53,"type":"pad"}`, 53, proto.CodeUnknownType},
		{`{"id":54,"type":"morph","frames":"x"}`, 54, proto.CodeBadValue},
		{`{"id":55,"type":"port"}`, 55, proto.CodeBadMessage},
		{`{"id":56,"type":"pad.set","pad":7}`, 56, proto.CodeBadValue},
	} {
		r.Logs = nil
		r.Post(r.Client, proto.Message{Head: tt.head}, nil)
		r.Run()
		if tt.code == "" {
			if len(r.Logs) != 1 {
				t.Errorf("%s: logged %q", tt.head, r.Logs)
			}
			continue
		}
		if a := r.Answers[tt.id]; a.Head.Error == nil || a.Head.Error.Code != tt.code {
			t.Errorf("%s: answered %q", tt.head, a.Message.Head)
		}
	}
	if a := r.Ask(proto.Hello{}); a.Type != proto.TypeOK {
		t.Error("the engine answers no more")
	}
}

func TestWithoutModel(t *testing.T) {
	r := newFixture(t)
	z := proto.FloatBytes(make([]float32, 3))
	for _, b := range []proto.Body{proto.Encode{}, proto.Decode{}, proto.Morph{Frames: 2, Path: "lerp"}, proto.Sample{N: 1}} {
		if a := r.Ask(b, z, z); a.Head.Error == nil || a.Head.Error.Code != proto.CodeNoModel {
			t.Errorf("%T: %s", b, a.Message.Head)
		}
	}
}

func TestRefusals(t *testing.T) {
	r := newFixture(t)
	r.load()
	pixels, z := enginetest.Filled(784, 0.5), enginetest.Filled(3, 1)
	bytesOf := proto.FloatBytes
	with := func(v []float32, i int, x float32) []byte {
		w := append([]float32(nil), v...)
		w[i] = x
		return bytesOf(w)
	}
	frame := enginetest.Filled(784, 0)
	gif := proto.GIF{Width: 28, Height: 28, Count: 1, Scale: 1, Mode: "loop", Ink: "#000000", Paper: "#ffffff"}
	strip := proto.Strip{Width: 28, Height: 28, Count: 1, Scale: 1, Ink: "#000000", Paper: "#ffffff"}
	gifWith := func(f func(*proto.GIF)) proto.GIF { g := gif; f(&g); return g }
	for _, tt := range []struct {
		b     proto.Body
		bufs  [][]byte
		code  proto.Code
		field string
	}{
		{proto.Encode{}, nil, proto.CodeBadLength, "pixels"},
		{proto.Encode{}, [][]byte{bytesOf(pixels[1:])}, proto.CodeBadLength, "pixels"},
		{proto.Encode{}, [][]byte{with(pixels, 9, enginetest.NaN)}, proto.CodeNotFinite, "pixels"},
		{proto.Encode{}, [][]byte{with(pixels, 9, 255)}, proto.CodeBadValue, "pixels"},
		{proto.Encode{}, [][]byte{with(pixels, 9, -1)}, proto.CodeBadValue, "pixels"},
		{proto.Decode{}, nil, proto.CodeBadLength, "z"},
		{proto.Decode{}, [][]byte{bytesOf(enginetest.Filled(4, 0))}, proto.CodeBadLength, "z"},
		{proto.Decode{}, [][]byte{make([]byte, 13)}, proto.CodeBadLength, "z"},
		{proto.Decode{}, [][]byte{make([]byte, 12*(proto.MaxSamples+1))}, proto.CodeBadValue, "z"},
		{proto.Decode{}, [][]byte{with(z, 2, enginetest.NaN)}, proto.CodeNotFinite, "z"},
		{proto.Decode{}, [][]byte{with(z, 0, 3e38)}, proto.CodeNotFinite, "z"},
		{proto.Morph{Frames: 1, Path: "lerp"}, [][]byte{bytesOf(z), bytesOf(z)}, proto.CodeBadValue, "frames"},
		{proto.Morph{Frames: 513, Path: "lerp"}, [][]byte{bytesOf(z), bytesOf(z)}, proto.CodeBadValue, "frames"},
		{proto.Morph{Frames: 2, Path: "crooked"}, [][]byte{bytesOf(z), bytesOf(z)}, proto.CodeBadValue, "path"},
		{proto.Morph{Frames: 2, Path: "lerp"}, [][]byte{bytesOf(z[1:]), bytesOf(z)}, proto.CodeBadLength, "zA"},
		{proto.Morph{Frames: 2, Path: "lerp"}, [][]byte{bytesOf(z)}, proto.CodeBadLength, "zB"},
		{proto.Morph{Frames: 2, Path: "slerp"}, [][]byte{bytesOf(z), with(z, 1, enginetest.NaN)}, proto.CodeNotFinite, "zB"},
		{proto.Sample{N: 0}, nil, proto.CodeBadValue, "n"},
		{proto.Sample{N: 1025}, nil, proto.CodeBadValue, "n"},
		{proto.Sample{N: 1, Seed: -1}, nil, proto.CodeBadValue, "seed"},
		{proto.Example{Digit: 10}, nil, proto.CodeBadValue, "digit"},
		{proto.Picture{}, nil, proto.CodeBadPicture, "file"},
		{proto.Picture{}, [][]byte{[]byte("no picture")}, proto.CodeBadPicture, "file"},
		{gif, nil, proto.CodeBadLength, "frames"},
		{gif, [][]byte{with(frame, 5, enginetest.NaN)}, proto.CodeNotFinite, "frames"},
		{gifWith(func(g *proto.GIF) { g.Ink = "black" }), [][]byte{bytesOf(frame)}, proto.CodeBadValue, "ink"},
		{gifWith(func(g *proto.GIF) { g.Paper = "#12345g" }), [][]byte{bytesOf(frame)}, proto.CodeBadValue, "paper"},
		{gifWith(func(g *proto.GIF) { g.Count = 1 << 40 }), [][]byte{bytesOf(frame)}, proto.CodeBadValue, "count"},
		{gifWith(func(g *proto.GIF) { g.Mode = "" }), [][]byte{bytesOf(frame)}, proto.CodeBadValue, "mode"},
		{strip, nil, proto.CodeBadLength, "frames"},
		{proto.ModelLoad{Name: "x"}, nil, proto.CodeBadModel, "file"},
		{proto.ModelLoad{Name: "x"}, [][]byte{[]byte("torn")}, proto.CodeBadModel, "file"},
		{proto.ModelLoad{Name: strings.Repeat("x", 300)}, [][]byte{{1}}, proto.CodeBadValue, "name"},
		{proto.PadSet{Pad: "c"}, nil, proto.CodeBadValue, "pad"},
		{proto.PadSet{Pad: "a"}, [][]byte{{1, 2, 3}}, proto.CodeBadLength, "strokes"},
		{proto.PadSet{Pad: "a"}, [][]byte{nil, {1}}, proto.CodeBadLength, "bitmap"},
		{proto.PadSet{Pad: "a", Bitmap: &proto.Bitmap{Width: 2, Height: 2}}, nil, proto.CodeBadLength, "bitmap"},
	} {
		a := r.Ask(tt.b, tt.bufs...)
		if e := a.Head.Error; e == nil || e.Code != tt.code || e.Field != tt.field {
			t.Errorf("%+v: %s, want %s of %s", tt.b, a.Message.Head, tt.code, tt.field)
		}
	}
	if a := r.Ask(proto.Encode{}, bytesOf(pixels)); a.Type != proto.TypeOK {
		t.Errorf("after all that: %s", a.Message.Head)
	}
}

func TestPanic(t *testing.T) {
	r := newFixture(t)
	r.load()
	pixels := proto.FloatBytes(enginetest.Filled(784, 0.5))
	r.fake.panics = true
	if a := r.Ask(proto.Encode{}, pixels); a.Head.Error == nil || a.Head.Error.Code != proto.CodeInternal {
		t.Errorf("answered %s", a.Message.Head)
	}
	if a := r.Ask(proto.PadSet{Pad: "a", Rev: 1}, line(0.1)); a.Head.Error == nil || a.Head.Error.Code != proto.CodeInternal {
		t.Errorf("pad.set answered %s", a.Message.Head)
	}
	r.fake.panics = false
	if a := r.Ask(proto.Encode{}, pixels); a.Type != proto.TypeOK {
		t.Errorf("afterwards: %s", a.Message.Head)
	}
	if a := r.Ask(proto.PadSet{Pad: "a", Rev: 2}, line(0.1)); a.Type != proto.TypeOK {
		t.Errorf("afterwards pad.set: %s", a.Message.Head)
	}
}

func TestClients(t *testing.T) {
	r := newFixture(t)
	r.load()
	r.Ask(proto.PadSet{Pad: "b", Rev: 3}, line(0.1))

	second := enginetest.NewClient(t)
	m, _ := proto.Request(90, proto.Port{})
	r.Post(r.Client, m, second)
	r.Run()
	if r.Answers[90].Type != proto.TypeOK {
		t.Fatalf("port: %s", r.Answers[90].Message.Head)
	}
	if len(second.Order) != 2 || second.Order[0] != proto.TypeModel || second.Order[1] != proto.TypePad {
		t.Errorf("the new client was told %v", second.Order)
	}
	// It asks for itself, with an id that another client uses too.
	m, _ = proto.Request(1, proto.Hello{})
	r.Post(second, m, nil)
	r.Ask(proto.PadSet{Pad: "a", Rev: 1}, line(0.1))
	if len(second.Answers) != 1 || second.Answers[1].Type != proto.TypeOK {
		t.Errorf("the new client was answered %v", second.Answers)
	}
	if len(second.Events) != 3 {
		t.Errorf("the new client was told %v", second.Order)
	}
	r.Detach(second)
	r.Ask(proto.PadSet{Pad: "a", Rev: 2}, line(0.1))
	if len(second.Events) != 3 {
		t.Error("a client that has gone was told more")
	}
}

func TestLoad(t *testing.T) {
	r := newFixture(t)
	var ok proto.ModelLoadOK
	r.OK(&ok, proto.ModelLoad{Name: "first"}, []byte("model"))
	if ok.Model.Name != "first" || ok.Model.Latent != 3 || ok.Model.Classes != 10 {
		t.Errorf("%+v", ok.Model)
	}
	if len(r.Events) != 1 || r.Events[0].Type != proto.TypeModel {
		t.Fatalf("events %v", r.Order)
	}

	// What cannot be used leaves the model where it is.
	r.Ask(proto.ModelLoad{Name: "second"}, []byte("torn"))
	good := r.fake
	r.fake = &fake{broken: enginetest.NaN}
	if a := r.Ask(proto.ModelLoad{Name: "third"}, []byte("model")); a.Head.Error == nil || a.Head.Error.Code != proto.CodeBadModel {
		t.Errorf("a model that gives NaN: %s", a.Message.Head)
	}
	r.fake = &fake{panics: true}
	if a := r.Ask(proto.ModelLoad{Name: "fourth"}, []byte("model")); a.Head.Error == nil {
		t.Errorf("a model that panics: %s", a.Message.Head)
	}
	if len(r.Events) != 1 || r.studio.model.info.Name != "first" {
		t.Errorf("model %q, events %v", r.studio.model.info.Name, r.Order)
	}
	before := good.encodes
	r.Ask(proto.Encode{}, proto.FloatBytes(enginetest.Filled(784, 0.1)))
	if good.encodes != before+1 {
		t.Error("the first model is not in use any more")
	}
}

// FuzzPost: nothing that is posted brings the engine down, and every request is
// answered once (the client checks "once").
func FuzzPost(f *testing.F) {
	f.Add(`{"type":"pad.set","id":7,"pad":"a","rev":1}`, line(0.1), []byte{})
	f.Add(`{"type":"pad.set","id":7,"pad":"b","rev":9007199254740993,"bitmap":{"width":1,"height":1}}`, []byte{}, []byte{255})
	f.Add(`{"type":"morph","id":7,"frames":3,"path":"slerp"}`, make([]byte, 12), make([]byte, 12))
	f.Add(`{"type":"gif","id":7,"width":1,"height":1,"count":3,"scale":3,"mode":"pingpong","ink":"#000000","paper":"#ffffff"}`, make([]byte, 12), []byte{})
	f.Add(`{"type":"strip","id":7,"width":1,"height":1,"count":3,"scale":3,"ink":"#000000","paper":"#ffffff"}`, make([]byte, 12), []byte{})
	f.Add(`{"type":"sample","id":7,"n":2}`, []byte{}, []byte{})
	f.Add(`{"type":"model.load","id":7,"name":"x"}`, []byte("torn"), []byte{})
	f.Add(`{"type":"hand.load","id":7,"name":"x"}`, []byte("torn"), []byte{})
	f.Add(`{"type":"hand","id":7,"pad":"a","label":3}`, make([]byte, 12), []byte{})
	f.Add(`{"type":"hand","id":7}`, []byte{}, make([]byte, 4*784))
	f.Fuzz(func(t *testing.T, head string, a, b []byte) {
		r, _ := handFixture(t)
		r.load()
		r.loadHand()
		stranger := enginetest.NewClient(t) // with ids of its own
		m := proto.Message{Head: head, Bufs: [][]byte{a, b}}
		h, _ := m.Parse()
		r.Post(stranger, m, nil)
		r.Run()
		if want := h.ID > 0 && h.Re == 0 && h.Type != proto.TypeError; len(stranger.Answers) != 1 && want {
			t.Errorf("%q was not answered", head)
		}
		if a := r.Ask(proto.Hello{}); a.Type != proto.TypeOK {
			t.Error("the engine answers no more")
		}
	})
}
