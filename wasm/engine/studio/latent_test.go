package studio

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
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

func TestEncode(t *testing.T) {
	r := newFixture(t)
	r.load()
	var ok proto.EncodeOK
	a := r.OK(&ok, proto.Encode{}, proto.FloatBytes(enginetest.Filled(784, 0.5)))
	if ok.Label == nil || *ok.Label != 5 || len(ok.Probs) != 10 || ok.Probs[5] != 1 {
		t.Errorf("%s", a.Message.Head)
	}
	if mu := enginetest.Floats(t, a.Message, 0); !slices.Equal(mu, []float32{0.5, 0.5, 0.5}) {
		t.Errorf("mu %v", mu)
	}
	if lv := enginetest.Floats(t, a.Message, 1); !slices.Equal(lv, []float32{-1, -2, -3}) {
		t.Errorf("logvar %v", lv)
	}
	if recon := enginetest.Floats(t, a.Message, 2); len(recon) != 784 || recon[5] != 0.0625 {
		t.Errorf("recon %v", recon[:6])
	}
}

func TestDecode(t *testing.T) {
	r := newFixture(t)
	r.load()
	var ok proto.DecodeOK
	a := r.OK(&ok, proto.Decode{}, proto.FloatBytes([]float32{1, 0, 0, 2, 0.5, 0.25}))
	v := enginetest.Floats(t, a.Message, 0)
	if ok.N != 2 || len(v) != 2*784 || v[3] != 0.25 || v[784] != 0.5 || v[784+783] != 0.25 || v[784+3] != 1 {
		t.Errorf("n %d, %d numbers", ok.N, len(v))
	}
}

func TestMorph(t *testing.T) {
	r := newFixture(t)
	r.fake.params = 1 << 20 // so that it takes several pieces
	r.load()
	zA, zB := []float32{1, 0.5, 0.25}, []float32{-2, 0.125, 0.75}
	for _, path := range []string{proto.PathLerp, proto.PathSlerp} {
		var ok proto.MorphOK
		a := r.OK(&ok, proto.Morph{Frames: 33, Path: path}, proto.FloatBytes(zA), proto.FloatBytes(zB))
		pixels, z := enginetest.Floats(t, a.Message, 0), enginetest.Floats(t, a.Message, 1)
		if ok.Frames != 33 || len(pixels) != 33*784 || len(z) != 33*3 {
			t.Fatalf("%s: %d frames, %d pixels, %d z", path, ok.Frames, len(pixels), len(z))
		}
		if !slices.Equal(z[:3], zA) || !slices.Equal(z[32*3:], zB) {
			t.Errorf("%s: from %v to %v", path, z[:3], z[32*3:])
		}
		// The first and the last frame are what decode gives for the ends, to the bit.
		ends := enginetest.Floats(t, r.OK(&proto.DecodeOK{}, proto.Decode{}, proto.FloatBytes(slices.Concat(zA, zB))).Message, 0)
		if !slices.Equal(ends[:784], pixels[:784]) || !slices.Equal(ends[784:], pixels[32*784:]) {
			t.Errorf("%s: the ends are not the two reconstructions", path)
		}
	}
}

func TestSample(t *testing.T) {
	r := newFixture(t)
	r.load()
	sample := func(n int, seed int64) []float32 {
		a := r.OK(&proto.SampleOK{}, proto.Sample{N: n, Seed: seed})
		if len(a.Message.Buf(1)) != 4*784*n {
			t.Errorf("%d bytes of pixels", len(a.Message.Buf(1)))
		}
		return enginetest.Floats(t, a.Message, 0)
	}
	z := sample(1000, 1)
	if !slices.Equal(z, sample(1000, 1)) || slices.Equal(z[:30], sample(10, 2)) {
		t.Error("the seed does not decide")
	}
	if !slices.Equal(z[:30], sample(10, 1)) {
		t.Error("fewer samples are not the first of more")
	}
	var sum, squares float64
	for _, v := range z {
		sum += float64(v)
		squares += float64(v) * float64(v)
	}
	if n := float64(len(z)); math.Abs(sum/n) > 0.08 || math.Abs(squares/n-1) > 0.1 {
		t.Errorf("mean %v, variance %v", sum/n, squares/n)
	}
}

