package studio

import (
	"inkdrift/vae/ink"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/proto"
)

// canvasSide is the side of the picture that strokes are drawn into before it is
// prepared for the model: four times the model's own resolution. A larger
// bitmap under the strokes makes it larger.
const canvasSide = 112

// pad is the state of one pad.
type pad struct {
	newest  int64         // highest revision that was ever asked for
	rev     int64         // revision of what follows
	known   bool          // whether there has been any
	pixels  []float32     // as the model gets it; nil when empty
	event   proto.Message // the last one
	pending *content      // waits in the queue
}

// content is a checked pad.set.
type content struct {
	task         *engine.Task
	rev          int64
	strokes      []ink.Stroke
	bitmap       *proto.Bitmap
	bitmapPixels []byte
}

// onPad takes a pad.set. Of those that wait for the same pad only the newest
// is kept; the others are answered here, as is one that cannot be used: it must
// not take the place of one that can.
func (s *studio) onPad(t *engine.Task, r *proto.PadSet) error {
	c, err := newContent(t, r)
	if err != nil {
		return err
	}
	i := int(r.Pad[0] - 'a')
	p := &s.pads[i]
	if c.rev < p.newest {
		s.superseded(c)
		return nil
	}
	p.newest = c.rev
	if p.pending != nil {
		s.superseded(p.pending)
		p.pending = c
		return nil
	}
	p.pending = c
	s.engine.Enqueue(proto.TypePadSet, engine.Drawing, func(t *engine.Task) (any, [][]byte, error) { return s.setPad(t, i) })
	return nil
}

func (s *studio) superseded(c *content) {
	s.engine.Answer(c.task, proto.PadSetOK{Superseded: true})
}

// newContent checks a pad.set.
func newContent(t *engine.Task, r *proto.PadSet) (*content, error) {
	pixels := t.Msg.Buf(1)
	if err := r.Check(pixels); err != nil {
		return nil, err
	}
	strokes, err := proto.DecodeStrokes(t.Msg.Buf(0))
	if err != nil {
		return nil, err
	}
	c := &content{task: t, rev: r.Rev, bitmap: r.Bitmap, bitmapPixels: pixels, strokes: make([]ink.Stroke, len(strokes))}
	for i, s := range strokes {
		c.strokes[i] = ink.Stroke{Width: s.Width, Points: make([]ink.Point, len(s.Points))}
		for k, p := range s.Points {
			c.strokes[i].Points[k] = ink.Point(p)
		}
	}
	return c, nil
}

// setPad encodes the newest content of pad i.
func (s *studio) setPad(t *engine.Task, i int) (any, [][]byte, error) {
	p := &s.pads[i]
	c := p.pending
	p.pending = nil
	t.AnswerFor(c.task)

	p.rev, p.known = c.rev, true
	p.pixels = c.prepare()
	if err := s.encodePad(i); err != nil {
		return nil, nil, err
	}
	return proto.PadSetOK{}, nil, nil
}

// renewPad encodes a pad again, with another model.
func (s *studio) renewPad(i int) {
	if !s.pads[i].known {
		return
	}
	if err := s.encodePad(i); err != nil {
		s.engine.Log(err.Error())
	}
}

// encodePad encodes a pad and sends every client the result.
func (s *studio) encodePad(i int) error {
	p := &s.pads[i]
	ev := proto.PadEvent{Pad: string(rune('a' + i)), Rev: p.rev, Empty: p.pixels == nil}
	var e encoding
	if p.pixels != nil && s.model != nil && s.model.InputLen() == len(p.pixels) {
		var err error
		if e, err = s.model.encode(p.pixels); err != nil {
			return err
		}
		ev.Label, ev.Probs = e.label, e.probs
	}
	m, err := proto.Event(ev, proto.FloatBufs(p.pixels, e.mu, e.logvar, e.recon)...)
	if err != nil {
		return err
	}
	p.event = m
	s.engine.Broadcast(m, nil)
	return nil
}

// prepare makes the picture that the model gets, 28x28, or nil if there is
// nothing on the pad.
func (c *content) prepare() []float32 {
	dst := make([]float32, ink.PreparedLen)
	ok := false
	switch {
	case len(c.strokes) == 0 && c.bitmap == nil:
		return nil
	case len(c.strokes) == 0 && c.bitmap.Ready:
		for i, b := range c.bitmapPixels {
			dst[i] = float32(b) / 255
			ok = ok || b > 0
		}
	case len(c.strokes) == 0:
		ok = ink.Prepare(dst, inkOf(c.bitmapPixels), c.bitmap.Width, c.bitmap.Height)
	default:
		side := canvasSide
		if c.bitmap != nil {
			side = max(side, c.bitmap.Width, c.bitmap.Height)
		}
		canvas := make([]float32, side*side)
		if c.bitmap != nil {
			fit(canvas, side, inkOf(c.bitmapPixels), c.bitmap.Width, c.bitmap.Height)
		}
		ink.Rasterize(canvas, side, side, c.strokes)
		ok = ink.Prepare(dst, canvas, side, side)
	}
	if !ok {
		return nil
	}
	return dst
}

// inkOf turns bytes into numbers from 0 to 1.
func inkOf(b []byte) []float32 {
	v := make([]float32, len(b))
	for i, x := range b {
		v[i] = float32(x) / 255
	}
	return v
}

// fit draws a w x h picture into the middle of a square one that is at least as
// large, as large as it goes, aspect kept; bilinear between pixel centres.
func fit(dst []float32, side int, src []float32, w, h int) {
	scale := float32(max(w, h)) / float32(side) // source pixels in one of dst
	x0 := (float32(side) - float32(w)/scale) / 2
	y0 := (float32(side) - float32(h)/scale) / 2
	for y := range side {
		v := (float32(y)+0.5-y0)*scale - 0.5
		if v < -0.5 || v >= float32(h)-0.5 {
			continue
		}
		for x := range side {
			u := (float32(x)+0.5-x0)*scale - 0.5
			if u < -0.5 || u >= float32(w)-0.5 {
				continue
			}
			dst[y*side+x] = bilinear(src, w, h, u, v)
		}
	}
}

func bilinear(src []float32, w, h int, u, v float32) float32 {
	u, v = min(max(u, 0), float32(w-1)), min(max(v, 0), float32(h-1))
	i, k := int(u), int(v)
	i1, k1 := min(i+1, w-1), min(k+1, h-1)
	fu, fv := u-float32(i), v-float32(k)
	top := src[k*w+i]*(1-fu) + src[k*w+i1]*fu
	bottom := src[k1*w+i]*(1-fu) + src[k1*w+i1]*fu
	return top*(1-fv) + bottom*fv
}
