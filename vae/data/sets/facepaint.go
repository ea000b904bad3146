package sets

// The painting of a face. The head's frame has its origin between the ears, x to the right, y down, and 12 pixels to a unit
// or so; a feature is given for a head that looks straight out and moves with its depth when the head turns.

// painter paints one face.
type painter struct {
	*face
	canvas
	head  frame
	body  frame
	skull mask // the face without hair
	hairs mask // hair in front
}

func (f *face) paint(c canvas) {
	p := painter{face: f, canvas: c}
	sin := wave(f.tilt / tau)
	cos := sqrt(1 - float32(sin*sin))
	p.body = frame{x: f.x, y: f.y, cos: 1, scale: f.size}
	// The head is laid over around a point in the neck.
	const neck = 0.7
	p.head = frame{
		x: f.x + float32(float32(neck*f.size)*sin), y: f.y + float32(float32(neck*f.size)*(1-cos)),
		cos: cos, sin: sin, scale: f.size,
	}
	p.ground()
	p.hairBehind()
	p.shoulders()
	p.ears()
	p.skin()
	p.beardUnderMouth()
	p.nostrils()
	p.mouths()
	p.look()
	p.hairBefore()
	p.brows()
	p.spectacles()
	p.cap()
}

const tau = 6.2831853

// at returns where a feature at (u, v) of the given depth is seen, 0 at the ears and 1 at the eyes.
func (p *painter) at(u, v, depth float32) (x, y float32) {
	x = float32(u*(1-float32(0.1*float32(p.yaw*p.yaw)))) + float32(0.2*float32(depth*p.yaw))
	return x, v + float32(0.1*float32(depth*p.pitch))
}

// narrow returns how wide a feature to one side of the middle, -1 or 1, looks: less where the head turns it away.
func (p *painter) narrow(side float32) float32 { return 1 - float32(0.2*float32(p.yaw*side)) }

// ground paints the background: a colour that is lighter above, and a soft round light.
func (p *painter) ground() {
	c := p.groundInk
	for y := range side {
		f := 1.05 - float32(0.14*float32(float32(y)/side))
		row := c.times(f)
		for x := range side {
			i := y*side + x
			for k := range 3 {
				p.pixels[k*side*side+i] = row[k]
			}
		}
	}
	p.fill(&p.body, around(0, -0.1, 1.2, 1.2), brush{ink: c.towards(ink{1, 1, 1}, 0.5), part: 0.5, soft: 10},
		func(x, y float32) float32 { return length(x, y+0.1) - 0.9 })
}

func (p *painter) hairBehind() {
	b := brush{ink: p.hairInk.times(0.78)}
	shift := float32(-0.06 * p.yaw)
	switch p.style {
	case long:
		w := p.wide + 0.16
		p.fill(&p.head, around(shift, 0.2, w, 1.1), b, func(x, y float32) float32 { return box(x-shift, y-0.2, w, 1.1, 0.62) })
	case bob:
		w := p.wide + 0.19
		p.fill(&p.head, around(shift, -0.1, w, 0.86), b, func(x, y float32) float32 { return box(x-shift, y+0.1, w, 0.86, 0.5) })
	case curly:
		p.curls(b)
	case bun:
		if p.hat == beanie {
			return
		}
		y0 := -p.tall - 0.12
		p.fill(&p.head, around(shift, y0, 0.3, 0.3), b, func(x, y float32) float32 { return length(x-shift, y-y0) - 0.29 })
	}
}

// curls paints a crown of round locks.
func (p *painter) curls(b brush) {
	const locks = 9
	for k := range locks {
		// From one ear over the top to the other.
		t := float32(k)/(locks-1) - 0.5
		cx, cy := float32((p.wide+0.12)*wave(float32(t*0.6))), -0.08-float32((p.tall+0.02)*wave(float32(t*0.6)+0.25))
		r := 0.27 + float32(0.04*wave(float32(float32(k)*0.37)+p.lip))
		if p.hat == beanie && cy < -0.4 {
			continue
		}
		p.fill(&p.head, around(cx, cy, r, r), b, func(x, y float32) float32 { return length(x-cx, y-cy) - r })
	}
}

