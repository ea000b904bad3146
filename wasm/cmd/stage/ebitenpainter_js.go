package main

import (
	_ "embed"
	"image"
	"math"

	"github.com/hajimehoshi/ebiten/v2"

	"inkdrift/wasm/scene"
)

// ebitenPainter implements scene.Painter.
type ebitenPainter struct {
	screen   *ebiten.Image
	textures map[int]*texture // by ID of the picture
	inks     [2]ebitenInk     // by pad
	shader   *ebiten.Shader
	colours  *ebiten.Shader // paints capsules in a colour
	shapes   capsuleMesh
	clip     image.Rectangle // empty: there is none
}

type texture struct {
	image *ebiten.Image
	rev   int
}

func (p *ebitenPainter) part(at scene.Rect) *ebiten.Image {
	r := image.Rect(at.X, at.Y, at.X+at.W, at.Y+at.H)
	if !p.clip.Empty() {
		r = r.Intersect(p.clip)
	}
	return p.screen.SubImage(r).(*ebiten.Image)
}

// Clip implements scene.Painter.
func (p *ebitenPainter) Clip(at scene.Rect) { p.clip = image.Rect(at.X, at.Y, at.X+at.W, at.Y+at.H) }

// Shapes implements scene.Painter.
func (p *ebitenPainter) Shapes(shapes []scene.Capsule, c scene.Color) {
	if p.colours == nil {
		p.colours = newShader(shapeSource)
	}
	b := p.screen.Bounds()
	dst := p.part(scene.Rect{X: b.Min.X, Y: b.Min.Y, W: b.Dx(), H: b.Dy()})
	op := &ebiten.DrawTrianglesShaderOptions{Uniforms: map[string]any{
		"Color": []float32{float32(c.R) / 255, float32(c.G) / 255, float32(c.B) / 255},
	}}
	p.shapes.paint(dst, shapes, 1, p.colours, op)
}

// newShader compiles a shader of the program.
func newShader(source string) *ebiten.Shader {
	s, err := ebiten.NewShader([]byte(capsuleFunction + source))
	if err != nil {
		panic(err) // the source is part of the program
	}
	return s
}

// Fill implements scene.Painter.
func (p *ebitenPainter) Fill(at scene.Rect, c scene.Color) { p.part(at).Fill(rgba(c)) }

// Picture implements scene.Painter.
func (p *ebitenPainter) Picture(pic *scene.Picture, at scene.Rect) {
	t := p.textures[pic.ID]
	if t == nil {
		if p.textures == nil {
			p.textures = make(map[int]*texture)
		}
		t = &texture{rev: pic.Rev - 1}
		p.textures[pic.ID] = t
	}
	if t.rev != pic.Rev {
		t.image = sized(t.image, pic.W, pic.H)
		t.image.WritePixels(pic.Pix)
		t.rev = pic.Rev
	}
	op := &ebiten.DrawImageOptions{}
	if at.W != pic.W || at.H != pic.H {
		op.GeoM.Scale(float64(at.W)/float64(pic.W), float64(at.H)/float64(pic.H))
		op.Filter = ebiten.FilterLinear
		op.DisableMipmaps = true // the sizes are similar, and the picture changes soon
	}
	op.GeoM.Translate(float64(at.X), float64(at.Y))
	p.part(at).DrawImage(t.image, op)
}

// sized gives img if it has this size, else another image in its place.
func sized(img *ebiten.Image, w, h int) *ebiten.Image {
	if img != nil {
		if b := img.Bounds(); b.Dx() == w && b.Dy() == h {
			return img
		}
		img.Deallocate()
	}
	return ebiten.NewImage(w, h)
}

// Both shaders begin with the same function, which gives the coverage of a capsule.
//
//go:embed capsule.kage
var capsuleFunction string

const (
	capsuleSource = `
func Fragment(dst vec4, src vec2, color vec4, custom vec4) vec4 {
	return vec4(coverage(color.xy, custom))
}
`
	shapeSource = `
var Color vec3

func Fragment(dst vec4, src vec2, color vec4, custom vec4) vec4 {
	return vec4(Color, 1) * coverage(color.xy, custom)
}
`
)

// ebitenInk is the ink of one pad as coverage from 0 to 1.
type ebitenInk struct {
	settled *ebiten.Image // coverage of the first done capsules
	whole   *ebiten.Image // of all
	epoch   int
	done    int
	mesh    capsuleMesh
}

