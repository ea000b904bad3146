package scene

import (
	"errors"
	"math"
	"slices"
	"testing"

	"inkdrift/vae/latent"
	"inkdrift/wasm/proto"
)

// mapStage makes a scene with a map of 400 x 200 pixels whose 200 are 8 units.
func mapStage(t *testing.T) (*Scene, *recorder) {
	t.Helper()
	s, r := stage(t)
	layout := testLayout
	layout.Slots = map[string]proto.Rect{"map": {X: 100, Y: 50, W: 400, H: 200}, "morph": {X: 0, Y: 300, W: 200, H: 200}, "mapSample": {X: 600, Y: 50, W: 100, H: 100}}
	if err := s.SetLayout(layout); err != nil {
		t.Fatal(err)
	}
	s.SetShape(28, 28)
	show(t, s, proto.MapView{Span: 8, Ground: true})
	r.paint(s)
	return s, r
}

func show(t *testing.T, s *Scene, v proto.MapView, trail ...float32) {
	t.Helper()
	if err := s.SetMap(v, latent.Dimensions(2, 0, 1), trail); err != nil {
		t.Fatal(err)
	}
}

// decodeAll gives the scene all tiles that it wants, the way the engine does.
func decodeAll(t *testing.T, s *Scene, value byte) (order []Tile) {
	t.Helper()
	for {
		wanted := s.WantedTiles(4)
		if len(wanted) == 0 {
			return order
		}
		for _, tile := range wanted {
			if err := s.SetTile(tile, slices.Repeat([]byte{value}, TileCells*TileCells*784)); err != nil {
				t.Fatal(err)
			}
		}
		if order = append(order, wanted...); len(order) > 1000 {
			t.Fatal("it always wants more")
		}
	}
}

func TestTileCells(t *testing.T) {
	cells := Tile{Level: 1, X: -1, Y: 2}.Cells() // cells of half a unit, tiles of two
	if cells[0] != [2]float64{-1.75, 5.75} || cells[3] != [2]float64{-0.25, 5.75} || cells[12] != [2]float64{-1.75, 4.25} {
		t.Errorf("cells are at %v", cells)
	}
	if p := (Tile{3, -1, 5}).parent(); p != (Tile{2, -1, 2}) {
		t.Errorf("the parent is %v", p)
	}
}

// TestTilePoints compares the latent points of a tile with where the picture of each cell is painted.
func TestTilePoints(t *testing.T) {
	s, _ := mapStage(t)
	p := s.place()
	tile := Tile{Level: -1, X: 0, Y: 0}
	z, rect := s.AppendTilePoints(nil, tile), p.rect(tile)
	for i := range TileCells * TileCells {
		x, y := p.pixel(float64(z[2*i]), float64(z[2*i+1]))
		wantX := float64(rect.X) + (float64(i%TileCells)+0.5)/TileCells*float64(rect.W)
		wantY := float64(rect.Y) + (float64(i/TileCells)+0.5)/TileCells*float64(rect.H)
		if math.Hypot(x-wantX, y-wantY) > 1 {
			t.Errorf("cell %d is decoded for %v, %v and painted at %v, %v", i, x, y, wantX, wantY)
		}
	}
}

func TestGridHalvesWithZoom(t *testing.T) {
	s, _ := mapStage(t)
	last := math.MinInt
	for span := 8.0; span > 0.01; span /= 1.1 {
		show(t, s, proto.MapView{Span: span, Ground: true})
		p := s.place()
		level := p.level(1)
		if cell := p.unit * math.Ldexp(1, -level); cell < leastCell || cell >= 2*leastCell {
			t.Fatalf("span %v: a cell has %v pixels", span, cell)
		}
		if last != math.MinInt && level != last && level != last+1 {
			t.Fatalf("span %v: level %d after %d", span, level, last)
		}
		last = level
	}
}

