package core

import (
	"math/rand/v2"

	"inkdrift/vae/latent"
	"inkdrift/wasm/proto"
)

// maxValues bounds the numbers in one answer, so that it fits into a message.
const maxValues = proto.MaxBytes / 4

// slack is how far outside of [0,1] a pixel may be, for those who computed it.
const slack = 1e-3

var errNoModel = proto.Errorf(proto.CodeNoModel, "", "no model is loaded")

func (e *Engine) encode(t *task) (any, [][]byte, error) {
	m := t.model
	if m == nil {
		return nil, nil, errNoModel
	}
	x, err := t.msg.Floats(0, "pixels", m.InputLen())
	if err != nil {
		return nil, nil, err
	}
	if err := checkPixels(x); err != nil {
		return nil, nil, err
	}
	s, err := m.look(x)
	if err != nil {
		return nil, nil, err
	}
	return proto.EncodeOK{Label: s.label, Probs: s.probs}, floatBufs(s.mu, s.logvar, s.recon), nil
}

// checkPixels refuses numbers that are no pixels.
func checkPixels(x []float32) error {
	for i, v := range x {
		if v < -slack || v > 1+slack {
			return proto.Errorf(proto.CodeBadValue, "pixels", "number %d of %d is %v: 0 is paper and 1 is ink", i, len(x), v)
		}
	}
	return nil
}

func (e *Engine) decode(t *task) (any, [][]byte, error) {
	m := t.model
	if m == nil {
		return nil, nil, errNoModel
	}
	z, n, err := points(t, m.Latent())
	if err != nil {
		return nil, nil, err
	}
	if err := checkCount(m, "z", n); err != nil {
		return nil, nil, err
	}
	pixels, err := m.decodeRows(t, z, n)
	if err != nil {
		return nil, nil, err
	}
	return proto.DecodeOK{N: n}, floatBufs(pixels), nil
}

func (e *Engine) morph(t *task) (any, [][]byte, error) {
	m := t.model
	if m == nil {
		return nil, nil, errNoModel
	}
	var r proto.Morph
	if err := t.fields(&r); err != nil {
		return nil, nil, err
	}
	if err := checkCount(m, "frames", r.Frames); err != nil {
		return nil, nil, err
	}
	a, err := t.msg.Floats(0, "zA", m.Latent())
	if err != nil {
		return nil, nil, err
	}
	b, err := t.msg.Floats(1, "zB", m.Latent())
	if err != nil {
		return nil, nil, err
	}
	z := make([]float32, r.Frames*m.Latent())
	latent.Path(z, a, b, r.Frames, latent.Kind(r.Path))
	pixels, err := m.decodeRows(t, z, r.Frames)
	if err != nil {
		return nil, nil, err
	}
	return proto.MorphOK{Frames: r.Frames}, floatBufs(pixels, z), nil
}

func (e *Engine) sample(t *task) (any, [][]byte, error) {
	m := t.model
	if m == nil {
		return nil, nil, errNoModel
	}
	var r proto.Sample
	if err := t.fields(&r); err != nil {
		return nil, nil, err
	}
	if err := checkCount(m, "n", r.N); err != nil {
		return nil, nil, err
	}
	random := rand.New(rand.NewPCG(uint64(r.Seed), priorStream))
	z := make([]float32, r.N*m.Latent())
	for i := range z {
		z[i] = float32(random.NormFloat64())
	}
	pixels, err := m.decodeRows(t, z, r.N)
	if err != nil {
		return nil, nil, err
	}
	return proto.SampleOK{N: r.N}, floatBufs(z, pixels), nil
}

// priorStream keeps the numbers for samples apart from others of the same seed.
const priorStream = 0x1d21f7

// points reads the latent points that came with a request, at least one.
func points(t *task, latent int) (z []float32, n int, err error) {
	row := 4 * latent
	n = len(t.msg.Buf(0)) / row
	if n == 0 || len(t.msg.Buf(0)) != n*row {
		return nil, 0, proto.Errorf(proto.CodeBadLength, "z", "%d bytes are no whole number of latent points of %d (%d float32)", len(t.msg.Buf(0)), row, latent)
	}
	z, err = t.msg.Floats(0, "z", n*latent)
	return z, n, err
}

// checkCount refuses more pictures than an answer can carry; field names the
// number in the error.
func checkCount(m Model, field string, n int) error {
	if most := min(proto.MaxSamples, maxValues/max(m.InputLen(), m.Latent())); n > most {
		return proto.Errorf(proto.CodeBadValue, field, "%d pictures: this model can give %d at once", n, most)
	}
	return nil
}

// decodeRows decodes n latent points and pauses between pieces of the work.
func (m *loaded) decodeRows(t *task, z []float32, n int) ([]float32, error) {
	width, latent := m.InputLen(), m.Latent()
	pixels := make([]float32, n*width)
	for from := 0; from < n; from += m.rows {
		if from > 0 {
			t.pause()
		}
		to := min(from+m.rows, n)
		if err := m.Decode(pixels[from*width:to*width], z[from*latent:to*latent]); err != nil {
			return nil, err
		}
	}
	if proto.CheckFinite("", pixels) != nil {
		return nil, notFinite("z")
	}
	return pixels, nil
}

func floatBufs(parts ...[]float32) [][]byte {
	bufs := make([][]byte, len(parts))
	for i, v := range parts {
		bufs[i] = proto.FloatBytes(v)
	}
	return bufs
}
