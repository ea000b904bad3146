package studio

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/prior"
	"inkdrift/vae/store"
	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/engine/model"
	"inkdrift/wasm/proto"
)

// galleryFixture is a fixture that reads real files, with a model of that family in the
// gallery.
func galleryFixture(t *testing.T, family string) (*fixture, proto.GalleryLoadOK) {
	t.Helper()
	r := newFixture(t)
	r.studio.load = model.Read
	var ok proto.GalleryLoadOK
	r.OK(&ok, proto.GalleryLoad{Name: family}, enginetest.ModelFile(t, enginetest.Families[family]))
	return r, ok
}

func TestGalleryShowsEveryFamily(t *testing.T) {
	for name, c := range enginetest.Families {
		r, ok := galleryFixture(t, name)
		if ok.Model.Name != name || ok.Model.Input != c.Input || ok.Encoder != (name != "dcgan") || ok.Conditions != c.Conditions {
			t.Errorf("%+v", ok)
		}
		var s proto.DecodeOK
		a := r.OK(&s, proto.GalleryPaint{N: 12, Seed: 7})
		z, pictures := enginetest.Floats(t, a.Message, 0), enginetest.Floats(t, a.Message, 1)
		if s.N != 12 || len(z) != 12*c.Latent || len(pictures) != 12*c.InputLen() {
			t.Fatalf("%s: %d, %d and %d numbers", name, s.N, len(z), len(pictures))
		}
		for _, v := range pictures {
			if v < 0 || v > 1 {
				t.Fatalf("%s: a pixel of %v", name, v)
			}
		}
		again := r.OK(&s, proto.GalleryPaint{N: 12, Seed: 7})
		other := r.OK(&s, proto.GalleryPaint{N: 12, Seed: 8})
		if !bytes.Equal(a.Message.Buf(1), again.Message.Buf(1)) || bytes.Equal(a.Message.Buf(1), other.Message.Buf(1)) {
			t.Errorf("%s: samples do not follow the seed", name)
		}
		// Decoding the points gives the pictures.
		d := r.OK(&proto.DecodeOK{}, proto.GalleryPaint{}, a.Message.Buf(0))
		alike(t, name, enginetest.Floats(t, d.Message, 1), pictures)
		// A path begins and ends with the pictures of its ends, each of its class.
		var classes []int
		if c.Conditions > 0 {
			classes = []int{3, 9}
		}
		ends := a.Message.Buf(0)[3*4*c.Latent:][:4*c.Latent]
		last := a.Message.Buf(0)[9*4*c.Latent:][:4*c.Latent]
		p := r.OK(&proto.DecodeOK{}, proto.GalleryPaint{Frames: 5, Classes: classes}, slices.Concat(ends, last))
		path := enginetest.Floats(t, p.Message, 1)
		w := c.InputLen()
		alike(t, name, path[:w], pictures[3*w:4*w])
		alike(t, name, path[4*w:], pictures[9*w:10*w])
	}
}

// alike: batches of other sizes may round differently.
func alike(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if !enginetest.Near(got, want, 1e-5) {
		t.Errorf("%s: other pictures", what)
	}
}

