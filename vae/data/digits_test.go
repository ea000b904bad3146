package data

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"inkdrift/vae/ink"
)

func TestAllographs(t *testing.T) {
	for digit, forms := range allographs {
		if len(forms) < 4 {
			t.Errorf("%d: only %d ways to write it", digit, len(forms))
		}
		for k, form := range forms {
			if !(form.weight > 0) || len(form.paths) == 0 {
				t.Errorf("%d, form %d: weight %v, %d strokes", digit, k, form.weight, len(form.paths))
			}
			top, bottom := 1.0, 0.0
			for _, path := range form.paths {
				if len(path) < 2 {
					t.Errorf("%d, form %d: a stroke of %d nodes", digit, k, len(path))
				}
				for _, n := range path {
					top, bottom = min(top, n.y), max(bottom, n.y)
					if n.x < 0 || n.x > 0.8 || n.y < 0 || n.y > 1 {
						t.Errorf("%d, form %d: node %v is outside the field", digit, k, n)
					}
				}
			}
			if top > 0.1 || bottom < 0.9 {
				t.Errorf("%d, form %d: from %v to %v, not the whole height", digit, k, top, bottom)
			}
		}
	}
	for _, bad := range []string{"1", "1,x", "1,2,3", "1,2 ,"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("glyph takes %q", bad)
				}
			}()
			glyph(1, bad)
		}()
	}
}

func TestTrace(t *testing.T) {
	has := func(curve []ink.Point, n node) bool {
		return slices.ContainsFunc(curve, func(p ink.Point) bool {
			return math.Hypot(float64(p.X)-n.x, float64(p.Y)-n.y) < 1e-6
		})
	}
	nodes := []node{{0, 0, false}, {0.5, 0.1, false}, {0.6, 0.6, false}, {0.1, 0.9, false}}
	for _, corner := range []bool{false, true} {
		nodes[1].corner, nodes[2].corner = corner, corner
		curve := trace(nil, nodes, tidy.step)
		for _, n := range nodes {
			if !has(curve, n) {
				t.Errorf("corner %v: the curve misses %v", corner, n)
			}
		}
		var longest, off float64
		for i := 1; i < len(curve); i++ {
			p, q := curve[i-1], curve[i]
			longest = max(longest, math.Hypot(float64(q.X-p.X), float64(q.Y-p.Y)))
			off = max(off, fromPolyline(nodes, float64(q.X), float64(q.Y)))
		}
		if longest > 2*tidy.step {
			t.Errorf("corner %v: a step of %.3f", corner, longest)
		}
		if corner && off > 1e-6 {
			t.Errorf("between corners the curve is %.4f off the straight line", off)
		}
		if !corner && (off < 0.01 || off > 0.1) {
			t.Errorf("the curve is %.4f off the polygon", off)
		}
	}
	if got := trace(nil, nil, tidy.step); len(got) != 0 {
		t.Errorf("a curve through nothing: %v", got)
	}
	same := []node{{0.5, 0.5, false}, {0.5, 0.5, false}, {0.5, 0.5, false}}
	for _, p := range trace(nil, same, tidy.step) {
		if p.X != 0.5 || p.Y != 0.5 {
			t.Errorf("a curve through one place goes to %v", p)
		}
	}
}

// fromPolyline returns the distance of a point from the straight lines between nodes.
func fromPolyline(nodes []node, x, y float64) float64 {
	best := math.Inf(1)
	for i := 1; i < len(nodes); i++ {
		a, b := nodes[i-1], nodes[i]
		dx, dy := b.x-a.x, b.y-a.y
		u := min(1, max(0, ((x-a.x)*dx+(y-a.y)*dy)/(dx*dx+dy*dy)))
		best = min(best, math.Hypot(x-a.x-u*dx, y-a.y-u*dy))
	}
	return best
}

func TestDigitsDeterministic(t *testing.T) {
	a, b, c := NewDigits(11), NewDigits(11), NewDigits(12)
	b.Strokes(99) // what was asked before must not matter
	differ := 0
	for i := range 50 {
		s, l := a.Strokes(i)
		s2, l2 := b.Strokes(i)
		s3, _ := c.Strokes(i)
		if l != l2 || fmt.Sprint(s) != fmt.Sprint(s2) {
			t.Fatalf("digit %d differs from itself", i)
		}
		if fmt.Sprint(s) != fmt.Sprint(s3) {
			differ++
		}
		if fmt.Sprint(a.StrokesOf(i, l)) != fmt.Sprint(s) {
			t.Fatalf("StrokesOf(%d, %d) is not Strokes(%d)", i, l, i)
		}
		var p, q [ink.PreparedLen]float32
		if a.Image(p[:], i) != l || b.Image(q[:], i) != l || p != q {
			t.Fatalf("picture %d differs from itself", i)
		}
	}
	if differ < 50 {
		t.Errorf("%d of 50 digits depend on the seed", differ)
	}
}

