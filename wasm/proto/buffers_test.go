package proto

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestFloatBytes(t *testing.T) {
	v := []float32{0, 1, -2.5, math.MaxFloat32, math.SmallestNonzeroFloat32}
	b := FloatBytes(v)
	if !bytes.Equal(b[4:8], []byte{0, 0, 0x80, 0x3f}) {
		t.Errorf("1 is written as % x, not as little-endian float32", b[4:8])
	}
	got, err := BytesFloats("z", b)
	if err != nil || !reflect.DeepEqual(got, v) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestFloatsRefuses(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, tt := range []struct {
		name string
		bufs [][]byte
		want Error
	}{
		{"missing", nil, Error{Code: CodeBadLength, Message: "buffer 0 has 0 bytes, 8 are wanted (2 float32)", Field: "z"}},
		{"short", [][]byte{{1, 2, 3}}, Error{Code: CodeBadLength, Message: "buffer 0 has 3 bytes, 8 are wanted (2 float32)", Field: "z"}},
		{"long", [][]byte{make([]byte, 12)}, Error{Code: CodeBadLength, Message: "buffer 0 has 12 bytes, 8 are wanted (2 float32)", Field: "z"}},
		{"NaN", [][]byte{FloatBytes([]float32{1, nan})}, Error{Code: CodeNotFinite, Message: "number 1 of 2 is NaN", Field: "z"}},
		{"infinite", [][]byte{FloatBytes([]float32{-inf, 1})}, Error{Code: CodeNotFinite, Message: "number 0 of 2 is -Inf", Field: "z"}},
	} {
		_, err := Message{Bufs: tt.bufs}.Floats(0, "z", 2)
		var e *Error
		if !errors.As(err, &e) || !reflect.DeepEqual(*e, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, &tt.want)
		}
	}
	if _, err := BytesFloats("z", make([]byte, 6)); err == nil {
		t.Error("six bytes were taken as numbers")
	}
}

func TestStrokes(t *testing.T) {
	want := []Stroke{
		{Width: 0.08, Points: []Point{{0.1, 0.2, 1}, {0.3, 0.4, 0.5}}},
		{Width: 0.1, Points: []Point{{-3, 7, 0}}},
	}
	b := EncodeStrokes(append([]Stroke{{Width: 1}}, want...)) // a stroke without points is no stroke
	if len(b) != 4*(2+6+2+3) {
		t.Errorf("%d bytes", len(b))
	}
	got, err := DecodeStrokes(b)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := DecodeStrokes(nil); err != nil || len(got) != 0 {
		t.Errorf("nothing: %v, %v", got, err)
	}
}

func TestStrokesRefuses(t *testing.T) {
	nan := float32(math.NaN())
	many := make([]float32, 2+3*(MaxPoints+1))
	many[0], many[1] = MaxPoints+1, 0.1
	var split []float32
	for range 2 {
		split = append(split, MaxPoints/2+1, 0.1)
		split = append(split, make([]float32, 3*(MaxPoints/2+1))...)
	}
	for _, tt := range []struct {
		name string
		v    []float32
		code Code
	}{
		{"count alone", []float32{1}, CodeBadLength},
		{"no points", []float32{0, 0.1}, CodeBadValue},
		{"minus one", []float32{-1, 0.1}, CodeBadValue},
		{"half a point", []float32{1.5, 0.1, 0, 0, 1}, CodeBadValue},
		{"too few numbers", []float32{2, 0.1, 0, 0, 1}, CodeBadLength},
		{"one number too many", []float32{1, 0.1, 0, 0, 1, 9}, CodeBadLength},
		{"enormous count", []float32{1e30, 0.1, 0, 0, 1}, CodeBadValue},
		{"no width", []float32{1, 0, 0, 0, 1}, CodeBadValue},
		{"wide", []float32{1, MaxWidth + 1, 0, 0, 1}, CodeBadValue},
		{"NaN", []float32{1, 0.1, nan, 0, 1}, CodeNotFinite},
		{"NaN count", []float32{nan, 0.1, 0, 0, 1}, CodeNotFinite},
		{"far left", []float32{1, 0.1, -300, 0, 1}, CodeBadValue},
		{"far down", []float32{1, 0.1, 0, 300, 1}, CodeBadValue},
		{"negative pressure", []float32{1, 0.1, 0, 0, -1}, CodeBadValue},
		{"much pressure", []float32{1, 0.1, 0, 0, MaxPressure + 1}, CodeBadValue},
		{"too many points", many, CodeBadValue},
		{"too many points in two", split, CodeBadValue},
		{"too many bytes", make([]float32, 5*MaxPoints+1), CodeBadValue},
	} {
		_, err := DecodeStrokes(FloatBytes(tt.v))
		var e *Error
		if !errors.As(err, &e) || e.Code != tt.code || e.Field != "strokes" {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.code)
		}
	}
	if _, err := DecodeStrokes(make([]byte, 7)); err == nil {
		t.Error("seven bytes were taken")
	}
}