func TestGalleryFittedPrior(t *testing.T) {
	r, ok := galleryFixture(t, "dense")
	draw := func(from string) []byte {
		return r.OK(&proto.DecodeOK{}, proto.GalleryPaint{N: 300, Seed: 1, Prior: from}).Message.Buf(0)
	}
	if plain := draw(proto.PriorNormal); ok.Model.FittedPrior || !bytes.Equal(draw(proto.PriorFitted), plain) || !bytes.Equal(draw(""), plain) {
		t.Error("a model without a fitted prior has other samples than N(0, I)")
	}
	m, err := vae.New(enginetest.Families["dense"], 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.SetPrior(&prior.Mixture{Latent: m.Latent(), Dims: []int{1}, Weights: []float32{1}, Mean: []float32{3}, Factor: []float32{0.1}}); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := store.WriteModel(&file, m, store.Options{}); err != nil {
		t.Fatal(err)
	}
	r.OK(&ok, proto.GalleryLoad{Name: "fitted"}, file.Bytes())
	var mean float64
	z := enginetest.Floats(t, r.OK(&proto.DecodeOK{}, proto.GalleryPaint{N: 300, Seed: 1, Prior: proto.PriorFitted}).Message, 0)
	for i := 1; i < len(z); i += m.Latent() {
		mean += float64(z[i]) / 300
	}
	if !ok.Model.FittedPrior || math.Abs(mean-3) > 0.1 {
		t.Errorf("%+v; the mean is %v, want that of the mixture, 3", ok.Model, mean)
	}
	if a := r.OK(&proto.DecodeOK{}, proto.GalleryPaint{N: 300, Seed: 1}).Message.Buf(0); bytes.Equal(a, draw(proto.PriorFitted)) {
		t.Error("the mixture cannot be left out")
	}
}

func TestGalleryTellsClasses(t *testing.T) {
	r, _ := galleryFixture(t, "cvae")
	z := make([]byte, 3*4*2)
	decode := func(classes ...int) []float32 {
		return enginetest.Floats(t, r.OK(&proto.DecodeOK{}, proto.GalleryPaint{Classes: classes}, z).Message, 1)
	}
	all, four, pair := decode(), decode(4), decode(4, 0)
	alike(t, "class 4 three times", four[:784], four[1568:])
	alike(t, "two classes in turn", pair[:784], four[:784])
	alike(t, "two classes in turn", pair[784:1568], all[:784])
	if slices.Equal(all[:784], all[784:1568]) {
		t.Error("all classes look alike")
	}
}

func TestGalleryEncodesPads(t *testing.T) {
	for _, family := range []string{"dense", "cvae"} {
		r, ok := galleryFixture(t, family)
		var e proto.GalleryEncodeOK
		if a := r.OK(&e, proto.GalleryEncode{Pad: "b"}); !e.Empty || len(a.Message.Bufs) > 0 {
			t.Errorf("%s: %+v of an empty pad", family, e)
		}
		r.OK(&proto.PadSetOK{}, proto.PadSet{Pad: "b", Rev: 1}, line(0.1))
		e = proto.GalleryEncodeOK{}
		a := r.OK(&e, proto.GalleryEncode{Pad: "b"})
		if e.Empty || (e.Class != nil) != (ok.Conditions > 0) {
			t.Errorf("%s: %s", family, a.Message.Head)
		}
		var classes []int
		if e.Class != nil {
			classes = []int{*e.Class}
		}
		d := r.OK(&proto.DecodeOK{}, proto.GalleryPaint{Classes: classes}, a.Message.Buf(0))
		alike(t, family, enginetest.Floats(t, d.Message, 1), enginetest.Floats(t, a.Message, 1))
	}
}

// TestGalleryKeepsToItself: the studio's model stays as it is, and a file that
// cannot be read leaves the gallery's.
func TestGalleryKeepsToItself(t *testing.T) {
	r := newFixture(t)
	r.load()
	events := len(r.Events)
	r.studio.load = model.Read
	r.OK(&proto.GalleryLoadOK{}, proto.GalleryLoad{Name: "a"}, enginetest.ModelFile(t, enginetest.Families["dense"]))
	if len(r.Events) != events || r.studio.model.info.Name != "fake" {
		t.Error("the studio was told of another model")
	}
	z := make([]byte, 4*3)
	before := r.Ask(proto.GalleryPaint{}, z)
	r.Refused(proto.CodeBadModel, "file", proto.GalleryLoad{}, []byte("torn"))
	r.Refused(proto.CodeBadModel, "file", proto.GalleryLoad{})
	if after := r.Ask(proto.GalleryPaint{}, z); !bytes.Equal(before.Message.Buf(1), after.Message.Buf(1)) {
		t.Error("a torn file took the model away")
	}
	// Another model replaces it.
	r.OK(&proto.GalleryLoadOK{}, proto.GalleryLoad{Name: "b"}, enginetest.ModelFile(t, enginetest.Families["dcgan"]))
	r.Refused(proto.CodeBadLength, "z", proto.GalleryPaint{}, z)
}

func TestGalleryErrors(t *testing.T) {
	none := newFixture(t)
	for _, b := range []proto.Body{proto.GalleryPaint{N: 1}, proto.GalleryEncode{Pad: "a"}} {
		none.Refused(proto.CodeNoModel, "", b)
	}
	none.Refused(proto.CodeBadModel, "file", proto.GalleryLoad{}, []byte("model")) // the fake cannot be told classes
	r, _ := galleryFixture(t, "cvae")
	two := make([]byte, 2*4*2)
	r.Refused(proto.CodeBadValue, "n", proto.GalleryPaint{N: -1})
	r.Refused(proto.CodeBadValue, "frames", proto.GalleryPaint{N: 2, Frames: 4})
	r.Refused(proto.CodeBadValue, "n", proto.GalleryPaint{N: proto.MaxSamples + 1})
	r.Refused(proto.CodeBadValue, "seed", proto.GalleryPaint{N: 1, Seed: -1})
	r.Refused(proto.CodeBadValue, "classes", proto.GalleryPaint{N: 1, Classes: []int{10}})
	r.Refused(proto.CodeBadValue, "classes", proto.GalleryPaint{Classes: []int{-1}}, two)
	r.Refused(proto.CodeBadLength, "z", proto.GalleryPaint{}, two[:7])
	r.Refused(proto.CodeBadLength, "z", proto.GalleryPaint{})
	r.Refused(proto.CodeBadLength, "z", proto.GalleryPaint{Frames: 4}, two[:8])
	r.Refused(proto.CodeBadValue, "frames", proto.GalleryPaint{Frames: 1}, two)
	r.Refused(proto.CodeBadValue, "frames", proto.GalleryPaint{Frames: proto.MaxFrames + 1}, two)
	r.Refused(proto.CodeNotFinite, "z", proto.GalleryPaint{}, proto.FloatBytes([]float32{enginetest.NaN, 0}))
	r.Refused(proto.CodeBadValue, "pad", proto.GalleryEncode{Pad: "c"})
	gan, _ := galleryFixture(t, "dcgan")
	gan.Refused(proto.CodeBadValue, "pad", proto.GalleryEncode{Pad: "a"})
	gan.Refused(proto.CodeBadValue, "classes", proto.GalleryPaint{N: 1, Classes: []int{0}})
	colour, _ := galleryFixture(t, "conv")
	colour.Refused(proto.CodeBadLength, "pixels", proto.GalleryEncode{Pad: "a"})
	// A model whose weights are too large for its pixels to be numbers.
	c := enginetest.Families["conv"]
	m, err := vae.New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range m.Params() {
		for i := range p.W {
			p.W[i] = 1e38
		}
	}
	colour.Refused(proto.CodeBadModel, "file", proto.GalleryLoad{}, enginetest.WriteModel(t, m))
}

// TestGalleryPauses: many pictures are painted in pieces, between which somebody
// who draws is served.
func TestGalleryPauses(t *testing.T) {
	r, hand := handFixture(t)
	hand.params = 8 << 20 // a picture a piece
	r.load()
	r.OK(&proto.GalleryLoadOK{}, proto.GalleryLoad{}, []byte("hand"))
	id := r.Queue(proto.GalleryPaint{N: 20})
	for range 5 {
		r.Step()
	}
	pad := r.Queue(proto.PadSet{Pad: "a", Rev: 1}, line(0.1))
	r.Step()
	if _, done := r.Answers[id]; done || r.Answers[pad].Type != proto.TypeOK {
		t.Error("drawing waits for samples")
	}
	r.Run()
	if r.Answers[id].Type != proto.TypeOK {
		t.Errorf("%v", r.Answers[id].Head.Error)
	}
}

func TestGalleryPoints(t *testing.T) {
	newFixture(t).Refused(proto.CodeNoModel, "", proto.GalleryPoints{}, pointsFile(t, 3))
	r, loaded := galleryFixture(t, "dense")
	d := loaded.Model.Latent
	var ok proto.GalleryPointsOK
	a := r.OK(&ok, proto.GalleryPoints{}, pointsFile(t, d))
	if ok.N != 3 || ok.Share < 0.99 || len(a.Buf(0)) != 4*3*d || !bytes.Equal(a.Buf(1), []byte{7, 7, 2}) {
		t.Errorf("%s: labels %v", a.Message.Head, a.Buf(1))
	}
	e1, e2 := enginetest.Floats(t, a.Message, 3), enginetest.Floats(t, a.Message, 4)
	if len(enginetest.Floats(t, a.Message, 2)) != d || e1[0] != 1 || e2[2] != 1 {
		t.Errorf("axes %v and %v", e1, e2)
	}
	r.Refused(proto.CodeBadData, "file", proto.GalleryPoints{}, []byte("{"))
	r.Refused(proto.CodeBadLength, "file", proto.GalleryPoints{}, pointsFile(t, d+1))
}
