package asm

import (
	"encoding/binary"
	"math"
	"slices"
)

// Int is an expression of type i32 or a variable of it.
type Int interface{ i32() []byte }

// Float is an expression of type f32 or a variable of it.
type Float interface{ f32() []byte }

// I32 is an expression of type i32: an integer, a truth value or an address.
type I32 struct{ code []byte }

// F32 is an expression of type f32.
type F32 struct{ code []byte }

func (x I32) i32() []byte { return x.code }
func (x F32) f32() []byte { return x.code }

func (x I32) arg() (valueType, []byte) { return typeI32, x.code }
func (x F32) arg() (valueType, []byte) { return typeF32, x.code }

// VarI32 is a variable.
type VarI32 struct {
	I32
	f     *Func
	index uint32
}

// VarF32 is a variable.
type VarF32 struct {
	F32
	f     *Func
	index uint32
}

func get(index uint32) []byte { return appendU32([]byte{0x20}, index) }

func (f *Func) set(index uint32, code []byte) {
	f.emit(code...)
	f.body = appendU32(append(f.body, 0x21), index)
}

func varI32(f *Func, i uint32) VarI32 { return VarI32{I32{get(i)}, f, i} }
func varF32(f *Func, i uint32) VarF32 { return VarF32{F32{get(i)}, f, i} }

// Set gives the variable a value.
func (v VarI32) Set(x Int) { v.f.set(v.index, x.i32()) }

// Set gives the variable a value.
func (v VarF32) Set(x Float) { v.f.set(v.index, x.f32()) }

// Inc adds x to the variable.
func (v VarI32) Inc(x Int) { v.Set(v.Add(x)) }

// join concatenates operands and an instruction.
func join(op []byte, operands ...[]byte) []byte {
	return slices.Concat(append(operands, op)...)
}

// Const is an i32 constant.
func Const(x int) I32 { return I32{appendS32([]byte{0x41}, int32(x))} }

// ConstF32 is an f32 constant.
func ConstF32(x float32) F32 {
	return F32{binary.LittleEndian.AppendUint32([]byte{0x43}, math.Float32bits(x))}
}

func (x I32) op(o byte, y Int) I32   { return I32{join([]byte{o}, x.code, y.i32())} }
func (x F32) op(o byte, y Float) F32 { return F32{join([]byte{o}, x.code, y.f32())} }

// Add is x + y.
func (x I32) Add(y Int) I32 { return x.op(0x6a, y) }

// Sub is x - y.
func (x I32) Sub(y Int) I32 { return x.op(0x6b, y) }

// Mul is x * y.
func (x I32) Mul(y Int) I32 { return x.op(0x6c, y) }

// DivU is x / y, unsigned.
func (x I32) DivU(y Int) I32 { return x.op(0x6e, y) }

// RemU is the rest of x / y, unsigned.
func (x I32) RemU(y Int) I32 { return x.op(0x70, y) }

// And is the bitwise and.
func (x I32) And(y Int) I32 { return x.op(0x71, y) }

// Or is the bitwise or.
func (x I32) Or(y Int) I32 { return x.op(0x72, y) }

// Shl is x << n.
func (x I32) Shl(n int) I32 { return x.op(0x74, Const(n)) }

// ShrU is x >> n, unsigned.
func (x I32) ShrU(n int) I32 { return x.op(0x76, Const(n)) }

// Not is 1 if x is zero, else 0.
func (x I32) Not() I32 { return I32{join([]byte{0x45}, x.code)} }

// Eq is 1 if x == y, else 0.
func (x I32) Eq(y Int) I32 { return x.op(0x46, y) }

// Ne is 1 if x != y, else 0.
func (x I32) Ne(y Int) I32 { return x.op(0x47, y) }

// LtU is 1 if x < y, unsigned, else 0.
func (x I32) LtU(y Int) I32 { return x.op(0x49, y) }

// GtU is 1 if x > y, unsigned, else 0.
func (x I32) GtU(y Int) I32 { return x.op(0x4b, y) }

// GtS is 1 if x > y, signed, else 0.
func (x I32) GtS(y Int) I32 { return x.op(0x4a, y) }

// GeU is 1 if x >= y, unsigned, else 0.
func (x I32) GeU(y Int) I32 { return x.op(0x4f, y) }

// Select is x if cond is not zero, else y.
func (x I32) Select(cond Int, y Int) I32 {
	return I32{join([]byte{0x1b}, x.code, y.i32(), cond.i32())}
}

// MinU is the smaller of two expressions, unsigned; both are evaluated twice.
func (x I32) MinU(y Int) I32 { return x.Select(x.LtU(y), y) }

// Add is x + y.
func (x F32) Add(y Float) F32 { return x.op(0x92, y) }

// Sub is x - y.
func (x F32) Sub(y Float) F32 { return x.op(0x93, y) }

// Mul is x * y.
func (x F32) Mul(y Float) F32 { return x.op(0x94, y) }

// Eq is 1 if x == y, else 0.
func (x F32) Eq(y Float) I32 { return I32{join([]byte{0x5b}, x.code, y.f32())} }

// Ne is 1 if x != y, else 0.
func (x F32) Ne(y Float) I32 { return I32{join([]byte{0x5c}, x.code, y.f32())} }

// Splat is a vector of four times x.
func (x F32) Splat() V128 { return V128{simd(0x13, x.code)} }

// Splat is a vector of four times x.
func (x I32) Splat() V128 { return V128{simd(0x11, x.code)} }

// memory is the immediate of a memory instruction. All of them claim an
// alignment of one byte: they are correct at any address, and engines do
// without the claim.
func memory(offset int) []byte { return appendU32([]byte{0x00}, uint32(offset)) }

// LoadI32 reads at p + offset.
func (f *Func) LoadI32(p Int, offset int) I32 {
	return I32{join(append([]byte{0x28}, memory(offset)...), p.i32())}
}

// LoadF32 reads at p + offset.
func (f *Func) LoadF32(p Int, offset int) F32 {
	return F32{join(append([]byte{0x2a}, memory(offset)...), p.i32())}
}

// StoreI32 writes x at p + offset.
func (f *Func) StoreI32(p Int, offset int, x Int) {
	f.emit(join(append([]byte{0x36}, memory(offset)...), p.i32(), x.i32())...)
}

// StoreF32 writes x at p + offset.
func (f *Func) StoreF32(p Int, offset int, x Float) {
	f.emit(join(append([]byte{0x38}, memory(offset)...), p.i32(), x.f32())...)
}

// ShrUBy is x >> n, unsigned, for n below 32.
func (x I32) ShrUBy(n Int) I32 { return x.op(0x76, n) }
