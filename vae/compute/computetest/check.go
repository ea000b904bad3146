package computetest

import (
	"math"
	"runtime"
	"testing"

	"inkdrift/vae/compute"
)

// sizes are those at which lanes, unrolled loops and their remainders begin
// and end.
var sizes = []int{1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 784}

// shapes returns rows and widths to try.
func shapes() [][2]int {
	s := [][2]int{{0, 5}}
	for _, n := range sizes {
		s = append(s, [2]int{1, n}, [2]int{3, n}, [2]int{n, 3})
	}
	// Enough to be shared out between goroutines, in rows and in one row.
	s = append(s, [2]int{37, 784})
	if runtime.GOARCH != "wasm" { // there are no threads, and little time
		s = append(s, [2]int{1, 30001}, [2]int{30001, 1})
	}
	return s
}

// checkFormulas compares every operation with its reference.
func checkFormulas(t *testing.T, b compute.Backend, o Options) {
	for _, op := range operations() {
		t.Run(op.name, func(t *testing.T) {
			for i, s := range shapes() {
				shifts := 4
				if s[0]*s[1] > 300 {
					shifts = 1
				}
				for shift := range shifts {
					compare(t, newCall(op, s[0], s[1], shift+i%2), b, o)
					if t.Failed() {
						return
					}
				}
			}
		})
	}
}

// compare runs a call on b and compares the result with the reference.
func compare(t *testing.T, c *call, b compute.Backend, o Options) {
	t.Helper()
	got := c.clone()
	c.op.run(b, got.slices())
	var exact [][]float32
	if o.Exact {
		e := c.clone()
		c.op.run(compute.Go{}, e.slices())
		exact = e.slices()
	}
	want, mag := c.wide(), zeros(c)
	c.op.ref(c.rows, c.width, want, mag)
	for k, operand := range c.op.operands {
		got.bufs[k].check(t, c.String()+" "+operand.name)
		for i, g := range got.bufs[k].data {
			switch {
			case operand.role == in:
				if math.Float32bits(g) != math.Float32bits(c.bufs[k].data[i]) {
					t.Fatalf("%v: changed its input %s[%d] from %v to %v", c, operand.name, i, c.bufs[k].data[i], g)
				}
				continue
			case o.Exact && !sameBits(g, exact[k][i]):
				t.Fatalf("%v: %s[%d] is %v (%#x), compute.Go gives %v (%#x)", c, operand.name, i,
					g, math.Float32bits(g), exact[k][i], math.Float32bits(exact[k][i]))
			}
			// Sums of many numbers gather errors as a random walk does, or faster
			// when they are of one sign.
			n := 1
			switch operand.per {
			case perRow:
				n = c.width
			case perColumn:
				n = c.rows
			}
			tol := c.op.tol * (1 + math.Sqrt(float64(n)) + float64(n)/64)
			if !near(g, want[k][i], tol*mag[k][i]) {
				t.Fatalf("%v: %s[%d] is %v instead of %v; at most %.3g off was allowed", c, operand.name, i, g, want[k][i], tol*mag[k][i])
			}
		}
	}
}

// zeros returns numbers of the lengths of c's operands.
func zeros(c *call) [][]float64 {
	var x [][]float64
	for _, b := range c.bufs {
		x = append(x, make([]float64, len(b.data)))
	}
	return x
}

// sameBits compares numbers, zeros with their signs; all NaNs are the same.
func sameBits(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

// tiny is the smallest normal number: results below it may be flushed to zero
// where an elementary function took part.
const tiny = 1.1754943508222875e-38

// near reports whether got is want to within off, in the range of float32.
func near(got float32, want, off float64) bool {
	switch w := float32(want); {
	case want != want:
		return got != got
	case math.IsInf(float64(w), 0):
		return got == w
	case got != got:
		return false
	}
	if off > 0 {
		off += tiny
	}
	return math.Abs(float64(got)-want) <= off
}

// checkSpecials puts NaNs of both signs and infinities into each operand in turn: at the place
// and in the rows that depend on them the result must be that of the formula,
// and everywhere else nothing may change.
func checkSpecials(t *testing.T, b compute.Backend, o Options) {
	values := []float32{float32(math.NaN()), math.Float32frombits(0xffc00000), float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.Copysign(0, -1)),
		1e4, -1e4, 1e-39, -1e-39, math.SmallestNonzeroFloat32, 88.2, 89, -87.2, -88, 200, -200}
	for _, op := range operations() {
		t.Run(op.name, func(t *testing.T) {
			for k, operand := range op.operands {
				if operand.role == out {
					continue
				}
				for _, v := range values {
					// 2 rows of 19: the last places are in a remainder.
					c := newCall(op, 2, 19, 1)
					n := len(c.bufs[k].data)
					for _, at := range []int{0, n / 2, n - 1} {
						d := c.clone()
						d.bufs[k].data[at] = v
						compare(t, d, b, o)
						if t.Failed() {
							t.Fatalf("with %s[%d] = %v", operand.name, at, v)
						}
					}
				}
			}
			if t.Failed() {
				return
			}
			// All of them side by side, so that lanes differ.
			c := newCall(op, 3, len(values), 2)
			for k, operand := range op.operands {
				if operand.role == out || operand.kind == positive {
					continue
				}
				for i := range c.bufs[k].data {
					c.bufs[k].data[i] = values[(i+3*k)%len(values)]
				}
			}
			compare(t, c, b, o)
		})
	}
}

// checkLengths gives every operation operands that are one number too short or
// too long: it must panic, and must not write outside what it was given.
func checkLengths(t *testing.T, b compute.Backend) {
	for _, op := range operations() {
		if len(op.operands) < 2 {
			continue
		}
		for k, operand := range op.operands {
			for _, delta := range []int{-1, 1} {
				c := newCall(op, 3, 5, 0)
				d := newCall(op, 3, 5, 0)
				n := len(c.bufs[k].data) + delta
				// The memory is there: only the length says what belongs to the operand.
				d.bufs[k].data = d.bufs[k].data[:n]
				if !panics(func() { op.run(b, d.slices()) }) {
					t.Errorf("%s with %d numbers in %s instead of %d did not panic", op.name, n, operand.name, n-delta)
				}
				for j := range d.bufs {
					lo := margin
					for i, v := range d.bufs[j].all {
						inside := i >= lo && i < lo+len(d.bufs[j].data)
						if !inside && math.Float32bits(v) != math.Float32bits(c.bufs[j].all[i]) {
							t.Fatalf("%s with %d numbers in %s instead of %d wrote outside %s",
								op.name, n, operand.name, n-delta, op.operands[j].name)
						}
					}
				}
			}
		}
	}
}

func panics(f func()) (p bool) {
	defer func() { p = recover() != nil }()
	f()
	return false
}