func TestWantedTiles(t *testing.T) {
	s, r := mapStage(t)
	level := s.place().level(1)
	order := decodeAll(t, s, 255)
	fine := false
	for _, tile := range order {
		if fine && tile.Level != level {
			t.Fatalf("coarse tiles come after fine ones: %v", order)
		}
		fine = fine || tile.Level == level
		if tile.Level != level && tile.Level != level-coarse {
			t.Fatalf("level %d, want %d or %d", tile.Level, level-coarse, level)
		}
	}
	for range 100 {
		r.paint(s)
	}
	// Every pixel of the map is covered, and nothing outside.
	at := s.view.slots[Map]
	s.dirty[Map] = true
	r.paint(s)
	area := 0
	for _, p := range r.places {
		area += p.intersect(at).W * p.intersect(at).H
	}
	if area != at.W*at.H {
		t.Errorf("tiles cover %d of %d pixels", area, at.W*at.H)
	}

	// What somebody looks at comes first.
	show(t, s, proto.MapView{Span: 8, Ground: true, Center: proto.MapPlace{X: 100, Y: 100}, At: &proto.MapPlace{X: 106, Y: 103}})
	wanted := s.WantedTiles(1000)
	first := slices.IndexFunc(wanted, func(t Tile) bool { return t.Level == level })
	side := wanted[first].side()
	if x, y := float64(wanted[first].X)*side, float64(wanted[first].Y)*side; !(x <= 106 && x+side >= 106 && y <= 103 && y+side >= 103) {
		t.Errorf("the first tile is %v", wanted[first])
	}
	show(t, s, proto.MapView{Span: 8})
	if len(s.WantedTiles(1)) != 0 {
		t.Error("wants tiles for a map without ground")
	}
}

// TestTileIsPaintedAlone: a tile that comes has its own place painted, and no more of the map.
func TestTileIsPaintedAlone(t *testing.T) {
	s, r := mapStage(t)
	decodeAll(t, s, 200)
	for r.paint(s) {
	}
	tile := Tile{Level: s.place().level(1), X: 0, Y: 0}
	if err := s.SetTile(tile, make([]byte, TileCells*TileCells*784)); err != nil {
		t.Fatal(err)
	}
	want := s.place().rect(tile).intersect(s.view.slots[Map])
	if !r.paint(s) || len(r.fills) != 1 || r.fills[0] != want || len(r.pictures) != 1 {
		t.Errorf("painted %v with %d pictures, want %v", r.fills, len(r.pictures), want)
	}
	if r.paint(s) {
		t.Error("and again")
	}
}

// TestCoarseGround zooms in: coarse tiles are shown, cut to the place of the fine ones, until these come.
func TestCoarseGround(t *testing.T) {
	s, r := mapStage(t)
	decodeAll(t, s, 255)
	for range 100 {
		r.paint(s)
	}
	show(t, s, proto.MapView{Span: 4, Ground: true})
	r.paint(s)
	if len(r.pictures) == 0 {
		t.Fatal("nothing is shown until finer tiles come")
	}
	for _, p := range r.pictures {
		if p.Pix[0] == 255 {
			t.Error("a coarse tile is shown as paper")
		}
	}
	made := 0
	decodeAll(t, s, 0)
	for range 100 {
		if !r.paint(s) {
			break
		}
		if r.made > maxDeveloped {
			t.Errorf("%d pictures are made in one frame", r.made)
		}
		made += r.made
	}
	if made == 0 || s.Animating() {
		t.Errorf("%d pictures were made; more frames wanted: %v", made, s.Animating())
	}
}

// TestGroundIsClipped paints while tiles come, on maps of sizes at which edges of tiles and of pixels meet or nearly do:
// nothing is painted beside the map, however large a coarse tile is.
func TestGroundIsClipped(t *testing.T) {
	for i := range 60 {
		s, r := mapStage(t)
		layout := testLayout
		layout.Slots = map[string]proto.Rect{"map": {X: 35.98, Y: 20.37, W: 300 + 3.7*float64(i), H: 200 + 1.3*float64(i)}}
		if err := s.SetLayout(layout); err != nil {
			t.Fatal(err)
		}
		show(t, s, proto.MapView{Span: 6 + 0.05*float64(i), Ground: true})
		for range 200 {
			wanted := s.WantedTiles(4)
			for _, tile := range wanted {
				if err := s.SetTile(tile, make([]byte, TileCells*TileCells*784)); err != nil {
					t.Fatal(err)
				}
			}
			more := r.paint(s)
			if len(r.loose) > 0 {
				t.Fatalf("map %d: pictures at %v are not clipped", i, r.loose)
			}
			if len(wanted) == 0 && !more {
				break
			}
		}
	}
}

