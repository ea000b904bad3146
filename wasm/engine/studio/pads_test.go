package studio

import (
	"math"
	"slices"
	"testing"

	"inkdrift/vae/ink"
	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/proto"
)

// lastPad gives the newest pad event and its fields.
func (r *fixture) lastPad() (enginetest.Message, proto.PadEvent) {
	r.T.Helper()
	for _, g := range slices.Backward(r.Events) {
		if g.Type == proto.TypePad {
			var ev proto.PadEvent
			if err := g.Fields(&ev); err != nil {
				r.T.Fatal(err)
			}
			return g, ev
		}
	}
	r.T.Fatal("there was no pad event")
	return enginetest.Message{}, proto.PadEvent{}
}

func TestPadSet(t *testing.T) {
	r := newFixture(t)
	r.load()
	var ok proto.PadSetOK
	r.OK(&ok, proto.PadSet{Pad: "b", Rev: 5}, line(0.1))
	g, ev := r.lastPad()
	if ok.Superseded || ev.Pad != "b" || ev.Rev != 5 || ev.Empty || ev.Label == nil || len(ev.Probs) != 10 {
		t.Errorf("%+v %s", ok, g.Message.Head)
	}
	pixels, mu, logvar, recon := enginetest.Floats(t, g.Message, 0), enginetest.Floats(t, g.Message, 1), enginetest.Floats(t, g.Message, 2), enginetest.Floats(t, g.Message, 3)
	if len(pixels) != 784 || len(mu) != 3 || len(logvar) != 3 || len(recon) != 784 {
		t.Fatalf("buffers of %d, %d, %d, %d", len(pixels), len(mu), len(logvar), len(recon))
	}
	// As MNIST: a line is 20 pixels high and in the middle.
	var top, bottom = 28, 0
	for y := range 28 {
		if pixels[y*28+14]+pixels[y*28+13] > 0.5 {
			top, bottom = min(top, y), max(bottom, y+1)
		}
	}
	if bottom-top < 18 || bottom-top > 21 || top < 3 || top > 5 {
		t.Errorf("the line goes from %d to %d", top, bottom)
	}
	// The reconstruction is the one of mu.
	want := make([]float32, 784)
	if err := r.fake.Decode(want, mu); err != nil || !slices.Equal(recon, want) {
		t.Error("the reconstruction is not decode(mu)")
	}
	// The event comes before the answer.
	if o := r.Order[len(r.Order)-2:]; o[0] != "pad" || o[1][:2] != "ok" {
		t.Errorf("came as %v", o)
	}
}

func TestPadEmpty(t *testing.T) {
	r := newFixture(t)
	r.load()
	for i, set := range []struct {
		bitmap *proto.Bitmap
		bufs   [][]byte
	}{
		{nil, nil},
		{nil, [][]byte{{}, {}}},
		{&proto.Bitmap{Width: 28, Height: 28, Ready: true}, [][]byte{nil, make([]byte, 784)}},
		{&proto.Bitmap{Width: 3, Height: 2}, [][]byte{nil, make([]byte, 6)}},
		{nil, [][]byte{proto.EncodeStrokes([]proto.Stroke{{Width: 0.1, Points: []proto.Point{{X: 5, Y: 5, P: 1}}}})}}, // off the pad
	} {
		r.OK(&proto.PadSetOK{}, proto.PadSet{Pad: "a", Rev: int64(i), Bitmap: set.bitmap}, set.bufs...)
		g, ev := r.lastPad()
		if !ev.Empty || ev.Rev != int64(i) || ev.Label != nil || ev.Probs != nil {
			t.Errorf("%d: %s", i, g.Message.Head)
		}
		for k := range 4 {
			if len(g.Message.Bufs) != 4 || len(g.Message.Buf(k)) != 0 {
				t.Errorf("%d: buffer %d is not empty", i, k)
			}
		}
	}
}

func TestPadWithoutModelAndThenWith(t *testing.T) {
	r := newFixture(t)
	r.OK(&proto.PadSetOK{}, proto.PadSet{Pad: "a", Rev: 7}, line(0.1))
	g, ev := r.lastPad()
	if len(g.Message.Buf(0)) != 4*784 || len(g.Message.Buf(1)) != 0 || len(g.Message.Buf(3)) != 0 || ev.Label != nil || ev.Empty {
		t.Errorf("without a model: %s", g.Message.Head)
	}
	r.load()
	g, ev = r.lastPad()
	if len(g.Message.Buf(1)) != 12 || ev.Rev != 7 || ev.Label == nil {
		t.Errorf("with a model: %s", g.Message.Head)
	}
	if o := r.Order[len(r.Order)-3:]; o[0] != "model" || o[1] != "pad" {
		t.Errorf("came as %v", o) // and nothing for pad b, which was never set
	}
	r.fake = &fake{}
	r.load()
	if _, ev = r.lastPad(); ev.Label != nil || ev.Probs != nil || ev.Empty {
		t.Errorf("without a classifier: %+v", ev)
	}
}

