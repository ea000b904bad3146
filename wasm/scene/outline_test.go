package scene

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// trace reads an outline of the form M L A L A Z or M A A Z and walks along it
// in small steps.
func trace(t *testing.T, path string) (points [][2]float64) {
	t.Helper()
	var x, y float64
	rest := path
	for rest != "Z" {
		command := rest[0]
		end := strings.IndexAny(rest[1:], "MLAZ") + 1
		fields := rest[1:end]
		rest = rest[end:]
		var nx, ny, r, same, turn float64
		var large, sweep int
		switch command {
		case 'A':
			if _, err := fmt.Sscan(fields, &r, &same, &turn, &large, &sweep, &nx, &ny); err != nil || same != r || turn != 0 || sweep != 1 {
				t.Fatalf("%q in %q: %v", fields, path, err)
			}
			// The centre lies to the right of the chord for a clockwise arc, y down, and
			// on its other side for a large one.
			dx, dy := nx-x, ny-y
			half := math.Hypot(dx, dy) / 2
			h := math.Sqrt(math.Max(0, r*r-half*half))
			if large == 1 {
				h = -h
			}
			cx, cy := (x+nx)/2-dy/(2*half)*h, (y+ny)/2+dx/(2*half)*h
			from, to := math.Atan2(y-cy, x-cx), math.Atan2(ny-cy, nx-cx)
			for to < from {
				to += 2 * math.Pi
			}
			for i := range 200 {
				a := from + (to-from)*float64(i)/200
				points = append(points, [2]float64{cx + r*math.Cos(a), cy + r*math.Sin(a)})
			}
		default:
			if _, err := fmt.Sscan(fields, &nx, &ny); err != nil {
				t.Fatalf("%q in %q: %v", fields, path, err)
			}
			for i := 0; command == 'L' && i < 100; i++ {
				f := float64(i) / 100
				points = append(points, [2]float64{x + (nx-x)*f, y + (ny-y)*f})
			}
		}
		x, y = nx, ny
	}
	return points
}

// distance gives how far a point is outside of a capsule, by trying all discs.
func distance(c Capsule, x, y float64) float64 {
	best := math.Inf(1)
	for i := range 501 {
		f := float64(i) / 500
		px, py := float64(c.X0)+(float64(c.X1)-float64(c.X0))*f, float64(c.Y0)+(float64(c.Y1)-float64(c.Y0))*f
		best = min(best, math.Hypot(x-px, y-py)-(float64(c.R0)+(float64(c.R1)-float64(c.R0))*f))
	}
	return best
}

func TestOutline(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	f := func() float32 { return r.Float32() * 100 }
	capsules := []Capsule{{10, 20, 5, 10, 20, 5}, {10, 20, 5, 11, 20, 9}, {10, 20, 9, 11, 20, 5}, {10, 20, 5, 40, 20, 5}, {40, 20, 5, 10, 20, 5}, {10, 20, 5, 10, 60, 20}}
	for range 24 {
		capsules = append(capsules, Capsule{f(), f(), f()/4 + 1, f(), f(), f()/4 + 1})
	}
	for _, c := range capsules {
		path := string(c.AppendOutline(nil, 0, 0, 1))
		points := trace(t, path)
		area := 0.0
		for i, p := range points {
			if d := distance(c, p[0], p[1]); math.Abs(d) > 0.1 {
				t.Fatalf("%v: %.2f, %.2f of %s is %.3f off", c, p[0], p[1], path, d)
			}
			q := points[(i+1)%len(points)]
			area += (p[0]*q[1] - q[0]*p[1]) / 2
		}
		// Clockwise, y down, all around: no less than the larger disc.
		if least := math.Pi * math.Pow(float64(max(c.R0, c.R1)), 2) * 0.99; area < least {
			t.Errorf("%v: %s has the area %v, want at least %v", c, path, area, least)
		}
	}
	moved := string(Capsule{0.1, 0.2, 0.05, 0.1, 0.2, 0.05}.AppendOutline(nil, 7, 9, 100))
	if want := "M 12 29A 5 5 0 0 1 22 29A 5 5 0 0 1 12 29Z"; moved != want {
		t.Errorf("a dot is %q, want %q", moved, want)
	}
}

func TestAppendNumbers(t *testing.T) {
	for _, v := range []float64{0, 1, -1, 0.5, -0.5, 12.0304, 0.0001, -0.0001, 0.00004, 1000, 999.99996, -3.1, 123456789.25, 1e9, -2e12} {
		want, err := strconv.ParseFloat(strconv.FormatFloat(v, 'f', 4, 64), 64)
		if err != nil {
			t.Fatal(err)
		}
		text := string(appendNumbers(nil, v))
		got, err := strconv.ParseFloat(text[1:], 64)
		if err != nil || text[0] != ' ' || got != want {
			t.Errorf("%v is written as %q", v, text)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 10000 {
		v := 4000 * (r.Float64() - 0.5)
		if got, err := strconv.ParseFloat(string(appendNumbers(nil, v)[1:]), 64); err != nil || math.Abs(got-v) > 0.5001/decimals {
			t.Fatalf("%v is written as %v (%v)", v, got, err)
		}
	}
}

func BenchmarkOutline(b *testing.B) {
	c := Capsule{X0: 123.456, Y0: 234.567, R0: 2.2, X1: 123.456, Y1: 234.567, R1: 2.2}
	var path []byte
	for b.Loop() {
		path = c.AppendOutline(path[:0], 0, 0, 1)
	}
}
