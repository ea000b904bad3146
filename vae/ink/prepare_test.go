package ink

import (
	"encoding/binary"
	"math"
	"testing"
)

func TestPrepareSquare(t *testing.T) {
	// A black 40 x 40 square becomes 20 x 20; its centre of mass, 9.5 in the box, counts as pixel 10 and goes to 14.
	const w, h = 100, 90
	ink := make([]float32, w*h)
	for y := 7; y < 47; y++ {
		for x := 51; x < 91; x++ {
			ink[y*w+x] = 1
		}
	}
	var dst [PreparedLen]float32
	if !Prepare(dst[:], ink, w, h) {
		t.Fatal("nothing drawn")
	}
	for y := range 28 {
		for x := range 28 {
			want := float32(0)
			if x >= 4 && x < 24 && y >= 4 && y < 24 {
				want = 1
			}
			if math.Abs(float64(dst[y*28+x]-want)) > 1e-6 {
				t.Fatalf("pixel %d,%d is %v, want %v", x, y, dst[y*28+x], want)
			}
		}
	}
}

func TestPrepareKeepsAspect(t *testing.T) {
	// 60 wide and 15 high: 20 x 5.
	const w = 80
	ink := make([]float32, w*w)
	for y := 3; y < 18; y++ {
		for x := 11; x < 71; x++ {
			ink[y*w+x] = 1
		}
	}
	var dst [PreparedLen]float32
	Prepare(dst[:], ink, w, w)
	b, _ := inkBounds(dst[:], 28, 28)
	if b.x1-b.x0 != 20 || b.y1-b.y0 != 5 || math.Abs(total(dst[:])-100) > 1e-3 {
		t.Errorf("bounds %v, ink %.2f", b, total(dst[:]))
	}
}

// Enlarging interpolates: each pixel of the box is half of one of the drawing's.
func TestPrepareEnlarges(t *testing.T) {
	ink := make([]float32, 100)
	for i := range ink {
		ink[i] = 1
		if i%10 == 9 {
			ink[i] = 0.5
		}
	}
	var dst [PreparedLen]float32
	Prepare(dst[:], ink, 10, 10)
	b, _ := inkBounds(dst[:], 28, 28)
	row := dst[14*28+b.x0 : 14*28+b.x1]
	for x, want := range map[int]float64{0: 0.75, 1: 1, 16: 1, 17: 0.875, 18: 0.625, 19: 0.375} {
		if math.Abs(float64(row[x])-want) > 1e-6 {
			t.Errorf("pixel %d of the box is %v, want %v", x, row[x], want)
		}
	}
}

func TestPrepareNothing(t *testing.T) {
	nan := float32(math.NaN())
	dst := make([]float32, PreparedLen)
	for name, c := range map[string]struct {
		ink  []float32
		w, h int
	}{
		"paper":     {make([]float32, 12), 4, 3},
		"no pixels": {nil, 0, 0},
		"no width":  {nil, 0, 7},
		"NaN":       {[]float32{nan, nan}, 2, 1},
		"negative":  {[]float32{-1, -5}, 2, 1},
		"haze":      {[]float32{0.01, 0.1}, 2, 1},
	} {
		dst[100] = 1
		if Prepare(dst, c.ink, c.w, c.h) || total(dst) != 0 {
			t.Errorf("%s: taken for a drawing, or left ink: %v", name, total(dst))
		}
	}
}

func TestPreparePanics(t *testing.T) {
	for name, f := range map[string]func(){
		"short ink":   func() { Prepare(make([]float32, PreparedLen), make([]float32, 5), 2, 3) },
		"short dst":   func() { Prepare(make([]float32, 783), make([]float32, 6), 2, 3) },
		"signs":       func() { Prepare(make([]float32, PreparedLen), make([]float32, 6), -2, -3) },
		"minus width": func() { Prepare(make([]float32, PreparedLen), make([]float32, 6), -2, 3) },
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

// The same drawing anywhere on the pad, at any size, gives the same picture but for the grey at its edges. (Off by one
// pixel, the difference is 0.1.)
func TestPrepareInvariance(t *testing.T) {
	draw := func(scale, dx, dy float32) []float32 {
		s := Stroke{Width: 0.1 * scale}
		for _, p := range [][2]float32{{0.2, 0.2}, {0.7, 0.25}, {0.45, 0.5}, {0.7, 0.7}, {0.25, 0.9}} {
			s.Points = append(s.Points, Point{p[0]*scale + dx, p[1]*scale + dy, 1})
		}
		ink := make([]float32, 224*224)
		Rasterize(ink, 224, 224, []Stroke{s})
		var dst [PreparedLen]float32
		Prepare(dst[:], ink, 224, 224)
		return dst[:]
	}
	want := draw(1, 0, 0)
	for _, got := range [][]float32{draw(1, 0.1, 0), draw(0.5, 0.1, 0.37), draw(0.25, 0.5, 0.5)} {
		if d := meanDifference(want, got); d > 0.035 {
			t.Errorf("mean difference %.4f", d)
		}
	}
}

func meanDifference(a, b []float32) float64 {
	var sum float64
	for i := range a {
		sum += math.Abs(float64(a[i] - b[i]))
	}
	return sum / float64(len(a))
}

func TestPrepareAllocs(t *testing.T) {
	ink, dst := make([]float32, 112*112), make([]float32, PreparedLen)
	Rasterize(ink, 112, 112, zigzag(100))
	if n := testing.AllocsPerRun(10, func() { Prepare(dst, ink, 112, 112) }); n != 0 {
		t.Errorf("allocates %v times", n)
	}
}

func BenchmarkPrepare(b *testing.B) {
	ink, dst := make([]float32, 112*112), make([]float32, PreparedLen)
	Rasterize(ink, 112, 112, zigzag(100))
	for b.Loop() {
		Prepare(dst, ink, 112, 112)
	}
}

func FuzzPrepare(f *testing.F) {
	f.Add(uint8(3), []byte{0, 0, 128, 63, 0, 0, 0, 0, 0, 0, 128, 63})
	f.Add(uint8(1), []byte{0, 0, 192, 127})
	f.Add(uint8(0), []byte{})
	f.Add(uint8(200), make([]byte, 4000))
	f.Fuzz(func(t *testing.T, width uint8, b []byte) {
		ink := make([]float32, len(b)/4)
		for i := range ink {
			ink[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
		w, h := int(width), 0
		if w > 0 {
			h = len(ink) / w
		}
		var dst [PreparedLen]float32
		ok := Prepare(dst[:], ink, w, h)
		for i, v := range dst {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("value %d is %v", i, v)
			}
		}
		if ok != (total(dst[:]) > 0) {
			t.Fatalf("ok is %v with %v of ink", ok, total(dst[:]))
		}
	})
}
