package dataset

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"slices"
	"testing"
	"time"

	"inkdrift/vae/data"
	"inkdrift/vae/data/album"
	"inkdrift/vae/data/sets"
	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/proto"
)

func newFixture(t *testing.T) *enginetest.Fixture {
	r := enginetest.New(t)
	Register(r.Engine)
	return r
}

var (
	digits   = proto.Data{Kind: "digits", Count: 53, Seed: 3}
	petsData = proto.Data{Kind: proto.DataAlbum, Name: "my pets", Frame: proto.Frame{Shape: [3]int{3, 4, 5}, Fit: proto.FitWhole, Paper: "#102030"}}
)

// TestPictureYields: within one picture, too, others are answered.
func TestPictureYields(t *testing.T) {
	r := newFixture(t)
	r.Ticking(10 * time.Millisecond)
	id := r.Queue(proto.DataSheet{Data: petsData, Columns: 2, Rows: 1}, enginetest.Packed(t, proto.File{Name: "a.png", Content: enginetest.Noise(t, 300)},
		proto.File{Name: "b.png", Content: enginetest.Painted(t, 4, 4, 1)}, proto.File{Name: "c.png", Content: enginetest.Painted(t, 4, 4, 2)})...)
	pieces := 0
	for r.Step() {
		pieces++
	}
	if r.Answers[id].Type != proto.TypeOK || pieces < 300 {
		t.Errorf("%d pieces, %s", pieces, r.Answers[id].Message.Head)
	}
}

