package kernels

import "inkdrift/tools/kernelgen/asm"

// leakySlope is compute.LeakySlope.
const leakySlope = 0.01

// elementwise exports the methods of compute.Backend.
func (g *gen) elementwise() {
	g.biasAct()
	g.biasActGrad()
	g.sigmoid()
	g.bce()
	g.squaredError()
	g.reparameterize()
	g.reparameterizeGrad()
	g.kl()
	g.adam()
	g.noise("uniform", func(f *asm.Func, l lanes, w asm.VarV128, _ asm.VarI32) asm.V128 { return uniform(f, w) })
	g.noise("normal", func(f *asm.Func, l lanes, w asm.VarV128, _ asm.VarI32) asm.V128 { return normal(f, w) })
	g.noise("bernoulli", func(f *asm.Func, l lanes, w asm.VarV128, p asm.VarI32) asm.V128 {
		return f.Hoist(1).And(uniform(f, w).Lt(l.load(p)))
	})
}

// biasAct exports bias_act(y, bias, rows, width, act).
func (g *gen) biasAct() {
	f := g.Func("bias_act")
	y, bias, rows, width, act := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32()
	b := f.I32()
	run := func(unroll int, activate func(x asm.VarV128) asm.V128) func() {
		return func() {
			eachRow(f, rows, width, func(n asm.VarI32) {
				b.Set(bias)
				each(f, n, unroll, []asm.VarI32{y, b}, func(l lanes) {
					x := f.LetV128(l.load(y).Add(l.load(b)))
					l.store(y, activate(x))
				})
			})
		}
	}
	f.Switch(act,
		run(2, func(x asm.VarV128) asm.V128 { return x.V128 }),
		run(1, func(x asm.VarV128) asm.V128 { return tanh(f, x) }),
		run(2, func(x asm.VarV128) asm.V128 { return x.PMax(f.Hoist(0)) }),
		run(1, func(x asm.VarV128) asm.V128 { return x.Mul(f.Hoist(leakySlope)).Select(x.Lt(f.Hoist(0)), x) }),
	)
	g.Export(f)
}

// biasActGrad exports bias_act_grad(dy, dbias, y, rows, width, act).
func (g *gen) biasActGrad() {
	f := g.Func("bias_act_grad")
	dy, dbias, y := f.ParamI32(), f.ParamI32(), f.ParamI32()
	rows, width, act := f.ParamI32(), f.ParamI32(), f.ParamI32()
	b := f.I32()
	run := func(activate func(d, y asm.VarV128) asm.V128) func() {
		pointers := []asm.VarI32{dy, y, b}
		if activate == nil {
			pointers = []asm.VarI32{dy, b}
		}
		return func() {
			eachRow(f, rows, width, func(n asm.VarI32) {
				b.Set(dbias)
				each(f, n, 2, pointers, func(l lanes) {
					d := l.load(dy)
					if activate != nil {
						d.Set(activate(d, l.load(y)))
						l.store(dy, d)
					}
					l.store(b, l.load(b).Add(d))
				})
			})
		}
	}
	f.Switch(act,
		run(nil),
		run(func(d, y asm.VarV128) asm.V128 { return d.Mul(f.Hoist(1).Sub(y.Mul(y))) }),
		run(func(d, y asm.VarV128) asm.V128 { return d.AndNot(y.Le(f.Hoist(0))) }),
		run(func(d, y asm.VarV128) asm.V128 { return d.Mul(f.Hoist(leakySlope)).Select(y.Lt(f.Hoist(0)), d) }),
	)
	g.Export(f)
}

// sigmoid exports sigmoid(dst, x, n).
func (g *gen) sigmoid() {
	f := g.Func("sigmoid")
	dst, x, n := f.ParamI32(), f.ParamI32(), f.ParamI32()
	each(f, n, 1, []asm.VarI32{dst, x}, func(l lanes) {
		l.store(dst, logistic(f, l.load(x)))
	})
	g.Export(f)
}

