package sets

import (
	"sync"

	"inkdrift/vae/data"
)

// greyTextures and colourTextures are patches of materials; the class is the kind.
var (
	greyTextures   = textureSource("textures", 1, 28)
	colourTextures = textureSource("textures-colour", 3, 32)
)

func textureSource(name string, channels, side int) Source {
	shape := data.Shape{C: channels, H: side, W: side}
	return Source{
		Info: data.Info{
			Name:    name,
			Key:     "data." + name,
			Shape:   shape,
			Classes: textureNames[:],
			Split:   data.SplitNumbers,
			Attributes: []data.Attribute{
				textureKind:     {Name: "kind", Values: textureNames[:]},
				texturePeriod:   {Name: "period", Min: 4, Max: 11},
				textureAngle:    {Name: "angle", Max: 0.5},
				textureContrast: {Name: "contrast", Min: 0.5, Max: 1},
			},
		},
		Train: 20_000, Validation: 2_000, Test: 1_000,
		maker: &textureMaker{shape},
	}
}

// The attributes of a texture, in order.
const (
	textureKind     = iota // the class
	texturePeriod          // about how many pixels lie between two of what repeats
	textureAngle           // of its grain, in turns, up to half of one
	textureContrast        // of light and dark
	textureAttributes
)

var textureNames = [...]string{"gabor", "worley", "noise", "bricks", "weave", "stripes"}

// texture holds the random parameters of a picture.
type texture struct {
	kind                    int
	period, angle, contrast float32
	variant                 int
	random                  random
	first, second           colour // the two colours of a colour picture
}

const textureStream = 0x74657874

func (t *texture) draw(seed uint64, i int) {
	d := newRandom(textureStream, seed, i)
	t.kind = d.pick(len(textureNames))
	t.period = d.between(4, 11)
	t.angle = float32(0.5 * d.unit())
	t.contrast = d.between(0.5, 1)
	t.variant = d.pick(3)
	// Two colours that differ in hue by a little or by a lot, one of them darker.
	hue := d.unit()
	other := hue + d.between(0.06, 0.5)
	t.first = hsv(hue, d.between(0.35, 0.8), d.between(0.3, 0.65))
	t.second = hsv(other, d.between(0.1, 0.55), d.between(0.75, 1))
	if d.chance(0.35) {
		t.first, t.second = t.second, t.first
	}
	t.random = d
}

// spot is the value of a texture at one pixel: its light, 0 to 1, and in colour how far it is from the first ink to the
// second and by what both are darkened.
type spot struct{ light, blend, shade float32 }

// pattern is a kind of texture.
type pattern interface {
	// set draws the pattern's own numbers, all of them.
	set(t *texture)
	// at returns the spot at a place, in pixels from the middle of the picture.
	at(x, y float32) spot
}

type textureMaker struct{ shape data.Shape }

func (*textureMaker) label(seed uint64, i int) int {
	d := newRandom(textureStream, seed, i)
	return d.pick(len(textureNames))
}

func (*textureMaker) values(dst []float32, seed uint64, i int) {
	var t texture
	t.draw(seed, i)
	dst = dst[:textureAttributes]
	dst[textureKind], dst[texturePeriod], dst[textureAngle], dst[textureContrast] = float32(t.kind), t.period, t.angle, t.contrast
}

// loom is the work space for making a picture.
type loom struct {
	_ [0]func() // looms are not compared
	texture
	gabor   gabor
	worley  worley
	noise   noise
	bricks  bricks
	weave   weave
	stripes stripes
}

var looms = sync.Pool{New: func() any { return new(loom) }}

// pattern returns the pattern of the texture that was drawn.
func (l *loom) pattern() pattern {
	p := [...]pattern{&l.gabor, &l.worley, &l.noise, &l.bricks, &l.weave, &l.stripes}[l.kind]
	p.set(&l.texture)
	return p
}

func (m *textureMaker) picture(dst []float32, seed uint64, i int) {
	l := looms.Get().(*loom)
	defer looms.Put(l)
	l.draw(seed, i)
	render(dst, m.shape, &l.texture, 0, 0, l.pattern())
	settle(dst)
}

// render writes a pattern in grey or in colour, with place (dx, dy) in the middle.
func render(dst []float32, shape data.Shape, t *texture, dx, dy float32, p pattern) {
	plane := shape.H * shape.W
	half := float32(shape.W) / 2
	for y := range shape.H {
		for x := range shape.W {
			s := p.at(float32(x)+0.5-half+dx, float32(y)+0.5-half+dy)
			i := y*shape.W + x
			if shape.C == 1 {
				dst[i] = 0.5 + float32(t.contrast*(s.light-0.5))
				continue
			}
			c := t.first.towards(t.second, clamp01(0.5+float32(t.contrast*(s.blend-0.5))))
			for k := range c {
				dst[k*plane+i] = float32(c[k] * (1 + float32(t.contrast*(s.shade-1))))
			}
		}
	}
}