// capsuleMesh paints capsules; it keeps its memory.
type capsuleMesh struct {
	vertices []ebiten.Vertex
	indices  []uint32
}

// maximum keeps the greater coverage where capsules overlap, so that neither
// edges nor interiors add up.
var maximum = ebiten.Blend{
	BlendOperationRGB:   ebiten.BlendOperationMax,
	BlendOperationAlpha: ebiten.BlendOperationMax,
}

// Ink implements scene.Painter.
func (p *ebitenPainter) Ink(pad scene.Pad, ink *scene.Ink, at scene.Rect, c scene.Color) {
	if at.Empty() {
		return
	}
	k := &p.inks[pad]
	if len(ink.Capsules) == 0 {
		k.drop()
		return
	}
	if p.shader == nil {
		p.shader = newShader(capsuleSource)
	}
	k.update(ink, at, p.shader)
	op := &ebiten.DrawImageOptions{}
	op.GeoM.Translate(float64(at.X), float64(at.Y))
	op.ColorScale.ScaleWithColor(rgba(c))
	p.part(at).DrawImage(k.whole, op)
}

// drop frees the images.
func (k *ebitenInk) drop() {
	if k.settled == nil {
		return
	}
	k.settled.Deallocate()
	k.whole.Deallocate()
	k.settled, k.whole = nil, nil
}

// update brings the coverage up to date.
func (k *ebitenInk) update(ink *scene.Ink, at scene.Rect, shader *ebiten.Shader) {
	before := k.settled
	k.settled, k.whole = sized(k.settled, at.W, at.H), sized(k.whole, at.W, at.H)
	switch {
	case k.settled != before:
		k.epoch, k.done = ink.Epoch, 0
	case k.epoch != ink.Epoch:
		k.settled.Clear()
		k.epoch, k.done = ink.Epoch, 0
	}
	op := &ebiten.DrawTrianglesShaderOptions{Blend: maximum}
	k.mesh.paint(k.settled, ink.Capsules[k.done:ink.Settled], float32(at.W), shader, op)
	k.done = ink.Settled
	k.whole.DrawImage(k.settled, &ebiten.DrawImageOptions{Blend: ebiten.BlendCopy})
	k.mesh.paint(k.whole, ink.Capsules[ink.Settled:], float32(at.W), shader, op)
}

// paint paints capsules on img; side is how many of its pixels are a unit of the capsules.
func (k *capsuleMesh) paint(img *ebiten.Image, capsules []scene.Capsule, side float32, shader *ebiten.Shader, op *ebiten.DrawTrianglesShaderOptions) {
	const most = 4096 // capsules in one call
	for len(capsules) > 0 {
		n := min(len(capsules), most)
		k.vertices, k.indices = k.vertices[:0], k.indices[:0]
		for _, c := range capsules[:n] {
			k.add(c, side)
		}
		img.DrawTrianglesShader32(k.vertices, k.indices, shader, op)
		capsules = capsules[n:]
	}
}

// add adds the rectangle around a capsule. Its corners carry what the shader
// needs: the place along and across the capsule, its length and its radii.
func (k *capsuleMesh) add(c scene.Capsule, side float32) {
	x, y, r0, r1 := c.X0*side, c.Y0*side, c.R0*side, c.R1*side
	dx, dy := c.X1*side-x, c.Y1*side-y
	length := float32(math.Hypot(float64(dx), float64(dy)))
	ux, uy := float32(1), float32(0)
	if length > 0 {
		ux, uy = dx/length, dy/length
	}
	// One pixel more on all sides for the smooth edge.
	from, to, half := min(-r0, length-r1)-1, max(length+r1, r0)+1, max(r0, r1)+1
	first := uint32(len(k.vertices))
	for _, corner := range [4][2]float32{{from, -half}, {to, -half}, {from, half}, {to, half}} {
		u, v := corner[0], corner[1]
		k.vertices = append(k.vertices, ebiten.Vertex{
			DstX: x + u*ux - v*uy, DstY: y + u*uy + v*ux,
			ColorR: u, ColorG: v,
			Custom0: length, Custom1: r0, Custom2: r1,
		})
	}
	k.indices = append(k.indices, first, first+1, first+2, first+1, first+2, first+3)
}
