package kernels

import "inkdrift/tools/kernelgen/asm"

// vectors exports the functions of vectors, and of a matrix and vectors. Their
// vectors have no gaps; strides of matrices are in numbers.
func (g *gen) vectors() {
	g.scal()
	g.axpy()
	g.dot()
	g.gemvN()
	g.gemvT()
	g.ger()
	g.gemmDot()
}

// scal exports sscal(n, alpha, x).
func (g *gen) scal() {
	f := g.Func("sscal")
	n, alpha, x := f.ParamI32(), f.ParamF32(), f.ParamI32()
	factor := f.LetV128(alpha.Splat())
	each(f, n, 4, []asm.VarI32{x}, func(l lanes) { l.store(x, l.load(x).Mul(factor)) })
	g.Export(f)
}

// axpyLoop emits y += alpha*x, leaving the pointers behind the vectors.
func (g *gen) axpyLoop(f *asm.Func, n asm.VarI32, alpha asm.VarV128, x, y asm.VarI32) {
	each(f, n, 4, []asm.VarI32{x, y}, func(l lanes) {
		z := l.load(y)
		g.madd(z, alpha.V128, l.load(x))
		l.store(y, z)
	})
}

// axpy exports saxpy(n, alpha, x, y).
func (g *gen) axpy() {
	f := g.Func("saxpy")
	n, alpha, x, y := f.ParamI32(), f.ParamF32(), f.ParamI32(), f.ParamI32()
	g.axpyLoop(f, n, f.LetV128(alpha.Splat()), x, y)
	g.Export(f)
}

// dotLoop emits the sum of products of two vectors, leaving the pointers behind
// them. Of the first n - n mod 16 products, number i is added to sum i modulo
// 16, of the others to sum i modulo 4; then the 16 are added up: 0 + 4 and 8 +
// 12, these two, and so on for the four lanes, and those as sumLanes does.
func (g *gen) dotLoop(f *asm.Func, n asm.VarI32, x, y asm.VarI32) asm.F32 {
	acc := vars(f, 4)
	for _, a := range acc {
		a.Set(asm.ConstV128(0))
	}
	each(f, n, 4, []asm.VarI32{x, y}, func(l lanes) {
		g.madd(acc[l.unroll], l.load(x).V128, l.load(y))
	})
	acc[0].Set(acc[0].Add(acc[1]).Add(acc[2].Add(acc[3])))
	return sumLanes(acc[0])
}

// dot exports sdot(n, x, y) f32.
func (g *gen) dot() {
	f := g.Func("sdot")
	n, x, y := f.ParamI32(), f.ParamI32(), f.ParamI32()
	f.ReturnsF32()
	f.ResultF32(g.dotLoop(f, n, x, y))
	g.Export(f)
}

// put writes beta*y + x at p, or x if beta is 0.
func put(f *asm.Func, p asm.Int, beta asm.VarF32, x asm.F32) {
	v := f.LetF32(x)
	f.If(beta.Ne(asm.ConstF32(0)), func() {
		v.Set(beta.Mul(f.LoadF32(p, 0)).Add(v))
	})
	f.StoreF32(p, 0, v)
}

// gemvN exports sgemv_n(m, n, alpha, a, lda, x, beta, y): y = alpha A x + beta y,
// every element by way of sdot. y is not read if beta is 0.
func (g *gen) gemvN() {
	f := g.Func("sgemv_n")
	m, n, alpha, a, lda := f.ParamI32(), f.ParamI32(), f.ParamF32(), f.ParamI32(), f.ParamI32()
	x, beta, y := f.ParamI32(), f.ParamF32(), f.ParamI32()
	row, col := f.I32(), f.I32()
	eachRow(f, m, n, func(n asm.VarI32) {
		row.Set(a)
		col.Set(x)
		put(f, y, beta, alpha.Mul(g.dotLoop(f, n, row, col)))
		a.Inc(lda.Shl(2))
		y.Inc(asm.Const(4))
	})
	g.Export(f)
}

