// Package kernels is the source of the SIMD kernel module: matrix products and
// elementwise work of a model as WebAssembly functions over the memory of the
// program that calls them.
//
// Every address is a byte address, every length a number of float32, every
// stride of an internal function a number of bytes. Functions read and write
// their operands and the scratch space they are given, and nothing else.
package kernels
