package core

import (
	"inkdrift/vae/ink"
	"inkdrift/wasm/proto"
)

// Conditional is what a model can do that may be told classes, and may have no
// encoder; lengths are as in [vae.Model].
type Conditional interface {
	Model
	Conditions() int // 0: it is not told any
	Recognise(probs, x []float32) error
	HasEncoder() bool
	EncodeGiven(mu, logvar, x, y []float32) error
	DecodeGiven(dst, z, y []float32) error
}

// hands is what the engine keeps to write every class in one hand.
type hands struct {
	model   *scribe   // nil until one is loaded
	pending [3]*drawn // waits in the queue: for pad a, for pad b, for pixels
}

// drawn is a checked request for a hand.
type drawn struct {
	client  Client
	id      int64
	label   *int
	offsets []float32
	pixels  []float32 // nil: those of the pad
}

// scribe is a conditional model in use.
type scribe struct {
	brush   *brush
	classes []float32 // one-hot rows of all classes
}

func (e *Engine) loadHand(t *task) (any, [][]byte, error) {
	var r proto.HandLoad
	if err := t.fields(&r); err != nil {
		return nil, nil, err
	}
	m, err := e.readModel(t)
	if err != nil {
		return nil, nil, err
	}
	c, ok := m.(Conditional)
	if !ok || c.Conditions() == 0 {
		return nil, nil, proto.Errorf(proto.CodeBadModel, "file", "the model is not told classes, so it cannot write one of them; a conditional one is needed, such as cvae")
	}
	if c.InputLen() != ink.PreparedLen {
		return nil, nil, proto.Errorf(proto.CodeBadModel, "file", "the model takes pictures of %d numbers, a prepared drawing has %d", c.InputLen(), ink.PreparedLen)
	}
	k := c.Conditions()
	if k > maxValues/c.InputLen() {
		return nil, nil, proto.Errorf(proto.CodeBadModel, "file", "%d pictures, one for each class, are more than an answer can carry", k)
	}
	s := &scribe{brush: newBrush(c, r.Name), classes: make([]float32, k*k)}
	for i := range k {
		s.classes[i*k+i] = 1
	}
	if _, _, err := s.write(t, &drawn{pixels: make([]float32, c.InputLen())}); err != nil {
		return nil, nil, proto.Errorf(proto.CodeBadModel, "file", "%v", err)
	}
	e.hands.model = s
	return proto.HandLoadOK{Model: s.brush.info, Classes: k}, nil, nil
}

// postHand takes a request for a hand. Of those that wait for the same pad, or for
// pixels, only the newest is kept; the others are answered here, as is one that
// cannot be used: it must not take the place of one that can.
func (e *Engine) postHand(t *task) {
	d, i, err := e.readDrawn(t)
	if err != nil {
		e.fail(t, err)
		return
	}
	if old := e.hands.pending[i]; old != nil {
		if old.id > 0 {
			e.send(old.client, proto.OK(old.id, proto.HandOK{Superseded: true}))
		}
		e.hands.pending[i] = d
		return
	}
	e.hands.pending[i] = d
	t.pad = i
	t.msg = proto.Message{}
	t.id = 0 // whoever is the newest then is answered
	e.queue.push(t)
}

// readDrawn reads and checks a request for a hand and gives its place.
func (e *Engine) readDrawn(t *task) (*drawn, int, error) {
	var r proto.Hand
	if err := t.fields(&r); err != nil {
		return nil, 0, err
	}
	offsets, err := proto.BytesFloats("offsets", t.msg.Buf(0))
	if err != nil {
		return nil, 0, err
	}
	d := &drawn{client: t.client, id: t.id, label: r.Label, offsets: offsets}
	if r.Pad != "" {
		if len(t.msg.Buf(1)) > 0 {
			return nil, 0, proto.Errorf(proto.CodeBadLength, "pixels", "%d bytes of pixels, and pad %q besides: want one of both", len(t.msg.Buf(1)), r.Pad)
		}
		return d, int(r.Pad[0] - 'a'), nil
	}
	if d.pixels, err = t.msg.Floats(1, "pixels", ink.PreparedLen); err != nil {
		return nil, 0, err
	}
	return d, len(e.pads), checkPixels(d.pixels)
}

// hand writes every class in the hand of the newest drawing.
func (e *Engine) hand(t *task) (any, [][]byte, error) {
	d := e.hands.pending[t.pad]
	e.hands.pending[t.pad] = nil
	t.id = d.id // from here on t answers for d
	t.client = d.client

	s := e.hands.model
	if s == nil {
		return nil, nil, proto.Errorf(proto.CodeNoModel, "", "no model to write with is loaded: %s does that", proto.TypeHandLoad)
	}
	if t.pad < len(e.pads) {
		d.pixels = e.pads[t.pad].pixels
	}
	return s.write(t, d)
}

// write writes every class in the hand of d, in the middle of the latent space
// where there is no picture.
func (s *scribe) write(t *task, d *drawn) (any, [][]byte, error) {
	m := s.brush.model
	k, l := m.Conditions(), m.Latent()
	if d.label != nil && *d.label >= k {
		return nil, nil, proto.Errorf(proto.CodeBadValue, "label", "%d: the model knows classes 0 to %d", *d.label, k-1)
	}
	if n := len(d.offsets); n != 0 && n != l {
		return nil, nil, proto.Errorf(proto.CodeBadLength, "offsets", "%d numbers, the model has %d latent ones", n, l)
	}
	z := make([]float32, k*l) // of all classes alike
	ok := proto.HandOK{Empty: d.pixels == nil}
	if !ok.Empty {
		ok.Probs = make([]float32, k)
		if err := m.Recognise(ok.Probs, d.pixels); err != nil {
			return nil, nil, err
		}
		if err := proto.CheckFinite("probs", ok.Probs); err != nil {
			return nil, nil, err
		}
		best := argmax(ok.Probs)
		ok.Recognised, ok.Label = &best, &best
		if d.label != nil {
			ok.Label = d.label
		}
		if err := m.EncodeGiven(z[:l], make([]float32, l), d.pixels, s.classes[*ok.Label*k:][:k]); err != nil {
			return nil, nil, err
		}
	}
	for i, v := range d.offsets {
		z[i] += v
	}
	for c := 1; c < k; c++ {
		copy(z[c*l:], z[:l])
	}
	pictures, err := s.brush.paint(t, "offsets", z, s.classes)
	if err != nil {
		return nil, nil, err
	}
	if proto.CheckFinite("", z[:l]) != nil {
		return nil, nil, notFinite("offsets")
	}
	return ok, floatBufs(pictures, z[:l]), nil
}
