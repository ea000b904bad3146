package compute

// Key names a stream of random numbers. Streams are counter-based: number i of
// a stream is a function of the key and i alone, so that workers which share a
// batch draw exactly what one worker would have drawn, and a run that is
// resumed needs no saved generator.
type Key struct{ A, B uint32 }

// NewKey derives a key from words such as seed, purpose and step. It uses the
// finaliser of SplitMix64 (Steele, Lea and Flood 2014) after each word.
func NewKey(words ...uint64) Key {
	h := uint64(0x9e3779b97f4a7c15)
	for _, w := range words {
		h = mix64(h ^ mix64(w+0x9e3779b97f4a7c15))
	}
	return Key{uint32(h), uint32(h >> 32)}
}

func mix64(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Word returns number i of the stream: 32 bits that look random. Two rounds of
// a 32-bit finaliser with the key added before each; 32-bit multiplications
// are what SIMD lanes have.
func (k Key) Word(i uint32) uint32 {
	x := i*0x9e3779b9 + k.A
	x ^= x >> 16
	x *= 0x21f0aaad
	x ^= x >> 15
	x *= 0x735a2d97
	x ^= x >> 15
	x += k.B
	x ^= x >> 16
	x *= 0x85ebca6b
	x ^= x >> 13
	x *= 0xc2b2ae35
	x ^= x >> 16
	return x
}

const unit24 = 1.0 / (1 << 24)

func uniform(w uint32) float32 { return float32(w>>8) * unit24 }

// normal maps a word to a standard normal number through the inverse error
// function of Giles (Approximating the erfinv function, GPU Computing Gems 2,
// 2011), single precision: within a relative 4e-7 of the exact quantile.
func normal(w uint32) float32 {
	// tail is in (0, 1/2), exactly representable, and so is 1-2*tail.
	tail := (float32(w>>9) + 0.5) * unit24
	x := 1 - 2*tail
	l := -Log(float32(4 * float32(tail*(1-tail))))
	var p float32
	if l < 5 {
		l -= 2.5
		p = 2.81022636e-08
		p = float32(p*l) + 3.43273939e-07
		p = float32(p*l) - 3.5233877e-06
		p = float32(p*l) - 4.39150654e-06
		p = float32(p*l) + 0.00021858087
		p = float32(p*l) - 0.00125372503
		p = float32(p*l) - 0.00417768164
		p = float32(p*l) + 0.246640727
		p = float32(p*l) + 1.50140941
	} else {
		l = sqrt(l) - 3
		p = -0.000200214257
		p = float32(p*l) + 0.000100950558
		p = float32(p*l) + 0.00134934322
		p = float32(p*l) - 0.00367342844
		p = float32(p*l) + 0.00573950773
		p = float32(p*l) - 0.0076224613
		p = float32(p*l) + 0.00943887047
		p = float32(p*l) + 1.00167406
		p = float32(p*l) + 2.83297682
	}
	p = float32(float32(p*x) * sqrt2)
	if w&(1<<8) != 0 {
		return -p
	}
	return p
}
