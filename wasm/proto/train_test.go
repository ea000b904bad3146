package proto

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestNumber(t *testing.T) {
	for _, v := range []float64{0, -0.1, 1e-300, math.MaxFloat64, 1.0 / 3, math.NaN(), math.Inf(1), math.Inf(-1)} {
		b, err := json.Marshal(TrainEvaluateOK{Recon: Number(v)})
		if err != nil {
			t.Fatal(err)
		}
		var back TrainEvaluateOK
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		if got, finite := float64(back.Recon), v-v == 0; finite && got != v || !finite && got == got {
			t.Errorf("%v comes back as %v", v, got)
		}
	}
	if b, _ := json.Marshal(Numbers([]float64{1.5, math.NaN()})); string(b) != "[1.5,null]" {
		t.Errorf("%s", b)
	}
	var n Number
	if json.Unmarshal([]byte(`"1"`), &n) == nil {
		t.Error("a string is taken for a number")
	}
}

func TestViews(t *testing.T) {
	v := []float32{1, -2.5, 0, float32(math.Inf(1)), 1e-40}
	b := ViewBytes(v)
	if !bytes.Equal(b, FloatBytes(v)) {
		t.Errorf("% x", b)
	}
	if !slices.Equal(ViewFloats(b), v) {
		t.Errorf("%v", ViewFloats(b))
	}
	// Where memory does not lie well there is a copy.
	long := append([]byte{0}, FloatBytes(v)...)
	if got := ViewFloats(long[1:]); !slices.Equal(got, v) {
		t.Errorf("%v", got)
	}
	if got := ViewFloats(append(FloatBytes(v), 1, 2, 3)); len(got) != len(v) {
		t.Errorf("%d numbers", len(got))
	}
	if len(ViewBytes(nil)) != 0 || len(ViewFloats(nil)) != 0 {
		t.Error("nothing gives something")
	}
	little = false
	defer func() { little = true }()
	if !bytes.Equal(ViewBytes(v), FloatBytes(v)) || !slices.Equal(ViewFloats(FloatBytes(v)), v) {
		t.Error("a machine with other numbers reads other numbers")
	}
}

