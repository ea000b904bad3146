package proto

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestRequestRoundTrip(t *testing.T) {
	want := Morph{Frames: 48, Path: PathSlerp}
	m, err := Request(7, want, []byte{1}, []byte{2, 3})
	if err != nil {
		t.Fatal(err)
	}
	if m.Head != `{"type":"morph","id":7,"frames":48,"path":"slerp"}` {
		t.Errorf("head is %s", m.Head)
	}
	h, err := m.Parse()
	if err != nil || h.Type != TypeMorph || h.ID != 7 || h.Re != 0 {
		t.Errorf("Parse: %+v, %v", h, err)
	}
	var got Morph
	if err := m.Fields(&got); err != nil || got != want {
		t.Errorf("Fields: %+v, %v", got, err)
	}
	if len(m.Buf(1)) != 2 || m.Buf(2) != nil || m.Buf(-1) != nil {
		t.Error("Buf is wrong")
	}
}

func TestRequestWithoutFields(t *testing.T) {
	m, err := Request(1, Hello{})
	if err != nil || m.Head != `{"type":"hello","id":1}` {
		t.Errorf("%q, %v", m.Head, err)
	}
	if _, err := Request(0, Hello{}); err == nil {
		t.Error("id 0 was taken")
	}
}

func TestAnswers(t *testing.T) {
	m := OK(3, PictureOK{Width: 5, Height: 6})
	if m.Head != `{"type":"ok","re":3,"width":5,"height":6,"ready":false}` {
		t.Errorf("OK: %s", m.Head)
	}
	if m = OK(3, nil, []byte{1}); m.Head != `{"type":"ok","re":3}` || len(m.Bufs) != 1 {
		t.Errorf("OK without fields: %+v", m)
	}
	m = Fail(4, Errorf(CodeBadValue, "n", "%d is odd", 3))
	if h, err := m.Parse(); err != nil || h.Re != 4 || !reflect.DeepEqual(*h.Error, Error{Code: CodeBadValue, Message: "3 is odd", Field: "n"}) {
		t.Errorf("Fail: %s, %v", m.Head, err)
	}
	m = Fail(4, errors.New("oh"))
	if h, _ := m.Parse(); h.Error.Code != CodeInternal {
		t.Errorf("Fail of a foreign error: %s", m.Head)
	}
	// What JSON cannot carry becomes an answer too.
	m = OK(5, EncodeOK{Probs: []float32{float32(math.NaN())}})
	if h, err := m.Parse(); err != nil || h.Type != TypeError || h.Re != 5 {
		t.Errorf("OK with NaN: %s, %v", m.Head, err)
	}
	m = Failed(TypeEngineError, Errorf(CodeExited, "", "gone"))
	if m.Head != `{"type":"engine-error","error":{"code":"exited","message":"gone"}}` {
		t.Errorf("Failed: %s", m.Head)
	}
}