// bce exports bce(loss, grad, logits, target, rows, width, scale); grad may be 0.
//
// Exponential and logarithm of one vector are one long chain. Taking four
// exponentials, then four logarithms, gives the processor independent work.
func (g *gen) bce() {
	f := g.Func("bce")
	loss, grad, logits, target := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32()
	rows, width, scale := f.ParamI32(), f.ParamI32(), f.ParamF32()
	factor, sum := f.LetV128(scale.Splat()), f.V128()
	run := func(pointers []asm.VarI32, withGrad bool) func() {
		return func() {
			eachRow(f, rows, width, func(n asm.VarI32) {
				sum.Set(asm.ConstV128(0))
				groups(f, n, 4, pointers, func(ls []lanes) {
					var es, ss [4]asm.VarV128
					for i, l := range ls {
						es[i], ss[i] = sigmoidParts(f, l.load(logits))
					}
					for i, l := range ls {
						v, t, e, s := l.load(logits), l.load(target), es[i], ss[i]
						nll := f.LetV128(log1p(f, e).Sub(v.Mul(t)))
						positive := f.LetV128(v.Gt(f.Hoist(0)))
						nll.Set(nll.Add(v.And(positive)))
						sum.Set(sum.Add(l.present(nll.V128)))
						if withGrad {
							s.Set(s.Select(positive, e.Mul(s)))
							l.store(grad, factor.Mul(s.Sub(t)))
						}
					}
				})
				f.StoreF32(loss, 0, sumLanes(sum))
				loss.Inc(asm.Const(4))
			})
		}
	}
	f.IfElse(grad,
		run([]asm.VarI32{grad, logits, target}, true),
		run([]asm.VarI32{logits, target}, false))
	g.Export(f)
}

// squaredError exports squared_error(loss, grad, mean, target, rows, width,
// scale); grad may be 0.
func (g *gen) squaredError() {
	f := g.Func("squared_error")
	loss, grad, mean, target := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32()
	rows, width, scale := f.ParamI32(), f.ParamI32(), f.ParamF32()
	factor, sum := f.LetV128(scale.Splat()), f.V128()
	run := func(pointers []asm.VarI32, withGrad bool) func() {
		return func() {
			eachRow(f, rows, width, func(n asm.VarI32) {
				sum.Set(asm.ConstV128(0))
				each(f, n, 1, pointers, func(l lanes) {
					d := f.LetV128(l.load(mean).Sub(l.load(target)))
					sum.Set(sum.Add(d.Mul(d)))
					if withGrad {
						l.store(grad, factor.Mul(d))
					}
				})
				f.StoreF32(loss, 0, sumLanes(sum))
				loss.Inc(asm.Const(4))
			})
		}
	}
	f.IfElse(grad,
		run([]asm.VarI32{grad, mean, target}, true),
		run([]asm.VarI32{mean, target}, false))
	g.Export(f)
}

// reparameterize exports reparameterize(z, mu, logvar, eps, n).
func (g *gen) reparameterize() {
	f := g.Func("reparameterize")
	z, mu, logvar, eps, n := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32()
	each(f, n, 1, []asm.VarI32{z, mu, logvar, eps}, func(l lanes) {
		sigma := exp(f, f.LetV128(f.Hoist(0.5).Mul(l.load(logvar))))
		l.store(z, l.load(mu).Add(sigma.Mul(l.load(eps))))
	})
	g.Export(f)
}

// reparameterizeGrad exports reparameterize_grad(dmu, dlogvar, dz, logvar, eps, n).
func (g *gen) reparameterizeGrad() {
	f := g.Func("reparameterize_grad")
	dmu, dlogvar, dz := f.ParamI32(), f.ParamI32(), f.ParamI32()
	logvar, eps, n := f.ParamI32(), f.ParamI32(), f.ParamI32()
	each(f, n, 1, []asm.VarI32{dmu, dlogvar, dz, logvar, eps}, func(l lanes) {
		half := f.Hoist(0.5)
		d, lv, e := l.load(dz), l.load(logvar), l.load(eps)
		sigma := exp(f, f.LetV128(half.Mul(lv)))
		l.store(dmu, d)
		l.store(dlogvar, half.Mul(d.Mul(e)).Mul(sigma))
	})
	g.Export(f)
}

