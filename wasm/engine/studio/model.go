package studio

import (
	"math"

	"inkdrift/vae/classify"
	"inkdrift/vae/ink"
	"inkdrift/vae/latent"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/engine/model"
	"inkdrift/wasm/proto"
)

// loaded is the model in use.
type loaded struct {
	model.Model
	info  proto.ModelInfo
	event proto.Message // that announced it
	rows  int           // pictures decoded in one piece of work

	classifier *classify.Network // reads drawings if the model has no classifier of its own; may be nil
	points     *latent.Points    // pictures of its data set on the map; may be nil
}

// pieceWork is how many multiplications a piece of decoding should take: about
// ten milliseconds for Go without SIMD in a browser.
const pieceWork = 4 << 20

func (s *studio) loadModel(t *engine.Task, r *proto.ModelLoad) (*proto.ModelLoadOK, [][]byte, error) {
	m, err := s.load.Load(t.Msg.Buf(0))
	if err != nil {
		return nil, nil, err
	}
	if err := fits(m); err != nil {
		return nil, nil, err
	}
	l := &loaded{Model: m, info: m.Info(), classifier: s.classifier}
	l.info.Name = r.Name
	l.rows = min(max(2*pieceWork/max(l.info.Params, 1), 1), 64)
	// A model that does not give finite numbers is refused.
	if _, err := l.encode(make([]float32, l.InputLen())); err != nil {
		return nil, nil, proto.Errorf(proto.CodeBadModel, "file", "%v", err)
	}
	if l.event, err = proto.Event(proto.ModelEvent{Model: l.info}); err != nil {
		return nil, nil, err
	}
	s.model = l
	s.engine.Broadcast(l.event, nil)
	s.renewPads()
	return &proto.ModelLoadOK{Model: l.info}, nil, nil
}

// fits returns an error if the model cannot take what is on a pad.
func fits(m model.Model) error {
	unfit := func(format string, args ...any) error {
		return proto.Errorf(proto.CodeModelUnfit, "file", format, args...)
	}
	if in := m.Info().Input; in != [3]int{1, ink.PreparedSide, ink.PreparedSide} {
		return unfit("the model takes pictures of %d x %d x %d, a drawing is 1 x %d x %d", in[0], in[1], in[2], ink.PreparedSide, ink.PreparedSide)
	}
	c, ok := m.(model.Conditional)
	switch {
	case !ok:
	case !c.HasEncoder():
		return unfit("the model has no encoder")
	case c.Conditions() > 0:
		return unfit("the model is conditional: it has to be told the class of a picture")
	}
	return nil
}

// loadClassifier reads the classifier that is used while the model has none.
func (s *studio) loadClassifier(t *engine.Task, _ *proto.ClassifierLoad) (*proto.ClassifierLoadOK, [][]byte, error) {
	n, _, err := classify.Read(t.Msg.Buf(0))
	if err != nil {
		return nil, nil, proto.Errorf(proto.CodeBadModel, "file", "%v", err)
	}
	if n.InputLen() != ink.PreparedLen {
		return nil, nil, proto.Errorf(proto.CodeBadModel, "file", "the classifier takes pictures of %d numbers, a prepared drawing has %d", n.InputLen(), ink.PreparedLen)
	}
	s.classifier = n
	if s.model != nil {
		s.model.classifier = n
		if s.model.Classes() == 0 {
			s.renewPads()
		}
	}
	return &proto.ClassifierLoadOK{Classes: n.Classes()}, nil, nil
}

// encoding is a picture as a model encodes it.
type encoding struct {
	mu, logvar, recon, probs []float32 // probs: nil without classifier
	label                    *int
}

// encode encodes one picture, decodes the mean and classifies it. It fails if
// anything but finite numbers comes out.
func (m *loaded) encode(x []float32) (encoding, error) {
	e := encoding{
		mu:     make([]float32, m.Latent()),
		logvar: make([]float32, m.Latent()),
		recon:  make([]float32, m.InputLen()),
	}
	if err := m.Encode(e.mu, e.logvar, x); err != nil {
		return e, err
	}
	if err := m.Decode(e.recon, e.mu); err != nil {
		return e, err
	}
	var err error
	if e.probs, err = m.read(x, e.mu); err != nil {
		return e, err
	}
	if e.probs != nil {
		label := argmax(e.probs)
		e.label = &label
	}
	for _, v := range []struct {
		field  string
		values []float32
	}{{"mu", e.mu}, {"logvar", e.logvar}, {"recon", e.recon}, {"probs", e.probs}} {
		if err := proto.CheckFinite(v.field, v.values); err != nil {
			return e, err
		}
	}
	return e, nil
}

// read classifies the picture x, or the latent point z that it is decoded from or encoded to: by the classifier of
// pictures where the model has one, else by its classifier of latent means, else by the one of the page. It returns nil
// without any.
func (m *loaded) read(x, z []float32) (probs []float32, err error) {
	switch {
	case m.Classes() > 0:
		probs = make([]float32, m.Classes())
		if c, ok := m.Model.(model.Conditional); ok {
			if config, ok := model.ConfigOf(m.Model); ok && len(config.Reader) > 0 {
				return probs, c.Recognise(probs, x)
			}
		}
		err = m.Classify(probs, z)
	case m.classifier != nil:
		probs = make([]float32, m.classifier.Classes())
		err = m.classifier.Run(make([]float32, m.classifier.Features()), probs, x)
	}
	return probs, err
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