// TestAlbumOfFiles: in which order pictures were chosen makes no difference, and
// several archives are classes.
func TestAlbumOfFiles(t *testing.T) {
	var files []proto.File
	for i := range 12 {
		files = append(files, proto.File{Name: fmt.Sprintf("%02d.png", i), Content: enginetest.Painted(t, 5, 5, i)})
	}
	read := func(files ...proto.File) *Sets {
		o, err := (*Reader)(nil).openFiles(petsData, enginetest.Packed(t, files...))
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	a := read(files...)
	slices.Reverse(files)
	b := read(files...)
	n := a.Train.Shape().Len()
	x, y := make([]float32, n), make([]float32, n)
	a.Train.Batch(x, []int{3})
	b.Train.Batch(y, []int{3})
	if a.Train.Name() != b.Train.Name() || !slices.Equal(x, y) || a.Train.Label(0) != -1 || len(a.Classes) != 0 {
		t.Errorf("%q and %q", a.Train.Name(), b.Train.Name())
	}
	both := read(proto.File{Name: "Dogs.ZIP", Content: enginetest.Zipped(t, files[:6]...)}, proto.File{Name: "cats.zip", Content: enginetest.Zipped(t, files[6:]...)})
	if !slices.Equal(both.Classes, []string{"Dogs", "cats"}) || both.Train.Label(0) != 0 || both.Train.Label(7) != 1 {
		t.Errorf("classes %q", both.Classes)
	}
}

// TestMadeData: every set that is made can be trained on, pictures are those of
// the source, and a set that does not exist is named.
func TestMadeData(t *testing.T) {
	for _, source := range sets.All() {
		d := proto.Data{Kind: source.Name, Count: 30, First: 7, Seed: 9}
		o, err := (*Reader)(nil).Open(d, d, nil)
		if err != nil {
			t.Fatal(err)
		}
		train, valid := o.Train, o.Valid
		n := source.Shape.Len()
		x, want := make([]float32, 2*n), make([]float32, 2*n)
		train.Batch(x, []int{29, 3})
		source.Span(9, 7, 30).Batch(want, []int{29, 3})
		if !slices.Equal(x, want) || train.Label(3) != source.Span(9, 10, 1).Label(0) || valid.Len() != 30 {
			t.Errorf("%s: not the pictures of the set", source.Name)
		}
		if want := source.Name + ", seed 9, 30 from 7"; train.Name() != want {
			t.Errorf("name %q, want %q", train.Name(), want)
		}
	}
	digits, nothing := proto.Data{Kind: "digits", Count: 1}, proto.Data{Kind: "nothing", Count: 1}
	if _, err := (*Reader)(nil).Open(digits, nothing, nil); proto.AsError(err).Field != "validation.kind" {
		t.Errorf("a set that does not exist: %v", err)
	}
	if _, err := (*Reader)(nil).Open(nothing, digits, nil); proto.AsError(err).Field != "data.kind" {
		t.Errorf("a set that does not exist: %v", err)
	}
}

func TestDataSets(t *testing.T) {
	r := newFixture(t)
	var ok proto.DataSetsOK
	r.OK(&ok, proto.DataSets{})
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
		if _, err := (*Reader)(nil).Open(train, valid, nil); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
		if err := (proto.TrainRestore{Data: train, Validation: valid}).Check(); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
}

// pixel gives a pixel of a sheet.
func pixel(a enginetest.Message, width, x, y int) [4]byte { return [4]byte(a.Buf(0)[4*(y*width+x):]) }

// TestSheets: every kind of set has a sheet, of the pictures that one trains on.
func TestSheets(t *testing.T) {
	r := newFixture(t)
	r.Ticking(3 * time.Millisecond)
	archive := enginetest.Packed(t, proto.File{Name: "pets.zip", Content: enginetest.Pets(t, 100)})
	patches := proto.Data{Kind: proto.DataPatches, Frame: proto.Frame{Shape: [3]int{3, 8, 8}}, Scale: 1, Count: 500}
	idxData := proto.Data{Kind: proto.DataIDX, Name: "drawn"}
	for _, c := range []struct {
		name          string
		q             proto.DataSheet
		bufs          [][]byte
		width, height int
		want          proto.DataSheetOK // without size and report
	}{
		{"digits", proto.DataSheet{Data: digits, Columns: 5, Rows: 4}, nil, 5*30 - 2, 4*30 - 2, proto.DataSheetOK{Shape: [3]int{1, 28, 28}, Train: 53}},
		{"faces", proto.DataSheet{Data: proto.Data{Kind: "faces", Count: 6}, Columns: 4, Rows: 4}, nil, 4*34 - 2, 2*34 - 2, proto.DataSheetOK{Shape: [3]int{3, 32, 32}, Train: 6}},
		{"files", proto.DataSheet{Data: idxData, Columns: 3, Rows: 1}, [][]byte{enginetest.IDX(3, 40, 9, 8), enginetest.IDX(1, 40)}, 3*10 - 2, 9, proto.DataSheetOK{Shape: [3]int{1, 9, 8}, Train: 36, Validation: 4}},
		{"classes of files", proto.DataSheet{Data: idxData, Columns: 3, Rows: 10, ByClass: true}, [][]byte{enginetest.IDX(3, 40, 9, 8), enginetest.IDX(1, 40)}, 3*10 - 2, 10*11 - 2, proto.DataSheetOK{Shape: [3]int{1, 9, 8}, Train: 36, Validation: 4}},
		{"examples of an album", proto.DataSheet{Data: petsData, Columns: 4, Rows: 2}, archive, 4*7 - 2, 2*6 - 2, proto.DataSheetOK{Shape: [3]int{3, 4, 5}}},
		{"an album", proto.DataSheet{Data: petsData, Columns: 4, Rows: 2, Whole: true}, archive, 4*7 - 2, 2*6 - 2, proto.DataSheetOK{Shape: [3]int{3, 4, 5}, Train: 80, Validation: 10, Test: 10}},
		{"classes of an album", proto.DataSheet{Data: petsData, Columns: 3, Rows: 2, ByClass: true}, archive, 3*7 - 2, 2*6 - 2, proto.DataSheetOK{Shape: [3]int{3, 4, 5}, Train: 80, Validation: 10, Test: 10}},
		{"patches", proto.DataSheet{Data: patches, Columns: 6, Rows: 6}, enginetest.Packed(t, proto.File{Name: "a.png", Content: enginetest.Painted(t, 90, 30, 2)}), 6*10 - 2, 6*10 - 2, proto.DataSheetOK{Shape: [3]int{3, 8, 8}, Train: 500, Validation: 50, Test: 50}},
		{"batches", proto.DataSheet{Data: proto.Data{Kind: proto.DataCIFAR}, Columns: 2, Rows: 2}, enginetest.Packed(t, proto.File{Name: "a.bin", Content: enginetest.CIFARBatch(20, 1)}), 2*34 - 2, 2*34 - 2, proto.DataSheetOK{Shape: [3]int{3, 32, 32}, Train: 16, Validation: 2, Test: 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var ok proto.DataSheetOK
			a := r.OK(&ok, c.q, c.bufs...)
			if ok.Width != c.width || ok.Height != c.height || len(a.Buf(0)) != 4*c.width*c.height {
				t.Fatalf("%d x %d, %d bytes", ok.Width, ok.Height, len(a.Buf(0)))
			}
			if ok.Shape != c.want.Shape || ok.Train != c.want.Train || ok.Validation != c.want.Validation || ok.Test != c.want.Test || ok.Classes == nil {
				t.Errorf("%+v", ok)
			}
			if pixel(a, ok.Width, 0, 0)[3] != 255 || ok.Width > ok.Shape[2] && pixel(a, ok.Width, ok.Shape[2], 0)[3] != 0 {
				t.Error("no picture, or no gap beside it")
			}
			if b := r.OK(&ok, c.q, c.bufs...); !bytes.Equal(a.Buf(0), b.Buf(0)) {
				t.Error("another sheet the second time")
			}
			again := c.q
			again.Seed = 5
			if b := r.OK(&ok, again, c.bufs...); !c.q.ByClass && bytes.Equal(a.Buf(0), b.Buf(0)) && ok.Train != 6 {
				t.Error("the same sheet for another seed")
			}
			album := c.q.Data.Kind == proto.DataAlbum
			if (ok.Report != nil) != album {
				t.Fatalf("%+v", ok.Report)
			}
			if album && (ok.Report.Files != 102 || (ok.Report.Pictures == 100) != (c.q.Whole || c.q.ByClass) || ok.Report.Pictures < 10 || !slices.Equal(ok.Classes, []string{"cats", "dogs"})) {
				t.Errorf("%+v, classes %q", ok.Report, ok.Classes)
			}
		})
	}

	// Large pictures make a smaller sheet.
	large := proto.Data{Kind: proto.DataAlbum, Frame: proto.Frame{Shape: [3]int{1, 500, 500}}}
	var ok proto.DataSheetOK
	if r.OK(&ok, proto.DataSheet{Data: large, Columns: 4, Rows: 4}, archive...); ok.Width != 4*502-2 || ok.Height != 2*502-2 {
		t.Errorf("%d x %d", ok.Width, ok.Height)
	}
	// Where examples are no pictures, others are looked for.
	files := []proto.File{{Name: "z1.png", Content: enginetest.Painted(t, 5, 5, 1)}, {Name: "z2.png", Content: enginetest.Painted(t, 5, 5, 2)}, {Name: "z3.png", Content: enginetest.Painted(t, 5, 5, 3)}}
	for i := range 60 {
		files = append(files, proto.File{Name: fmt.Sprintf("%02d.txt", i), Content: []byte("text")})
	}
	if r.OK(&ok, proto.DataSheet{Data: petsData, Columns: 3, Rows: 1}, enginetest.Packed(t, files...)...); ok.Report.Pictures != 3 || ok.Report.Unreadable != 60 || len(ok.Report.LeftOut) != album.MostNamed {
		t.Errorf("%+v", ok.Report)
	}
	for name, bad := range map[string]proto.DataSheet{
		"files":     {Data: petsData, Columns: 1, Rows: 1},
		"data.kind": {Data: proto.Data{Kind: "nothing", Count: 1}, Columns: 1, Rows: 1},
		"rows":      {Data: digits, Columns: 1},
	} {
		if a := r.Ask(bad); a.Head.Error == nil || a.Head.Error.Field != name {
			t.Errorf("%s: %s", name, a.Message.Head)
		}
	}
}

// TestLimits: the protocol has the limits of package album.
func TestLimits(t *testing.T) {
	if proto.MaxFrameSide != album.MostSide || proto.MaxPatchScale != album.MostScale {
		t.Error("the protocol has other limits than albums")
	}
}

// TestInspect: what files are is told by their contents; a set in arrays comes back in the form that is trained on, or
// as the files that are in it, and the others with the reason.
func TestInspect(t *testing.T) {
	ask := func(q proto.DataInspect, files ...proto.File) (proto.DataInspectOK, enginetest.Message) {
		r := newFixture(t)
		r.Ticking(3 * time.Millisecond)
		var ok proto.DataInspectOK
		a := r.OK(&ok, q, enginetest.Packed(t, files...)...)
		return ok, a
	}
	images, labels := enginetest.IDX(3, 40, 28, 28), enginetest.IDX(1, 40)
	ok, a := ask(proto.DataInspect{}, proto.File{Name: ".DS_Store", Content: []byte("x")}, proto.File{Name: "b", Content: labels},
		proto.File{Name: "README", Content: []byte("hello")}, proto.File{Name: "a", Content: images})
	if ok.Kind != proto.DataIDX || ok.Shape != [3]int{1, 28, 28} || ok.Train != 36 || ok.Validation != 4 || !slices.Equal(ok.Plain, []int{3, 1, -1, -1}) || len(a.Message.Bufs) != 0 {
		t.Errorf("%+v, %d buffers", ok, len(a.Message.Bufs))
	}
	if len(ok.LeftOut) != 2 || ok.Passed != 2 || ok.LeftOut[0].Why != proto.WhyNotData || ok.LeftOut[1].Why != proto.WhySystem {
		t.Errorf("%+v", ok.LeftOut)
	}
	// Packed together they must be given in another form, and a turn makes them another, too.
	ok, a = ask(proto.DataInspect{}, proto.File{Name: "x.zip", Content: enginetest.Zipped(t, proto.File{Name: "a", Content: images}, proto.File{Name: "b", Content: labels})})
	if len(ok.Plain) != 0 || !bytes.Equal(a.Buf(0), images) || !bytes.Equal(a.Buf(1), labels) || len(a.Buf(2)) != 0 {
		t.Errorf("%+v", ok)
	}
	few, _ := ask(proto.DataInspect{}, proto.File{Name: "few", Content: inked(6)})
	if few.Turned || !few.Unsure || ok.Unsure {
		t.Errorf("%+v", few)
	}
	ok, a = ask(proto.DataInspect{Turn: proto.TurnAlways}, proto.File{Name: "a", Content: images})
	if !ok.Turned || a.Buf(0)[16+1] != images[16+28] {
		t.Errorf("%+v", ok)
	}
	for kind, files := range map[string][]proto.File{
		proto.DataPatches: {{Name: "a", Content: enginetest.Painted(t, 4, 4, 1)}},
		proto.DataAlbum:   {{Name: "a", Content: enginetest.Pets(t, 5)}},
		proto.DataCIFAR:   {{Name: "a", Content: enginetest.CIFARBatch(4, 1)}},
	} {
		if ok, _ := ask(proto.DataInspect{}, files...); ok.Kind != kind {
			t.Errorf("%s: %+v", kind, ok)
		}
	}
	for code, files := range map[proto.Code][]proto.File{
		proto.CodeWebPage:  {{Name: "train-images-idx3-ubyte.gz", Content: []byte("<!doctype html><html>")}},
		proto.CodePointer:  {{Name: "mnist.npz", Content: []byte("version https://git-lfs.github.com/spec/v1\n")}},
		proto.CodeTooLarge: {{Name: "a", Content: data.IDXHeader(1<<32-1, 28, 28)}},
		proto.CodeTornFile: {{Name: "a", Content: images[:900]}},
		proto.CodeFormat:   {{Name: "a", Content: []byte("\x89HDF\r\n\x1a\n")}, {Name: "b", Content: []byte("Rar!\x1a\x07")}},
		proto.CodeBadData:  {{Name: "a", Content: []byte("<html>")}, {Name: "b", Content: []byte("Rar!\x1a\x07")}},
	} {
		a := newFixture(t).Ask(proto.DataInspect{}, enginetest.Packed(t, files...)...)
		if e := a.Head.Error; e == nil || e.Code != code || e.Field != map[bool]string{true: "files", false: files[0].Name}[code == proto.CodeBadData] || len(e.LeftOut) != len(files) {
			t.Errorf("%s: %s", code, a.Message.Head)
		}
	}
	if a := newFixture(t).Ask(proto.DataInspect{Turn: "left"}); a.Head.Error == nil || a.Head.Error.Field != "turn" {
		t.Errorf("%s", a.Message.Head)
	}
}

// inked is an IDX file of pictures with a square of ink, as large as a character of MNIST.
func inked(n int) []byte {
	b := data.IDXHeader(n, 28, 28)
	for range n {
		for k := range 784 {
			v := byte(0)
			if x, y := k%28, k/28; min(x, y) >= 4 && max(x, y) < 24 {
				v = 255
			}
			b = append(b, v)
		}
	}
	return b
}

// tarOf packs files.
func tarOf(t *testing.T, files ...proto.File) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f.Name, Size: int64(len(f.Content)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(f.Content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipped(t *testing.T, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestTar: pictures in a tar archive are an album as those in a zip are.
func TestTar(t *testing.T) {
	var pets []proto.File
	for i := range 20 {
		pets = append(pets, proto.File{Name: fmt.Sprintf("./set/%s/%d.png", []string{"cats", "dogs"}[i%2], i), Content: enginetest.Painted(t, 5, 5, i)})
	}
	b := tarOf(t, pets...)
	o, err := (*Reader)(nil).openFiles(petsData, enginetest.Packed(t, proto.File{Name: "pets.tar", Content: b}))
	if err != nil || !slices.Equal(o.Classes, []string{"cats", "dogs"}) || o.Report.Pictures != 20 {
		t.Errorf("%+v, %v", o, err)
	}
	var ok proto.DataReadOK
	newFixture(t).OK(&ok, proto.DataRead{Data: petsData}, enginetest.Packed(t, proto.File{Name: "pets.tar", Content: b[:len(b)/3]}, proto.File{Name: "torn.tar", Content: b[:700]})...)
	if l := ok.Report.LeftOut; len(l) != 2 || l[0].Name != "pets.tar" || l[0].Why != proto.WhyTruncated || l[1].Name != "torn.tar" {
		t.Errorf("what is lost of torn archives is not told: %+v", l)
	}
}

// TestNested: pictures are read out of archives in archives, whose names are folders; one that is deeper is left out by name.
func TestNested(t *testing.T) {
	var cats, dogs []proto.File
	for i := range 6 {
		cats = append(cats, proto.File{Name: fmt.Sprintf("cat/%02d.png", i), Content: enginetest.Painted(t, 5, 5, i)})
		dogs = append(dogs, proto.File{Name: fmt.Sprintf("dog/%02d.png", i), Content: enginetest.Painted(t, 5, 5, 20+i)})
	}
	all := slices.Concat(cats, dogs)
	packed := enginetest.Zipped(t, all...)
	third := enginetest.Zipped(t, proto.File{Name: "deep.zip", Content: packed})
	for name, c := range map[string]struct {
		file  proto.File
		parts [3]int // pictures to train on, for validation and for the test
		left  []string
	}{
		"train.zip and test.zip in a zip": {proto.File{Name: "pets.zip", Content: enginetest.Zipped(t,
			proto.File{Name: "train.zip", Content: packed}, proto.File{Name: "test.zip", Content: packed}, proto.File{Name: "README.md", Content: []byte("hello")})},
			[3]int{11, 1, 12}, []string{"README.md not-picture"}},
		"a zip in a tar":         {proto.File{Name: "pets.tar", Content: tarOf(t, proto.File{Name: "pets.zip", Content: packed})}, [3]int{10, 1, 1}, nil},
		"a tar in a zip":         {proto.File{Name: "pets.zip", Content: enginetest.Zipped(t, proto.File{Name: "a/pets.tar.gz", Content: gzipped(t, tarOf(t, all...))})}, [3]int{10, 1, 1}, nil},
		"a zip in gzip":          {proto.File{Name: "pets.zip.gz", Content: gzipped(t, packed)}, [3]int{10, 1, 1}, nil},
		"a zip in gzip in a tar": {proto.File{Name: "pets.tar", Content: tarOf(t, proto.File{Name: "pets.zip.gz", Content: gzipped(t, packed)})}, [3]int{10, 1, 1}, nil},
		"one of three": {proto.File{Name: "pets.zip", Content: enginetest.Zipped(t, append(slices.Clone(all), proto.File{Name: "old.zip", Content: third})...)},
			[3]int{10, 1, 1}, []string{"old/deep.zip nested"}},
	} {
		o, err := (*Reader)(nil).openFiles(petsData, enginetest.Packed(t, c.file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var left []string
		for _, l := range o.Report.LeftOut {
			left = append(left, l.Name+" "+l.Why)
		}
		if got := [3]int{o.Train.Len(), o.Valid.Len(), o.Test}; got != c.parts || !slices.Equal(o.Classes, []string{"cat", "dog"}) || !slices.Equal(left, c.left) {
			t.Errorf("%s: %v pictures, classes %q, left out %q", name, got, o.Classes, left)
		}
	}
}
