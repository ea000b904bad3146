package scene

import (
	"math"
	"slices"

	"inkdrift/vae/latent"
	"inkdrift/wasm/proto"
)

// latentMap is a plane of latent space with what lies on it.
type latentMap struct {
	view  proto.MapView
	plane latent.Plane
	on    bool         // there is a plane
	model int          // latent dimensions of the model; 0: not known yet
	id    int          // of the plane
	trail [][2]float64 // places on the plane

	mu     []float32 // of points
	dim    int       // numbers in each
	labels []byte
	points [][2]float64 // mu on the plane

	pads  [numPads]posterior
	z     []float32    // draws from the posterior of A
	draws [][2]float64 // z on the plane
	path  []float32    // latent points of the morph
	way   [][2]float64 // path on the plane

	ground ground
	dot    Rect  // where the dot was painted; empty: nowhere
	parts  parts // what has to be painted of the map if not all
}

// posterior is what the model encodes a drawing to.
type posterior struct {
	mu, logvar []float32 // nil: there is none
	at         [2]float64
	ellipse    latent.Ellipse
}

// SetMap sets what the map shows, and the plane: origin and two orthonormal directions; without them there is no map. It
// keeps them. trail holds x and y of each point.
func (s *Scene) SetMap(v proto.MapView, plane latent.Plane, trail []float32) error {
	m := &s.latent
	if len(plane.Origin) == 0 {
		m.on = false
		m.id++
		m.ground.clear()
		s.dirty[Map] = true
		return nil
	}
	if err := v.Check(); err != nil {
		return err
	}
	if len(plane.Origin) < 2 || len(plane.E1) != len(plane.Origin) || len(plane.E2) != len(plane.Origin) {
		return proto.Errorf(proto.CodeBadLength, "plane", "%d, %d and %d numbers are no plane", len(plane.Origin), len(plane.E1), len(plane.E2))
	}
	if len(trail)%2 != 0 {
		return proto.Errorf(proto.CodeBadLength, "trail", "%d numbers are no pairs", len(trail))
	}
	before := m.view
	m.view = v
	whole := !m.on || len(m.trail)+len(trail) > 0 || !sameGround(before, v)
	if !m.on || !slices.Equal(plane.Origin, m.plane.Origin) || !slices.Equal(plane.E1, m.plane.E1) || !slices.Equal(plane.E2, m.plane.E2) {
		m.plane, m.on = plane, true
		m.id++
		m.ground.clear()
		m.project()
		whole = true
	}
	m.trail = m.trail[:0]
	for i := 0; i < len(trail); i += 2 {
		m.trail = append(m.trail, [2]float64{float64(trail[i]), float64(trail[i+1])})
	}
	if whole {
		s.dirty[Map] = true
		return nil
	}
	// Whoever looks around moves nothing but a ring: the rest need not be painted.
	p := s.place()
	for _, change := range [][2]*proto.MapPlace{{before.At, v.At}, {before.Pin, v.Pin}} {
		if samePlace(change[0], change[1]) {
			continue
		}
		for _, mark := range change {
			m.parts.add(s.markRect(p, mark))
		}
	}
	return nil
}

// sameGround reports whether two views differ in nothing but the places that are looked at and pinned.
func sameGround(a, b proto.MapView) bool {
	return a.Center == b.Center && a.Span == b.Span && a.Ground == b.Ground && samePlace(a.A, b.A) && samePlace(a.B, b.B)
}

func samePlace(a, b *proto.MapPlace) bool {
	return a == b || a != nil && b != nil && *a == *b
}

// markRect is where the mark of a place that is looked at or pinned is painted; empty if it is nowhere.
func (s *Scene) markRect(at place, mark *proto.MapPlace) Rect {
	if mark == nil {
		return Rect{}
	}
	x, y := at.pixel(mark.X, mark.Y)
	return around(x, y, (markRadius+lineWidth/2+halo+1)*s.view.Scale).intersect(at.slot)
}

// maxParts bounds the places that are painted by themselves.
const maxParts = 6

// parts is some places on the map, none of which lie on each other.
type parts []Rect

// add adds a place. Where it lies on another, or there are too many, the two become one.
func (p *parts) add(r Rect) {
	for !r.Empty() {
		i := slices.IndexFunc(*p, func(q Rect) bool { return !q.intersect(r).Empty() })
		if i < 0 && len(*p) == maxParts {
			i = maxParts - 1
		}
		if i < 0 {
			*p = append(*p, r)
			return
		}
		r = r.union((*p)[i])
		*p = slices.Delete(*p, i, i+1)
	}
}

