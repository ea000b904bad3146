package studio

import (
	"math/rand/v2"

	"inkdrift/vae/compute"
	"inkdrift/vae/latent"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/engine/model"
	"inkdrift/wasm/proto"
)

// slack is how far outside of [0,1] a pixel may be, for those who computed it.
const slack = 1e-3

func encode(t *engine.Task, m *loaded, _ *proto.Encode) (*proto.EncodeOK, [][]byte, error) {
	x, err := t.Msg.Floats(0, "pixels", m.InputLen())
	if err != nil {
		return nil, nil, err
	}
	if err := checkPixels(x); err != nil {
		return nil, nil, err
	}
	e, err := m.encode(x)
	if err != nil {
		return nil, nil, err
	}
	return &proto.EncodeOK{Label: e.label, Probs: e.probs}, proto.FloatBufs(e.mu, e.logvar, e.recon), nil
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

func decode(t *engine.Task, m *loaded, _ *proto.Decode) (*proto.DecodeOK, [][]byte, error) {
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
	return &proto.DecodeOK{N: n}, proto.FloatBufs(pixels), nil
}

func morph(t *engine.Task, m *loaded, r *proto.Morph) (*proto.MorphOK, [][]byte, error) {
	if err := checkCount(m, "frames", r.Frames); err != nil {
		return nil, nil, err
	}
	a, err := t.Msg.Floats(0, "zA", m.Latent())
	if err != nil {
		return nil, nil, err
	}
	b, err := t.Msg.Floats(1, "zB", m.Latent())
	if err != nil {
		return nil, nil, err
	}
	z := make([]float32, r.Frames*m.Latent())
	latent.Path(z, a, b, r.Frames, latent.Kind(r.Path))
	pixels, err := m.decodeRows(t, z, r.Frames)
	if err != nil {
		return nil, nil, err
	}
	return &proto.MorphOK{Frames: r.Frames}, proto.FloatBufs(pixels, z), nil
}

func sample(t *engine.Task, m *loaded, r *proto.Sample) (*proto.SampleOK, [][]byte, error) {
	if err := checkCount(m, "n", r.N); err != nil {
		return nil, nil, err
	}
	z := make([]float32, r.N*m.Latent())
	from := proto.PriorNormal
	if p := model.PriorOf(m.Model); p != nil && r.Prior == proto.PriorFitted {
		from = proto.PriorFitted
		p.Sample(z, compute.NewKey(uint64(r.Seed), model.PriorStream))
	} else {
		random := rand.New(rand.NewPCG(uint64(r.Seed), model.PriorStream))
		for i := range z {
			z[i] = float32(random.NormFloat64())
		}
	}
	pixels, err := m.decodeRows(t, z, r.N)
	if err != nil {
		return nil, nil, err
	}
	return &proto.SampleOK{N: r.N, Prior: from}, proto.FloatBufs(z, pixels), nil
}

// points reads the latent points that came with a request, at least one.
func points(t *engine.Task, dim int) (z []float32, n int, err error) {
	row := 4 * dim
	n = len(t.Msg.Buf(0)) / row
	if n == 0 || len(t.Msg.Buf(0)) != n*row {
		return nil, 0, proto.Errorf(proto.CodeBadLength, "z", "%d bytes are no whole number of latent points of %d (%d float32)", len(t.Msg.Buf(0)), row, dim)
	}
	z, err = t.Msg.Floats(0, "z", n*dim)
	return z, n, err
}

// checkCount refuses more pictures than an answer can carry; field names the
// number in the error.
func checkCount(m model.Model, field string, n int) error {
	if most := min(proto.MaxSamples, proto.MaxValues/max(m.InputLen(), m.Latent())); n > most {
		return proto.Errorf(proto.CodeBadValue, field, "%d pictures: this model can give %d at once", n, most)
	}
	return nil
}

// decodeRows decodes n latent points and yields between pieces of the work.
func (m *loaded) decodeRows(t *engine.Task, z []float32, n int) ([]float32, error) {
	width, dim := m.InputLen(), m.Latent()
	pixels := make([]float32, n*width)
	for from := 0; from < n; from += m.rows {
		if from > 0 {
			t.Yield()
		}
		to := min(from+m.rows, n)
		if err := m.Decode(pixels[from*width:to*width], z[from*dim:to*dim]); err != nil {
			return nil, err
		}
	}
	if proto.CheckFinite("", pixels) != nil {
		return nil, notFinite("z")
	}
	return pixels, nil
}

func notFinite(field string) error {
	return proto.Errorf(proto.CodeNotFinite, field, "the numbers are so large that the model's pixels are not finite")
}
