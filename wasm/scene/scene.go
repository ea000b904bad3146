package scene

import (
	"inkdrift/wasm/proto"
)

// Scene is the state of the stage and what has to be painted of it. Its methods
// are for one goroutine at a time.
type Scene struct {
	// MaxSide bounds the canvas's width and height in device pixels.
	MaxSide int

	view   View
	theme  Theme
	placed bool // there has been a layout
	dyed   bool // there has been a theme

	w, h int // of the model's pictures
	pads [numPads]pad

	clock   Clock
	path    Pictures
	sample  Pictures // in the place of the morph; N is 0 or 1
	samples Pictures
	latent  latentMap

	all   bool           // everything has to be painted
	again bool           // the last Paint has left something for the next frame
	dirty [numSlots]bool // what has to be painted
	stale [numSlots]bool // whose pictures have to be developed again

	plain, inked *tone
	faint        *tone // of the map's ground
	resampler    resampler
	scratch      []float32
	frame        []float32
	pictures     [numSlots][]*Picture
	cells        [numSlots][]Rect // of strip and samples
	marked       int              // the cell of the strip that is marked
}

// pad is a drawing with the model's input and reconstruction.
type pad struct {
	ink            Ink
	bitmap         Pictures // N is 0 or 1
	input          Pictures
	reconstruction Pictures
}

// The size of pictures before a model says another.
const defaultSide = 28

// New makes a scene with nothing on it. Nothing is painted before it has a
// layout and a theme.
func New() *Scene {
	return &Scene{MaxSide: 8192, w: defaultSide, h: defaultSide, clock: Clock{Speed: 1, Mode: proto.ModeLoop}}
}

// SetLayout places the slots.
func (s *Scene) SetLayout(l proto.Layout) error {
	v, err := NewView(l, s.MaxSide)
	if err != nil {
		return err
	}
	if s.placed && v == s.view {
		return nil
	}
	s.view, s.placed = v, true
	s.redo()
	return nil
}

// View gives the canvas's size; ok is false before the first layout.
func (s *Scene) View() (v View, ok bool) { return s.view, s.placed }

// SetTheme sets the colours.
func (s *Scene) SetTheme(p proto.Theme) error {
	t, err := NewTheme(p)
	if err != nil {
		return err
	}
	if s.dyed && t == s.theme {
		return nil
	}
	s.theme, s.dyed = t, true
	s.plain, s.inked, s.faint = makeTone(t, plain), makeTone(t, inked), makeTone(t, faint)
	for i := range s.latent.ground.slots {
		s.latent.ground.slots[i].fresh = false
	}
	s.redo()
	return nil
}

// Theme gives the colours; ok is false before the first.
func (s *Scene) Theme() (t Theme, ok bool) { return s.theme, s.dyed }

// SetShape says how large the model's pictures are. Pictures of another size
// are dropped.
func (s *Scene) SetShape(w, h int) {
	if w == s.w && h == s.h {
		return
	}
	s.w, s.h = w, h
	for p := range numPads {
		s.pads[p].input, s.pads[p].reconstruction = Pictures{}, Pictures{}
	}
	s.path, s.sample, s.samples = Pictures{}, Pictures{}, Pictures{}
	s.latent.ground.clear()
	s.change(InputA, ReconstructionA, InputB, ReconstructionB, Morph, MapSample, Strip, Samples, Map)
}

// SetPad sets what is drawn on a pad: a bitmap, w x h bytes with 255 for ink
// (none if it is nil), and the strokes over it. It keeps strokes.
func (s *Scene) SetPad(p Pad, strokes []proto.Stroke, bitmap *proto.Bitmap, ink []byte) error {
	if err := bitmap.Check(ink); err != nil {
		return err
	}
	at := &s.pads[p]
	if at.ink.set(strokes) {
		s.dirty[p.draw()] = true
	}
	if bitmap == nil && at.bitmap.N == 0 {
		return nil
	}
	at.bitmap = Pictures{}
	if bitmap != nil {
		at.bitmap = Pictures{W: bitmap.Width, H: bitmap.Height, N: 1, Values: make([]float32, len(ink))}
		for i, v := range ink {
			at.bitmap.Values[i] = float32(v) / 255
		}
	}
	s.change(p.draw())
	return nil
}

