package simd

// plan is a way to compute a product of matrices.
type plan int32

const (
	// natural packs panels of B and writes rows of C.
	natural plan = iota
	// swapped packs panels of A and writes columns of C.
	swapped
	// dot multiplies rows by rows where they are.
	dot
)

// The flags of the kernel's sgemm.
const (
	flagTransA = 1 << iota
	flagTransB
	flagSwap
)

// flags returns the first argument of the kernel's sgemm.
func (p plan) flags(transA, transB bool) (f int32) {
	if transA {
		f |= flagTransA
	}
	if transB {
		f |= flagTransB
	}
	if p == swapped {
		f |= flagSwap
	}
	return f
}

// dotRows is the most rows of A for which dot pays.
const dotRows = 3

// choose picks the fastest plan for a product of an m by k and a k by n matrix.
// natural and swapped give the same bits; dot is chosen by the shape alone.
func choose(transA, transB bool, m, n, k int) plan {
	if m <= dotRows && !transA && transB {
		return dot
	}
	// S: rows of tiles, transposed first unless k runs along memory; V: panels,
	// copied or transposed.
	a := cost(m, n, k, transA, transB) + 0.25*float64(m)*float64(n)
	b := cost(n, m, k, !transB, !transA) + 0.7*float64(m)*float64(n)
	if b < a {
		return swapped
	}
	return natural
}

// cost estimates the cycles for packing and for multiplying panels that are not
// full, with s rows of tiles and v columns of panels.
func cost(s, v, k int, packRows, transposePanels bool) float64 {
	perNumber := 0.4
	if transposePanels {
		perNumber = 0.8
	}
	c := perNumber * float64(v) * float64(k)
	if packRows {
		c += 0.8 * float64(s) * float64(k)
	}
	padded := (v + 3) &^ 3
	return c + float64(s)*float64(padded)*float64(k)/8
}