func (p *painter) shoulders() {
	shade := p.skinInk.times(0.8)
	p.fill(&p.body, around(0, 0.85, 0.27, 0.4), brush{ink: shade}, func(x, y float32) float32 { return box(x, y-0.85, 0.27, 0.4, 0.1) })
	var cloth mask
	p.fill(&p.body, around(0, 1.75, 1.25, 0.8), brush{ink: p.clothInk, keep: &cloth},
		func(x, y float32) float32 { return ellipse(x, y-1.75, 1.25, 0.8) })
	switch p.cloth {
	case 1: // a stripe
		p.fill(&p.body, around(0, 1.3, 1.3, 0.12), brush{ink: p.clothInk.towards(ink{1, 1, 1}, 0.55), clip: &cloth},
			func(_, y float32) float32 { return abs(y-1.27) - 0.07 })
	case 2: // a collar
		p.fill(&p.body, around(0, 0.98, 0.46, 0.3), brush{ink: p.clothInk.towards(ink{1, 1, 1}, 0.65), clip: &cloth},
			func(x, y float32) float32 { return ellipse(x, y-0.95, 0.45, 0.27) })
	}
	p.fill(&p.body, around(0, 0.95, 0.3, 0.2), brush{ink: shade}, func(x, y float32) float32 { return ellipse(x, y-0.95, 0.28, 0.18) })
}

func (p *painter) ears() {
	for _, s := range [2]float32{-1, 1} {
		x0 := float32(s*(p.wide+0.01)) - float32(0.1*p.yaw)
		c := p.skinInk.times(0.92)
		p.fill(&p.head, around(x0, 0.04, 0.13, 0.19), brush{ink: c}, func(x, y float32) float32 { return ellipse(x-x0, y-0.04, 0.12, 0.18) })
		p.fill(&p.head, around(x0, 0.05, 0.07, 0.1), brush{ink: p.skinInk.times(0.74), part: 0.7},
			func(x, y float32) float32 { return ellipse(x-x0, y-0.05, 0.05, 0.1) })
	}
}

// outline returns the distance to the edge of the face, larger by some margin.
func (p *painter) outline(x, y, margin float32) float32 {
	return ellipse(x/(1-float32(p.jaw*smooth(-0.1, 0.95, y))), y, p.wide+margin, p.tall+margin)
}

func (p *painter) skin() {
	whole := around(0, 0, p.wide+0.1, p.tall+0.1)
	p.fill(&p.head, whole, brush{ink: p.skinInk, keep: &p.skull}, func(x, y float32) float32 { return p.outline(x, y, 0) })
	// Away from the light the skin is darker and warmer; towards it a little lighter.
	dark := p.skinInk.times(0.7).towards(rgb(0x8a3a2a), 0.12)
	shift := float32(0.22 * p.light)
	p.fill(&p.head, whole, brush{ink: dark, part: 0.75, soft: 5, clip: &p.skull},
		func(x, y float32) float32 { return -ellipse(x-shift, y+0.14, p.wide+0.04, p.tall+0.12) })
	p.fill(&p.head, whole, brush{ink: p.skinInk.towards(ink{1, 0.97, 0.9}, 0.4), part: 0.5, soft: 6, clip: &p.skull},
		func(x, y float32) float32 { return ellipse(x-float32(1.3*shift), y+0.3, 0.3, 0.32) })
	blush := 0.1 + float32(0.25*p.blush)
	if p.expression == happy || p.expression == laughing {
		blush += 0.15
	}
	for _, s := range [2]float32{-1, 1} {
		x0, y0 := p.at(float32(s*0.41), 0.24, 0.75)
		p.fill(&p.head, around(x0, y0, 0.3, 0.25), brush{ink: rgb(0xe0605a), part: blush, soft: 3, clip: &p.skull},
			func(x, y float32) float32 { return ellipse(x-x0, y-y0, 0.16, 0.11) })
		if p.freckles == 0 {
			continue
		}
		for k := range 3 {
			fx, fy := x0+float32(0.11*(float32(k)-1)), y0-0.03+float32(0.06*float32(k&1))
			p.fill(&p.head, around(fx, fy, 0.05, 0.05), brush{ink: p.skinInk.times(0.55), part: p.freckles, clip: &p.skull},
				func(x, y float32) float32 { return length(x-fx, y-fy) - 0.025 })
		}
	}
}

func (p *painter) nostrils() {
	x0, y0 := p.at(0, 0.21, 1.35)
	c := p.skinInk.times(0.66)
	w := 0.05 + float32(0.6*p.nose)
	p.fill(&p.head, around(x0, y0, w, 0.06), brush{ink: c, part: 0.8}, func(x, y float32) float32 { return ellipse(x-x0, y-y0, w, 0.045) })
	// The shadow of its ridge, away from the light or the turn.
	s := float32(-0.045)
	if p.light+float32(2*p.yaw) < 0 {
		s = 0.045
	}
	tx, ty := p.at(0, -0.02, 0.9)
	p.fill(&p.head, area{lesser(tx, x0) - 0.12, ty - 0.05, greater(tx, x0) + 0.12, y0 + 0.05}, brush{ink: c, part: 0.4},
		func(x, y float32) float32 { return stick(x, y, tx+s, ty, x0+s, y0-0.02, 0.025) })
	p.fill(&p.head, around(x0, y0-0.07, 0.08, 0.08), brush{ink: p.skinInk.towards(ink{1, 1, 1}, 0.5), part: 0.5},
		func(x, y float32) float32 { return length(x-x0, y-y0+0.07) - 0.04 })
}