func TestNullsWithoutClassifier(t *testing.T) {
	m := OK(1, EncodeOK{})
	if m.Head != `{"type":"ok","re":1,"label":null,"probs":null}` {
		t.Errorf("head is %s", m.Head)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct {
		head string
		id   int64 // that can still be answered
	}{
		{``, 0},
		{`null`, 0},
		{`7`, 0},
		{`[]`, 0},
		{`{`, 0},
		{`{"type":"x","id":3`, 0},
		{`{}`, 0},
		{`{"id":3}`, 3},
		{`{"type":"","id":3}`, 3},
		{`{"type":7,"id":3}`, 3},
		{`{"type":"x","id":-3}`, 0},
		{`{"type":"x","id":2.5}`, 0},
		{`{"type":"x","id":1e99}`, 0},
		{`{"type":"x","id":"3"}`, 0},
		{`{"type":"x","id":3,"re":-1}`, 3},
		{`{"type":"ok","id":3,"re":4}`, 3},
		{`{"type":"x","re":4}`, 0},
		{`{"type":"error","re":4}`, 0},
		{`{"type":"x","id":3,"error":[]}`, 3},
		{`{"type":"x","id":3}` + strings.Repeat(" ", MaxHead), 0},
		{strings.Repeat(`[`, 60_000), 0},
	} {
		h, err := Message{Head: tt.head}.Parse()
		var e *Error
		if !errors.As(err, &e) || e.Code != CodeBadMessage {
			t.Errorf("%.40s: error %v, want %s", tt.head, err, CodeBadMessage)
		}
		if h.ID != tt.id {
			t.Errorf("%.40s: id %d, want %d", tt.head, h.ID, tt.id)
		}
	}
}

func TestFieldsRefuses(t *testing.T) {
	for _, tt := range []struct {
		head  string
		code  Code
		field string
		text  string
	}{
		{`{"frames":"many"}`, CodeBadValue, "frames", "a JSON string, should be a whole number"},
		{`{"frames":2.5}`, CodeBadValue, "frames", "should be a whole number"},
		{`{"frames":1e99}`, CodeBadValue, "frames", "should be a whole number"},
		{`{"path":[]}`, CodeBadValue, "path", "a JSON array, should be a string"},
		{`{"frames":`, CodeBadMessage, "head", "not JSON"},
		{`{}` + strings.Repeat(" ", MaxHead), CodeBadMessage, "head", "bytes of JSON"},
	} {
		var r Morph
		var e *Error
		if err := (Message{Head: tt.head}).Fields(&r); !errors.As(err, &e) || e.Code != tt.code || e.Field != tt.field || !strings.Contains(e.Message, tt.text) {
			t.Errorf("%.40s: %v, want %s of %s", tt.head, err, tt.code, tt.field)
		}
	}
}

// TestHeadsAreObjects writes every body and reads it again.
func TestHeadsAreObjects(t *testing.T) {
	seen := map[reflect.Type]bool{}
	label := 3
	for _, b := range []Body{
		Hello{}, Port{}, ModelLoad{"x"}, ModelEvent{ModelInfo{Name: "x", Encoder: []int{1}}}, PadSet{"a", 3, &Bitmap{1, 2, false}},
		PadEvent{"b", 4, false, &label, []float32{1}}, Encode{}, Decode{}, Morph{2, PathLerp}, Sample{3, 4, PriorFitted}, Explain{"a", 9, 3}, Fill{3, 4}, Sketch{}, Example{-1, 2}, Picture{"y"},
		GIF{1, 2, 3, 4, 5, 6, ModeOnce, "#000000", "#ffffff"}, Strip{1, 2, 3, 4, 5, 6, "#000000", "#ffffff"}, Loading{1, 2}, EngineReady{"go", "v"},
		Layout{1, 2, 3, map[string]Rect{SlotPadA: {1, 2, 3, 4}}}, Theme{"a", "b", "c", "d", "e", "f", "g", []string{"h"}}, PadContent{"a", nil},
		Play{true, 0.5, 1, ModeLoop, PathSlerp, 3}, Samples{4}, HandLoad{"x"}, Hand{"a", &label}, GalleryLoad{"x"}, GalleryPaint{1, 2, PriorFitted, 3, []int{4}}, GalleryEncode{"a"}, MapPoints{}, MapPlane{PlaneDimensions, 1, 2}, MapLook{}, MapCells{}, MapView{MapPlace{1, 2}, 3, true, &MapPlace{4, 5}, nil, &MapPlace{6, 7}, nil}, MapData{3}, MapSample{}, MapPath{}, MapDraws{}, EngineLink{}, Ready{"webgl2"}, Painted{true}, Tick{0.5, true}, MorphInstalled{3, PathLerp},
	} {
		if seen[reflect.TypeOf(b)] {
			t.Errorf("%T is here twice", b)
		}
		seen[reflect.TypeOf(b)] = true
		m, err := Event(b)
		if err != nil || !json.Valid([]byte(m.Head)) {
			t.Errorf("%T is written as %s (%v)", b, m.Head, err)
			continue
		}
		got := reflect.New(reflect.TypeOf(b))
		if err := m.Fields(got.Interface()); err != nil || !reflect.DeepEqual(got.Elem().Interface(), b) {
			t.Errorf("%s is read as %+v (%v)", m.Head, got.Elem(), err)
		}
		if h, err := m.Parse(); err != nil || h.Type != b.MessageType() {
			t.Errorf("%s: %+v, %v", m.Head, h, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"type":"morph","id":7,"frames":48}`, `{"type":"error","re":2,"error":{"code":"internal","message":"x"}}`, `{"type":"pad.set","id":1,"pad":"a","rev":2,"bitmap":{"width":28}}`, `[]`, `{"id":`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, head string) {
		m := Message{Head: head}
		h, err := m.Parse()
		if h.ID < 0 || h.Re < 0 {
			t.Errorf("id %d, re %d", h.ID, h.Re)
		}
		if err == nil && (h.Type == "" || h.ID > 0 && h.Re > 0) {
			t.Errorf("%q was taken as %+v", head, h)
		}
		for _, r := range []interface{ Check() error }{new(ModelLoad), new(Morph), new(Sample), new(Explain), new(Fill), new(Example), new(Picture), new(GIF), new(Strip), new(GalleryPaint), new(MapPlane), new(MapView)} {
			if m.Fields(r) == nil && r.Check() == nil {
				back, err := json.Marshal(r)
				if err != nil {
					t.Fatal(err)
				}
				again := reflect.New(reflect.TypeOf(r).Elem())
				if err := (Message{Head: string(back)}).Fields(again.Interface()); err != nil || !reflect.DeepEqual(again.Interface(), r) {
					t.Errorf("%+v comes back as %+v (%v)", r, again, err)
				}
			}
		}
	})
}
