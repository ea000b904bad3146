package sets

import "sync"

// The painting of a face. The head's frame has its origin between the ears, x to the right, y down, and 12 pixels to a unit
// or so; a feature is given for a head that looks straight out and moves with its depth when the head turns.

// painter paints one face.
type painter struct {
	face
	brush
	pixels []float32 // red, green and blue, plane by plane
	head   frame
	trunk  frame
	masks  [masks]mask
}

const tau = 6.2831853

var painters = sync.Pool{New: func() any { return new(painter) }}

// paint writes a face to pixels.
func (p *painter) paint(pixels []float32) {
	p.pixels = pixels
	clear(p.masks[:])
	sin := wave(p.tilt / tau)
	cos := sqrt(1 - float32(sin*sin))
	p.trunk = frame{x: p.x, y: p.y, cos: 1, scale: p.size}
	// The head is laid over around a point in the neck.
	neck := float32(0.7 * p.size)
	p.head = frame{x: p.x + float32(neck*sin), y: p.y + float32(neck*(1-cos)), cos: cos, sin: sin, scale: p.size}
	p.ground()
	p.hairBehind()
	p.shoulders()
	p.skin()
	p.beards()
	p.noses()
	p.mouths()
	for _, s := range [2]float32{-1, 1} {
		p.look(s)
	}
	p.hairBefore()
	for _, s := range [2]float32{-1, 1} {
		p.brow(s)
	}
	p.spectacles()
	p.cap()
}

// at returns where a feature at (u, v) of the given depth is seen, 0 at the ears and 1 at the eyes.
//
//go:noinline
func (p *painter) at(u, v, depth float32) (x, y float32) {
	x = float32(u*(1-float32(0.1*float32(p.yaw*p.yaw)))) + float32(0.2*float32(depth*p.yaw))
	return x, v + float32(0.1*float32(depth*p.pitch))
}

// narrow returns how wide a feature to one side of the middle, -1 or 1, looks: less where the head turns it away.
func (p *painter) narrow(side float32) float32 { return 1 - float32(0.2*float32(p.yaw*side)) }

// ground paints the background: a colour that is lighter above, and a soft round light.
func (p *painter) ground() {
	c := p.inks[groundInk]
	for i := range side * side {
		f := 1.05 - float32(0.14*float32(float32(i/side)*(1.0/side)))
		for k := range c {
			p.pixels[k*side*side+i] = float32(c[k] * f)
		}
	}
	p.dip(groundInk, 1, white, 0.5, 0.5)
	p.soft, p.body = 10, true
	p.put(oval, 0, -0.1, 0.9, 0.9, 0)
}

func (p *painter) hairBehind() {
	p.dip(hairInk, 0.78, none, 0, 1)
	shift := float32(-0.06 * p.yaw)
	switch {
	case p.style == long:
		p.put(bar, shift, 0.2, p.wide+0.16, 1.1, 0.62)
	case p.style == bob:
		p.put(bar, shift, -0.1, p.wide+0.19, 0.86, 0.5)
	case p.style == bun && p.hat == 0:
		p.put(oval, shift, -p.tall-0.12, 0.29, 0.29, 0)
	case p.style == curly:
		// A crown of round locks, from side to side over the top.
		const locks = 9
		for k := range locks {
			t := float32(0.6 * float32(float32(k)*(1.0/(locks-1))-0.5))
			x, y := float32((p.wide+0.12)*wave(t)), -0.08-float32((p.tall+0.02)*wave(t+0.25))
			r := 0.27 + float32(0.04*wave(float32(float32(k)*0.37)+p.lip))
			if p.hat == 0 || y > -0.4 {
				p.put(oval, x, y, r, r, 0)
			}
		}
	}
}

func (p *painter) shoulders() {
	p.dip(skinInk, 0.8, none, 0, 1)
	p.body = true
	p.put(bar, 0, 0.85, 0.27, 0.4, 0.1)
	p.dip(clothInk, 1, none, 0, 1)
	p.body, p.keep = true, hold
	p.put(oval, 0, 1.75, 1.25, 0.8, 0)
	p.dip(clothInk, 1, white, 0.6, 1)
	p.body, p.clip = true, hold
	switch p.cloth {
	case 1: // a stripe
		p.put(bar, 0, 1.27, 1.3, 0.07, 0)
	case 2: // a collar
		p.put(oval, 0, 0.95, 0.45, 0.27, 0)
	}
	p.dip(skinInk, 0.8, none, 0, 1)
	p.body = true
	p.put(oval, 0, 0.95, 0.28, 0.18, 0)
}

