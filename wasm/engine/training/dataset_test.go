package training

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"inkdrift/wasm/engine/dataset"
	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/proto"
)

// small is a recipe for pictures of a shape.
func small(shape string) json.RawMessage {
	return json.RawMessage(strings.Replace(strings.Replace(recipe, "1, 28, 28", shape, 1), "bernoulli", "gaussian", 1))
}

var petsData = proto.Data{Kind: proto.DataAlbum, Name: "my pets", Frame: proto.Frame{Shape: [3]int{3, 4, 5}, Fit: proto.FitWhole, Paper: "#102030"}}

// TestAlbum trains on an archive, alone and in company, and goes on only with the
// same pictures, brought to the same shape.
func TestAlbum(t *testing.T) {
	bufs := enginetest.Packed(t, proto.File{Name: "pets.zip", Content: enginetest.Pets(t, 40)})
	open := proto.TrainOpen{Recipe: small("3, 4, 5"), Data: petsData, Validation: petsData}
	r := newFixture(t)
	var ok proto.TrainOpenOK
	r.OK(&ok, open, bufs...)
	if want := (proto.DataInfo{Name: "my pets", Count: 32, Shape: [3]int{3, 4, 5}}); ok.Dataset != want || ok.Validation.Count != 4 || !slices.Equal(ok.Classes, []string{"cats", "dogs"}) {
		t.Errorf("%+v", ok)
	}
	p := ok.Report
	if p == nil || p.Files != 42 || p.Pictures != 40 || p.Hidden != 1 || p.Unreadable != 1 || len(p.LeftOut) != 2 || p.LeftOut[1].Why != proto.WhySystem || p.LeftOut[1].Name != ".DS_Store" ||
		p.LeftOut[0].Name != "pets/readme.txt" || p.LeftOut[0].Why != proto.WhyNotPicture || p.LeftOut[0].Message == "" {
		t.Errorf("%+v", p)
	}
	r.Ask(proto.TrainRun{Steps: 7})
	file := r.OK(&proto.TrainFileOK{}, proto.TrainCheckpoint{}).Buf(0)
	r.Ask(proto.TrainRun{})
	var look proto.TrainPreviewOK
	if r.OK(&look, proto.TrainPreview{Recon: 4, Scatter: 4}); look.Recon != 4 || look.Labels[0] != 0 || look.Labels[3] != 1 {
		t.Errorf("%+v", look)
	}

	restore := proto.TrainRestore{Data: petsData, Validation: petsData}
	s := newFixture(t)
	s.OK(&ok, restore, append([][]byte{file}, bufs...)...)
	s.Ask(proto.TrainRun{})
	if !slices.Equal(s.training.run.trainer.Model().Arena().W, r.training.run.trainer.Model().Arena().W) {
		t.Error("the weights of a run that was interrupted are others")
	}
	cropped := restore
	cropped.Data.Frame.Fit = ""
	cropped.Validation = cropped.Data
	other := enginetest.Packed(t, proto.File{Name: "pets.zip", Content: enginetest.Pets(t, 41)})
	for name, c := range map[string]struct {
		r    proto.TrainRestore
		bufs [][]byte
	}{"another frame": {cropped, bufs}, "other pictures": {restore, other}} {
		if a := s.Ask(c.r, append([][]byte{file}, c.bufs...)...); a.Head.Error == nil || a.Head.Error.Code != proto.CodeBadCheckpoint || a.Head.Error.Field != "data" {
			t.Errorf("%s: %s", name, a.Message.Head)
		}
	}

	c := newWorkerGroup(t, 0, open)
	for range 2 {
		w := &worker{fixture: newFixture(t), group: c}
		w.OK(&ok, open, bufs...)
		c.workers = append(c.workers, w)
	}
	c.activate()
	c.workers[0].Ask(proto.TrainRun{Steps: 5})
	c.settle()
	c.sameWeights()
	if n := c.workers[1].training.run.trainer.StepsTaken(); n != 5 {
		t.Errorf("%d steps together", n)
	}
}

// TestPatches trains on patches of a picture.
func TestPatches(t *testing.T) {
	d := proto.Data{Kind: proto.DataPatches, Frame: proto.Frame{Shape: [3]int{1, 8, 8}}, Scale: 2, Count: 50, Seed: 3}
	bufs := enginetest.Packed(t, proto.File{Name: "rock.png", Content: enginetest.Painted(t, 160, 60, 1)})
	open := proto.TrainOpen{Recipe: small("1, 8, 8"), Data: d, Validation: d}
	r := newFixture(t)
	var ok proto.TrainOpenOK
	r.OK(&ok, open, bufs...)
	if ok.Dataset != (proto.DataInfo{Name: "patches", Count: 50, Shape: [3]int{1, 8, 8}}) || ok.Validation.Count != 5 || ok.Report != nil || len(ok.Classes) != 0 {
		t.Errorf("%+v", ok)
	}
	r.Ask(proto.TrainRun{Steps: 3})
	file := r.OK(&proto.TrainFileOK{}, proto.TrainCheckpoint{}).Buf(0)
	r.OK(&ok, proto.TrainRestore{Data: d, Validation: d}, append([][]byte{file}, bufs...)...)
	d.Seed++
	if a := r.Ask(proto.TrainRestore{Data: d, Validation: d}, append([][]byte{file}, bufs...)...); a.Head.Error == nil || a.Head.Error.Field != "data" {
		t.Errorf("other patches: %s", a.Message.Head)
	}
}

