package studio

import (
	"inkdrift/vae/impute"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/proto"
)

// imputable is a model that says what each pixel adds to the reconstruction term.
type imputable interface {
	impute.Model
	likelihood
}

// fill completes a picture.
func fill(t *engine.Task, m *loaded, r *proto.Fill) (*proto.FillOK, [][]byte, error) {
	model, known := m.Model.(imputable)
	if !known {
		return nil, nil, errNoLikelihood
	}
	x, err := t.Msg.Floats(0, "pixels", m.InputLen())
	if err != nil {
		return nil, nil, err
	}
	if err := checkPixels(x); err != nil {
		return nil, nil, err
	}
	if n := len(t.Msg.Buf(1)); n != len(x) {
		return nil, nil, proto.Errorf(proto.CodeBadLength, "hole", "%d bytes for %d pixels", n, len(x))
	}
	hole := make([]bool, len(x))
	for i, b := range t.Msg.Buf(1) {
		hole[i] = b != 0
	}
	found, err := impute.Fill(model, x, hole, impute.Options{Completions: r.N, Seed: uint64(r.Seed), Rows: m.rows, Yield: t.Yield})
	if err != nil {
		return nil, nil, err
	}
	all := found.Completions
	ok := &proto.FillOK{N: len(all)}
	pixels := make([]float32, 0, len(all)*len(x))
	for _, c := range all {
		if proto.CheckFinite("", c.Picture) != nil {
			return nil, nil, notFinite("pixels")
		}
		pixels = append(pixels, c.Picture...)
		ok.Nats = append(ok.Nats, c.Nats)
		probs, err := m.read(c.Picture, c.Z)
		if err != nil {
			return nil, nil, err
		}
		if probs != nil {
			ok.Labels = append(ok.Labels, argmax(probs))
		}
	}
	if proto.CheckFinite("", found.Mean) != nil {
		return nil, nil, notFinite("pixels")
	}
	return ok, proto.FloatBufs(pixels, found.Mean), nil
}

// sketch encodes strokes that are on neither pad.
func sketch(t *engine.Task, m *loaded, _ *proto.Sketch) (*proto.SketchOK, [][]byte, error) {
	c, err := newContent(t, &proto.PadSet{Pad: "a"})
	if err != nil {
		return nil, nil, err
	}
	x := c.prepare()
	if x == nil {
		return &proto.SketchOK{Empty: true}, proto.FloatBufs(nil, nil, nil, nil), nil
	}
	e, err := m.encode(x)
	if err != nil {
		return nil, nil, err
	}
	return &proto.SketchOK{Label: e.label, Probs: e.probs}, proto.FloatBufs(x, e.mu, e.logvar, e.recon), nil
}