// distance returns the distance to the parts of a face that have forms of their own.
func (p *painter) distance(kind int, x, y float32) float32 {
	switch kind {
	case skull:
		return ellipse(x/(1-float32(p.jaw*smooth(-0.1, 0.95, y))), y, p.wide, p.tall)
	case tuft: // hair in front: a cap down to the hairline
		d := ellipse(x, y+0.04, p.wide+0.07, p.tall+0.07)
		if p.style == spiky && p.hat == 0 && y < -0.35 && abs(x) < p.wide {
			t := float32(2.4*x) + p.lip
			d -= float32(0.4 * abs(t-floor(t)-0.5)) // teeth of a saw
		}
		return greater(d, y-float32(0.05*p.pitch)-p.hairline(x-float32(0.12*p.yaw)))
	case whiskers: // a beard below the cheeks and around the mouth
		x0, y0 := p.at(0, 0.47, 1)
		u := (x - float32(0.5*x0)) / p.wide
		top := 0.34 - float32(0.42*float32(u*u))
		return greater(greater(p.distance(skull, x, y)-0.05, top-y), -ellipse(x-x0, y-y0, p.mouthWide+0.02, 0.11))
	}
	return greater(ellipse(x, y+0.06, p.wide+0.1, p.tall+0.13), y-p.brim()) // knit: a hat
}

// skin paints ears and face.
func (p *painter) skin() {
	for _, s := range [2]float32{-1, 1} {
		x := float32(s*(p.wide+0.01)) - float32(0.1*p.yaw)
		p.dip(skinInk, 0.92, none, 0, 1)
		p.put(oval, x, 0.04, 0.12, 0.18, 0)
		p.dip(skinInk, 0.74, none, 0, 0.7)
		p.put(oval, x, 0.05, 0.05, 0.1, 0)
	}
	p.dip(skinInk, 1, none, 0, 1)
	p.keep = bone
	p.put(skull, 0, 0, 0, 0, 0)
	// Away from the light the skin is darker and warmer; towards it a little lighter.
	shift := float32(0.22 * p.light)
	p.dip(skinInk, 0.7, shadow, 0.12, 0.75)
	p.soft, p.clip, p.outside = 5, bone, true
	p.put(oval, shift, -0.14, p.wide+0.04, p.tall+0.12, 0)
	p.dip(skinInk, 1, white, 0.4, 0.5)
	p.soft, p.clip = 6, bone
	p.put(oval, float32(1.3*shift), -0.3, 0.3, 0.32, 0)
	blush := 0.1 + float32(0.25*p.blush)
	if p.expression == happy || p.expression == laughing {
		blush += 0.15
	}
	for _, s := range [2]float32{-1, 1} {
		x, y := p.at(float32(s*0.41), 0.24, 0.75)
		p.dip(blushed, 1, none, 0, blush)
		p.soft, p.clip = 3, bone
		p.put(oval, x, y, 0.16, 0.11, 0)
		if p.freckles == 0 {
			continue
		}
		p.dip(skinInk, 0.55, none, 0, p.freckles)
		p.clip = bone
		for k := range 3 {
			p.put(oval, x+float32(0.11*(float32(k)-1)), y-0.03+float32(0.06*float32(k&1)), 0.025, 0.025, 0)
		}
	}
}

func (p *painter) noses() {
	x, y := p.at(0, 0.21, 1.35)
	p.dip(skinInk, 0.66, none, 0, 0.8)
	p.put(oval, x, y, 0.05+float32(0.6*p.nose), 0.045, 0)
	// The shadow of its ridge, away from the light or the turn.
	s := float32(-0.045)
	if p.light+float32(2*p.yaw) < 0 {
		s = 0.045
	}
	top, down := p.at(0, -0.02, 0.9)
	p.part = 0.4
	p.put(line, top+s, down, x+s, y-0.02, 0.025)
	p.dip(skinInk, 1, white, 0.5, 0.5)
	p.put(oval, x, y-0.07, 0.04, 0.04, 0)
}

