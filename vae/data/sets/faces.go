package sets

import "inkdrift/vae/data"

// faces are painted faces, with everything about them known.
var faces = Source{
	Info: data.Info{
		Name:    "faces",
		Key:     "data.faces",
		Shape:   data.Shape{C: 3, H: side, W: side},
		Classes: expressionNames[:],
		Split:   data.SplitNumbers,
		Attributes: []data.Attribute{
			faceSkin:       {Name: "skin", Max: 1},
			faceHair:       {Name: "hair", Values: hairNames[:]},
			faceStyle:      {Name: "style", Values: styleNames[:]},
			faceEyes:       {Name: "eyes", Values: eyeNames[:]},
			faceExpression: {Name: "expression", Values: expressionNames[:]},
			faceSmile:      {Name: "smile", Min: -1, Max: 1},
			faceMouth:      {Name: "mouth", Max: 1},
			faceYaw:        {Name: "yaw", Min: -1, Max: 1},
			facePitch:      {Name: "pitch", Min: -1, Max: 1},
			faceTilt:       {Name: "tilt", Min: -0.22, Max: 0.22},
			faceGlasses:    {Name: "glasses", Values: glassesNames[:]},
			faceBeard:      {Name: "beard", Values: beardNames[:]},
			faceHat:        {Name: "hat", Values: hatNames[:]},
			faceGround:     {Name: "ground", Max: 1},
		},
	},
	Train: 20_000, Validation: 2_000, Test: 1_000,
	maker: &faceMaker{},
}

// The attributes of a face, in order.
const (
	faceSkin       = iota // 0 is the lightest
	faceHair              // its colour
	faceStyle             // of the hair
	faceEyes              // their colour
	faceExpression        // the class
	faceSmile             // how far the corners of the mouth are up
	faceMouth             // how far it is open
	faceYaw               // the head turned, to the right of the picture where positive
	facePitch             // looking down where positive
	faceTilt              // the head laid to the right, in radians
	faceGlasses
	faceBeard
	faceHat
	faceGround // hue of the background
	faceAttributes
)

var (
	expressionNames = [...]string{"calm", "happy", "laughing", "sad", "surprised", "angry"}
	hairNames       = [...]string{"black", "brown", "blond", "red", "grey", "blue", "pink"}
	styleNames      = [...]string{"bald", "short", "fringe", "parted", "long", "bob", "curly", "bun", "spiky"}
	eyeNames        = [...]string{"brown", "blue", "green", "grey"}
	glassesNames    = [...]string{"none", "round", "square"}
	beardNames      = [...]string{"none", "moustache", "full"}
	hatNames        = [...]string{"none", "beanie"}
)

const (
	calm = iota
	happy
	laughing
	sad
	surprised
	angry
)

const (
	bald = iota
	short
	fringe
	parted
	long
	bob
	curly
	bun
	spiky
)

const (
	moustache     = 1
	fullBeard     = 2
	roundGlasses  = 1
	squareGlasses = 2
	beanie        = 1
)

var (
	skinInks = [...]uint32{0xffe3cb, 0xf8d0ae, 0xeab98f, 0xd59d6d, 0xb4794d, 0x8a5838, 0x613d29}
	hairInks = [...]uint32{0x28222a, 0x66402a, 0xe6c06c, 0xbd5424, 0xb9b9c0, 0x3f68b8, 0xe47aa6}
	eyeInks  = [...]uint32{0x5a361e, 0x3f86cf, 0x3f9058, 0x74828f}

	hairWeights    = []float32{24, 24, 17, 13, 9, 6, 7}
	styleWeights   = []float32{6, 15, 14, 14, 14, 12, 10, 8, 9}
	eyeWeights     = []float32{40, 28, 20, 12}
	glassesWeights = []float32{76, 14, 10}
	beardWeights   = []float32{80, 8, 12}
)

// tone returns the colour of skin, from light to dark.
func tone(dark float32) colour {
	at := float32(dark * float32(len(skinInks)-1))
	k := int(at)
	if k > len(skinInks)-2 {
		k = len(skinInks) - 2
	}
	return rgb(skinInks[k]).towards(rgb(skinInks[k+1]), at-float32(k))
}

