package asm

import (
	"fmt"
	"math"
)

// Func is a function under construction.
type Func struct {
	module  *Module
	name    string
	index   uint32
	params  []valueType
	results []valueType
	locals  []valueType
	hoisted map[uint32]VarV128 // by the bits of their lanes
	first   []byte             // gives the hoisted constants their values
	body    []byte
	depth   uint32 // open blocks
}

// encode returns the function's entry of the code section.
func (f *Func) encode() []byte {
	if f.depth != 0 {
		panic(fmt.Sprintf("asm: %s has an open block", f.name))
	}
	// Runs of locals of one type are counted together.
	var runs []byte
	var n uint32
	for i := 0; i < len(f.locals); n++ {
		j := i
		for j < len(f.locals) && f.locals[j] == f.locals[i] {
			j++
		}
		runs = append(appendU32(runs, uint32(j-i)), byte(f.locals[i]))
		i = j
	}
	code := append(appendU32(nil, n), runs...)
	code = append(code, f.first...)
	code = append(code, f.body...)
	code = append(code, 0x0b)
	return append(appendU32(nil, uint32(len(code))), code...)
}

func (f *Func) emit(b ...byte) { f.body = append(f.body, b...) }

func (f *Func) param(t valueType) uint32 {
	if len(f.locals) > 0 {
		panic("asm: a parameter after a variable")
	}
	f.params = append(f.params, t)
	return uint32(len(f.params) - 1)
}

func (f *Func) local(t valueType) uint32 {
	f.locals = append(f.locals, t)
	return uint32(len(f.params) + len(f.locals) - 1)
}

// ParamI32 adds a parameter. Parameters come before variables.
func (f *Func) ParamI32() VarI32 { return varI32(f, f.param(typeI32)) }

// ParamF32 adds a parameter.
func (f *Func) ParamF32() VarF32 { return varF32(f, f.param(typeF32)) }

// I32 adds a variable that starts as zero.
func (f *Func) I32() VarI32 { return varI32(f, f.local(typeI32)) }

// F32 adds a variable that starts as zero.
func (f *Func) F32() VarF32 { return varF32(f, f.local(typeF32)) }

// V128 adds a variable that starts as zero.
func (f *Func) V128() VarV128 { return varV128(f, f.local(typeV128)) }

// LetI32 adds a variable and sets it to x.
func (f *Func) LetI32(x Int) VarI32 { v := f.I32(); v.Set(x); return v }

// LetF32 adds a variable and sets it to x.
func (f *Func) LetF32(x Float) VarF32 { v := f.F32(); v.Set(x); return v }

// LetV128 adds a variable and sets it to x.
func (f *Func) LetV128(x Vec) VarV128 { v := f.V128(); v.Set(x); return v }

// Hoist is a variable that has been four times x since the function began.
// Engines build a constant anew wherever it is used; inside a loop a variable
// is cheaper.
func (f *Func) Hoist(x float32) VarV128 { return f.HoistI(math.Float32bits(x)) }

// HoistI is a variable that has been four times x since the function began.
func (f *Func) HoistI(x uint32) VarV128 {
	if v, ok := f.hoisted[x]; ok {
		return v
	}
	if f.hoisted == nil {
		f.hoisted = map[uint32]VarV128{}
	}
	v := f.V128()
	f.hoisted[x] = v
	f.first = append(f.first, ConstV128I(x).code...)
	f.first = appendU32(append(f.first, 0x21), v.index)
	return v
}

// ReturnsI32 declares that the function has a result.
func (f *Func) ReturnsI32() { f.results = []valueType{typeI32} }

// ReturnsF32 declares that the function has a result.
func (f *Func) ReturnsF32() { f.results = []valueType{typeF32} }

// ResultI32 ends the body of a function declared with ReturnsI32.
func (f *Func) ResultI32(x Int) { f.emit(x.i32()...) }

// ResultF32 ends the body of a function declared with ReturnsF32.
func (f *Func) ResultF32(x Float) { f.emit(x.f32()...) }

