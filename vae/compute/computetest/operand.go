package computetest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// guard is a NaN that no computation gives, written around every operand.
const guard = 0x7fedcba9

// margin is the number of guards on each side.
const margin = 19

// buffer is an operand with guards around it.
type buffer struct {
	all  []float32
	data []float32
}

// newBuffer returns an operand of n numbers that starts shift elements off the
// place where the allocator would align it.
func newBuffer(n, shift int) buffer {
	all := make([]float32, margin+shift+n+margin)
	for i := range all {
		all[i] = math.Float32frombits(guard)
	}
	// The capacity reaches into the guards, so that an implementation that uses it
	// is detected.
	return buffer{all, all[margin+shift : margin+shift+n]}
}

// check fails when a guard has changed.
func (b buffer) check(t *testing.T, what string) {
	t.Helper()
	lo := len(b.all) - margin - len(b.data)
	for i, v := range b.all {
		if (i < lo || i >= lo+len(b.data)) && math.Float32bits(v) != guard {
			t.Fatalf("%s: wrote to element %d of an operand of %d", what, i-lo, len(b.data))
		}
	}
}

// role says what an operation does with an operand.
type role uint8

const (
	in    role = iota // read
	out               // written, whatever was there
	inout             // read and written
)

// per says how long an operand is.
type per uint8

const (
	perElement per = iota // rows * width
	perRow                // rows
	perColumn             // width
)

func (p per) len(rows, width int) int {
	switch p {
	case perRow:
		return rows
	case perColumn:
		return width
	}
	return rows * width
}

// kind says what numbers an operand holds.
type kind uint8

const (
	gauss    kind = iota // standard normal, the first two zeros of both signs
	logit                // wide, with extremes
	prob                 // [0, 1], ends included
	unit                 // (-1, 1), zeros included: outputs of an activation
	positive             // [0, 2), zero included
)

func (k kind) draw(r *rand.Rand) float32 {
	switch k {
	case logit:
		switch r.IntN(16) {
		case 0:
			return 1e4 * float32(2*r.IntN(2)-1)
		case 1:
			return float32(40 * r.NormFloat64())
		}
		return float32(4 * r.NormFloat64())
	case prob:
		if n := r.IntN(6); n < 2 {
			return float32(n)
		}
		return r.Float32()
	case unit:
		if r.IntN(6) == 0 {
			return 0
		}
		return 2*r.Float32() - 1
	case positive:
		if r.IntN(6) == 0 {
			return 0
		}
		return 2 * r.Float32()
	}
	if r.IntN(12) == 0 {
		return float32(math.Copysign(0, float64(r.IntN(2)-1)))
	}
	return float32(r.NormFloat64())
}

// operand of an operation.
type operand struct {
	name string
	role role
	per  per
	kind kind
}

// call is an operation with operands to work on.
type call struct {
	op          *operation
	rows, width int
	bufs        []buffer
}

// newCall draws the operands of op. Each starts at another alignment.
func newCall(op *operation, rows, width, shift int) *call {
	c := &call{op: op, rows: rows, width: width}
	r := rand.New(rand.NewPCG(uint64(rows*1000+width), uint64(shift)))
	for k, o := range op.operands {
		b := newBuffer(o.per.len(rows, width), (shift*(k+1))%4)
		if o.role != out {
			for i := range b.data {
				b.data[i] = o.kind.draw(r)
			}
		}
		c.bufs = append(c.bufs, b)
	}
	return c
}

// clone copies the operands, guards included.
func (c *call) clone() *call {
	d := *c
	d.bufs = nil
	for _, b := range c.bufs {
		n := newBuffer(len(b.data), len(b.all)-len(b.data)-2*margin)
		copy(n.all, b.all)
		d.bufs = append(d.bufs, n)
	}
	return &d
}

// slices returns the operands.
func (c *call) slices() [][]float32 {
	var x [][]float32
	for _, b := range c.bufs {
		x = append(x, b.data)
	}
	return x
}

// wide returns the operands in float64.
func (c *call) wide() [][]float64 {
	var x [][]float64
	for _, b := range c.bufs {
		w := make([]float64, len(b.data))
		for i, v := range b.data {
			w[i] = float64(v)
		}
		x = append(x, w)
	}
	return x
}

func (c *call) String() string { return fmt.Sprintf("%s %dx%d", c.op.name, c.rows, c.width) }
