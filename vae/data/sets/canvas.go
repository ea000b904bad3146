package sets

// colour is a colour: red, green and blue in [0,1], as a screen takes them.
type colour [3]float32

// Functions that are called in very many places are not inlined: that saves 20 kB of the engine.

// towards returns the colour a part t of the way to another.
//
//go:noinline
func (a colour) towards(b colour, t float32) colour {
	return colour{mix(a[0], b[0], t), mix(a[1], b[1], t), mix(a[2], b[2], t)}
}

// times returns the colour lighter or darker.
//
//go:noinline
func (a colour) times(f float32) colour {
	return colour{clamp01(float32(a[0] * f)), clamp01(float32(a[1] * f)), clamp01(float32(a[2] * f))}
}

// rgb returns a colour given in bytes.
//
//go:noinline
func rgb(hex uint32) colour {
	return colour{float32(hex>>16&255) / 255, float32(hex>>8&255) / 255, float32(hex&255) / 255}
}

// hsv returns a colour by hue (a circle from 0 to 1, from red by way of green and blue), saturation and value.
func hsv(h, s, v float32) colour {
	channel := func(shift float32) float32 {
		k := h + shift
		k = float32((k - floor(k)) * 6)
		t := clamp01(lesser(k, 4-k)) // 1 - how far the channel is down
		return float32(v * (1 - float32(s*t)))
	}
	return colour{channel(5.0 / 6), channel(3.0 / 6), channel(1.0 / 6)}
}

// side is the side of a canvas in pixels.
const side = 32

// mask is a part of each pixel of a canvas.
type mask [side * side]float32

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
