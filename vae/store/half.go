package store

import "math"

// ToHalf rounds x to the nearest IEEE 754 binary16 number, ties to even.
func ToHalf(x float32) uint16 {
	b := math.Float32bits(x)
	sign := uint16(b >> 16 & 0x8000)
	switch b &= 0x7fffffff; {
	case b > 0x7f800000: // NaN
		return sign | 0x7e00
	case b >= 0x477ff000: // rounds to infinity
		return sign | 0x7c00
	case b < 0x38800000: // denormal or zero: let float32 addition round
		return sign | uint16(math.Float32bits(math.Float32frombits(b)+0.5)-math.Float32bits(0.5))
	default:
		b += 0xfff + b>>13&1 // round half to even
		return sign | uint16((b-0x38000000)>>13)
	}
}

// FromHalf returns the value of an IEEE 754 binary16 number, exactly.
func FromHalf(h uint16) float32 {
	sign, e, m := uint32(h&0x8000)<<16, uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch e {
	case 0:
		v := float32(m) / (1 << 24)
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 0x1f:
		return math.Float32frombits(sign | 0x7f800000 | m<<13)
	}
	return math.Float32frombits(sign | (e+112)<<23 | m<<13)
}