func TestTrainChecks(t *testing.T) {
	digits, files := Data{Kind: "digits", Count: 10}, Data{Kind: DataIDX, Name: "mnist"}
	recipe := json.RawMessage(`{}`)
	good := []interface{ Check() error }{
		TrainOpen{Recipe: recipe, Data: digits, Validation: files}, TrainOpen{Recipe: recipe, Data: files, Validation: digits, Init: true}, TrainRestore{digits, digits},
		TrainGroup{Rank: 1, Size: 2, Generation: 1}, TrainRun{}, TrainRun{5}, TrainPreview{}, TrainPreview{Recon: 10, Samples: 10, Scatter: 500, Grid: 20, Seed: 1},
		TrainEvaluate{}, TrainEvaluate{100}, Measure{}, Measure{Bound: 100, NLL: 10, Importance: 50, Read: 500, Samples: 1000, Reference: 1000, Seed: 1},
		TrainMorph{A: 3, B: 1, Frames: 24, Path: PathSlerp, Class: 9, Seed: 7},
	}
	for _, r := range good {
		if err := r.Check(); err != nil {
			t.Errorf("%+v: %v", r, err)
		}
	}
	for _, c := range []struct {
		r     interface{ Check() error }
		field string
	}{
		{TrainOpen{Data: digits, Validation: digits}, "recipe"},
		{TrainOpen{Recipe: recipe, Validation: digits}, "data.kind"},
		{TrainOpen{Recipe: recipe, Data: digits, Validation: Data{Count: 5}}, "validation.kind"},
		{TrainOpen{Recipe: recipe, Data: Data{Kind: "digits"}, Validation: digits}, "data.count"},
		{TrainRestore{Data{Kind: "digits", Count: 1, First: -1}, digits}, "data.first"},
		{TrainRestore{Data{Kind: "digits", Count: MaxPictures + 1}, digits}, "data.count"},
		{TrainRestore{Data{Kind: "digits", Count: 1, Seed: -1}, digits}, "data.seed"},
		{TrainRestore{digits, Data{Kind: DataIDX, Name: strings.Repeat("x", MaxName+1)}}, "validation.name"},
		{TrainGroup{Rank: 2, Size: 2, Generation: 1}, "rank"},
		{TrainGroup{Rank: -1, Size: 2, Generation: 1}, "rank"},
		{TrainGroup{Size: 0, Generation: 1}, "size"},
		{TrainGroup{Size: MaxWorkers + 1, Generation: 1}, "size"},
		{TrainGroup{Size: 1}, "generation"},
		{TrainRun{-1}, "steps"},
		{TrainPreview{Recon: -1}, "recon"},
		{TrainPreview{Samples: MaxSamples + 1}, "samples"},
		{TrainPreview{Scatter: MaxScatter + 1}, "scatter"},
		{TrainPreview{Grid: MaxGrid + 1}, "grid"},
		{TrainPreview{Seed: -1}, "seed"},
		{TrainPreview{Path: MaxFrames + 1}, "path"},
		{TrainMap{BudgetMS: -1}, "budgetMs"},
		{TrainMap{First: -1}, "first"},
		{TrainMap{Points: MaxScatter + 1}, "points"},
		{TrainMap{Class: -1}, "class"},
		{TrainEvaluate{-1}, "images"},
		{Measure{Bound: -1}, "bound"},
		{Measure{NLL: MaxMeasured + 1}, "nll"},
		{Measure{NLL: 1}, "importance"},
		{Measure{NLL: 1, Importance: MaxImportance + 1}, "importance"},
		{Measure{Read: -1}, "read"},
		{Measure{Samples: 1, Reference: 5}, "samples"},
		{Measure{Samples: 5}, "reference"},
		{Measure{Seed: -1}, "seed"},
		{TrainMorph{A: -1, Frames: 2, Path: PathLerp}, "a"},
		{TrainMorph{B: MaxSamples, Frames: 2, Path: PathLerp}, "b"},
		{TrainMorph{Frames: 1, Path: PathLerp}, "frames"},
		{TrainMorph{Frames: 2}, "path"},
		{TrainMorph{Frames: 2, Path: PathLerp, Class: -1}, "class"},
		{TrainMorph{Frames: 2, Path: PathLerp, Seed: -1}, "seed"},
	} {
		if e := AsError(c.r.Check()); e == nil || e.Code != CodeBadValue || e.Field != c.field {
			t.Errorf("%+v: %v", c.r, e)
		}
	}
}

// FuzzTrain: whatever a head says, reading and judging it neither fails hard nor
// lets sizes through that nobody has memory for.
func FuzzTrain(f *testing.F) {
	for _, s := range []string{
		`{"recipe":{"model":{}},"data":{"kind":"digits","count":5,"seed":1},"validation":{"kind":"idx","name":"x"}}`,
		`{"rank":1,"size":3,"generation":7}`, `{"steps":5}`, `{"recon":4,"samples":9,"scatter":100,"grid":10,"seed":3}`,
		`{"step":3,"images":4,"recon":1.5,"kl":null,"next":{"learningRate":0.1,"beta":1}}`, `{"learningRate":1e999}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, head string) {
		m := Message{Head: head}
		var open TrainOpen
		if m.Fields(&open) == nil && open.Check() == nil {
			for _, d := range []Data{open.Data, open.Validation} {
				if d.Kind != DataIDX && (d.Count < 1 || d.Count > MaxPictures || d.First < 0) {
					t.Errorf("%+v was let through", d)
				}
			}
		}
		var group TrainGroup
		if m.Fields(&group) == nil && group.Check() == nil && (group.Rank < 0 || group.Rank >= group.Size || group.Size > MaxWorkers) {
			t.Errorf("%+v was let through", group)
		}
		var look TrainPreview
		if m.Fields(&look) == nil && look.Check() == nil && (look.Grid > MaxGrid || look.Scatter > MaxScatter || look.Recon > MaxSamples) {
			t.Errorf("%+v was let through", look)
		}
		for _, r := range []any{new(TrainRestore), new(TrainPeer), new(TrainRun), new(TrainChange), new(TrainEvaluate), new(PeerState), new(PeerGo), new(PeerOperands), new(PeerSlice), new(Measure)} {
			if err := m.Fields(r); err != nil && AsError(err).Code == CodeInternal {
				t.Errorf("an error without a code: %v", err)
			}
		}
	})
}
