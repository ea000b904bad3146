package studio

import (
	"slices"
	"strings"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/store"
	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/engine/model"
	"inkdrift/wasm/proto"
)

// fakeHand is a conditional model that is easy to check: it takes a picture for the
// class of its first pixel, tenfold; z is (mean of the picture, class it was told, 0);
// a picture of class c is z[0] everywhere but for c/10 as the first pixel and z[1]
// as the last.
type fakeHand struct {
	fake
	conditions int
	given      int // pictures decoded
}

func (f *fakeHand) Conditions() int  { return f.conditions }
func (f *fakeHand) HasEncoder() bool { return true }

func (f *fakeHand) Recognise(probs, x []float32) error {
	clear(probs)
	probs[int(x[0]*10+0.5)] = 1
	return nil
}

func (f *fakeHand) EncodeGiven(mu, logvar, x, y []float32) error {
	if err := f.Encode(mu, logvar, x); err != nil {
		return err
	}
	mu[1], mu[2] = float32(slices.Index(y, 1)), 0
	return nil
}

func (f *fakeHand) DecodeGiven(dst, z, y []float32) error {
	for i := range len(z) / 3 {
		f.given++
		row := dst[i*784:][:784]
		for k := range row {
			row[k] = z[3*i]
		}
		row[0] = float32(slices.Index(y[i*f.conditions:][:f.conditions], 1)) / 10
		row[783] = z[3*i+1]
	}
	return nil
}

// handFixture is a fixture whose Load gives a conditional model for a file that says so.
func handFixture(t *testing.T) (*fixture, *fakeHand) {
	r := newFixture(t)
	hand, load := &fakeHand{conditions: 10}, r.studio.load
	r.studio.load = func(b []byte) (model.Model, error) {
		if string(b) == "hand" {
			return hand, nil
		}
		return load(b)
	}
	return r, hand
}

func (r *fixture) loadHand() {
	r.T.Helper()
	r.OK(&proto.HandLoadOK{}, proto.HandLoad{Name: "cvae"}, []byte("hand"))
}

func ptr(i int) *int { return &i }

func TestHandOfAPicture(t *testing.T) {
	r, _ := handFixture(t)
	var loaded proto.HandLoadOK
	r.OK(&loaded, proto.HandLoad{Name: "cvae"}, []byte("hand"))
	if loaded.Classes != 10 || loaded.Model.Name != "cvae" || loaded.Model.Latent != 3 {
		t.Errorf("%+v", loaded)
	}
	x := enginetest.Filled(784, 0.5)
	x[0] = 0.7
	for _, c := range []struct {
		label   *int
		offsets []float32
		want    int
	}{{nil, nil, 7}, {ptr(3), nil, 3}, {nil, []float32{0.25, 0, 2}, 7}} {
		var ok proto.HandOK
		a := r.OK(&ok, proto.Hand{Label: c.label}, proto.FloatBytes(c.offsets), proto.FloatBytes(x))
		if ok.Superseded || ok.Empty || *ok.Label != c.want || *ok.Recognised != 7 || len(ok.Probs) != 10 || ok.Probs[7] != 1 {
			t.Errorf("%s", a.Message.Head)
		}
		pictures, z := enginetest.Floats(t, a.Message, 0), enginetest.Floats(t, a.Message, 1)
		if len(pictures) != 7840 || len(z) != 3 {
			t.Fatalf("%d and %d numbers", len(pictures), len(z))
		}
		add := append(c.offsets, 0, 0, 0)
		if z[0] < 0.5+add[0] || z[0] > 0.501+add[0] || z[1] != float32(c.want) || z[2] != add[2] {
			t.Errorf("z is %v", z)
		}
		for i := range 10 {
			row := pictures[i*784:][:784]
			if row[0] != float32(i)/10 || row[1] != z[0] || row[783] != z[1] {
				t.Errorf("class %d: %v %v %v of z %v", i, row[0], row[1], row[783], z)
			}
		}
	}
}