func TestTilesAreBounded(t *testing.T) {
	s, r := mapStage(t)
	for i := range 60 {
		show(t, s, proto.MapView{Span: 8, Ground: true, Center: proto.MapPlace{X: float64(20 * i)}})
		decodeAll(t, s, 9)
		for r.paint(s) {
		}
		if n := len(s.latent.ground.tiles); n > maxTiles {
			t.Fatalf("%d tiles are kept", n)
		}
	}
	if n := len(s.latent.ground.slots); n > maxTilePictures {
		t.Errorf("%d pictures are kept", n)
	}
	if len(s.WantedTiles(1)) != 0 {
		t.Error("what is shown was dropped")
	}
	// Another plane: nothing of the first is left.
	if err := s.SetMap(proto.MapView{Span: 8, Ground: true}, latent.Dimensions(3, 0, 2), nil); err != nil {
		t.Fatal(err)
	}
	if len(s.latent.ground.tiles) != 0 || len(s.WantedTiles(1)) == 0 {
		t.Error("tiles of another plane are kept")
	}
}

// TestShapes looks for what is on the map, in its colour and at its place.
func TestShapes(t *testing.T) {
	s, r := mapStage(t)
	if err := s.SetMapPoints([]float32{1, 1, -2, 0.5, 50, 50}, 2, []byte{3, 12, 3}); err != nil {
		t.Fatal(err)
	}
	s.theme.Classes[3], s.theme.Classes[2] = Color{3, 3, 3}, Color{2, 2, 2}
	s.SetPosterior(A, []float32{-1, 1}, []float32{0, float32(2 * math.Log(0.5))})
	s.SetPosterior(B, []float32{1, -1}, []float32{-4, -4})
	if err := s.SetPath(make([]float32, 3*784), 3); err != nil {
		t.Fatal(err)
	}
	s.SetPathPoints([]float32{-1, 1, 0, 0, 1, -1})
	s.SetMapDraws([]float32{-1.5, 1, -0.5, 1.25})
	show(t, s, proto.MapView{Span: 8, Pin: &proto.MapPlace{X: 3, Y: 0}, At: &proto.MapPlace{X: 0, Y: 2}}, 0, 0, 1, 0, 1, 1)
	r.paint(s)
	at := func(x, y float64) (float32, float32) { return float32(300 + 25*x), float32(150 - 25*y) }
	find := func(what string, c Color, x, y float64) {
		t.Helper()
		px, py := at(x, y)
		for _, call := range r.shapes {
			if call.color != c || call.clip != (Rect{100, 50, 400, 200}) {
				continue
			}
			for _, shape := range call.shapes {
				if math.Hypot(float64(shape.X0-px), float64(shape.Y0-py)) < 0.01 || math.Hypot(float64(shape.X1-px), float64(shape.Y1-py)) < 0.01 {
					return
				}
			}
		}
		t.Errorf("%s is not at %v, %v", what, x, y)
	}
	find("a point of class 3", Color{3, 3, 3}, 1, 1)
	find("a point of class 12", Color{2, 2, 2}, -2, 0.5)
	find("one sigma of the prior", s.theme.Muted, 1, 0)
	find("two sigma", s.theme.Muted, 2, 0)
	find("three sigma", s.theme.Muted, 3, 0)
	find("A", s.theme.Mu, -1, 1)
	find("B", s.theme.Mu, 1, -1)
	find("the major axis of A", s.theme.Sigma, 0, 1)
	find("the minor axis of A", s.theme.Sigma, -1, 1.5)
	find("the axis of B", s.theme.Sigma, 1+math.Exp(-2), -1)
	find("the first draw of A", s.theme.Ink, -1.5, 1)
	find("the second draw of A", s.theme.Ink, -0.5, 1.25)
	find("the path", s.theme.Accent, 0, 0)
	find("the trail", s.theme.Accent, 1, 1)
	for _, call := range r.shapes {
		for _, shape := range call.shapes {
			if x, y := at(50, 50); shape.X0 == x && shape.Y0 == y {
				t.Error("a point far outside is painted")
			}
		}
	}

	s.SetMapDraws(nil)
	r.paint(s)
	for _, call := range r.shapes {
		for _, shape := range call.shapes {
			if x, y := at(-1.5, 1); call.color == s.theme.Ink && shape.X0 == x && shape.Y0 == y {
				t.Error("a draw that was taken away is painted")
			}
		}
	}

	// A drag shows A elsewhere.
	show(t, s, proto.MapView{Span: 8, A: &proto.MapPlace{X: 2, Y: 2}})
	r.paint(s)
	find("A where it is dragged", s.theme.Mu, 2, 2)
}

