package training

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"inkdrift/vae/classify"
	"inkdrift/vae/metric"
	"inkdrift/vae/store"
	"inkdrift/vae/train"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/proto"
)

// someClassifier is the file of a small classifier that has learnt nothing.
func someClassifier(t *testing.T, input [3]int) []byte {
	t.Helper()
	n, err := classify.New(classify.Config{Input: input, Channels: []int{3}, Strides: []int{2}, Features: 5, Classes: 10}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := n.Write(&b, store.F32, nil, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// all asks for everything.
var all = proto.Measure{Bound: 15, NLL: 3, Importance: 60, Read: 40, Samples: 110, Reference: 20, Seed: 3}

// some asks for a little of everything.
var some = proto.Measure{Bound: 8, NLL: 1, Importance: 20, Read: 20, Samples: 20, Reference: 10, Seed: 3}

// TestMeasure: the figures are those of package metric, whatever the pieces.
func TestMeasure(t *testing.T) {
	r := newFixture(t)
	r.OK(&proto.TrainOpenOK{}, openOf(recipe))
	r.Ask(proto.TrainRun{Steps: 9})
	file := someClassifier(t, [3]int{1, 28, 28})
	var ok proto.MeasureOK
	r.OK(&ok, all, file)
	model, o := r.training.run.trainer.Model(), r.training.run.trainer.Options()

	e, err := train.NewEvaluation(model, r.training.run.validSet, o.Binarize, o.Seed, 15)
	if err != nil {
		t.Fatal(err)
	}
	for more := true; more; {
		if more, err = e.Next(); err != nil {
			t.Fatal(err)
		}
	}
	want := e.Result()
	b := ok.Bound
	if ok.Step != 9 || b.Images != 15 || float64(b.ELBO) != want.Terms.ELBO() || !slices.Equal(b.Active, want.Active) || len(b.KLPerDim) != 3 {
		t.Errorf("%+v, want %+v", b, want)
	}
	if !(b.MSE > 0 && b.MSE < 0.3 && b.SSIM > 0 && b.SSIM < 1) || math.Abs(float64(b.PSNR)+10*math.Log10(float64(b.MSE))) > 1e-9 {
		t.Errorf("%+v", b)
	}

	net, _, err := classify.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	seen, samples := metric.NewSampleSet(net), metric.NewSampleSet(net)
	x := make([]float32, 20*784)
	r.training.run.pictures(x, 0)
	if err := seen.Add(x); err != nil {
		t.Fatal(err)
	}
	if err := samples.Draw(model, 110, 3, nil); err != nil {
		t.Fatal(err)
	}
	moments, err := seen.Moments()
	if err != nil {
		t.Fatal(err)
	}
	distance, err := samples.Distance(moments)
	if err != nil {
		t.Fatal(err)
	}
	score, err := samples.Score(10)
	if err != nil {
		t.Fatal(err)
	}
	coverage, err := samples.Coverage()
	if err != nil {
		t.Fatal(err)
	}
	j := ok.Samples
	if float64(j.FID) != distance.FID || float64(j.Score) != score.Mean || !slices.Equal(j.Counts, coverage.Counts) || !j.CoverageKnown ||
		j.Covered != coverage.Covered || float64(j.Largest) != coverage.Largest || j.Collapsed != coverage.Collapsed || j.Reference != 20 {
		t.Errorf("%+v, want %v, %+v, %+v", j, distance, score, coverage)
	}
	if len(j.RefCounts) != 10 || float64(j.Sure) != samples.Confidence() || float64(j.RefSure) != seen.Confidence() {
		t.Errorf("%+v", j)
	}

	if ok.Read.Train != 40 || ok.Read.Test != 20 || !(ok.Read.Error > 0 && ok.Read.Error < 1) {
		t.Errorf("%+v", ok.Read)
	}
	// A tighter bound than the ELBO's -Recon-KL.
	if n := ok.NLL; n.Images != 3 || n.Importance != 60 || !(n.NLL > 50 && n.NLL < proto.Number(-want.Terms.ELBO())+30 && n.StdErr > 0) {
		t.Errorf("%+v", n)
	}

	// The same again, with the reference that is kept, and parts of it alone.
	var again proto.MeasureOK
	r.OK(&again, all, file)
	if got, want := mustJSON(t, again), mustJSON(t, ok); got != want {
		t.Errorf("%s\n%s", got, want)
	}
	var none proto.MeasureOK
	if r.OK(&none, proto.Measure{}); none.Bound != nil || none.NLL != nil || none.Read != nil || none.Samples != nil {
		t.Errorf("%+v", none)
	}
	var few proto.MeasureOK
	if r.OK(&few, proto.Measure{Samples: 50, Reference: 20}, file); few.Samples.CoverageKnown || few.Samples.Covered != 0 || few.Samples.FID == 0 {
		t.Errorf("%+v", few.Samples)
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestMeasureChangesNothing: a run that is measured on its way, alone or by the
// leader of a group, comes to the same weights as one that is not; other requests
// are answered in between.
func TestMeasureChangesNothing(t *testing.T) {
	file := someClassifier(t, [3]int{1, 28, 28})
	recipes := map[string]string{"dense": recipe}
	for _, f := range families {
		recipes[f.name] = f.recipe
	}
	delete(recipes, "in colour")           // pictures that the classifier cannot look at
	delete(recipes, "importance-weighted") // as dense
	recipes["adversarial"] = strings.Replace(recipes["adversarial"], `"learning_rate"`, `"discriminator_rate": 0.25, "learning_rate"`, 1)
	for name, recipe := range recipes {
		for _, n := range []int{1, 2} {
			if n > 1 && name != "dense" && name != "adversarial" {
				continue // what a group does is the same for all
			}
			run := func(measured bool) *worker {
				c := newWorkerGroup(t, n, openOf(recipe))
				c.activate()
				lead := c.workers[0]
				lead.Clock = func() time.Duration {
					lead.clock += engine.PieceTime // so that work has many pieces
					return lead.clock
				}
				lead.Queue(proto.TrainRun{})
				for measured && lead.training.run.trainer.StepsTaken() < 3 {
					c.turn()
				}
				if measured {
					id := lead.Queue(some, file)
					for begun := func() bool { return lead.Queued(proto.TypeMeasure)[0].Begun() }; !begun(); {
						if !c.turn() {
							t.Fatalf("%s: nothing is measured", name)
						}
					}
					asked := lead.Queue(proto.Hello{})
					c.settle()
					if a := lead.Answers[id]; a.Type != proto.TypeOK {
						t.Fatalf("%s: %s", name, a.Message.Head)
					}
					answered := func(id int64) int { return slices.Index(lead.Order, "ok "+enginetest.Digit(id)) }
					if answered(asked) > answered(id) {
						t.Errorf("%s: what came later was answered later", name)
					}
				}
				c.settle()
				c.sameWeights()
				return lead
			}
			plain, measured := run(false), run(true)
			if !slices.Equal(plain.weights(), measured.weights()) {
				t.Errorf("%s, %d workers: the weights differ", name, n)
			}
			if !slices.Equal(plain.points(), measured.points()) {
				t.Errorf("%s, %d workers: the curves differ", name, n)
			}
		}
	}
}

// TestMeasureStops: a person need not wait, is told how far it is, and a run may
// end meanwhile.
func TestMeasureStops(t *testing.T) {
	file := someClassifier(t, [3]int{1, 28, 28})
	for name, c := range map[string]struct {
		by   proto.Body
		code proto.Code
	}{"stopped": {proto.MeasureStop{}, proto.CodeStopped}, "closed": {proto.TrainClose{}, proto.CodeNoTraining}} {
		r := newFixture(t)
		var clock time.Duration
		r.Clock = func() time.Duration {
			clock += 5 * time.Millisecond
			return clock
		}
		r.OK(&proto.TrainOpenOK{}, openOf(recipe))
		id, waits := r.Queue(all, file), r.Queue(proto.Measure{Bound: 5})
		for !slices.ContainsFunc(r.Events, func(e enginetest.Message) bool { return e.Type == proto.TypeMeasuring }) {
			if !r.Step() {
				t.Fatalf("%s: nobody was told how far it is", name)
			}
		}
		var told proto.MeasuringEvent
		if err := r.Events[len(r.Events)-1].Fields(&told); err != nil || told.What == "" || told.Done > told.Of || told.Of == 0 {
			t.Errorf("%s: %+v, %v", name, told, err)
		}
		r.Queue(c.by)
		r.Run()
		for _, id := range []int64{id, waits} {
			if a := r.Answers[id]; a.Head.Error == nil || a.Head.Error.Code != c.code {
				t.Errorf("%s: %s", name, a.Message.Head)
			}
		}
		if id := r.Queue(proto.Measure{}); c.code == proto.CodeStopped {
			if r.Run(); r.Answers[id].Type != proto.TypeOK {
				t.Errorf("after a stop: %s", r.Answers[id].Message.Head)
			}
		}
	}
}

// TestMeasureRefused: what cannot be measured is refused with the field at fault.
func TestMeasureRefused(t *testing.T) {
	r := newFixture(t)
	file := someClassifier(t, [3]int{1, 28, 28})
	if a := r.Ask(all, file); a.Head.Error == nil || a.Head.Error.Code != proto.CodeNoTraining {
		t.Errorf("without a run: %s", a.Message.Head)
	}
	r.OK(&proto.TrainOpenOK{}, openOf(recipe))
	torn := bytes.Clone(file)
	torn = torn[:len(torn)-1]
	model := r.OK(&proto.TrainFileOK{}, proto.TrainModel{}).Buf(0)
	for name, c := range map[string]struct {
		r     proto.Measure
		file  []byte
		code  proto.Code
		field string
	}{
		"no classifier":      {all, nil, proto.CodeBadModel, "classifier"},
		"torn":               {all, torn, proto.CodeBadModel, "classifier"},
		"a model":            {all, model, proto.CodeBadModel, "classifier"},
		"for other pictures": {all, someClassifier(t, [3]int{3, 32, 32}), proto.CodeBadValue, "samples"},
		"one sample":         {proto.Measure{Samples: 1, Reference: 20}, file, proto.CodeBadValue, "samples"},
		"too many":           {proto.Measure{Bound: proto.MaxMeasured + 1}, nil, proto.CodeBadValue, "bound"},
	} {
		if a := r.Ask(c.r, c.file); a.Head.Error == nil || a.Head.Error.Code != c.code || a.Head.Error.Field != c.field {
			t.Errorf("%s: %s", name, a.Message.Head)
		}
	}
	// A model whose weights became NaN has no figures, and says so.
	w := r.training.run.trainer.Model().Arena().W
	for i := range w {
		w[i] = enginetest.NaN
	}
	if a := r.Ask(proto.Measure{Samples: 10, Reference: 20}, file); a.Head.Error == nil || a.Head.Error.Code != proto.CodeNotFinite {
		t.Errorf("not finite: %s", a.Message.Head)
	}
}

// TestMeasureWithoutEncoder: a generator has samples, and the terms of its game.
func TestMeasureWithoutEncoder(t *testing.T) {
	r := newFixture(t)
	for _, f := range families {
		if f.name == "adversarial" {
			r.OK(&proto.TrainOpenOK{}, openOf(f.recipe))
		}
	}
	var ok proto.MeasureOK
	r.OK(&ok, all, someClassifier(t, [3]int{1, 28, 28}))
	if ok.NLL != nil || ok.Read != nil || ok.Samples == nil || len(ok.Bound.Other) != 4 || ok.Bound.MSE == ok.Bound.MSE || len(ok.Bound.KLPerDim) != 0 {
		t.Errorf("%+v", ok)
	}
}
