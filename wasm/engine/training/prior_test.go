package training

import (
	"testing"

	"inkdrift/vae/store"
	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/proto"
)

// TestFittedPrior: a mixture fits the latents better than N(0, I), and is the model's
// prior until the next step.
func TestFittedPrior(t *testing.T) {
	r := newFixture(t)
	r.OK(&proto.TrainOpenOK{}, openOf(recipe))
	r.Ask(proto.TrainRun{Steps: 12})
	samples := func(prior string) ([]float32, string) {
		var ok proto.TrainPreviewOK
		a := r.OK(&ok, proto.TrainPreview{Samples: 6, Seed: 7, Prior: prior})
		return enginetest.Floats(t, a.Message, 2), ok.Prior
	}
	hasPrior := func() bool {
		m, err := store.ReadModel(r.OK(&proto.TrainFileOK{}, proto.TrainModel{}).Message.Buf(0))
		if err != nil {
			t.Fatal(err)
		}
		return m.Prior() != nil
	}
	plain, from := samples(proto.PriorFitted)
	if from != proto.PriorNormal || hasPrior() {
		t.Errorf("samples are of %q before anything was fitted", from)
	}

	var ok proto.MeasureOK
	r.OK(&ok, proto.Measure{Prior: 50, Samples: 20, Reference: 10, Seed: 1}, someClassifier(t, [3]int{1, 28, 28}))
	p := ok.Prior
	if p == nil || p.Images != 50 || p.Components != 2 || p.Dimensions < 1 || p.Dimensions > 3 || !(p.Fitted > p.Normal) {
		t.Fatalf("%+v", p)
	}
	if ok.Fitted == nil || ok.Fitted.FID == ok.Samples.FID || ok.Fitted.Samples != 20 {
		t.Errorf("%+v beside %+v", ok.Fitted, ok.Samples)
	}
	if fitted, from := samples(proto.PriorFitted); from != proto.PriorFitted || enginetest.Near(fitted, plain, 1e-3) {
		t.Errorf("samples are of %q", from)
	}
	if again, from := samples(""); from != proto.PriorNormal || !enginetest.Near(again, plain, 0) {
		t.Errorf("samples are of %q, or other ones than before", from)
	}
	if !hasPrior() {
		t.Error("the model's file lacks its prior")
	}
	var seen proto.MeasureOK
	if r.OK(&seen, proto.Measure{Bound: 5}); seen.Prior != nil || seen.Fitted != nil {
		t.Errorf("%+v, which was not asked for", seen)
	}

	r.Ask(proto.TrainRun{Steps: 1})
	if _, from := samples(proto.PriorFitted); from != proto.PriorNormal || hasPrior() {
		t.Error("the mixture stays after the model has changed")
	}
	if a := r.Ask(proto.Measure{Prior: 1}); a.Head.Error == nil || a.Head.Error.Field != "prior" {
		t.Errorf("one picture: %+v", a.Head)
	}
}
