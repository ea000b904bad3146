package studio

import (
	"testing"

	"inkdrift/wasm/engine"
	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/proto"
)

// TestDrawingGoesFirst: a stroke that comes while a long morph is being
// computed is served in the middle of it.
func TestDrawingGoesFirst(t *testing.T) {
	r := newFixture(t)
	r.fake.params = 8 << 20 // a picture a piece
	r.load()
	z := proto.FloatBytes(enginetest.Filled(3, 0.5))
	morph := r.Queue(proto.Morph{Frames: 100, Path: "lerp"}, z, z)
	gif := r.Queue(proto.GIF{Width: 28, Height: 28, Count: 2, Scale: 1, Mode: "loop", Ink: "#000000", Paper: "#ffffff"}, proto.FloatBytes(enginetest.Filled(2*784, 0)))
	for range 10 {
		r.Step()
	}
	pad := r.Queue(proto.PadSet{Pad: "a", Rev: 1}, line(0.1))
	r.Step()
	if _, ok := r.Answers[pad]; !ok {
		t.Error("the stroke waits")
	}
	if len(r.Answers) != 2 { // with the one of model.load
		t.Errorf("answered %v", r.Order)
	}
	r.Run()
	if r.Answers[morph].Type != proto.TypeOK || r.Answers[gif].Type != proto.TypeOK || len(r.Answers[morph].Message.Buf(0)) != 100*784*4 {
		t.Error("the long ones did not end well")
	}
	if last := r.Order[len(r.Order)-1]; last != r.Answers[gif].Type+" "+enginetest.Digit(gif) {
		t.Errorf("order %v", r.Order)
	}
}

// TestDrawingStarvesNobody: strokes without end let the others through.
func TestDrawingStarvesNobody(t *testing.T) {
	r := newFixture(t)
	r.fake.params = 8 << 20
	r.load()
	z := proto.FloatBytes(enginetest.Filled(3, 0.5))
	morph := r.Queue(proto.Morph{Frames: 20, Path: "lerp"}, z, z)
	for rev := range int64(200) {
		r.Queue(proto.PadSet{Pad: "a", Rev: rev}, line(0.1))
		r.Step()
		if _, ok := r.Answers[morph]; ok {
			if rev < 20*engine.MaxStreak {
				t.Errorf("the morph was served after %d strokes", rev)
			}
			return
		}
	}
	t.Error("the morph was never served")
}

// TestOneModelATask: a task gets the model that was there when it was posted,
// even if it begins later, and a task posted after a model.load the new one.
func TestOneModelATask(t *testing.T) {
	r := newFixture(t)
	r.fake.params = 8 << 20
	r.load()
	first := r.fake
	z := proto.FloatBytes(enginetest.Filled(3, 0.5))
	before := r.Queue(proto.Morph{Frames: 50, Path: "lerp"}, z, z)
	r.Step()
	waiting := r.Queue(proto.Morph{Frames: 10, Path: "lerp"}, z, z) // not begun
	second := &fake{params: 8 << 20}
	r.fake = second
	r.Queue(proto.ModelLoad{Name: "second"}, []byte("model"))
	after := r.Queue(proto.Morph{Frames: 30, Path: "lerp"}, z, z)
	r.Run()
	for _, id := range []int64{before, waiting, after} {
		if r.Answers[id].Type != proto.TypeOK {
			t.Errorf("%s", r.Answers[id].Message.Head)
		}
	}
	if first.decodes != 1+50+10 || second.decodes != 1+30 {
		t.Errorf("the first model decoded %d, the second %d", first.decodes, second.decodes)
	}
}

func TestModelAndRequestAtOnce(t *testing.T) {
	r := newFixture(t)
	r.Queue(proto.ModelLoad{Name: "x"}, []byte("model"))
	id := r.Queue(proto.Sample{N: 2})
	r.Run()
	if r.Answers[id].Type != proto.TypeOK {
		t.Errorf("%s", r.Answers[id].Message.Head)
	}
}
