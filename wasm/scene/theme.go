package scene

import (
	"encoding/binary"
	"strconv"

	"inkdrift/wasm/proto"
)

// Color is an opaque sRGB colour.
type Color struct{ R, G, B uint8 }

// ParseColor reads "#rrggbb"; field names it in the error.
func ParseColor(field, s string) (Color, error) {
	if len(s) == 7 && s[0] == '#' {
		if v, err := strconv.ParseUint(s[1:], 16, 32); err == nil {
			return Color{uint8(v >> 16), uint8(v >> 8), uint8(v)}, nil
		}
	}
	return Color{}, proto.Errorf(proto.CodeBadValue, field, "%.20q: want \"#rrggbb\"", s)
}

// Theme is those of the page's colours that the stage uses.
type Theme struct {
	Paper, Ink, Muted, Accent Color
	Mu, Sigma                 Color
	Classes                   [numClasses]Color // of labels; from numClasses they come again
}

// numClasses is how many colours there are for classes.
const numClasses = 10

// NewTheme reads the colours; the error names the wrong one.
func NewTheme(p proto.Theme) (Theme, error) {
	var t Theme
	type colour struct {
		field, s string
		to       *Color
	}
	all := []colour{
		{"paper", p.Paper, &t.Paper},
		{"ink", p.Ink, &t.Ink},
		{"muted", p.Muted, &t.Muted},
		{"accent", p.Accent, &t.Accent},
		{"mu", p.Mu, &t.Mu},
		{"sigma", p.Sigma, &t.Sigma},
	}
	for i, s := range p.Classes[:min(len(p.Classes), numClasses)] {
		all = append(all, colour{"classes." + strconv.Itoa(i), s, &t.Classes[i]})
	}
	for _, c := range all {
		var err error
		if *c.to, err = ParseColor(c.field, c.s); err != nil {
			return Theme{}, err
		}
	}
	if len(p.Classes) != numClasses {
		return Theme{}, proto.Errorf(proto.CodeBadLength, "classes", "%d colours, want %d", len(p.Classes), numClasses)
	}
	return t, nil
}

// toneLevels is how finely ink is told apart before it becomes a colour. More
// than the 256 of a byte, because a tone curve stretches some of them.
const toneLevels = 1024

// tone maps ink, 0 to toneLevels, to a pixel: R, G, B and an opaque A in the
// order of memory.
type tone [toneLevels + 1]uint32

// makeTone mixes paper and ink as curve says for ink from 0 to 1.
func makeTone(t Theme, curve func(float32) float32) *tone {
	var out tone
	for i := range out {
		v := curve(float32(i) / toneLevels)
		mix := func(a, b uint8) byte { return byte(float32(a) + (float32(b)-float32(a))*v + 0.5) }
		out[i] = binary.LittleEndian.Uint32([]byte{
			mix(t.Paper.R, t.Ink.R), mix(t.Paper.G, t.Ink.G), mix(t.Paper.B, t.Ink.B), 255,
		})
	}
	return &out
}

// plain shows values as they are.
func plain(v float32) float32 { return v }

// inked is an S-shaped curve: it sharpens the wide grey fringe that enlarging
// leaves around a line, and darkens thin lines that enlarging has blurred.
func inked(v float32) float32 {
	const thin = 1.12
	v = min(v*thin, 1)
	for range 3 {
		v = v * v * (3 - 2*v)
	}
	return v
}

// faint is inked with part of the ink.
func faint(v float32) float32 { return fade * inked(v) }

// paint writes values, all finite, as pixels, four bytes each.
func (t *tone) paint(pix []byte, values []float32) {
	for k, v := range values {
		i := min(max(int(v*toneLevels+0.5), 0), toneLevels)
		binary.LittleEndian.PutUint32(pix[4*k:4*k+4], t[i])
	}
}