// PlaneID tells planes apart: it is another whenever another one is set, or another model is used.
func (s *Scene) PlaneID() int { return s.latent.id }

// SetMapPoints sets the points of the map, of dim numbers each, and a label for each or none. It keeps them. They are
// shown on planes of as many dimensions.
func (s *Scene) SetMapPoints(mu []float32, dim int, labels []byte) error {
	if len(mu) > 0 && (dim < 1 || len(mu)%dim != 0) {
		return proto.Errorf(proto.CodeBadLength, "mu", "%d numbers are no points of %d", len(mu), dim)
	}
	if len(labels) > 0 && len(labels)*dim != len(mu) {
		return proto.Errorf(proto.CodeBadLength, "labels", "%d labels for %d points", len(labels), len(mu)/dim)
	}
	m := &s.latent
	m.mu, m.dim, m.labels = mu, dim, labels
	m.project()
	s.dirty[Map] = true
	return nil
}

// SetPosterior sets what the model encodes the drawing on a pad to; nil: nothing. It keeps both.
func (s *Scene) SetPosterior(p Pad, mu, logvar []float32) {
	if len(logvar) != len(mu) {
		mu, logvar = nil, nil
	}
	s.latent.pads[p] = posterior{mu: mu, logvar: logvar}
	s.latent.project()
	s.dirty[Map] = true
}

// SetMapDraws sets latent points drawn from the posterior of A, one after the other; nil: there are none. It keeps them.
func (s *Scene) SetMapDraws(z []float32) {
	s.latent.z = z
	s.latent.project()
	s.dirty[Map] = true
}

// SetPathPoints sets the latent points of the morph's path, one after the other; nil: they are not known. It keeps them.
func (s *Scene) SetPathPoints(z []float32) {
	s.latent.path = z
	s.latent.project()
	s.dirty[Map] = true
}

// SetLatent says that there is another model, of d latent dimensions. What was decoded and encoded by the one before goes,
// and so does a plane of another number of dimensions; the page sets another plane and other points.
func (s *Scene) SetLatent(d int) {
	m := &s.latent
	m.path, m.z, m.pads = nil, nil, [numPads]posterior{}
	m.model = d
	m.on = m.on && len(m.plane.Origin) == d
	m.id++
	m.ground.clear()
	m.project()
	s.dirty[Map] = true
}

// project finds where everything lies on the plane.
func (m *latentMap) project() {
	m.points, m.way, m.draws = m.points[:0], m.way[:0], m.draws[:0]
	d := len(m.plane.Origin)
	if !m.on {
		return
	}
	rows := func(to [][2]float64, z []float32) [][2]float64 {
		if len(z)%d != 0 {
			return to // of another model
		}
		for ; len(z) > 0; z = z[d:] {
			x, y := m.plane.Project(z[:d])
			to = append(to, [2]float64{x, y})
		}
		return to
	}
	if m.dim == d {
		m.points = rows(m.points, m.mu)
	}
	m.way, m.draws = rows(m.way, m.path), rows(m.draws, m.z)
	for i := range m.pads {
		if p := &m.pads[i]; len(p.mu) == d {
			p.at[0], p.at[1] = m.plane.Project(p.mu)
			p.ellipse = m.plane.Ellipse(p.logvar)
		}
	}
}

// place is the map's place on the canvas.
type place struct {
	slot   Rect
	unit   float64 // device pixels in a unit of latent space
	cx, cy float64 // the middle of the slot, in device pixels
	center proto.MapPlace
}

func (s *Scene) place() place {
	at := s.view.slots[Map]
	return place{
		slot: at, unit: float64(min(at.W, at.H)) / s.latent.view.Span,
		cx: float64(at.X) + float64(at.W)/2, cy: float64(at.Y) + float64(at.H)/2, center: s.latent.view.Center,
	}
}

// pixel gives the device pixel of a place on the plane.
func (p place) pixel(x, y float64) (float64, float64) {
	return p.cx + (x-p.center.X)*p.unit, p.cy - (y-p.center.Y)*p.unit
}