// SetModelPictures sets the pictures beside a pad: the model's input and its
// reconstruction; either may be empty. It keeps them.
func (s *Scene) SetModelPictures(p Pad, input, reconstruction []float32) error {
	a, err := s.picturesOf("pixels", input, -1)
	if err != nil {
		return err
	}
	b, err := s.picturesOf("recon", reconstruction, -1)
	if err != nil {
		return err
	}
	s.pads[p].input, s.pads[p].reconstruction = a, b
	s.change(p.input(), p.reconstruction())
	return nil
}

// SetPath sets the frames of the morph, n pictures; 0 for none. It keeps them.
func (s *Scene) SetPath(frames []float32, n int) error {
	p, err := s.picturesOf("frames", frames, n)
	if err != nil {
		return err
	}
	if p.N == 0 && s.path.N == 0 {
		return nil
	}
	s.path = p
	s.clock.hold()
	s.change(Morph, MapSample, Strip)
	return nil
}

// SetSample sets a picture that is shown in the place of the morph, or none. It keeps it.
func (s *Scene) SetSample(pixels []float32) error {
	p, err := s.picturesOf("pixels", pixels, -1)
	if err != nil {
		return err
	}
	if p.N == 0 && s.sample.N == 0 {
		return nil
	}
	s.sample = p
	s.change(Morph, MapSample)
	return nil
}

// Frames gives the number of frames that the morph has.
func (s *Scene) Frames() int { return s.path.N }

// SetSamples sets the pictures of the samples' grid, n of them. It keeps them.
func (s *Scene) SetSamples(values []float32, n int) error {
	p, err := s.picturesOf("pixels", values, n)
	if err != nil {
		return err
	}
	s.samples = p
	s.change(Samples)
	return nil
}

// picturesOf checks n pictures of the model's size; n below 0 means one, or none
// if there are no values.
func (s *Scene) picturesOf(field string, values []float32, n int) (Pictures, error) {
	if n < 0 {
		n = min(len(values), 1)
	}
	if size := s.w * s.h; n != len(values)/size || len(values)%size != 0 {
		return Pictures{}, proto.Errorf(proto.CodeBadLength, field, "%d numbers for %d pictures of %dx%d", len(values), n, s.w, s.h)
	}
	return Pictures{W: s.w, H: s.h, N: n, Values: values}, nil
}

// SetPlay sets the playback.
func (s *Scene) SetPlay(p proto.Play) error {
	before := s.clock.T
	if err := s.clock.set(p); err != nil {
		return err
	}
	s.moved(before)
	return nil
}

// Clock gives the playback's state.
func (s *Scene) Clock() Clock { return s.clock }

// Advance moves the playback to the time now, in seconds on any clock that does
// not go back. Without frames it stands still.
func (s *Scene) Advance(now float64) {
	if s.path.N == 0 {
		s.clock.hold()
		return
	}
	before := s.clock.T
	s.clock.step(now)
	s.moved(before)
}

// Animating reports whether there is something to paint without any other change: the morph plays, or a frame had too
// much to do.
func (s *Scene) Animating() bool { return s.clock.Playing && s.path.N > 0 || s.again }

// moved marks what a change of T affects.
func (s *Scene) moved(before float64) {
	if s.clock.T == before || s.path.N == 0 {
		return
	}
	if s.sample.N == 0 {
		s.change(Morph, MapSample)
	}
	if s.latent.on {
		s.latent.parts.add(s.latent.dot)
		s.latent.parts.add(s.dotRect(s.place()))
	}
	if cells := s.cells[Strip]; len(cells) > 0 && s.cellAt(len(cells)) != s.marked {
		s.dirty[Strip] = true
	}
}

// cellAt gives the cell of n that shows the frame nearest to T.
func (s *Scene) cellAt(n int) int { return round(s.clock.T * float64(n-1)) }

// change marks slots whose pictures are others now.
func (s *Scene) change(slots ...Slot) {
	for _, slot := range slots {
		s.dirty[slot], s.stale[slot] = true, true
	}
}

// redo marks everything, pictures included.
func (s *Scene) redo() {
	s.all = true
	for slot := range numSlots {
		s.change(slot)
	}
}

// Invalidate makes the next Paint paint everything: the canvas has lost what was
// on it.
func (s *Scene) Invalidate() {
	s.all = true
	for slot := range s.dirty {
		s.dirty[slot] = true
	}
}

// Dirty reports whether Paint would paint anything.
func (s *Scene) Dirty() bool {
	if !s.placed || !s.dyed {
		return false
	}
	if s.all {
		return true
	}
	for slot, d := range s.dirty {
		if d && !s.view.slots[slot].Empty() {
			return true
		}
	}
	return len(s.latent.parts) > 0
}
