package sets

// ink is a colour: red, green and blue in [0,1], as a screen takes them.
type ink [3]float32

// towards returns the colour a part t of the way to another.
func (a ink) towards(b ink, t float32) ink {
	return ink{mix(a[0], b[0], t), mix(a[1], b[1], t), mix(a[2], b[2], t)}
}

// times returns the colour lighter or darker.
func (a ink) times(f float32) ink {
	return ink{clamp01(float32(a[0] * f)), clamp01(float32(a[1] * f)), clamp01(float32(a[2] * f))}
}

// rgb returns a colour given in bytes.
func rgb(hex uint32) ink {
	return ink{float32(hex>>16&255) / 255, float32(hex>>8&255) / 255, float32(hex&255) / 255}
}

// hsv returns a colour by hue (a circle from 0 to 1, from red by way of green and blue), saturation and value.
func hsv(h, s, v float32) ink {
	channel := func(shift float32) float32 {
		k := h + shift
		k = float32((k - floor(k)) * 6)
		t := clamp01(lesser(k, 4-k)) // 1 - how far the channel is down
		return float32(v * (1 - float32(s*t)))
	}
	return ink{channel(5.0 / 6), channel(3.0 / 6), channel(1.0 / 6)}
}

// side is the side of a canvas in pixels.
const side = 32

// mask is a part of each pixel of a canvas.
type mask [side * side]float32

// canvas is a picture that is painted: red, green and blue, plane by plane.
type canvas struct {
	pixels []float32
}

// frame is a place on a canvas: its own coordinates, turned and scaled.
type frame struct {
	x, y     float32 // of its origin, in pixels
	cos, sin float32 // of its turn
	scale    float32 // pixels to a unit
}

// area is a rectangle in a frame.
type area struct{ x0, y0, x1, y1 float32 }

// around returns the rectangle that goes so far to both sides of a place.
func around(x, y, rx, ry float32) area { return area{x - rx, y - ry, x + rx, y + ry} }

// brush says how a shape is painted.
type brush struct {
	ink  ink
	part float32 // how much of the colour below it hides; 0 means all
	clip *mask   // it is painted only where this is
	keep *mask   // gets what the shape covers
	soft float32 // width of the edge in pixels; 0 means one pixel
}

// fill paints a shape, given by the distance to its edge in units of the frame, negative inside, wherever it may be within
// the area.
func (c canvas) fill(f *frame, a area, b brush, shape func(x, y float32) float32) {
	x0, y0, x1, y1 := f.pixels(a)
	part := b.part
	if part == 0 {
		part = 1
	}
	sharp := f.scale
	if b.soft > 0 {
		sharp /= b.soft
	}
	inverse := 1 / f.scale
	r, g, bl := c.pixels[:side*side], c.pixels[side*side:2*side*side], c.pixels[2*side*side:3*side*side]
	for py := y0; py < y1; py++ {
		dy := float32(float32(py)+0.5-f.y) * inverse
		for px := x0; px < x1; px++ {
			i := py*side + px
			if b.clip != nil && b.clip[i] == 0 {
				continue
			}
			dx := float32(float32(px)+0.5-f.x) * inverse
			d := shape(float32(f.cos*dx)+float32(f.sin*dy), float32(f.cos*dy)-float32(f.sin*dx))
			cover := 0.5 - float32(d*sharp)
			if cover <= 0 {
				continue
			}
			if cover > 1 {
				cover = 1
			}
			if b.clip != nil {
				cover = float32(cover * b.clip[i])
			}
			if b.keep != nil && cover > b.keep[i] {
				b.keep[i] = cover
			}
			cover = float32(cover * part)
			r[i] += float32(cover * (b.ink[0] - r[i]))
			g[i] += float32(cover * (b.ink[1] - g[i]))
			bl[i] += float32(cover * (b.ink[2] - bl[i]))
		}
	}
}

// pixels returns the pixels that an area may touch.
func (f *frame) pixels(a area) (x0, y0, x1, y1 int) {
	mx, my := float32((a.x0+a.x1)/2), float32((a.y0+a.y1)/2)
	hx, hy := float32((a.x1-a.x0)/2), float32((a.y1-a.y0)/2)
	cos, sin := abs(f.cos), abs(f.sin)
	cx := f.x + float32(f.scale*(float32(f.cos*mx)-float32(f.sin*my)))
	cy := f.y + float32(f.scale*(float32(f.sin*mx)+float32(f.cos*my)))
	wx := float32(f.scale*(float32(cos*hx)+float32(sin*hy))) + 1
	wy := float32(f.scale*(float32(sin*hx)+float32(cos*hy))) + 1
	return onCanvas(cx - wx), onCanvas(cy - wy), onCanvas(cx + wx + 1), onCanvas(cy + wy + 1)
}

func onCanvas(v float32) int {
	if v <= 0 {
		return 0
	}
	if v >= side {
		return side
	}
	return int(v)
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