// TestDotMoves plays the morph: only what is around the dot is painted again.
func TestDotMoves(t *testing.T) {
	s, r := mapStage(t)
	if err := s.SetPath(make([]float32, 3*784), 3); err != nil {
		t.Fatal(err)
	}
	s.SetPathPoints([]float32{-2, 0, 0, 0, 2, 0})
	r.paint(s)
	play := proto.Play{T: 0.25, Speed: 1, Mode: proto.ModeLoop}
	if err := s.SetPlay(play); err != nil || !r.paint(s) {
		t.Fatal(err)
	}
	if len(r.shapes) == 0 {
		t.Fatal("the dot does not move")
	}
	x, y := s.place().pixel(-1, 0)
	x0, y0 := s.place().pixel(-2, 0)
	onlyAround(t, r, [2]float64{x0, y0}, [2]float64{x, y})
	if last := r.shapes[len(r.shapes)-1]; last.color != s.theme.Accent || math.Hypot(float64(last.shapes[0].X0)-x, float64(last.shapes[0].Y0)-y) > 0.01 {
		t.Errorf("the dot is %v", last)
	}
}

// onlyAround checks that shapes were painted around these pixels and nowhere else.
func onlyAround(t *testing.T, r *recorder, pixels ...[2]float64) {
	t.Helper()
	seen := make([]bool, len(pixels))
	for _, call := range r.shapes {
		i := slices.IndexFunc(pixels, func(p [2]float64) bool { return !call.clip.intersect(around(p[0], p[1], 1)).Empty() })
		if i < 0 || call.clip.W > 30 || call.clip.H > 30 {
			t.Fatalf("painted in %v", call.clip)
		}
		seen[i] = true
	}
	if slices.Contains(seen, false) {
		t.Errorf("painted around the pixels %v: %v", pixels, seen)
	}
}

// TestMarksMove looks around and pins: only what is around the old and the new place is painted again.
func TestMarksMove(t *testing.T) {
	s, r := mapStage(t)
	pixel := func(x, y float64) [2]float64 {
		px, py := s.place().pixel(x, y)
		return [2]float64{px, py}
	}
	look := func(at, pin *proto.MapPlace) {
		show(t, s, proto.MapView{Span: 8, Ground: true, At: at, Pin: pin})
		r.paint(s)
	}
	look(&proto.MapPlace{X: 1, Y: 1}, nil)
	onlyAround(t, r, pixel(1, 1))
	look(&proto.MapPlace{X: -3, Y: 2}, nil)
	onlyAround(t, r, pixel(1, 1), pixel(-3, 2))
	look(nil, &proto.MapPlace{X: -3, Y: -2})
	onlyAround(t, r, pixel(-3, 2), pixel(-3, -2))
	look(nil, &proto.MapPlace{X: -3, Y: -2})
	if len(r.shapes) != 0 || s.Dirty() {
		t.Error("nothing has moved, and it is painted again")
	}
	// What else moves is all painted.
	for _, v := range []proto.MapView{{Span: 7, Ground: true}, {Span: 7}, {Span: 7, A: &proto.MapPlace{X: 1}}, {Span: 7, Center: proto.MapPlace{Y: 1}}} {
		show(t, s, v)
		if r.paint(s); len(r.fills) == 0 || r.fills[0] != (Rect{100, 50, 400, 200}) {
			t.Errorf("%+v: painted %v", v, r.fills)
		}
	}
	show(t, s, proto.MapView{Span: 7, Center: proto.MapPlace{Y: 1}}, 0, 0, 1, 1)
	if r.paint(s); len(r.fills) == 0 || r.fills[0] != (Rect{100, 50, 400, 200}) {
		t.Errorf("a trail: painted %v", r.fills)
	}
	show(t, s, proto.MapView{Span: 7, Center: proto.MapPlace{Y: 1}})
	if r.paint(s); len(r.fills) == 0 || r.fills[0] != (Rect{100, 50, 400, 200}) {
		t.Errorf("the trail goes: painted %v", r.fills)
	}
}

