package sets

import (
	"sync"

	"inkdrift/vae/data"
)

// greyMaterials and colourMaterials are patches of a few sheets of material, each
// cut out somewhere: what patches of photographs are, without the photographs. A
// small model can learn all of it, where no two pictures of textures are of the
// same material. The class is the kind.
var (
	greyMaterials   = materialSource("materials", 1, 28)
	colourMaterials = materialSource("materials-colour", 3, 32)
)

func materialSource(name string, channels, side int) Source {
	shape := data.Shape{C: channels, H: side, W: side}
	kinds := textureNames[firstMaterialKind:]
	return Source{
		Info: data.Info{
			Name:    name,
			Key:     "data." + name,
			Shape:   shape,
			Classes: kinds,
			Split:   data.SplitNumbers,
			Attributes: []data.Attribute{
				materialKind:  {Name: "kind", Values: kinds},
				materialSheet: {Name: "sheet", Values: []string{"first", "second"}},
				materialX:     {Name: "x", Max: sheetSide},
				materialY:     {Name: "y", Max: sheetSide},
			},
		},
		Train: 20_000, Validation: 2_000, Test: 1_000,
		maker: &materialMaker{shape},
	}
}

// The attributes of a patch, in order.
const (
	materialKind  = iota // the class
	materialSheet        // which of the two sheets of the kind
	materialX            // where on the sheet it is, in pixels
	materialY
	materialAttributes
)

// firstMaterialKind is the first kind of texture that there are sheets of: packets
// of waves reach no further than a picture.
const firstMaterialKind = 1

// sheetSide is how far apart patches of a sheet may lie, in pixels. The sheet
// is larger by a patch.
const sheetSide = 12

// sheets are two of each kind, in the order of the kinds. Numbers that are not
// given here are random.
var sheets = [...]texture{
	{kind: 1, variant: 0, period: 10, angle: 0.05, contrast: 1, first: colour{0.45, 0.42, 0.40}, second: colour{0.80, 0.72, 0.60}},   // pebbles
	{kind: 1, variant: 2, period: 11, angle: 0.1, contrast: 1, first: colour{0.10, 0.35, 0.55}, second: colour{0.90, 0.65, 0.25}},    // a mosaic
	{kind: 2, variant: 0, period: 11, angle: 0.1, contrast: 1, first: colour{0.25, 0.50, 0.85}, second: colour{0.97, 0.97, 0.98}},    // clouds
	{kind: 2, variant: 2, period: 9, angle: 0.37, contrast: 0.9, first: colour{0.35, 0.40, 0.38}, second: colour{0.93, 0.94, 0.90}},  // marble
	{kind: 3, variant: 0, period: 7, angle: 0, contrast: 1, first: colour{0.70, 0.28, 0.18}, second: colour{0.88, 0.85, 0.80}},       // a wall
	{kind: 3, variant: 1, period: 9, angle: 0.125, contrast: 1, first: colour{0.20, 0.45, 0.45}, second: colour{0.95, 0.95, 0.90}},   // tiles
	{kind: 4, variant: 0, period: 6.5, angle: 0, contrast: 1, first: colour{0.75, 0.60, 0.35}, second: colour{0.90, 0.80, 0.60}},     // a basket
	{kind: 4, variant: 1, period: 5.5, angle: 0.06, contrast: 1, first: colour{0.15, 0.22, 0.45}, second: colour{0.60, 0.68, 0.85}},  // twill
	{kind: 5, variant: 1, period: 8, angle: 0.125, contrast: 1, first: colour{0.80, 0.15, 0.20}, second: colour{0.96, 0.94, 0.88}},   // bars
	{kind: 5, variant: 0, period: 10, angle: 0.28, contrast: 0.9, first: colour{0.15, 0.40, 0.20}, second: colour{0.75, 0.85, 0.45}}, // waves
}

const (
	materialDice = 0x6d617465
	sheetStream  = 0x73686565
)

// sheetPatterns returns the pattern of each sheet, which does not depend on the
// seed.
var sheetPatterns = sync.OnceValue(func() *[len(sheets)]pattern {
	var all [len(sheets)]pattern
	for i := range sheets {
		l := &loom{texture: sheets[i]}
		l.random = newRandom(sheetStream, 0, i)
		all[i] = l.pattern()
	}
	return &all
})

// patch is where a picture is cut out.
type patch struct {
	sheet int
	x, y  float32
}

func (p *patch) draw(seed uint64, i int) {
	d := newRandom(materialDice, seed, i)
	p.sheet = d.pick(len(sheets))
	p.x, p.y = d.between(0, sheetSide), d.between(0, sheetSide)
}

// kind returns the class.
func (p *patch) kind() int { return sheets[p.sheet].kind - firstMaterialKind }

type materialMaker struct{ shape data.Shape }

func (*materialMaker) label(seed uint64, i int) int {
	var p patch
	p.draw(seed, i)
	return p.kind()
}

func (*materialMaker) values(dst []float32, seed uint64, i int) {
	var p patch
	p.draw(seed, i)
	dst = dst[:materialAttributes]
	dst[materialKind], dst[materialSheet] = float32(p.kind()), float32(p.sheet%2)
	dst[materialX], dst[materialY] = p.x, p.y
}

func (m *materialMaker) picture(dst []float32, seed uint64, i int) {
	var p patch
	p.draw(seed, i)
	render(dst, m.shape, &sheets[p.sheet], p.x, p.y, sheetPatterns()[p.sheet])
	settle(dst)
}
