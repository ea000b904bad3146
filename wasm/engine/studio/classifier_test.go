package studio

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/classify"
	"inkdrift/vae/ink"
	"inkdrift/vae/store"
	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/engine/model"
	"inkdrift/wasm/proto"
)

// classifierFile is an untrained classifier of pictures of this side.
func classifierFile(t *testing.T, side int) []byte {
	t.Helper()
	n, err := classify.New(classify.Config{Input: [3]int{1, side, side}, Channels: []int{2}, Strides: []int{2}, Features: 4, Classes: 10}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := n.Write(&file, store.F32, nil, nil); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// TestClassifierOfItsOwn: a model that has one is not read by another.
func TestClassifierOfItsOwn(t *testing.T) {
	r := newFixture(t)
	r.load()
	r.OK(&proto.PadSetOK{}, proto.PadSet{Pad: "a", Rev: 1}, line(0.1))
	_, before := r.lastPad()
	r.Events = nil
	var ok proto.ClassifierLoadOK
	r.OK(&ok, proto.ClassifierLoad{}, classifierFile(t, ink.PreparedSide))
	if ok.Classes != 10 {
		t.Errorf("%+v", ok)
	}
	for _, g := range r.Events {
		if g.Type == proto.TypePad {
			t.Errorf("a model with a classifier of its own was asked again: %s", g.Message.Head)
		}
	}

	r.fake = &fake{}
	r.load()
	if _, ev := r.lastPad(); ev.Label == nil || len(ev.Probs) != 10 {
		t.Errorf("a model without a classifier: %+v", ev)
	} else if before.Label == nil {
		t.Errorf("a model with a classifier: %+v", before)
	}
	for _, bad := range [][]byte{nil, []byte("torn"), classifierFile(t, 16)} {
		if a := r.Ask(proto.ClassifierLoad{}, bad); a.Head.Error == nil || a.Head.Error.Code != proto.CodeBadModel || a.Head.Error.Field != "file" {
			t.Errorf("%d bytes: %s", len(bad), a.Message.Head)
		}
	}
}

// TestClassifierOfThePage reads an example with the shipped files.
func TestClassifierOfThePage(t *testing.T) {
	shipped := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join("..", "..", "..", "web", "models", name+".safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	r := newFixture(t)
	r.studio.load = model.Read
	r.OK(&proto.ModelLoadOK{}, proto.ModelLoad{Name: "vae-50"}, shipped("vae-50"))
	example := r.OK(&proto.ExampleOK{}, proto.Example{Digit: 3, Seed: 1})
	r.OK(&proto.PadSetOK{}, proto.PadSet{Pad: "a", Rev: 1}, example.Message.Buf(0))
	if _, ev := r.lastPad(); ev.Label != nil {
		t.Fatalf("it has a classifier: %+v", ev)
	}
	r.OK(&proto.ClassifierLoadOK{}, proto.ClassifierLoad{}, shipped("classifier"))
	if _, ev := r.lastPad(); ev.Label == nil || *ev.Label != 3 {
		t.Errorf("a 3 was read as %v, %v", ev.Label, ev.Probs)
	}
}

// TestModelsThatPadsCannotTake: their codes tell the page to show them elsewhere.
func TestModelsThatPadsCannotTake(t *testing.T) {
	r := newFixture(t)
	r.studio.load = model.Read
	for _, name := range []string{"faces", "cvae", "dcgan"} {
		b, err := os.ReadFile(filepath.Join("..", "..", "..", "web", "models", name+".safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		a := r.Ask(proto.ModelLoad{Name: name}, b)
		if a.Head.Error == nil || a.Head.Error.Code != proto.CodeModelUnfit {
			t.Errorf("%s: %s", name, a.Message.Head)
		}
	}
	if r.studio.model != nil {
		t.Error("one of them is in use")
	}
}

// TestReader: a model that has a classifier of pictures reads the drawing, not mu.
func TestReader(t *testing.T) {
	file := enginetest.ModelFile(t, vae.Config{Family: "dense", Input: [3]int{1, 28, 28}, Encoder: []int{6}, Decoder: []int{6}, Latent: 2,
		Activation: "tanh", Likelihood: vae.Bernoulli, Classes: 10, Reader: []int{2, 3}, ReaderHidden: []int{4}})
	m, err := store.ReadModel(file)
	if err != nil {
		t.Fatal(err)
	}
	r := newFixture(t)
	r.studio.load = model.Read
	r.OK(&proto.ModelLoadOK{}, proto.ModelLoad{Name: "reader"}, file)
	r.OK(&proto.PadSetOK{}, proto.PadSet{Pad: "a", Rev: 1}, line(0.1))
	message, ev := r.lastPad()
	x := enginetest.Floats(t, message.Message, 0)
	read, latent := make([]float32, 10), make([]float32, 10)
	if err := m.Recognise(read, x); err != nil {
		t.Fatal(err)
	}
	if err := m.Classify(latent, enginetest.Floats(t, message.Message, 1)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(ev.Probs, read) || slices.Equal(read, latent) {
		t.Errorf("the drawing is read as %v; the picture gives %v, mu %v", ev.Probs, read, latent)
	}
}