func (p *painter) mouths() {
	x0, y0 := p.at(0, 0.47, 1)
	lip := p.skinInk.times(0.55).towards(rgb(0xa02838), 0.35)
	w := p.mouthWide
	bend := float32(-0.17 * p.smile) // the corners are up for a smile
	y0 -= float32(0.45 * bend)
	inside := rgb(0x6b1a22)
	switch {
	case p.expression == surprised:
		ry := 0.07 + float32(0.12*p.mouth)
		p.fill(&p.head, around(x0, y0, w+0.06, ry+0.06), brush{ink: lip}, func(x, y float32) float32 { return ellipse(x-x0, y-y0, w+0.035, ry+0.035) })
		p.fill(&p.head, around(x0, y0, w, ry), brush{ink: inside}, func(x, y float32) float32 { return ellipse(x-x0, y-y0, w-0.02, ry-0.015) })
	case p.mouth > 0:
		open := float32(0.34 * p.mouth)
		y0 -= float32(0.3 * open)
		gap := func(x, y, more float32) float32 { // the mouth between two parabolas
			u := float32((x - x0) / (w + more))
			u = float32(u * u)
			top := y0 + float32(bend*u) - more
			low := y0 + float32(bend*u) + float32((open+float32(2*more))*(1-u)) - more
			return float32(greater(greater(top-y, y-low), abs(x-x0)-w-more) * 0.85)
		}
		var hollow mask
		a := around(x0, y0+0.1, w+0.08, 0.4)
		p.fill(&p.head, a, brush{ink: lip}, func(x, y float32) float32 { return gap(x, y, 0.035) })
		p.fill(&p.head, a, brush{ink: inside, keep: &hollow}, func(x, y float32) float32 { return gap(x, y, 0) })
		teeth := float32(0.38 * open)
		if p.expression == angry {
			teeth = open
		}
		p.fill(&p.head, a, brush{ink: rgb(0xfbf6ee), clip: &hollow}, func(x, y float32) float32 {
			u := float32((x - x0) / w)
			return y - y0 - float32(bend*float32(u*u)) - teeth
		})
		if p.expression != angry && p.mouth > 0.5 {
			p.fill(&p.head, a, brush{ink: rgb(0xe0707a), clip: &hollow}, func(x, y float32) float32 { return ellipse(x-x0, y-y0-open, float32(0.6*w), float32(0.3*open)) })
		}
	default:
		if p.lip > 0.35 {
			p.fill(&p.head, around(x0, y0+0.05, w, 0.12), brush{ink: lip.towards(rgb(0xd06068), 0.5), part: float32(0.7 * p.lip), clip: &p.skull},
				func(x, y float32) float32 { return ellipse(x-x0, y-y0-0.045, float32(0.55*w), 0.06) })
		}
		p.fill(&p.head, around(x0, y0, w+0.06, abs(bend)+0.06), brush{ink: lip}, func(x, y float32) float32 { return arc(x-x0, y-y0, w, bend, 0.036) })
	}
}

func (p *painter) beardUnderMouth() {
	b := brush{ink: p.hairInk.times(0.85), part: 0.92}
	x0, y0 := p.at(0, 0.47, 1)
	if p.beard == fullBeard {
		p.fill(&p.head, area{-p.wide - 0.1, -0.1, p.wide + 0.1, p.tall + 0.15}, b, func(x, y float32) float32 {
			u := float32((x - float32(0.5*x0)) / p.wide)
			top := 0.34 - float32(0.42*float32(u*u))
			return greater(greater(p.outline(x, y, 0.05), top-y), -ellipse(x-x0, y-y0, p.mouthWide+0.02, 0.11))
		})
	}
	if p.beard != 0 {
		y0 -= 0.15
		p.fill(&p.head, around(x0, y0, 0.36, 0.2), b, func(x, y float32) float32 { return arc(x-x0, y-y0, 0.24, 0.06, 0.05) })
	}
}

