package compute

import "math"

// The elementary functions of the reference backend. Each product that is
// added to something, be it a statement later, is wrapped in float32(), which
// forbids the compiler to fuse it, so the result is the same on every processor
// and in SIMD lanes.

const (
	log2e = 1.4426950408889634
	ln2Hi = 0.693359375        // exact in float32 with room for n*ln2Hi
	ln2Lo = -2.12194440054e-4  // ln 2 - ln2Hi
	magic = 1.5 * (1 << 23)    // adding and taking it off rounds to an integer
	expLo = -87.33654          // below, exp is under the smallest normal number
	expHi = 88.3762626647949   // above, 2^n would overflow
	sqrt2 = 1.4142135623730951 // of the inverse normal
)

// Exp returns e^x within 1 unit in the last place for x from -87.33654 up to
// 88.37626. Below it returns 0, above +Inf; no denormal results.
func Exp(x float32) float32 {
	if x > expHi {
		return float32(math.Inf(1))
	}
	if x < expLo {
		return 0
	}
	n := float32(float32(x*log2e)+magic) - magic
	r := x - float32(n*ln2Hi)
	r = r - float32(n*ln2Lo)
	p := float32(1.9875691500e-4)
	p = float32(p*r) + 1.3981999507e-3
	p = float32(p*r) + 8.3334519073e-3
	p = float32(p*r) + 4.1665795894e-2
	p = float32(p*r) + 1.6666665459e-1
	p = float32(p*r) + 5.0000001201e-1
	p = float32(p*float32(r*r)) + r
	p = p + 1
	if n != n {
		return n
	}
	return float32(p * math.Float32frombits(uint32(int32(n)+127)<<23))
}

// Log returns the natural logarithm of x, within 1 unit in the last place,
// for positive normal x; -Inf for 0, NaN below.
func Log(x float32) float32 {
	switch {
	case x != x || x > math.MaxFloat32:
		return x
	case x == 0:
		return float32(math.Inf(-1))
	case x < 0:
		return float32(math.NaN())
	}
	// x = m * 2^e with m in [sqrt(1/2), sqrt(2)).
	b := math.Float32bits(x)
	b += 0x3f800000 - 0x3f3504f3
	e := float32(int32(b>>23) - 127)
	m := math.Float32frombits(b&0x007fffff+0x3f3504f3) - 1
	s := float32(m * m)
	p := float32(7.0376836292e-2)
	p = float32(p*m) - 1.1514610310e-1
	p = float32(p*m) + 1.1676998740e-1
	p = float32(p*m) - 1.2420140846e-1
	p = float32(p*m) + 1.4249322787e-1
	p = float32(p*m) - 1.6668057665e-1
	p = float32(p*m) + 2.0000714765e-1
	p = float32(p*m) - 2.4999993993e-1
	p = float32(p*m) + 3.3333331174e-1
	p = float32(float32(p*m) * s)
	p = p + float32(e*ln2Lo)
	p = p - float32(0.5*s)
	return float32(m+p) + float32(e*ln2Hi)
}

// log1p returns ln(1+e) for e in [0, 1], within 2 units in the last place. With
// t = e/(1+e/2) it is t + t^3/12 + t^5/80 + ..., the series of the inverse
// hyperbolic tangent; the coefficients are those of its interpolation at
// Chebyshev nodes.
func log1p(e float32) float32 {
	t := e / (1 + float32(0.5*e))
	u := float32(t * t)
	p := float32(5.2444332075e-4*u) + 2.2059859223e-3
	q := float32(1.2502362702e-2*u) + 8.3333300421e-2
	p = float32(p*float32(u*u)) + q
	return float32(float32(t*u)*p) + t
}

// sigmoidParts returns exp(-|x|) and 1/(1+exp(-|x|)).
func sigmoidParts(x float32) (e, s float32) {
	if x < 0 {
		x = -x
	}
	e = Exp(-x)
	return e, 1 / (1 + e)
}

// Logistic returns 1 / (1 + exp(-x)) within 3 units in the last place; 0 where
// Exp(x) is.
func Logistic(x float32) float32 {
	e, s := sigmoidParts(x)
	if x < 0 {
		return float32(e * s)
	}
	return s
}

// TanhOf returns the hyperbolic tangent of x within 1.5 units in the last place.
func TanhOf(x float32) float32 {
	a := x
	if a < 0 {
		a = -a
	}
	if a < 0.625 {
		s := float32(x * x)
		p := float32(-5.70498872745e-3)
		p = float32(p*s) + 2.06390887954e-2
		p = float32(p*s) - 5.37397155531e-2
		p = float32(p*s) + 1.33314422036e-1
		p = float32(p*s) - 3.33332819422e-1
		return float32(float32(p*s)*x) + x
	}
	t := 1 - 2/(Exp(a+a)+1)
	if x < 0 {
		return -t
	}
	return t
}

func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }
