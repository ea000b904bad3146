package latent

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func close32(t *testing.T, what string, got, want []float32, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
	for i := range got {
		if !(math.Abs(float64(got[i]-want[i])) <= tolerance) {
			t.Errorf("%s: %v, want %v", what, got, want)
			return
		}
	}
}

const half = math.Sqrt2 / 2

func TestPath(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b []float32
		kind Kind
		want []float32 // three points
	}{
		{"straight", []float32{1, 0}, []float32{0, 1}, Lerp, []float32{1, 0, 0.5, 0.5, 0, 1}},
		{"quarter of a circle", []float32{1, 0}, []float32{0, 1}, Slerp, []float32{1, 0, half, half, 0, 1}},
		{"of a larger one", []float32{0, 3, 0}, []float32{0, 0, -3}, Slerp, []float32{0, 3, 0, 0, 3 * half, -3 * half, 0, 0, -3}},
		{"lengths 1 and 3", []float32{1, 0}, []float32{0, 3}, Slerp, []float32{1, 0, 2 * half, 2 * half, 0, 3}},
		{"60 degrees", []float32{2, 0}, []float32{1, float32(math.Sqrt(3))}, Slerp, []float32{2, 0, float32(math.Sqrt(3)), 1, 1, float32(math.Sqrt(3))}},
		{"parallel", []float32{1, 1}, []float32{3, 3}, Slerp, []float32{1, 1, 2, 2, 3, 3}},
		{"opposite", []float32{1, 0}, []float32{-3, 0}, Slerp, []float32{1, 0, -1, 0, -3, 0}},
		{"the same", []float32{1, 2}, []float32{1, 2}, Slerp, []float32{1, 2, 1, 2, 1, 2}},
		{"from zero", []float32{0, 0}, []float32{4, 2}, Slerp, []float32{0, 0, 2, 1, 4, 2}},
		{"to zero", []float32{4, 2}, []float32{0, 0}, Slerp, []float32{4, 2, 2, 1, 0, 0}},
		{"tiny", []float32{1e-30, 0}, []float32{0, 1e-30}, Slerp, []float32{1e-30, 0, 1e-30 * half, 1e-30 * half, 0, 1e-30}},
		{"one dimension", []float32{1}, []float32{2}, Slerp, []float32{1, 1.5, 2}},
	} {
		dst := make([]float32, len(c.want))
		Path(dst, c.a, c.b, 3, c.kind)
		close32(t, c.name, dst, c.want, 1e-6)
	}
}

func TestPathLengths(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	const d, n = 20, 33
	a, b, dst := make([]float32, d), make([]float32, d), make([]float32, n*d)
	for range 50 {
		for i := range a {
			a[i], b[i] = float32(rnd.NormFloat64()), 2*float32(rnd.NormFloat64())
		}
		Path(dst, a, b, n, Slerp)
		if !slices.Equal(dst[:d], a) || !slices.Equal(dst[(n-1)*d:], b) {
			t.Fatal("the ends are not a and b")
		}
		// Evenly growing length, equal angles.
		first, last := norm(a), norm(b)
		step := angle(dst[:d], dst[d:2*d])
		for i := range n {
			p := dst[i*d : (i+1)*d]
			if want := first + (last-first)*float64(i)/(n-1); math.Abs(norm(p)-want) > 1e-5*want {
				t.Fatalf("point %d is %v long, want %v", i, norm(p), want)
			}
			if i > 0 && math.Abs(angle(dst[(i-1)*d:i*d], p)-step) > 1e-4 {
				t.Fatalf("step %d turns by %v, the first by %v", i, angle(dst[(i-1)*d:i*d], p), step)
			}
		}
	}
}

// Just off opposite, no point may be longer than the longer end.
func TestPathNearlyOpposite(t *testing.T) {
	dst := make([]float32, 2*101)
	for _, e := range []float32{0, 1e-8, 1e-5, 1e-4, 1e-3, 2e-3, 0.1} {
		Path(dst, []float32{1, 0}, []float32{-2, e}, 101, Slerp)
		for i := range 101 {
			if l := norm(dst[2*i : 2*i+2]); !(l <= 1.001*norm([]float32{-2, e})) {
				t.Fatalf("off by %v: point %d is %v long", e, i, l)
			}
		}
	}
}

func TestPathCounts(t *testing.T) {
	a, b := []float32{1, 0}, []float32{0, 1}
	dst := make([]float32, 4)
	Path(dst[:2], a, b, 1, Slerp)
	close32(t, "one point", dst, []float32{1, 0, 0, 0}, 0)
	Path(dst, a, b, 2, Slerp)
	close32(t, "two points", dst, []float32{1, 0, 0, 1}, 0)
	three := make([]float32, 6)
	Path(three, a, b, 3, "spline")
	close32(t, "an unknown kind", three, []float32{1, 0, 0.5, 0.5, 0, 1}, 1e-7)
}

func norm(v []float32) float64 {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	return math.Sqrt(sum)
}

func angle(a, b []float32) float64 {
	var dot float64
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
	}
	return math.Acos(min(1, dot/norm(a)/norm(b)))
}

func TestGrid(t *testing.T) {
	// The quantiles of 1/4 and 3/4 are -0.67449 and 0.67449, those of 1/6 and 5/6 are -0.96742 and 0.96742.
	const q, s = 0.6744898, 0.9674216
	dst := make([]float32, 2*3*3)
	Grid(dst, []float32{7, 8, 9}, 2, 0, 2, 3)
	close32(t, "grid", dst, []float32{
		q, 8, -s, q, 8, 0, q, 8, s,
		-q, 8, -s, -q, 8, 0, -q, 8, s,
	}, 1e-6)
	if !math.IsInf(quantile(0), -1) || !math.IsInf(quantile(1), 1) {
		t.Errorf("quantiles of 0 and 1 are %v and %v", quantile(0), quantile(1))
	}
}

func TestPanics(t *testing.T) {
	v := make([]float32, 4)
	for name, f := range map[string]func(){
		"ends of different size": func() { Path(v, v[:1], v[:2], 2, Lerp) },
		"short destination":      func() { Path(v, v[:2], v[:2], 3, Lerp) },
		"long destination":       func() { Path(v, v[:1], v[:1], 3, Lerp) },
		"no points":              func() { Path(v[:0], v[:2], v[:2], 0, Lerp) },
		"grid on one dimension":  func() { Grid(v, v[:2], 1, 1, 1, 1) },
		"grid outside":           func() { Grid(v, v[:2], 0, 2, 1, 1) },
		"grid too large":         func() { Grid(v, v[:2], 0, 1, 2, 2) },
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
}