func TestSampleFitted(t *testing.T) {
	r := newFixture(t)
	r.load()
	draw := func(want string) []float32 {
		var ok proto.SampleOK
		a := r.OK(&ok, proto.Sample{N: 500, Seed: 1, Prior: proto.PriorFitted})
		if ok.Prior != want {
			t.Errorf("drawn from %q, want %q", ok.Prior, want)
		}
		return enginetest.Floats(t, a.Message, 0)
	}
	plain := draw(proto.PriorNormal) // it has none
	// One component about the second dimension: mean 3, standard deviation 0.1.
	r.fake.prior = &prior.Mixture{Latent: 3, Dims: []int{1}, Weights: []float32{1}, Mean: []float32{3}, Factor: []float32{0.1}}
	r.load()
	z := draw(proto.PriorFitted)
	if slices.Equal(z, plain) || !slices.Equal(z, draw(proto.PriorFitted)) {
		t.Error("the fitted prior makes no difference, or the seed does not decide")
	}
	var sum, squares float64
	for i := 1; i < len(z); i += 3 {
		sum += float64(z[i])
		squares += float64(z[i]) * float64(z[i])
	}
	mean := sum / 500
	if sd := math.Sqrt(squares/500 - mean*mean); math.Abs(mean-3) > 0.02 || math.Abs(sd-0.1) > 0.02 {
		t.Errorf("the second dimension has mean %v and standard deviation %v, want 3 and 0.1", mean, sd)
	}
	if err := (proto.Sample{N: 1, Prior: "flat"}).Check(); err == nil {
		t.Error("a prior that is none passes")
	}
}

func TestExample(t *testing.T) {
	r := newFixture(t)
	seen := map[int]bool{}
	for seed := range int64(60) {
		var ok proto.ExampleOK
		a := r.OK(&ok, proto.Example{Digit: -1, Seed: seed})
		seen[ok.Label] = true
		strokes, err := proto.DecodeStrokes(a.Message.Buf(0))
		if err != nil || len(strokes) == 0 {
			t.Fatalf("seed %d: %d strokes, %v", seed, len(strokes), err)
		}
		if b := r.Ask(proto.Example{Digit: -1, Seed: seed}); !bytes.Equal(a.Message.Buf(0), b.Message.Buf(0)) {
			t.Errorf("seed %d gives another example the second time", seed)
		}
	}
	if len(seen) < 8 {
		t.Errorf("sixty seeds give the digits %v", seen)
	}
	var ok proto.ExampleOK
	one := r.OK(&ok, proto.Example{Digit: 3, Seed: 1})
	if ok.Label != 3 {
		t.Errorf("asked for a 3 and got a %d", ok.Label)
	}
	if two := r.Ask(proto.Example{Digit: 3, Seed: 2}); bytes.Equal(one.Message.Buf(0), two.Message.Buf(0)) {
		t.Error("two seeds give the same 3")
	}
	// What an example gives, a pad takes.
	r.load()
	r.OK(&proto.PadSetOK{}, proto.PadSet{Pad: "a", Rev: 1}, one.Message.Buf(0))
	if _, ev := r.lastPad(); ev.Empty {
		t.Error("an example leaves the pad empty")
	}
}

