package sets

import "inkdrift/vae/compute"

// grain turns and scales places, so that 1 is the period of a pattern.
type grain struct {
	cos, sin, inverse float32
	dx, dy            float32
}

func newGrain(t *texture) grain {
	return grain{
		cos: wave(t.angle + 0.25), sin: wave(t.angle), inverse: 1 / t.period,
		dx: t.random.between(0, 8), dy: t.random.between(0, 8),
	}
}

func (g *grain) turn(x, y float32) (u, v float32) {
	u = float32((float32(g.cos*x)+float32(g.sin*y))*g.inverse) + g.dx
	v = float32((float32(g.cos*y)-float32(g.sin*x))*g.inverse) + g.dy
	return u, v
}

// hash returns a number in [0,1) for each cell of a grid.
func hash(key compute.Key, x, y int32) float32 {
	return float32(key.Word(uint32(x)*0x9e3779b1^uint32(y)*0x85ebca77+uint32(y))>>8) * (1.0 / (1 << 24))
}

// gabor is sparse noise of wave packets, after Lagae et al. (Procedural noise using sparse Gabor convolution, 2009): cosines
// under a Gaussian, all of nearly one frequency and direction.
type gabor struct {
	packets [16]packet
	n       int
	gain    float32
}

// packet is one of them.
type packet struct{ x, y, fx, fy, phase, width, sign float32 }

func (p *gabor) set(t *texture) {
	spread := [3]float32{0.01, 0.05, 0.25}[t.variant] // of the direction, in turns
	width := t.period * t.random.between(0.8, 1.3)
	p.n = 9
	if width < 6 {
		p.n = len(p.packets)
	}
	for k := range p.packets[:p.n] {
		a := t.angle + t.random.middling(-spread, spread)
		f := t.random.between(0.9, 1.1) / t.period
		q := &p.packets[k]
		// On a grid of 3 x 3 or 4 x 4, jittered, so that no part of the picture stays empty.
		rows := 3
		if p.n == 16 {
			rows = 4
		}
		cell := 32 / float32(rows)
		q.x = float32(cell*(float32(k%rows)+t.random.unit())) - 16
		q.y = float32(cell*(float32(k/rows)+t.random.unit())) - 16
		q.fx, q.fy = float32(f*wave(a+0.25)), float32(f*wave(a))
		q.phase = t.random.unit()
		q.width = 1 / float32(width*width)
		q.sign = t.random.between(0.7, 1.2)
	}
	p.gain = 0.55
}

func (p *gabor) at(x, y float32) spot {
	var sum float32
	for k := range p.packets[:p.n] {
		q := &p.packets[k]
		dx, dy := x-q.x, y-q.y
		r := float32((float32(dx*dx) + float32(dy*dy)) * q.width)
		if r > 4 {
			continue
		}
		// (1 - r/4)^4 is near a Gaussian, and 0 at a distance of two widths.
		e := 1 - float32(0.25*r)
		e = float32(e * e)
		sum += float32(float32(q.sign*float32(e*e)) * wave(float32(q.fx*dx)+float32(q.fy*dy)+q.phase))
	}
	v := clamp01(0.5 + float32(p.gain*sum))
	return spot{v, v, 1}
}

// worley is cellular noise: S. Worley, A cellular texture basis function, 1996.
type worley struct {
	grain
	key     compute.Key
	variant int
	stretch float32
}

func (p *worley) set(t *texture) {
	p.grain = newGrain(t)
	p.inverse *= 0.9
	p.key = compute.NewKey(uint64(t.random.key.A), uint64(t.random.key.B), 1)
	p.variant = t.variant
	p.stretch = t.random.between(0.65, 1)
}

