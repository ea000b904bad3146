package kernels

import "inkdrift/tools/kernelgen/asm"

// The blocks of a product. Sums run along k in blocks of at most blockK, equal
// but for the last: a panel of 24 columns then stays in a level-1 cache of 32
// KiB, and the sums are the same for every path through this file.
const (
	blockK = 208
	// groupRows rows meet one panel after the other, so that rows of C are
	// written along memory, each in its own stream.
	groupRows = 32
	// tempRows rows of results wait to be transposed: a cache line of C.
	tempRows = 16
	// packRows rows that had to be transposed, or directRows that are used
	// where they are, stay in a level-2 cache while panels come and go.
	packRows   = 256
	directRows = 512
	// fewRows rows do not make up for packing the panels that they meet.
	fewRows = 49
	// fewSteps along k leave a panel that lies spread out in a level-1 cache.
	fewSteps = 161
)

// The places of the scratch space, in bytes: a panel or the rows of a group,
// results that wait to be transposed or cut, and many panels or many rows.
const (
	scratchSmall = 0
	scratchTemp  = scratchSmall + max(sparseWidth, groupRows)*blockK*4
	scratchBig   = scratchTemp + tempBytes
	tempBytes    = 4 << 10
	bigBytes     = 640 << 10 // of a level-2 cache of 1 MiB
	scratchBytes = scratchBig + bigBytes
)

