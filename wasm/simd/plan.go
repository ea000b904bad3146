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
	// fewRows is the kernel's constant of that name.
	fewRows = 49
)

// choose picks the fastest plan for a product on a kernel. zerosA and zerosB tell
// which part of A and of B is zero; they are called when it matters.
//
// Whether it is dot, whose sums are in another order, depends on the shape
// alone; all others give the same bits where numbers are finite.
func (s shape) choose(v Variant, zerosA, zerosB func() float64) plan {
	if s.m <= dotRows && !s.transA && s.transB {
		return dot
	}
	best, least := natural, s.cost(v, natural, 0)
	try := func(p plan, zeros float64) {
		if c := s.cost(v, p, zeros); c < least {
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

// cycles are what steps of a product take, each for four columns but the last.
type cycles struct {
	dense float64 // a number of a row meets a row of a panel
	entry float64 // an entry of a list does
	list  float64 // a list meets a panel, all columns together
}

// measured are the cycles on each kernel.
var measured = [...]cycles{
	Strict:  {dense: 1.26, entry: 1.32, list: 28},
	Relaxed: {dense: 0.54, entry: 0.88, list: 28},
}

// cost estimates the cycles of a plan when zeros is the part of A (naturalSkip)
// or B (swappedSkip) that is zero. The constants were measured.
func (s shape) cost(v Variant, p plan, zeros float64) float64 {
	// rows is the operand whose rows meet panels of the other one, cols.
	rows, cols := float64(s.m), s.n
	packRows, transposePanels, perResult := s.transA, s.transB, 0.5
	if p == swapped || p == swappedSkip {
		rows, cols = float64(s.n), s.m
		packRows, transposePanels, perResult = !s.transB, !s.transA, 0.8
	}
	k, c := float64(s.k), measured[v]
	total := perResult * rows * float64(cols)
	// The kernel uses some operands as they lie.
	asIs := p == natural && packRows && (s.m < fewRows || s.n < fewRows)
	switch {
	case transposePanels:
		total += 0.9 * float64(cols) * k
	case !asIs || s.m >= fewRows:
		total += 0.5 * float64(cols) * k
	}
	if packRows && !asIs {
		total += 0.7 * rows * k
	}
	if p == naturalSkip || p == swappedSkip {
		panels, blocks := float64((cols+31)/32), float64((s.k+207)/208)
		return total + rows*k*2.5 + rows*k*float64((cols+15)/16*4)*c.entry*(1-zeros) + rows*panels*blocks*c.list
	}
	return total + rows*k*float64((cols+3)/4)*c.dense
}
