package kernels

import "inkdrift/tools/kernelgen/asm"

// When most numbers of an operand are zero, as in pictures of digits and behind
// rectifiers, its rows are made into lists of what is not zero, and a row is
// multiplied by a panel list entry by list entry. The order along k is that of
// the dense paths, so the sums have the same bits as long as the other operand
// is finite; zero times infinity is left out.

const (
	// sparseWidth is the width of panels: eight accumulators keep the multipliers
	// busy, and a panel stays in a level-1 cache. The last one may be half as wide.
	sparseWidth = 32
	// entryBytes is the size of a list entry: the place in a panel of half the
	// width in bytes, and the number.
	entryBytes = 8
)

// sparseStrip makes the function
//
//	sparse(rows, list, v, c, cs, alpha, add) i32
//
// that multiplies rows, lists one behind the other, by a panel of width w,
// writes the results to rows of C or adds them, and returns the end of the lists. A list is
// its length in bytes, four bytes of nothing, and the entries.
func (g *gen) sparseStrip(w int) *asm.Func {
	f := g.Func("sparse")
	rows, list, v, c := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32()
	cs, alpha, add := f.ParamI32(), f.ParamF32(), f.ParamI32()
	f.ReturnsI32()
	acc := vars(f, w/4)
	end, p, x := f.I32(), f.I32(), f.V128()
	scale := f.LetV128(alpha.Splat())
	f.While(rows, func() {
		end.Set(f.LoadI32(list, 0).Add(list).Add(asm.Const(entryBytes)))
		list.Inc(asm.Const(entryBytes))
		for _, a := range acc {
			a.Set(asm.ConstV128(0))
		}
		// Unrolled, V8 loads everything first and runs out of registers.
		f.While(list.LtU(end), func() {
			place := f.LoadI32(list, 0)
			if w == sparseWidth {
				place = place.Shl(1)
			}
			p.Set(v.Add(place))
			x.Set(f.LoadSplat(list, 4))
			for j, a := range acc {
				g.madd(a, x.V128, f.LoadV128(p, 16*j))
			}
			list.Inc(asm.Const(entryBytes))
		})
		f.IfElse(add, func() {
			for j, a := range acc {
				f.StoreV128(c, 16*j, f.LoadV128(c, 16*j).Add(a.Mul(scale)))
			}
		}, func() {
			for j, a := range acc {
				f.StoreV128(c, 16*j, a.Mul(scale))
			}
		})
		c.Inc(cs)
		rows.Set(rows.Sub(asm.Const(1)))
	})
	f.ResultI32(list)
	return f
}

// compress makes the function
//
//	compress(list, s, ss, rows, k) i32
//
// that makes lists of rows, ss bytes apart, k numbers each, and returns their
// end. It writes up to one entry beyond.
func (g *gen) compress() *asm.Func {
	f := g.Func("compress")
	list, s, ss, rows, k := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32()
	f.ReturnsI32()
	const step = 4 * sparseWidth / 2
	head, from, n, mask := f.I32(), f.I32(), f.I32(), f.I32()
	place, pair := f.V128(), f.V128()
	f.While(rows, func() {
		head.Set(list)
		list.Inc(asm.Const(entryBytes))
		from.Set(s)
		n.Set(k)
		place.Set(asm.Lanes(0, step, 2*step, 3*step))
		each(f, n, 1, []asm.VarI32{from}, func(l lanes) {
			x := l.load(from)
			mask.Set(x.Ne(f.Hoist(0)).BitmaskI())
			for i := range 4 {
				if i%2 == 0 {
					pair.Set(place.Shuffle(x, byte(i), byte(4+i), byte(i+1), byte(5+i)))
				}
				f.StoreHalf(list, 0, pair, byte(i%2))
				// The entry is kept if its number is not zero, else written over.
				bit := mask.I32
				if i < 3 {
					bit = bit.Shl(3 - i)
				}
				list.Inc(bit.And(asm.Const(entryBytes)))
			}
			place.Set(place.AddI(f.HoistI(4 * step)))
		})
		f.StoreI32(head, 0, list.Sub(head).Sub(asm.Const(entryBytes)))
		s.Inc(ss)
		rows.Set(rows.Sub(asm.Const(1)))
	})
	f.ResultI32(list)
	return f
}

