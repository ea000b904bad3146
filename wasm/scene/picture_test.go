package scene

import (
	"math"
	"math/rand/v2"
	"testing"

	"inkdrift/wasm/proto"
)

func TestResize(t *testing.T) {
	var r resampler
	rnd := rand.New(rand.NewPCG(5, 6))
	for _, to := range []int{1, 9, 20, 28, 31, 56, 100, 224} {
		// A flat picture stays flat.
		flat := make([]float32, 28*28)
		for i := range flat {
			flat[i] = 0.7
		}
		out := make([]float32, to*(to+1))
		r.resize(out, to, to+1, flat, 28, 28)
		for i, v := range out {
			if math.Abs(float64(v)-0.7) > 1e-5 {
				t.Fatalf("to %d: value %d is %v", to, i, v)
			}
		}
		// The mean stays, and a mirrored picture gives the mirrored result.
		src, mirrored, sum := make([]float32, 28*28), make([]float32, 28*28), float32(0)
		for y := 4; y < 24; y++ {
			for x := 4; x < 24; x++ {
				v := rnd.Float32()
				src[y*28+x], mirrored[y*28+27-x] = v, v
				sum += v
			}
		}
		a, b := make([]float32, to*to), make([]float32, to*to)
		r.resize(a, to, to, src, 28, 28)
		r.resize(b, to, to, mirrored, 28, 28)
		total := float32(0)
		for i, v := range a {
			total += v
			if w := b[i/to*to+to-1-i%to]; math.Abs(float64(v-w)) > 1e-5 {
				t.Fatalf("to %d: %v is %v in the mirror", to, v, w)
			}
		}
		if want := sum / (28 * 28); to > 1 && math.Abs(float64(total/float32(to*to)-want)) > 0.002 {
			t.Errorf("to %d: mean %v, was %v", to, total/float32(to*to), want)
		}
	}
}

// TestResizeOrientation has one dot, off both diagonals, and a picture that is
// not square.
func TestResizeOrientation(t *testing.T) {
	src := make([]float32, 6*4)
	src[1*6+4] = 1
	var r resampler
	out := make([]float32, 60*40)
	r.resize(out, 60, 40, src, 6, 4)
	best := 0
	for i, v := range out {
		if v > out[best] {
			best = i
		}
	}
	if x, y := best%60, best/60; x < 43 || x > 46 || y < 13 || y > 16 {
		t.Errorf("the dot is at %d, %d; want near 45, 15", x, y)
	}
}

func TestRepeat(t *testing.T) {
	out := make([]float32, 6*4)
	repeat(out, []float32{1, 2, 3, 4, 5, 6}, 3, 2, 2)
	want := []float32{1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 4, 4, 5, 5, 6, 6}
	for i := range want {
		if out[i] != want[i] {
			t.Fatalf("got %v", out)
		}
	}
}

func TestTone(t *testing.T) {
	theme := Theme{Paper: Color{250, 240, 10}, Ink: Color{20, 30, 200}}
	for name, curve := range map[string]func(float32) float32{"plain": plain, "inked": inked} {
		shades := makeTone(theme, curve)
		half := Color{135, 135, 105}
		if name == "inked" {
			half = Color{90, 94, 142} // 0.56 becomes 0.695
		}
		pix := make([]byte, 4*5)
		shades.paint(pix, []float32{-1, 0, 0.5, 1, 7})
		for i, want := range []Color{theme.Paper, theme.Paper, half, theme.Ink, theme.Ink} {
			if got := (Color{pix[4*i], pix[4*i+1], pix[4*i+2]}); got != want || pix[4*i+3] != 255 {
				t.Errorf("%s %d: %v, want %v", name, i, got, want)
			}
		}
		last := 256
		for i := range toneLevels + 1 {
			shades.paint(pix[:4], []float32{float32(i) / toneLevels})
			if int(pix[0]) > last {
				t.Fatalf("%s: more ink is lighter at %d", name, i)
			}
			last = int(pix[0])
		}
	}
}

func TestParseColor(t *testing.T) {
	if c, err := ParseColor("ink", "#0aFf80"); err != nil || c != (Color{10, 255, 128}) {
		t.Errorf("got %v, %v", c, err)
	}
	for _, bad := range []string{"", "#fff", "0aff80", "#0aff8g", "#+aff80", "#0aff800"} {
		if c, err := ParseColor("ink", bad); err == nil {
			t.Errorf("%q is %v", bad, c)
		}
	}
}

func TestBlend(t *testing.T) {
	p := Pictures{W: 2, H: 1, N: 3, Values: []float32{0, 1, 1, 0, 0.5, 0.5}}
	for _, tt := range []struct {
		t    float64
		want [2]float32
	}{{0, [2]float32{0, 1}}, {0.25, [2]float32{0.5, 0.5}}, {0.5, [2]float32{1, 0}}, {0.75, [2]float32{0.75, 0.25}}, {1, [2]float32{0.5, 0.5}}, {2, [2]float32{0.5, 0.5}}} {
		got := [2]float32{}
		p.blend(got[:], tt.t)
		if got != tt.want {
			t.Errorf("at %v: %v, want %v", tt.t, got, tt.want)
		}
	}
	one := Pictures{W: 1, H: 1, N: 1, Values: []float32{0.3}}
	got := []float32{0}
	if one.blend(got, 0.5); got[0] != 0.3 {
		t.Errorf("a single picture: %v", got)
	}
}