// TestRenewedPadKeepsItsRevision: a new model looks at what was there, not at
// what waits.
func TestRenewedPadKeepsItsRevision(t *testing.T) {
	r := newFixture(t)
	r.load()
	r.OK(&proto.PadSetOK{}, proto.PadSet{Pad: "a", Rev: 1}, line(0.1))
	r.Events = nil
	r.Queue(proto.PadSet{Pad: "a", Rev: 2}, line(0.2))
	r.load()
	var revs []int64
	for _, g := range r.Events {
		var ev proto.PadEvent
		if g.Type == proto.TypePad && g.Fields(&ev) == nil {
			revs = append(revs, ev.Rev)
		}
	}
	if !slices.Equal(revs, []int64{1, 2}) {
		t.Errorf("the events are of revisions %v", revs)
	}
}

func TestPadBitmaps(t *testing.T) {
	r := newFixture(t)
	ink := make([]byte, 784)
	ink[0], ink[400] = 255, 51
	bitmap := &proto.Bitmap{Width: 28, Height: 28, Ready: true}
	r.OK(&proto.PadSetOK{}, proto.PadSet{Pad: "a", Rev: 1, Bitmap: bitmap}, nil, ink)
	g, _ := r.lastPad()
	if v := enginetest.Floats(t, g.Message, 0); v[0] != 1 || v[400] != 0.2 || v[1] != 0 {
		t.Errorf("a bitmap that is ready was changed: %v %v", v[0], v[400])
	}

	// Not ready: a square of ink in a corner is brought to the middle.
	wide := make([]byte, 60*40)
	for y := range 10 {
		for x := range 10 {
			wide[y*60+x] = 255
		}
	}
	r.OK(&proto.PadSetOK{}, proto.PadSet{Pad: "a", Rev: 2, Bitmap: &proto.Bitmap{Width: 60, Height: 40}}, nil, wide)
	g, _ = r.lastPad()
	if v := enginetest.Floats(t, g.Message, 0); v[14*28+14] < 0.9 || v[0] != 0 {
		t.Errorf("the middle is %v, the corner %v", v[14*28+14], v[0])
	}

	// A stroke over a bitmap: both are there. The bitmap's square lies in the
	// pad's upper left, below the empty band that its aspect leaves.
	r.OK(&proto.PadSetOK{}, proto.PadSet{Pad: "a", Rev: 3, Bitmap: &proto.Bitmap{Width: 60, Height: 40}},
		proto.EncodeStrokes([]proto.Stroke{{Width: 0.1, Points: []proto.Point{{X: 0.9, Y: 0.1, P: 1}, {X: 0.9, Y: 0.9, P: 1}}}}), wide)
	g, _ = r.lastPad()
	v := enginetest.Floats(t, g.Message, 0)
	column := func(x int) (s float32) {
		for y := range 28 {
			s += v[y*28+x]
		}
		return s
	}
	left, right := 27, 0
	for x := range 28 {
		if column(x) > 0.5 {
			left, right = min(left, x), max(right, x)
		}
	}
	if right-left < 17 || column(left+1) > 10 || column(right-1) < 15 {
		t.Errorf("ink from column %d (%v) to %d (%v)", left, column(left+1), right, column(right-1))
	}
}

func TestFit(t *testing.T) {
	const side = 112
	dst := make([]float32, side*side)
	fit(dst, side, enginetest.Filled(40*20, 1), 40, 20)
	for _, tt := range []struct {
		x, y int
		want float32
	}{{0, 0, 0}, {56, 27, 0}, {56, 28, 1}, {0, 56, 1}, {111, 83, 1}, {111, 84, 0}} {
		if got := dst[tt.y*side+tt.x]; got != tt.want {
			t.Errorf("(%d,%d) is %v, want %v", tt.x, tt.y, got, tt.want)
		}
	}
	// A ramp stays a ramp.
	ramp := make([]float32, 28*28)
	for i := range ramp {
		ramp[i] = float32(i % 28)
	}
	fit(dst, side, ramp, 28, 28)
	for x := 2; x < side-2; x++ {
		if want := (float64(x)+0.5)/4 - 0.5; math.Abs(float64(dst[x])-want) > 1e-4 {
			t.Errorf("at %d: %v, want %v", x, dst[x], want)
		}
	}
	// At its own size a picture is itself.
	same := make([]float32, 28*28)
	fit(same, 28, ramp, 28, 28)
	if !slices.Equal(same, ramp) {
		t.Error("a picture at its own size was changed")
	}
}

