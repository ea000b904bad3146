package kernels

import "inkdrift/tools/kernelgen/asm"

// A product is made of tiles of a few rows by a wide panel of columns. The
// accumulators of a tile are registers; for each step along k a tile loads one
// column of the panel, vectors of four, and one number of each of its rows, four
// times. Wide panels and few rows measured best (see wasm/RATIONALE.md): loads
// of vectors cost one micro-operation in V8, loads of a number four times cost
// two.

// widths are the widths that a panel can have, the widest first. 24 and 20 make
// up every multiple of 4 from 80 on.
var widths = []int{24, 20, 16, 12, 8, 4}

// tileRows is the most rows of a tile over a panel of width w.
func tileRows(w int) int {
	switch {
	case w >= 16:
		return 2
	case w == 12:
		return 3
	case w == 8:
		return 4
	}
	return 8
}

// strip makes the function
//
//	strip(rows, k, s, ss, v, c, cs, alpha, add)
//
// that runs tiles over any number of rows: it computes alpha times the product
// of the rows at s, ss bytes apart, k numbers each, and the panel v of k times w
// numbers, in order of k, and writes it to the rows at c, cs bytes apart, or adds
// it there if add is not zero.
func (g *gen) strip(w int) *asm.Func {
	f := g.Func("strip")
	rows, k, s, ss, v := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32()
	c, cs, alpha, add := f.ParamI32(), f.ParamI32(), f.ParamF32(), f.ParamI32()
	for _, n := range []int{tileRows(w), 1} {
		g.tiles(f, n, w, rows, k, s, ss, v, c, cs, alpha, add)
	}
	return f
}

// tiles emits tiles of count rows as long as there are so many left.
func (g *gen) tiles(f *asm.Func, count, w int, rows, k, s, ss, v, c, cs asm.VarI32, alpha asm.VarF32, add asm.VarI32) {
	row, panel, end := make([]asm.VarI32, count), f.I32(), f.I32()
	acc := make([][]asm.VarV128, count)
	for i := range count {
		row[i] = f.I32()
		acc[i] = vars(f, w/4)
	}
	x, y, scale := vars(f, count), vars(f, w/4), f.V128()
	loadX := func(i, u int) { x[i].Set(f.LoadSplat(row[i], 4*u)) }
	loadY := func(j, u int) { y[j].Set(f.LoadV128(panel, 4*(u*w+4*j))) }
	steps := func(n int) {
		for u := range n {
			// What there is less of stays in registers, the other passes through.
			if count <= w/4 {
				for i := range count {
					loadX(i, u)
				}
				for j := range w / 4 {
					loadY(j, u)
					for i := range count {
						g.madd(acc[i][j], x[i].V128, y[j])
					}
				}
				continue
			}
			for j := range w / 4 {
				loadY(j, u)
			}
			for i := range count {
				loadX(i, u)
				for j := range w / 4 {
					g.madd(acc[i][j], x[i].V128, y[j])
				}
			}
		}
		for i := range count {
			row[i].Inc(asm.Const(4 * n))
		}
		panel.Inc(asm.Const(4 * n * w))
	}
	f.While(rows.GeU(asm.Const(count)), func() {
		for i := range count {
			if i == 0 {
				row[i].Set(s)
			} else {
				row[i].Set(row[i-1].Add(ss))
			}
			for _, a := range acc[i] {
				a.Set(asm.ConstV128(0))
			}
		}
		panel.Set(v)
		if g.variant == Relaxed {
			end.Set(s.Add(k.And(asm.Const(-4)).Shl(2)))
			f.While(row[0].LtU(end), func() { steps(4) })
			end.Set(s.Add(k.Shl(2)))
			f.While(row[0].LtU(end), func() { steps(1) })
		} else {
			// Unrolled, the older V8 of Node 20 loads everything first and runs out
			// of registers.
			end.Set(s.Add(k.Shl(2)))
			f.While(row[0].LtU(end), func() { steps(1) })
		}
		scale.Set(alpha.Splat())
		f.IfElse(add, func() {
			for i := range count {
				for j := range w / 4 {
					f.StoreV128(c, 16*j, f.LoadV128(c, 16*j).Add(acc[i][j].Mul(scale)))
				}
				c.Inc(cs)
			}
		}, func() {
			for i := range count {
				for j := range w / 4 {
					f.StoreV128(c, 16*j, acc[i][j].Mul(scale))
				}
				c.Inc(cs)
			}
		})
		s.Inc(ss.Mul(asm.Const(count)))
		rows.Set(rows.Sub(asm.Const(count)))
	})
}
