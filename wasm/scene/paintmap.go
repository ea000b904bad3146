package scene

import (
	"math"

	"inkdrift/wasm/proto"
)

// Sizes of what is on the map, in CSS pixels.
const (
	pointRadius = 2.2
	dotRadius   = 5
	drawRadius  = 2.5
	endRadius   = 9 // of A and B, which have their letters in them
	markRadius  = 8 // of what is looked at or pinned
	lineWidth   = 2
	thinWidth   = 1
	halo        = 1.5 // of paper around what must be told from the ground
)

// fade is how much of the ink of the ground is seen: what lies on it must be seen as well.
const fade = 0.5

// around is a square around a place.
func around(x, y, r float64) Rect {
	x0, y0 := int(math.Floor(x-r)), int(math.Floor(y-r))
	return Rect{x0, y0, int(math.Ceil(x+r)) - x0, int(math.Ceil(y+r)) - y0}
}

// paintMap paints a part of the map.
func (s *Scene) paintMap(p Painter, part Rect) {
	m := &s.latent
	part = part.intersect(s.view.slots[Map])
	if part.Empty() {
		return
	}
	at := s.place()
	p.Clip(part)
	p.Fill(part, s.theme.Paper)
	if m.on {
		if m.view.Ground {
			s.paintGround(p, at, part)
		}
		s.paintShapes(p, at, part)
	}
	p.Clip(Rect{})
}

// paintGround paints the tiles: each as fine as there is one.
func (s *Scene) paintGround(p Painter, at place, part Rect) {
	g := &s.latent.ground
	g.now++
	late := Rect{} // where tiles are whose pictures wait for the next frame
	level := at.level(s.view.Scale)
	at.tiles(level, part, func(want Tile) {
		rect := at.rect(want)
		seen := rect.intersect(part)
		if seen.Empty() {
			return // by rounding; and to clip to nothing is not to clip
		}
		key, ok := g.nearest(want)
		for ok {
			t := g.tiles[key]
			t.used = g.now
			if g.made(key, t) || g.developed < maxDeveloped {
				break
			}
			late = late.union(seen)
			key, ok = g.nearest(key.parent())
		}
		if !ok {
			return
		}
		t := g.tiles[key]
		slot, fresh := g.slot(key, t)
		if !fresh {
			g.developed++
			s.developTile(slot.picture, t.ink)
		}
		if key == want {
			p.Picture(slot.picture, rect)
			return
		}
		p.Clip(seen)
		p.Picture(slot.picture, at.rect(key))
		p.Clip(part)
	})
	if !late.Empty() {
		s.latent.parts.add(late)
		s.again = true
	}
}

// developTile makes the picture of a tile.
func (s *Scene) developTile(pic *Picture, ink []byte) {
	w, h := s.w*TileCells, s.h*TileCells
	s.frame = grow(s.frame, w*h)
	for i := range TileCells * TileCells {
		x, y := i%TileCells*s.w, i/TileCells*s.h
		for r := range s.h {
			row := s.frame[(y+r)*w+x:][:s.w]
			for k, b := range ink[(i*s.h+r)*s.w:][:s.w] {
				row[k] = float32(b) / 255
			}
		}
	}
	s.scratch = grow(s.scratch, tilePixels*tilePixels)
	s.resampler.resize(s.scratch, tilePixels, tilePixels, s.frame, w, h)
	pic.W, pic.H = tilePixels, tilePixels
	if len(pic.Pix) != tilePixels*tilePixels*4 {
		pic.Pix = make([]byte, tilePixels*tilePixels*4)
	}
	s.faint.paint(pic.Pix, s.scratch)
	pic.Rev++
}