// TestCIFAR: the test batch is kept apart, and without one all are dealt out.
func TestCIFAR(t *testing.T) {
	d := proto.Data{Kind: proto.DataCIFAR, Name: "cifar10"}
	one := proto.File{Name: "data_batch_1.bin", Content: enginetest.CIFARBatch(30, 1)}
	two := proto.File{Name: "data_batch_2.bin", Content: enginetest.CIFARBatch(20, 2)}
	test := proto.File{Name: "cifar/test_batch.bin", Content: enginetest.CIFARBatch(9, 3)}
	for _, c := range []struct {
		files       []proto.File
		train, rest int
		label       int // of the first picture to train on
	}{
		{[]proto.File{test, two, one}, 45, 14, 1},
		{[]proto.File{two, one}, 40, 10, 1},
		{[]proto.File{test}, 7, 2, 3},
	} {
		r := newFixture(t)
		var ok proto.TrainOpenOK
		r.OK(&ok, proto.TrainOpen{Recipe: small("3, 32, 32"), Data: d, Validation: d}, enginetest.Packed(t, c.files...)...)
		o, err := (*dataset.Reader)(nil).Open(d, d, enginetest.Packed(t, c.files...))
		if err != nil {
			t.Fatal(err)
		}
		if ok.Dataset.Count != c.train || ok.Validation.Count+o.Test != c.rest || o.Train.Label(0) != c.label || ok.Classes[3] != "cat" {
			t.Errorf("%d files: %+v, %d for the test, label %d", len(c.files), ok, o.Test, o.Train.Label(0))
		}
		r.Ask(proto.TrainRun{Steps: 1})
	}
}

// TestFilesRefused: files that make no set, and descriptions that do not fit, are
// refused with the code and the field at fault, and the file is named.
func TestFilesRefused(t *testing.T) {
	whole := enginetest.Pets(t, 10)
	cifar := proto.Data{Kind: proto.DataCIFAR}
	patches := proto.Data{Kind: proto.DataPatches, Frame: proto.Frame{Shape: [3]int{1, 8, 8}}, Scale: 1, Count: 5}
	huge := bytes.Clone(enginetest.Painted(t, 4, 4, 1))
	copy(huge[16:], "\x00\x01\x00\x00\x00\x01\x00\x00") // 65,536 x 65,536
	file := func(name string, content []byte) [][]byte {
		return enginetest.Packed(t, proto.File{Name: name, Content: content})
	}
	for _, c := range []struct {
		name, recipe string
		data         proto.Data
		bufs         [][]byte
		code         proto.Code
		field, word  string
	}{
		{"no files", "3, 4, 5", petsData, nil, proto.CodeBadData, "files", "buffers"},
		{"a list of nothing", "3, 4, 5", petsData, enginetest.Packed(t), proto.CodeTooFew, "files", "too few"},
		{"a torn archive", "3, 4, 5", petsData, file("torn.zip", whole[:len(whole)/2]), proto.CodeTornFile, "torn.zip", "torn.zip"},
		{"no archive", "3, 4, 5", petsData, file("text.zip", []byte("hello")), proto.CodeNoArchive, "text.zip", "text.zip"},
		{"no pictures", "3, 4, 5", petsData, file("a.txt", []byte("hello")), proto.CodeTooFew, "files", "a.txt"},
		{"two pictures", "3, 4, 5", petsData, file("a.zip", enginetest.Pets(t, 2)), proto.CodeTooFew, "files", "too few"},
		{"another shape than the model's", "3, 5, 4", petsData, file("a.zip", whole), proto.CodeBadData, "data", "3 4 5"},
		{"batches for another model", "3, 4, 5", cifar, file("a.bin", enginetest.CIFARBatch(9, 1)), proto.CodeBadData, "data", "3 32 32"},
		{"no batches", "3, 32, 32", cifar, enginetest.Packed(t), proto.CodeBadData, "files", "no data set"},
		{"a torn batch", "3, 32, 32", cifar, file("a.bin", enginetest.CIFARBatch(9, 1)[:5000]), proto.CodeTornFile, "a.bin", "whole number"},
		{"no batch", "3, 32, 32", cifar, file("a.bin", bytes.Repeat([]byte{200}, 3073)), proto.CodeBadData, "a.bin", "no data set"},
		{"patches of no file", "1, 8, 8", patches, enginetest.Packed(t), proto.CodeBadData, "files", "none"},
		{"patches of nothing", "1, 8, 8", patches, file("a.png", nil), proto.CodeBadData, "a.png", "a.png"},
		{"patches of too small a picture", "1, 8, 8", patches, file("a.png", enginetest.Painted(t, 23, 20, 1)), proto.CodeTooFew, "a.png", "larger picture"},
		{"patches of too large a picture", "1, 8, 8", patches, file("a.png", huge), proto.CodeTooLarge, "a.png", "a.png"},
	} {
		r := newFixture(t)
		a := r.Ask(proto.TrainOpen{Recipe: small(c.recipe), Data: c.data, Validation: c.data}, c.bufs...)
		if e := a.Head.Error; e == nil || e.Code != c.code || e.Field != c.field || !strings.Contains(e.Message, c.word) {
			t.Errorf("%s: %s", c.name, a.Message.Head)
		}
	}
	faces := proto.Data{Kind: "faces", Count: proto.MaxPictures}
	if a := newFixture(t).Ask(proto.TrainOpen{Recipe: small("3, 32, 32"), Data: faces, Validation: faces}); a.Head.Error == nil || a.Head.Error.Field != "data.count" {
		t.Errorf("more faces than can be kept: %s", a.Message.Head)
	}
}