// sparse makes the function
//
//	sparse(ns, nv, k, s, si, sk, v, vk, vj, c, cs, alpha, add, scratch)
//
// for rows of C cs bytes apart, or for columns if columns is true.
func (g *gen) sparse(p packers, columns bool) *asm.Func {
	pack, strip, compress := g.sparseFuncs(p)
	f := g.Func("sparse")
	o := operandParams(f)
	small, big := f.LetI32(o.scratch.Add(asm.Const(scratchSmall))), f.LetI32(o.scratch.Add(asm.Const(scratchBig)))
	temp := f.LetI32(o.scratch.Add(asm.Const(scratchTemp)))
	direct := f.LetI32(o.sk.Eq(asm.Const(4)))
	done, rows, n, left, cols, exist := f.I32(), f.I32(), f.I32(), f.I32(), f.I32(), f.I32()
	list, sp, vp, cp, to := f.I32(), f.I32(), f.I32(), f.I32(), f.I32()
	o.blocks(f, func(kc asm.VarI32) {
		done.Set(asm.Const(0))
		f.While(done.LtU(o.ns), func() {
			// As many rows as there is room for, if nothing is zero.
			rows.Set(asm.Const(bigBytes - entryBytes).DivU(kc.Add(asm.Const(1)).Mul(asm.Const(entryBytes))))
			left.Set(o.ns.Sub(done))
			rows.Set(rows.MinU(left))
			sp.Set(o.s.Add(done.Mul(o.si)))
			list.Set(big)
			f.IfElse(direct, func() {
				f.CallI32(list, compress, list, sp, o.si, rows, kc)
			}, func() {
				left.Set(rows)
				f.While(left, func() {
					n.Set(left.MinU(asm.Const(groupRows)))
					f.Call(p.transpose, small, kc.Shl(2), sp, o.sk, kc, n)
					f.CallI32(list, compress, list, small, kc.Shl(2), n, kc)
					sp.Inc(n.Mul(o.si))
					left.Set(left.Sub(n))
				})
			})
			vp.Set(o.v)
			if columns {
				cp.Set(o.c.Add(done.Shl(2)))
			} else {
				cp.Set(o.c.Add(done.Mul(o.cs)))
			}
			panel := func(x, w int) {
				exist.Set(cols.MinU(asm.Const(w)))
				f.Call(pack[x], small, vp, o.vk, o.vj, kc, exist)
				list.Set(big)
				to.Set(cp)
				left.Set(rows)
				whole := func() {
					f.CallI32(list, strip[x], rows, list, small, cp, o.cs, o.alpha, o.add)
				}
				parts := func() {
					f.While(left, func() {
						n.Set(left.MinU(asm.Const(tempRows)))
						f.CallI32(list, strip[x], n, list, small, temp, asm.Const(4*w), o.alpha, asm.Const(0))
						if columns {
							f.IfElse(o.add,
								func() { f.Call(p.transposeAdd, to, o.cs, temp, asm.Const(4*w), n, exist) },
								func() { f.Call(p.transpose, to, o.cs, temp, asm.Const(4*w), n, exist) })
							to.Inc(n.Shl(2))
						} else {
							f.Call(p.copyRows, to, o.cs, temp, asm.Const(4*w), n, exist, o.add)
							to.Inc(n.Mul(o.cs))
						}
						left.Set(left.Sub(n))
					})
				}
				if columns {
					parts()
				} else {
					f.IfElse(exist.Eq(asm.Const(w)), whole, parts)
				}
			}
			cols.Set(o.nv)
			f.Until(cols, func() {
				f.IfElse(cols.GtU(asm.Const(sparseWidth/2)),
					func() { panel(0, sparseWidth) },
					func() { panel(1, sparseWidth/2) })
				vp.Inc(o.vj.Mul(exist))
				if columns {
					cp.Inc(o.cs.Mul(exist))
				} else {
					cp.Inc(exist.Shl(2))
				}
				cols.Set(cols.Sub(exist))
			})
			done.Set(done.Add(rows))
		})
	})
	return f
}

// sparseFuncs makes the functions that sparse uses, pack and strip for the
// whole and for half the width.
func (g *gen) sparseFuncs(p packers) (pack, strip []*asm.Func, compress *asm.Func) {
	if g.compressFunc == nil {
		g.compressFunc = g.compress()
		for _, w := range []int{sparseWidth, sparseWidth / 2} {
			g.sparsePacks = append(g.sparsePacks, g.packPanel(p, w))
			g.sparseStrips = append(g.sparseStrips, g.sparseStrip(w))
		}
	}
	return g.sparsePacks, g.sparseStrips, g.compressFunc
}

// zeros exports zeros(p, rows, cols, stride) i32: how many numbers of a sample
// of a matrix are zero, out of 1024; stride in numbers. It looks at 128 vectors
// of four, spread over all rows.
func (g *gen) zeros() {
	f := g.Func("zeros")
	p, rows, cols, stride := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32()
	f.ReturnsI32()
	const samples = 128
	found, i, row, col := f.V128(), f.LetI32(asm.Const(samples)), f.I32(), f.I32()
	last := f.LetI32(cols.Sub(asm.Const(3)))
	// step advances on a circle of n places, without a division, which would take
	// longer than the sampling.
	step := func(at, by, n asm.VarI32) {
		at.Inc(by)
		at.Set(at.Sub(n).Select(at.GeU(n), at))
	}
	f.If(cols.GeU(asm.Const(4)).And(rows.Ne(asm.Const(0))), func() {
		// Steps through rows and columns that share no factor with most sizes.
		down, along := f.LetI32(asm.Const(7919).RemU(rows)), f.LetI32(asm.Const(4001).RemU(last))
		f.Until(i, func() {
			step(row, down, rows)
			step(col, along, last)
			found.Set(found.SubI(f.LoadV128(p.Add(row.Mul(stride).Add(col).Shl(2)), 0).Eq(f.Hoist(0))))
			i.Set(i.Sub(asm.Const(1)))
		})
	})
	f.ResultI32(found.LaneI(0).Add(found.LaneI(1)).Add(found.LaneI(2).Add(found.LaneI(3))).Shl(1))
	g.Export(f)
}
