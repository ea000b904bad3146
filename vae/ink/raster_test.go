package ink

import (
	"math"
	"math/rand/v2"
	"testing"
)

func total(v []float32) (sum float64) {
	for _, x := range v {
		sum += float64(x)
	}
	return sum
}

// What is drawn must cover the area that geometry gives.
func TestRasterizeArea(t *testing.T) {
	const side = 112
	for _, c := range []struct {
		name   string
		stroke Stroke
		want   float64 // in pads
	}{
		{"dot", Stroke{0.2, []Point{{0.5, 0.5, 1}}}, math.Pi * 0.01},
		{"half pressure", Stroke{0.2, []Point{{0.5, 0.5, 0.5}}}, math.Pi * 0.0025},
		{"capsule", Stroke{0.1, []Point{{0.2, 0.3, 1}, {0.8, 0.7, 1}}}, math.Pi*0.0025 + 0.1*math.Hypot(0.6, 0.4)},
		{"hairline", Stroke{0.25 / side, []Point{{0.2, 0.3, 1}, {0.8, 0.7, 1}}}, 0.25 / side * math.Hypot(0.6, 0.4)},
		{"taper to nothing", Stroke{0.1, []Point{{0.2, 0.5, 1}, {0.8, 0.5, 0}}}, math.Pi*0.00125 + 0.1*0.6/2},
		{"same place twice", Stroke{0.2, []Point{{0.5, 0.5, 0.1}, {0.5, 0.5, 1}}}, math.Pi * 0.01},
		{"half outside", Stroke{0.2, []Point{{0, 0.5, 1}}}, math.Pi * 0.005},
	} {
		dst := make([]float32, side*side)
		Rasterize(dst, side, side, []Stroke{c.stroke})
		if got := total(dst) / (side * side); math.Abs(got-c.want) > 0.02*c.want+1e-5 {
			t.Errorf("%s: covers %.5f of the pad, want %.5f", c.name, got, c.want)
		}
	}
}

func TestRasterizePlace(t *testing.T) {
	// A horizontal bar of 4 pixels across the rows 2 to 5 of an 8 x 8 picture, from edge to edge.
	dst := make([]float32, 64)
	Rasterize(dst, 8, 8, []Stroke{{0.5, []Point{{-1, 0.5, 1}, {2, 0.5, 1}}}})
	for y := range 8 {
		for x := range 8 {
			want := float32(0)
			if y >= 2 && y < 6 {
				want = 1
			}
			if dst[y*8+x] != want {
				t.Fatalf("pixel %d,%d is %v, want %v", x, y, dst[y*8+x], want)
			}
		}
	}
	// In a picture twice as wide, x is stretched and the brush is still round.
	wide := make([]float32, 16*8)
	Rasterize(wide, 16, 8, []Stroke{{0.5, []Point{{0.5, 0.5, 1}}}})
	if wide[4*16+7] != 1 || wide[4*16+5] != 0 || wide[2*16+8] == 0 || wide[1*16+8] != 0 {
		t.Errorf("dot in a wide picture: %v", wide)
	}
}

func TestRasterizeComposite(t *testing.T) {
	dst := []float32{0.9, 0.9, 0.1, 0.1}
	Rasterize(dst, 4, 1, []Stroke{{1, []Point{{0.375, 0.5, 1}}}, {1, []Point{{0.875, 0.5, 1}}}})
	if dst[0] != 0.9 || dst[1] != 1 || dst[3] != 1 {
		t.Errorf("%v", dst)
	}
}

func TestRasterizeHostile(t *testing.T) {
	nan, inf, big := float32(math.NaN()), float32(math.Inf(1)), float32(math.MaxFloat32)
	values := []float32{0, 0.5, nan, inf, -inf, big, -big, 1e-40}
	dst := make([]float32, 25)
	for _, x := range values {
		for _, y := range values {
			for _, p := range values {
				for _, w := range values {
					Rasterize(dst, 5, 5, []Stroke{{w, []Point{{x, y, p}, {y, x, 1}, {p, p, p}}}, {w, []Point{{x, y, p}}}, {w, nil}})
				}
			}
		}
	}
	for _, v := range dst {
		if !(v >= 0 && v <= 1) {
			t.Fatalf("%v", dst)
		}
	}
	Rasterize(nil, 0, 5, []Stroke{{1, []Point{{0, 0, 1}}}})
}

// Leaving out the pixels that a segment does not reach must not change the picture.
func TestRasterizeReach(t *testing.T) {
	const w, h = 40, 30
	src := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		a := disc{src.Float64()*60 - 10, src.Float64()*50 - 10, src.Float64() * 6}
		b := disc{a.x + src.NormFloat64()*8, a.y + src.NormFloat64()*8, src.Float64() * 6}
		got := make([]float32, w*h)
		segment(got, w, h, a, b)
		for i, g := range got {
			x, y := float64(i%w)+0.5, float64(i/w)+0.5
			dx, dy := b.x-a.x, b.y-a.y
			u := min(1, max(0, ((x-a.x)*dx+(y-a.y)*dy)/(dx*dx+dy*dy)))
			d, r := math.Hypot(x-a.x-u*dx, y-a.y-u*dy), a.r+u*(b.r-a.r)
			want := max(0, min(r, d+0.5)-max(-r, d-0.5))
			if math.Abs(want-float64(g)) > 1e-6 {
				t.Fatalf("%v to %v: pixel %.1f,%.1f is %v, want %v", a, b, x, y, g, want)
			}
		}
	}
}

func TestRasterizeAllocs(t *testing.T) {
	dst := make([]float32, 112*112)
	s := zigzag(100)
	if n := testing.AllocsPerRun(10, func() { Rasterize(dst, 112, 112, s) }); n != 0 {
		t.Errorf("allocates %v times", n)
	}
}

// zigzag is a drawing of n points, about as far apart as a pointer's samples.
func zigzag(n int) []Stroke {
	s := Stroke{Width: 0.08}
	for i := range n {
		a := float64(i) / 10
		s.Points = append(s.Points, Point{0.5 + 0.3*float32(math.Cos(a)), 0.5 + 0.3*float32(math.Sin(1.7*a)), 1})
	}
	return []Stroke{s}
}

func BenchmarkRasterize(b *testing.B) {
	dst := make([]float32, 112*112)
	s := zigzag(300)
	for b.Loop() {
		clear(dst)
		Rasterize(dst, 112, 112, s)
	}
}