// kl exports kl(kl, dmu, dlogvar, mu, logvar, rows, width, scale); dmu and
// dlogvar may be 0 together.
func (g *gen) kl() {
	f := g.Func("kl")
	kl, dmu, dlogvar, mu, logvar := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32()
	rows, width, scale := f.ParamI32(), f.ParamI32(), f.ParamF32()
	factor, sum := f.LetV128(scale.Splat()), f.V128()
	half := f.LetV128(f.Hoist(0.5).Mul(factor))
	run := func(pointers []asm.VarI32, withGrad bool) func() {
		return func() {
			eachRow(f, rows, width, func(n asm.VarI32) {
				sum.Set(asm.ConstV128(0))
				each(f, n, 1, pointers, func(l lanes) {
					m, lv, one := l.load(mu), l.load(logvar), f.Hoist(1)
					e := exp(f, lv)
					sum.Set(sum.Add(l.present(m.Mul(m).Add(e).Sub(lv).Sub(one))))
					if withGrad {
						l.store(dmu, l.load(dmu).Add(factor.Mul(m)))
						l.store(dlogvar, l.load(dlogvar).Add(half.Mul(e.Sub(one))))
					}
				})
				f.StoreF32(kl, 0, asm.ConstF32(0.5).Mul(sumLanes(sum)))
				kl.Inc(asm.Const(4))
			})
		}
	}
	f.IfElse(dmu,
		run([]asm.VarI32{dmu, dlogvar, mu, logvar}, true),
		run([]asm.VarI32{mu, logvar}, false))
	g.Export(f)
}

// adam exports adam(w, g, m, v, n, rate, beta1, beta2, correction2, epsilon,
// decay).
func (g *gen) adam() {
	f := g.Func("adam")
	w, d, m, v, n := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32()
	var p [6]asm.VarF32
	for i := range p {
		p[i] = f.ParamF32()
	}
	var q [6]asm.VarV128
	for i := range p {
		q[i] = f.LetV128(p[i].Splat())
	}
	rate, beta1, beta2, correction2, epsilon, decay := q[0], q[1], q[2], q[3], q[4], q[5]
	c1, c2 := f.LetV128(asm.ConstV128(1).Sub(beta1)), f.LetV128(asm.ConstV128(1).Sub(beta2))
	each(f, n, 1, []asm.VarI32{w, d, m, v}, func(l lanes) {
		x, y := l.load(w), l.load(d)
		a := f.LetV128(beta1.Mul(l.load(m)).Add(c1.Mul(y)))
		b := f.LetV128(beta2.Mul(l.load(v)).Add(c2.Mul(y.Mul(y))))
		l.store(m, a)
		l.store(v, b)
		x.Set(x.Sub(decay.Mul(x)))
		l.store(w, x.Sub(rate.Mul(a).Div(b.Mul(correction2).Sqrt().Add(epsilon))))
	})
	g.Export(f)
}

// noise exports name(dst, p, n, a, b, offset): numbers offset and on of the
// stream whose key is a, b, made into what value says.
func (g *gen) noise(name string, value func(f *asm.Func, l lanes, w asm.VarV128, p asm.VarI32) asm.V128) {
	f := g.Func(name)
	dst, p, n := f.ParamI32(), f.ParamI32(), f.ParamI32()
	a, b, offset := f.ParamI32(), f.ParamI32(), f.ParamI32()
	keyA, keyB := f.LetV128(a.Splat()), f.LetV128(b.Splat())
	index := f.LetV128(offset.Splat().AddI(asm.Lanes(0, 1, 2, 3)))
	each(f, n, 1, []asm.VarI32{dst, p}, func(l lanes) {
		w := word(f, index.V128, keyA, keyB)
		l.store(dst, value(f, l, w, p))
		index.Set(index.AddI(f.HoistI(4)))
	})
	g.Export(f)
}
