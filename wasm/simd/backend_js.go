package simd

import (
	"unsafe"

	"inkdrift/vae/compute"
)

// Backend is a compute.Backend over the kernel.
type Backend struct{ variant Variant }

// Name returns "simd-strict" or "simd-relaxed".
func (b Backend) Name() string { return "simd-" + b.variant.String() }

// ptr returns the address of x's first number; nil stays nil.
func ptr(x []float32) *float32 { return unsafe.SliceData(x) }

// BiasAct implements compute.Backend.
func (Backend) BiasAct(y, bias []float32, act compute.Activation) {
	kernelBiasAct(ptr(y), ptr(bias), int32(compute.Rows(len(y), len(bias))), int32(len(bias)), int32(act))
}

// BiasActGrad implements compute.Backend.
func (Backend) BiasActGrad(dy, dbias, y []float32, act compute.Activation) {
	compute.Same(len(dy), y)
	kernelBiasActGrad(ptr(dy), ptr(dbias), ptr(y), int32(compute.Rows(len(dy), len(dbias))), int32(len(dbias)), int32(act))
}

// Sigmoid implements compute.Backend.
func (Backend) Sigmoid(dst, x []float32) {
	compute.Same(len(dst), x)
	kernelSigmoid(ptr(dst), ptr(x), int32(len(x)))
}

// BCEWithLogits implements compute.Backend.
func (Backend) BCEWithLogits(loss, grad, logits, target []float32, scale float32) {
	if len(loss) == 0 {
		return
	}
	w := int32(compute.Rows(len(logits), len(loss)))
	compute.Same(len(logits), target)
	if grad != nil {
		compute.Same(len(logits), grad)
	}
	kernelBCE(ptr(loss), ptr(grad), ptr(logits), ptr(target), int32(len(loss)), w, scale)
}

// SquaredError implements compute.Backend.
func (Backend) SquaredError(loss, grad, mean, target []float32, scale float32) {
	if len(loss) == 0 {
		return
	}
	w := int32(compute.Rows(len(mean), len(loss)))
	compute.Same(len(mean), target)
	if grad != nil {
		compute.Same(len(mean), grad)
	}
	kernelSquaredError(ptr(loss), ptr(grad), ptr(mean), ptr(target), int32(len(loss)), w, scale)
}

// Reparameterize implements compute.Backend.
func (Backend) Reparameterize(z, mu, logvar, eps []float32) {
	compute.Same(len(z), mu, logvar, eps)
	kernelReparameterize(ptr(z), ptr(mu), ptr(logvar), ptr(eps), int32(len(z)))
}

// ReparameterizeGrad implements compute.Backend.
func (Backend) ReparameterizeGrad(dmu, dlogvar, dz, logvar, eps []float32) {
	compute.Same(len(dz), dmu, dlogvar, logvar, eps)
	kernelReparameterizeGrad(ptr(dmu), ptr(dlogvar), ptr(dz), ptr(logvar), ptr(eps), int32(len(dz)))
}

// KL implements compute.Backend.
func (Backend) KL(kl, dmu, dlogvar, mu, logvar []float32, scale float32) {
	if len(kl) == 0 {
		return
	}
	w := int32(compute.Rows(len(mu), len(kl)))
	compute.Same(len(mu), logvar)
	if dmu != nil {
		compute.Same(len(mu), dmu, dlogvar)
	}
	kernelKL(ptr(kl), ptr(dmu), ptr(dlogvar), ptr(mu), ptr(logvar), int32(len(kl)), w, scale)
}

// Im2col implements compute.Backend.
func (Backend) Im2col(dst, src []float32, w compute.Window) {
	n := w.Images(len(src), len(dst))
	kernelIm2col(ptr(src), ptr(dst), int32(n), int32(w.Height), int32(w.Width), int32(w.Channels),
		int32(w.Kernel), int32(w.Stride), int32(w.Padding), int32(w.RowLen()))
}

// Col2im implements compute.Backend.
func (Backend) Col2im(dst, src []float32, w compute.Window) {
	n := w.Images(len(dst), len(src))
	kernelCol2im(ptr(dst), ptr(src), int32(n), int32(w.Height), int32(w.Width), int32(w.Channels),
		int32(w.Kernel), int32(w.Stride), int32(w.Padding), int32(w.RowLen()))
}

// Transpose implements compute.Backend.
func (Backend) Transpose(dst, src []float32, r, c int) {
	compute.Same(len(dst), src)
	kernelTranspose(ptr(dst), ptr(src), int32(compute.Matrices(len(src), r, c)), int32(r), int32(c))
}

// Adam implements compute.Backend.
func (Backend) Adam(w, g, m, v []float32, p compute.AdamStep) {
	compute.Same(len(w), g, m, v)
	kernelAdam(ptr(w), ptr(g), ptr(m), ptr(v), int32(len(w)), p.Rate, p.Beta1, p.Beta2, p.Correction2, p.Epsilon, p.Decay)
}

// Uniform implements compute.Backend.
func (Backend) Uniform(dst []float32, key compute.Key, offset uint32) {
	kernelUniform(ptr(dst), nil, int32(len(dst)), key.A, key.B, offset)
}

// Normal implements compute.Backend.
func (Backend) Normal(dst []float32, key compute.Key, offset uint32) {
	kernelNormal(ptr(dst), nil, int32(len(dst)), key.A, key.B, offset)
}

// Bernoulli implements compute.Backend.
func (Backend) Bernoulli(dst, p []float32, key compute.Key, offset uint32) {
	compute.Same(len(dst), p)
	kernelBernoulli(ptr(dst), ptr(p), int32(len(dst)), key.A, key.B, offset)
}
