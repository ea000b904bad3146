package album

import (
	"math"
	"sync"
)

// Light is linear light, 0 to 65535: the mean of two pixels' light is what one sees from afar, which the mean of the numbers
// in a file is not.
type light = uint32

// tables turns the bytes of a picture file into light and back. The way back is the nearest byte, as bytes are spaced.
type tables struct {
	light [256]light
	back  [1 << 16]byte
}

// sRGB has the tables of IEC 61966-2-1.
var sRGB = sync.OnceValue(func() *tables {
	t := new(tables)
	of := func(v float64) float64 {
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	for b := range t.light {
		t.light[b] = light(of(float64(b)/255)*65535 + 0.5)
	}
	b := 0
	next := of(0.5/255) * 65535 // where the next byte is nearer
	for l := range t.back {
		for ; b < 255 && float64(l) >= next; next = of((float64(b)+0.5)/255) * 65535 {
			b++
		}
		t.back[l] = byte(b)
	}
	return t
})

// greyOf returns the luminance of a colour (Rec. 709); of a grey it is the grey itself.
func greyOf(r, g, b light) light { return (13933*r + 46871*g + 4732*b + 1<<15) >> 16 }
