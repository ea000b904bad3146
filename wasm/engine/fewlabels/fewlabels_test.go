package fewlabels

import (
	"testing"

	"inkdrift/vae/data"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/engine/model"
	"inkdrift/wasm/proto"
)

// someLabels opens a pool of digits and tests beside it.
var someLabels = proto.LabelsOpen{
	Data:       proto.Data{Kind: "digits", Count: 240, Seed: 1},
	Validation: proto.Data{Kind: "digits", First: 1000, Count: 60, Seed: 1},
	Pool:       220, Tests: 60,
}

// fixture is an engine that learns from few labels, with one client.
type fixture struct {
	*enginetest.Fixture
	labels *service
}

func newFixture(t *testing.T) *fixture {
	r := &fixture{Fixture: enginetest.New(t)}
	r.labels = register(r.Engine, model.Read)
	return r
}

// TestLabels: digits are told from their pixels with some labels, better with
// more; means of a model work, too; the same seed gives the same errors.
func TestLabels(t *testing.T) {
	r := newFixture(t)
	var open proto.LabelsOpenOK
	r.OK(&open, someLabels, enginetest.Untrained(t, [3]int{1, 28, 28}))
	if want := (proto.LabelsOpenOK{Pool: 220, Tests: 60, Classes: 10, Latent: 6,
		Dataset: proto.DataInfo{Name: "digits", Count: 240, Shape: [3]int{1, 28, 28}}, Validation: proto.DataInfo{Name: "digits", Count: 60, Shape: [3]int{1, 28, 28}}}); open != want {
		t.Fatalf("%+v, want %+v", open, want)
	}
	fit := func(features string, labels int, seed int64) int {
		t.Helper()
		var ok proto.LabelsFitOK
		r.OK(&ok, proto.LabelsFit{Features: features, Labels: labels, Seed: seed})
		if ok.Tests != 60 {
			t.Errorf("%d tests", ok.Tests)
		}
		return ok.Wrong
	}
	few, many := fit(proto.FeaturesPixels, 10, 1), fit(proto.FeaturesPixels, 120, 1)
	if few > 40 || many > 15 || many >= few {
		t.Errorf("of 60 digits %d are wrong with 10 labels and %d with 120", few, many)
	}
	if mu := fit(proto.FeaturesMu, 120, 1); mu > 45 {
		t.Errorf("with means %d are wrong; 54 would be chance", mu)
	}
	if again := fit(proto.FeaturesPixels, 10, 1); again != few {
		t.Errorf("the second time %d are wrong, the first time %d", again, few)
	}
}

// TestLabelsDraw: as many of each class, one more of the first ones, all of them
// true, others with another seed.
func TestLabelsDraw(t *testing.T) {
	set := data.NewDigits(1).Set(0, 300)
	k := &pool{train: set}
	if err := k.readLabels(); err != nil {
		t.Fatal(err)
	}
	a, err := k.draw(53, 1)
	if err != nil {
		t.Fatal(err)
	}
	var counts [10]int
	for i, l := range a {
		if l < 0 {
			continue
		}
		counts[l]++
		if l != set.Label(i) {
			t.Errorf("picture %d is labelled %d, it is a %d", i, l, set.Label(i))
		}
	}
	if counts != [10]int{6, 6, 6, 5, 5, 5, 5, 5, 5, 5} {
		t.Errorf("the labels are %v", counts)
	}
	b, _ := k.draw(53, 2)
	same := 0
	for i := range a {
		if a[i] >= 0 && b[i] >= 0 {
			same++
		}
	}
	if same > 30 {
		t.Errorf("%d of 53 pictures are labelled with another seed, too", same)
	}
}

// TestLabelsStop: while it works other requests are answered and told how far it
// is, and closing it ends it.
func TestLabelsStop(t *testing.T) {
	r := newFixture(t)
	r.Ticking(4 * engine.PieceTime)
	id := r.Queue(someLabels, enginetest.Untrained(t, [3]int{1, 28, 28}))
	for range 9 {
		r.Step()
	}
	if r.Ask(proto.LabelsClose{}).Type != proto.TypeOK {
		t.Error("it was not closed")
	}
	if e := r.Answers[id].Head.Error; e == nil || e.Code != proto.CodeStopped {
		t.Errorf("opening ends with %v", e)
	}
	told := false
	for _, e := range r.Events {
		told = told || e.Type == proto.TypeData
	}
	if !told {
		t.Error("nobody was told how far it is")
	}
	if e := r.Ask(proto.LabelsFit{Features: proto.FeaturesMu, Labels: 10}).Head.Error; e == nil || e.Code != proto.CodeNoTraining {
		t.Errorf("after that: %v", e)
	}

	r.OK(&proto.LabelsOpenOK{}, someLabels, enginetest.Untrained(t, [3]int{1, 28, 28}))
	id = r.Queue(proto.LabelsFit{Features: proto.FeaturesPixels, Labels: 10})
	r.Step()
	hello := r.Queue(proto.Hello{})
	r.Step()
	if _, ok := r.Answers[hello]; !ok {
		t.Error("hello was not answered in between")
	}
	r.Ask(proto.LabelsClose{})
	if e := r.Answers[id].Head.Error; e == nil || e.Code != proto.CodeStopped {
		t.Errorf("learning ends with %v", e)
	}
	if r.labels.pool != nil {
		t.Error("its memory is kept")
	}
}

func TestLabelsRefuses(t *testing.T) {
	r := newFixture(t)
	file := enginetest.Untrained(t, [3]int{1, 28, 28})
	r.Refused(proto.CodeBadModel, "file", someLabels)
	r.Refused(proto.CodeBadModel, "file", someLabels, file[:200])
	r.Refused(proto.CodeBadData, "data", someLabels, enginetest.Untrained(t, [3]int{1, 8, 8}))
	r.Refused(proto.CodeBadModel, "file", someLabels, enginetest.ModelFile(t, enginetest.Families["dcgan"])) // no encoder
	files := someLabels
	files.Data = proto.Data{Kind: proto.DataIDX, Name: "some"}
	files.Validation = files.Data
	r.Refused(proto.CodeBadData, "training images", files, file)
	r.Refused(proto.CodeBadData, "data", files, file, enginetest.IDX(3, 40, 28, 28), nil, nil, nil)

	r.OK(&proto.LabelsOpenOK{}, someLabels, file)
	r.Refused(proto.CodeBadValue, "labels", proto.LabelsFit{Features: proto.FeaturesMu, Labels: 9})
	r.Refused(proto.CodeBadValue, "labels", proto.LabelsFit{Features: proto.FeaturesMu, Labels: 221})
}
