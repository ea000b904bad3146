package scene

import "math"

// The ground of the map is a grid of decoded pictures. The side of a cell is a power of two in units of latent space, so
// that the grid halves as one zooms and stays where it is as one moves. Cells come in tiles, which are decoded, kept and
// painted as one picture.
const (
	// TileCells is the number of cells along a side of a tile.
	TileCells = 4
	// leastCell is the least side of a cell in CSS pixels; it is less than twice that.
	leastCell = 30
	// tilePixels is the side at which the picture of a tile is made.
	tilePixels = 56 * TileCells
	// coarse is how many levels above the one that is shown the ground is decoded first: few cells cover the map.
	coarse = 2
	// ancestors is how many levels are looked through for a tile to show instead of one that has not come.
	ancestors = 6
	// maxTiles bounds the tiles that are kept, 12.5 kB each, and maxTilePictures their pictures, 200 kB each, unless more
	// are on the screen at once.
	maxTiles        = 768
	maxTilePictures = 112
	// maxDeveloped bounds the pictures of tiles that are made in one frame, so that moving stays smooth.
	maxDeveloped = 4
)

// Tile names a tile: its corner is at X, Y times its side, which is 2^-Level times [TileCells].
type Tile struct{ Level, X, Y int }

// side is the side of a tile in units of latent space.
func (t Tile) side() float64 { return TileCells * math.Ldexp(1, -t.Level) }

// parent is the tile of the next coarser level that holds t.
func (t Tile) parent() Tile { return Tile{t.Level - 1, t.X >> 1, t.Y >> 1} }

// Cells returns the places on the plane of a tile's cells, x and y of each: rows from the top, each from the left.
func (t Tile) Cells() [TileCells * TileCells][2]float64 {
	var cells [TileCells * TileCells][2]float64
	side := t.side()
	for i := range cells {
		row, column := i/TileCells, i%TileCells
		cells[i] = [2]float64{
			(float64(t.X) + (float64(column)+0.5)/TileCells) * side,
			(float64(t.Y) + (float64(TileCells-1-row)+0.5)/TileCells) * side,
		}
	}
	return cells
}

// tile is a decoded tile.
type tile struct {
	ink  []byte // of TileCells*TileCells pictures; 255 is ink
	slot int    // of its picture in ground.slots; -1: none
	used int    // ground.now when it was last needed
}

// ground holds the tiles of a plane.
type ground struct {
	tiles map[Tile]*tile
	slots []tileSlot
	now   int // grows with each frame
	// developed counts the pictures that were made in this frame.
	developed int
}

// tileSlot is the place of a picture: painters keep as many as there are.
type tileSlot struct {
	picture *Picture
	tile    Tile
	used    int
	fresh   bool // the picture is that of the tile, in the colours of the theme
}

// clear forgets the tiles; the pictures' places stay.
func (g *ground) clear() {
	g.tiles = nil
	for i := range g.slots {
		g.slots[i].fresh = false
	}
}

// put keeps a tile, in the place of the one that was not needed for the longest time if there are too many.
func (g *ground) put(t Tile, ink []byte) {
	if g.tiles == nil {
		g.tiles = make(map[Tile]*tile)
	}
	if len(g.tiles) >= maxTiles {
		var oldest Tile
		least := math.MaxInt
		for k, v := range g.tiles {
			if v.used < least {
				oldest, least = k, v.used
			}
		}
		delete(g.tiles, oldest)
	}
	g.tiles[t] = &tile{ink: ink, slot: -1, used: g.now}
}

// nearest returns the tile, or the finest one there is that holds it.
func (g *ground) nearest(t Tile) (found Tile, ok bool) {
	for range ancestors {
		if at := g.tiles[t]; at != nil {
			return t, true
		}
		t = t.parent()
	}
	return Tile{}, false
}

// slot gives the place of a tile's picture, and whether the picture is that of the tile.
func (g *ground) slot(key Tile, t *tile) (s *tileSlot, fresh bool) {
	if t.slot >= 0 {
		if s = &g.slots[t.slot]; s.tile == key && s.fresh {
			s.used = g.now
			return s, true
		}
	}
	t.slot = len(g.slots)
	if t.slot >= maxTilePictures {
		oldest := 0
		for i := range g.slots {
			if g.slots[i].used < g.slots[oldest].used {
				oldest = i
			}
		}
		if g.slots[oldest].used < g.now {
			t.slot = oldest
		}
	}
	if t.slot == len(g.slots) {
		g.slots = append(g.slots, tileSlot{picture: &Picture{ID: int(Map)<<16 | t.slot}})
	}
	s = &g.slots[t.slot]
	s.tile, s.used, s.fresh = key, g.now, true
	return s, false
}

// made reports whether the picture of a tile is there.
func (g *ground) made(key Tile, t *tile) bool {
	return t.slot >= 0 && g.slots[t.slot].tile == key && g.slots[t.slot].fresh
}
