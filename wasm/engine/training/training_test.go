package training

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"inkdrift/vae/data"
	"inkdrift/vae/train"
	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/engine/model"
	"inkdrift/wasm/proto"
)

// recipe is a run of a small model: 103 pictures by 14 are 8 steps an epoch, the
// last one of 5 pictures, which are not shared out.
const recipe = `{"model": {"family": "dense", "input": [1, 28, 28], "encoder": [16], "decoder": [16], "latent": 3,
	"activation": "tanh", "likelihood": "bernoulli"},
	"train": {"epochs": 3, "batch": 14, "learning_rate": 0.002, "schedule": "cosine", "warm_up": 4, "beta": 1.5, "kl_warm_up": 6, "seed": 5}}`

var (
	trainData = proto.Data{Kind: "digits", Count: 103, Seed: 3}
	validData = proto.Data{Kind: "digits", Count: 20, First: 1000, Seed: 3}
)

func openOf(recipe string) proto.TrainOpen {
	return proto.TrainOpen{Recipe: json.RawMessage(recipe), Data: trainData, Validation: validData}
}

// TestRestore: a run from a checkpoint comes to the same weights, bit for bit.
func TestRestore(t *testing.T) {
	alone, _ := native(t)
	r := newFixture(t)
	r.OK(&proto.TrainOpenOK{}, openOf(recipe))
	r.Ask(proto.TrainRun{Steps: 11})
	file := r.OK(&proto.TrainFileOK{}, proto.TrainCheckpoint{}).Buf(0)

	s := newFixture(t)
	restore := proto.TrainRestore{Data: trainData, Validation: validData}
	var ok proto.TrainOpenOK
	s.OK(&ok, restore, file)
	if ok.Step != 11 || ok.Steps != 24 || ok.StepsPerEpoch != 8 || ok.Dataset.Count != 103 {
		t.Errorf("%+v", ok)
	}
	var back train.Recipe
	if err := json.Unmarshal(ok.Recipe, &back); err != nil || back.Train.KLWarmUp != 6 || back.Model.Latent != 3 {
		t.Errorf("recipe %s, %v", ok.Recipe, err)
	}
	s.Ask(proto.TrainRun{})
	if !slices.Equal(s.training.run.trainer.Model().Arena().W, alone.Model().Arena().W) {
		t.Error("the weights differ")
	}

	other := restore
	other.Data.Seed++
	for name, c := range map[string]struct {
		r    proto.TrainRestore
		file []byte
		code proto.Code
	}{
		"torn":       {restore, file[:len(file)/2], proto.CodeBadCheckpoint},
		"nothing":    {restore, nil, proto.CodeBadCheckpoint},
		"other data": {other, file, proto.CodeBadCheckpoint},
	} {
		if a := s.Ask(c.r, c.file); a.Head.Error == nil || a.Head.Error.Code != c.code {
			t.Errorf("%s: %s", name, a.Message.Head)
		}
	}
}

