package training

import (
	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/latent"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/engine/model"
	"inkdrift/wasm/proto"
)

func morph(t *engine.Task, r *run, q *proto.TrainMorph) (*proto.TrainMorphOK, [][]byte, error) {
	m := r.trainer.Model()
	if err := checkClass(m, q.Class); err != nil {
		return nil, nil, err
	}
	if most := proto.MaxValues / m.InputLen(); q.Frames > most {
		return nil, nil, proto.Errorf(proto.CodeBadValue, "frames", "of this size at most %d pictures can be had at once", most)
	}
	a, err := r.latentPoint("a", q.A, q.Seed)
	if err != nil {
		return nil, nil, err
	}
	b, err := r.latentPoint("b", q.B, q.Seed)
	if err != nil {
		return nil, nil, err
	}
	z := make([]float32, q.Frames*m.Latent())
	latent.Path(z, a, b, q.Frames, latent.Kind(q.Path))
	frames, err := r.decode(t, z, func(int) int { return q.Class })
	if err != nil {
		return nil, nil, err
	}
	return &proto.TrainMorphOK{Step: r.trainer.StepsTaken(), Frames: q.Frames, Shape: r.validation.Shape}, proto.FloatBufs(frames), nil
}

// checkClass refuses a class that a conditional model does not have; others ignore
// it.
func checkClass(m *vae.Model, class int) error {
	if k := m.Conditions(); k > 0 && class >= k {
		return proto.Errorf(proto.CodeBadValue, "class", "%d: the classes are 0 to %d", class, k-1)
	}
	return nil
}

// latentPoint returns the latent point of validation picture i, or of sample i of a model
// without encoder; field names i in errors.
func (r *run) latentPoint(field string, i int, seed int64) ([]float32, error) {
	m := r.trainer.Model()
	dim := m.Latent()
	if !m.HasEncoder() {
		z := make([]float32, (i+1)*dim)
		compute.Implementation().Normal(z, compute.NewKey(uint64(seed), model.PriorStream), 0)
		return z[i*dim:], nil
	}
	if n := r.validSet.Len(); i >= n {
		return nil, proto.Errorf(proto.CodeBadValue, field, "%d: there are %d validation pictures", i, n)
	}
	x, y := make([]float32, m.InputLen()), make([]float32, m.Conditions())
	r.pictures(x, i)
	if err := r.oneHot(y, i, r.class); err != nil {
		return nil, err
	}
	mu, logvar := make([]float32, dim), make([]float32, dim)
	return mu, m.EncodeGiven(mu, logvar, x, y)
}
