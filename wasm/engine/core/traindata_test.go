package core

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"inkdrift/vae/data"
	"inkdrift/vae/data/album"
	"inkdrift/vae/data/sets"
	"inkdrift/wasm/proto"
)

// packed gives files as a request has them.
func packed(t testing.TB, files ...proto.File) [][]byte {
	t.Helper()
	type entry struct {
		Name  string `json:"name"`
		Bytes int    `json:"bytes"`
	}
	var list []entry
	var content []byte
	for _, f := range files {
		list = append(list, entry{f.Name, len(f.Content)})
		content = append(content, f.Content...)
	}
	b, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return [][]byte{b, content}
}

// painted is a PNG of w x h pixels that is different for every seed.
func painted(t testing.TB, w, h, seed int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, color.RGBA{uint8(x * (seed + 1)), uint8(y*7 + seed*40), uint8(seed * 13), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// zipped is an archive of files.
func zipped(t testing.TB, files ...proto.File) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		out, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := out.Write(f.Content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pets is an archive of n pictures in two folders, of a file that is hidden and of
// one that is no picture.
func pets(t testing.TB, n int) []byte {
	files := []proto.File{{Name: ".DS_Store", Content: []byte("x")}, {Name: "pets/readme.txt", Content: []byte("these are pets")}}
	for i := range n {
		files = append(files, proto.File{Name: fmt.Sprintf("pets/%s/%03d.png", []string{"cats", "dogs"}[i%2], i), Content: painted(t, 6+i%3, 6, i)})
	}
	return zipped(t, files...)
}

// small is a recipe for pictures of a shape.
func small(shape string) json.RawMessage {
	return json.RawMessage(strings.Replace(strings.Replace(recipe, "1, 28, 28", shape, 1), "bernoulli", "gaussian", 1))
}

var petsData = proto.Data{Kind: proto.DataAlbum, Name: "my pets", Frame: proto.Frame{Shape: [3]int{3, 4, 5}, Fit: proto.FitWhole, Paper: "#102030"}}

// TestAlbum trains on an archive, alone and in company, and goes on only with the
// same pictures, brought to the same shape.
func TestAlbum(t *testing.T) {
	bufs := packed(t, proto.File{Name: "pets.zip", Content: pets(t, 40)})
	open := proto.TrainOpen{Recipe: small("3, 4, 5"), Data: petsData, Validation: petsData}
	r := newRig(t)
	var ok proto.TrainOpenOK
	r.good(&ok, open, bufs...)
	if want := (proto.DataInfo{Name: "my pets", Count: 32, Shape: [3]int{3, 4, 5}}); ok.Dataset != want || ok.Validation.Count != 4 || !slices.Equal(ok.Classes, []string{"cats", "dogs"}) {
		t.Errorf("%+v", ok)
	}
	p := ok.Report
	if p == nil || p.Files != 42 || p.Pictures != 40 || p.Hidden != 1 || p.Unreadable != 1 || len(p.LeftOut) != 1 ||
		p.LeftOut[0].Name != "pets/readme.txt" || p.LeftOut[0].Why != proto.WhyNotPicture || p.LeftOut[0].Message == "" {
		t.Errorf("%+v", p)
	}
	r.ask(proto.TrainRun{Steps: 7})
	file := r.good(&proto.TrainStepOK{}, proto.TrainCheckpoint{}).Buf(0)
	r.ask(proto.TrainRun{})
	var look proto.TrainLookOK
	if r.good(&look, proto.TrainLook{Recon: 4, Scatter: 4}); look.Recon != 4 || look.Labels[0] != 0 || look.Labels[3] != 1 {
		t.Errorf("%+v", look)
	}

	restore := proto.TrainRestore{Data: petsData, Validation: petsData}
	s := newRig(t)
	s.good(&ok, restore, append([][]byte{file}, bufs...)...)
	s.ask(proto.TrainRun{})
	if !slices.Equal(s.training.trainer.Model().Arena().W, r.training.trainer.Model().Arena().W) {
		t.Error("the weights of a run that was interrupted are others")
	}
	cropped := restore
	cropped.Data.Frame.Fit = ""
	cropped.Validation = cropped.Data
	other := packed(t, proto.File{Name: "pets.zip", Content: pets(t, 41)})
	for name, c := range map[string]struct {
		r    proto.TrainRestore
		bufs [][]byte
	}{"another frame": {cropped, bufs}, "other pictures": {restore, other}} {
		if a := s.ask(c.r, append([][]byte{file}, c.bufs...)...); a.Head.Error == nil || a.Head.Error.Code != proto.CodeBadCheckpoint || a.Head.Error.Field != "data" {
			t.Errorf("%s: %s", name, a.Message.Head)
		}
	}

	c := newCrew(t, 0, open)
	for range 2 {
		w := &worker{rig: newRig(t)}
		w.good(&ok, open, bufs...)
		c.workers = append(c.workers, w)
	}
	c.stand()
	c.workers[0].ask(proto.TrainRun{Steps: 5})
	c.settle()
	c.sameWeights()
	if n := c.workers[1].training.trainer.StepsTaken(); n != 5 {
		t.Errorf("%d steps together", n)
	}
}

// TestAlbumOfFiles: in which order pictures were chosen makes no difference, and
// several archives are classes.
func TestAlbumOfFiles(t *testing.T) {
	var files []proto.File
	for i := range 12 {
		files = append(files, proto.File{Name: fmt.Sprintf("%02d.png", i), Content: painted(t, 5, 5, i)})
	}
	read := func(files ...proto.File) *opened {
		o, err := (*reading)(nil).openFiles(petsData, packed(t, files...))
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	a := read(files...)
	slices.Reverse(files)
	b := read(files...)
	n := a.train.Shape().Len()
	x, y := make([]float32, n), make([]float32, n)
	a.train.Batch(x, []int{3})
	b.train.Batch(y, []int{3})
	if a.train.Name() != b.train.Name() || !slices.Equal(x, y) || a.train.Label(0) != -1 || len(a.classes) != 0 {
		t.Errorf("%q and %q", a.train.Name(), b.train.Name())
	}
	both := read(proto.File{Name: "Dogs.ZIP", Content: zipped(t, files[:6]...)}, proto.File{Name: "cats.zip", Content: zipped(t, files[6:]...)})
	if !slices.Equal(both.classes, []string{"Dogs", "cats"}) || both.train.Label(0) != 0 || both.train.Label(7) != 1 {
		t.Errorf("classes %q", both.classes)
	}
}

// TestPatches trains on patches of a picture.
func TestPatches(t *testing.T) {
	d := proto.Data{Kind: proto.DataPatches, Frame: proto.Frame{Shape: [3]int{1, 8, 8}}, Scale: 2, Count: 50, Seed: 3}
	bufs := packed(t, proto.File{Name: "rock.png", Content: painted(t, 160, 60, 1)})
	open := proto.TrainOpen{Recipe: small("1, 8, 8"), Data: d, Validation: d}
	r := newRig(t)
	var ok proto.TrainOpenOK
	r.good(&ok, open, bufs...)
	if ok.Dataset != (proto.DataInfo{Name: "patches", Count: 50, Shape: [3]int{1, 8, 8}}) || ok.Validation.Count != 5 || ok.Report != nil || len(ok.Classes) != 0 {
		t.Errorf("%+v", ok)
	}
	r.ask(proto.TrainRun{Steps: 3})
	file := r.good(&proto.TrainStepOK{}, proto.TrainCheckpoint{}).Buf(0)
	r.good(&ok, proto.TrainRestore{Data: d, Validation: d}, append([][]byte{file}, bufs...)...)
	d.Seed++
	if a := r.ask(proto.TrainRestore{Data: d, Validation: d}, append([][]byte{file}, bufs...)...); a.Head.Error == nil || a.Head.Error.Field != "data" {
		t.Errorf("other patches: %s", a.Message.Head)
	}
}

// cifarBatch is a batch of n pictures.
func cifarBatch(n, seed int) []byte {
	b := make([]byte, n*3073)
	for i := range b {
		b[i] = byte(i*seed + i/3073)
	}
	for i := range n {
		b[i*3073] = byte((i + seed) % 10)
	}
	return b
}

// TestCIFAR: the test batch is kept apart, and without one all are dealt out.
func TestCIFAR(t *testing.T) {
	d := proto.Data{Kind: proto.DataCIFAR, Name: "cifar10"}
	one := proto.File{Name: "data_batch_1.bin", Content: cifarBatch(30, 1)}
	two := proto.File{Name: "data_batch_2.bin", Content: cifarBatch(20, 2)}
	test := proto.File{Name: "cifar/test_batch.bin", Content: cifarBatch(9, 3)}
	for _, c := range []struct {
		files       []proto.File
		train, rest int
		label       int // of the first picture to train on
	}{
		{[]proto.File{test, two, one}, 45, 14, 1},
		{[]proto.File{two, one}, 40, 10, 1},
		{[]proto.File{test}, 7, 2, 3},
	} {
		r := newRig(t)
		var ok proto.TrainOpenOK
		r.good(&ok, proto.TrainOpen{Recipe: small("3, 32, 32"), Data: d, Validation: d}, packed(t, c.files...)...)
		o, err := (*reading)(nil).openFiles(d, packed(t, c.files...))
		if err != nil {
			t.Fatal(err)
		}
		if ok.Dataset.Count != c.train || ok.Validation.Count+o.test != c.rest || o.train.Label(0) != c.label || ok.Classes[3] != "cat" {
			t.Errorf("%d files: %+v, %d for the test, label %d", len(c.files), ok, o.test, o.train.Label(0))
		}
		r.ask(proto.TrainRun{Steps: 1})
	}
}

// TestFilesRefused: files that make no set, and descriptions that do not fit, are
// refused with the code and the field at fault, and the file is named.
func TestFilesRefused(t *testing.T) {
	whole := pets(t, 10)
	cifar := proto.Data{Kind: proto.DataCIFAR}
	patches := proto.Data{Kind: proto.DataPatches, Frame: proto.Frame{Shape: [3]int{1, 8, 8}}, Scale: 1, Count: 5}
	huge := bytes.Clone(painted(t, 4, 4, 1))
	copy(huge[16:], "\x00\x01\x00\x00\x00\x01\x00\x00") // 65,536 x 65,536
	file := func(name string, content []byte) [][]byte { return packed(t, proto.File{Name: name, Content: content}) }
	for _, c := range []struct {
		name, recipe string
		data         proto.Data
		bufs         [][]byte
		code         proto.Code
		field, word  string
	}{
		{"no files", "3, 4, 5", petsData, nil, proto.CodeBadData, "files", "buffers"},
		{"a list of nothing", "3, 4, 5", petsData, packed(t), proto.CodeTooFew, "files", "too few"},
		{"a torn archive", "3, 4, 5", petsData, file("torn.zip", whole[:len(whole)/2]), proto.CodeTornFile, "files", "torn.zip"},
		{"no archive", "3, 4, 5", petsData, file("text.zip", []byte("hello")), proto.CodeNoArchive, "files", "text.zip"},
		{"no pictures", "3, 4, 5", petsData, file("a.txt", []byte("hello")), proto.CodeTooFew, "files", "a.txt"},
		{"two pictures", "3, 4, 5", petsData, file("a.zip", pets(t, 2)), proto.CodeTooFew, "files", "too few"},
		{"another shape than the model's", "3, 5, 4", petsData, file("a.zip", whole), proto.CodeBadData, "data", "3 4 5"},
		{"batches for another model", "3, 4, 5", cifar, file("a.bin", cifarBatch(9, 1)), proto.CodeBadData, "data", "3 32 32"},
		{"no batches", "3, 32, 32", cifar, packed(t), proto.CodeBadData, "files", "none"},
		{"a torn batch", "3, 32, 32", cifar, file("a.bin", cifarBatch(9, 1)[:5000]), proto.CodeTornFile, "files", "batch 1, picture 1"},
		{"no batch", "3, 32, 32", cifar, file("a.bin", bytes.Repeat([]byte{200}, 3073)), proto.CodeBadData, "files", "class 200"},
		{"patches of two pictures", "1, 8, 8", patches, packed(t, proto.File{Name: "a"}, proto.File{Name: "b"}), proto.CodeBadData, "files", "one picture"},
		{"patches of nothing", "1, 8, 8", patches, file("a.png", nil), proto.CodeBadData, "files", "a.png"},
		{"patches of too small a picture", "1, 8, 8", patches, file("a.png", painted(t, 23, 20, 1)), proto.CodeTooFew, "files", "larger picture"},
		{"patches of too large a picture", "1, 8, 8", patches, file("a.png", huge), proto.CodeTooLarge, "files", "a.png"},
	} {
		r := newRig(t)
		a := r.ask(proto.TrainOpen{Recipe: small(c.recipe), Data: c.data, Validation: c.data}, c.bufs...)
		if e := a.Head.Error; e == nil || e.Code != c.code || e.Field != c.field || !strings.Contains(e.Message, c.word) {
			t.Errorf("%s: %s", c.name, a.Message.Head)
		}
	}
	faces := proto.Data{Kind: "faces", Count: proto.MaxPictures}
	if a := newRig(t).ask(proto.TrainOpen{Recipe: small("3, 32, 32"), Data: faces, Validation: faces}); a.Head.Error == nil || a.Head.Error.Field != "data.count" {
		t.Errorf("more faces than can be kept: %s", a.Message.Head)
	}
}

// ticking gives a rig whose clock goes on by so much whenever it is looked at.
func ticking(t *testing.T, by time.Duration) *rig {
	r := newRig(t)
	var clock time.Duration
	r.opt.Now = func() time.Duration { clock += by; return clock }
	return r
}

// TestReadingRests: while an archive is read others are answered, whoever asked is
// told how far it is, and another run or the end of this one ends it.
func TestReadingRests(t *testing.T) {
	bufs := packed(t, proto.File{Name: "pets.zip", Content: pets(t, 30)})
	open := proto.TrainOpen{Recipe: small("3, 4, 5"), Data: petsData, Validation: petsData}

	r := ticking(t, 10*time.Millisecond)
	first := r.post(open, bufs...)
	hello := r.post(proto.Hello{})
	status := r.post(proto.TrainStatus{})
	for range 8 {
		r.Step()
	}
	if _, done := r.answers[first]; done || r.answers[hello].Type != proto.TypeOK || r.answers[status].Head.Error == nil {
		t.Errorf("after eight pieces there are the answers %q", r.order)
	}
	r.run()
	if r.answers[first].Type != proto.TypeOK {
		t.Fatal(r.answers[first].Message.Head)
	}
	var last proto.DataEvent
	told := 0
	for _, e := range r.events {
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
		"another run": func() int64 { return r.post(openOf(recipe)) },
		"its end":     func() int64 { return r.post(proto.TrainClose{}) },
		"another set": func() int64 { return r.post(open, bufs...) },
	} {
		r.events = nil
		first := r.post(open, bufs...)
		for range 5 {
			r.Step()
		}
		second := end()
		r.run()
		if a := r.answers[first]; a.Head.Error == nil || a.Head.Error.Code != proto.CodeNoTraining {
			t.Errorf("%s: the first is answered %s", name, a.Message.Head)
		}
		if a := r.answers[second]; a.Type != proto.TypeOK {
			t.Errorf("%s: the second is answered %s", name, a.Message.Head)
		}
		if (r.training == nil) != (name == "its end") {
			t.Errorf("%s: a run is open: %v", name, r.training != nil)
		}
	}
}

// TestPictureRests: within one picture, too, others are answered.
func TestPictureRests(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 300, 300))
	for i := range m.Pix {
		m.Pix[i] = byte(i * i >> 7)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	patches := proto.Data{Kind: proto.DataPatches, Frame: proto.Frame{Shape: [3]int{1, 8, 8}}, Scale: 1, Count: 5}
	for name, ask := range map[string]func(*rig) int64{
		"preview": func(r *rig) int64 { return r.post(proto.DataPreview{Frame: petsData.Frame}, b.Bytes()) },
		"patches": func(r *rig) int64 {
			return r.post(proto.TrainOpen{Recipe: small("1, 8, 8"), Data: patches, Validation: patches}, packed(t, proto.File{Name: "a.png", Content: b.Bytes()})...)
		},
		"album": func(r *rig) int64 {
			return r.post(proto.DataSheet{Data: petsData, Columns: 2, Rows: 1}, packed(t, proto.File{Name: "a.png", Content: b.Bytes()},
				proto.File{Name: "b.png", Content: painted(t, 4, 4, 1)}, proto.File{Name: "c.png", Content: painted(t, 4, 4, 2)})...)
		},
	} {
		r := ticking(t, 10*time.Millisecond)
		id := ask(r)
		pieces := 0
		for r.Step() {
			pieces++
		}
		if r.answers[id].Type != proto.TypeOK || pieces < 300 {
			t.Errorf("%s: %d pieces, %s", name, pieces, r.answers[id].Message.Head)
		}
	}
}

func TestDataSets(t *testing.T) {
	r := newRig(t)
	var ok proto.DataSetsOK
	r.good(&ok, proto.DataSets{})
	if len(ok.Sets) != len(sets.All()) || ok.FirstValidation != data.FirstValidation || ok.FirstTest != data.FirstTest {
		t.Fatalf("%+v", ok)
	}
	for _, s := range ok.Sets {
		source, err := sets.Find(s.Name)
		if err != nil || s.Key != source.Key || s.Train < 1 || s.Validation < 1 || s.Classes == nil || len(s.Classes) != len(source.Classes) || len(s.Attributes) != len(source.Attributes) {
			t.Errorf("%+v, %v", s, err)
		}
		// It is what a run wants.
		train := proto.Data{Kind: s.Name, Count: s.Train}
		valid := proto.Data{Kind: s.Name, Count: s.Validation, First: ok.FirstValidation}
		if _, err := (*reading)(nil).openData(train, valid, nil); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
		if err := (proto.TrainRestore{Data: train, Validation: valid}).Check(); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
}

// pixel gives a pixel of a sheet.
func pixel(a got, width, x, y int) [4]byte { return [4]byte(a.Buf(0)[4*(y*width+x):]) }

// TestSheets: every kind of set has a sheet, of the pictures that one trains on.
func TestSheets(t *testing.T) {
	r := ticking(t, 3*time.Millisecond)
	archive := packed(t, proto.File{Name: "pets.zip", Content: pets(t, 100)})
	patches := proto.Data{Kind: proto.DataPatches, Frame: proto.Frame{Shape: [3]int{3, 8, 8}}, Scale: 1, Count: 500}
	idxData := proto.Data{Kind: proto.DataIDX, Name: "drawn"}
	for _, c := range []struct {
		name          string
		q             proto.DataSheet
		bufs          [][]byte
		width, height int
		want          proto.DataSheetOK // without size and report
	}{
		{"digits", proto.DataSheet{Data: trainData, Columns: 5, Rows: 4}, nil, 5*30 - 2, 4*30 - 2, proto.DataSheetOK{Shape: [3]int{1, 28, 28}, Train: 53}},
		{"faces", proto.DataSheet{Data: proto.Data{Kind: "faces", Count: 6}, Columns: 4, Rows: 4}, nil, 4*34 - 2, 2*34 - 2, proto.DataSheetOK{Shape: [3]int{3, 32, 32}, Train: 6}},
		{"files", proto.DataSheet{Data: idxData, Columns: 3, Rows: 1}, [][]byte{idx(3, 40, 9, 8), idx(1, 40)}, 3*10 - 2, 9, proto.DataSheetOK{Shape: [3]int{1, 9, 8}, Train: 36, Validation: 4}},
		{"classes of files", proto.DataSheet{Data: idxData, Columns: 3, Rows: 10, ByClass: true}, [][]byte{idx(3, 40, 9, 8), idx(1, 40)}, 3*10 - 2, 10*11 - 2, proto.DataSheetOK{Shape: [3]int{1, 9, 8}, Train: 36, Validation: 4}},
		{"examples of an album", proto.DataSheet{Data: petsData, Columns: 4, Rows: 2}, archive, 4*7 - 2, 2*6 - 2, proto.DataSheetOK{Shape: [3]int{3, 4, 5}}},
		{"an album", proto.DataSheet{Data: petsData, Columns: 4, Rows: 2, Whole: true}, archive, 4*7 - 2, 2*6 - 2, proto.DataSheetOK{Shape: [3]int{3, 4, 5}, Train: 80, Validation: 10, Test: 10}},
		{"classes of an album", proto.DataSheet{Data: petsData, Columns: 3, Rows: 2, ByClass: true}, archive, 3*7 - 2, 2*6 - 2, proto.DataSheetOK{Shape: [3]int{3, 4, 5}, Train: 80, Validation: 10, Test: 10}},
		{"patches", proto.DataSheet{Data: patches, Columns: 6, Rows: 6}, packed(t, proto.File{Name: "a.png", Content: painted(t, 90, 30, 2)}), 6*10 - 2, 6*10 - 2, proto.DataSheetOK{Shape: [3]int{3, 8, 8}, Train: 500, Validation: 50, Test: 50}},
		{"batches", proto.DataSheet{Data: proto.Data{Kind: proto.DataCIFAR}, Columns: 2, Rows: 2}, packed(t, proto.File{Name: "a.bin", Content: cifarBatch(20, 1)}), 2*34 - 2, 2*34 - 2, proto.DataSheetOK{Shape: [3]int{3, 32, 32}, Train: 16, Validation: 2, Test: 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var ok proto.DataSheetOK
			a := r.good(&ok, c.q, c.bufs...)
			if ok.Width != c.width || ok.Height != c.height || len(a.Buf(0)) != 4*c.width*c.height {
				t.Fatalf("%d x %d, %d bytes", ok.Width, ok.Height, len(a.Buf(0)))
			}
			if ok.Shape != c.want.Shape || ok.Train != c.want.Train || ok.Validation != c.want.Validation || ok.Test != c.want.Test || ok.Classes == nil {
				t.Errorf("%+v", ok)
			}
			if pixel(a, ok.Width, 0, 0)[3] != 255 || ok.Width > ok.Shape[2] && pixel(a, ok.Width, ok.Shape[2], 0)[3] != 0 {
				t.Error("no picture, or no gap beside it")
			}
			if b := r.good(&ok, c.q, c.bufs...); !bytes.Equal(a.Buf(0), b.Buf(0)) {
				t.Error("another sheet the second time")
			}
			again := c.q
			again.Seed = 5
			if b := r.good(&ok, again, c.bufs...); !c.q.ByClass && bytes.Equal(a.Buf(0), b.Buf(0)) && ok.Train != 6 {
				t.Error("the same sheet for another seed")
			}
			album := c.q.Data.Kind == proto.DataAlbum
			if (ok.Report != nil) != album {
				t.Fatalf("%+v", ok.Report)
			}
			if album && (ok.Report.Files != 102 || (ok.Report.Pictures == 100) != (c.q.Whole || c.q.ByClass) || ok.Report.Pictures < 10 || !slices.Equal(ok.Classes, []string{"cats", "dogs"})) {
				t.Errorf("%+v, classes %q", ok.Report, ok.Classes)
			}
			if r.training != nil {
				t.Error("a run is open")
			}
		})
	}

	// Large pictures make a smaller sheet.
	large := proto.Data{Kind: proto.DataAlbum, Frame: proto.Frame{Shape: [3]int{1, 500, 500}}}
	var ok proto.DataSheetOK
	if r.good(&ok, proto.DataSheet{Data: large, Columns: 4, Rows: 4}, archive...); ok.Width != 4*502-2 || ok.Height != 2*502-2 {
		t.Errorf("%d x %d", ok.Width, ok.Height)
	}
	// Where examples are no pictures, others are looked for.
	files := []proto.File{{Name: "z1.png", Content: painted(t, 5, 5, 1)}, {Name: "z2.png", Content: painted(t, 5, 5, 2)}, {Name: "z3.png", Content: painted(t, 5, 5, 3)}}
	for i := range 60 {
		files = append(files, proto.File{Name: fmt.Sprintf("%02d.txt", i), Content: []byte("text")})
	}
	if r.good(&ok, proto.DataSheet{Data: petsData, Columns: 3, Rows: 1}, packed(t, files...)...); ok.Report.Pictures != 3 || ok.Report.Unreadable != 60 || len(ok.Report.LeftOut) != album.MostNamed {
		t.Errorf("%+v", ok.Report)
	}
	for name, bad := range map[string]proto.DataSheet{
		"files":     {Data: petsData, Columns: 1, Rows: 1},
		"data.kind": {Data: proto.Data{Kind: "nothing", Count: 1}, Columns: 1, Rows: 1},
		"rows":      {Data: trainData, Columns: 1},
	} {
		if a := r.ask(bad); a.Head.Error == nil || a.Head.Error.Field != name {
			t.Errorf("%s: %s", name, a.Message.Head)
		}
	}
}

func TestPreview(t *testing.T) {
	r := newRig(t)
	var ok proto.DataPreviewOK
	q := proto.DataPreview{Frame: proto.Frame{Shape: [3]int{3, 10, 10}}}
	a := r.good(&ok, q, painted(t, 60, 40, 3))
	if want := (proto.DataPreviewOK{Width: 60, Height: 40, Used: proto.Rect{X: 10, Y: 0, W: 40, H: 40}}); ok != want || len(a.Buf(0)) != 400 || pixel(a, 10, 5, 5)[3] != 255 {
		t.Errorf("%+v, %d bytes", ok, len(a.Buf(0)))
	}
	q.Frame.Fit, q.Frame.Paper = proto.FitWhole, "#ff0000"
	a = r.good(&ok, q, painted(t, 60, 40, 3))
	if ok.Used != (proto.Rect{W: 60, H: 40}) || pixel(a, 10, 5, 0) != [4]byte{255, 0, 0, 255} || pixel(a, 10, 5, 5) == [4]byte{255, 0, 0, 255} {
		t.Errorf("%+v, %v", ok, pixel(a, 10, 5, 0))
	}
	huge := bytes.Clone(painted(t, 4, 4, 1))
	copy(huge[16:], "\x00\x01\x00\x00\x00\x01\x00\x00")
	for _, c := range []struct {
		file  []byte
		shape [3]int
		code  proto.Code
		field string
	}{
		{nil, [3]int{3, 10, 10}, proto.CodeBadPicture, "file"},
		{[]byte("hello"), [3]int{3, 10, 10}, proto.CodeBadPicture, "file"},
		{huge, [3]int{3, 10, 10}, proto.CodePictureTooLarge, "file"},
		{painted(t, 4, 4, 1), [3]int{2, 10, 10}, proto.CodeBadValue, "frame.shape"},
	} {
		if a := r.ask(proto.DataPreview{Frame: proto.Frame{Shape: c.shape}}, c.file); a.Head.Error == nil || a.Head.Error.Code != c.code || a.Head.Error.Field != c.field {
			t.Errorf("%v: %s", c, a.Message.Head)
		}
	}
	if proto.MaxFrameSide != album.MostSide || proto.MaxPatchScale != album.MostScale {
		t.Error("the protocol has other limits than albums")
	}
}