// TestRefused: what cannot be trained is refused with the field at fault.
func TestRefused(t *testing.T) {
	images := enginetest.IDX(3, 40, 28, 28)
	files := proto.Data{Kind: proto.DataIDX, Name: "drawn"}
	replaced := func(old, new string) proto.TrainOpen { return openOf(strings.Replace(recipe, old, new, 1)) }
	with := func(d, v proto.Data) proto.TrainOpen {
		return proto.TrainOpen{Recipe: json.RawMessage(recipe), Data: d, Validation: v}
	}
	for _, c := range []struct {
		name  string
		open  proto.TrainOpen
		bufs  [][]byte
		code  proto.Code
		field string
	}{
		{"no recipe", proto.TrainOpen{Data: trainData, Validation: validData}, nil, proto.CodeBadValue, "recipe"},
		{"an unknown family", replaced("dense", "spiral"), nil, proto.CodeBadValue, "recipe.model.family"},
		{"no batch", replaced(`"batch": 14`, `"batch": 0`), nil, proto.CodeBadValue, "recipe.train.batch"},
		{"an unknown setting", replaced(`"batch"`, `"botch"`), nil, proto.CodeBadValue, "recipe.train.recipe"},
		{"another shape", replaced(`28, 28`, `32, 32`), nil, proto.CodeBadData, "data"},
		{"too many parameters", replaced(`"encoder": [16]`, `"encoder": [8000]`), nil, proto.CodeTooLarge, "recipe.model"},
		{"more than there can be", replaced(`"encoder": [16]`, `"encoder": [65536, 65536]`), nil, proto.CodeBadValue, "recipe.model.encoder, decoder"},
		{"too large a batch", replaced(`"batch": 14`, `"batch": 65536`), nil, proto.CodeTooLarge, "recipe.train.batch"},
		{"no kind of data", with(proto.Data{}, validData), nil, proto.CodeBadValue, "data.kind"},
		{"a billion digits", with(proto.Data{Kind: "digits", Count: 1e9}, validData), nil, proto.CodeBadValue, "data.count"},
		{"no digits to validate", with(trainData, proto.Data{Kind: "digits"}), nil, proto.CodeBadValue, "validation.count"},
		{"no files", with(files, files), nil, proto.CodeBadData, "training images"},
		{"a torn file", with(files, files), [][]byte{images[:100]}, proto.CodeBadData, "training images"},
		{"labels for images", with(files, files), [][]byte{enginetest.IDX(1, 40)}, proto.CodeBadData, "training images"},
		{"images for labels", with(files, files), [][]byte{images, images}, proto.CodeBadData, "training labels"},
		{"too few labels", with(files, files), [][]byte{images, enginetest.IDX(1, 39)}, proto.CodeBadData, "training images"},
		{"a torn test file", with(files, files), [][]byte{images, enginetest.IDX(1, 40), images[:50]}, proto.CodeBadData, "test images"},
		{"test pictures of another size", with(files, files), [][]byte{images, nil, enginetest.IDX(3, 40, 20, 20)}, proto.CodeBadData, "validation"},
		{"a name of other bytes", with(proto.Data{Kind: proto.DataIDX, Name: strings.Repeat("x", 300)}, files), [][]byte{images}, proto.CodeBadValue, "data.name"},
	} {
		r := newFixture(t)
		a := r.Ask(c.open, c.bufs...)
		if a.Head.Error == nil || a.Head.Error.Code != c.code || a.Head.Error.Field != c.field {
			t.Errorf("%s: %s", c.name, a.Message.Head)
		}
		for _, b := range []proto.Body{proto.TrainRun{}, proto.TrainPause{}, proto.TrainChange{}, proto.TrainStatus{}, proto.TrainPreview{}, proto.TrainMap{}, proto.TrainMorph{Frames: 2, Path: proto.PathLerp},
			proto.TrainEvaluate{}, proto.TrainModel{}, proto.TrainCheckpoint{}, proto.TrainGroup{Size: 1, Generation: 1}} {
			if a := r.Ask(b); a.Head.Error == nil || a.Head.Error.Code != proto.CodeNoTraining {
				t.Fatalf("%s: %T: %s", c.name, b, a.Message.Head)
			}
		}
		if a := r.Ask(proto.TrainClose{}); a.Type != proto.TypeOK {
			t.Errorf("%s: %s", c.name, a.Message.Head)
		}
	}
}

// TestFiles trains on IDX files, with test pictures and without.
func TestFiles(t *testing.T) {
	files := proto.Data{Kind: proto.DataIDX, Name: "drawn"}
	open := proto.TrainOpen{Recipe: json.RawMessage(recipe), Data: files, Validation: files}
	for _, c := range []struct {
		bufs         [][]byte
		train, valid int
	}{
		{[][]byte{enginetest.IDX(3, 40, 28, 28), enginetest.IDX(1, 40), enginetest.IDX(3, 9, 28, 28), nil}, 40, 9},
		{[][]byte{enginetest.IDX(3, 40, 28, 28)}, 36, 4},
	} {
		r := newFixture(t)
		var ok proto.TrainOpenOK
		r.OK(&ok, open, c.bufs...)
		if ok.Dataset != (proto.DataInfo{Name: "drawn", Count: c.train, Shape: [3]int{1, 28, 28}}) || ok.Validation.Count != c.valid {
			t.Errorf("%+v", ok)
		}
		r.Ask(proto.TrainRun{Steps: 2})
		var e proto.TrainEvaluateOK
		if r.OK(&e, proto.TrainEvaluate{}); e.Images != c.valid || e.Step != 2 || !(e.ELBO < 0) {
			t.Errorf("%+v", e)
		}
	}
}

