package kernels

import "inkdrift/tools/kernelgen/asm"

// Variant says how products are added up.
type Variant int

const (
	// Strict multiplies, rounds, adds and rounds: the same bits everywhere.
	Strict Variant = iota
	// Relaxed uses the relaxed fused multiply-add, one rounding where the
	// machine has the instruction.
	Relaxed
)

// String returns the name that the module's file carries.
func (v Variant) String() string {
	if v == Relaxed {
		return "relaxed"
	}
	return "strict"
}

// gen is a module under construction.
type gen struct {
	*asm.Module
	variant Variant

	// Functions that several others call, once they are made.
	packers                          packers
	packs, alongStrips, acrossStrips []*asm.Func
	sparsePacks, sparseStrips        []*asm.Func
	compressFunc                     *asm.Func
}

// Build returns the module.
func Build(v Variant) []byte {
	g := &gen{Module: asm.New(), variant: v}
	g.kind()
	g.scratchSize()
	g.peak()
	g.gemm()
	g.zeros()
	g.vectors()
	g.elementwise()
	g.windows()
	return g.Bytes()
}

// kind exports variant() i32: 1 for strict, 2 for relaxed. A program whose
// imports have no module behind them reads 0 from the stub.
func (g *gen) kind() {
	f := g.Func("variant")
	f.ReturnsI32()
	f.ResultI32(asm.Const(int(g.variant) + 1))
	g.Export(f)
}

// scratchSize exports scratch_size() i32, the bytes of the scratch space that
// sgemm asks for.
func (g *gen) scratchSize() {
	f := g.Func("scratch_size")
	f.ReturnsI32()
	f.ResultI32(asm.Const(scratchBytes))
	g.Export(f)
}

// madd adds x*y to acc.
func (g *gen) madd(acc asm.VarV128, x asm.V128, y asm.Vec) {
	if g.variant == Relaxed {
		acc.Set(x.RelaxedMadd(y, acc))
		return
	}
	acc.Set(acc.Add(x.Mul(y)))
}

// peak exports peak(n) f32, n rounds of 96 multiplications and additions of four
// lanes on registers alone: what this machine can do at best, 768 floating-point
// operations a round.
func (g *gen) peak() {
	f := g.Func("peak")
	n := f.ParamI32()
	f.ReturnsF32()
	// The signs alternate, so that numbers stay where they are.
	x, y := f.LetV128(asm.ConstV128(-1)), f.LetV128(asm.ConstV128(0.5))
	acc := vars(f, 12)
	f.Until(n, func() {
		for range 8 {
			if g.variant == Relaxed {
				for _, a := range acc {
					a.Set(a.RelaxedMadd(x, y))
				}
				continue
			}
			// In turns they would meet at the same port of the processor.
			for _, a := range acc {
				a.Set(a.Mul(x))
			}
			for _, a := range acc {
				a.Set(a.Add(y))
			}
		}
		n.Set(n.Sub(asm.Const(1)))
	})
	sum := acc[0].V128
	for _, a := range acc[1:] {
		sum = sum.Add(a)
	}
	f.ResultF32(f.LetV128(sum).Lane(0))
	g.Export(f)
}

// vars adds n variables.
func vars(f *asm.Func, n int) []asm.VarV128 {
	v := make([]asm.VarV128, n)
	for i := range v {
		v[i] = f.V128()
	}
	return v
}