// rect is where a tile is on the canvas. Neighbours share their edges.
func (p place) rect(t Tile) Rect {
	side := t.side()
	x0, y1 := p.pixel(float64(t.X)*side, float64(t.Y)*side)
	x1, y0 := p.pixel(float64(t.X+1)*side, float64(t.Y+1)*side)
	return Rect{round(x0), round(y0), round(x1) - round(x0), round(y1) - round(y0)}
}

// level is the level of the grid whose cells have the right size.
func (p place) level(scale float64) int {
	return int(math.Floor(math.Log2(p.unit / (leastCell * scale))))
}

// tiles calls f with the tiles of a level in a part of the canvas.
func (p place) tiles(level int, part Rect, f func(Tile)) {
	if part.Empty() {
		return
	}
	side := Tile{Level: level}.side()
	index := func(v float64) int { return int(math.Floor(v / side)) }
	// A pixel belongs to the tile that its middle is in, as rect rounds.
	x0 := index(p.center.X + (float64(part.X)+0.5-p.cx)/p.unit)
	x1 := index(p.center.X + (float64(part.X+part.W)-0.5-p.cx)/p.unit)
	y0 := index(p.center.Y - (float64(part.Y+part.H)-0.5-p.cy)/p.unit)
	y1 := index(p.center.Y - (float64(part.Y)+0.5-p.cy)/p.unit)
	for y := y1; y >= y0; y-- {
		for x := x0; x <= x1; x++ {
			f(Tile{level, x, y})
		}
	}
}

// WantedTiles returns tiles that the map shows and does not have, at most n: coarse ones first, then from the middle, or
// the place that somebody looks at, outwards.
func (s *Scene) WantedTiles(n int) []Tile {
	m := &s.latent
	if !m.on || !m.view.Ground || s.view.slots[Map].Empty() {
		return nil
	}
	if m.model != 0 && m.model != len(m.plane.Origin) {
		return nil // the page does not know of this model yet
	}
	p := s.place()
	at := m.view.Center
	if m.view.At != nil {
		at = *m.view.At
	}
	level := p.level(s.view.Scale)
	wanted, far := make([]Tile, 0, n+1), make([]float64, 0, n+1) // far: a measure by which they are sorted
	for _, l := range []int{level - coarse, level} {
		late := 0.0
		if l == level {
			late = 1e9 // farther than anything on the map
		}
		p.tiles(l, p.slot, func(t Tile) {
			if m.ground.tiles[t] != nil {
				return
			}
			side := t.side()
			d := late + math.Hypot((float64(t.X)+0.5)*side-at.X, (float64(t.Y)+0.5)*side-at.Y)
			i := len(far)
			wanted, far = append(wanted, t), append(far, d)
			for ; i > 0 && far[i-1] > d; i-- {
				wanted[i], far[i] = wanted[i-1], far[i-1]
			}
			wanted[i], far[i] = t, d
			wanted, far = wanted[:min(len(wanted), n)], far[:min(len(far), n)]
		})
	}
	return wanted
}

// AppendTilePoints appends the latent points of a tile's cells.
func (s *Scene) AppendTilePoints(z []float32, t Tile) []float32 {
	m := &s.latent
	d := len(m.plane.Origin)
	for _, c := range t.Cells() {
		z = append(z, make([]float32, d)...)
		m.plane.At(z[len(z)-d:], c[0], c[1])
	}
	return z
}

// SetTile sets the pictures of a tile's cells, one byte a pixel. It keeps them.
func (s *Scene) SetTile(t Tile, ink []byte) error {
	if want := TileCells * TileCells * s.w * s.h; len(ink) != want {
		return proto.Errorf(proto.CodeBadLength, "pixels", "%d bytes for a tile, want %d", len(ink), want)
	}
	m := &s.latent
	m.ground.put(t, ink)
	if m.on && !s.view.slots[Map].Empty() {
		p := s.place()
		m.parts.add(p.rect(t).intersect(p.slot))
	}
	return nil
}

// dotPlace is where the morph is on the map.
func (m *latentMap) dotPlace(t float64) (x, y float64, ok bool) {
	n := len(m.way)
	if n == 0 {
		return 0, 0, false
	}
	at := t * float64(n-1)
	i := min(int(at), max(n-2, 0))
	j, mix := min(i+1, n-1), at-float64(i)
	return m.way[i][0] + (m.way[j][0]-m.way[i][0])*mix, m.way[i][1] + (m.way[j][1]-m.way[i][1])*mix, true
}
