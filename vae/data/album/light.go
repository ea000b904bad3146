package album

import (
	"math"
	"sync"
)

// Light is linear light, 0 to 65535. Pixels are averaged in it, as the eye does from afar; the mean of sRGB bytes would
// be too dark.
type light = uint32

// tables turns the bytes of a picture file into light and back. The way back is the nearest byte, as bytes are spaced.
type tables struct {
	light [256]light
	back  [1 << 16]byte
}

var (
	tablesOnce sync.Once
	theTables  tables
)

// sRGB returns the tables of IEC 61966-2-1.
func sRGB() *tables {
	tablesOnce.Do(func() {
		t := &theTables
		for b := range t.light {
			t.light[b] = light(sent(float64(b)) + 0.5)
		}
		b := 0
		next := sent(0.5) // where the next byte is nearer
		for l := range t.back {
			for ; b < 255 && float64(l) >= next; next = sent(float64(b) + 0.5) {
				b++
			}
			t.back[l] = byte(b)
		}
	})
	return &theTables
}

// sent returns the light of a pixel with the value of a byte, or between two.
func sent(b float64) float64 {
	v := b / 255
	if v <= 0.04045 {
		return 65535 * v / 12.92
	}
	return 65535 * math.Pow((v+0.055)/1.055, 2.4)
}

// greyOf returns the luminance of a colour (Rec. 709); of a grey it is the grey itself.
func greyOf(r, g, b light) light { return (13933*r + 46871*g + 4732*b + 1<<15) >> 16 }
