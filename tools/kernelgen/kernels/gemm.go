package kernels

import "inkdrift/tools/kernelgen/asm"

// The blocks of a product. Sums run along k in blocks of at most blockK, equal
// but for the last: a panel of 24 columns then stays in a level-1 cache of
// 32 KiB, and what is added up is the same for every path through this file.
const (
	blockK = 272
	// packRows rows that had to be transposed, or directRows that are used
	// where they are, stay in a level-2 cache.
	packRows   = 256
	directRows = 512
	// tempRows rows of results wait to be transposed or cut.
	tempRows = 16
)

// The places of the scratch space, in bytes.
const (
	scratchPanel = 0
	scratchTemp  = scratchPanel + 24*blockK*4
	scratchRows  = scratchTemp + tempRows*24*4
	scratchBytes = scratchRows + packRows*blockK*4
)

// The flags of sgemm.
const (
	transA = 1 << iota
	transB
	// swap makes panels of A instead of B. It changes the speed, not the result.
	swap
)

// packers are the functions that move matrices.
type packers struct {
	transpose, transposeAdd, copyRows, clear *asm.Func
}

// gemm exports
//
//	sgemm(flags, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, scratch)
//
// which is C = alpha op(A) op(B) + beta C as BLAS has it, strides in numbers.
// For every element of C: C is multiplied by beta (not read if beta is 0); then
// for each block of k the products are added up in order, starting from zero,
// and alpha times the sum is added to C. A, B and C do not overlap.
func (g *gen) gemm() {
	p := packers{g.transpose(false), g.transpose(true), g.copyRows(), g.clear()}
	core := g.core(p)
	scale := g.scaleRows()

	f := g.Func("sgemm")
	flags, m, n, k, alpha := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamF32()
	a, lda, b, ldb := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32()
	beta, c, ldc, scratch := f.ParamF32(), f.ParamI32(), f.ParamI32(), f.ParamI32()
	four := asm.Const(4)
	lda.Set(lda.Shl(2))
	ldb.Set(ldb.Shl(2))
	ldc.Set(ldc.Shl(2))
	nothing := f.LetI32(k.Not().Or(alpha.Eq(asm.ConstF32(0))))
	f.If(beta.Ne(asm.ConstF32(1)).And(nothing.Or(beta.Ne(asm.ConstF32(0)))), func() {
		f.Call(scale, c, ldc, m, n, beta)
	})
	f.If(nothing, f.Return)
	isA, isB := flags.And(asm.Const(transA)), flags.And(asm.Const(transB))
	aRow, aCol := f.LetI32(four.Select(isA, lda)), f.LetI32(lda.Select(isA, four))
	bRow, bCol := f.LetI32(four.Select(isB, ldb)), f.LetI32(ldb.Select(isB, four))
	add := beta.Ne(asm.ConstF32(0))
	f.IfElse(flags.And(asm.Const(swap)), func() {
		f.Call(core, n, m, k, b, bCol, bRow, a, aCol, aRow, c, four, ldc, alpha, add, scratch)
	}, func() {
		f.Call(core, m, n, k, a, aRow, aCol, b, bRow, bCol, c, ldc, four, alpha, add, scratch)
	})
	g.Export(f)
}

// scaleRows makes the function
//
//	scale(c, cs, rows, cols, beta)
//
// that multiplies a matrix by beta, or clears it if beta is 0.
func (g *gen) scaleRows() *asm.Func {
	f := g.Func("scale")
	c, cs, rows, cols, beta := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamF32()
	p, n := f.I32(), f.I32()
	f.While(rows, func() {
		p.Set(c)
		n.Set(cols)
		f.While(n, func() {
			f.IfElse(beta.Eq(asm.ConstF32(0)),
				func() { f.StoreF32(p, 0, beta.Mul(beta)) }, // not -0
				func() { f.StoreF32(p, 0, f.LoadF32(p, 0).Mul(beta)) })
			p.Inc(asm.Const(4))
			n.Set(n.Sub(asm.Const(1)))
		})
		c.Inc(cs)
		rows.Set(rows.Sub(asm.Const(1)))
	})
	return f
}