// Return leaves a function that has no result.
func (f *Func) Return() { f.emit(0x0f) }

// Arg is an argument of a call: an Int or a Float.
type Arg interface{ arg() (valueType, []byte) }

// Call calls g, a function of the same module without a result.
func (f *Func) Call(g *Func, args ...Arg) {
	if len(g.results) != 0 {
		panic(fmt.Sprintf("asm: %s calls %s and leaves its result", f.name, g.name))
	}
	f.call(g, args)
}

// CallI32 calls g, a function of the same module that returns an i32, and sets
// result to that.
func (f *Func) CallI32(result VarI32, g *Func, args ...Arg) {
	if len(g.results) != 1 || g.results[0] != typeI32 {
		panic(fmt.Sprintf("asm: %s calls %s for an i32", f.name, g.name))
	}
	f.call(g, args)
	f.body = appendU32(append(f.body, 0x21), result.index)
}

func (f *Func) call(g *Func, args []Arg) {
	if len(args) != len(g.params) {
		panic(fmt.Sprintf("asm: %s calls %s with %d arguments, not %d", f.name, g.name, len(args), len(g.params)))
	}
	for i, a := range args {
		t, code := a.arg()
		if t != g.params[i] {
			panic(fmt.Sprintf("asm: %s calls %s: argument %d has the wrong type", f.name, g.name, i))
		}
		f.emit(code...)
	}
	f.body = appendU32(append(f.body, 0x10), g.index)
}

// Label is the place that a branch goes to.
type Label struct{ depth uint32 }

func (f *Func) open(opcode byte) Label {
	f.emit(opcode, 0x40)
	f.depth++
	return Label{f.depth}
}

func (f *Func) close() {
	f.emit(0x0b)
	f.depth--
}

// Block runs body; a branch to its label leaves it.
func (f *Func) Block(body func(end Label)) {
	body(f.open(0x02))
	f.close()
}

// Loop runs body; a branch to its label runs it again.
func (f *Func) Loop(body func(again Label)) {
	body(f.open(0x03))
	f.close()
}

// If runs then if x is not zero.
func (f *Func) If(x Int, then func()) {
	f.emit(x.i32()...)
	f.open(0x04)
	then()
	f.close()
}

// IfElse runs then if x is not zero, otherwise if it is.
func (f *Func) IfElse(x Int, then, otherwise func()) {
	f.emit(x.i32()...)
	f.open(0x04)
	then()
	f.emit(0x05)
	otherwise()
	f.close()
}

// Branch goes to a label.
func (f *Func) Branch(to Label) {
	f.body = appendU32(append(f.body, 0x0c), f.depth-to.depth)
}

// BranchIf goes to a label if x is not zero.
func (f *Func) BranchIf(to Label, x Int) {
	f.emit(x.i32()...)
	f.body = appendU32(append(f.body, 0x0d), f.depth-to.depth)
}

// Switch runs case number x, or the last one if x is not the number of another.
func (f *Func) Switch(x Int, cases ...func()) {
	n := uint32(len(cases))
	f.Block(func(end Label) {
		for range n {
			f.open(0x02)
		}
		f.emit(x.i32()...)
		f.body = appendU32(append(f.body, 0x0e), n-1)
		for i := range n {
			f.body = appendU32(f.body, i)
		}
		for i, c := range cases {
			f.close()
			c()
			if i < len(cases)-1 {
				f.Branch(end)
			}
		}
	})
}

// While repeats body as long as cond is not zero before it.
func (f *Func) While(cond Int, body func()) {
	f.If(cond, func() {
		f.Loop(func(again Label) {
			body()
			f.BranchIf(again, cond)
		})
	})
}

// Until repeats body, at least once, as long as cond is not zero after it.
func (f *Func) Until(cond Int, body func()) {
	f.Loop(func(again Label) {
		body()
		f.BranchIf(again, cond)
	})
}
