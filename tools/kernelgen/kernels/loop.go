package kernels

import "inkdrift/tools/kernelgen/asm"

// lanes reads and writes up to four numbers at a time.
type lanes struct {
	f *asm.Func
	n *asm.VarI32 // how many, 1 to 3; nil for four
	// unroll is the number of the vector inside one round of a loop.
	unroll int
}

// load reads numbers at p; lanes that are not there are zero.
func (l lanes) load(p asm.Int) asm.VarV128 {
	f := l.f
	if l.n == nil {
		return f.LetV128(f.LoadV128(p, 16*l.unroll))
	}
	x := f.LetV128(f.LoadOne(p, 0))
	f.If(l.n.GtU(asm.Const(1)), func() { x.Set(f.LoadLane(p, 4, x, 1)) })
	f.If(l.n.GtU(asm.Const(2)), func() { x.Set(f.LoadLane(p, 8, x, 2)) })
	return x
}

// store writes numbers at p.
func (l lanes) store(p asm.Int, x asm.Vec) {
	f := l.f
	if l.n == nil {
		f.StoreV128(p, 16*l.unroll, x)
		return
	}
	v := f.LetV128(x)
	f.StoreLane(p, 0, v, 0)
	f.If(l.n.GtU(asm.Const(1)), func() { f.StoreLane(p, 4, v, 1) })
	f.If(l.n.GtU(asm.Const(2)), func() { f.StoreLane(p, 8, v, 2) })
}

// present is x with the lanes that are not there set to zero.
func (l lanes) present(x asm.V128) asm.V128 {
	if l.n == nil {
		return x
	}
	return x.And(asm.Lanes(0, 1, 2, 3).LtSI(l.n.Splat()))
}

// each runs body over n numbers, four at a time and what is left in the end,
// and leaves the pointers behind them and n used up. The body is emitted
// unroll+2 times.
func each(f *asm.Func, n asm.VarI32, unroll int, pointers []asm.VarI32, body func(l lanes)) {
	groups(f, n, unroll, pointers, func(ls []lanes) {
		for _, l := range ls {
			body(l)
		}
	})
}

// groups is each with a body that is given unroll vectors at once, or one.
func groups(f *asm.Func, n asm.VarI32, unroll int, pointers []asm.VarI32, body func(ls []lanes)) {
	advance := func(bytes asm.Int) {
		for _, p := range pointers {
			p.Inc(bytes)
		}
	}
	rounds := []int{1}
	if unroll > 1 {
		rounds = []int{unroll, 1}
	}
	for _, u := range rounds {
		f.While(n.GeU(asm.Const(4*u)), func() {
			ls := make([]lanes, u)
			for i := range ls {
				ls[i] = lanes{f, nil, i}
			}
			body(ls)
			advance(asm.Const(16 * u))
			n.Set(n.Sub(asm.Const(4 * u)))
		})
	}
	f.If(n, func() {
		body([]lanes{{f, &n, 0}})
		advance(n.Shl(2))
		n.Set(asm.Const(0))
	})
}

// eachRow runs body rows times, with n set to width before each.
func eachRow(f *asm.Func, rows, width asm.VarI32, body func(n asm.VarI32)) {
	n := f.I32()
	f.While(rows, func() {
		n.Set(width)
		body(n)
		rows.Set(rows.Sub(asm.Const(1)))
	})
}

// sumLanes adds the four lanes up: (0 + 1) + (2 + 3).
func sumLanes(x asm.VarV128) asm.F32 {
	return x.Lane(0).Add(x.Lane(1)).Add(x.Lane(2).Add(x.Lane(3)))
}

func params(f *asm.Func, n int) []asm.VarI32 {
	p := make([]asm.VarI32, n)
	for i := range p {
		p[i] = f.ParamI32()
	}
	return p
}