// The same seed must give the same digits in every build, or shared links and cards would lie.
func TestDigitsGolden(t *testing.T) {
	d := NewDigits(2024)
	var labels []int
	var sum float64
	for i := range 20 {
		s, l := d.Strokes(i)
		labels = append(labels, l)
		for _, stroke := range s {
			for _, p := range stroke.Points {
				sum += float64(p.X) + 2*float64(p.Y) + 3*float64(p.P)
			}
			sum += float64(stroke.Width)
		}
	}
	wantLabels, wantSum := []int{5, 6, 1, 5, 7, 5, 8, 4, 1, 4, 1, 7, 1, 1, 8, 2, 1, 7, 5, 1}, 5416.979
	if !slices.Equal(labels, wantLabels) || math.Abs(sum-wantSum) > 0.01 {
		t.Errorf("labels %v, sum %.3f; want %v, %.3f", labels, sum, wantLabels, wantSum)
	}
}

func TestDigitsStrokes(t *testing.T) {
	d := NewDigits(1)
	for i := range 2000 {
		strokes, label := d.Strokes(i)
		if label != d.Label(i) || label < 0 || label > 9 || len(strokes) == 0 {
			t.Fatalf("digit %d: label %d, %d strokes", i, label, len(strokes))
		}
		x0, y0, x1, y1 := float32(1), float32(1), float32(0), float32(0)
		for _, s := range strokes {
			if s.Width < 0.059 || s.Width > 0.101 || len(s.Points) < 2 {
				t.Fatalf("digit %d (%d): width %v, %d points", i, label, s.Width, len(s.Points))
			}
			for _, p := range s.Points {
				x0, y0, x1, y1 = min(x0, p.X), min(y0, p.Y), max(x1, p.X), max(y1, p.Y)
				if !(p.P >= 0.3 && p.P < 1.5) {
					t.Fatalf("digit %d (%d): pressure %v", i, label, p.P)
				}
			}
		}
		if side := max(x1-x0, y1-y0); side < 0.6 || side > 0.75 {
			t.Errorf("digit %d (%d): longer side %v", i, label, side)
		}
		if cx, cy := (x0+x1)/2, (y0+y1)/2; max(cx, cy) > 0.55 || min(cx, cy) < 0.45 {
			t.Errorf("digit %d (%d): middle at %v, %v", i, label, cx, cy)
		}
	}
	for _, digit := range []int{-1, 10} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("StrokesOf takes %d for a digit", digit)
				}
			}()
			d.StrokesOf(0, digit)
		}()
	}
}

func TestDigitsLabels(t *testing.T) {
	var count [10]int
	d := NewDigits(3)
	for i := range 20000 {
		count[d.Label(i)]++
	}
	for digit, n := range count {
		if n < 1850 || n > 2150 {
			t.Errorf("%d of 20000 digits are a %d", n, digit)
		}
	}
}

// shapeOf measures a picture: mean ink, width of the line in pixels (twice the ink over the length of its edge), slant.
func shapeOf(v []float32) (ink, width, slant float64) {
	ink = total(v)
	cx, cy := centreOfMass(v, 28)
	var edge, xy, yy float64
	for y := range 27 {
		for x := range 27 {
			a := v[y*28+x]
			edge += math.Hypot(float64(v[y*28+x+1]-a), float64(v[y*28+28+x]-a))
			xy += float64(a) * (float64(x) - cx) * (float64(y) - cy)
			yy += float64(a) * (float64(y) - cy) * (float64(y) - cy)
		}
	}
	return ink / 784, 2 * ink / edge, -xy / yy
}

type spread struct{ sum, squares, n float64 }

func (s *spread) add(x float64)   { s.sum, s.squares, s.n = s.sum+x, s.squares+x*x, s.n+1 }
func (s *spread) mean() float64   { return s.sum / s.n }
func (s *spread) spread() float64 { return math.Sqrt(s.squares/s.n - square(s.mean())) }

