package scene

import (
	"math"
	"strconv"
)

// AppendOutline appends the capsule's outline as a path in the language of SVG,
// clockwise, for a pad of the given side whose corner is at x, y: along the
// tangent from the first disc to the second, around that, back along the other
// tangent and around the first. All capsules go the same way around, so that a
// path of many covers what any of them covers.
func (c Capsule) AppendOutline(b []byte, x, y, side float64) []byte {
	x0, y0, r0 := x+float64(c.X0)*side, y+float64(c.Y0)*side, float64(c.R0)*side
	x1, y1, r1 := x+float64(c.X1)*side, y+float64(c.Y1)*side, float64(c.R1)*side
	length := math.Hypot(x1-x0, y1-y0)
	if length <= math.Abs(r0-r1) { // one disc lies within the other
		if r1 > r0 {
			x0, y0, r0 = x1, y1, r1
		}
		b = appendCommand(b, 'M', x0-r0, y0)
		b = appendArc(b, r0, false, x0+r0, y0)
		b = appendArc(b, r0, false, x0-r0, y0)
		return append(b, 'Z')
	}
	ux, uy := (x1-x0)/length, (y1-y0)/length
	along := (r0 - r1) / length
	across := math.Sqrt(1 - along*along)
	// The normals of the tangents: a on the left, looking along the capsule with y
	// down, and b on the right.
	ax, ay := along*ux+across*uy, along*uy-across*ux
	bx, by := along*ux-across*uy, along*uy+across*ux
	b = appendCommand(b, 'M', x0+r0*ax, y0+r0*ay)
	b = appendCommand(b, 'L', x1+r1*ax, y1+r1*ay)
	b = appendArc(b, r1, r1 > r0, x1+r1*bx, y1+r1*by)
	b = appendCommand(b, 'L', x0+r0*bx, y0+r0*by)
	b = appendArc(b, r0, r0 > r1, x0+r0*ax, y0+r0*ay)
	return append(b, 'Z')
}

// appendArc appends a clockwise arc of a circle, the longer of two if large.
func appendArc(b []byte, r float64, large bool, x, y float64) []byte {
	b = appendCommand(b, 'A', r, r)
	if large {
		b = append(b, " 0 1 1"...)
	} else {
		b = append(b, " 0 0 1"...)
	}
	return appendNumbers(b, x, y)
}

func appendCommand(b []byte, command byte, numbers ...float64) []byte {
	return appendNumbers(append(b, command), numbers...)
}

// appendNumbers writes at most four decimals: a half circle moves by the root of the
// error in the distance of its ends. A map has thousands of numbers in each frame, and
// whole ones are written several times as fast as strconv writes fractions.
func appendNumbers(b []byte, numbers ...float64) []byte {
	for _, v := range numbers {
		b = append(b, ' ')
		if !(math.Abs(v) < 1e9) {
			b = strconv.AppendFloat(b, v, 'f', 4, 64)
			continue
		}
		n := int64(math.Round(v * decimals))
		if n < 0 {
			b, n = append(b, '-'), -n
		}
		b = strconv.AppendInt(b, n/decimals, 10)
		rest := n % decimals
		if rest == 0 {
			continue
		}
		b = append(b, '.')
		for unit := int64(decimals / 10); rest > 0; unit /= 10 {
			b = append(b, byte('0'+rest/unit))
			rest %= unit
		}
	}
	return b
}

// decimals is ten to the power of how many there are.
const decimals = 10_000
