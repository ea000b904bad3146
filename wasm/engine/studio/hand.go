package studio

import (
	"inkdrift/vae/ink"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/engine/model"
	"inkdrift/wasm/proto"
)

// hand is the state of the requests that write every class in one hand.
type hand struct {
	model   *conditionalGenerator // nil until one is loaded
	pending [3]*handRequest       // waits in the queue: for pad a, for pad b, for pixels
}

// handRequest is a checked request for a hand.
type handRequest struct {
	task    *engine.Task
	label   *int
	offsets []float32
	pixels  []float32 // nil: those of the pad
}

// conditionalGenerator is a conditional model in use.
type conditionalGenerator struct {
	*generator
	classes []float32 // one-hot rows of all classes
}

func (s *studio) loadHand(t *engine.Task, r *proto.HandLoad) (*proto.HandLoadOK, [][]byte, error) {
	m, err := s.load.Load(t.Msg.Buf(0))
	if err != nil {
		return nil, nil, err
	}
	c, ok := m.(model.Conditional)
	if !ok || c.Conditions() == 0 {
		return nil, nil, proto.Errorf(proto.CodeBadModel, "file", "the model is not told classes, so it cannot write one of them; a conditional one is needed, such as cvae")
	}
	if c.InputLen() != ink.PreparedLen {
		return nil, nil, proto.Errorf(proto.CodeBadModel, "file", "the model takes pictures of %d numbers, a prepared drawing has %d", c.InputLen(), ink.PreparedLen)
	}
	k := c.Conditions()
	if k > proto.MaxValues/c.InputLen() {
		return nil, nil, proto.Errorf(proto.CodeBadModel, "file", "%d pictures, one for each class, are more than an answer can carry", k)
	}
	g := &conditionalGenerator{newGenerator(c, r.Name), make([]float32, k*k)}
	for i := range k {
		g.classes[i*k+i] = 1
	}
	if _, _, err := g.write(t, &handRequest{pixels: make([]float32, c.InputLen())}); err != nil {
		return nil, nil, proto.Errorf(proto.CodeBadModel, "file", "%v", err)
	}
	s.hand.model = g
	return &proto.HandLoadOK{Model: g.info, Classes: k}, nil, nil
}

// onHand takes a request for a hand. Of those that wait for the same pad, or for
// pixels, only the newest is kept; the others are answered here, as is one that
// cannot be used: it must not take the place of one that can.
func (s *studio) onHand(t *engine.Task, r *proto.Hand) error {
	h, i, err := s.newHandRequest(t, r)
	if err != nil {
		return err
	}
	old := s.hand.pending[i]
	s.hand.pending[i] = h
	if old != nil {
		s.engine.Answer(old.task, proto.HandOK{Superseded: true})
		return nil
	}
	s.engine.Enqueue(proto.TypeHand, engine.Drawing, func(t *engine.Task) (any, [][]byte, error) { return s.writeHand(t, i) })
	return nil
}

// newHandRequest checks a request for a hand and returns its place among those that
// wait.
func (s *studio) newHandRequest(t *engine.Task, r *proto.Hand) (*handRequest, int, error) {
	offsets, err := proto.BytesFloats("offsets", t.Msg.Buf(0))
	if err != nil {
		return nil, 0, err
	}
	h := &handRequest{task: t, label: r.Label, offsets: offsets}
	if r.Pad != "" {
		if len(t.Msg.Buf(1)) > 0 {
			return nil, 0, proto.Errorf(proto.CodeBadLength, "pixels", "%d bytes of pixels, and pad %q besides: want one of both", len(t.Msg.Buf(1)), r.Pad)
		}
		return h, int(r.Pad[0] - 'a'), nil
	}
	if h.pixels, err = t.Msg.Floats(1, "pixels", ink.PreparedLen); err != nil {
		return nil, 0, err
	}
	return h, len(s.pads), checkPixels(h.pixels)
}

// writeHand serves the newest request at place i.
func (s *studio) writeHand(t *engine.Task, i int) (any, [][]byte, error) {
	h := s.hand.pending[i]
	s.hand.pending[i] = nil
	t.AnswerFor(h.task)

	g := s.hand.model
	if g == nil {
		return nil, nil, proto.Errorf(proto.CodeNoModel, "", "no model to write with is loaded: %s does that", proto.TypeHandLoad)
	}
	if i < len(s.pads) {
		h.pixels = s.pads[i].pixels
	}
	return g.write(t, h)
}

// write writes every class in the hand of h, in the middle of the latent space
// where there is no picture.
func (g *conditionalGenerator) write(t *engine.Task, h *handRequest) (any, [][]byte, error) {
	m := g.model
	k, l := m.Conditions(), m.Latent()
	if h.label != nil && *h.label >= k {
		return nil, nil, proto.Errorf(proto.CodeBadValue, "label", "%d: the model knows classes 0 to %d", *h.label, k-1)
	}
	if n := len(h.offsets); n != 0 && n != l {
		return nil, nil, proto.Errorf(proto.CodeBadLength, "offsets", "%d numbers, the model has %d latent ones", n, l)
	}
	z := make([]float32, k*l) // of all classes alike
	ok := proto.HandOK{Empty: h.pixels == nil}
	if !ok.Empty {
		ok.Probs = make([]float32, k)
		if err := m.Recognise(ok.Probs, h.pixels); err != nil {
			return nil, nil, err
		}
		if err := proto.CheckFinite("probs", ok.Probs); err != nil {
			return nil, nil, err
		}
		best := argmax(ok.Probs)
		ok.Recognised, ok.Label = &best, &best
		if h.label != nil {
			ok.Label = h.label
		}
		if err := m.EncodeGiven(z[:l], make([]float32, l), h.pixels, g.classes[*ok.Label*k:][:k]); err != nil {
			return nil, nil, err
		}
	}
	for i, v := range h.offsets {
		z[i] += v
	}
	for c := 1; c < k; c++ {
		copy(z[c*l:], z[:l])
	}
	pictures, err := g.decode(t, "offsets", z, g.classes)
	if err != nil {
		return nil, nil, err
	}
	if proto.CheckFinite("", z[:l]) != nil {
		return nil, nil, notFinite("offsets")
	}
	return ok, proto.FloatBufs(pictures, z[:l]), nil
}