func TestLook(t *testing.T) {
	r := newFixture(t)
	r.OK(&proto.TrainOpenOK{}, openOf(recipe))
	r.Ask(proto.TrainRun{Steps: 8})
	ask := proto.TrainPreview{Recon: 4, Samples: 3, Scatter: 100, Grid: 5, Seed: 2}
	var ok proto.TrainPreviewOK
	a := r.OK(&ok, ask)
	if ok.Step != 8 || ok.Latent != 3 || ok.Recon != 4 || ok.Samples != 3 || ok.Scatter != 20 || ok.Grid != 5 || len(ok.Labels) != 20 || len(ok.Explained) != 2 {
		t.Errorf("%+v", ok)
	}
	for i, n := range []int{4 * 784, 4 * 784, 3 * 784, 2 * 20, 25 * 784} {
		if v := enginetest.Floats(t, a.Message, i); len(v) != n {
			t.Errorf("buffer %d has %d numbers, not %d", i, len(v), n)
		}
	}
	for i, label := range ok.Labels {
		if label != data.NewDigits(3).Label(1000+i) {
			t.Errorf("label %d is %d", i, label)
		}
	}
	again := r.OK(&ok, ask)
	for i := range a.Bufs {
		x, y := enginetest.Floats(t, a.Message, i), enginetest.Floats(t, again.Message, i)
		for k := range x {
			if math.Abs(float64(x[k]-y[k])) > 1e-3 {
				t.Fatalf("buffer %d is another the second time: %v and %v", i, x[k], y[k])
			}
		}
	}

	// The middle of the grid is decoded from the mean of the points.
	m := r.training.run.trainer.Model()
	mean, z, logvar3 := make([]float32, 3), make([]float32, 3), make([]float32, 3)
	valid := make([]float32, 20*784)
	r.training.run.pictures(valid, 0)
	for i := range 20 {
		if err := m.Encode(z, logvar3, valid[i*784:][:784]); err != nil {
			t.Fatal(err)
		}
		for j := range mean {
			mean[j] += z[j] / 20
		}
	}
	want := make([]float32, 784)
	if err := m.Decode(want, mean); err != nil {
		t.Fatal(err)
	}
	for i, v := range enginetest.Floats(t, a.Message, 4)[12*784:][:784] {
		if math.Abs(float64(v-want[i])) > 1e-3 {
			t.Fatalf("pixel %d in the middle of the grid is %v, want %v", i, v, want[i])
		}
	}
	r.OK(&ok, proto.TrainPreview{Scatter: 2, Grid: 5})
	if ok.Grid != 0 {
		t.Error("there is a grid without a plane")
	}

	// Two dimensions show themselves, and a grid.
	r.OK(&proto.TrainOpenOK{}, openOf(strings.Replace(recipe, `"latent": 3`, `"latent": 2`, 1)))
	a = r.OK(&ok, ask)
	if ok.Grid != 5 || len(a.Buf(4)) != 4*25*784 || len(ok.Explained) != 0 {
		t.Errorf("%+v, %d bytes of grid", ok, len(a.Buf(4)))
	}
	mu, logvar, x := make([]float32, 2), make([]float32, 2), enginetest.Floats(t, a.Message, 0)[:784]
	if err := r.training.run.trainer.Model().Encode(mu, logvar, x); err != nil {
		t.Fatal(err)
	}
	if got := enginetest.Floats(t, a.Message, 3)[:2]; math.Abs(float64(got[0]-mu[0])) > 1e-5 || math.Abs(float64(got[1]-mu[1])) > 1e-5 {
		t.Errorf("the first point is %v, its mu %v", got, mu)
	}
	for _, bad := range []proto.TrainPreview{{Recon: -1}, {Samples: 1e6}, {Scatter: 1e6}, {Grid: 1000}, {Seed: -1}} {
		if a := r.Ask(bad); a.Head.Error == nil || a.Head.Error.Code != proto.CodeBadValue {
			t.Errorf("%+v: %s", bad, a.Message.Head)
		}
	}
}

// TestModelFile: the file is a model that the engine itself can load.
func TestModelFile(t *testing.T) {
	r := newFixture(t)
	r.OK(&proto.TrainOpenOK{}, openOf(recipe))
	r.Ask(proto.TrainRun{Steps: 3})
	var ok proto.TrainStepOK
	m, err := model.Read(r.OK(&ok, proto.TrainModel{}).Buf(0))
	if err != nil || ok.Step != 3 || m.Latent() != 3 {
		t.Errorf("%+v, %v", ok, err)
	}
}

// TestRequestsGoFirst: whoever asks is answered between two steps.
func TestRequestsGoFirst(t *testing.T) {
	r := newFixture(t)
	clock := time.Duration(0)
	r.Clock = func() time.Duration { clock += time.Millisecond; return clock }
	r.OK(&proto.TrainOpenOK{}, openOf(recipe))
	r.Queue(proto.TrainRun{})
	for r.training.run.trainer.StepsTaken() == 0 {
		r.Step()
	}
	id := r.Queue(proto.Hello{})
	before := r.training.run.trainer.StepsTaken()
	r.Step()
	if _, ok := r.Answers[id]; !ok || r.training.run.trainer.StepsTaken() != before || before > 8 {
		t.Errorf("hello waits; %d steps were taken in one go", before)
	}
	r.Ask(proto.TrainClose{})
	if r.training.run != nil {
		t.Error("the run is still there")
	}
}
