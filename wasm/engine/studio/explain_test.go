package studio

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"inkdrift/vae/compute"
	"inkdrift/vae/data"
	"inkdrift/vae/metric"
	"inkdrift/vae/store"
	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/engine/model"
	"inkdrift/wasm/proto"
)

// explained is the answer to an explain with its buffers.
type explained struct {
	proto.ExplainOK
	x, mu, logvar, eps, z, recon, nats, kl []float32
}

func (r *fixture) explain(q proto.Explain) (e explained) {
	r.T.Helper()
	a := r.OK(&e.ExplainOK, q)
	for i, dst := range []*[]float32{&e.x, &e.mu, &e.logvar, &e.eps, &e.z, &e.recon, &e.nats, &e.kl} {
		*dst = enginetest.Floats(r.T, a.Message, i)
	}
	return e
}

// explainFixture is a fixture with a model file in use and a picture on pad a.
func explainFixture(t *testing.T, file, picture []byte) *fixture {
	t.Helper()
	r := newFixture(t)
	r.studio.load = model.Read
	r.OK(&proto.ModelLoadOK{}, proto.ModelLoad{Name: "x"}, file)
	r.OK(&proto.PadSetOK{}, proto.PadSet{Pad: "a", Rev: 7, Bitmap: &proto.Bitmap{Width: 28, Height: 28, Ready: true}}, nil, picture)
	return r
}

// grey is a picture of a digit, a byte a pixel.
func grey(t *testing.T) []byte {
	t.Helper()
	x := make([]float32, 784)
	data.NewDigits(5).Image(x, 3)
	b := make([]byte, 784)
	for i, v := range x {
		b[i] = byte(v*255 + 0.5)
	}
	return b
}

// TestExplainIsWhatIsMeasured compares the answer with what vae/metric, and so
// tools/eval, computes for the same picture, with every digit model that is shipped.
func TestExplainIsWhatIsMeasured(t *testing.T) {
	picture := grey(t)
	set, err := data.NewImages("one", data.Shape{C: 1, H: 28, W: 28}, picture, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"digits", "digits-2d", "conv-iwae", "iwae-50", "vae-50"} {
		file, err := os.ReadFile("../../../web/models/" + name + ".safetensors")
		if err != nil {
			t.Fatal(err)
		}
		m, err := store.ReadModel(file)
		if err != nil {
			t.Fatal(err)
		}
		const seed, draws = 41, 9
		want, err := metric.Evaluate(m, set, metric.Options{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		e := explainFixture(t, file, picture).explain(proto.Explain{Pad: "a", Draws: draws, Seed: seed})
		if e.Rev != 7 || e.Example || e.Draws != draws {
			t.Errorf("%+v", e.ExplainOK)
		}
		near(t, name+": reconstruction", e.Recon[0], want.Recon, 1e-3)
		near(t, name+": KL", e.KL, want.KL, 1e-4)
		near(t, name+": ELBO", -e.NegELBO[0], want.ELBO, 1e-3)
		for j, v := range e.kl {
			near(t, fmt.Sprintf("%s: KL of dimension %d", name, j), float64(v), want.DimKL[j], 1e-5)
		}
		// The figures are the sums of their parts.
		near(t, name+": the sum of the dimensions", e.KL, sum(e.kl), 1e-9)
		for i := range draws {
			near(t, name+": the sum of the pixels", e.Recon[i], sum(e.nats[i*784:][:784]), 1e-9)
			near(t, name+": the sum of both", e.NegELBO[i], e.Recon[i]+e.KL, 1e-9)
			if e.Recon[i] < e.Least {
				t.Errorf("%s: %v nats, at least %v", name, e.Recon[i], e.Least)
			}
		}
		// The importance-weighted bound of these draws, whose noise continues the stream.
		lik, err := metric.NewLikelihood(m, draws, 0)
		if err != nil {
			t.Fatal(err)
		}
		bound, err := lik.NLL(e.x, e.mu, e.logvar, compute.NewKey(seed, elboStream))
		if err != nil {
			t.Fatal(err)
		}
		near(t, name+": bound of nine", e.Bound, bound, 1e-3)
		total := 0.0
		for _, w := range e.Weights {
			total += w
		}
		near(t, name+": the sum of the weights", total, 1, 1e-9)
	}
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*max(1, math.Abs(want))) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// TestExplainDraws: z is mu + sigma*epsilon, a picture each is decoded from it, and the
// seed decides.
func TestExplainDraws(t *testing.T) {
	r := explainFixture(t, enginetest.Untrained(t, [3]int{1, 28, 28}), grey(t))
	e := r.explain(proto.Explain{Pad: "a", Draws: 4, Seed: 1})
	for i, z := range e.z {
		j := i % len(e.mu)
		want := float64(e.mu[j]) + math.Exp(float64(e.logvar[j])/2)*float64(e.eps[i])
		near(t, fmt.Sprintf("z[%d]", i), float64(z), want, 1e-6)
	}
	d := r.OK(&proto.DecodeOK{}, proto.Decode{}, proto.FloatBytes(e.z))
	if !slices.Equal(enginetest.Floats(t, d.Message, 0), e.recon) {
		t.Error("the reconstructions are not those of z")
	}
	if again := r.explain(proto.Explain{Pad: "a", Draws: 4, Seed: 1}); !slices.Equal(again.eps, e.eps) {
		t.Error("the same seed draws other noise")
	}
	if other := r.explain(proto.Explain{Pad: "a", Draws: 4, Seed: 2}); slices.Equal(other.eps, e.eps) {
		t.Error("another seed draws the same noise")
	}
	for _, q := range []struct {
		field string
		proto.Explain
	}{{"pad", proto.Explain{Pad: "c", Draws: 1}}, {"draws", proto.Explain{Pad: "a"}}, {"draws", proto.Explain{Pad: "a", Draws: proto.MaxDraws + 1}}, {"seed", proto.Explain{Pad: "a", Draws: 1, Seed: -1}}} {
		r.Refused(proto.CodeBadValue, q.field, q.Explain)
	}
}

// TestExplainExample: an empty pad is explained by an example.
func TestExplainExample(t *testing.T) {
	r := explainFixture(t, enginetest.Untrained(t, [3]int{1, 28, 28}), grey(t))
	e := r.explain(proto.Explain{Pad: "b", Draws: 1, Seed: 1})
	if !e.Example || sum(e.x) < 20 {
		t.Errorf("example %v with %v of ink", e.Example, sum(e.x))
	}
	newFixture(t).Refused(proto.CodeNoModel, "", proto.Explain{Pad: "b", Draws: 1})
}

// TestExplainRefuses: without a likelihood there is no ELBO.
func TestExplainRefuses(t *testing.T) {
	r := newFixture(t)
	r.load()
	r.Refused(proto.CodeModelUnfit, "model", proto.Explain{Pad: "a", Draws: 2, Seed: 1})
}

// TestExplainInPieces: a slow model is decoded piece by piece, with the same result.
func TestExplainInPieces(t *testing.T) {
	r := explainFixture(t, enginetest.Untrained(t, [3]int{1, 28, 28}), grey(t))
	q := proto.Explain{Pad: "a", Draws: 5, Seed: 1}
	whole := r.Ask(q)
	r.studio.model.rows = 2
	pieces := r.Ask(q)
	for i := range whole.Message.Bufs {
		if !bytes.Equal(whole.Message.Buf(i), pieces.Message.Buf(i)) {
			t.Errorf("buffer %d differs", i)
		}
	}
}
