package latent

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// normal makes n numbers.
func normal(r *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(2 * r.NormFloat64())
	}
	return v
}

// checkPlane checks that the directions are orthonormal, and that At and Project are inverse.
func checkPlane(t *testing.T, p Plane) {
	t.Helper()
	if a, b, c := dot(p.E1, p.E1), dot(p.E2, p.E2), dot(p.E1, p.E2); math.Abs(a-1) > 1e-6 || math.Abs(b-1) > 1e-6 || math.Abs(c) > 1e-6 {
		t.Fatalf("squares %v and %v, product %v", a, b, c)
	}
	z := make([]float32, len(p.Origin))
	for _, at := range [][2]float64{{0, 0}, {3, -2}, {-0.1, 5}} {
		p.At(z, at[0], at[1])
		if x, y := p.Project(z); math.Hypot(x-at[0], y-at[1]) > 1e-5 {
			t.Fatalf("%v is at %v, %v", at, x, y)
		}
		if off := p.Off(z); off > 1e-5 {
			t.Fatalf("%v is %v off its plane", at, off)
		}
	}
}

func TestThrough(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, d := range []int{2, 3, 40} {
		a, b := normal(r, d), normal(r, d)
		p := Through(a, b)
		checkPlane(t, p)
		for name, z := range map[string][]float32{"a": a, "b": b, "the origin": make([]float32, d)} {
			if off := p.Off(z); off > 1e-5 {
				t.Errorf("%d dimensions: %s is %v off", d, name, off)
			}
		}
		ax, ay := p.Project(a)
		bx, by := p.Project(b)
		la, lb := math.Sqrt(dot(a, a)), math.Sqrt(dot(b, b))
		if !(ax < 0 && bx > 0 && ay > 0 && by > 0) || math.Abs(ax/la+bx/lb) > 1e-5 || math.Abs(ay/la-by/lb) > 1e-5 {
			t.Errorf("%d dimensions: a is at %v, %v and b at %v, %v", d, ax, ay, bx, by)
		}
	}
}

func TestThroughDegenerate(t *testing.T) {
	a := []float32{0, 3, 4}
	for name, b := range map[string][]float32{"none": {0, 0, 0}, "the same": a, "opposite": {0, -6, -8}, "nearly the same": {1e-6, 3, 4}} {
		p := Through(a, b)
		checkPlane(t, p)
		if p.Off(a) > 1e-5 || p.Off(b) > 1e-4 {
			t.Errorf("%s: a is %v off and b %v", name, p.Off(a), p.Off(b))
		}
	}
	checkPlane(t, Through(make([]float32, 5), make([]float32, 5)))
}

func TestDimensions(t *testing.T) {
	p := Dimensions(2, 0, 1)
	checkPlane(t, p)
	if x, y := p.Project([]float32{1.5, -2}); x != 1.5 || y != -2 {
		t.Errorf("two dimensions are at %v, %v", x, y)
	}
	p = Dimensions(4, 3, 1)
	checkPlane(t, p)
	if x, y := p.Project([]float32{1, 2, 3, 4}); x != 4 || y != 2 || math.Abs(p.Off([]float32{1, 2, 3, 4})-math.Sqrt(10)) > 1e-9 {
		t.Errorf("at %v, %v, %v off", x, y, p.Off([]float32{1, 2, 3, 4}))
	}
}

// TestEllipse compares with the eigenvalues and eigenvectors of the projected covariance.
func TestEllipse(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		const d = 7
		p, logvar := Through(normal(r, d), normal(r, d)), normal(r, d)
		cov := mat.NewSymDense(2, nil)
		for j, v := range logvar {
			s, e := math.Exp(float64(v)), [2]float64{float64(p.E1[j]), float64(p.E2[j])}
			for i := range 2 {
				for k := i; k < 2; k++ {
					cov.SetSym(i, k, cov.At(i, k)+s*e[i]*e[k])
				}
			}
		}
		var eig mat.EigenSym
		if !eig.Factorize(cov, true) {
			t.Fatal("no eigenvalues")
		}
		values, vectors := eig.Values(nil), mat.NewDense(2, 2, nil)
		eig.VectorsTo(vectors)
		e := p.Ellipse(logvar)
		if math.Abs(e.Minor-math.Sqrt(values[0])) > 1e-6*e.Major || math.Abs(e.Major-math.Sqrt(values[1])) > 1e-6*e.Major {
			t.Fatalf("axes %v and %v, want roots of %v", e.Major, e.Minor, values)
		}
		if along := math.Abs(math.Cos(e.Angle)*vectors.At(0, 1) + math.Sin(e.Angle)*vectors.At(1, 1)); math.Abs(along-1) > 1e-6 {
			t.Fatalf("angle %v, want that of %v", e.Angle, mat.Formatted(vectors))
		}
	}
}

func TestShare(t *testing.T) {
	// Variances of 4, 1 and 3 along the axes.
	points := []float32{2, 0, 0, -2, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, float32(math.Sqrt(3)), 0, 0, -float32(math.Sqrt(3))}
	for i := range points {
		points[i] += 5
	}
	if s := Dimensions(3, 0, 2).Share(points); math.Abs(s-7.0/8) > 1e-6 {
		t.Errorf("%v, want 7/8", s)
	}
	if s := Dimensions(3, 0, 2).Share(make([]float32, 9)); s != 0 {
		t.Errorf("%v of nothing", s)
	}
}
