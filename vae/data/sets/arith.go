package sets

import (
	"math"

	"inkdrift/vae/compute"
)

// random draws the numbers of one picture, one after the other.
type random struct {
	key compute.Key
	n   uint32
}

// newRandom returns the random numbers for picture i of a seed; purpose separates sets and uses.
func newRandom(purpose, seed uint64, i int) random {
	return random{key: compute.NewKey(purpose, seed, uint64(i))}
}

// unit returns a number in [0,1).
func (d *random) unit() float32 {
	w := d.key.Word(d.n)
	d.n++
	return float32(w>>8) * (1.0 / (1 << 24))
}

// between returns a number from lo to hi, all as likely.
func (d *random) between(lo, hi float32) float32 { return lo + float32((hi-lo)*d.unit()) }

// middling returns the mean of three numbers from lo to hi, so those in the middle are likelier.
func (d *random) middling(lo, hi float32) float32 {
	return lo + float32((hi-lo)*float32((d.unit()+d.unit()+d.unit())*(1.0/3)))
}

// pick returns a number from 0 to n-1.
func (d *random) pick(n int) int { return int(float32(d.unit() * float32(n))) }

// chance reports true with probability p.
func (d *random) chance(p float32) bool { return d.unit() < p }

// weighted returns a number from 0 to len(weights)-1, as often as the weights say.
func (d *random) weighted(weights []float32) int {
	var sum float32
	for _, w := range weights {
		sum += w
	}
	at := float32(d.unit() * sum)
	for k, w := range weights {
		if at -= w; at < 0 {
			return k
		}
	}
	return len(weights) - 1
}

func mix(a, b, t float32) float32 { return a + float32((b-a)*t) }

func clamp01(v float32) float32 {
	if v < 0 {
		return 0
	}
	if v > 1 {
		return 1
	}
	return v
}

// smooth goes from 0 at lo to 1 at hi without corners.
func smooth(lo, hi, v float32) float32 {
	t := clamp01((v - lo) / (hi - lo))
	return float32(float32(t*t) * (3 - float32(2*t)))
}

func abs(v float32) float32 {
	if v < 0 {
		return -v
	}
	return v
}

// lesser and greater are min and max without regard to NaN, which costs time in WebAssembly.
func lesser(a, b float32) float32 {
	if a < b {
		return a
	}
	return b
}

func greater(a, b float32) float32 {
	if a > b {
		return a
	}
	return b
}

func sqrt(v float32) float32  { return float32(math.Sqrt(float64(v))) }
func floor(v float32) float32 { return float32(math.Floor(float64(v))) }

// length returns the length of a vector.
func length(x, y float32) float32 { return sqrt(float32(x*x) + float32(y*y)) }

// wave is a sine of period 1, within 1e-5, from additions and multiplications alone: package math may differ between
// processors in the last bit.
func wave(t float32) float32 {
	t -= floor(t + 0.5) // -1/2 to 1/2
	if t > 0.25 {
		t = 0.5 - t
	} else if t < -0.25 {
		t = -0.5 - t
	}
	// The series of sin(2 pi t) at |t| <= 1/4.
	s := float32(t * t)
	p := float32(-15.094643)
	p = float32(p*s) + 42.058693
	p = float32(p*s) - 76.705859
	p = float32(p*s) + 81.605249
	p = float32(p*s) - 41.341702
	p = float32(p*s) + 6.2831853
	return float32(p * t)
}

// settle rounds values to multiples of 1/255 in [0,1].
func settle(v []float32) {
	for i, x := range v {
		v[i] = float32(byte(float32(clamp01(x)*255)+0.5)) / 255
	}
}
