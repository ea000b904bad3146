package kernels

import "inkdrift/tools/kernelgen/asm"

// transpose4 transposes a block of four vectors.
func transpose4(f *asm.Func, r [4]asm.VarV128) {
	var t [4]asm.VarV128
	for i := range t {
		t[i] = f.V128()
	}
	t[0].Set(r[0].Shuffle(r[1], 0, 4, 1, 5))
	t[1].Set(r[0].Shuffle(r[1], 2, 6, 3, 7))
	t[2].Set(r[2].Shuffle(r[3], 0, 4, 1, 5))
	t[3].Set(r[2].Shuffle(r[3], 2, 6, 3, 7))
	r[0].Set(t[0].Shuffle(t[2], 0, 1, 4, 5))
	r[1].Set(t[0].Shuffle(t[2], 2, 3, 6, 7))
	r[2].Set(t[1].Shuffle(t[3], 0, 1, 4, 5))
	r[3].Set(t[1].Shuffle(t[3], 2, 3, 6, 7))
}

// transpose makes the function
//
//	transpose(dst, ds, src, ss, rows, cols)
//
// for which dst[c][r] = src[r][c], or dst[c][r] += src[r][c] if add is true;
// rows of src are ss bytes apart, rows of dst ds bytes.
func (g *gen) transpose(add bool) *asm.Func {
	f := g.Func("transpose")
	put := func(p asm.Int, x asm.V128) {
		if add {
			x = f.LoadV128(p, 0).Add(x)
		}
		f.StoreV128(p, 0, x)
	}
	put1 := func(p asm.Int, offset int, x asm.F32) {
		if add {
			x = f.LoadF32(p, offset).Add(x)
		}
		f.StoreF32(p, offset, x)
	}
	dst, ds, src, ss := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32()
	rows, cols := f.ParamI32(), f.ParamI32()
	from, to, n := f.I32(), f.I32(), f.I32()
	var r [4]asm.VarV128
	for i := range r {
		r[i] = f.V128()
	}
	p, q := f.I32(), f.I32()
	f.While(rows.GeU(asm.Const(4)), func() {
		from.Set(src)
		to.Set(dst)
		n.Set(cols)
		f.While(n.GeU(asm.Const(4)), func() {
			p.Set(from)
			for i := range r {
				r[i].Set(f.LoadV128(p, 0))
				if i < 3 {
					p.Inc(ss)
				}
			}
			transpose4(f, r)
			for i := range r {
				put(to, r[i].V128)
				to.Inc(ds)
			}
			from.Inc(asm.Const(16))
			n.Set(n.Sub(asm.Const(4)))
		})
		f.While(n, func() { // a column of four
			p.Set(from)
			q.Set(to)
			for i := range r {
				put1(q, 4*i, f.LoadF32(p, 0))
				p.Inc(ss)
			}
			from.Inc(asm.Const(4))
			to.Inc(ds)
			n.Set(n.Sub(asm.Const(1)))
		})
		src.Inc(ss.Shl(2))
		dst.Inc(asm.Const(16))
		rows.Set(rows.Sub(asm.Const(4)))
	})
	f.While(rows, func() { // a row
		from.Set(src)
		to.Set(dst)
		n.Set(cols)
		f.While(n, func() {
			put1(to, 0, f.LoadF32(from, 0))
			from.Inc(asm.Const(4))
			to.Inc(ds)
			n.Set(n.Sub(asm.Const(1)))
		})
		src.Inc(ss)
		dst.Inc(asm.Const(4))
		rows.Set(rows.Sub(asm.Const(1)))
	})
	return f
}

// copyPanel makes the function
//
//	copy(dst, src, ss, k)
//
// that copies k rows of w numbers, ss bytes apart, to a panel.
func (g *gen) copyPanel(w int) *asm.Func {
	f := g.Func("copy")
	dst, src, ss, k := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32()
	f.While(k, func() {
		for j := range w / 4 {
			f.StoreV128(dst, 16*j, f.LoadV128(src, 16*j))
		}
		src.Inc(ss)
		dst.Inc(asm.Const(4 * w))
		k.Set(k.Sub(asm.Const(1)))
	})
	return f
}

// clear makes the function
//
//	clear(dst, n)
//
// that sets n vectors of four to zero.
func (g *gen) clear() *asm.Func {
	f := g.Func("clear")
	dst, n := f.ParamI32(), f.ParamI32()
	f.While(n, func() {
		f.StoreV128(dst, 0, asm.ConstV128(0))
		dst.Inc(asm.Const(16))
		n.Set(n.Sub(asm.Const(1)))
	})
	return f
}

// copyRows makes the function
//
//	copyRows(dst, ds, src, ss, rows, cols, add)
//
// that copies a matrix, or adds it to dst if add is not zero.
func (g *gen) copyRows() *asm.Func {
	f := g.Func("copyRows")
	dst, ds, src, ss := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32()
	rows, cols, add := f.ParamI32(), f.ParamI32(), f.ParamI32()
	from, to, n := f.I32(), f.I32(), f.I32()
	f.While(rows, func() {
		from.Set(src)
		to.Set(dst)
		n.Set(cols)
		f.While(n, func() {
			f.IfElse(add,
				func() { f.StoreF32(to, 0, f.LoadF32(to, 0).Add(f.LoadF32(from, 0))) },
				func() { f.StoreF32(to, 0, f.LoadF32(from, 0)) })
			from.Inc(asm.Const(4))
			to.Inc(asm.Const(4))
			n.Set(n.Sub(asm.Const(1)))
		})
		src.Inc(ss)
		dst.Inc(ds)
		rows.Set(rows.Sub(asm.Const(1)))
	})
	return f
}