// TestReadingYields: while an archive is read others are answered, whoever asked is
// told how far it is, and another run or the end of this one ends it.
func TestReadingYields(t *testing.T) {
	bufs := enginetest.Packed(t, proto.File{Name: "pets.zip", Content: enginetest.Pets(t, 30)})
	open := proto.TrainOpen{Recipe: small("3, 4, 5"), Data: petsData, Validation: petsData}

	r := ticking(t, 10*time.Millisecond)
	first := r.Queue(open, bufs...)
	hello := r.Queue(proto.Hello{})
	status := r.Queue(proto.TrainStatus{})
	for range 8 {
		r.Step()
	}
	if _, done := r.Answers[first]; done || r.Answers[hello].Type != proto.TypeOK || r.Answers[status].Head.Error == nil {
		t.Errorf("after eight pieces there are the answers %q", r.Order)
	}
	r.Run()
	if r.Answers[first].Type != proto.TypeOK {
		t.Fatal(r.Answers[first].Message.Head)
	}
	var last proto.DataEvent
	told := 0
	for _, e := range r.Events {
		if e.Type == proto.TypeData {
			var now proto.DataEvent
			if err := e.Fields(&now); err != nil || now.Done < last.Done || now.Done > now.Of || now.Of != 32 {
				t.Errorf("%+v after %+v, %v", now, last, err)
			}
			last = now
			told++
		}
	}
	if told < 2 || last.Done < 10 {
		t.Errorf("it was told of %d times, at last %+v", told, last)
	}

	for name, end := range map[string]func() int64{
		"another run": func() int64 { return r.Queue(openOf(recipe)) },
		"its end":     func() int64 { return r.Queue(proto.TrainClose{}) },
		"another set": func() int64 { return r.Queue(open, bufs...) },
	} {
		r.Events = nil
		first := r.Queue(open, bufs...)
		for range 5 {
			r.Step()
		}
		second := end()
		r.Run()
		if a := r.Answers[first]; a.Head.Error == nil || a.Head.Error.Code != proto.CodeNoTraining {
			t.Errorf("%s: the first is answered %s", name, a.Message.Head)
		}
		if a := r.Answers[second]; a.Type != proto.TypeOK {
			t.Errorf("%s: the second is answered %s", name, a.Message.Head)
		}
		if (r.training.run == nil) != (name == "its end") {
			t.Errorf("%s: a run is open: %v", name, r.training.run != nil)
		}
	}
}

// TestPictureYields: within one picture, too, others are answered.
func TestPictureYields(t *testing.T) {
	patches := proto.Data{Kind: proto.DataPatches, Frame: proto.Frame{Shape: [3]int{1, 8, 8}}, Scale: 1, Count: 5}
	r := ticking(t, 10*time.Millisecond)
	id := r.Queue(proto.TrainOpen{Recipe: small("1, 8, 8"), Data: patches, Validation: patches}, enginetest.Packed(t, proto.File{Name: "a.png", Content: enginetest.Noise(t, 300)})...)
	pieces := 0
	for r.Step() {
		pieces++
	}
	if r.Answers[id].Type != proto.TypeOK || pieces < 300 {
		t.Errorf("%d pieces, %s", pieces, r.Answers[id].Message.Head)
	}
}