func TestCoalescing(t *testing.T) {
	r := newFixture(t)
	r.load()
	r.Events, r.fake.encodes = nil, 0
	var ids []int64
	for rev := range int64(20) {
		ids = append(ids, r.Queue(proto.PadSet{Pad: "a", Rev: rev}, line(0.05+float32(rev)/200)))
	}
	other := r.Queue(proto.PadSet{Pad: "b", Rev: 1}, line(0.1))
	r.Run()
	for i, id := range ids {
		var ok proto.PadSetOK
		if err := r.Answers[id].Fields(&ok); err != nil || ok.Superseded != (i < len(ids)-1) {
			t.Errorf("rev %d: %s", i, r.Answers[id].Message.Head)
		}
	}
	if r.Answers[other].Type != proto.TypeOK || r.fake.encodes != 2 || len(r.Events) != 2 {
		t.Errorf("%d pictures were encoded, %d events", r.fake.encodes, len(r.Events))
	}
	var ev proto.PadEvent
	if err := r.Events[0].Fields(&ev); err != nil || ev.Rev != 19 || ev.Pad != "a" {
		t.Errorf("computed %+v", ev)
	}
}

func TestOlderRevisions(t *testing.T) {
	r := newFixture(t)
	r.load()
	r.OK(&proto.PadSetOK{}, proto.PadSet{Pad: "a", Rev: 10}, line(0.1))
	n := len(r.Events)
	var ok proto.PadSetOK
	r.OK(&ok, proto.PadSet{Pad: "a", Rev: 9}, line(0.2))
	if !ok.Superseded || len(r.Events) != n {
		t.Error("an older revision was computed")
	}
	// While a newer one waits.
	newer := r.Queue(proto.PadSet{Pad: "a", Rev: 12}, line(0.1))
	older := r.Queue(proto.PadSet{Pad: "a", Rev: 11}, line(0.2))
	r.Run()
	_ = r.Answers[newer].Fields(&ok)
	if ok.Superseded {
		t.Error("the newer was superseded")
	}
	_ = r.Answers[older].Fields(&ok)
	if !ok.Superseded {
		t.Error("the older was not superseded")
	}
	r.OK(&ok, proto.PadSet{Pad: "b", Rev: 1}, line(0.2)) // the pads count apart
	if ok.Superseded {
		t.Error("pad b was superseded by pad a")
	}
	// Without an id nothing is answered and all is done.
	m, _ := proto.Event(proto.PadSet{Pad: "a", Rev: 13})
	m.Bufs = [][]byte{line(0.1)}
	r.Post(r.Client, m, nil)
	r.Run()
	if _, ev := r.lastPad(); ev.Rev != 13 {
		t.Errorf("rev %d", ev.Rev)
	}
}

// TestBadPadSetSupersedesNothing: what cannot be used must not take the place
// of what can, nor raise the revision.
func TestBadPadSetSupersedesNothing(t *testing.T) {
	r := newFixture(t)
	r.load()
	good := r.Queue(proto.PadSet{Pad: "a", Rev: 1}, line(0.1))
	bad := r.Queue(proto.PadSet{Pad: "a", Rev: 99}, []byte{1, 2, 3, 4})
	r.Run()
	var ok proto.PadSetOK
	if err := r.Answers[good].Fields(&ok); err != nil || ok.Superseded || r.Answers[bad].Type != proto.TypeError {
		t.Errorf("good: %s, bad: %s", r.Answers[good].Message.Head, r.Answers[bad].Message.Head)
	}
	if r.OK(&ok, proto.PadSet{Pad: "a", Rev: 2}, line(0.1)); ok.Superseded {
		t.Error("a message that was refused raised the revision")
	}
}

// TestBrushes: the same figure with thin and thick brushes is prepared to the
// same size.
func TestBrushes(t *testing.T) {
	for _, width := range []float32{0.02, 0.05, 0.1, 0.2} {
		strokes, err := proto.DecodeStrokes(line(width))
		if err != nil {
			t.Fatal(err)
		}
		c := content{strokes: []ink.Stroke{{Width: strokes[0].Width, Points: []ink.Point{ink.Point(strokes[0].Points[0]), ink.Point(strokes[0].Points[1])}}}}
		v := c.prepare()
		height := 0
		for y := range 28 {
			if slices.Max(v[y*28:][:28]) > 0.2 {
				height++
			}
		}
		if height < 19 || height > 21 {
			t.Errorf("width %v: %d rows", width, height)
		}
	}
}
