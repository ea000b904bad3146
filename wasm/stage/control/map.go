package control

import (
	"time"

	"inkdrift/vae/latent"
	"inkdrift/wasm/proto"
)

// tilesAtOnce is how many tiles of the map are asked for in one request: few enough that what is looked at comes soon.
const tilesAtOnce = 4

// mapView takes what the map shows.
func (c *Control) mapView(m proto.Message) error {
	var v proto.MapView
	if err := m.Fields(&v); err != nil {
		return err
	}
	var lists [4][]float32
	for i, field := range []string{"origin", "e1", "e2", "trail"} {
		var err error
		if lists[i], err = proto.BytesFloats(field, m.Buf(i)); err != nil {
			return err
		}
	}
	return c.scene.SetMap(v, latent.Plane{Origin: lists[0], E1: lists[1], E2: lists[2]}, lists[3])
}

// drawPath takes a path that a person drew and asks the engine for its frames; without points it goes back to the path
// between the drawings.
func (c *Control) drawPath(m proto.Message, now time.Time) error {
	z, err := proto.BytesFloats("z", m.Buf(0))
	if err != nil {
		return err
	}
	if len(z) == 0 {
		switch {
		case !c.drawn:
		case c.whole():
			c.moved(now)
		default:
			c.clear()
		}
		return nil
	}
	if c.engine == nil {
		return nil // the page sends it again to a new engine
	}
	c.id++
	request, err := proto.Request(c.id, proto.Decode{}, m.Buf(0))
	if err != nil {
		return err
	}
	// It takes the place of a path that was asked for.
	c.first, c.latest = time.Time{}, time.Time{}
	c.asked, c.askedKind, c.askedPoints = c.id, proto.PathDrawn, z
	c.send(c.engine, request)
	return nil
}

// AskCells asks the engine for tiles that the map lacks, if none are on their way.
func (c *Control) AskCells() {
	if c.engine == nil || c.cells != 0 || c.cellsFailed == c.scene.PlaneID() {
		return
	}
	tiles := c.scene.WantedTiles(tilesAtOnce)
	if len(tiles) == 0 {
		return
	}
	var z []float32
	for _, t := range tiles {
		z = c.scene.AppendTilePoints(z, t)
	}
	c.id++
	m, err := proto.Request(c.id, proto.MapCells{}, proto.FloatBytes(z))
	if err != nil {
		c.Fail(err)
		return
	}
	c.cells, c.cellTiles, c.cellPlane = c.id, tiles, c.scene.PlaneID()
	c.send(c.engine, m)
}

// cellsAnswered takes tiles, unless they are of another plane than the one that is shown.
func (c *Control) cellsAnswered(h proto.Head, m proto.Message) error {
	tiles := c.cellTiles
	c.cells, c.cellTiles = 0, nil
	if h.Type == proto.TypeError {
		if c.cellPlane != c.scene.PlaneID() {
			return nil // the model is another than the one whose points were asked for
		}
		c.cellsFailed = c.cellPlane // they would fail again
		return h.Error
	}
	if c.cellPlane != c.scene.PlaneID() {
		return nil
	}
	ink := m.Buf(0)
	each := len(ink) / len(tiles)
	for i, t := range tiles {
		if err := c.scene.SetTile(t, ink[i*each:(i+1)*each]); err != nil {
			return err
		}
	}
	return nil
}