// The procedural digits must be spread as MNIST is. The figures are of MNIST's training set; where MNIST is there they
// are checked as well.
func TestDigitsResembleMNIST(t *testing.T) {
	want := []struct {
		name         string
		mean, spread float64
		tolerance    float64
	}{
		{"ink", 0.131, 0.043, 0.008},
		{"width", 2.46, 0.62, 0.1},
		{"slant", 0.135, 0.279, 0.03},
	}
	check := func(name string, set Dataset) {
		var got [3]spread
		pixels := make([]float32, ink.PreparedLen)
		for i := range 2000 {
			set.Batch(pixels, []int{i})
			ink, width, slant := shapeOf(pixels)
			got[0].add(ink)
			got[1].add(width)
			got[2].add(slant)
		}
		for k, w := range want {
			if g := got[k]; math.Abs(g.mean()-w.mean) > w.tolerance || math.Abs(g.spread()-w.spread) > w.tolerance {
				t.Errorf("%s: %s is %.3f with a spread of %.3f, want %.3f and %.3f", name, w.name, g.mean(), g.spread(), w.mean, w.spread)
			}
		}
	}
	check("digits", NewDigits(4).Set(0, 2000))
	if mnistDir() != "" {
		train, _ := mnist(t)
		check("mnist", train)
	}
}

// Real digits must have similar ones among the procedural digits: the nearest of 4,000 has the same label for nearly
// all.
func TestDigitsCoverMNIST(t *testing.T) {
	_, test := mnist(t)
	const n, queries, want = 4000, 400, 0.85
	set := NewDigits(5).Set(0, n)
	known, query := make([][]float32, n), make([]float32, ink.PreparedLen)
	for i := range known {
		set.Batch(query, []int{i})
		known[i] = quarter(query)
	}
	good := 0
	for i := range queries {
		test.Batch(query, []int{i})
		q := quarter(query)
		best, label := float32(math.MaxFloat32), -1
		for k, v := range known {
			if d := distance(q, v, best); d < best {
				best, label = d, set.Label(k)
			}
		}
		if label == test.Label(i) {
			good++
		}
	}
	rate := float64(good) / queries
	t.Logf("%.3f of MNIST's digits are nearest to a procedural one of their class", rate)
	if rate < want {
		t.Errorf("%.3f of MNIST's digits are nearest to a procedural one of their class, want %.2f", rate, want)
	}
}

// quarter averages 2x2 pixels.
func quarter(v []float32) []float32 {
	out := make([]float32, 14*14)
	for i, a := range v {
		out[i/56*14+i%28/2] += a / 4
	}
	return out
}

// distance returns the squared distance of a and b, or something above limit once it is larger.
func distance(a, b []float32, limit float32) (sum float32) {
	for i := 0; i < len(a) && sum <= limit; i += 14 {
		for j := i; j < i+14; j++ {
			sum += (a[j] - b[j]) * (a[j] - b[j])
		}
	}
	return sum
}

func TestDigitsSet(t *testing.T) {
	d := NewDigits(6)
	set := d.Set(100, 50)
	if set.Len() != 50 || set.Shape() != (Shape{1, 28, 28}) || set.Name() == "" {
		t.Fatalf("%d pictures of %v", set.Len(), set.Shape())
	}
	dst, one := make([]float32, 2*ink.PreparedLen), make([]float32, ink.PreparedLen)
	index := []int{49, 0}
	set.Batch(dst, index)
	for k, i := range index {
		if label := d.Image(one, 100+i); label != set.Label(i) || !slices.Equal(one, dst[k*ink.PreparedLen:(k+1)*ink.PreparedLen]) {
			t.Errorf("picture %d of the set is not picture %d", i, 100+i)
		}
	}
	if total(dst) < 20 {
		t.Error("no ink")
	}
	if n := testing.AllocsPerRun(20, func() { set.Batch(dst, index) }); n >= 1 {
		t.Errorf("Batch allocates %v times", n)
	}
	for _, i := range []int{-1, 50} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("picture %d of 50", i)
				}
			}()
			set.Batch(dst, []int{i})
		}()
	}
}

func BenchmarkDigitsImage(b *testing.B) {
	d := NewDigits(1)
	dst := make([]float32, ink.PreparedLen)
	for i := 0; b.Loop(); i++ {
		d.Image(dst, i)
	}
}