// look paints the eyes.
func (p *painter) look() {
	dark := p.skinInk.times(0.28)
	for _, s := range [2]float32{-1, 1} {
		n := p.narrow(s)
		x0, y0 := p.at(float32(s*p.apart), -0.03+p.eyeHeight, 1)
		rx, ry := float32(float32(0.165*p.eyeSize)*n), float32(float32(0.165*p.eyeSize)*p.eyeOpen)
		if p.eyeOpen == 0 {
			p.fill(&p.head, around(x0, y0, rx+0.05, 0.15), brush{ink: dark}, func(x, y float32) float32 { return arc(x-x0, y-y0+0.04, rx, 0.09, 0.04) })
			continue
		}
		var ball mask
		p.fill(&p.head, around(x0, y0, rx, ry), brush{ink: rgb(0xfdfcf8), keep: &ball}, func(x, y float32) float32 { return ellipse(x-x0, y-y0, rx, ry) })
		r := float32(0.115 * p.eyeSize)
		ix, iy := x0+float32(0.04*p.gazeX)+float32(0.02*p.yaw), y0+float32(0.035*p.gazeY)+0.01
		p.fill(&p.head, around(ix, iy, r, r), brush{ink: p.eyeInk, clip: &ball}, func(x, y float32) float32 { return ellipse(x-ix, y-iy, float32(r*n), r) })
		pupil := float32(0.55 * r)
		p.fill(&p.head, around(ix, iy, pupil, pupil), brush{ink: rgb(0x16100e), clip: &ball}, func(x, y float32) float32 { return length(x-ix, y-iy) - pupil })
		hx, hy := ix+0.045, iy-0.05
		if p.light < 0 {
			hx = ix - 0.045
		}
		p.fill(&p.head, around(hx, hy, 0.05, 0.05), brush{ink: ink{1, 1, 1}, part: 0.9, clip: &ball}, func(x, y float32) float32 { return length(x-hx, y-hy) - 0.04 })
		lid := y0 - ry
		p.fill(&p.head, around(x0, lid, rx+0.06, 0.14), brush{ink: dark, part: 0.9}, func(x, y float32) float32 { return arc(x-x0, y-lid, rx, float32(0.6*ry), 0.03) })
	}
}

func (p *painter) brows() {
	for _, s := range [2]float32{-1, 1} {
		n := p.narrow(s)
		ix, iy := p.at(float32(s*(p.apart-0.13)), -0.29-p.browUp-float32(0.17*p.browSlant)+p.eyeHeight, 1)
		ox, oy := p.at(float32(s*(p.apart+float32(0.15*n))), -0.29-p.browUp+float32(0.14*p.browSlant)+p.eyeHeight, 0.95)
		a := area{lesser(ix, ox) - 0.1, lesser(iy, oy) - 0.15, greater(ix, ox) + 0.1, greater(iy, oy) + 0.1}
		mx, my := float32((ix+ox)/2), float32((iy+oy)/2)-0.03
		p.fill(&p.head, a, brush{ink: p.browInk, part: 0.92}, func(x, y float32) float32 {
			return lesser(stick(x, y, ix, iy, mx, my, p.browWeight), stick(x, y, mx, my, ox, oy, float32(0.8*p.browWeight)))
		})
	}
}

// hairline returns how far down the hair comes over the forehead.
func (p *painter) hairline(x float32) float32 {
	u := abs(x) / p.wide
	u2 := float32(u * u)
	u4 := float32(u2 * u2)
	switch p.style {
	case fringe, bob:
		return -0.36 + float32(0.035*wave(float32(2.3*x))) + float32(0.3*float32(u4*u2))
	case parted:
		t := float32(x*p.part) + 0.28
		if t < 0 {
			return -0.68 + float32(2.2*float32(t*t))
		}
		return -0.68 + float32(0.5*float32(t*t)) + float32(0.12*t)
	case long:
		return -0.66 + float32(1.15*float32(x*x))
	case curly:
		return -0.46 + float32(0.04*wave(float32(3*x))) + float32(0.45*u4)
	case bun:
		return -0.62 + float32(0.45*u4)
	}
	return -0.52 + float32(0.5*u4)
}

