package simd

// plan is a way to compute a product of matrices.
type plan int32

const (
	// natural packs panels of B and writes rows of C.
	natural plan = iota
	// swapped packs panels of A and writes columns of C.
	swapped
	// naturalSkip leaves out the zeros of A.
	naturalSkip
	// swappedSkip leaves out the zeros of B.
	swappedSkip
	// dot multiplies rows by rows where they are.
	dot
)

// The flags of the kernel's sgemm.
const (
	flagTransA = 1 << iota
	flagTransB
	flagSwap
	flagSkip
)

// flags returns the first argument of the kernel's sgemm.
func (p plan) flags(transA, transB bool) (f int32) {
	if transA {
		f |= flagTransA
	}
	if transB {
		f |= flagTransB
	}
	if p == swapped || p == swappedSkip {
		f |= flagSwap
	}
	if p == naturalSkip || p == swappedSkip {
		f |= flagSkip
	}
	return f
}

// shape is a product of matrices without their numbers: op(A) is m by k and
// op(B) k by n.
type shape struct {
	transA, transB bool
	m, n, k        int
}

const (
	// dotRows is the most rows of A for which dot pays.
	dotRows = 2
	// skipLeast is the least number of multiplications for which it pays to
	// look for zeros.
	skipLeast = 1 << 20
)

// choose picks the fastest plan for a product. zerosA and zerosB tell which part
// of A and of B is zero; they are called when it matters.
//
// Whether it is dot, whose sums are in another order, depends on the shape
// alone; all others give the same bits where numbers are finite.
func (s shape) choose(zerosA, zerosB func() float64) plan {
	if s.m <= dotRows && !s.transA && s.transB {
		return dot
	}
	best, least := natural, s.cost(natural, 0)
	try := func(p plan, zeros float64) {
		if c := s.cost(p, zeros); c < least {
			best, least = p, c
		}
	}
	try(swapped, 0)
	if float64(s.m)*float64(s.n)*float64(s.k) >= skipLeast {
		try(naturalSkip, zerosA())
		try(swappedSkip, zerosB())
	}
	return best
}

// cost estimates the cycles of a plan when zeros is the part of A (naturalSkip)
// or B (swappedSkip) that is zero. The constants were measured.
func (s shape) cost(p plan, zeros float64) float64 {
	// rows is the operand whose rows meet panels of the other one, cols.
	rows, cols := float64(s.m), s.n
	packRows, transposePanels, perResult := s.transA, s.transB, 0.5
	if p == swapped || p == swappedSkip {
		rows, cols = float64(s.n), s.m
		packRows, transposePanels, perResult = !s.transB, !s.transA, 0.8
	}
	k := float64(s.k)
	cycles := perResult * rows * float64(cols)
	if transposePanels {
		cycles += 0.9 * float64(cols) * k
	} else {
		cycles += 0.5 * float64(cols) * k
	}
	if packRows {
		cycles += 0.7 * rows * k
	}
	if p == naturalSkip || p == swappedSkip {
		panels := float64((cols + 23) / 24)
		return cycles + rows*k*2.5 + rows*k*panels*4.5*(1-zeros) + rows*panels*20
	}
	return cycles + rows*k*float64((cols+3)&^3)/8
}