// gemvT exports sgemv_t(m, n, alpha, a, lda, x, y): y += alpha A^T x, one row
// of A after the other, each times alpha*x[i].
func (g *gen) gemvT() {
	f := g.Func("sgemv_t")
	m, n, alpha, a, lda := f.ParamI32(), f.ParamI32(), f.ParamF32(), f.ParamI32(), f.ParamI32()
	x, y := f.ParamI32(), f.ParamI32()
	from, to, factor := f.I32(), f.I32(), f.V128()
	eachRow(f, m, n, func(n asm.VarI32) {
		from.Set(a)
		to.Set(y)
		factor.Set(alpha.Mul(f.LoadF32(x, 0)).Splat())
		g.axpyLoop(f, n, factor, from, to)
		a.Inc(lda.Shl(2))
		x.Inc(asm.Const(4))
	})
	g.Export(f)
}

// ger exports sger(m, n, alpha, x, y, a, lda): A += alpha x y^T.
func (g *gen) ger() {
	f := g.Func("sger")
	m, n, alpha, x, y := f.ParamI32(), f.ParamI32(), f.ParamF32(), f.ParamI32(), f.ParamI32()
	a, lda := f.ParamI32(), f.ParamI32()
	from, to, factor := f.I32(), f.I32(), f.V128()
	eachRow(f, m, n, func(n asm.VarI32) {
		from.Set(y)
		to.Set(a)
		factor.Set(alpha.Mul(f.LoadF32(x, 0)).Splat())
		g.axpyLoop(f, n, factor, from, to)
		a.Inc(lda.Shl(2))
		x.Inc(asm.Const(4))
	})
	g.Export(f)
}

// dotRows is how many sums of gemmDot run side by side.
const dotRows = 8

// gemmDot exports
//
//	sgemm_dot(m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
//
// which is C = alpha A B^T + beta C for a few rows of A, without packing: of
// each sum, term i is added to sum i modulo 4, and those as sumLanes does.
func (g *gen) gemmDot() {
	f := g.Func("sgemm_dot")
	m, n, k, alpha, a, lda := f.ParamI32(), f.ParamI32(), f.ParamI32(), f.ParamF32(), f.ParamI32(), f.ParamI32()
	b, ldb, beta, c, ldc := f.ParamI32(), f.ParamI32(), f.ParamF32(), f.ParamI32(), f.ParamI32()
	lda.Set(lda.Shl(2))
	ldb.Set(ldb.Shl(2))
	p, from, to, x := f.I32(), f.I32(), f.I32(), f.V128()
	rows := func(n asm.VarI32, left asm.VarI32, count int) {
		acc := vars(f, count)
		row := make([]asm.VarI32, count)
		for i := range row {
			row[i] = f.I32()
		}
		f.While(left.GeU(asm.Const(count)), func() {
			for i := range row {
				if i == 0 {
					row[i].Set(from)
				} else {
					row[i].Set(row[i-1].Add(ldb))
				}
				acc[i].Set(asm.ConstV128(0))
			}
			from.Set(row[count-1].Add(ldb))
			p.Set(a)
			n.Set(k)
			each(f, n, 1, append([]asm.VarI32{p}, row...), func(l lanes) {
				x.Set(l.load(p))
				for i := range row {
					g.madd(acc[i], x.V128, l.load(row[i]))
				}
			})
			for i := range acc {
				put(f, to, beta, alpha.Mul(sumLanes(acc[i])))
				to.Inc(asm.Const(4))
			}
			left.Set(left.Sub(asm.Const(count)))
		})
	}
	steps := f.I32()
	eachRow(f, m, n, func(left asm.VarI32) {
		from.Set(b)
		to.Set(c)
		rows(steps, left, dotRows)
		rows(steps, left, 1)
		a.Inc(lda)
		c.Inc(ldc.Shl(2))
	})
	g.Export(f)
}
