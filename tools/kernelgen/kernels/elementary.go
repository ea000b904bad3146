package kernels

import (
	"math"

	"inkdrift/tools/kernelgen/asm"
)

// The elementary functions of package vae/compute on four lanes, operation by
// operation; see there for what they are and how exact. They are the same in
// both variants: only products of matrices and vectors are ever fused.

const (
	log2e = 1.4426950408889634
	ln2Hi = 0.693359375
	ln2Lo = -2.12194440054e-4
	magic = 1.5 * (1 << 23)
	expLo = -87.33654
	expHi = 88.3762626647949
	sqrt2 = 1.4142135623730951
)

// horner is ((c[0]*x + c[1])*x + c[2])...
func horner(f *asm.Func, x asm.VarV128, c ...float32) asm.VarV128 {
	p := f.LetV128(f.Hoist(c[0]))
	for _, c := range c[1:] {
		p.Set(p.Mul(x).Add(f.Hoist(c)))
	}
	return p
}

// exp is compute.Exp.
func exp(f *asm.Func, x asm.VarV128) asm.VarV128 {
	// The low bits of shifted are the integer n itself.
	shifted := f.LetV128(x.Mul(f.Hoist(log2e)).Add(f.Hoist(magic)))
	n := f.LetV128(shifted.Sub(f.Hoist(magic)))
	r := f.LetV128(x.Sub(n.Mul(f.Hoist(ln2Hi))))
	r.Set(r.Sub(n.Mul(f.Hoist(ln2Lo))))
	p := horner(f, r, 1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3,
		4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1)
	p.Set(p.Mul(r.Mul(r)).Add(r))
	p.Set(p.Add(f.Hoist(1)))
	p.Set(p.Mul(shifted.ShlI(23).AddI(f.HoistI(127 << 23))))
	p.Set(f.Hoist(float32(math.Inf(1))).Select(x.Gt(f.Hoist(expHi)), p))
	p.Set(p.AndNot(x.Lt(f.Hoist(expLo))))
	return p
}

// log is compute.Log of a positive normal number; garbage for others.
func log(f *asm.Func, x asm.VarV128) asm.VarV128 {
	const half = 0x3f3504f3 // sqrt(1/2)
	b := f.LetV128(x.AddI(f.HoistI(0x3f800000 - half)))
	e := f.LetV128(b.ShrUI(23).SubI(f.HoistI(127)).ConvertI())
	m := f.LetV128(b.And(f.HoistI(0x007fffff)).AddI(f.HoistI(half)).Sub(f.Hoist(1)))
	s := f.LetV128(m.Mul(m))
	p := horner(f, m, 7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1,
		-1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1,
		-2.4999993993e-1, 3.3333331174e-1)
	p.Set(p.Mul(m).Mul(s))
	p.Set(p.Add(e.Mul(f.Hoist(ln2Lo))))
	p.Set(p.Sub(f.Hoist(0.5).Mul(s)))
	p.Set(m.Add(p).Add(e.Mul(f.Hoist(ln2Hi))))
	return p
}

// log1p is compute's log1p: ln(1+e) for e in [0, 1].
func log1p(f *asm.Func, e asm.VarV128) asm.V128 {
	t := f.LetV128(e.Div(f.Hoist(1).Add(f.Hoist(0.5).Mul(e))))
	u := f.LetV128(t.Mul(t))
	p := horner(f, u, 5.2444332075e-4, 2.2059859223e-3)
	q := horner(f, u, 1.2502362702e-2, 8.3333300421e-2)
	p.Set(p.Mul(u.Mul(u)).Add(q))
	return t.Mul(u).Mul(p).Add(t)
}

// sigmoidParts gives exp(-|x|) and 1/(1+exp(-|x|)).
func sigmoidParts(f *asm.Func, x asm.VarV128) (e, s asm.VarV128) {
	e = exp(f, f.LetV128(x.Abs().Neg()))
	one := f.Hoist(1)
	return e, f.LetV128(one.Div(one.Add(e)))
}

// logistic is compute.Logistic.
func logistic(f *asm.Func, x asm.VarV128) asm.V128 {
	e, s := sigmoidParts(f, x)
	return e.Mul(s).Select(x.Lt(f.Hoist(0)), s)
}

// tanh is compute.TanhOf.
func tanh(f *asm.Func, x asm.VarV128) asm.V128 {
	a := f.LetV128(x.Abs())
	s := f.LetV128(x.Mul(x))
	p := horner(f, s, -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2,
		1.33314422036e-1, -3.33332819422e-1)
	p.Set(p.Mul(s).Mul(x).Add(x))
	t := exp(f, f.LetV128(a.Add(a)))
	t.Set(f.Hoist(1).Sub(f.Hoist(2).Div(t.Add(f.Hoist(1)))))
	t.Set(t.Xor(f.HoistI(1 << 31).And(x.Lt(f.Hoist(0)))))
	return p.Select(a.Lt(f.Hoist(0.625)), t)
}

// word is compute.Key.Word of four numbers.
func word(f *asm.Func, i asm.V128, a, b asm.VarV128) asm.VarV128 {
	x := f.LetV128(i.MulI(f.HoistI(0x9e3779b9)).AddI(a))
	mix := func(shift int, factor uint32) {
		x.Set(x.Xor(x.ShrUI(shift)))
		x.Set(x.MulI(f.HoistI(factor)))
	}
	mix(16, 0x21f0aaad)
	mix(15, 0x735a2d97)
	x.Set(x.Xor(x.ShrUI(15)))
	x.Set(x.AddI(b))
	mix(16, 0x85ebca6b)
	mix(13, 0xc2b2ae35)
	x.Set(x.Xor(x.ShrUI(16)))
	return x
}

const unit24 = 1.0 / (1 << 24)

// uniform maps words to [0, 1).
func uniform(f *asm.Func, w asm.VarV128) asm.V128 {
	return w.ShrUI(8).ConvertI().Mul(f.Hoist(unit24))
}

// normal maps words to standard normal numbers.
func normal(f *asm.Func, w asm.VarV128) asm.V128 {
	tail := f.LetV128(w.ShrUI(9).ConvertI().Add(f.Hoist(0.5)).Mul(f.Hoist(unit24)))
	one := f.Hoist(1)
	x := f.LetV128(one.Sub(f.Hoist(2).Mul(tail)))
	l := f.LetV128(f.Hoist(4).Mul(tail.Mul(one.Sub(tail))))
	l.Set(log(f, l).Neg())
	near := f.LetV128(l.Sub(f.Hoist(2.5)))
	p := horner(f, near, 2.81022636e-08, 3.43273939e-07, -3.5233877e-06,
		-4.39150654e-06, 0.00021858087, -0.00125372503, -0.00417768164,
		0.246640727, 1.50140941)
	far := f.LetV128(l.Sqrt().Sub(f.Hoist(3)))
	q := horner(f, far, -0.000200214257, 0.000100950558, 0.00134934322,
		-0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
		1.00167406, 2.83297682)
	p.Set(p.Select(l.Lt(f.Hoist(5)), q))
	p.Set(p.Mul(x).Mul(f.Hoist(sqrt2)))
	// Bit 8 becomes the sign.
	return p.Xor(w.ShlI(23).And(f.HoistI(1 << 31)))
}
