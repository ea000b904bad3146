package core

import (
	"math"

	"inkdrift/vae"
	"inkdrift/vae/store"
	"inkdrift/wasm/proto"
)

// Model is what the engine needs of a model. Methods take whole batches,
// row-major; lengths are as in [vae.Model].
type Model interface {
	Info() proto.ModelInfo // but for the name
	InputLen() int
	Latent() int
	Classes() int // 0: there is no classifier
	Encode(mu, logvar, x []float32) error
	Decode(dst, z []float32) error
	Classify(probs, mu []float32) error
}

// ReadModel reads a model file for [Options].Load.
func ReadModel(b []byte) (Model, error) {
	m, err := store.ReadModel(b)
	if err != nil {
		return nil, err
	}
	return vaeModel{m}, nil
}

// vaeModel is a vae.Model that can describe itself.
type vaeModel struct{ *vae.Model }

// Info describes the model.
func (m vaeModel) Info() proto.ModelInfo {
	c := m.Config()
	return proto.ModelInfo{
		Family:     c.Family,
		Input:      c.Input,
		Latent:     m.Latent(),
		Params:     m.NumParams(),
		Classes:    m.Classes(),
		Activation: c.Activation,
		Likelihood: string(c.Likelihood),
		Encoder:    append([]int{}, c.Encoder...), // never null in JSON
		Decoder:    append([]int{}, c.Decoder...),
	}
}

// loaded is the model in use.
type loaded struct {
	Model
	info  proto.ModelInfo
	event proto.Message // that told of it
	rows  int           // pictures decoded in one piece of work
}

// pieceWork is how many multiplications a piece of decoding should take: about
// ten milliseconds for Go without SIMD in a browser.
const pieceWork = 4 << 20

// readModel reads the model file that came with a request.
func (e *Engine) readModel(t *task) (Model, error) {
	file := t.msg.Buf(0)
	if len(file) == 0 {
		return nil, proto.Errorf(proto.CodeBadModel, "file", "the file is empty")
	}
	m, err := e.opt.Load(file)
	if err != nil {
		return nil, proto.Errorf(proto.CodeBadModel, "file", "%v", err)
	}
	return m, nil
}

func (e *Engine) loadModel(t *task) (any, [][]byte, error) {
	var r proto.ModelLoad
	if err := t.fields(&r); err != nil {
		return nil, nil, err
	}
	m, err := e.readModel(t)
	if err != nil {
		return nil, nil, err
	}
	l := &loaded{Model: m, info: m.Info()}
	l.info.Name = r.Name
	l.rows = min(max(2*pieceWork/max(l.info.Params, 1), 1), 64)
	if err := tryOut(l); err != nil {
		return nil, nil, proto.Errorf(proto.CodeBadModel, "file", "%v", err)
	}
	if l.event, err = proto.Event(proto.ModelEvent{Model: l.info}); err != nil {
		return nil, nil, err
	}
	e.model = l
	e.broadcast(l.event, nil)
	for i := range e.pads {
		e.renewPad(i)
	}
	return proto.ModelLoadOK{Model: l.info}, nil, nil
}

// tryOut runs the model once. It fails if anything but numbers comes out.
func tryOut(m *loaded) error {
	_, err := m.look(make([]float32, m.InputLen()))
	return err
}

// sight is what a model makes of a picture.
type sight struct {
	mu, logvar, recon, probs []float32 // probs: nil without classifier
	label                    *int
}

// look encodes one picture, decodes the mean and classifies it. It fails if
// anything but numbers comes out.
func (m *loaded) look(x []float32) (sight, error) {
	s := sight{
		mu:     make([]float32, m.Latent()),
		logvar: make([]float32, m.Latent()),
		recon:  make([]float32, m.InputLen()),
	}
	if err := m.Encode(s.mu, s.logvar, x); err != nil {
		return s, err
	}
	if err := m.Decode(s.recon, s.mu); err != nil {
		return s, err
	}
	if n := m.Classes(); n > 0 {
		s.probs = make([]float32, n)
		if err := m.Classify(s.probs, s.mu); err != nil {
			return s, err
		}
		label := argmax(s.probs)
		s.label = &label
	}
	for _, v := range []struct {
		field  string
		values []float32
	}{{"mu", s.mu}, {"logvar", s.logvar}, {"recon", s.recon}, {"probs", s.probs}} {
		if err := proto.CheckFinite(v.field, v.values); err != nil {
			return s, err
		}
	}
	return s, nil
}

func argmax(v []float32) int {
	best, at := float32(math.Inf(-1)), 0
	for i, x := range v {
		if x > best {
			best, at = x, i
		}
	}
	return at
}

// fields reads the request's fields and judges them.
func (t *task) fields(r interface{ Check() error }) error {
	if err := t.msg.Fields(r); err != nil {
		return err
	}
	return r.Check()
}
