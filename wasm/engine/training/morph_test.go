package training

import (
	"slices"
	"testing"

	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/proto"
)

// TestTrainMorph: every family paints a way between two pictures, whose ends are what
// it paints of them.
func TestTrainMorph(t *testing.T) {
	for _, f := range families {
		r := newFixture(t)
		open := openOf(f.recipe)
		open.Data.Kind, open.Validation.Kind = f.data, f.data
		r.OK(&proto.TrainOpenOK{}, open)
		r.Ask(proto.TrainRun{Steps: 2})
		var look proto.TrainPreviewOK
		a := r.OK(&look, proto.TrainPreview{Recon: 6, Samples: 6, Scatter: 6, Seed: 7})
		n := look.Shape[0] * look.Shape[1] * look.Shape[2]
		painted, class := enginetest.Floats(t, a.Message, 1), 0
		if f.encodes {
			class = look.Labels[4]
		} else {
			painted = enginetest.Floats(t, a.Message, 2)
		}
		ask := proto.TrainMorph{A: 4, B: 1, Frames: 5, Path: proto.PathSlerp, Class: class, Seed: 7}
		var ok proto.TrainMorphOK
		frames := enginetest.Floats(t, r.OK(&ok, ask).Message, 0)
		if ok.Frames != 5 || ok.Step != 2 || ok.Shape != look.Shape || len(frames) != 5*n {
			t.Fatalf("%s: %+v, %d numbers", f.name, ok, len(frames))
		}
		if !enginetest.Near(frames[:n], painted[4*n:5*n], 1e-4) || slices.Equal(frames[:n], frames[4*n:]) {
			t.Errorf("%s: it does not go from one picture to the other", f.name)
		}
		ask.Class = (class + 1) % 10
		if other := enginetest.Floats(t, r.OK(&ok, ask).Message, 0); slices.Equal(other, frames) == (f.name == "conditional") {
			t.Errorf("%s: another class is painted the same: %v", f.name, f.name == "conditional")
		}
		for field, bad := range map[string]proto.TrainMorph{
			"a":      {A: 20, Frames: 2, Path: proto.PathLerp},
			"frames": {Frames: proto.MaxFrames + 1, Path: proto.PathLerp},
			"class":  {Frames: 2, Path: proto.PathLerp, Class: 10},
		} {
			refused := field == "frames" || field == "a" && f.encodes || field == "class" && f.name == "conditional"
			if a := r.Ask(bad); (a.Head.Error != nil) != refused || refused && a.Head.Error.Field != field {
				t.Errorf("%s, %s: %s", f.name, field, a.Message.Head)
			}
		}
	}
	if a := newFixture(t).Ask(proto.TrainMorph{Frames: 2, Path: proto.PathLerp}); a.Head.Error == nil || a.Head.Error.Code != proto.CodeNoTraining {
		t.Error("there is no run")
	}
}
