package asm

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// load instantiates a module over a memory of one page.
func load(t *testing.T, m *Module) (api.Module, []byte) {
	t.Helper()
	ctx := context.Background()
	rt := wazero.NewRuntime(ctx)
	t.Cleanup(func() { rt.Close(ctx) })
	env, err := rt.InstantiateWithConfig(ctx, []byte{
		0x00, 'a', 's', 'm', 0x01, 0x00, 0x00, 0x00,
		0x05, 0x03, 0x01, 0x00, 0x01,
		0x07, 0x0a, 0x01, 0x06, 'm', 'e', 'm', 'o', 'r', 'y', 0x02, 0x00,
	}, wazero.NewModuleConfig().WithName("env"))
	if err != nil {
		t.Fatal(err)
	}
	module, err := rt.Instantiate(ctx, m.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	memory, _ := env.ExportedMemory("memory").Read(0, 1<<16)
	return module, memory
}

func call(t *testing.T, m api.Module, name string, args ...uint64) uint64 {
	t.Helper()
	r, err := m.ExportedFunction(name).Call(context.Background(), args...)
	if err != nil {
		t.Fatalf("%s%v: %v", name, args, err)
	}
	if len(r) == 0 {
		return 0
	}
	return r[0]
}

func TestLEB128(t *testing.T) {
	for _, c := range []struct {
		x    int32
		want []byte
	}{
		{0, []byte{0}}, {63, []byte{63}}, {64, []byte{0xc0, 0}}, {-1, []byte{0x7f}}, {-64, []byte{0x40}},
		{-65, []byte{0xbf, 0x7f}}, {128, []byte{0x80, 1}}, {-123456, []byte{0xc0, 0xbb, 0x78}},
		{math.MaxInt32, []byte{0xff, 0xff, 0xff, 0xff, 7}}, {math.MinInt32, []byte{0x80, 0x80, 0x80, 0x80, 0x78}},
	} {
		if got := appendS32(nil, c.x); !bytes.Equal(got, c.want) {
			t.Errorf("%d is % x instead of % x", c.x, got, c.want)
		}
		if c.x >= 0 {
			if u, n := binary.Uvarint(appendU32(nil, uint32(c.x))); u != uint64(c.x) || n <= 0 {
				t.Errorf("%d unsigned reads as %d", c.x, u)
			}
		}
	}
}

// TestControl checks branches and where they go.
func TestControl(t *testing.T) {
	m := New()
	f := m.Func("sum") // of 1 to n, leaving out multiples of 3, at most 100
	n := f.ParamI32()
	f.ReturnsI32()
	s, i := f.I32(), f.I32()
	f.Block(func(end Label) {
		f.Loop(func(again Label) {
			i.Inc(Const(1))
			f.BranchIf(end, i.GtU(n))
			f.BranchIf(again, i.RemU(Const(3)).Not())
			s.Inc(i)
			f.If(s.GtU(Const(100)), func() {
				s.Set(Const(100))
				f.Branch(end)
			})
			f.Branch(again)
		})
	})
	f.ResultI32(s)
	m.Export(f)

	g := m.Func("switch")
	x := g.ParamI32()
	g.ReturnsI32()
	r := g.I32()
	g.Switch(x, func() { r.Set(Const(10)) }, func() { r.Set(Const(11)) }, func() { r.Set(Const(12)) })
	g.ResultI32(r)
	m.Export(g)

	h := m.Func("count") // how often loops ran, and a choice
	y := h.ParamI32()
	h.ReturnsI32()
	c := h.LetI32(Const(1000))
	k := h.LetI32(y)
	h.While(k, func() { k.Set(k.Sub(Const(1))); c.Inc(Const(1)) })
	k.Set(y)
	h.Until(k.GtS(Const(0)), func() { k.Set(k.Sub(Const(1))); c.Inc(Const(10)) })
	h.IfElse(y.GtS(Const(100)), func() { c.Set(Const(0)) }, func() { c.Set(c.Add(Const(100))) })
	h.ResultI32(c)
	m.Export(h)

	module, _ := load(t, m)
	for _, c := range []struct {
		name string
		arg  int32
		want int32
	}{
		{"sum", 0, 0}, {"sum", 1, 1}, {"sum", 5, 12}, {"sum", 1000, 100},
		{"switch", 0, 10}, {"switch", 1, 11}, {"switch", 2, 12}, {"switch", 99, 12}, {"switch", -1, 12},
		{"count", 0, 1110}, {"count", 3, 1133}, {"count", 1, 1111}, {"count", 200, 0},
	} {
		if got := int32(call(t, module, c.name, uint64(uint32(c.arg)))); got != c.want {
			t.Errorf("%s(%d) = %d instead of %d", c.name, c.arg, got, c.want)
		}
	}
}

// TestIntegers checks what the binary operators of i32 do.
func TestIntegers(t *testing.T) {
	m := New()
	ops := []struct {
		name string
		op   func(x, y VarI32) I32
		want func(x, y uint32) uint32
	}{
		{"add", func(x, y VarI32) I32 { return x.Add(y) }, func(x, y uint32) uint32 { return x + y }},
		{"sub", func(x, y VarI32) I32 { return x.Sub(y) }, func(x, y uint32) uint32 { return x - y }},
		{"mul", func(x, y VarI32) I32 { return x.Mul(y) }, func(x, y uint32) uint32 { return x * y }},
		{"div", func(x, y VarI32) I32 { return x.DivU(y) }, func(x, y uint32) uint32 { return x / y }},
		{"rem", func(x, y VarI32) I32 { return x.RemU(y) }, func(x, y uint32) uint32 { return x % y }},
		{"and", func(x, y VarI32) I32 { return x.And(y) }, func(x, y uint32) uint32 { return x & y }},
		{"or", func(x, y VarI32) I32 { return x.Or(y) }, func(x, y uint32) uint32 { return x | y }},
		{"shl", func(x, y VarI32) I32 { return x.Shl(5) }, func(x, y uint32) uint32 { return x << 5 }},
		{"shr", func(x, y VarI32) I32 { return x.ShrU(5) }, func(x, y uint32) uint32 { return x >> 5 }},
		{"shrby", func(x, y VarI32) I32 { return x.ShrUBy(y) }, func(x, y uint32) uint32 { return x >> (y & 31) }},
		{"eq", func(x, y VarI32) I32 { return x.Eq(y) }, func(x, y uint32) uint32 { return truth(x == y) }},
		{"ne", func(x, y VarI32) I32 { return x.Ne(y) }, func(x, y uint32) uint32 { return truth(x != y) }},
		{"ltu", func(x, y VarI32) I32 { return x.LtU(y) }, func(x, y uint32) uint32 { return truth(x < y) }},
		{"gtu", func(x, y VarI32) I32 { return x.GtU(y) }, func(x, y uint32) uint32 { return truth(x > y) }},
		{"gts", func(x, y VarI32) I32 { return x.GtS(y) }, func(x, y uint32) uint32 { return truth(int32(x) > int32(y)) }},
		{"geu", func(x, y VarI32) I32 { return x.GeU(y) }, func(x, y uint32) uint32 { return truth(x >= y) }},
		{"min", func(x, y VarI32) I32 { return x.MinU(y) }, func(x, y uint32) uint32 { return min(x, y) }},
		{"not", func(x, y VarI32) I32 { return x.Not() }, func(x, y uint32) uint32 { return truth(x == 0) }},
		{"select", func(x, y VarI32) I32 { return Const(7).Select(x, y) }, func(x, y uint32) uint32 {
			if x != 0 {
				return 7
			}
			return y
		}},
	}
	for _, o := range ops {
		f := m.Func(o.name)
		x, y := f.ParamI32(), f.ParamI32()
		f.ReturnsI32()
		f.ResultI32(o.op(x, y))
		m.Export(f)
	}
	module, _ := load(t, m)
	values := []uint32{0, 1, 2, 7, 31, 1 << 31, math.MaxUint32, 12345}
	for _, o := range ops {
		for _, x := range values {
			for _, y := range values {
				if y == 0 && (o.name == "div" || o.name == "rem") {
					continue
				}
				if got := uint32(call(t, module, o.name, uint64(x), uint64(y))); got != o.want(x, y) {
					t.Errorf("%s(%#x, %#x) = %#x instead of %#x", o.name, x, y, got, o.want(x, y))
				}
			}
		}
	}
}

func truth(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// TestVectors checks what the operators of v128 do to four lanes.
func TestVectors(t *testing.T) {
	nan := float32(math.NaN())
	xs := [4]float32{1.5, -2, 0, nan}
	ys := [4]float32{0.25, -2, float32(math.Copysign(0, -1)), 3}
	bits := math.Float32bits
	mask := func(b bool) uint32 { return -truth(b) }
	perLane := func(f func(x, y float32) float32) func(i int) uint32 {
		return func(i int) uint32 { return bits(f(xs[i], ys[i])) }
	}
	ops := []struct {
		name string
		op   func(f *Func, x, y VarV128) V128
		want func(i int) uint32
	}{
		{"add", func(_ *Func, x, y VarV128) V128 { return x.Add(y) }, perLane(func(x, y float32) float32 { return x + y })},
		{"sub", func(_ *Func, x, y VarV128) V128 { return x.Sub(y) }, perLane(func(x, y float32) float32 { return x - y })},
		{"mul", func(_ *Func, x, y VarV128) V128 { return x.Mul(y) }, perLane(func(x, y float32) float32 { return x * y })},
		{"div", func(_ *Func, x, y VarV128) V128 { return x.Div(y) }, perLane(func(x, y float32) float32 { return x / y })},
		{"pmax", func(_ *Func, x, y VarV128) V128 { return x.PMax(y) }, perLane(func(x, y float32) float32 {
			if x < y {
				return y
			}
			return x
		})},
		{"sqrt", func(_ *Func, x, y VarV128) V128 { return x.Abs().Sqrt() }, perLane(func(x, _ float32) float32 {
			return float32(math.Sqrt(math.Abs(float64(x))))
		})},
		{"neg", func(_ *Func, x, y VarV128) V128 { return y.Neg() }, func(i int) uint32 { return bits(ys[i]) ^ 1<<31 }},
		{"lt", func(_ *Func, x, y VarV128) V128 { return x.Lt(y) }, func(i int) uint32 { return mask(xs[i] < ys[i]) }},
		{"gt", func(_ *Func, x, y VarV128) V128 { return x.Gt(y) }, func(i int) uint32 { return mask(xs[i] > ys[i]) }},
		{"le", func(_ *Func, x, y VarV128) V128 { return x.Le(y) }, func(i int) uint32 { return mask(xs[i] <= ys[i]) }},
		{"eq", func(_ *Func, x, y VarV128) V128 { return x.Eq(y) }, func(i int) uint32 { return mask(xs[i] == ys[i]) }},
		{"ne", func(_ *Func, x, y VarV128) V128 { return x.Ne(y) }, func(i int) uint32 { return mask(xs[i] != ys[i]) }},
		{"and", func(_ *Func, x, y VarV128) V128 { return x.And(y) }, func(i int) uint32 { return bits(xs[i]) & bits(ys[i]) }},
		{"andnot", func(_ *Func, x, y VarV128) V128 { return x.AndNot(y) }, func(i int) uint32 { return bits(xs[i]) &^ bits(ys[i]) }},
		{"or", func(_ *Func, x, y VarV128) V128 { return x.Or(y) }, func(i int) uint32 { return bits(xs[i]) | bits(ys[i]) }},
		{"xor", func(_ *Func, x, y VarV128) V128 { return x.Xor(y) }, func(i int) uint32 { return bits(xs[i]) ^ bits(ys[i]) }},
		{"select", func(_ *Func, x, y VarV128) V128 { return x.Select(Lanes(0xff, 0, math.MaxUint32, 1), y) }, func(i int) uint32 {
			m := [4]uint32{0xff, 0, math.MaxUint32, 1}[i]
			return bits(xs[i])&m | bits(ys[i])&^m
		}},
		{"shuffle", func(_ *Func, x, y VarV128) V128 { return x.Shuffle(y, 3, 4, 0, 6) }, func(i int) uint32 {
			return [4]uint32{bits(xs[3]), bits(ys[0]), bits(xs[0]), bits(ys[2])}[i]
		}},
		{"lane", func(f *Func, x, y VarV128) V128 { return y.Lane(3).Splat() }, func(int) uint32 { return bits(3) }},
		{"lanei", func(f *Func, x, y VarV128) V128 { return y.LaneI(1).Splat() }, func(int) uint32 { return bits(-2) }},
		{"addi", func(_ *Func, x, y VarV128) V128 { return x.AddI(y) }, func(i int) uint32 { return bits(xs[i]) + bits(ys[i]) }},
		{"subi", func(_ *Func, x, y VarV128) V128 { return x.SubI(y) }, func(i int) uint32 { return bits(xs[i]) - bits(ys[i]) }},
		{"muli", func(_ *Func, x, y VarV128) V128 { return x.MulI(y) }, func(i int) uint32 { return bits(xs[i]) * bits(ys[i]) }},
		{"shli", func(_ *Func, x, y VarV128) V128 { return x.ShlI(9) }, func(i int) uint32 { return bits(xs[i]) << 9 }},
		{"shrui", func(_ *Func, x, y VarV128) V128 { return y.ShrUI(9) }, func(i int) uint32 { return bits(ys[i]) >> 9 }},
		{"ltsi", func(_ *Func, x, y VarV128) V128 { return y.LtSI(Lanes(1, 1, 0, 0)) }, func(i int) uint32 {
			return mask(int32(bits(ys[i])) < [4]int32{1, 1, 0, 0}[i])
		}},
		{"convert", func(_ *Func, x, y VarV128) V128 { return Lanes(0, 1, 7, math.MaxUint32).ConvertI() }, func(i int) uint32 {
			return bits([4]float32{0, 1, 7, -1}[i])
		}},
		{"bitmask", func(_ *Func, x, y VarV128) V128 { return y.BitmaskI().Splat() }, func(int) uint32 { return 0b0110 }},
		{"hoist", func(f *Func, x, y VarV128) V128 { return f.Hoist(7).Add(f.Hoist(7)).Add(f.HoistI(bits(1))) }, func(int) uint32 { return bits(15) }},
		{"splat", func(f *Func, x, y VarV128) V128 { return f.LoadSplat(Const(16), 4) }, func(int) uint32 { return bits(-2) }},
		{"one", func(f *Func, x, y VarV128) V128 { return f.LoadOne(Const(16), 4) }, func(i int) uint32 { return []uint32{bits(-2), 0, 0, 0}[i] }},
		{"loadlane", func(f *Func, x, y VarV128) V128 { return f.LoadLane(Const(16), 0, x, 2) }, func(i int) uint32 {
			return []uint32{bits(xs[0]), bits(xs[1]), bits(ys[0]), bits(xs[3])}[i]
		}},
		{"storelane", func(f *Func, x, y VarV128) V128 {
			f.StoreLane(Const(64), 8, y, 0)
			f.StoreHalf(Const(64), 0, y, 1)
			return f.LoadV128(Const(64), 0)
		}, func(i int) uint32 { return []uint32{bits(ys[2]), bits(ys[3]), bits(ys[0]), 0}[i] }},
		{"scalars", func(f *Func, x, y VarV128) V128 {
			f.StoreI32(Const(80), 0, f.LoadI32(Const(16), 4))
			f.StoreF32(Const(80), 4, f.LoadF32(Const(0), 0).Mul(ConstF32(2)).Add(ConstF32(1)).Sub(ConstF32(0.5)))
			return f.LoadV128(Const(80), 0)
		}, func(i int) uint32 { return []uint32{bits(-2), bits(3.5), 0, 0}[i] }},
	}
	m := New()
	for _, o := range ops {
		f := m.Func(o.name)
		x, y := f.LetV128(f.LoadV128(Const(0), 0)), f.LetV128(f.LoadV128(Const(16), 0))
		f.StoreV128(Const(32), 0, o.op(f, x, y))
		m.Export(f)
	}
	module, memory := load(t, m)
	for i := range 4 {
		binary.LittleEndian.PutUint32(memory[4*i:], bits(xs[i]))
		binary.LittleEndian.PutUint32(memory[16+4*i:], bits(ys[i]))
	}
	for _, o := range ops {
		call(t, module, o.name)
		for i := range 4 {
			got, want := binary.LittleEndian.Uint32(memory[32+4*i:]), o.want(i)
			g, w := math.Float32frombits(got), math.Float32frombits(want)
			if got != want && (g == g || w == w) {
				t.Errorf("%s: lane %d is %#x (%v) instead of %#x (%v)", o.name, i, got, g, want, w)
			}
		}
	}
}

// TestCalls checks calls between functions and that mistakes are found.
func TestCalls(t *testing.T) {
	m := New()
	put := m.Func("put")
	p, x := put.ParamI32(), put.ParamF32()
	put.StoreF32(p, 0, x)
	f := m.Func("twice")
	y := f.ParamF32()
	f.ReturnsF32()
	f.Call(put, Const(8), y.Add(y))
	f.ResultF32(f.LoadF32(Const(8), 0))
	m.Export(f)
	h := m.Func("triple")
	z := h.ParamI32()
	h.ReturnsI32()
	h.ResultI32(z.Mul(Const(3)))
	nine := m.Func("ninefold")
	w := nine.ParamI32()
	nine.ReturnsI32()
	nine.CallI32(w, h, w)
	nine.CallI32(w, h, w)
	nine.ResultI32(w)
	m.Export(nine)
	module, _ := load(t, m)
	if got := call(t, module, "ninefold", 7); got != 63 {
		t.Errorf("ninefold(7) = %d", got)
	}
	if got := math.Float32frombits(uint32(call(t, module, "twice", uint64(math.Float32bits(21))))); got != 42 {
		t.Errorf("twice(21) = %v", got)
	}
	for name, mistake := range map[string]func(){
		"too few arguments":          func() { f.Call(put, Const(1)) },
		"a wrong argument":           func() { f.Call(put, Const(1), Const(2)) },
		"a result that is left":      func() { f.Call(h, Const(2)) },
		"a result that is not there": func() { f.CallI32(w, put, Const(8), y) },
		"three lanes":                func() { Lanes(1, 2, 3) },
		"a parameter after a local":  func() { g := m.Func(""); g.I32(); g.ParamI32() },
		"a block that was left open": func() { g := m.Func(""); g.open(0x02); g.encode() },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			mistake()
		}()
	}
}
