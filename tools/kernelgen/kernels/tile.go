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
//	strip(rows, k, s, si, sk, v, vk, c, cs, alpha, add)
//
// that runs tiles over any number of rows: it computes alpha times the product
// of rows of S and a panel of w columns, in order of k, and writes it to the rows
// at c, cs bytes apart, or adds it there if add is not zero. Rows of the panel
// are vk bytes apart, 4*w if it is packed.
//
// Element [i][k] of S is at s + i*si + k*sk. Either sk is 4, or, if across is
// true, si is: then S lies as the product had it transposed, and the numbers of
// neighbouring rows side by side.
func (g *gen) strip(w int, across bool) *asm.Func {
	f := g.Func("strip")
	p := params(f, 9)
	o := strip{f: f, rows: p[0], k: p[1], s: p[2], si: p[3], sk: p[4], v: p[5], vk: p[6], c: p[7], cs: p[8],
		alpha: f.ParamF32(), add: f.ParamI32(), across: across}
	for _, n := range []int{tileRows(w), 1} {
		g.tiles(o, n, w)
	}
	return f
}

// strip has the parameters of such a function.
type strip struct {
	f                                *asm.Func
	rows, k, s, si, sk, v, vk, c, cs asm.VarI32
	alpha                            asm.VarF32
	add                              asm.VarI32
	across                           bool
}

// tiles emits tiles of count rows as long as there are so many left.
func (g *gen) tiles(o strip, count, w int) {
	f := o.f
	row, panel, end := make([]asm.VarI32, count), f.I32(), f.I32()
	acc := make([][]asm.VarV128, count)
	for i := range count {
		row[i] = f.I32()
		acc[i] = vars(f, w/4)
	}
	x, y, scale := vars(f, count), vars(f, w/4), f.V128()
	loadX := func(i, u int) {
		if o.across {
			x[i].Set(f.LoadSplat(row[0], 4*i))
			return
		}
		x[i].Set(f.LoadSplat(row[i], 4*u))
	}
	loadY := func(j, u int) {
		if o.across {
			u = 0
		}
		y[j].Set(f.LoadV128(panel, 4*(u*w+4*j)))
	}
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
			} else {
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
			if o.across {
				row[0].Inc(o.sk)
				panel.Inc(o.vk)
			}
		}
		if !o.across {
			for i := range count {
				row[i].Inc(asm.Const(4 * n))
			}
			panel.Inc(asm.Const(4 * n * w))
		}
	}
	// loop takes n steps at a time over the first of the k that are left.
	loop := func(n int, length asm.I32) {
		if o.across {
			end.Set(o.s.Add(length.Mul(o.sk)))
			f.While(row[0].Ne(end), func() { steps(n) })
			return
		}
		end.Set(o.s.Add(length.Shl(2)))
		f.While(row[0].LtU(end), func() { steps(n) })
	}
	f.While(o.rows.GeU(asm.Const(count)), func() {
		for i := range count {
			if i == 0 {
				row[i].Set(o.s)
			} else if !o.across {
				row[i].Set(row[i-1].Add(o.si))
			}
			for _, a := range acc[i] {
				a.Set(asm.ConstV128(0))
			}
		}
		panel.Set(o.v)
		if g.variant == Relaxed {
			loop(4, o.k.And(asm.Const(-4)))
		}
		// Unrolled, the older V8 of Node 20 loads everything first and runs out of
		// registers when it multiplies and adds.
		loop(1, o.k.I32)
		scale.Set(o.alpha.Splat())
		f.IfElse(o.add, func() {
			for i := range count {
				for j := range w / 4 {
					f.StoreV128(o.c, 16*j, f.LoadV128(o.c, 16*j).Add(acc[i][j].Mul(scale)))
				}
				o.c.Inc(o.cs)
			}
		}, func() {
			for i := range count {
				for j := range w / 4 {
					f.StoreV128(o.c, 16*j, acc[i][j].Mul(scale))
				}
				o.c.Inc(o.cs)
			}
		})
		o.s.Inc(o.si.Mul(asm.Const(count)))
		o.rows.Set(o.rows.Sub(asm.Const(count)))
	})
}