func TestHandOfAPad(t *testing.T) {
	r, _ := handFixture(t)
	r.loadHand()
	// The pad comes just before, as while somebody draws.
	pad := r.Queue(proto.PadSet{Pad: "b", Rev: 1}, line(0.1))
	hand := r.Queue(proto.Hand{Pad: "b"})
	r.Run()
	var ok proto.HandOK
	if err := r.Answers[hand].Fields(&ok); err != nil || r.Answers[pad].Type != proto.TypeOK || ok.Empty || *ok.Recognised != 0 {
		t.Fatalf("%s", r.Answers[hand].Message.Head)
	}
	g, _ := r.lastPad()
	var sum float32
	for _, v := range enginetest.Floats(t, g.Message, 0) {
		sum += v
	}
	if z := enginetest.Floats(t, r.Answers[hand].Message, 1); z[0] != sum/784 {
		t.Errorf("z is %v of a mean of %v", z, sum/784)
	}
	// On an empty pad it is the model's own hand, and sliders move that.
	ok = proto.HandOK{}
	a := r.OK(&ok, proto.Hand{Pad: "a"}, proto.FloatBytes([]float32{0.5, 0.25, 0}))
	if !ok.Empty || ok.Label != nil || ok.Recognised != nil || ok.Probs != nil || len(a.Message.Buf(0)) != 4*7840 {
		t.Errorf("%s", a.Message.Head)
	}
	if z := enginetest.Floats(t, a.Message, 1); !slices.Equal(z, []float32{0.5, 0.25, 0}) {
		t.Errorf("z is %v", z)
	}
}

// TestHandSuperseded: of requests for one pad that wait only the last is computed,
// those for the other pad and for pixels apart.
func TestHandSuperseded(t *testing.T) {
	r, hand := handFixture(t)
	r.loadHand()
	hand.given = 0
	var ids []int64
	for i := range 5 {
		ids = append(ids, r.Queue(proto.Hand{Pad: "a"}, proto.FloatBytes([]float32{float32(i), 0, 0})))
	}
	other, pixels := r.Queue(proto.Hand{Pad: "b"}), r.Queue(proto.Hand{}, nil, proto.FloatBytes(enginetest.Filled(784, 0.1)))
	bad := r.Queue(proto.Hand{Pad: "a"}, []byte{1, 2, 3, 4, 5})
	if r.Answers[bad].Type != proto.TypeError {
		t.Error("what cannot be used waits")
	}
	r.Run()
	for i, id := range append(ids, other, pixels) {
		var ok proto.HandOK
		a := r.Answers[id]
		if err := a.Fields(&ok); err != nil || ok.Superseded != (i < 4) || ok.Superseded != (len(a.Message.Bufs) == 0) {
			t.Errorf("%d: %s", i, a.Message.Head)
		}
	}
	if z := enginetest.Floats(t, r.Answers[ids[4]].Message, 1); z[0] != 4 || hand.given != 30 {
		t.Errorf("z is %v, %d pictures", z, hand.given)
	}
}

// TestHandPauses: a large model writes in pieces, and somebody who draws meanwhile
// is served in between.
func TestHandPauses(t *testing.T) {
	r, hand := handFixture(t)
	hand.params = 8 << 20 // a picture a piece
	r.load()
	r.loadHand()
	id := r.Queue(proto.Hand{}, nil, proto.FloatBytes(enginetest.Filled(784, 0.1)))
	for range 3 {
		r.Step()
	}
	if _, ok := r.Answers[id]; ok {
		t.Fatal("ten pictures in three pieces")
	}
	newer := r.Queue(proto.Hand{}, nil, proto.FloatBytes(enginetest.Filled(784, 0.2)))
	r.Run()
	a, b := enginetest.Floats(t, r.Answers[id].Message, 0), enginetest.Floats(t, r.Answers[newer].Message, 0)
	if a[1] < 0.09 || a[1] > 0.11 || a[7839-1] != a[1] || b[1] < 0.19 || b[7839-1] != b[1] {
		t.Errorf("written as %v and %v", a[1], b[1])
	}
}