func (p *painter) mouths() {
	x, y := p.at(0, 0.47, 1)
	w := p.mouthWide
	bend := float32(-0.17 * p.smile) // the corners are up for a smile
	y -= float32(0.45 * bend)
	switch {
	case p.expression == surprised:
		high := 0.07 + float32(0.12*p.mouth)
		p.dip(skinInk, 0.55, lipstick, 0.35, 1)
		p.put(oval, x, y, w+0.035, high+0.035, 0)
		p.dip(gums, 1, none, 0, 1)
		p.put(oval, x, y, w-0.02, high-0.015, 0)
	case p.mouth > 0:
		open := float32(0.34 * p.mouth)
		y -= float32(0.3 * open)
		p.dip(skinInk, 0.55, lipstick, 0.35, 1)
		p.grow = 0.035
		p.put(lens, x, y, w, bend, open)
		clear(p.masks[hold][:])
		p.dip(gums, 1, none, 0, 1)
		p.keep = hold
		p.put(lens, x, y, w, bend, open)
		teeth := float32(0.38 * open)
		if p.expression == angry {
			teeth = open
		}
		p.dip(enamel, 1, none, 0, 1)
		p.clip = hold
		p.put(curve, x, y+float32(0.3*teeth), w, bend, float32(0.7*teeth))
		if p.expression != angry && p.mouth > 0.5 {
			p.dip(tongue, 1, none, 0, 1)
			p.clip = hold
			p.put(oval, x, y+open, float32(0.6*w), float32(0.3*open), 0)
		}
	default:
		if p.lip > 0.35 {
			p.dip(skinInk, 0.55, blushed, 0.6, float32(0.7*p.lip))
			p.clip = bone
			p.put(oval, x, y+0.045, float32(0.55*w), 0.06, 0)
		}
		p.dip(skinInk, 0.55, lipstick, 0.35, 1)
		p.put(curve, x, y, w, bend, 0.036)
	}
}

func (p *painter) beards() {
	p.dip(hairInk, 0.85, none, 0, 0.92)
	if p.beard == fullBeard {
		p.put(whiskers, 0, 0, 0, 0, 0)
	}
	if p.beard != 0 {
		x, y := p.at(0, 0.32, 1)
		p.put(curve, x, y, 0.24, 0.06, 0.05)
	}
}

// look paints the eye at one side.
func (p *painter) look(s float32) {
	n := p.narrow(s)
	x, y := p.at(float32(s*p.apart), p.eyeHeight-0.03, 1)
	r := float32(0.165 * p.eyeSize)
	rx, ry := float32(r*n), float32(r*p.eyeOpen)
	if p.eyeOpen == 0 {
		p.dip(skinInk, 0.28, none, 0, 1)
		p.put(curve, x, y-0.04, rx, 0.09, 0.04)
		return
	}
	clear(p.masks[hold][:])
	p.dip(enamel, 1, none, 0, 1)
	p.keep = hold
	p.put(oval, x, y, rx, ry, 0)
	r = float32(0.115 * p.eyeSize)
	u, v := x+float32(0.04*p.gazeX)+float32(0.02*p.yaw), y+float32(0.035*p.gazeY)+0.01
	p.dip(eyeInk, 1, none, 0, 1)
	p.clip = hold
	p.put(oval, u, v, float32(r*n), r, 0)
	p.ink = p.inks[pupil]
	r = float32(0.55 * r)
	p.put(oval, u, v, r, r, 0)
	p.ink, p.part = p.inks[white], 0.9
	if p.light < 0 {
		u -= 0.09
	}
	p.put(oval, u+0.045, v-0.05, 0.04, 0.04, 0)
	p.dip(skinInk, 0.28, none, 0, 0.9)
	p.put(curve, x, y-ry, rx, float32(0.6*ry), 0.03)
}