func (p *worley) at(x, y float32) spot {
	u, v := p.turn(x, y)
	u = float32(u * p.stretch)
	cx, cy := int32(floor(u)), int32(floor(v))
	first, second := float32(9), float32(9)
	var id float32
	for j := cy - 1; j <= cy+1; j++ {
		for i := cx - 1; i <= cx+1; i++ {
			w := p.key.Word(uint32(i)*0x9e3779b1 ^ uint32(j)*0x85ebca77)
			dx := float32(i) + float32(float32(w&0xffff)*(1.0/65536)) - u
			dy := float32(j) + float32(float32(w>>16)*(1.0/65536)) - v
			d := float32(dx*dx) + float32(dy*dy)
			if d < first {
				first, second = d, first
				id = float32(w>>11&0xff) * (1.0 / 255)
			} else if d < second {
				second = d
			}
		}
	}
	near, far := sqrt(first), sqrt(second)
	edge := smooth(0.02, 0.22, far-near)
	switch p.variant {
	case 0: // pebbles
		v := clamp01(1.05 - float32(1.15*near))
		v = float32(v * (0.25 + float32(0.75*edge)))
		return spot{v, id, 0.35 + float32(0.75*v)}
	case 1: // cracks
		v := clamp01(float32(1.5 * (far - near)))
		return spot{v, v, 1}
	}
	// A mosaic.
	v = float32(edge * (0.3 + float32(0.7*id)))
	return spot{v, id, 0.3 + float32(0.7*edge)}
}

// noise is value noise: random numbers on a grid, smoothly between, at three scales.
type noise struct {
	grain
	key     compute.Key
	variant int
	stretch float32
}

func (p *noise) set(t *texture) {
	p.grain = newGrain(t)
	p.key = compute.NewKey(uint64(t.random.key.A), uint64(t.random.key.B), 2)
	p.variant = t.variant
	p.stretch = t.random.between(0.3, 1) // along its grain it changes less
}

func (p *noise) at(x, y float32) spot {
	u, v := p.turn(x, y)
	v = float32(v * p.stretch)
	n := float32(0.57*lattice(p.key, u, v)) + float32(0.28*lattice(p.key, float32(2.1*u)+17, float32(2.1*v)+31)) +
		float32(0.15*lattice(p.key, float32(4.3*u)+59, float32(4.3*v)+83))
	switch p.variant {
	case 0: // clouds
		n = smooth(0.15, 0.85, n)
	case 1: // veins
		n = clamp01(float32(4 * abs(n-0.5)))
	default: // marble
		n = 0.5 + float32(0.5*wave(float32(0.5*u)+float32(1.6*n)))
	}
	return spot{n, n, 1}
}

// lattice returns smooth noise in [0,1].
func lattice(key compute.Key, x, y float32) float32 {
	fx, fy := floor(x), floor(y)
	i, j := int32(fx), int32(fy)
	u, v := x-fx, y-fy
	u = float32(float32(u*u) * (3 - float32(2*u)))
	v = float32(float32(v*v) * (3 - float32(2*v)))
	return mix(mix(hash(key, i, j), hash(key, i+1, j), u), mix(hash(key, i, j+1), hash(key, i+1, j+1), u), v)
}

// bricks are laid in rows.
type bricks struct {
	grain
	key           compute.Key
	shift         float32 // of each row
	wide, joint   float32
	round, mortar float32
	rough         float32
}

func (p *bricks) set(t *texture) {
	p.grain = newGrain(t)
	p.inverse *= 0.9
	p.key = compute.NewKey(uint64(t.random.key.A), uint64(t.random.key.B), 3)
	p.shift = [3]float32{0.5, 0, 0.33}[t.variant]
	p.wide = t.random.between(1.6, 2.4)
	if t.variant == 1 { // tiles
		p.wide = t.random.between(1, 1.4)
	}
	p.joint = t.random.between(0.07, 0.13)
	p.round = t.random.between(0, 0.15)
	p.mortar = t.random.between(0.75, 1)
	if t.random.chance(0.5) {
		p.mortar = t.random.between(0, 0.2)
	}
	p.rough = t.random.between(0, 0.3)
}