func TestView(t *testing.T) {
	slots := map[string]proto.Rect{"padA": {X: 10.3, Y: 20.6, W: 100, H: 100}, "unknown": {}}
	v, err := NewView(proto.Layout{Width: 400.4, Height: 300, DPR: 2, Slots: slots}, 8192)
	if err != nil {
		t.Fatal(err)
	}
	if v.W != 800 || v.H != 600 || v.Scale != 2 || v.Slot(PadA) != (Rect{21, 41, 200, 200}) || !v.Slot(PadB).Empty() {
		t.Errorf("got %+v", v)
	}
	if w, h := v.CSS(); w != 400 || h != 300 {
		t.Errorf("CSS %v x %v", w, h)
	}
	// A 4K screen is drawn as it is; what is larger, at 4K's pixels.
	v, _ = NewView(proto.Layout{Width: 1920, Height: 1080, DPR: 2}, 8192)
	if v.W != 3840 || v.H != 2160 {
		t.Errorf("4K is %dx%d", v.W, v.H)
	}
	v, _ = NewView(proto.Layout{Width: 1920, Height: 3000, DPR: 3}, 8192)
	if n := v.W * v.H; n > MaxPixels || n < MaxPixels*98/100 {
		t.Errorf("%dx%d are %d pixels", v.W, v.H, n)
	}
	v, _ = NewView(proto.Layout{Width: 300, Height: 3000, DPR: 3}, 4096)
	if v.H > 4096 || v.W != 409 {
		t.Errorf("a tall page is %dx%d", v.W, v.H)
	}
	for field, l := range map[string]proto.Layout{
		"width":      {Height: 1, DPR: 1},
		"height":     {Width: 1, Height: math.Inf(1), DPR: 1},
		"dpr":        {Width: 1, Height: 1},
		"slots.padA": {Width: 1, Height: 1, DPR: 1, Slots: map[string]proto.Rect{"padA": {X: math.NaN()}}},
	} {
		if _, err := NewView(l, 4096); proto.AsError(err) == nil || proto.AsError(err).Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestFit(t *testing.T) {
	for _, tt := range []struct {
		r    Rect
		w, h int
		want Rect
	}{
		{Rect{10, 20, 100, 50}, 1, 1, Rect{35, 20, 50, 50}},
		{Rect{10, 20, 50, 100}, 1, 1, Rect{10, 45, 50, 50}},
		{Rect{0, 0, 100, 100}, 2, 1, Rect{0, 25, 100, 50}},
		{Rect{0, 0, 5, 0}, 1, 1, Rect{}},
	} {
		if got := tt.r.fit(tt.w, tt.h); got != tt.want {
			t.Errorf("%v.fit(%d, %d) = %v, want %v", tt.r, tt.w, tt.h, got, tt.want)
		}
	}
}

func within(a, b Rect) bool {
	return a.X >= b.X && a.Y >= b.Y && a.X+a.W <= b.X+b.W && a.Y+a.H <= b.Y+b.H
}

func TestCells(t *testing.T) {
	for _, slot := range []Rect{{3, 4, 1200, 90}, {0, 0, 300, 48}, {0, 0, 100, 100}, {0, 0, 40, 300}, {0, 0, 9000, 30}} {
		cells := stripCells(slot, 4)
		if len(cells) < 3 {
			t.Fatalf("strip %v has %d cells", slot, len(cells))
		}
		for i, c := range cells {
			if c.W != c.H || c.Empty() || !within(c.inset(-2), slot) {
				t.Errorf("strip %v: cell %d is %v", slot, i, c)
			}
			if i > 0 && c.X < cells[i-1].X+c.W+3 {
				t.Errorf("strip %v: cells %d and %d touch", slot, i-1, i)
			}
		}
		if last := cells[len(cells)-1]; cells[0].X != slot.X+2 || last.X+last.W != slot.X+slot.W-2 {
			t.Errorf("strip %v goes from %v to %v", slot, cells[0], last)
		}
	}
	if cells := stripCells(Rect{0, 0, 5, 100}, 4); len(cells) != 0 {
		t.Errorf("no room for %v", cells)
	}
	for _, n := range []int{1, 2, 7, 16, 24, 100} {
		for _, slot := range []Rect{{3, 4, 400, 100}, {0, 0, 300, 300}, {5, 5, 60, 500}} {
			cells := gridCells(slot, n, 2)
			if len(cells) != n {
				t.Fatalf("%d samples in %v: %d cells", n, slot, len(cells))
			}
			for i, c := range cells {
				if c.W != c.H || !within(c, slot) {
					t.Errorf("%d samples in %v: cell %d is %v", n, slot, i, c)
				}
				for j := range i {
					if d := cells[j]; d.X < c.X+c.W && c.X < d.X+d.W && d.Y < c.Y+c.H && c.Y < d.Y+d.H {
						t.Errorf("%d samples in %v: %v lies over %v", n, slot, c, d)
					}
				}
			}
		}
	}
	if got := gridCells(Rect{0, 0, 400, 100}, 16, 0); got[0].W != 50 {
		t.Errorf("16 samples in 400x100 are %d wide, want 50", got[0].W)
	}
	if got := gridCells(Rect{0, 0, 2, 2}, 100, 2); len(got) != 0 {
		t.Errorf("no room for %v", got)
	}
}

func BenchmarkResize(b *testing.B) {
	var r resampler
	out := make([]float32, 224*224)
	src := pics(1)
	for b.Loop() {
		r.resize(out, 224, 224, src, 28, 28)
	}
}

func BenchmarkTone(b *testing.B) {
	shades := makeTone(Theme{Paper: Color{250, 240, 10}}, inked)
	out, pix := make([]float32, 224*224), make([]byte, 224*224*4)
	for b.Loop() {
		shades.paint(pix, out)
	}
}