// TestPartsAreApart adds many places: what is painted holds all of them and nothing twice.
func TestPartsAreApart(t *testing.T) {
	var p parts
	var all []Rect
	for i := range 40 {
		r := Rect{i * 37 % 101, i * 53 % 97, 3 + i%5, 4}
		all = append(all, r)
		p.add(r)
		p.add(Rect{})
		if len(p) > maxParts {
			t.Fatalf("%d places", len(p))
		}
		for k, a := range p {
			for _, b := range p[k+1:] {
				if !a.intersect(b).Empty() {
					t.Fatalf("%v and %v lie on each other", a, b)
				}
			}
		}
	}
	for _, r := range all {
		if !slices.ContainsFunc(p, func(q Rect) bool { return q.intersect(r) == r }) {
			t.Errorf("%v is in none of %v", r, p)
		}
	}
}

// TestSample shows a picture in the place of the morph and beside the map, and the morph again.
func TestSample(t *testing.T) {
	s, r := mapStage(t)
	if err := s.SetPath(slices.Repeat([]float32{0}, 2*784), 2); err != nil {
		t.Fatal(err)
	}
	r.paint(s)
	if err := s.SetSample(slices.Repeat([]float32{1}, 784)); err != nil {
		t.Fatal(err)
	}
	r.paint(s)
	dark := func(slot Slot) bool { return r.pictures[int(slot)<<16].Pix[0] == 0 }
	if !dark(Morph) || !dark(MapSample) {
		t.Error("the sample is not shown")
	}
	if err := s.SetPlay(proto.Play{T: 0.5, Speed: 1, Mode: proto.ModeLoop}); err != nil {
		t.Fatal(err)
	}
	if r.paint(s); len(r.pictures) != 0 {
		t.Error("the morph moves in the place of the sample")
	}
	if err := s.SetSample(nil); err != nil {
		t.Fatal(err)
	}
	if r.paint(s); dark(Morph) || dark(MapSample) {
		t.Error("the morph does not come back")
	}
}

func TestMapRefuses(t *testing.T) {
	s, _ := mapStage(t)
	plane := latent.Dimensions(2, 0, 1)
	inf := proto.MapPlace{X: math.Inf(1)}
	for field, err := range map[string]error{
		"span":   s.SetMap(proto.MapView{}, plane, nil),
		"center": s.SetMap(proto.MapView{Span: 1, Center: inf}, plane, nil),
		"pin":    s.SetMap(proto.MapView{Span: 1, Pin: &inf}, plane, nil),
		"plane":  s.SetMap(proto.MapView{Span: 1}, latent.Plane{Origin: plane.Origin, E1: plane.E1}, nil),
		"trail":  s.SetMap(proto.MapView{Span: 1}, plane, []float32{1}),
		"mu":     s.SetMapPoints([]float32{1, 2, 3}, 2, nil),
		"labels": s.SetMapPoints([]float32{1, 2, 3, 4}, 2, []byte{1}),
		"pixels": s.SetTile(Tile{}, []byte{1}),
	} {
		var e *proto.Error
		if !errors.As(err, &e) || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestAnotherModel(t *testing.T) {
	s, _ := mapStage(t)
	if err := s.SetMapPoints(make([]float32, 12), 2, nil); err != nil {
		t.Fatal(err)
	}
	decodeAll(t, s, 1)
	s.SetPosterior(A, []float32{1, 1}, []float32{0, 0})
	id := s.PlaneID()
	s.SetLatent(2)
	if !s.latent.on || len(s.WantedTiles(1)) == 0 || s.latent.pads[A].mu != nil || s.PlaneID() == id {
		t.Error("what the model before made stays")
	}
	s.SetLatent(3)
	if s.latent.on || len(s.WantedTiles(1)) != 0 {
		t.Error("a plane of another model stays")
	}
	if err := s.SetMap(proto.MapView{Span: 8, Ground: true}, latent.Dimensions(3, 0, 2), nil); err != nil || len(s.latent.points) != 0 {
		t.Errorf("%v, %d points of another model are shown", err, len(s.latent.points))
	}
	if len(s.WantedTiles(1)) == 0 {
		t.Error("wants nothing of the model's own plane")
	}
	if err := s.SetMap(proto.MapView{Span: 8, Ground: true}, latent.Dimensions(2, 0, 1), nil); err != nil || len(s.WantedTiles(1)) != 0 {
		t.Errorf("%v: has the model decode points of the one before", err)
	}
	if s.SetLatent(2); len(s.WantedTiles(1)) == 0 {
		t.Error("a plane that came before its model stays empty")
	}
}