// The flags of sgemm.
const (
	transA = 1 << iota
	transB
	// swap makes panels of A instead of B. It changes the speed, not the result.
	swap
	// skip leaves out the zeros of the operand that is not made into panels. It
	// changes the speed, and the result only where the other one is not finite.
	skip
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
	g.packers = p
	byRows, byColumns := g.byRows(p), g.byColumns(p)
	sparseRows, sparseColumns := g.sparse(p, false), g.sparse(p, true)
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
	skips := flags.And(asm.Const(skip))
	f.IfElse(flags.And(asm.Const(swap)), func() {
		args := []asm.Arg{n, m, k, b, bCol, bRow, a, aCol, aRow, c, ldc, alpha, add, scratch}
		f.IfElse(skips, func() { f.Call(sparseColumns, args...) }, func() { f.Call(byColumns, args...) })
	}, func() {
		args := []asm.Arg{m, n, k, a, aRow, aCol, b, bRow, bCol, c, ldc, alpha, add, scratch}
		f.IfElse(skips, func() { f.Call(sparseRows, args...) }, func() { f.Call(byRows, args...) })
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

// operands are the parameters of a product: for i < ns and j < nv, C[i][j] =
// alpha sum_k S[i][k] V[k][j], or that is added if add is not zero. S gives the
// rows of tiles, V the panels. Element [i][k] of S is at s + i*si + k*sk, and
// so on; of each pair of strides one is 4.
type operands struct {
	ns, nv, k, s, si, sk, v, vk, vj, c, cs asm.VarI32
	alpha                                  asm.VarF32
	add, scratch                           asm.VarI32
}

func operandParams(f *asm.Func) operands {
	p := params(f, 11)
	return operands{p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8], p[9], p[10],
		f.ParamF32(), f.ParamI32(), f.ParamI32()}
}

// blocks runs body for each block of k, with the pointers s and v at it.
func (o operands) blocks(f *asm.Func, body func(kc asm.VarI32)) {
	n := f.LetI32(o.k.Add(asm.Const(blockK - 1)).DivU(asm.Const(blockK)))
	block := f.LetI32(o.k.Add(n.Sub(asm.Const(1))).DivU(n).Add(asm.Const(3)).And(asm.Const(-4)))
	kc := f.I32()
	f.While(o.k, func() {
		kc.Set(o.k.MinU(block))
		body(kc)
		o.add.Set(asm.Const(1))
		o.k.Set(o.k.Sub(kc))
		o.s.Inc(kc.Mul(o.sk))
		o.v.Inc(kc.Mul(o.vk))
	})
}

// panels runs body for each panel of n columns, n more than 0; cols is how many
// of its w columns exist.
func panels(f *asm.Func, n asm.Int, body func(x, w int, cols asm.I32)) {
	left, rest := f.LetI32(n), f.I32()
	f.Until(left.GtS(asm.Const(0)), func() {
		rest.Set(left.Add(asm.Const(3)).ShrU(2)) // in units of four columns
		rest.Set(rest.MinU(asm.Const(len(firstWidth) - 1)))
		cases := make([]func(), len(widths))
		for x, w := range widths {
			cases[x] = func() {
				body(x, w, left.MinU(asm.Const(w)))
				left.Set(left.Sub(asm.Const(w)))
			}
		}
		f.Switch(choose(rest), cases...)
	})
}

// byRows makes the function
//
//	byRows(ns, nv, k, s, si, sk, v, vk, vj, c, cs, alpha, add, scratch)
//
// for rows of C cs bytes apart: it packs many panels, then takes a group of rows
// through all of them.
func (g *gen) byRows(p packers) *asm.Func {
	pack, along, across := g.packPanels(p), g.strips(false), g.strips(true)
	f := g.Func("byRows")
	o := operandParams(f)
	small, big := f.LetI32(o.scratch.Add(asm.Const(scratchSmall))), f.LetI32(o.scratch.Add(asm.Const(scratchBig)))
	temp := f.LetI32(o.scratch.Add(asm.Const(scratchTemp)))
	direct := f.LetI32(o.sk.Eq(asm.Const(4)))
	// Rows whose numbers are far apart are used as they lie if they meet few
	// panels, or are few themselves, and so are then the panels. What is a
	// multiple of 256 bytes apart would meet in a few sets of a cache.
	spread := func(stride asm.VarI32) asm.I32 { return stride.And(asm.Const(255)).Ne(asm.Const(0)) }
	few := o.ns.LtU(asm.Const(fewRows))
	use := f.LetI32(direct.Not().And(few.Or(o.nv.LtU(asm.Const(fewRows)))).And(spread(o.sk)))
	lies := f.LetI32(use.And(o.vj.Eq(asm.Const(4))).And(few).And(spread(o.vk)))
	inPlace := f.I32()
	done, cols, rows, left := f.I32(), f.I32(), f.I32(), f.I32()
	sp, rp, rs, vp, cp, panel, from, vk := f.I32(), f.I32(), f.I32(), f.I32(), f.I32(), f.I32(), f.I32(), f.I32()
	o.blocks(f, func(kc asm.VarI32) {
		inPlace.Set(lies.And(kc.LtU(asm.Const(fewSteps))))
		done.Set(asm.Const(0))
		f.While(done.LtU(o.nv), func() {
			// As many full panels as there is room for.
			cols.Set(asm.Const(bigBytes / (4 * 24)).DivU(kc).Mul(asm.Const(24)))
			left.Set(o.nv.Sub(done))
			cols.Set(cols.MinU(left))
			vp.Set(o.v.Add(done.Mul(o.vj)))
			panel.Set(big)
			panels(f, cols, func(x, w int, exist asm.I32) {
				f.If(inPlace.And(exist.Eq(asm.Const(w))).Not(), func() {
					f.Call(pack[x], panel, vp, o.vk, o.vj, kc, exist)
				})
				vp.Inc(o.vj.Mul(asm.Const(w)))
				panel.Inc(kc.Mul(asm.Const(4 * w)))
			})
			sp.Set(o.s)
			cp.Set(o.c.Add(done.Shl(2)))
			left.Set(o.ns)
			f.While(left, func() {
				rows.Set(left.MinU(asm.Const(groupRows)))
				rp.Set(sp)
				rs.Set(o.si)
				f.If(direct.Or(use).Not(), func() {
					rp.Set(small)
					rs.Set(kc.Shl(2))
					f.Call(p.transpose, rp, rs, sp, o.sk, kc, rows)
				})
				panel.Set(big)
				from.Set(o.v.Add(done.Mul(o.vj)))
				vp.Set(cp)
				panels(f, cols, func(x, w int, exist asm.I32) {
					run := func(v, vk asm.Arg, c, cs, add asm.Arg) {
						f.IfElse(use,
							func() { f.Call(across[x], rows, kc, rp, rs, o.sk, v, vk, c, cs, o.alpha, add) },
							func() { f.Call(along[x], rows, kc, rp, rs, asm.Const(4), v, vk, c, cs, o.alpha, add) })
					}
					f.IfElse(exist.Eq(asm.Const(w)), func() {
						vk.Set(o.vk.Select(inPlace, asm.Const(4*w)))
						run(from.Select(inPlace, panel), vk, vp, o.cs, o.add)
					}, func() {
						run(panel, asm.Const(4*w), temp, asm.Const(4*w), asm.Const(0))
						f.Call(p.copyRows, vp, o.cs, temp, asm.Const(4*w), rows, exist, o.add)
					})
					vp.Inc(asm.Const(4 * w))
					from.Inc(o.vj.Mul(asm.Const(w)))
					panel.Inc(kc.Mul(asm.Const(4 * w)))
				})
				sp.Inc(rows.Mul(o.si))
				cp.Inc(rows.Mul(o.cs))
				left.Set(left.Sub(rows))
			})
			done.Set(done.Add(cols))
		})
	})
	return f
}

// byColumns makes the function
//
//	byColumns(ns, nv, k, s, si, sk, v, vk, vj, c, cs, alpha, add, scratch)
//
// for columns of C cs bytes apart, so that C[i][j] is at c + 4*i + cs*j: it packs
// one panel after the other and takes all rows through it; results are
// transposed on their way to C.
func (g *gen) byColumns(p packers) *asm.Func {
	pack, strips := g.packPanels(p), g.strips(false)
	f := g.Func("byColumns")
	o := operandParams(f)
	small, big := f.LetI32(o.scratch.Add(asm.Const(scratchSmall))), f.LetI32(o.scratch.Add(asm.Const(scratchBig)))
	temp := f.LetI32(o.scratch.Add(asm.Const(scratchTemp)))
	direct := f.LetI32(o.sk.Eq(asm.Const(4)))
	most := f.LetI32(asm.Const(directRows).Select(direct, asm.Const(packRows)))
	done, rows, n, left := f.I32(), f.I32(), f.I32(), f.I32()
	first, sp, rs, vp, cp, to := f.I32(), f.I32(), f.I32(), f.I32(), f.I32(), f.I32()
	o.blocks(f, func(kc asm.VarI32) {
		done.Set(asm.Const(0))
		f.While(done.LtU(o.ns), func() {
			rows.Set(o.ns.Sub(done))
			rows.Set(rows.MinU(most))
			first.Set(o.s.Add(done.Mul(o.si)))
			rs.Set(o.si)
			f.If(direct.Not(), func() {
				rs.Set(kc.Shl(2))
				f.Call(p.transpose, big, rs, first, o.sk, kc, rows)
				first.Set(big)
			})
			vp.Set(o.v)
			cp.Set(o.c.Add(done.Shl(2)))
			panels(f, o.nv, func(x, w int, exist asm.I32) {
				f.Call(pack[x], small, vp, o.vk, o.vj, kc, exist)
				sp.Set(first)
				to.Set(cp)
				left.Set(rows)
				f.While(left, func() {
					n.Set(left.MinU(asm.Const(tempRows)))
					f.Call(strips[x], n, kc, sp, rs, asm.Const(4), small, asm.Const(4*w), temp, asm.Const(4*w), o.alpha, asm.Const(0))
					f.IfElse(o.add,
						func() { f.Call(p.transposeAdd, to, o.cs, temp, asm.Const(4*w), n, exist) },
						func() { f.Call(p.transpose, to, o.cs, temp, asm.Const(4*w), n, exist) })
					sp.Inc(n.Mul(rs))
					to.Inc(n.Shl(2))
					left.Set(left.Sub(n))
				})
				vp.Inc(o.vj.Mul(asm.Const(w)))
				cp.Inc(o.cs.Mul(asm.Const(w)))
			})
			done.Set(done.Add(rows))
		})
	})
	return f
}

// packPanels makes the functions pack of all widths.
func (g *gen) packPanels(p packers) []*asm.Func {
	if g.packs == nil {
		for _, w := range widths {
			g.packs = append(g.packs, g.packPanel(p, w))
		}
	}
	return g.packs
}

// packPanel makes the function
//
//	pack(dst, v, vk, vj, k, cols)
//
// that packs a panel of w columns, cols of which exist; the others are zero.
func (g *gen) packPanel(p packers, w int) *asm.Func {
	copyPanel := g.copyPanel(w)
	f := g.Func("pack")
	dst, v, vk, vj, k, cols := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamI32()
	ds := asm.Const(4 * w)
	full := f.LetI32(cols.Eq(asm.Const(w)))
	f.If(full.Not(), func() { f.Call(p.clear, dst, k.Mul(asm.Const(w/4))) })
	f.IfElse(vj.Eq(asm.Const(4)), func() {
		f.IfElse(full,
			func() { f.Call(copyPanel, dst, v, vk, k) },
			func() { f.Call(p.copyRows, dst, ds, v, vk, k, cols, asm.Const(0)) })
	}, func() {
		f.Call(p.transpose, dst, ds, v, vj, cols, k)
	})
	return f
}

// strips makes the functions strip of all widths.
func (g *gen) strips(across bool) []*asm.Func {
	made := &g.alongStrips
	if across {
		made = &g.acrossStrips
	}
	if *made == nil {
		for _, w := range widths {
			*made = append(*made, g.strip(w, across))
		}
	}
	return *made
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