// paintShapes paints what lies on the ground.
func (s *Scene) paintShapes(p Painter, at place, part Rect) {
	m, scale := &s.latent, s.view.Scale
	b := brush{p: p, at: at, part: part, scale: scale}
	ox, oy := m.plane.Project(make([]float32, len(m.plane.Origin)))
	for sigma := 1.0; sigma <= 3; sigma++ {
		b.ellipse(ox, oy, sigma, sigma, 0, thinWidth)
	}
	b.paint(s.theme.Muted)

	b.discs(m.points, pointRadius+0.7)
	b.paint(s.theme.Paper)
	for class := range s.theme.Classes {
		for i, place := range m.points {
			if len(m.labels) > 0 && int(m.labels[i])%len(s.theme.Classes) == class || len(m.labels) == 0 && class == 0 {
				b.disc(place[0], place[1], pointRadius)
			}
		}
		b.paint(s.theme.Classes[class])
	}

	b.haloed(s.theme.Paper, s.theme.Accent, func(more float64) { b.line(m.way, lineWidth+more) })
	b.haloed(s.theme.Paper, s.theme.Accent, func(more float64) { b.line(m.trail, lineWidth+more) })

	held := [numPads]*proto.MapPlace{m.view.A, m.view.B}
	for i := range m.pads {
		q := &m.pads[i]
		if len(q.mu) != len(m.plane.Origin) {
			continue
		}
		where := q.at
		if h := held[i]; h != nil {
			where = [2]float64{h.X, h.Y}
		}
		b.haloed(s.theme.Paper, s.theme.Sigma, func(more float64) {
			b.ellipse(where[0], where[1], q.ellipse.Major, q.ellipse.Minor, q.ellipse.Angle, lineWidth+more)
		})
		b.haloed(s.theme.Paper, s.theme.Mu, func(more float64) { b.disc(where[0], where[1], endRadius+more/2) })
	}
	// On the disc of A: where the posterior is narrow, they would lie under it. No class has the colour of ink.
	b.haloed(s.theme.Paper, s.theme.Ink, func(more float64) { b.discs(m.draws, drawRadius+more/2) })
	if pin := m.view.Pin; pin != nil {
		b.haloed(s.theme.Paper, s.theme.Ink, func(more float64) { b.cross(pin.X, pin.Y, markRadius-1+more/2, lineWidth+more) })
	}
	if look := m.view.At; look != nil {
		b.haloed(s.theme.Paper, s.theme.Ink, func(more float64) { b.circle(look.X, look.Y, markRadius, lineWidth+more) })
	}
	if x, y, ok := m.dotPlace(s.clock.T); ok {
		b.haloed(s.theme.Paper, s.theme.Accent, func(more float64) { b.disc(x, y, dotRadius+more/2) })
	}
	m.dot = s.dotRect(at)
}

// dotRect is where the dot is painted; empty if it is nowhere.
func (s *Scene) dotRect(at place) Rect {
	x, y, ok := s.latent.dotPlace(s.clock.T)
	if !ok {
		return Rect{}
	}
	px, py := at.pixel(x, y)
	return around(px, py, (dotRadius+halo+1)*s.view.Scale).intersect(at.slot)
}

// brush collects shapes of one colour and paints those that are in a part of the map.
type brush struct {
	p      Painter
	at     place
	part   Rect
	scale  float64
	shapes []Capsule
}

// paint paints what was collected.
func (b *brush) paint(c Color) {
	if len(b.shapes) > 0 {
		b.p.Shapes(b.shapes, c)
	}
	b.shapes = b.shapes[:0]
}

// haloed paints shapes, with an edge of paper so that they are seen on any ground.
func (b *brush) haloed(paper, c Color, collect func(more float64)) {
	collect(2 * halo)
	b.paint(paper)
	collect(0)
	b.paint(c)
}

// capsule adds a capsule between two pixels if it is in the part.
func (b *brush) capsule(x0, y0, x1, y1, r float64) {
	r *= b.scale
	if max(x0, x1)+r < float64(b.part.X-1) || min(x0, x1)-r > float64(b.part.X+b.part.W+1) ||
		max(y0, y1)+r < float64(b.part.Y-1) || min(y0, y1)-r > float64(b.part.Y+b.part.H+1) {
		return
	}
	b.shapes = append(b.shapes, Capsule{float32(x0), float32(y0), float32(r), float32(x1), float32(y1), float32(r)})
}

// disc adds a disc; its radius is in CSS pixels.
func (b *brush) disc(x, y, r float64) {
	px, py := b.at.pixel(x, y)
	b.capsule(px, py, px, py, r)
}

func (b *brush) discs(places [][2]float64, r float64) {
	for _, p := range places {
		b.disc(p[0], p[1], r)
	}
}

// line adds a line through places.
func (b *brush) line(places [][2]float64, width float64) {
	for i := 1; i < len(places); i++ {
		x0, y0 := b.at.pixel(places[i-1][0], places[i-1][1])
		x1, y1 := b.at.pixel(places[i][0], places[i][1])
		b.capsule(x0, y0, x1, y1, width/2)
	}
}

// ellipse adds an ellipse with half axes in units of latent space.
func (b *brush) ellipse(x, y, major, minor, angle, width float64) {
	const pieces = 96
	sin, cos := math.Sincos(angle)
	var px, py float64
	for i := range pieces + 1 {
		s, c := math.Sincos(2 * math.Pi * float64(i) / pieces)
		qx, qy := b.at.pixel(x+major*c*cos-minor*s*sin, y+major*c*sin+minor*s*cos)
		if i > 0 {
			b.capsule(px, py, qx, qy, width/2)
		}
		px, py = qx, qy
	}
}

// circle adds a circle with a radius in CSS pixels.
func (b *brush) circle(x, y, r, width float64) {
	r *= b.scale / b.at.unit
	b.ellipse(x, y, r, r, 0, width)
}

// cross adds a cross with arms in CSS pixels.
func (b *brush) cross(x, y, arm, width float64) {
	px, py := b.at.pixel(x, y)
	a := arm * b.scale
	b.capsule(px-a, py, px+a, py, width/2)
	b.capsule(px, py-a, px, py+a, width/2)
}
