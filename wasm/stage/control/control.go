// Package control turns messages of the shell and the engine into changes of the
// scene, and answers back: where the playback is, which path is shown, what went
// wrong. It asks the engine for the path between the two drawings.
//
// It knows neither browser nor graphics, so it is tested natively. Its methods
// are for one goroutine at a time.
package control

import (
	"time"

	"inkdrift/wasm/proto"
	"inkdrift/wasm/scene"
)

// Sender sends messages to the shell or the engine.
type Sender interface {
	Send(proto.Message) error
}

// A path is requested when the drawings have not changed for quietTime, or have
// been changing for patience.
const (
	quietTime = 50 * time.Millisecond
	patience  = 200 * time.Millisecond
)

// tickTime is the least time between two ticks while playing.
const tickTime = time.Second / 30

// Control ties the scene to the shell and the engine.
type Control struct {
	scene  *scene.Scene
	shell  Sender
	engine Sender // nil until there is one

	points [2]point
	kind   string // of path
	frames int    // of the path
	shown  bool   // the scene has a path

	id        int64 // of the last request
	asked     int64 // the request that is on its way, or 0
	askedKind string
	first     time.Time
	latest    time.Time // of the changes that no path was asked for yet; zero: none

	askedPoints []float32 // of a path that a person drew
	drawn       bool      // the path is one that a person drew

	cells     int64        // the request for tiles that is on its way, or 0
	cellTiles []scene.Tile // of that request
	cellPlane int          // and the plane that they are on
	// cellsFailed is a plane whose tiles cannot be decoded; 0 is none.
	cellsFailed int

	told     proto.Tick // what the shell knows
	toldTime time.Time
	start    time.Time // of the scene's clock
	seen     *proto.Painted
}

// point is the latent of a drawing.
type point struct {
	rev int64
	mu  []byte // empty: none
}

// New makes the control of a scene and tells the shell that the stage is ready.
func New(s *scene.Scene, shell Sender, renderer string) *Control {
	c := &Control{scene: s, shell: shell, kind: proto.PathSlerp, frames: 48}
	c.tell(proto.Ready{Renderer: renderer})
	return c
}

// FromShell takes a message of the shell. A message that cannot be used changes
// nothing and is answered with an error event.
func (c *Control) FromShell(m proto.Message, now time.Time) {
	h, err := m.Parse()
	if err == nil {
		err = c.obey(h.Type, m, now)
	}
	if err != nil {
		c.Fail(err)
	}
}

func (c *Control) obey(typ string, m proto.Message, now time.Time) error {
	switch typ {
	case proto.TypeLayout:
		var l proto.Layout
		if err := m.Fields(&l); err != nil {
			return err
		}
		return c.scene.SetLayout(l)
	case proto.TypeTheme:
		var t proto.Theme
		if err := m.Fields(&t); err != nil {
			return err
		}
		return c.scene.SetTheme(t)
	case proto.TypePad:
		return c.pad(m)
	case proto.TypePlay:
		return c.play(m, now)
	case proto.TypeSamples:
		var s proto.Samples
		if err := m.Fields(&s); err != nil {
			return err
		}
		values, err := proto.BytesFloats("pixels", m.Buf(0))
		if err != nil {
			return err
		}
		return c.scene.SetSamples(values, s.N)
	case proto.TypeMap:
		return c.mapView(m)
	case proto.TypeMapData:
		var d proto.MapData
		if err := m.Fields(&d); err != nil {
			return err
		}
		mu, err := proto.BytesFloats("mu", m.Buf(0))
		if err != nil {
			return err
		}
		return c.scene.SetMapPoints(mu, d.Latent, m.Buf(1))
	case proto.TypeMapSample:
		pixels, err := proto.BytesFloats("pixels", m.Buf(0))
		if err != nil {
			return err
		}
		return c.scene.SetSample(pixels)
	case proto.TypeMapPath:
		return c.drawPath(m, now)
	case proto.TypeMapDraws:
		z, err := proto.BytesFloats("z", m.Buf(0))
		if err != nil {
			return err
		}
		c.scene.SetMapDraws(z)
		return nil
	}
	return proto.Errorf(proto.CodeUnknownType, "type", "%.40q is nothing that the shell tells the stage", typ)
}

func (c *Control) pad(m proto.Message) error {
	var p proto.PadContent
	if err := m.Fields(&p); err != nil {
		return err
	}
	which, err := scene.PadOf(p.Pad)
	if err != nil {
		return err
	}
	strokes, err := proto.DecodeStrokes(m.Buf(0))
	if err != nil {
		return err
	}
	return c.scene.SetPad(which, strokes, p.Bitmap, m.Buf(1))
}

func (c *Control) play(m proto.Message, now time.Time) error {
	clock := c.scene.Clock()
	p := proto.Play{Playing: clock.Playing, T: clock.T, Speed: clock.Speed, Mode: clock.Mode, Path: c.kind, Frames: c.frames}
	if err := m.Fields(&p); err != nil {
		return err
	}
	if err := (proto.Morph{Frames: p.Frames, Path: p.Path}).Check(); err != nil {
		return err
	}
	if err := c.scene.SetPlay(p); err != nil {
		return err
	}
	c.told = proto.Tick{T: p.T, Playing: p.Playing}
	if p.Path != c.kind || p.Frames != c.frames {
		c.kind, c.frames = p.Path, p.Frames
		c.moved(now)
	}
	return nil
}

// Painted is called when something has been painted. It tells the shell of what is
// seen for the first time: the pads, and a morph.
func (c *Control) Painted() {
	if _, placed := c.scene.View(); !placed {
		return
	}
	if seen := (proto.Painted{Morph: c.scene.Frames() > 0}); c.seen == nil || seen.Morph && !c.seen.Morph {
		c.seen = &seen
		c.tell(seen)
	}
}

// Fail tells the shell of an error.
func (c *Control) Fail(err error) {
	c.send(c.shell, proto.Failed(proto.TypeError, err))
}

// tell sends the shell an event.
func (c *Control) tell(body proto.Body) {
	m, err := proto.Event(body)
	if err != nil {
		m = proto.Failed(proto.TypeError, err)
	}
	c.send(c.shell, m)
}

// send drops what cannot be sent: the other side has closed, and says hello
// again when it is back.
func (c *Control) send(to Sender, m proto.Message) { _ = to.Send(m) }

// Advance moves the playback to now and tells the shell of it.
func (c *Control) Advance(now time.Time) {
	if c.start.IsZero() {
		c.start = now
	}
	c.scene.Advance(now.Sub(c.start).Seconds())
	clock := c.scene.Clock()
	tick := proto.Tick{T: clock.T, Playing: clock.Playing}
	if tick == c.told || tick.Playing == c.told.Playing && now.Sub(c.toldTime) < tickTime {
		return
	}
	c.told, c.toldTime = tick, now
	c.tell(tick)
}
