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

// tile makes the function
//
//	tile(k, s, ss, v, c, cs, alpha, add)
//
// that computes alpha times the product of rows rows at s, ss bytes apart, k
// numbers each, and the panel v of k times w numbers, in order of k, and writes
// it to the rows at c, cs bytes apart, or adds it there if add is not zero.
func (g *gen) tile(rows, w int) *asm.Func {
	f := g.Func("tile")
	k, s, ss, v := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32()
	c, cs, alpha, add := f.ParamI32(), f.ParamI32(), f.ParamF32(), f.ParamI32()
	row := make([]asm.VarI32, rows)
	acc := make([][]asm.VarV128, rows)
	for i := range rows {
		row[i] = s
		if i > 0 {
			row[i] = f.LetI32(row[i-1].Add(ss))
		}
		acc[i] = vars(f, w/4)
	}
	x, y := vars(f, rows), vars(f, w/4)
	loadX := func(i, u int) { x[i].Set(f.LoadSplat(row[i], 4*u)) }
	loadY := func(j, u int) { y[j].Set(f.LoadV128(v, 4*(u*w+4*j))) }
	steps := func(n int) {
		for u := range n {
			// What there is less of stays in registers, the other passes through.
			if rows <= w/4 {
				for i := range rows {
					loadX(i, u)
				}
				for j := range w / 4 {
					loadY(j, u)
					for i := range rows {
						g.madd(acc[i][j], x[i].V128, y[j])
					}
				}
				continue
			}
			for j := range w / 4 {
				loadY(j, u)
			}
			for i := range rows {
				loadX(i, u)
				for j := range w / 4 {
					g.madd(acc[i][j], x[i].V128, y[j])
				}
			}
		}
		for i := range rows {
			row[i].Inc(asm.Const(4 * n))
		}
		v.Inc(asm.Const(4 * n * w))
	}
	if g.variant == Relaxed {
		end := f.LetI32(s.Add(k.And(asm.Const(-4)).Shl(2)))
		f.While(s.LtU(end), func() { steps(4) })
		end.Set(s.Add(k.And(asm.Const(3)).Shl(2)))
		f.While(s.LtU(end), func() { steps(1) })
	} else {
		// Unrolled, the older V8 of Node 20 loads everything first and runs out
		// of registers.
		end := f.LetI32(s.Add(k.Shl(2)))
		f.While(s.LtU(end), func() { steps(1) })
	}
	scale := f.LetV128(alpha.Splat())
	f.IfElse(add, func() {
		for i := range rows {
			for j := range w / 4 {
				f.StoreV128(c, 16*j, f.LoadV128(c, 16*j).Add(acc[i][j].Mul(scale)))
			}
			c.Inc(cs)
		}
	}, func() {
		for i := range rows {
			for j := range w / 4 {
				f.StoreV128(c, 16*j, acc[i][j].Mul(scale))
			}
			c.Inc(cs)
		}
	})
	return f
}

// strip makes the function
//
//	strip(rows, k, s, ss, v, c, cs, alpha, add)
//
// that runs tiles over any number of rows.
func (g *gen) strip(w int) *asm.Func {
	most := tileRows(w)
	many, one := g.tile(most, w), g.tile(1, w)
	f := g.Func("strip")
	rows, k, s, ss, v := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32()
	c, cs, alpha, add := f.ParamI32(), f.ParamI32(), f.ParamF32(), f.ParamI32()
	for _, t := range []struct {
		tile *asm.Func
		rows int
	}{{many, most}, {one, 1}} {
		f.While(rows.GeU(asm.Const(t.rows)), func() {
			f.Call(t.tile, k, s, ss, v, c, cs, alpha, add)
			s.Inc(ss.Mul(asm.Const(t.rows)))
			c.Inc(cs.Mul(asm.Const(t.rows)))
			rows.Set(rows.Sub(asm.Const(t.rows)))
		})
	}
	return f
}
