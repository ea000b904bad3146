package core

import (
	"bytes"
	"slices"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/store"
	"inkdrift/wasm/proto"
)

// galleryConfigs are small models of every family that the gallery shows.
var galleryConfigs = map[string]vae.Config{
	"dense": {Family: "dense", Input: [3]int{1, 28, 28}, Encoder: []int{8}, Decoder: []int{8}, Latent: 3, Activation: "tanh", Likelihood: vae.Bernoulli},
	"cvae": {Family: "cvae", Input: [3]int{1, 28, 28}, Encoder: []int{8}, Decoder: []int{8}, Latent: 2, Activation: "tanh", Likelihood: vae.Bernoulli,
		Conditions: 10, Recogniser: []int{6}},
	"conv":  {Family: "conv", Input: [3]int{3, 16, 16}, Encoder: []int{4}, Decoder: []int{4, 4}, Latent: 4, Activation: "relu", Likelihood: vae.Gaussian, Output: "tanh"},
	"dcgan": {Family: "dcgan", Input: [3]int{1, 28, 28}, Decoder: []int{6, 4}, Latent: 5, Kernel: 4, Activation: "leaky-relu", Likelihood: vae.Implicit, Output: "tanh"},
}

func modelFile(t *testing.T, c vae.Config) []byte {
	t.Helper()
	m, err := vae.New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := store.WriteModel(&b, m, store.Options{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// galleryRig is a rig that reads real files, with a model of that family in the
// gallery.
func galleryRig(t *testing.T, family string) (*rig, proto.GalleryLoadOK) {
	t.Helper()
	r := newRig(t)
	r.opt.Load = ReadModel
	var ok proto.GalleryLoadOK
	r.good(&ok, proto.GalleryLoad{Name: family}, modelFile(t, galleryConfigs[family]))
	return r, ok
}

func TestGalleryShowsEveryFamily(t *testing.T) {
	for name, c := range galleryConfigs {
		r, ok := galleryRig(t, name)
		if ok.Model.Name != name || ok.Model.Input != c.Input || ok.Encoder != (name != "dcgan") || ok.Conditions != c.Conditions {
			t.Errorf("%+v", ok)
		}
		var s proto.DecodeOK
		a := r.good(&s, proto.GalleryPaint{N: 12, Seed: 7})
		z, pictures := floats(t, a.Message, 0), floats(t, a.Message, 1)
		if s.N != 12 || len(z) != 12*c.Latent || len(pictures) != 12*c.InputLen() {
			t.Fatalf("%s: %d, %d and %d numbers", name, s.N, len(z), len(pictures))
		}
		for _, v := range pictures {
			if v < 0 || v > 1 {
				t.Fatalf("%s: a pixel of %v", name, v)
			}
		}
		again := r.good(&s, proto.GalleryPaint{N: 12, Seed: 7})
		other := r.good(&s, proto.GalleryPaint{N: 12, Seed: 8})
		if !bytes.Equal(a.Message.Buf(1), again.Message.Buf(1)) || bytes.Equal(a.Message.Buf(1), other.Message.Buf(1)) {
			t.Errorf("%s: samples do not follow the seed", name)
		}
		// Decoding the points gives the pictures.
		d := r.good(&proto.DecodeOK{}, proto.GalleryPaint{}, a.Message.Buf(0))
		alike(t, name, floats(t, d.Message, 1), pictures)
		// A path begins and ends with the pictures of its ends, each of its class.
		var classes []int
		if c.Conditions > 0 {
			classes = []int{3, 9}
		}
		ends := a.Message.Buf(0)[3*4*c.Latent:][:4*c.Latent]
		last := a.Message.Buf(0)[9*4*c.Latent:][:4*c.Latent]
		p := r.good(&proto.DecodeOK{}, proto.GalleryPaint{Frames: 5, Classes: classes}, slices.Concat(ends, last))
		path := floats(t, p.Message, 1)
		w := c.InputLen()
		alike(t, name, path[:w], pictures[3*w:4*w])
		alike(t, name, path[4*w:], pictures[9*w:10*w])
	}
}

// alike: batches of other sizes may round differently.
func alike(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if !near(got, want, 1e-5) {
		t.Errorf("%s: other pictures", what)
	}
}

func TestGalleryTellsClasses(t *testing.T) {
	r, _ := galleryRig(t, "cvae")
	z := make([]byte, 3*4*2)
	decode := func(classes ...int) []float32 {
		return floats(t, r.good(&proto.DecodeOK{}, proto.GalleryPaint{Classes: classes}, z).Message, 1)
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
		r, ok := galleryRig(t, family)
		var e proto.GalleryEncodeOK
		if a := r.good(&e, proto.GalleryEncode{Pad: "b"}); !e.Empty || len(a.Message.Bufs) > 0 {
			t.Errorf("%s: %+v of an empty pad", family, e)
		}
		r.good(&proto.PadSetOK{}, proto.PadSet{Pad: "b", Rev: 1}, line(0.1))
		e = proto.GalleryEncodeOK{}
		a := r.good(&e, proto.GalleryEncode{Pad: "b"})
		if e.Empty || (e.Class != nil) != (ok.Conditions > 0) {
			t.Errorf("%s: %s", family, a.Message.Head)
		}
		var classes []int
		if e.Class != nil {
			classes = []int{*e.Class}
		}
		d := r.good(&proto.DecodeOK{}, proto.GalleryPaint{Classes: classes}, a.Message.Buf(0))
		alike(t, family, floats(t, d.Message, 1), floats(t, a.Message, 1))
	}
}

// TestGalleryKeepsToItself: the studio's model stays as it is, and a file that
// cannot be read leaves the gallery's.
func TestGalleryKeepsToItself(t *testing.T) {
	r := newRig(t)
	r.load()
	events := len(r.events)
	r.opt.Load = ReadModel
	r.good(&proto.GalleryLoadOK{}, proto.GalleryLoad{Name: "a"}, modelFile(t, galleryConfigs["dense"]))
	if len(r.events) != events || r.model.info.Name != "fake" {
		t.Error("the studio was told of another model")
	}
	z := make([]byte, 4*3)
	before := r.ask(proto.GalleryPaint{}, z)
	r.wantCode(proto.CodeBadModel, "file", proto.GalleryLoad{}, []byte("torn"))
	r.wantCode(proto.CodeBadModel, "file", proto.GalleryLoad{})
	if after := r.ask(proto.GalleryPaint{}, z); !bytes.Equal(before.Message.Buf(1), after.Message.Buf(1)) {
		t.Error("a torn file took the model away")
	}
	// Another model replaces it.
	r.good(&proto.GalleryLoadOK{}, proto.GalleryLoad{Name: "b"}, modelFile(t, galleryConfigs["dcgan"]))
	r.wantCode(proto.CodeBadLength, "z", proto.GalleryPaint{}, z)
}

func (r *rig) wantCode(want proto.Code, field string, b proto.Body, bufs ...[]byte) {
	r.t.Helper()
	if e := r.ask(b, bufs...).Head.Error; e == nil || e.Code != want || e.Field != field {
		r.t.Errorf("%+v: %v, want %s of %q", b, e, want, field)
	}
}

func TestGalleryErrors(t *testing.T) {
	none := newRig(t)
	for _, b := range []proto.Body{proto.GalleryPaint{N: 1}, proto.GalleryEncode{Pad: "a"}} {
		none.wantCode(proto.CodeNoModel, "", b)
	}
	none.wantCode(proto.CodeBadModel, "file", proto.GalleryLoad{}, []byte("model")) // the fake cannot be told classes
	r, _ := galleryRig(t, "cvae")
	two := make([]byte, 2*4*2)
	r.wantCode(proto.CodeBadValue, "n", proto.GalleryPaint{N: -1})
	r.wantCode(proto.CodeBadValue, "frames", proto.GalleryPaint{N: 2, Frames: 4})
	r.wantCode(proto.CodeBadValue, "n", proto.GalleryPaint{N: proto.MaxSamples + 1})
	r.wantCode(proto.CodeBadValue, "seed", proto.GalleryPaint{N: 1, Seed: -1})
	r.wantCode(proto.CodeBadValue, "classes", proto.GalleryPaint{N: 1, Classes: []int{10}})
	r.wantCode(proto.CodeBadValue, "classes", proto.GalleryPaint{Classes: []int{-1}}, two)
	r.wantCode(proto.CodeBadLength, "z", proto.GalleryPaint{}, two[:7])
	r.wantCode(proto.CodeBadLength, "z", proto.GalleryPaint{})
	r.wantCode(proto.CodeBadLength, "z", proto.GalleryPaint{Frames: 4}, two[:8])
	r.wantCode(proto.CodeBadValue, "frames", proto.GalleryPaint{Frames: 1}, two)
	r.wantCode(proto.CodeBadValue, "frames", proto.GalleryPaint{Frames: proto.MaxFrames + 1}, two)
	r.wantCode(proto.CodeNotFinite, "z", proto.GalleryPaint{}, proto.FloatBytes([]float32{nan, 0}))
	r.wantCode(proto.CodeBadValue, "pad", proto.GalleryEncode{Pad: "c"})
	gan, _ := galleryRig(t, "dcgan")
	gan.wantCode(proto.CodeBadValue, "pad", proto.GalleryEncode{Pad: "a"})
	gan.wantCode(proto.CodeBadValue, "classes", proto.GalleryPaint{N: 1, Classes: []int{0}})
	colour, _ := galleryRig(t, "conv")
	colour.wantCode(proto.CodeBadLength, "pixels", proto.GalleryEncode{Pad: "a"})
	// A model whose weights are too large for its pixels to be numbers.
	c := galleryConfigs["conv"]
	m, err := vae.New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range m.Params() {
		for i := range p.W {
			p.W[i] = 1e38
		}
	}
	var b bytes.Buffer
	if err := store.WriteModel(&b, m, store.Options{}); err != nil {
		t.Fatal(err)
	}
	colour.wantCode(proto.CodeBadModel, "file", proto.GalleryLoad{}, b.Bytes())
}

// TestGalleryPauses: many pictures are painted in pieces, between which somebody
// who draws is served.
func TestGalleryPauses(t *testing.T) {
	r, hand := handRig(t)
	hand.params = 8 << 20 // a picture a piece
	r.load()
	r.good(&proto.GalleryLoadOK{}, proto.GalleryLoad{}, []byte("hand"))
	id := r.post(proto.GalleryPaint{N: 20})
	for range 5 {
		r.Step()
	}
	pad := r.post(proto.PadSet{Pad: "a", Rev: 1}, line(0.1))
	r.Step()
	if _, done := r.answers[id]; done || r.answers[pad].Type != proto.TypeOK {
		t.Error("drawing waits for samples")
	}
	r.run()
	if r.answers[id].Type != proto.TypeOK {
		t.Errorf("%v", r.answers[id].Head.Error)
	}
}
