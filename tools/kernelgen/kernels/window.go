package kernels

import "inkdrift/tools/kernelgen/asm"

// windows exports what a convolution needs besides products.
func (g *gen) windows() {
	g.window("im2col", false)
	g.window("col2im", true)
	g.transposeAll()
}

// window exports
//
//	name(picture, columns, n, height, width, channels, kernel, stride, padding, rowLen)
//
// for n pictures: it copies what a window sees to rows of columns, or adds rows
// of columns to what it sees if add is true. For each row of the window that is
// one run of numbers on either side.
func (g *gen) window(name string, add bool) {
	f := g.Func(name)
	picture, columns, n := f.ParamI32(), f.ParamI32(), f.ParamI32()
	height, width, channels := f.ParamI32(), f.ParamI32(), f.ParamI32()
	kernel, stride, padding, rowLen := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32()
	one := asm.Const(1)
	places := func(size asm.VarI32) asm.VarI32 {
		return f.LetI32(size.Add(padding.Shl(1)).Sub(kernel).DivU(stride).Add(one))
	}
	rows, cols := places(height), places(width)
	pixel := f.LetI32(channels.Shl(2))
	line := f.LetI32(width.Mul(pixel))
	run := f.LetI32(kernel.Mul(channels))
	even := f.LetI32(rowLen.Eq(kernel.Mul(run)))
	x, y, i, j, k := f.I32(), f.I32(), f.I32(), f.I32(), f.I32()
	first, last, count, skip, seen, at := f.I32(), f.I32(), f.I32(), f.I32(), f.I32(), f.I32()
	from, to, left := f.I32(), f.I32(), f.I32()
	f.While(n, func() {
		y.Set(asm.Const(0).Sub(padding))
		i.Set(rows)
		f.Until(i, func() {
			x.Set(asm.Const(0).Sub(padding))
			j.Set(cols)
			f.Until(j, func() {
				first.Set(x.Select(x.GtS(asm.Const(0)), asm.Const(0)))
				last.Set(x.Add(kernel))
				last.Set(width.Select(last.GtS(width), last))
				count.Set(last.Sub(first).Mul(channels).Select(last.GtS(first), asm.Const(0)))
				skip.Set(first.Sub(x).Mul(pixel))
				if !add {
					whole := count.Eq(run).And(y.LtU(height)).And(y.Add(kernel).Sub(one).LtU(height))
					f.If(whole.And(even).Not(), func() {
						to.Set(columns)
						left.Set(rowLen)
						f.Until(left, func() {
							f.StoreV128(to, 0, asm.ConstV128(0))
							to.Inc(asm.Const(16))
							left.Set(left.Sub(asm.Const(4)))
						})
					})
				}
				seen.Set(picture.Add(y.Mul(line)).Add(first.Mul(pixel)))
				at.Set(columns.Add(skip))
				k.Set(y)
				last.Set(y.Add(kernel))
				f.Until(k.Ne(last), func() {
					f.If(k.LtU(height).And(count.Ne(asm.Const(0))), func() {
						from.Set(seen)
						to.Set(at)
						left.Set(count)
						each(f, left, 4, []asm.VarI32{from, to}, func(l lanes) {
							if add {
								l.store(from, l.load(from).Add(l.load(to)))
							} else {
								l.store(to, l.load(from))
							}
						})
					})
					seen.Inc(line)
					at.Inc(run.Shl(2))
					k.Inc(one)
				})
				columns.Inc(rowLen.Shl(2))
				x.Inc(stride)
				j.Set(j.Sub(one))
			})
			y.Inc(stride)
			i.Set(i.Sub(one))
		})
		picture.Inc(height.Mul(line))
		n.Set(n.Sub(one))
	})
	g.Export(f)
}

// transposeAll exports transpose(dst, src, n, rows, cols) for n matrices one
// behind the other.
func (g *gen) transposeAll() {
	f := g.Func("transpose")
	dst, src, n, rows, cols := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32()
	size := f.LetI32(rows.Mul(cols).Shl(2))
	f.While(n, func() {
		f.Call(g.packers.transpose, dst, rows.Shl(2), src, cols.Shl(2), rows, cols)
		dst.Inc(size)
		src.Inc(size)
		n.Set(n.Sub(asm.Const(1)))
	})
	g.Export(f)
}
