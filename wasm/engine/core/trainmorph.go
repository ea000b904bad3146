package core

import (
	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/latent"
	"inkdrift/wasm/proto"
)

func (e *Engine) trainMorph(t *task) (any, [][]byte, error) {
	var r proto.TrainMorph
	if err := t.fields(&r); err != nil {
		return nil, nil, err
	}
	run, err := e.run()
	if err != nil {
		return nil, nil, err
	}
	m := run.trainer.Model()
	if err := checkClass(m, r.Class); err != nil {
		return nil, nil, err
	}
	if most := maxValues / m.InputLen(); r.Frames > most {
		return nil, nil, proto.Errorf(proto.CodeBadValue, "frames", "of this size at most %d pictures can be had at once", most)
	}
	a, err := run.place("a", r.A, r.Seed)
	if err != nil {
		return nil, nil, err
	}
	b, err := run.place("b", r.B, r.Seed)
	if err != nil {
		return nil, nil, err
	}
	z := make([]float32, r.Frames*m.Latent())
	latent.Path(z, a, b, r.Frames, latent.Kind(r.Path))
	frames, err := run.decode(t, z, func(int) int { return r.Class })
	if err != nil {
		return nil, nil, err
	}
	return proto.TrainMorphOK{Step: run.trainer.StepsTaken(), Frames: r.Frames, Shape: run.validation.Shape}, floatBufs(frames), nil
}

// checkClass says whether a conditional model knows a class; others are told none.
func checkClass(m *vae.Model, class int) error {
	if k := m.Conditions(); k > 0 && class >= k {
		return proto.Errorf(proto.CodeBadValue, "class", "%d: the classes are 0 to %d", class, k-1)
	}
	return nil
}

// place gives the latent point of validation picture i, or of sample i of a model
// without encoder; field names i in errors.
func (t *training) place(field string, i int, seed int64) ([]float32, error) {
	m := t.trainer.Model()
	dim := m.Latent()
	if !m.HasEncoder() {
		z := make([]float32, (i+1)*dim)
		compute.Implementation().Normal(z, compute.NewKey(uint64(seed), priorStream), 0)
		return z[i*dim:], nil
	}
	if n := t.validSet.Len(); i >= n {
		return nil, proto.Errorf(proto.CodeBadValue, field, "%d: there are %d validation pictures", i, n)
	}
	x, y := make([]float32, m.InputLen()), make([]float32, m.Conditions())
	t.pictures(x, i)
	if err := t.oneHot(y, i, t.class); err != nil {
		return nil, err
	}
	mu, logvar := make([]float32, dim), make([]float32, dim)
	return mu, m.EncodeGiven(mu, logvar, x, y)
}
