package metric

import (
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"inkdrift/vae/compute"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %.10g, want %.10g", what, got, want)
	}
}

func momentsOf(t *testing.T, features []float32, d int) *Moments {
	t.Helper()
	m, err := MomentsOf(features, d)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func distance(t *testing.T, a, b *Moments) float64 {
	t.Helper()
	d, err := Frechet(a, b)
	if err != nil {
		t.Fatal(err)
	}
	return d.FID
}

// cloud draws n vectors of d numbers that depend on one another.
func cloud(n, d int, seed uint64) []float32 {
	x := make([]float32, n*d)
	compute.Go{}.Normal(x, compute.NewKey(seed), 0)
	for i := range n {
		row := x[i*d:][:d]
		for j := range row {
			row[j] = row[j]*float32(1+j%3) + 0.7*row[(j*j+1)%d] + float32(j)
		}
	}
	return x
}

// By hand: {0, 2} has mean 1 and variance 2, {3, 7} mean 5 and variance 8, so
// (1-5)^2 + 2 + 8 - 2 sqrt(2*8) = 18.
func TestFrechetOfTwoPairs(t *testing.T) {
	a, b := momentsOf(t, []float32{0, 2}, 1), momentsOf(t, []float32{3, 7}, 1)
	near(t, "mean of a", a.Mean[0], 1, 0)
	near(t, "variance of b", b.Cov[0], 8, 0)
	d, err := Frechet(a, b)
	if err != nil || d.Samples != 2 || d.Reference != 2 {
		t.Fatalf("%+v, %v", d, err)
	}
	near(t, "distance", d.FID, 18, 1e-12)
}

// By hand, for axes that are turned against one another: S1 = diag(4, 1), and S2
// has 4 along (1, 1) and 1 across, which is [5/2 3/2; 3/2 5/2]. S1 S2 has trace
// 10 + 5/2 and determinant 4*4. The root of a 2x2 matrix M has the trace
// sqrt(tr M + 2 sqrt(det M)), here sqrt(20.5), so the distance is 5 + 5 - 2
// sqrt(20.5).
func TestFrechetOfTurnedAxes(t *testing.T) {
	a := &Moments{N: 10, Mean: []float64{7, 8}, Cov: []float64{4, 0, 0, 1}}
	b := &Moments{N: 20, Mean: []float64{7, 8}, Cov: []float64{2.5, 1.5, 1.5, 2.5}}
	near(t, "distance", distance(t, a, b), 10-2*math.Sqrt(20.5), 1e-12)
	near(t, "distance back", distance(t, b, a), 10-2*math.Sqrt(20.5), 1e-12)
	// The roots of diagonal matrices subtract: (3-1)^2 + (2-1)^2 + 0.
	c := &Moments{N: 2, Mean: []float64{0, 0}, Cov: []float64{9, 0, 0, 4}}
	e := &Moments{N: 2, Mean: []float64{0, 0}, Cov: []float64{1, 0, 0, 1}}
	near(t, "distance of diagonals", distance(t, c, e), 5, 1e-12)
}

func TestFrechetProperties(t *testing.T) {
	const d = 12
	a, b := momentsOf(t, cloud(400, d, 1), d), momentsOf(t, cloud(300, d, 2), d)
	near(t, "distance to itself", distance(t, a, a), 0, 1e-9)
	ab, ba := distance(t, a, b), distance(t, b, a)
	near(t, "the other way", ab, ba, 1e-9*ab)
	// Moving a set by v adds |v|^2.
	moved := cloud(400, d, 1)
	for i := range moved {
		moved[i] += 3
	}
	near(t, "distance of a set that was moved", distance(t, momentsOf(t, moved, d), a), 9*d, 1e-3)
	// Fewer vectors than dimensions: the covariance has no full rank.
	few := momentsOf(t, cloud(5, d, 3), d)
	near(t, "distance of few to itself", distance(t, few, few), 0, 1e-6)
}

// TestFrechetByDefinition computes moments by their definition, and the root from the
// eigenvalues of the product itself.
func TestFrechetByDefinition(t *testing.T) {
	const d, n = 10, 60
	sets := [2][]float32{cloud(n, d, 5), cloud(n, d, 6)}
	var ours [2]*Moments
	var cov [2]*mat.SymDense
	for k, set := range sets {
		ours[k] = momentsOf(t, set, d)
		mean := make([]float64, d)
		for i, v := range set {
			mean[i%d] += float64(v) / n
		}
		cov[k] = mat.NewSymDense(d, nil)
		for i := range d {
			near(t, "mean", ours[k].Mean[i], mean[i], 1e-9)
			for j := range d {
				var sum float64
				for r := range n {
					sum += (float64(set[r*d+i]) - mean[i]) * (float64(set[r*d+j]) - mean[j])
				}
				near(t, "covariance", ours[k].Cov[i*d+j], sum/(n-1), 1e-9)
				cov[k].SetSym(i, j, sum/(n-1))
			}
		}
	}
	// The eigenvalues of S1 S2 itself, which is not symmetric.
	var product mat.Dense
	product.Mul(cov[0], cov[1])
	var eigen mat.Eigen
	if !eigen.Factorize(&product, mat.EigenNone) {
		t.Fatal("there are no eigenvalues")
	}
	want := mat.Trace(cov[0]) + mat.Trace(cov[1])
	for _, v := range eigen.Values(nil) {
		want -= 2 * math.Sqrt(real(v))
	}
	for i := range d {
		want += (ours[0].Mean[i] - ours[1].Mean[i]) * (ours[0].Mean[i] - ours[1].Mean[i])
	}
	near(t, "distance", distance(t, ours[0], ours[1]), want, 1e-8*want)
}

func TestMomentsStored(t *testing.T) {
	a := momentsOf(t, cloud(50, 4, 1), 4)
	mean, cov := a.Float32()
	b, err := NewMoments(a.N, mean, cov)
	if err != nil || b.N != 50 {
		t.Fatal(b, err)
	}
	near(t, "distance to what was stored", distance(t, a, b), 0, 1e-6)
}

func TestMomentsRefuse(t *testing.T) {
	nan := float32(math.NaN())
	ok := momentsOf(t, []float32{1, 2, 3, 4}, 2)
	broken := &Moments{N: 2, Mean: []float64{0, 0}, Cov: []float64{math.NaN(), 0, 0, 1}}
	for name, f := range map[string]func() error{
		"half a vector":    func() error { _, err := MomentsOf(make([]float32, 5), 2); return err },
		"no dimensions":    func() error { _, err := MomentsOf(nil, 0); return err },
		"one vector":       func() error { _, err := MomentsOf([]float32{1, 2}, 2); return err },
		"not a number":     func() error { _, err := MomentsOf([]float32{1, 2, nan, 4}, 2); return err },
		"stored wrongly":   func() error { _, err := NewMoments(10, make([]float32, 2), make([]float32, 3)); return err },
		"stored of one":    func() error { _, err := NewMoments(1, make([]float32, 1), make([]float32, 1)); return err },
		"other dimensions": func() error { _, err := Frechet(ok, momentsOf(t, []float32{1, 2}, 1)); return err },
		"broken matrix":    func() error { _, err := Frechet(broken, ok); return err },
	} {
		var e *FeatureError
		if err := f(); !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkFrechet96(b *testing.B) {
	const d = 96
	x, err := MomentsOf(cloud(1000, d, 1), d)
	if err != nil {
		b.Fatal(err)
	}
	y, err := MomentsOf(cloud(1000, d, 2), d)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Frechet(x, y); err != nil {
			b.Fatal(err)
		}
	}
}
