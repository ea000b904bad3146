package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// product is one call of sgemm.
type product struct {
	plan        plan
	tA, tB      bool
	m, n, k     int
	alpha, beta float32
	gap         int // between rows
}

func (p product) String() string {
	return fmt.Sprintf("plan %d, transposed %v %v, %d x %d x %d, alpha %v, beta %v, gap %d", p.plan, p.tA, p.tB, p.m, p.n, p.k, p.alpha, p.beta, p.gap)
}

// run computes the product on kernel k and holds it to the reference, or only
// looks at some elements if there are many.
func (p product) run(t *testing.T, k kernel, s source) {
	t.Helper()
	rowsA, colsA, rowsB, colsB := p.m, p.k, p.k, p.n
	if p.tA {
		rowsA, colsA = p.k, p.m
	}
	if p.tB {
		rowsB, colsB = p.n, p.k
	}
	lda, ldb, ldc := max(colsA+p.gap, 1), max(colsB+p.gap, 1), max(p.n+p.gap, 1)
	size := func(rows, cols, ld int) int {
		if rows == 0 || cols == 0 {
			return 0
		}
		return (rows-1)*ld + cols
	}
	a, b, c := s.operand(size(rowsA, colsA, lda)), s.operand(size(rowsB, colsB, ldb)), s.operand(size(p.m, p.n, ldc))
	before := append([]float32(nil), c.data...)
	k.gemm(p.plan, p.tA, p.tB, p.m, p.n, p.k, p.alpha, a.data, lda, b.data, ldb, p.beta, c.data, ldc)
	for _, g := range []guarded{a, b, c} {
		g.check(t, p.String())
	}
	// Steps that share no divisor with the sides of tiles come to every place of one.
	step := 1
	switch work := p.m * p.n * p.k; {
	case work > 1e6:
		step = 37
	case work > 5e4:
		step = 7
	}
	for i, x := range before {
		row, col := i/ldc, i%ldc
		if col >= p.n {
			if !sameBits(c.data[i], x) {
				t.Fatalf("%v: wrote between rows %d and %d", p, row, row+1)
			}
			continue
		}
		if i%step != 0 {
			continue
		}
		at := func(i int) float32 {
			if p.tA {
				return a.data[i*lda+row]
			}
			return a.data[row*lda+i]
		}
		bt := func(i int) float32 {
			if p.tB {
				return b.data[col*ldb+i]
			}
			return b.data[i*ldb+col]
		}
		var want float32
		if p.plan == dot {
			want = scaled(p.beta, x, float32(p.alpha*sumLanes(p.k, at, bt)))
		} else {
			want = sumBlocks(p.k, p.alpha, p.beta, x, at, bt, func(a, b float32) bool {
				return p.plan == naturalSkip && a == 0 || p.plan == swappedSkip && b == 0
			})
		}
		sum := math.Abs(float64(p.beta) * float64(x))
		for i := range p.k {
			sum += math.Abs(float64(p.alpha) * float64(at(i)) * float64(bt(i)))
		}
		if err := compare(k.exact(), c.data[i], want, p.k, sum); err != nil {
			t.Fatalf("%v: C[%d][%d] is %v", p, row, col, err)
		}
	}
}

// testProducts runs products at the edges of tiles, panels and blocks.
func testProducts(t *testing.T, k kernel) {
	s := source{Rand: rand.New(rand.NewPCG(3, 4))}
	factors := []float32{0, 1, -1, 0.3}
	each := func(f func(p product)) {
		for _, pl := range []plan{natural, swapped, naturalSkip, swappedSkip} {
			s.zeros = 0
			if pl >= naturalSkip {
				s.zeros = 0.7
			}
			for i := range 4 {
				f(product{plan: pl, tA: i&1 != 0, tB: i&2 != 0, alpha: 1})
			}
		}
		s.zeros = 0
		f(product{plan: dot, tB: true, alpha: 1})
	}
	t.Run("small", func(t *testing.T) {
		each(func(p product) {
			sizes := []int{0, 1, 2, 3, 5}
			for i := range 5 * 5 * 5 {
				p.m, p.n, p.k = sizes[i%5], sizes[i/5%5], sizes[i/25]
				p.alpha, p.beta = factors[s.IntN(4)], factors[s.IntN(4)]
				p.gap = s.IntN(3)
				p.run(t, k, s)
			}
		})
	})
	t.Run("edges", func(t *testing.T) {
		sizes := []int{1, 2, 3, 4, 5, 8, 9, 12, 13, 16, 17, 19, 20, 21, 23, 24, 25, 27, 28, 31, 32, 33, 47, 48, 49, 68, 97, 100, 128, 131}
		each(func(p product) {
			for i, n := range sizes {
				p.m, p.n, p.k = n, sizes[s.IntN(len(sizes))], 1+s.IntN(40)
				if i%2 == 0 {
					p.m, p.n = p.n, p.m
				}
				p.alpha, p.beta = factors[1+s.IntN(3)], factors[s.IntN(4)]
				p.gap = s.IntN(2) * 3
				p.run(t, k, s)
			}
		})
	})
	t.Run("blocks", func(t *testing.T) {
		each(func(p product) {
			for _, d := range [][3]int{{5, 30, 207}, {30, 5, 208}, {7, 26, 209}, {3, 9, 417}, {2, 50, 620}, {50, 3, 624}, {520, 6, 33}, {6, 520, 33}, {257, 25, 210}, {420, 3, 208}, {3, 900, 208}} {
				p.m, p.n, p.k = d[0], d[1], d[2]
				p.alpha, p.beta = factors[1+s.IntN(3)], factors[s.IntN(4)]
				p.gap = s.IntN(2)
				p.run(t, k, s)
			}
		})
	})
	t.Run("model", func(t *testing.T) {
		for _, p := range []product{
			{tB: true, m: 128, n: 400, k: 784}, {tA: true, m: 400, n: 784, k: 128, beta: 1}, {m: 128, n: 784, k: 400},
			{tB: true, m: 128, n: 20, k: 400}, {tA: true, m: 20, n: 400, k: 128, beta: 1}, {m: 128, n: 400, k: 20},
		} {
			p.alpha = 1
			s.zeros = 0
			none := func() float64 { return 0 }
			p.plan = shape{p.tA, p.tB, p.m, p.n, p.k}.choose(Strict, none, none)
			p.run(t, k, s)
			s.zeros = 0.8
			p.plan = naturalSkip + plan(s.IntN(2))
			p.run(t, k, s)
		}
		s.zeros = 0
	})
	if !k.exact() {
		return // with NaN and infinities nothing can be said to within something
	}
	t.Run("specials", func(t *testing.T) {
		s.special = true
		each(func(p product) {
			for range 20 {
				p.m, p.n, p.k = 1+s.IntN(30), 1+s.IntN(30), 1+s.IntN(30)
				p.alpha, p.beta = factors[s.IntN(4)], factors[s.IntN(4)]
				p.run(t, k, s)
			}
		})
	})
}