func (p *bricks) at(x, y float32) spot {
	u, v := p.turn(x, y)
	row := floor(v)
	along := u/p.wide + float32(p.shift*row)
	col := floor(along)
	// From the middle of the brick, in heights of a row.
	dx, dy := float32((along-col-0.5)*p.wide), v-row-0.5
	d := box(dx, dy, float32(0.5*p.wide)-p.joint, 0.5-p.joint, p.round)
	cover := clamp01(0.5 - d/p.inverse)
	tone := 0.35 + float32(0.4*hash(p.key, int32(col), int32(row)))
	tone += float32(p.rough * (lattice(p.key, float32(5*u), float32(5*v)) - 0.5))
	tone -= float32(0.12 * clamp01(dy+0.2)) // light from above
	return spot{mix(p.mortar, tone, cover), float32((1 - cover) * p.mortar), mix(0.55+float32(0.45*p.mortar), 0.55+float32(0.8*tone), cover)}
}

// weave is cloth: threads that go over and under each other, plain, twill or basket.
type weave struct {
	grain
	key     compute.Key
	variant int
	gap     float32
	wefts   float32 // light of the threads across
}

func (p *weave) set(t *texture) {
	p.grain = newGrain(t)
	p.inverse *= 1.4
	p.key = compute.NewKey(uint64(t.random.key.A), uint64(t.random.key.B), 4)
	p.variant = t.variant
	p.gap = t.random.between(0.42, 0.48)
	p.wefts = t.random.between(0.55, 1)
}

func (p *weave) at(x, y float32) spot {
	u, v := p.turn(x, y)
	fi, fj := floor(u), floor(v)
	i, j := int32(fi), int32(fj)
	du, dv := u-fi-0.5, v-fj-0.5
	var warp bool // the thread that runs down is above
	reach := float32(1)
	switch p.variant {
	case 0:
		warp = (i+j)&1 == 0
	case 1:
		warp = (i+j)&3 < 2
		reach = 0.6
	default:
		warp = (i>>1+j>>1)&1 == 0
		reach = 0.6
	}
	across, along, thread := du, dv, i
	if !warp {
		across, along, thread = dv, du, j
	}
	// Round across, and sinking at both ends.
	bow := clamp01(1 - float32(float32(across*across)*4.2))
	sink := 1 - float32(reach*float32(1.6*float32(along*along)))
	cover := clamp01(0.5 + (p.gap-abs(across))/p.inverse)
	tone := float32(float32(sqrt(bow)*sink) * (0.85 + float32(0.3*hash(p.key, thread, int32(boolTo(warp))))))
	light, blend := tone, float32(0)
	if !warp {
		light, blend = float32(tone*p.wefts), 1
	}
	return spot{clamp01(float32(light * cover)), blend, 0.2 + float32(0.85*float32(tone*cover))}
}

func boolTo(b bool) int {
	if b {
		return 1
	}
	return 0
}

// stripes are waves, bars or ramps, and not always straight.
type stripes struct {
	grain
	key     compute.Key
	variant int
	duty    float32
	bend    float32
}

func (p *stripes) set(t *texture) {
	p.grain = newGrain(t)
	p.key = compute.NewKey(uint64(t.random.key.A), uint64(t.random.key.B), 5)
	p.variant = t.variant
	p.duty = t.random.between(0.3, 0.7)
	p.bend = 0
	if t.random.chance(0.4) {
		p.bend = t.random.between(0.3, 1)
	}
}

func (p *stripes) at(x, y float32) spot {
	u, v := p.turn(x, y)
	if p.bend > 0 {
		u += float32(p.bend * lattice(p.key, float32(0.4*u), float32(0.4*v)))
	}
	phase := u - floor(u)
	var n float32
	switch p.variant {
	case 0:
		n = 0.5 + float32(0.5*wave(phase))
	case 1: // bars, with edges as wide as a pixel
		d := lesser(abs(phase-0.5), 1) - float32(0.5*p.duty)
		n = clamp01(0.5 - d/p.inverse)
	default: // ramps
		n = phase
		if fall := (1 - phase) / p.inverse; fall < 1 {
			n = float32(phase * fall)
		}
	}
	return spot{n, n, 1}
}