func TestHandErrors(t *testing.T) {
	r, hand := handFixture(t)
	x := proto.FloatBytes(enginetest.Filled(784, 0.5))
	code := func(want proto.Code, field string, b proto.Body, bufs ...[]byte) {
		t.Helper()
		a := r.Ask(b, bufs...)
		if a.Head.Error == nil || a.Head.Error.Code != want || a.Head.Error.Field != field {
			t.Errorf("%+v: %s, want %s of %q", b, a.Message.Head, want, field)
		}
	}
	code(proto.CodeNoModel, "", proto.Hand{}, nil, x)
	code(proto.CodeBadModel, "file", proto.HandLoad{})
	code(proto.CodeBadModel, "file", proto.HandLoad{}, []byte("torn"))
	code(proto.CodeBadModel, "file", proto.HandLoad{}, []byte("not conditional"))
	hand.conditions = 0
	code(proto.CodeBadModel, "file", proto.HandLoad{}, []byte("hand"))
	hand.conditions = 10
	hand.broken = enginetest.NaN
	code(proto.CodeBadModel, "file", proto.HandLoad{}, []byte("hand"))
	hand.broken = 0
	code(proto.CodeBadValue, "name", proto.HandLoad{Name: strings.Repeat("n", 201)}, []byte("hand"))
	r.loadHand()
	code(proto.CodeBadValue, "pad", proto.Hand{Pad: "c"})
	code(proto.CodeBadValue, "label", proto.Hand{Pad: "a", Label: ptr(-1)})
	code(proto.CodeBadValue, "label", proto.Hand{Pad: "a", Label: ptr(10)})
	code(proto.CodeBadLength, "pixels", proto.Hand{Pad: "a"}, nil, x)
	code(proto.CodeBadLength, "pixels", proto.Hand{}, nil, x[4:])
	code(proto.CodeBadValue, "pixels", proto.Hand{}, nil, proto.FloatBytes(enginetest.Filled(784, 2)))
	code(proto.CodeNotFinite, "pixels", proto.Hand{}, nil, proto.FloatBytes(enginetest.Filled(784, enginetest.NaN)))
	code(proto.CodeBadLength, "offsets", proto.Hand{Pad: "a"}, []byte{1})
	code(proto.CodeBadLength, "offsets", proto.Hand{Pad: "a"}, x)
	code(proto.CodeNotFinite, "offsets", proto.Hand{Pad: "a"}, proto.FloatBytes([]float32{0, enginetest.NaN, 0}))
	hand.broken = 3e38
	code(proto.CodeNotFinite, "offsets", proto.Hand{}, proto.FloatBytes([]float32{3e38, 0, 0}), x)
	hand.broken = 0
	// The good one stays when a bad one comes.
	code(proto.CodeBadModel, "file", proto.HandLoad{}, []byte("torn"))
	r.OK(&proto.HandOK{}, proto.Hand{}, nil, x)
}

// TestHandOfARealModel: an untrained one, read from a file.
func TestHandOfARealModel(t *testing.T) {
	r := newFixture(t)
	r.studio.load = model.Read
	conditional := vae.Config{Family: "cvae", Input: [3]int{1, 28, 28}, Encoder: []int{6}, Decoder: []int{6}, Latent: 2,
		Activation: "tanh", Likelihood: vae.Bernoulli, Conditions: 4}
	file := enginetest.ModelFile(t, conditional)
	r.OK(&proto.HandLoadOK{}, proto.HandLoad{}, file)
	x := enginetest.Filled(784, 0.25)
	var ok proto.HandOK
	a := r.OK(&ok, proto.Hand{Label: ptr(2)}, proto.FloatBytes([]float32{1, -1}), proto.FloatBytes(x))
	m, err := store.ReadModel(file)
	if err != nil {
		t.Fatal(err)
	}
	mu, logvar, y, want, probs := make([]float32, 2), make([]float32, 2), make([]float32, 4), make([]float32, 784), make([]float32, 4)
	y[2] = 1
	if err := m.EncodeGiven(mu, logvar, x, y); err != nil {
		t.Fatal(err)
	}
	mu[0]++
	mu[1]--
	y[2], y[3] = 0, 1
	if err := m.DecodeGiven(want, mu, y); err != nil {
		t.Fatal(err)
	}
	if err := m.Recognise(probs, x); err != nil {
		t.Fatal(err)
	}
	if got := enginetest.Floats(t, a.Message, 0)[3*784:]; !slices.Equal(got, want) || !slices.Equal(enginetest.Floats(t, a.Message, 1), mu) || !slices.Equal(ok.Probs, probs) {
		t.Error("not what the model gives")
	}
	// What is no conditional model of drawings is refused.
	for _, c := range []vae.Config{
		{Family: "dense", Input: [3]int{1, 28, 28}, Latent: 2, Activation: "tanh", Likelihood: vae.Bernoulli},
		{Family: "cvae", Input: [3]int{1, 14, 14}, Latent: 2, Activation: "tanh", Likelihood: vae.Bernoulli, Conditions: 4},
	} {
		if a := r.Ask(proto.HandLoad{}, enginetest.ModelFile(t, c)); a.Head.Error == nil || a.Head.Error.Code != proto.CodeBadModel {
			t.Errorf("%s of %v: %s", c.Family, c.Input, a.Message.Head)
		}
	}
}