func (p *painter) hairBefore() {
	if p.style == bald {
		return
	}
	dx, dy := float32(0.12*p.yaw), float32(0.05*p.pitch)
	spikes := float32(0)
	if p.style == spiky && p.hat != beanie {
		spikes = 0.2
	}
	thick := float32(0.07)
	switch p.style {
	case bun:
		thick = 0.03
	case curly:
		thick = 0.1
	}
	a := around(0, -0.2, p.wide+0.3, p.tall+0.35)
	p.fill(&p.head, a, brush{ink: p.hairInk, keep: &p.hairs}, func(x, y float32) float32 {
		d := ellipse(x, y+0.04, p.wide+thick, p.tall+thick)
		if spikes > 0 && y < -0.35 && abs(x) < p.wide {
			t := float32(2.4*x) + p.lip
			t = abs(t-floor(t)-0.5) * 2 // teeth of a saw
			d -= float32(spikes * t)
		}
		return greater(d, y-dy-p.hairline(x-dx))
	})
	switch p.style {
	case long:
		p.curtains(0.72)
	case bob:
		p.curtains(0.42)
	}
	// Light on the hair.
	at := float32(0.25 * p.light)
	p.fill(&p.head, around(at, -p.tall+0.2, 0.5, 0.4), brush{ink: p.hairInk.towards(ink{1, 1, 1}, 0.6), part: 0.4, soft: 2.5, clip: &p.hairs},
		func(x, y float32) float32 { return arc(x-at, y+p.tall-0.17, 0.34, 0.16, 0.05) })
}

// curtains paints the hair that falls at both sides of the face, down to some height.
func (p *painter) curtains(low float32) {
	for _, s := range [2]float32{-1, 1} {
		x0 := float32(s*(p.wide+0.04)) - float32(0.05*p.yaw)
		mid, half := float32((low-0.45)/2), float32((low+0.45)/2)
		p.fill(&p.head, around(x0, mid, 0.14, half), brush{ink: p.hairInk, keep: &p.hairs},
			func(x, y float32) float32 { return box(x-x0, y-mid, 0.125, half, 0.1) })
	}
}

func (p *painter) spectacles() {
	if p.glasses == 0 {
		return
	}
	c := rgb(0x2e2a33)
	if p.blush > 0.6 {
		c = rgb(0x8a2f2a)
	}
	const r = 0.235
	var inner, outer [2]float32
	for k, s := range [2]float32{-1, 1} {
		n := p.narrow(s)
		x0, y0 := p.at(float32(s*p.apart), -0.01+p.eyeHeight, 1)
		shape := func(x, y float32) float32 { return ellipse(x-x0, y-y0, float32(r*n), r) }
		if p.glasses == squareGlasses {
			shape = func(x, y float32) float32 { return box(x-x0, y-y0, float32(r*n), 0.19, 0.05) }
		}
		a := around(x0, y0, r+0.05, r+0.05)
		p.fill(&p.head, a, brush{ink: ink{0.9, 0.96, 1}, part: 0.14}, shape)
		p.fill(&p.head, a, brush{ink: c, part: 0.9}, func(x, y float32) float32 { return abs(shape(x, y)) - 0.03 })
		inner[k], outer[k] = x0-float32(float32(s*r)*n), x0+float32(float32(s*r)*n)
	}
	_, y0 := p.at(0, -0.03+p.eyeHeight, 1)
	p.fill(&p.head, area{inner[0], y0 - 0.1, inner[1], y0 + 0.1}, brush{ink: c, part: 0.9},
		func(x, y float32) float32 { return stick(x, y, inner[0], y0, inner[1], y0, 0.025) })
	for k, s := range [2]float32{-1, 1} {
		ear := float32(s * p.wide)
		p.fill(&p.head, area{lesser(ear, outer[k]), y0 - 0.1, greater(ear, outer[k]), y0 + 0.1}, brush{ink: c, part: 0.8, clip: &p.skull},
			func(x, y float32) float32 { return stick(x, y, outer[k], y0, ear, y0+0.02, 0.025) })
	}
}

// cap paints a knitted hat.
func (p *painter) cap() {
	if p.hat != beanie {
		return
	}
	dy := float32(0.05 * p.pitch)
	edge := -0.46 + dy
	p.fill(&p.head, around(0, -p.tall-0.26, 0.2, 0.2), brush{ink: p.hatInk.towards(ink{1, 1, 1}, 0.7)},
		func(x, y float32) float32 { return length(x, y+p.tall+0.22) - 0.15 })
	p.fill(&p.head, around(0, -0.5, p.wide+0.15, p.tall), brush{ink: p.hatInk},
		func(x, y float32) float32 { return greater(ellipse(x, y+0.06, p.wide+0.1, p.tall+0.13), y-edge) })
	p.fill(&p.head, around(0, edge, p.wide+0.12, 0.13), brush{ink: p.hatInk.towards(ink{1, 1, 1}, 0.35)},
		func(x, y float32) float32 { return box(x, y-edge-float32(0.12*float32(x*x)), p.wide+0.06, 0.11, 0.08) })
}
