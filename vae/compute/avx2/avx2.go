//go:build cgo && amd64

package avx2

// #cgo CFLAGS: -O3
// #include "avx2.h"
import "C"

import (
	"unsafe"

	"inkdrift/vae/compute"
)

// backend has the slow operations in C and the others from compute.Go.
type backend struct{ compute.Go }

// New returns the backend, and false where the processor has no AVX2.
func New() (compute.Backend, bool) { return backend{}, C.avx2_here() != 0 }

// Name returns "avx2".
func (backend) Name() string { return "avx2" }

// at returns the address of x's first element, nil for an empty slice.
func at(x []float32) *C.float { return (*C.float)(unsafe.Pointer(unsafe.SliceData(x))) }

// BiasAct implements compute.Backend.
func (backend) BiasAct(y, bias []float32, act compute.Activation) {
	rows := compute.Rows(len(y), len(bias))
	C.avx2_bias_act(at(y), at(bias), C.long(rows), C.long(len(bias)), C.int(act))
}

// BiasActGrad implements compute.Backend.
func (backend) BiasActGrad(dy, dbias, y []float32, act compute.Activation) {
	compute.Same(len(dy), y)
	rows := compute.Rows(len(dy), len(dbias))
	C.avx2_bias_act_grad(at(dy), at(dbias), at(y), C.long(rows), C.long(len(dbias)), C.int(act))
}

// Sigmoid implements compute.Backend.
func (backend) Sigmoid(dst, x []float32) {
	compute.Same(len(dst), x)
	C.avx2_sigmoid(at(dst), at(x), C.long(len(dst)))
}

// BCEWithLogits implements compute.Backend.
func (backend) BCEWithLogits(loss, grad, logits, target []float32, scale float32) {
	if len(loss) == 0 {
		return
	}
	width := compute.Rows(len(logits), len(loss))
	compute.Same(len(logits), target)
	if grad != nil {
		compute.Same(len(logits), grad)
	}
	C.avx2_bce(at(loss), at(grad), at(logits), at(target), C.long(len(loss)), C.long(width), C.float(scale))
}

// Adam implements compute.Backend.
func (backend) Adam(w, g, m, v []float32, p compute.AdamStep) {
	compute.Same(len(w), g, m, v)
	C.avx2_adam(at(w), at(g), at(m), at(v), C.long(len(w)), C.adam_step{
		rate: C.float(p.Rate), beta1: C.float(p.Beta1), beta2: C.float(p.Beta2),
		correction2: C.float(p.Correction2), epsilon: C.float(p.Epsilon), decay: C.float(p.Decay),
	})
}

// Bernoulli implements compute.Backend.
func (backend) Bernoulli(dst, p []float32, key compute.Key, offset uint32) {
	compute.Same(len(dst), p)
	C.avx2_bernoulli(at(dst), at(p), C.long(len(dst)), C.uint32_t(key.A), C.uint32_t(key.B), C.uint32_t(offset))
}

// Normal implements compute.Backend.
func (backend) Normal(dst []float32, key compute.Key, offset uint32) {
	C.avx2_normal(at(dst), C.long(len(dst)), C.uint32_t(key.A), C.uint32_t(key.B), C.uint32_t(offset))
}

func window(w compute.Window) C.window {
	return C.window{
		height: C.long(w.Height), width: C.long(w.Width), channels: C.long(w.Channels),
		kernel: C.long(w.Kernel), stride: C.long(w.Stride), padding: C.long(w.Padding),
	}
}

// Im2col implements compute.Backend.
func (backend) Im2col(dst, src []float32, w compute.Window) {
	n, c := w.Images(len(src), len(dst)), window(w)
	C.avx2_im2col(at(dst), at(src), C.long(n), &c)
}

// Col2im implements compute.Backend.
func (backend) Col2im(dst, src []float32, w compute.Window) {
	n, c := w.Images(len(dst), len(src)), window(w)
	C.avx2_col2im(at(dst), at(src), C.long(n), &c)
}

// Transpose implements compute.Backend.
func (backend) Transpose(dst, src []float32, rows, cols int) {
	compute.Same(len(dst), src)
	n := compute.Matrices(len(src), rows, cols)
	C.avx2_transpose(at(dst), at(src), C.long(n), C.long(rows), C.long(cols))
}