func TestPicture(t *testing.T) {
	r := newFixture(t)
	picture := image.NewGray(image.Rect(0, 0, 40, 30))
	for i := range picture.Pix {
		picture.Pix[i] = 255
	}
	for y := 8; y < 22; y++ {
		for x := 18; x < 22; x++ {
			picture.SetGray(x, y, color.Gray{})
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		t.Fatal(err)
	}
	var ok proto.PictureOK
	a := r.OK(&ok, proto.Picture{Name: "x.png"}, file.Bytes())
	if ok.Ready || len(a.Message.Buf(0)) != ok.Width*ok.Height || ok.Width == 0 {
		t.Errorf("%s with %d bytes", a.Message.Head, len(a.Message.Buf(0)))
	}
	r.load()
	r.OK(&proto.PadSetOK{}, proto.PadSet{Pad: "a", Rev: 1, Bitmap: (*proto.Bitmap)(&ok)}, nil, a.Message.Buf(0))
	if _, ev := r.lastPad(); ev.Empty {
		t.Error("a picture leaves the pad empty")
	}
}

func TestPictureTooLarge(t *testing.T) {
	r := newFixture(t)
	// The header of a PNG of 60,000 x 60,000; nothing else is looked at.
	head := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\xea\x60\x00\x00\xea\x60\x08\x00\x00\x00\x00\x2d\x9e\xa0\xa1")
	a := r.Ask(proto.Picture{Name: "huge.png"}, head)
	if e := a.Head.Error; e == nil || e.Code != proto.CodePictureTooLarge {
		t.Errorf("answered %s", a.Message.Head)
	}
}

// TestRealModel goes through the engine with a real, if tiny, model.
func TestRealModel(t *testing.T) {
	m, err := vae.New(vae.Config{
		Family: "dense", Input: [3]int{1, 28, 28}, Encoder: []int{16}, Decoder: []int{12}, Latent: 4,
		Activation: "tanh", Likelihood: vae.Bernoulli, Classes: 10, Classifier: []int{8},
	}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := store.WriteModel(&file, m, store.Options{}); err != nil {
		t.Fatal(err)
	}
	r := newFixture(t)
	r.studio.load = model.Read
	var loaded proto.ModelLoadOK
	r.OK(&loaded, proto.ModelLoad{Name: "tiny"}, file.Bytes())
	if i := loaded.Model; i.Name != "tiny" || i.Family != "dense" || i.Latent != 4 || i.Classes != 10 || i.Params == 0 ||
		i.Activation != "tanh" || i.Likelihood != "bernoulli" || !slices.Equal(i.Encoder, []int{16}) || !slices.Equal(i.Decoder, []int{12}) {
		t.Errorf("%+v", i)
	}
	r.OK(&proto.PadSetOK{}, proto.PadSet{Pad: "a", Rev: 1}, line(0.1))
	g, ev := r.lastPad()
	if ev.Label == nil || len(ev.Probs) != 10 {
		t.Fatalf("%s", g.Message.Head)
	}
	a := r.OK(&proto.EncodeOK{}, proto.Encode{}, g.Message.Buf(0))
	for i, name := range []string{"mu", "logvar", "recon"} {
		if !bytes.Equal(a.Message.Buf(i), g.Message.Buf(i+1)) {
			t.Errorf("encode and the pad event differ in %s", name)
		}
	}
	morph := r.OK(&proto.MorphOK{}, proto.Morph{Frames: 100, Path: "slerp"}, a.Message.Buf(0), proto.FloatBytes([]float32{1, -1, 0.5, 2}))
	if !enginetest.Near(enginetest.Floats(t, morph.Message, 0)[:784], enginetest.Floats(t, a.Message, 2), 1e-5) {
		t.Error("the morph does not begin with the reconstruction")
	}
	for _, cut := range []int{1, 8, file.Len() / 2, file.Len() - 1} {
		if bad := r.Ask(proto.ModelLoad{Name: "torn"}, file.Bytes()[:cut]); bad.Head.Error == nil || bad.Head.Error.Code != proto.CodeBadModel {
			t.Errorf("the first %d bytes: %s", cut, bad.Message.Head)
		}
	}
	if again := r.OK(&proto.EncodeOK{}, proto.Encode{}, g.Message.Buf(0)); !bytes.Equal(again.Message.Buf(0), a.Message.Buf(0)) {
		t.Error("the model was changed by files that could not be read")
	}
}

func TestBlankPicture(t *testing.T) {
	r := newFixture(t)
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 40, 40))); err != nil {
		t.Fatal(err)
	}
	a := r.Ask(proto.Picture{Name: "blank.png"}, file.Bytes())
	if e := a.Head.Error; e == nil || e.Code != proto.CodeBlankPicture {
		t.Errorf("answered %s", a.Message.Head)
	}
}
