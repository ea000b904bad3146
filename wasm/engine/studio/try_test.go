package studio

import (
	"os"
	"slices"
	"testing"

	"inkdrift/vae/metric"
	"inkdrift/vae/store"
	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/proto"
)

// TestFill: what was there stays, what was not is decoded, and the seed decides.
func TestFill(t *testing.T) {
	r := explainFixture(t, enginetest.Untrained(t, [3]int{1, 28, 28}), grey(t))
	x, hole := make([]float32, 784), make([]byte, 784)
	for i, b := range grey(t) {
		x[i] = float32(b) / 255
		if i >= 392 {
			hole[i] = 1
		}
	}
	var ok proto.FillOK
	q := proto.Fill{N: 4, Seed: 2}
	a := r.OK(&ok, q, proto.FloatBytes(x), hole)
	pictures := enginetest.Floats(t, a.Message, 0)
	if ok.N != 4 || len(pictures) != 4*784 || len(ok.Nats) != 4 {
		t.Fatalf("%+v with %d pixels", ok, len(pictures))
	}
	for i := range 4 {
		p := pictures[i*784:][:784]
		if !slices.Equal(p[:392], x[:392]) {
			t.Errorf("picture %d has changed where nothing was missing", i)
		}
		if slices.Equal(p[392:], x[392:]) {
			t.Errorf("picture %d knows what was missing", i)
		}
	}
	again := r.OK(&ok, q, proto.FloatBytes(x), hole)
	if !slices.Equal(enginetest.Floats(t, again.Message, 0), pictures) {
		t.Error("the same seed completes otherwise")
	}
	r.studio.model.rows = 3
	pieces := r.OK(&ok, q, proto.FloatBytes(x), hole)
	if !slices.Equal(enginetest.Floats(t, pieces.Message, 0), pictures) {
		t.Error("in pieces it completes otherwise")
	}
	r.Refused(proto.CodeBadValue, "n", proto.Fill{N: 0}, proto.FloatBytes(x), hole)
	r.Refused(proto.CodeBadValue, "n", proto.Fill{N: proto.MaxDraws + 1}, proto.FloatBytes(x), hole)
	r.Refused(proto.CodeBadValue, "seed", proto.Fill{N: 1, Seed: -1}, proto.FloatBytes(x), hole)
	r.Refused(proto.CodeBadLength, "pixels", q, proto.FloatBytes(x[1:]), hole)
	r.Refused(proto.CodeBadLength, "hole", q, proto.FloatBytes(x), hole[1:])
	x[3] = 2
	r.Refused(proto.CodeBadValue, "pixels", q, proto.FloatBytes(x), hole)
}

// TestFillRefuses: without a likelihood nothing can be completed.
func TestFillRefuses(t *testing.T) {
	r := newFixture(t)
	r.load()
	r.Refused(proto.CodeModelUnfit, "model", proto.Fill{N: 1}, proto.FloatBytes(make([]float32, 784)), make([]byte, 784))
}

// TestSketch: strokes are encoded as on a pad, and no pad changes.
func TestSketch(t *testing.T) {
	r := newFixture(t)
	r.load()
	r.OK(&proto.PadSetOK{}, proto.PadSet{Pad: "a", Rev: 1}, line(0.1), nil)
	onPad := slices.Clone(r.studio.pads[0].pixels)
	a := r.OK(&proto.SketchOK{}, proto.Sketch{}, line(0.1))
	if got := enginetest.Floats(t, a.Message, 0); !slices.Equal(got, onPad) {
		t.Error("the picture is another than on a pad")
	}
	if n := len(a.Message.Buf(1)); n != 3*4 {
		t.Errorf("%d bytes of mu", n)
	}
	var ok proto.SketchOK
	r.OK(&ok, proto.Sketch{}, nil)
	if !ok.Empty {
		t.Errorf("no strokes: %+v", ok)
	}
	if !slices.Equal(r.studio.pads[0].pixels, onPad) || r.studio.pads[1].pixels != nil {
		t.Error("a pad has changed")
	}
	r.Refused(proto.CodeBadLength, "strokes", proto.Sketch{}, []byte{1})
}

// TestTypicalityIsWhatIsMeasured: the page takes from an explain what tools/eval
// measures test digits by.
func TestTypicalityIsWhatIsMeasured(t *testing.T) {
	for _, name := range []string{"digits", "conv-iwae"} {
		file, err := os.ReadFile("../../../web/models/" + name + ".safetensors")
		if err != nil {
			t.Fatal(err)
		}
		m, err := store.ReadModel(file)
		if err != nil {
			t.Fatal(err)
		}
		const draws, seed = 9, 1
		e := explainFixture(t, file, grey(t)).explain(proto.Explain{Pad: "a", Draws: draws, Seed: seed})
		got := e.Least - (metric.TypicalBeta-1)*e.KL
		for _, v := range e.NegELBO {
			got -= v / draws
		}
		want, err := metric.Typicality(m, e.x, draws, seed)
		if err != nil {
			t.Fatal(err)
		}
		near(t, name+": typicality", got, want, 1e-3)
	}
}
