// Package asm writes WebAssembly modules: functions over one imported memory,
// with the 128-bit SIMD and the relaxed SIMD instructions.
//
// A function is built by calling methods of Func, which append instructions.
// Values are expressions of the Go types I32, F32 and V128, so that an operand
// of the wrong type does not compile; an expression is code, evaluated each time
// and at the place where it is used. A variable keeps a value:
//
//	m := asm.New()
//	f := m.Func("axpy4")
//	y, x, alpha := f.ParamI32(), f.ParamI32(), f.ParamF32()
//	f.StoreV128(y, 0, f.LoadV128(y, 0).Add(alpha.Splat().Mul(f.LoadV128(x, 0))))
//	m.Export(f)
//	bytes := m.Bytes()
//
// Modules have no data, no globals, no table and no stack in memory: they cannot
// touch a byte that they were not given. The binary format is that of the
// WebAssembly Core Specification 3.0, chapter 5.
package asm