// core makes the function
//
//	core(ns, nv, k, s, si, sk, v, vk, vj, c, ci, cj, alpha, add, scratch)
//
// that computes, for i < ns and j < nv, C[i][j] = alpha sum_k S[i][k] V[k][j],
// or adds it if add is not zero. S gives the rows of tiles, V the panels.
// Element [i][k] of S is at s + i*si + k*sk, and so on; of each pair of strides
// one is 4.
func (g *gen) core(p packers) *asm.Func {
	panels := make([]*asm.Func, len(widths))
	for i, w := range widths {
		panels[i] = g.panel(p, w)
	}
	f := g.Func("core")
	ns, nv, k := f.ParamI32(), f.ParamI32(), f.ParamI32()
	s, si, sk := f.ParamI32(), f.ParamI32(), f.ParamI32()
	v, vk, vj := f.ParamI32(), f.ParamI32(), f.ParamI32()
	c, ci, cj := f.ParamI32(), f.ParamI32(), f.ParamI32()
	alpha, add, scratch := f.ParamF32(), f.ParamI32(), f.ParamI32()
	one := asm.Const(1)

	blocks := f.LetI32(k.Add(asm.Const(blockK - 1)).DivU(asm.Const(blockK)))
	block := f.LetI32(k.Add(blocks.Sub(one)).DivU(blocks).Add(asm.Const(3)).And(asm.Const(-4)))
	direct := f.LetI32(sk.Eq(asm.Const(4)))
	most := f.LetI32(asm.Const(directRows).Select(direct, asm.Const(packRows)))
	kc, i, rows, j, rest := f.I32(), f.I32(), f.I32(), f.I32(), f.I32()
	sp, ss, vp, cp := f.I32(), f.I32(), f.I32(), f.I32()
	f.While(k, func() {
		kc.Set(k.MinU(block))
		i.Set(asm.Const(0))
		f.While(i.LtU(ns), func() {
			rows.Set(ns.Sub(i))
			rows.Set(rows.MinU(most))
			sp.Set(s.Add(i.Mul(si)))
			ss.Set(si)
			f.If(direct.Not(), func() {
				ss.Set(kc.Shl(2))
				f.Call(p.transpose, scratch.Add(asm.Const(scratchRows)), ss, sp, sk, kc, rows)
				sp.Set(scratch.Add(asm.Const(scratchRows)))
			})
			vp.Set(v)
			cp.Set(c.Add(i.Mul(ci)))
			j.Set(nv)
			f.While(j.GtS(asm.Const(0)), func() {
				// rest is in units of four columns.
				rest.Set(j.Add(asm.Const(3)).ShrU(2))
				rest.Set(rest.MinU(asm.Const(len(firstWidth) - 1)))
				cases := make([]func(), len(widths))
				for x, w := range widths {
					cases[x] = func() {
						f.Call(panels[x], rows, kc, sp, ss, vp, vk, vj, j.MinU(asm.Const(w)), cp, ci, cj, alpha, add, scratch)
						vp.Inc(vj.Mul(asm.Const(w)))
						cp.Inc(cj.Mul(asm.Const(w)))
						j.Set(j.Sub(asm.Const(w)))
					}
				}
				f.Switch(choose(rest), cases...)
			})
			i.Set(i.Add(rows))
		})
		add.Set(one)
		k.Set(k.Sub(kc))
		s.Inc(kc.Mul(sk))
		v.Inc(kc.Mul(vk))
	})
	return f
}

// panel makes the function
//
//	panel(rows, k, s, ss, v, vk, vj, cols, c, ci, cj, alpha, add, scratch)
//
// that packs a panel of w columns, cols of which exist, and multiplies it.
func (g *gen) panel(p packers, w int) *asm.Func {
	strip, copyPanel := g.strip(w), g.copyPanel(w)
	f := g.Func("panel")
	rows, k, s, ss := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32()
	v, vk, vj, cols := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32()
	c, ci, cj := f.ParamI32(), f.ParamI32(), f.ParamI32()
	alpha, add, scratch := f.ParamF32(), f.ParamI32(), f.ParamI32()
	four, ds := asm.Const(4), asm.Const(4*w)

	full := f.LetI32(cols.Eq(asm.Const(w)))
	f.If(full.Not(), func() {
		f.Call(p.clear, scratch, k.Mul(asm.Const(w/4)))
	})
	f.IfElse(vj.Eq(four), func() {
		f.IfElse(full,
			func() { f.Call(copyPanel, scratch, v, vk, k) },
			func() { f.Call(p.copyRows, scratch, ds, v, vk, k, cols, asm.Const(0)) })
	}, func() {
		f.Call(p.transpose, scratch, ds, v, vj, cols, k)
	})

	natural := f.LetI32(cj.Eq(four))
	f.If(natural.And(full), func() {
		f.Call(strip, rows, k, s, ss, scratch, c, ci, alpha, add)
		f.Return()
	})
	n, temp := f.I32(), f.LetI32(scratch.Add(asm.Const(scratchTemp)))
	f.While(rows, func() {
		n.Set(rows.MinU(asm.Const(tempRows)))
		f.Call(strip, n, k, s, ss, scratch, temp, ds, alpha, asm.Const(0))
		f.IfElse(natural, func() {
			f.Call(p.copyRows, c, ci, temp, ds, n, cols, add)
		}, func() {
			f.IfElse(add,
				func() { f.Call(p.transposeAdd, c, cj, temp, ds, n, cols) },
				func() { f.Call(p.transpose, c, cj, temp, ds, n, cols) })
		})
		s.Inc(n.Mul(ss))
		c.Inc(n.Mul(ci))
		rows.Set(rows.Sub(n))
	})
	return f
}

// firstWidth tells for each number of columns, in units of four, which of
// widths the next panel has; the last entry stands for all larger numbers.
var firstWidth = planWidths()

// planWidths divides columns into panels so that the sum of their costs is
// least. A narrow panel leaves the multipliers idle part of the time.
func planWidths() []int {
	cost := map[int]int{24: 60, 20: 51, 16: 46, 12: 32, 8: 27, 4: 20}
	const most = 128 / 4
	best := make([]int, most)
	first := make([]int, most)
	for n := 1; n < most; n++ {
		for i, w := range widths {
			if w/4 > n {
				continue
			}
			if c := cost[w] + best[n-w/4]; best[n] == 0 || c < best[n] {
				best[n], first[n] = c, i
			}
		}
	}
	return first
}

// choose is the index of the width for rest, in units of four columns, below
// len(firstWidth).
func choose(rest asm.VarI32) asm.I32 {
	index := asm.Const(0)
	for i := range widths[1:] {
		var mask uint32
		for n, first := range firstWidth {
			if first == i+1 {
				mask |= 1 << n
			}
		}
		bit := asm.Const(int(int32(mask))).ShrUBy(rest).And(asm.Const(1))
		index = asm.Const(i+1).Select(bit, index)
	}
	return index
}