func TestCheck(t *testing.T) {
	gif := GIF{Width: 28, Height: 28, Count: 64, Scale: 8, DelayMS: 50, Mode: ModeLoop}
	strip := Strip{Width: 28, Height: 28, Count: 12, Scale: 4, Gap: 4}
	with := func(f func(*GIF)) GIF { g := gif; f(&g); return g }
	withStrip := func(f func(*Strip)) Strip { s := strip; f(&s); return s }
	for _, tt := range []struct {
		r     interface{ Check() error }
		field string // at fault; "": none
	}{
		{gif, ""},
		{strip, ""},
		{Morph{2, PathLerp}, ""},
		{Morph{MaxFrames, PathSlerp}, ""},
		{Morph{1, PathLerp}, "frames"},
		{Morph{MaxFrames + 1, PathLerp}, "frames"},
		{Morph{2, "round"}, "path"},
		{Sample{N: 1, Seed: 0}, ""},
		{Sample{N: 0, Seed: 0}, "n"},
		{Sample{N: MaxSamples + 1, Seed: 0}, "n"},
		{Sample{N: 1, Seed: -1}, "seed"},
		{Example{-1, 0}, ""},
		{Example{9, 1}, ""},
		{Example{10, 1}, "digit"},
		{Example{-2, 1}, "digit"},
		{Example{1, -1}, "seed"},
		{ModelLoad{string(make([]byte, MaxName+1))}, "name"},
		{Picture{"\xff"}, "name"},
		{with(func(g *GIF) { g.Width = 0 }), "width"},
		{with(func(g *GIF) { g.Height = MaxSide + 1 }), "height"},
		{with(func(g *GIF) { g.Count = 0 }), "count"},
		{with(func(g *GIF) { g.Count = MaxFrames + 1 }), "count"},
		{with(func(g *GIF) { g.Scale = 0 }), "scale"},
		{with(func(g *GIF) { g.Scale = MaxScale + 1 }), "scale"},
		{with(func(g *GIF) { g.Count, g.Scale = MaxFrames, MaxScale }), "scale"},
		{with(func(g *GIF) { g.DelayMS = -1 }), "delayMs"},
		{with(func(g *GIF) { g.Mode = "twice" }), "mode"},
		{with(func(g *GIF) { g.Count, g.Scale, g.Margin = 48, 36, 8 }), ""}, // what the page saves at most
		{with(func(g *GIF) { g.Count, g.Scale, g.Margin = 48, 36, 9 }), "scale"},
		{with(func(g *GIF) { g.Margin = -1 }), "margin"},
		{with(func(g *GIF) { g.Margin = MaxGap + 1 }), "margin"},
		{withStrip(func(s *Strip) { s.Margin = -1 }), "margin"},
		{withStrip(func(s *Strip) { s.Gap = -1 }), "gap"},
		{withStrip(func(s *Strip) { s.Count, s.Scale = MaxFrames, MaxScale }), "scale"},
	} {
		checkField(t, tt.r.Check(), tt.r, tt.field)
	}
	if w, h := strip.Size(); w != 12*28*4+11*4 || h != 28*4 {
		t.Errorf("a strip of %dx%d", w, h)
	}
	strip.Margin = 5
	if w, h := strip.Size(); w != 12*(28*4+10)+11*4 || h != 28*4+10 {
		t.Errorf("a strip with margins of %dx%d", w, h)
	}
}

func TestCheckPad(t *testing.T) {
	for _, tt := range []struct {
		r      PadSet
		pixels int
		field  string
	}{
		{PadSet{"a", 0, nil}, 0, ""},
		{PadSet{"b", 1, &Bitmap{28, 28, true}}, 784, ""},
		{PadSet{"b", 1, &Bitmap{30, 20, false}}, 600, ""},
		{PadSet{"c", 0, nil}, 0, "pad"},
		{PadSet{"a", -1, nil}, 0, "rev"},
		{PadSet{"a", 0, nil}, 4, "bitmap"},
		{PadSet{"a", 0, &Bitmap{0, 4, false}}, 0, "bitmap.width"},
		{PadSet{"a", 0, &Bitmap{4, MaxBitmapSide + 1, false}}, 0, "bitmap.height"},
		{PadSet{"a", 0, &Bitmap{4, 4, true}}, 16, "bitmap.ready"},
		{PadSet{"a", 0, &Bitmap{4, 4, false}}, 15, "bitmap"},
	} {
		checkField(t, tt.r.Check(make([]byte, tt.pixels)), tt.r, tt.field)
	}
}

func TestCheckHand(t *testing.T) {
	seven, below := 7, -1
	for _, tt := range []struct {
		r     Hand
		field string
	}{
		{Hand{}, ""}, {Hand{"a", nil}, ""}, {Hand{"b", &seven}, ""}, {Hand{"c", nil}, "pad"}, {Hand{"ab", nil}, "pad"}, {Hand{"", &below}, "label"},
	} {
		checkField(t, tt.r.Check(), tt.r, tt.field)
	}
	checkField(t, HandLoad{strings.Repeat("x", MaxName+1)}.Check(), HandLoad{}, "name")
}

func checkField(t *testing.T, err error, what any, field string) {
	t.Helper()
	var e *Error
	switch {
	case field == "" && err != nil:
		t.Errorf("%+v: %v", what, err)
	case field != "" && (!errors.As(err, &e) || e.Field != field):
		t.Errorf("%+v: %v, want an error of %s", what, err, field)
	}
}

func FuzzStrokes(f *testing.F) {
	f.Add(EncodeStrokes([]Stroke{{0.1, []Point{{0, 0, 1}, {1, 1, 1}}}, {0.2, []Point{{0.5, 0.5, 0.5}}}}))
	f.Add([]byte{0, 0, 0x80, 0x3f})
	f.Add(FloatBytes([]float32{1e30, 0.1, 0, 0, 1}))
	f.Fuzz(func(t *testing.T, b []byte) {
		strokes, err := DecodeStrokes(b)
		if err != nil {
			if AsError(err).Code == CodeInternal {
				t.Errorf("an error without a code: %v", err)
			}
			return
		}
		if again := EncodeStrokes(strokes); !bytes.Equal(again, b) {
			// Only numbers that are written in more than one way may differ: none are.
			t.Errorf("% x comes back as % x", b, again)
		}
	})
}
