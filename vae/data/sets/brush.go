package sets

// shapes that can be painted. Each has a place (x, y) and three numbers.
const (
	oval  = iota // an ellipse: half its width and height
	bar          // a rectangle: half its width and height, and the radius of its corners
	line         // a line with round ends: its other end, and half its thickness
	curve        // a stroke along a parabola: half its width, how far its ends are down, and half its thickness
	lens         // between two parabolas: half the width, how far the ends are down, and the height of the middle
	skull        // these are parts of a face: see painter
	tuft
	whiskers
	knit
)

// brush says how shapes are painted. They are given by the distance to their edge, negative inside.
type brush struct {
	ink     colour
	part    float32 // opacity
	soft    float32 // width of the edge in pixels, at least 1
	grow    float32 // shapes are larger by this, in units of the frame
	ring    float32 // only the edge is painted, this thick to both sides
	outside bool    // the outside of the shape is painted
	clip    int     // of the painter's masks: it is painted only where this is
	keep    int     // gets what shapes cover
	body    bool    // shapes are in the frame of the body
}

// The masks of a painter.
const (
	none  = iota
	bone  // the face without hair
	hairs // hair in front
	hold  // what a feature covers
	masks
)

// dip takes a colour of the face, lighter or darker, a part of the way to another; the rest is as usual. What is below it is
// hidden by part.
//
//go:noinline
func (p *painter) dip(colour int, light float32, other int, t, part float32) {
	p.brush = brush{ink: p.inks[colour].times(light).towards(p.inks[other], t), part: part, soft: 1}
}

// put paints a shape.
func (p *painter) put(kind int, x, y, a, b, c float32) {
	f := &p.head
	if p.body {
		f = &p.trunk
	}
	x0, y0, x1, y1 := f.pixels(p.area(kind, x, y, a, b, c, f.scale))
	// In WebAssembly local variables are faster than fields.
	clip, keep, clipped, kept := &p.masks[p.clip], &p.masks[p.keep], p.clip != none, p.keep != none
	red, green, blue := p.pixels[:side*side], p.pixels[side*side:2*side*side], p.pixels[2*side*side:3*side*side]
	colour, part, grow, ring, outside := p.ink, p.part, p.grow, p.ring, p.outside
	cos, sin, inverse, sharp := f.cos, f.sin, 1/f.scale, f.scale/p.soft
	flatter, thinner := 1/a, 1/b
	left, top := 0.5-f.x, 0.5-f.y
	for py := y0; py < y1; py++ {
		dy := float32((float32(py) + top) * inverse)
		for px := x0; px < x1; px++ {
			i := py*side + px
			if clipped && clip[i] == 0 {
				continue
			}
			dx := float32((float32(px) + left) * inverse)
			u, w := float32(cos*dx)+float32(sin*dy), float32(cos*dy)-float32(sin*dx)
			var d float32
			switch kind {
			case oval: // as ellipse does it; most shapes are ovals, and calls take time
				u, w = float32((u-x)*flatter), float32((w-y)*thinner)
				k := sqrt(float32(u*u) + float32(w*w))
				u, w = float32(u*flatter), float32(w*thinner)
				d = -lesser(a, b)
				if l := sqrt(float32(u*u) + float32(w*w)); l > 1e-6 {
					d = float32(k*(k-1)) / l
				}
			case bar:
				d = box(u-x, w-y, a, b, c)
			case line:
				d = stick(u, w, x, y, a, b, c)
			case curve:
				d = arc(u-x, w-y, a, b, c)
			case lens:
				d = betwixt(u-x, w-y, a, b, c)
			default:
				d = p.distance(kind, u, w)
			}
			d -= grow
			if ring > 0 {
				d = abs(d) - ring
			}
			if outside {
				d = -d
			}
			cover := 0.5 - float32(d*sharp)
			if cover <= 0 {
				continue
			}
			if cover > 1 {
				cover = 1
			}
			if clipped {
				cover = float32(cover * clip[i])
			}
			if kept && cover > keep[i] {
				keep[i] = cover
			}
			cover = float32(cover * part)
			red[i] += float32(cover * (colour[0] - red[i]))
			green[i] += float32(cover * (colour[1] - green[i]))
			blue[i] += float32(cover * (colour[2] - blue[i]))
		}
	}
}

// area returns where a shape may be.
func (p *painter) area(kind int, x, y, a, b, c, scale float32) (r area) {
	switch {
	case p.outside || kind >= skull:
		r = around(0, -0.1, p.wide+0.2, p.tall+0.3)
	case kind == line:
		r = area{lesser(x, a) - c, lesser(y, b) - c, greater(x, a) + c, greater(y, b) + c}
	case kind == curve:
		r = around(x, y, a+c, abs(b)+c)
	case kind == lens:
		r = around(x, y, a, abs(b)+c)
	default:
		r = around(x, y, a, b)
	}
	more := p.grow + p.ring + float32(0.5*p.soft)/scale
	return area{r.x0 - more, r.y0 - more, r.x1 + more, r.y1 + more}
}

// ellipse returns about the distance to an ellipse around a place.
func ellipse(x, y, rx, ry float32) float32 {
	u, v := x/rx, y/ry
	k := length(u, v)
	l := length(u/rx, v/ry)
	if l < 1e-6 {
		return -lesser(rx, ry)
	}
	return float32(k*(k-1)) / l
}

// box returns the distance to a rectangle around a place with round corners.
func box(x, y, hx, hy, round float32) float32 {
	dx, dy := abs(x)-hx+round, abs(y)-hy+round
	inside := lesser(greater(dx, dy), 0)
	return length(greater(dx, 0), greater(dy, 0)) + inside - round
}

// stick returns the distance to a line from a to b with round ends.
func stick(x, y, ax, ay, bx, by, r float32) float32 {
	x, y, bx, by = x-ax, y-ay, bx-ax, by-ay
	t := clamp01((float32(x*bx) + float32(y*by)) / (float32(bx*bx) + float32(by*by) + 1e-9))
	return length(x-float32(t*bx), y-float32(t*by)) - r
}

// arc returns about the distance to a stroke along the parabola y = bend (x/reach)^2 from -reach to reach, round at its ends.
func arc(x, y, reach, bend, r float32) float32 {
	if x = abs(x); x > reach {
		return length(x-reach, y-bend) - r
	}
	u := x / reach
	slope := float32(2*float32(bend*u)) / reach
	return abs(y-float32(bend*float32(u*u)))/sqrt(1+float32(slope*slope)) - r
}

// betwixt returns about the distance to what lies between the parabola of arc and another one through its ends that is lower
// by open in the middle.
func betwixt(x, y, reach, bend, open float32) float32 {
	u := x / reach
	u = float32(u * u)
	y -= float32(bend * u)
	return float32(0.85 * greater(greater(-y, y-float32(open*(1-u))), abs(x)-reach))
}