// The colours of a face. The first ones are its own.
const (
	skinInk = iota
	hairInk
	browInk
	eyeInk
	groundInk
	clothInk
	hatInk
	white
	enamel // of teeth and eyes
	gums
	tongue
	blushed
	shadow
	lipstick
	pupil
	horn
	redHorn
	inks
)

// common are the colours that all faces have.
var common = [inks - white]uint32{0xffffff, 0xfdfaf4, 0x6b1a22, 0xe0707a, 0xe0605a, 0x8a3a2a, 0xa02838, 0x16100e, 0x2e2a33, 0x8a2f2a}

// face is everything that is drawn at random about a face. Lengths are in units of the head's frame, 12 pixels.
type face struct {
	_                                  [0]func() // faces are not compared, so there need be no code to do it
	skin, yaw, pitch, tilt, ground     float32
	hair, style, eyes, expression      int
	glasses, beard, hat                int
	smile, mouth                       float32
	inks                               [inks]colour
	wide, tall, jaw                    float32 // shape of the head; jaw narrows it
	size, x, y                         float32 // of the head, and where it is, in pixels
	apart, eyeSize, eyeOpen, eyeHeight float32
	gazeX, gazeY                       float32
	browUp, browSlant, browWeight      float32
	nose, mouthWide, lip               float32
	light                              float32 // from the left where negative
	blush, freckles                    float32
	parting                            float32 // side of the parting, -1 or 1
	cloth                              int
}

// purpose of the random stream.
const faceStream = 0x66616365

// draw draws a face. Everything that is an attribute comes first.
func (f *face) draw(seed uint64, i int) {
	d := newRandom(faceStream, seed, i)
	f.expression = d.pick(len(expressionNames))
	f.skin = d.unit()
	f.hair = d.weighted(hairWeights)
	f.style = d.weighted(styleWeights)
	f.eyes = d.weighted(eyeWeights)
	f.yaw = d.middling(-1, 1)
	f.pitch = d.middling(-1, 1)
	f.tilt = d.middling(-0.22, 0.22)
	f.glasses = d.weighted(glassesWeights)
	f.beard = d.weighted(beardWeights)
	if d.chance(0.09) {
		f.hat = beanie
	} else {
		f.hat = 0
	}
	f.ground = d.unit()

	f.wide, f.tall = d.middling(0.66, 0.80), d.middling(0.78, 0.92)
	f.jaw = d.between(0.02, 0.16)
	f.size = d.middling(11.9, 13.6)
	f.x, f.y = 16+d.middling(-1.2, 1.2), 17.4+d.middling(-0.9, 0.9)
	f.light = d.between(-1, 1)
	f.apart = d.middling(0.27, 0.35)
	f.eyeSize = d.middling(0.85, 1.15)
	f.eyeHeight = d.middling(-0.06, 0.06)
	f.gazeX, f.gazeY = d.middling(-1, 1), d.middling(-0.8, 0.8)
	f.browWeight = d.between(0.035, 0.065)
	f.nose = d.between(0.06, 0.13)
	f.mouthWide = d.middling(0.22, 0.33)
	f.lip = d.unit()
	f.blush = d.unit()
	f.freckles = 0
	if d.chance(0.2) {
		f.freckles = d.between(0.3, 0.7)
	}
	f.parting = 1
	if d.chance(0.5) {
		f.parting = -1
	}
	f.express(&d)
	f.colour(&d)
}

