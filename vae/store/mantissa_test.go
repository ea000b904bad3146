package store

import (
	"math"
	"testing"
)

func TestRounded(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		x, want float32
		bits    int
	}{
		{1 + 1.0/128, 1 + 1.0/128, 7},           // fits
		{1 + 1.0/256, 1, 7},                     // half way, to even
		{1 + 3.0/256, 1 + 2.0/128, 7},           // half way, to even
		{-1 - 1.1/256, -1 - 1.0/128, 7},         // more than half
		{1.9999999, 2, 7},                       // into the next power of two
		{math.Pi, math.Pi, 23},                  // nothing to round
		{0, 0, 7},                               //
		{inf, inf, 7},                           // stays infinite, to be refused later
		{math.MaxFloat32, inf, 7},               // likewise
		{3 * 0.0009765625, 3 * 0.0009765625, 1}, // 1.5 times a power of two
	} {
		if got := Rounded([]float32{c.x}, c.bits)[0]; got != c.want {
			t.Errorf("%v with %d bits became %v, want %v", c.x, c.bits, got, c.want)
		}
	}
	if got := Rounded([]float32{float32(math.NaN())}, 7)[0]; got == got {
		t.Errorf("NaN became %v", got)
	}
}
