package store_test

import (
	"math"
	"testing"

	"inkdrift/vae/store"
)

// halfValue is the value of a finite half, by the definition of IEEE 754.
func halfValue(h uint16) float64 {
	sign := 1.0
	if h>>15 != 0 {
		sign = -1
	}
	e, m := int(h>>10&31), float64(h&1023)
	if e == 0 {
		return sign * math.Ldexp(m, -24)
	}
	return sign * math.Ldexp(1024+m, e-25)
}

// TestEveryHalf goes through all 65,536.
func TestEveryHalf(t *testing.T) {
	for i := range 1 << 16 {
		h := uint16(i)
		v := store.FromHalf(h)
		switch {
		case h>>10&31 != 31:
			if float64(v) != halfValue(h) || math.Signbit(float64(v)) != (h>>15 != 0) {
				t.Fatalf("%#04x is %v instead of %v", h, v, halfValue(h))
			}
		case h&1023 == 0:
			if !math.IsInf(float64(v), 1-2*int(h>>15)) {
				t.Fatalf("%#04x is %v instead of an infinity", h, v)
			}
		default:
			back := store.ToHalf(v)
			if v == v || back>>10&31 != 31 || back&1023 == 0 {
				t.Fatalf("%#04x is %v and becomes %#04x instead of a NaN", h, v, back)
			}
			continue
		}
		if back := store.ToHalf(v); back != h {
			t.Fatalf("%#04x becomes %#04x", h, back)
		}
	}
}

// TestNearestEven checks the float32 numbers about the middle of every two
// neighbouring halves.
func TestNearestEven(t *testing.T) {
	up, down := float32(math.Inf(1)), float32(math.Inf(-1))
	for h := uint16(0); h < 0x7c00; h++ {
		lo := halfValue(h)
		hi := halfValue(h + 1) // 65536 after the largest
		if h == 0x7bff {
			hi = 65536
		}
		middle := float32((lo + hi) / 2) // exact
		even := h
		if h&1 == 1 {
			even = h + 1
		}
		for _, c := range []struct {
			x    float32
			want uint16
		}{
			{middle, even}, {math.Nextafter32(middle, down), h}, {math.Nextafter32(middle, up), h + 1},
			{float32(lo + (hi-lo)/4), h}, {float32(lo + (hi-lo)*3/4), h + 1},
		} {
			if got := store.ToHalf(c.x); got != c.want {
				t.Fatalf("%v becomes %#04x instead of %#04x", c.x, got, c.want)
			}
			if got := store.ToHalf(-c.x); got != c.want|0x8000 {
				t.Fatalf("%v becomes %#04x instead of %#04x", -c.x, got, c.want|0x8000)
			}
		}
	}
	for x, want := range map[float32]uint16{
		math.MaxFloat32: 0x7c00, 65536: 0x7c00, 65520: 0x7c00, 65519.996: 0x7bff,
		math.SmallestNonzeroFloat32: 0, 1: 0x3c00, -2: 0xc000,
	} {
		if got := store.ToHalf(x); got != want {
			t.Errorf("%v becomes %#04x instead of %#04x", x, got, want)
		}
	}
}
