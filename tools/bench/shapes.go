package main

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/gonum"

	"inkdrift/vae"
	"inkdrift/vae/data"
	"inkdrift/vae/train"
)

// product is a product of matrices, op(A) of M by K and op(B) of K by N.
type product struct {
	TransA, TransB bool
	M, N, K        int
}

// shape is m by n by k.
func (p product) shape() string { return fmt.Sprintf("%dx%dx%d", p.M, p.N, p.K) }

// transposes is NN, NT, TN or TT.
func (p product) transposes() string {
	name := [2]byte{'N', 'N'}
	if p.TransA {
		name[0] = 'T'
	}
	if p.TransB {
		name[1] = 'T'
	}
	return string(name[:])
}

func (p product) flops() float64 { return 2 * float64(p.M) * float64(p.N) * float64(p.K) }

// recorder is gonum's BLAS that records the shapes of products.
type recorder struct {
	gonum.Implementation
	heard map[product]int
}

// Sgemm implements blas.Float32Level3.
func (r recorder) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	r.heard[product{tA != blas.NoTrans, tB != blas.NoTrans, m, n, k}]++
	r.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// counted is a product with how often a training step asks for it.
type counted struct {
	product
	Count int
}

// products takes one step of a recipe and returns the products of matrices it
// is made of, the most arithmetic first. It changes blas32 while it runs.
func products(r train.Recipe) ([]counted, error) {
	m, err := vae.New(r.Model, 1)
	if err != nil {
		return nil, err
	}
	t, err := train.New(m, data.NewDigits(1).Set(0, r.Train.Batch), r.Train)
	if err != nil {
		return nil, err
	}
	rec := recorder{heard: make(map[product]int)}
	before := blas32.Implementation()
	blas32.Use(rec)
	defer blas32.Use(before)
	if _, err := t.Step(); err != nil {
		return nil, err
	}
	var all []counted
	for p, n := range rec.heard {
		all = append(all, counted{p, n})
	}
	slices.SortFunc(all, func(a, b counted) int {
		return cmp.Or(
			cmp.Compare(b.flops()*float64(b.Count), a.flops()*float64(a.Count)),
			cmp.Compare(a.shape()+a.transposes(), b.shape()+b.transposes()))
	})
	return all, nil
}

// flopsPerImage is the arithmetic of the products of one step, for one image.
func flopsPerImage(all []counted, batch int) float64 {
	var sum float64
	for _, p := range all {
		sum += p.flops() * float64(p.Count)
	}
	return sum / float64(batch)
}