// brow paints the eyebrow at one side, of two pieces.
func (p *painter) brow(s float32) {
	x, y := p.at(float32(s*(p.apart-0.13)), p.eyeHeight-0.29-p.browUp-float32(0.17*p.browSlant), 1)
	u, v := p.at(float32(s*(p.apart+float32(0.15*p.narrow(s)))), p.eyeHeight-0.29-p.browUp+float32(0.14*p.browSlant), 0.95)
	mx, my := float32((x+u)*0.5), float32((y+v)*0.5)-0.03
	p.dip(browInk, 1, none, 0, 0.92)
	p.put(line, x, y, mx, my, p.browWeight)
	p.put(line, mx, my, u, v, float32(0.8*p.browWeight))
}

// hairline returns how far down the hair comes over the forehead.
func (p *painter) hairline(x float32) float32 {
	u := abs(x) / p.wide
	u2 := float32(u * u)
	u4 := float32(u2 * u2)
	switch p.style {
	case fringe, bob:
		return float32(0.035*wave(float32(2.3*x))) + float32(0.3*float32(u4*u2)) - 0.36
	case parted:
		t := float32(x*p.parting) + 0.28
		if t < 0 {
			return float32(2.2*float32(t*t)) - 0.68
		}
		return float32(0.5*float32(t*t)) + float32(0.12*t) - 0.68
	case long:
		return float32(1.15*float32(x*x)) - 0.66
	case curly:
		return float32(0.04*wave(float32(3*x))) + float32(0.45*u4) - 0.46
	case bun:
		return float32(0.45*u4) - 0.62
	}
	return float32(0.5*u4) - 0.52
}

func (p *painter) hairBefore() {
	if p.style == bald {
		return
	}
	p.dip(hairInk, 1, none, 0, 1)
	p.keep = hairs
	p.put(tuft, 0, 0, 0, 0, 0)
	if low := float32(0.42); p.style == long || p.style == bob {
		// It falls at both sides of the face.
		if p.style == long {
			low = 0.72
		}
		for _, s := range [2]float32{-1, 1} {
			p.put(bar, float32(s*(p.wide+0.04))-float32(0.05*p.yaw), float32((low-0.45)*0.5), 0.125, float32((low+0.45)*0.5), 0.1)
		}
	}
	// Light on it.
	p.dip(hairInk, 1, white, 0.6, 0.4)
	p.soft, p.clip = 2.5, hairs
	p.put(curve, float32(0.25*p.light), 0.17-p.tall, 0.34, 0.16, 0.05)
}

func (p *painter) spectacles() {
	if p.glasses == 0 {
		return
	}
	c := horn
	if p.blush > 0.6 {
		c = redHorn
	}
	kind, high := oval, float32(0.235)
	if p.glasses == squareGlasses {
		kind, high = bar, 0.19
	}
	var inner [2]float32
	for k, s := range [2]float32{-1, 1} {
		w := float32(0.235 * p.narrow(s))
		x, y := p.at(float32(s*p.apart), p.eyeHeight-0.01, 1)
		p.dip(white, 1, none, 0, 0.14)
		p.put(kind, x, y, w, high, 0.05)
		p.dip(c, 1, none, 0, 0.9)
		p.ring = 0.03
		p.put(kind, x, y, w, high, 0.05)
		inner[k] = x - float32(s*w)
		p.dip(c, 1, none, 0, 0.8)
		p.clip = bone
		p.put(line, x+float32(s*w), y-0.02, float32(s*p.wide), y, 0.025)
	}
	_, y := p.at(0, p.eyeHeight-0.03, 1)
	p.dip(c, 1, none, 0, 0.9)
	p.put(line, inner[0], y, inner[1], y, 0.025)
}

// brim returns how far down a hat comes.
func (p *painter) brim() float32 { return float32(0.05*p.pitch) - 0.46 }

// cap paints a knitted hat with a pompon.
func (p *painter) cap() {
	if p.hat == 0 {
		return
	}
	p.dip(hatInk, 1, white, 0.7, 1)
	p.put(oval, 0, -p.tall-0.22, 0.15, 0.15, 0)
	p.dip(hatInk, 1, none, 0, 1)
	p.put(knit, 0, 0, 0, 0, 0)
	p.dip(hatInk, 1, white, 0.35, 1)
	p.put(curve, 0, p.brim(), p.wide+0.02, 0.08, 0.11)
}
