// Package simd puts a WebAssembly SIMD kernel behind gonum's blas32 and behind
// the compute backend. The kernel is a module of its own that works on this
// program's memory; tools/kernelgen writes it, web/kernel.js loads it. Without
// a kernel plain Go is used.
//
//	if err := simd.Install(simd.Loaded()); err != nil { ... }
package simd
