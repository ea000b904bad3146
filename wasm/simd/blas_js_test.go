package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/gonum"

	"inkdrift/vae/compute"
)

// TestInstalled checks that blas32 and compute get to the kernel, and back.
func TestInstalled(t *testing.T) {
	newPage(t)
	if err := Install(Loaded()); err != nil {
		t.Fatal(err)
	}
	if _, ok := blas32.Implementation().(BLAS); !ok {
		t.Errorf("behind blas32 is %T", blas32.Implementation())
	}
	if got, want := compute.Implementation().Name(), "simd-"+Loaded().String(); got != want {
		t.Errorf("the backend is %q instead of %q", got, want)
	} else {
		t.Logf("the backend is %s", got) // tools/e2e looks for it
	}
	if err := Install(Off); err != nil {
		t.Fatal(err)
	}
	if _, ok := blas32.Implementation().(gonum.Implementation); !ok {
		t.Errorf("off, behind blas32 is %T", blas32.Implementation())
	}
	if got := compute.Implementation().Name(); got != "go" {
		t.Errorf("off, the backend is %q", got)
	}
}

// TestBLAS compares every overridden function with gonum's own, with and without
// gaps, whatever way the call takes.
func TestBLAS(t *testing.T) {
	newPage(t)
	b, ref := newBLAS(), gonum.Implementation{}
	s := source{Rand: rand.New(rand.NewPCG(9, 10))}
	factor := func() float32 { return []float32{0, 1, -0.5}[s.IntN(3)] }
	check := func(what string, x, y []float32) {
		t.Helper()
		for i := range x {
			if math.Abs(float64(x[i]-y[i])) > 1e-4 {
				t.Fatalf("%s: number %d is %v instead of %v", what, i, x[i], y[i])
			}
		}
	}
	clone := func(x []float32) []float32 { return append([]float32(nil), x...) }
	for range 300 {
		m, n, k, gap := s.IntN(40), s.IntN(40), s.IntN(40), s.IntN(3)
		inc := []int{1, 1, 1, 2, -1}[s.IntN(5)]
		alpha, beta := factor(), factor()
		tA, tB := []blas.Transpose{blas.NoTrans, blas.Trans, blas.ConjTrans}[s.IntN(3)], []blas.Transpose{blas.NoTrans, blas.Trans}[s.IntN(2)]
		what := fmt.Sprintf("%c%c %d x %d x %d, alpha %v, beta %v, gap %d, inc %d", tA, tB, m, n, k, alpha, beta, gap, inc)
		if s.zeros = 0; s.IntN(2) == 0 {
			s.zeros = 0.8
		}
		widest := max(m, n, k, 1) + gap
		x, y := s.operand(41*widest).data, s.operand(41*widest).data
		z := s.operand(41 * widest).data

		got, want := clone(z), clone(z)
		b.Sgemm(tA, tB, m, n, k, alpha, x, widest, y, widest, beta, got, widest)
		ref.Sgemm(tA, tB, m, n, k, alpha, x, widest, y, widest, beta, want, widest)
		check("sgemm "+what, got, want)
		// gonum in plain Go clears all of a y that is longer than it needs to be.
		rows := m
		if tA != blas.NoTrans {
			rows = n
		}
		end := max((rows-1)*max(inc, -inc)+1, 0)
		b.Sgemv(tA, m, n, alpha, x, widest, y, inc, beta, got[:end], inc)
		ref.Sgemv(tA, m, n, alpha, x, widest, y, inc, beta, want[:end], inc)
		check("sgemv "+what, got, want)
		b.Sger(m, n, alpha, x, inc, y, inc, got, widest)
		ref.Sger(m, n, alpha, x, inc, y, inc, want, widest)
		check("sger "+what, got, want)
		b.Saxpy(n, alpha, x, inc, got, inc)
		ref.Saxpy(n, alpha, x, inc, want, inc)
		check("saxpy "+what, got, want)
		b.Sscal(n, alpha, got, max(inc, 1))
		ref.Sscal(n, alpha, want, max(inc, 1))
		check("sscal "+what, got, want)
		check("sdot "+what, []float32{b.Sdot(n, x, inc, y, inc)}, []float32{ref.Sdot(n, x, inc, y, inc)})
	}
}

// TestBLASPanics checks that wrong arguments panic and write nothing.
func TestBLASPanics(t *testing.T) {
	newPage(t)
	b := newBLAS()
	x := guard(100)
	for name, f := range map[string]func(){
		"negative":          func() { b.Sgemm(blas.NoTrans, blas.NoTrans, -1, 2, 2, 1, x.data, 2, x.data, 2, 0, x.data, 2) },
		"stride of A":       func() { b.Sgemm(blas.NoTrans, blas.NoTrans, 2, 2, 5, 1, x.data, 4, x.data, 2, 0, x.data, 2) },
		"A too short":       func() { b.Sgemm(blas.Trans, blas.NoTrans, 2, 2, 5, 1, x.data[:9], 2, x.data, 2, 0, x.data, 2) },
		"B too short":       func() { b.Sgemm(blas.NoTrans, blas.Trans, 2, 2, 5, 1, x.data, 5, x.data[:9], 5, 0, x.data, 2) },
		"C too short":       func() { b.Sgemm(blas.NoTrans, blas.Trans, 2, 2, 5, 1, x.data, 5, x.data, 5, 0, x.data[:3], 2) },
		"neither transpose": func() { b.Sgemm('X', blas.NoTrans, 2, 2, 2, 1, x.data, 2, x.data, 2, 0, x.data, 2) },
		"sgemv":             func() { b.Sgemv(blas.NoTrans, 3, 3, 1, x.data, 3, x.data[:2], 1, 0, x.data, 1) },
		"sger":              func() { b.Sger(3, 3, 1, x.data, 1, x.data, 1, x.data[:8], 3) },
		"saxpy":             func() { b.Saxpy(5, 1, x.data[:4], 1, x.data, 1) },
		"sdot":              func() { b.Sdot(5, x.data, 1, x.data[:4], 1) },
		"sscal":             func() { b.Sscal(5, 1, x.data[:4], 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
	x.check(t, "wrong arguments")
	for i, v := range x.data {
		if v != 12345 {
			t.Errorf("wrong arguments wrote number %d", i)
		}
	}
}
