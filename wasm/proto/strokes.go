package proto

import (
	"encoding/binary"
	"math"
)

// Limits of a drawing.
const (
	MaxPoints   = 20_000 // in all strokes together
	MaxWidth    = 4      // brush diameter in pad units
	MaxCoord    = 256    // how far outside of the pad a captured pointer may be
	MaxPressure = 8      // factor on the width
)

// Point is where the pointer was: X and Y in pad units (the pad is the square
// [0,1] x [0,1], y down), P the factor on the stroke's width there, 1 for a
// mouse.
type Point struct{ X, Y, P float32 }

// Stroke is one line of the brush. Width is the brush's diameter in pad units.
type Stroke struct {
	Width  float32
	Points []Point
}

// EncodeStrokes writes strokes as a buffer of float32: for each stroke
//
//	n, width, x0, y0, p0, x1, y1, p1, ...
//
// with n points. Strokes without points are left out.
func EncodeStrokes(strokes []Stroke) []byte {
	n := 0
	for _, s := range strokes {
		if len(s.Points) > 0 {
			n += 2 + 3*len(s.Points)
		}
	}
	b := make([]byte, 0, 4*n)
	put := func(x float32) { b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x)) }
	for _, s := range strokes {
		if len(s.Points) == 0 {
			continue
		}
		put(float32(len(s.Points)))
		put(s.Width)
		for _, p := range s.Points {
			put(p.X)
			put(p.Y)
			put(p.P)
		}
	}
	return b
}

// DecodeStrokes reads what [EncodeStrokes] writes. It refuses, with an [Error]
// whose field is "strokes", torn buffers, numbers that are not finite or beyond
// the limits above, and point counts that are not whole, not positive or more
// than the buffer holds. An empty buffer is an empty drawing.
func DecodeStrokes(b []byte) ([]Stroke, error) {
	const field = "strokes"
	if len(b)%4 != 0 {
		return nil, Errorf(CodeBadLength, field, "%d bytes is no whole number of float32", len(b))
	}
	// Every point takes three numbers, so this bounds the points and with them all
	// that is allocated below; the extra room is for the strokes' own two numbers.
	if len(b) > 4*5*MaxPoints {
		return nil, Errorf(CodeBadValue, field, "%d bytes: a drawing has at most %d points", len(b), MaxPoints)
	}
	v, err := BytesFloats(field, b)
	if err != nil {
		return nil, err
	}
	var strokes []Stroke
	points := make([]Point, 0, min(len(v)/3, MaxPoints))
	for i := 0; i < len(v); {
		s := len(strokes)
		if len(v)-i < 2 {
			return nil, Errorf(CodeBadLength, field, "stroke %d is torn: it has a point count and no width", s)
		}
		count, width := v[i], v[i+1]
		i += 2
		if count < 1 || count > MaxPoints || count != float32(int(count)) {
			return nil, Errorf(CodeBadValue, field, "stroke %d has %v points, want a whole number from 1 to %d", s, count, MaxPoints)
		}
		if width <= 0 || width > MaxWidth {
			return nil, Errorf(CodeBadValue, field, "stroke %d is %v wide, want more than 0 and at most %d", s, width, MaxWidth)
		}
		n := int(count)
		if len(v)-i < 3*n {
			return nil, Errorf(CodeBadLength, field, "stroke %d is torn: it says %d points and has room for %d", s, n, (len(v)-i)/3)
		}
		if len(points)+n > MaxPoints {
			return nil, Errorf(CodeBadValue, field, "more than %d points", MaxPoints)
		}
		first := len(points)
		for k := 0; k < n; k, i = k+1, i+3 {
			p := Point{X: v[i], Y: v[i+1], P: v[i+2]}
			if max(abs(p.X), abs(p.Y)) > MaxCoord || p.P < 0 || p.P > MaxPressure {
				return nil, Errorf(CodeBadValue, field, "point %d of stroke %d is %v: coordinates go to ±%d, pressure from 0 to %d", k, s, p, MaxCoord, MaxPressure)
			}
			points = append(points, p)
		}
		strokes = append(strokes, Stroke{Width: width, Points: points[first:len(points):len(points)]})
	}
	return strokes, nil
}

func abs(x float32) float32 {
	return max(x, -x)
}
