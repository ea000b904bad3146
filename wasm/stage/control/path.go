package control

import (
	"time"

	"inkdrift/wasm/proto"
	"inkdrift/wasm/scene"
)

// SetEngine makes e the engine. Requests to the one before are dropped.
func (c *Control) SetEngine(e Sender, now time.Time) {
	c.engine, c.asked, c.cells = e, 0, 0
	c.moved(now)
}

// FromEngine takes a message of the engine.
func (c *Control) FromEngine(m proto.Message, now time.Time) {
	h, err := m.Parse()
	switch {
	case err != nil:
	case h.Re != 0:
		err = c.answered(h, m)
	case h.Type == proto.TypePad:
		err = c.encoded(m, now)
	case h.Type == proto.TypeModel:
		err = c.model(m)
	}
	if err != nil {
		c.Fail(err)
	}
}

// model handles a change of the model: the drawings have no latents until it
// has encoded them.
func (c *Control) model(m proto.Message) error {
	var e proto.ModelEvent
	if err := m.Fields(&e); err != nil {
		return err
	}
	h, w := e.Model.Input[1], e.Model.Input[2]
	const most = 1024
	if h < 1 || w < 1 || h > most || w > most {
		return proto.Errorf(proto.CodeBadValue, "model.input", "pictures of %dx%d: want 1 to %d", w, h, most)
	}
	c.scene.SetShape(w, h)
	c.scene.SetLatent(e.Model.Latent)
	c.asked = 0
	c.points[0].mu, c.points[1].mu = nil, nil
	c.first, c.latest = time.Time{}, time.Time{}
	return nil
}

// encoded handles the encoding of a pad.
func (c *Control) encoded(m proto.Message, now time.Time) error {
	var e proto.PadEvent
	if err := m.Fields(&e); err != nil {
		return err
	}
	which, err := scene.PadOf(e.Pad)
	if err != nil {
		return err
	}
	p := &c.points[which]
	if e.Rev < p.rev {
		return nil // of a drawing that has changed since
	}
	input, err := proto.BytesFloats("pixels", m.Buf(0))
	if err != nil {
		return err
	}
	reconstruction, err := proto.BytesFloats("recon", m.Buf(3))
	if err != nil {
		return err
	}
	if err := c.scene.SetModelPictures(which, input, reconstruction); err != nil {
		return err
	}
	mu, err := proto.BytesFloats("mu", m.Buf(1))
	if err != nil {
		return err
	}
	logvar, err := proto.BytesFloats("logvar", m.Buf(2))
	if err != nil {
		return err
	}
	c.scene.SetPosterior(which, mu, logvar)
	p.rev, p.mu = e.Rev, m.Buf(1)
	if len(p.mu) == 0 {
		c.clear()
	}
	c.moved(now)
	return nil
}

// clear takes the path off the stage.
func (c *Control) clear() {
	c.first, c.latest = time.Time{}, time.Time{}
	if !c.shown {
		return
	}
	c.shown = false
	_ = c.scene.SetPath(nil, 0) // an empty path has no size to check
	c.scene.SetPathPoints(nil)
	c.tell(proto.MorphInstalled{Frames: 0, Path: c.kind})
}

// whole reports whether there is a path from A to B.
func (c *Control) whole() bool {
	a, b := c.points[0].mu, c.points[1].mu
	return len(a) > 0 && len(a) == len(b)
}

// moved records that the path has changed.
func (c *Control) moved(now time.Time) {
	if c.engine == nil || !c.whole() {
		return
	}
	if c.latest.IsZero() {
		c.first = now
	}
	c.latest = now
}

// Due returns the time at which Ask has something to do; ok is false if it has
// nothing to do.
func (c *Control) Due() (at time.Time, ok bool) {
	if c.latest.IsZero() || c.asked != 0 {
		return time.Time{}, false
	}
	at = c.latest.Add(quietTime)
	if limit := c.first.Add(patience); limit.Before(at) {
		at = limit
	}
	return at, true
}

// Ask asks the engine for the path, if that is due.
func (c *Control) Ask(now time.Time) {
	if at, ok := c.Due(); !ok || now.Before(at) {
		return
	}
	c.first, c.latest = time.Time{}, time.Time{}
	c.id++
	// The buffers are copied on their way out.
	m, err := proto.Request(c.id, proto.Morph{Frames: c.frames, Path: c.kind}, c.points[0].mu, c.points[1].mu)
	if err != nil {
		c.Fail(err)
		return
	}
	c.asked, c.askedKind = c.id, c.kind
	c.send(c.engine, m)
}

// answered takes the answer to a request.
func (c *Control) answered(h proto.Head, m proto.Message) error {
	if h.Re == c.cells {
		return c.cellsAnswered(h, m)
	}
	if h.Re != c.asked {
		return nil // requested from an earlier engine, or answered twice
	}
	c.asked = 0
	if h.Type == proto.TypeError {
		return h.Error
	}
	drawn := c.askedKind == proto.PathDrawn
	if !drawn && !c.whole() {
		return nil // a pad was cleared, or another model has come
	}
	var ok proto.MorphOK
	z := c.askedPoints
	if drawn {
		var decoded proto.DecodeOK
		if err := m.Fields(&decoded); err != nil {
			return err
		}
		ok.Frames = decoded.N
	} else {
		if err := m.Fields(&ok); err != nil {
			return err
		}
		var err error
		if z, err = proto.BytesFloats("z", m.Buf(1)); err != nil {
			return err
		}
	}
	frames, err := proto.BytesFloats("frames", m.Buf(0))
	if err != nil {
		return err
	}
	if ok.Frames < 1 || ok.Frames > proto.MaxFrames {
		return proto.Errorf(proto.CodeBadValue, "frames", "%d: want 1 to %d", ok.Frames, proto.MaxFrames)
	}
	if err := c.scene.SetPath(frames, ok.Frames); err != nil {
		return err
	}
	c.scene.SetPathPoints(z)
	c.shown, c.drawn = true, drawn
	c.tell(proto.MorphInstalled{Frames: ok.Frames, Path: c.askedKind})
	return nil
}
