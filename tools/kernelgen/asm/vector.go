package asm

import (
	"encoding/binary"
	"math"
)

// Vec is an expression of type v128 or a variable of it.
type Vec interface{ v128() []byte }

// V128 is an expression of type v128. Methods without a suffix see four floats,
// those that end in I four 32-bit integers; comparisons give all ones or zeros.
type V128 struct{ code []byte }

func (x V128) v128() []byte { return x.code }

// VarV128 is a variable.
type VarV128 struct {
	V128
	f     *Func
	index uint32
}

func varV128(f *Func, i uint32) VarV128 { return VarV128{V128{get(i)}, f, i} }

// Set gives the variable a value.
func (v VarV128) Set(x Vec) { v.f.set(v.index, x.v128()) }

// simd is an instruction with the SIMD prefix, after its operands.
func simd(op uint32, operands ...[]byte) []byte {
	return join(appendU32([]byte{0xfd}, op), operands...)
}

func (x V128) op(o uint32, y Vec) V128 { return V128{simd(o, x.code, y.v128())} }

// ConstV128 is four times x.
func ConstV128(x float32) V128 {
	b := math.Float32bits(x)
	return Lanes(b, b, b, b)
}

// ConstV128I is four times x.
func ConstV128I(x uint32) V128 { return Lanes(x, x, x, x) }

// Lanes is a constant of four 32-bit lanes.
func Lanes(lanes ...uint32) V128 {
	code := appendU32([]byte{0xfd}, 0x0c)
	for _, l := range lanes {
		code = binary.LittleEndian.AppendUint32(code, l)
	}
	if len(lanes) != 4 {
		panic("asm: not four lanes")
	}
	return V128{code}
}

// Shuffle takes four 32-bit lanes out of x (0 to 3) and y (4 to 7).
func (x V128) Shuffle(y Vec, lanes ...byte) V128 {
	op := appendU32([]byte{0xfd}, 0x0d)
	for _, l := range lanes {
		for b := range byte(4) {
			op = append(op, 4*l+b)
		}
	}
	if len(lanes) != 4 {
		panic("asm: not four lanes")
	}
	return V128{join(op, x.code, y.v128())}
}

// Lane is one of the four floats.
func (x V128) Lane(i byte) F32 { return F32{append(simd(0x1f, x.code), i)} }

// LaneI is one of the four integers.
func (x V128) LaneI(i byte) I32 { return I32{append(simd(0x1b, x.code), i)} }

// Add is x + y.
func (x V128) Add(y Vec) V128 { return x.op(0xe4, y) }

// Sub is x - y.
func (x V128) Sub(y Vec) V128 { return x.op(0xe5, y) }

// Mul is x * y.
func (x V128) Mul(y Vec) V128 { return x.op(0xe6, y) }

// Div is x / y.
func (x V128) Div(y Vec) V128 { return x.op(0xe7, y) }

// PMax is y where x < y, else x; so x where one of them is NaN.
func (x V128) PMax(y Vec) V128 { return x.op(0xeb, y) }

// Sqrt is the square root.
func (x V128) Sqrt() V128 { return V128{simd(0xe3, x.code)} }

// Abs clears the signs.
func (x V128) Abs() V128 { return V128{simd(0xe0, x.code)} }

// Neg turns the signs.
func (x V128) Neg() V128 { return V128{simd(0xe1, x.code)} }

// RelaxedMadd is x*y + z, rounded once or twice as the machine likes.
func (x V128) RelaxedMadd(y, z Vec) V128 {
	return V128{simd(0x105, x.code, y.v128(), z.v128())}
}

// Eq is x == y.
func (x V128) Eq(y Vec) V128 { return x.op(0x41, y) }

// Ne is x != y.
func (x V128) Ne(y Vec) V128 { return x.op(0x42, y) }

// Lt is x < y.
func (x V128) Lt(y Vec) V128 { return x.op(0x43, y) }

// Gt is x > y.
func (x V128) Gt(y Vec) V128 { return x.op(0x44, y) }

// Le is x <= y.
func (x V128) Le(y Vec) V128 { return x.op(0x45, y) }

// And is the bitwise and.
func (x V128) And(y Vec) V128 { return x.op(0x4e, y) }

// AndNot is x and not y, bitwise.
func (x V128) AndNot(y Vec) V128 { return x.op(0x4f, y) }

// Or is the bitwise or.
func (x V128) Or(y Vec) V128 { return x.op(0x50, y) }

// Xor is the bitwise exclusive or.
func (x V128) Xor(y Vec) V128 { return x.op(0x51, y) }

// Select has the bits of x where mask has ones, else those of y.
func (x V128) Select(mask, y Vec) V128 {
	return V128{simd(0x52, x.code, y.v128(), mask.v128())}
}

// BitmaskI collects the highest bits of the four lanes.
func (x V128) BitmaskI() I32 { return I32{simd(0xa4, x.code)} }

// LtSI is x < y of signed integers.
func (x V128) LtSI(y Vec) V128 { return x.op(0x39, y) }

// ShlI shifts each integer left.
func (x V128) ShlI(n int) V128 { return V128{simd(0xab, x.code, Const(n).code)} }

// ShrUI shifts each integer right.
func (x V128) ShrUI(n int) V128 { return V128{simd(0xad, x.code, Const(n).code)} }

// AddI is x + y of integers.
func (x V128) AddI(y Vec) V128 { return x.op(0xae, y) }

// SubI is x - y of integers.
func (x V128) SubI(y Vec) V128 { return x.op(0xb1, y) }

// MulI is x * y of integers.
func (x V128) MulI(y Vec) V128 { return x.op(0xb5, y) }

// ConvertI turns signed integers into floats.
func (x V128) ConvertI() V128 { return V128{simd(0xfa, x.code)} }

func (f *Func) load(op uint32, p Int, offset int) V128 {
	return V128{join(append(appendU32([]byte{0xfd}, op), memory(offset)...), p.i32())}
}

// LoadV128 reads four lanes at p + offset.
func (f *Func) LoadV128(p Int, offset int) V128 { return f.load(0x00, p, offset) }

// LoadSplat reads one lane at p + offset, four times.
func (f *Func) LoadSplat(p Int, offset int) V128 { return f.load(0x09, p, offset) }

// LoadOne reads the lowest lane at p + offset and clears the others.
func (f *Func) LoadOne(p Int, offset int) V128 { return f.load(0x5c, p, offset) }

// LoadLane replaces one lane of x by what is at p + offset.
func (f *Func) LoadLane(p Int, offset int, x Vec, lane byte) V128 {
	return V128{append(join(append(appendU32([]byte{0xfd}, 0x56), memory(offset)...), p.i32(), x.v128()), lane)}
}

// StoreV128 writes four lanes at p + offset.
func (f *Func) StoreV128(p Int, offset int, x Vec) {
	f.emit(join(append(appendU32([]byte{0xfd}, 0x0b), memory(offset)...), p.i32(), x.v128())...)
}

// StoreLane writes one lane of x at p + offset.
func (f *Func) StoreLane(p Int, offset int, x Vec, lane byte) {
	f.emit(append(join(append(appendU32([]byte{0xfd}, 0x5a), memory(offset)...), p.i32(), x.v128()), lane)...)
}

// StoreHalf writes the low (0) or high (1) two lanes of x at p + offset.
func (f *Func) StoreHalf(p Int, offset int, x Vec, half byte) {
	f.emit(append(join(append(appendU32([]byte{0xfd}, 0x5b), memory(offset)...), p.i32(), x.v128()), half)...)
}