// express sets what an expression makes of a face.
func (f *face) express(d *random) {
	f.eyeOpen, f.mouth, f.browUp, f.browSlant = d.between(0.85, 1.05), 0, d.between(-0.02, 0.03), d.between(-0.05, 0.08)
	switch f.expression {
	case calm:
		f.smile = d.between(-0.08, 0.22)
	case happy:
		f.smile = d.between(0.55, 0.95)
		f.mouth = 0
		if d.chance(0.4) {
			f.mouth = d.between(0.2, 0.45)
		}
		f.browUp += 0.02
	case laughing:
		f.smile = d.between(0.7, 1)
		f.mouth = d.between(0.6, 1)
		f.browUp += 0.06
		f.eyeOpen = d.between(0.5, 0.75)
		if d.chance(0.55) {
			f.eyeOpen = 0 // narrowed by laughing
		}
	case sad:
		f.smile = d.between(-0.95, -0.5)
		f.browSlant = d.between(0.28, 0.5)
		f.browUp += 0.02
		f.eyeOpen = d.between(0.65, 0.9)
		f.gazeY = d.between(0.3, 0.9)
	case surprised:
		f.smile = d.between(-0.1, 0.1)
		f.mouth = d.between(0.65, 1)
		f.browUp += d.between(0.1, 0.16)
		f.eyeOpen = d.between(1.15, 1.3)
		f.mouthWide *= 0.5
	case angry:
		f.smile = d.between(-0.7, -0.3)
		f.browSlant = d.between(-0.6, -0.4)
		f.browUp -= 0.05
		f.browWeight += 0.015
		f.eyeOpen = d.between(0.7, 0.9)
		if d.chance(0.3) {
			f.mouth = d.between(0.25, 0.5)
		}
	}
}

// vary returns a colour that is a little lighter or darker, and a little more or less red and blue.
func (d *random) vary(c colour, by float32) colour {
	c = c.times(1 + d.between(-by, by))
	return colour{clamp01(c[0] + d.between(-0.02, 0.02)), c[1], clamp01(c[2] + d.between(-0.02, 0.02))}
}

// colour mixes the colours of a face.
func (f *face) colour(d *random) {
	for k, c := range common {
		f.inks[white+k] = rgb(c)
	}
	f.inks[skinInk] = d.vary(tone(f.skin), 0.03)
	f.inks[hairInk] = d.vary(rgb(hairInks[f.hair]), 0.12)
	f.inks[eyeInk] = d.vary(rgb(eyeInks[f.eyes]), 0.1)
	f.inks[browInk] = f.inks[hairInk].times(0.75)
	if f.hair == 2 || f.hair == 4 || f.hair >= 5 { // light hair: brows that can be seen
		f.inks[browInk] = f.inks[hairInk].times(0.6).towards(rgb(0x503828), 0.35)
	}
	if f.style == bald {
		f.inks[browInk] = f.inks[hairInk].times(0.7).towards(f.inks[skinInk].times(0.5), 0.3)
	}
	f.inks[groundInk] = hsv(f.ground, d.between(0.1, 0.36), d.between(0.66, 0.9))
	f.inks[clothInk] = hsv(d.unit(), d.between(0.2, 0.65), d.between(0.3, 0.85))
	f.inks[hatInk] = hsv(d.unit(), d.between(0.4, 0.8), d.between(0.45, 0.9))
	f.cloth = d.pick(3)
}

type faceMaker struct{}

func (*faceMaker) label(seed uint64, i int) int {
	d := newRandom(faceStream, seed, i)
	return d.pick(len(expressionNames))
}

func (*faceMaker) values(dst []float32, seed uint64, i int) {
	var f face
	f.draw(seed, i)
	dst = dst[:faceAttributes]
	dst[faceSkin], dst[faceSmile], dst[faceMouth], dst[faceGround] = f.skin, f.smile, f.mouth, f.ground
	dst[faceYaw], dst[facePitch], dst[faceTilt] = f.yaw, f.pitch, f.tilt
	for _, v := range [...]struct{ at, value int }{
		{faceHair, f.hair}, {faceStyle, f.style}, {faceEyes, f.eyes}, {faceExpression, f.expression},
		{faceGlasses, f.glasses}, {faceBeard, f.beard}, {faceHat, f.hat},
	} {
		dst[v.at] = float32(v.value)
	}
}

func (*faceMaker) picture(dst []float32, seed uint64, i int) {
	p := painters.Get().(*painter)
	defer painters.Put(p)
	p.draw(seed, i)
	p.paint(dst)
	p.pixels = nil
	settle(dst)
}
