package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// testZeros checks that zeros are estimated, and only inside the matrix.
func testZeros(t *testing.T, k kernel) {
	for _, part := range []float64{0, 0.2, 0.5, 0.81, 1} {
		for _, d := range [][3]int{{128, 784, 784}, {1, 4, 4}, {400, 20, 23}, {7, 7919, 7919}, {4001, 5, 5}, {100, 3, 3}, {0, 5, 5}} {
			s := source{Rand: rand.New(rand.NewPCG(7, 8)), zeros: part}
			x := s.operand(max((d[0]-1)*d[2]+d[1], 0))
			for i := range x.data {
				if i%d[2] >= d[1] {
					x.data[i] = float32(math.NaN()) // between rows
				}
			}
			got, exist := float64(k.zeros(x.data, d[0], d[1], d[2]))/1024, 0.0
			for i, v := range x.data {
				if v == 0 && i%d[2] < d[1] {
					exist++
				}
			}
			if d[1] < 4 || d[0] == 0 {
				exist = 0 // too narrow to look at
			}
			if n := float64(d[0] * d[1]); n > 0 {
				exist /= n
			}
			// The sample's own error; a small matrix is seen whole.
			if math.Abs(got-exist) > 0.1 {
				t.Errorf("%v, part %v: %v of the numbers are said to be zero, %v are", d, part, got, exist)
			}
		}
	}
}

func TestChoose(t *testing.T) {
	none, most := func() float64 { return 0 }, func() float64 { return 0.81 }
	never := func() float64 { t.Error("looked for zeros in a small product"); return 0 }
	for _, c := range []struct {
		name           string
		s              shape
		zerosA, zerosB func() float64
		want           []plan
	}{
		{"one picture", shape{false, true, 1, 400, 784}, never, never, []plan{dot}},
		{"dense forward", shape{false, true, 128, 400, 784}, none, none, []plan{natural, swapped}},
		{"digits forward", shape{false, true, 128, 400, 784}, most, none, []plan{naturalSkip}},
		{"digits backward", shape{true, false, 400, 784, 128}, none, most, []plan{swappedSkip}},
		{"into latents", shape{false, true, 128, 20, 400}, none, none, []plan{natural}},
		{"small", shape{false, false, 8, 8, 8}, never, never, []plan{natural, swapped}},
	} {
		for _, v := range []Variant{Strict, Relaxed} {
			if got := c.s.choose(v, c.zerosA, c.zerosB); !slices.Contains(c.want, got) {
				t.Errorf("%s, %v: plan %d instead of %d", c.name, v, got, c.want)
			}
		}
	}
}

func TestInstall(t *testing.T) {
	if Loaded() == Relaxed {
		t.Skip("asks for the relaxed kernel, which is there")
	}
	err := Install(Relaxed)
	e, ok := err.(*NotLoadedError)
	if !ok || e.Want != Relaxed || e.Loaded != Loaded() {
		t.Errorf("Install(Relaxed) = %v", err)
	}
	if err := Install(Off); err != nil {
		t.Error(err)
	}
}
