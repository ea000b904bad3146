// Package avx2 is a compute backend for x86-64 processors: the operations of
// compute.Go in eight lanes, in C, with the same bits. It is available where a
// program is built with cgo; compute.Go is used everywhere else.
package avx2
