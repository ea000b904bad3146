package scene

// Painter paints on a canvas that keeps what is on it.
type Painter interface {
	// Fill fills a place with a colour.
	Fill(at Rect, c Color)
	// Picture draws p over a place. It may keep a copy for as long as ID and Rev are
	// the same.
	Picture(p *Picture, at Rect)
	// Ink paints what was drawn on a pad over the square at, which is the pad
	// [0,1] x [0,1], and nothing outside of it. The edge of the ink is smooth and
	// overlapping pieces are no darker than one.
	Ink(p Pad, ink *Ink, at Rect, c Color)
	// Shapes paints capsules, in device pixels, in one colour with smooth edges.
	Shapes(shapes []Capsule, c Color)
	// Clip has Fill, Picture and Shapes paint nothing outside of at from now on; an empty place ends that.
	Clip(at Rect)
}

// Paint paints what has changed since the last time and reports whether that was
// anything.
func (s *Scene) Paint(p Painter) bool {
	if !s.Dirty() {
		return false
	}
	if s.all {
		p.Fill(Rect{0, 0, s.view.W, s.view.H}, s.theme.Paper)
		for slot := range s.dirty {
			s.dirty[slot] = true
		}
	}
	s.again = false
	rest := s.latent.parts
	if s.dirty[Map] {
		rest = nil // it is painted anyway
	}
	s.latent.parts = nil // painting may leave others for the next frame
	s.latent.ground.developed = 0
	for slot := range numSlots {
		at := s.view.slots[slot]
		if !s.dirty[slot] || at.Empty() {
			continue
		}
		if !s.all {
			p.Fill(at, s.theme.Paper)
		}
		s.dirty[slot] = false
		s.paintSlot(p, slot, at)
		s.stale[slot] = false
	}
	for _, part := range rest {
		s.paintMap(p, part)
	}
	s.all = false
	return true
}

func (s *Scene) paintSlot(p Painter, slot Slot, at Rect) {
	switch slot {
	case PadA:
		s.paintPad(p, A, at)
	case PadB:
		s.paintPad(p, B, at)
	case InputA:
		s.paintOne(p, slot, s.pads[A].input, at, pixels)
	case ReconstructionA:
		s.paintOne(p, slot, s.pads[A].reconstruction, at, pixels)
	case InputB:
		s.paintOne(p, slot, s.pads[B].input, at, pixels)
	case ReconstructionB:
		s.paintOne(p, slot, s.pads[B].reconstruction, at, pixels)
	case Morph, MapSample:
		s.paintMorph(p, slot, at)
	case Map:
		s.paintMap(p, at)
	case Strip:
		s.paintStrip(p, at)
	case Samples:
		s.paintSamples(p, at)
	}
}

func (s *Scene) paintPad(p Painter, which Pad, at Rect) {
	pad := &s.pads[which]
	square := at.fit(1, 1)
	s.paintOne(p, which.draw(), pad.bitmap, square, smooth)
	p.Ink(which, &pad.ink, square, s.theme.Ink)
}

// paintOne paints a picture as large as the place allows, or nothing if there is
// none.
func (s *Scene) paintOne(p Painter, slot Slot, one Pictures, at Rect, how look) {
	if one.N == 0 {
		return
	}
	at = at.fit(one.W, one.H)
	pic := s.picture(slot, 0)
	if s.stale[slot] {
		s.develop(pic, one.at(0), one.W, one.H, at, how, maxLarge)
	}
	p.Picture(pic, at)
}

// paintMorph paints the morph, or the sample that has its place.
func (s *Scene) paintMorph(p Painter, slot Slot, at Rect) {
	if s.sample.N > 0 {
		s.paintOne(p, slot, s.sample, at, smooth)
		return
	}
	if s.path.N == 0 {
		return
	}
	at = at.fit(s.path.W, s.path.H)
	pic := s.picture(slot, 0)
	if s.stale[slot] {
		s.frame = grow(s.frame, s.path.W*s.path.H)
		s.path.blend(s.frame, s.clock.T)
		s.develop(pic, s.frame, s.path.W, s.path.H, at, smooth, maxLarge)
	}
	p.Picture(pic, at)
}

func (s *Scene) paintStrip(p Painter, at Rect) {
	mark := max(1, round(2*s.view.Scale))
	s.cells[Strip] = nil
	if s.path.N == 0 {
		return
	}
	cells := stripCells(at, 2*mark)
	s.cells[Strip] = cells
	for i, cell := range cells {
		pic := s.picture(Strip, i)
		place := cell.fit(s.path.W, s.path.H)
		if s.stale[Strip] {
			s.frame = grow(s.frame, s.path.W*s.path.H)
			s.path.blend(s.frame, float64(i)/float64(len(cells)-1))
			s.develop(pic, s.frame, s.path.W, s.path.H, place, smooth, maxSmall)
		}
		p.Picture(pic, place)
	}
	if len(cells) > 0 {
		s.marked = s.cellAt(len(cells))
		outline(p, cells[s.marked].inset(-mark), mark, s.theme.Accent)
	}
}

func (s *Scene) paintSamples(p Painter, at Rect) {
	s.cells[Samples] = gridCells(at, s.samples.N, max(1, round(4*s.view.Scale)))
	for i, cell := range s.cells[Samples] {
		pic := s.picture(Samples, i)
		place := cell.fit(s.samples.W, s.samples.H)
		if s.stale[Samples] {
			s.develop(pic, s.samples.at(i), s.samples.W, s.samples.H, place, smooth, maxSmall)
		}
		p.Picture(pic, place)
	}
}

// outline paints a frame that lies just inside of at.
func outline(p Painter, at Rect, width int, c Color) {
	p.Fill(Rect{at.X, at.Y, at.W, width}, c)
	p.Fill(Rect{at.X, at.Y + at.H - width, at.W, width}, c)
	p.Fill(Rect{at.X, at.Y + width, width, at.H - 2*width}, c)
	p.Fill(Rect{at.X + at.W - width, at.Y + width, width, at.H - 2*width}, c)
}

// picture gives picture i of a slot.
func (s *Scene) picture(slot Slot, i int) *Picture {
	for len(s.pictures[slot]) <= i {
		s.pictures[slot] = append(s.pictures[slot], &Picture{ID: int(slot)<<16 | len(s.pictures[slot])})
	}
	return s.pictures[slot][i]
}
