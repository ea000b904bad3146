package simd

// The functions of the kernel module; tools/kernelgen/kernels has what they
// compute. web/kernel.js puts stubs behind these imports until the module is
// there; the stub of kernelVariant returns 0.

//go:wasmimport kernel variant
func kernelVariant() int32

//go:wasmimport kernel scratch_size
func kernelScratchSize() int32

//go:wasmimport kernel sgemm
//go:noescape
func kernelGemm(flags, m, n, k int32, alpha float32, a *float32, lda int32, b *float32, ldb int32, beta float32, c *float32, ldc int32, scratch *float32)

//go:wasmimport kernel zeros
//go:noescape
func kernelZeros(p *float32, rows, cols, stride int32) int32

//go:wasmimport kernel sgemm_dot
//go:noescape
func kernelGemmDot(m, n, k int32, alpha float32, a *float32, lda int32, b *float32, ldb int32, beta float32, c *float32, ldc int32)

//go:wasmimport kernel sgemv_n
//go:noescape
func kernelGemvN(m, n int32, alpha float32, a *float32, lda int32, x *float32, beta float32, y *float32)

//go:wasmimport kernel sgemv_t
//go:noescape
func kernelGemvT(m, n int32, alpha float32, a *float32, lda int32, x, y *float32)

//go:wasmimport kernel sger
//go:noescape
func kernelGer(m, n int32, alpha float32, x, y, a *float32, lda int32)

//go:wasmimport kernel sscal
//go:noescape
func kernelScal(n int32, alpha float32, x *float32)

//go:wasmimport kernel saxpy
//go:noescape
func kernelAxpy(n int32, alpha float32, x, y *float32)

//go:wasmimport kernel sdot
//go:noescape
func kernelDot(n int32, x, y *float32) float32

//go:wasmimport kernel bias_act
//go:noescape
func kernelBiasAct(y, bias *float32, rows, width, act int32)

//go:wasmimport kernel bias_act_grad
//go:noescape
func kernelBiasActGrad(dy, dbias, y *float32, rows, width, act int32)

//go:wasmimport kernel sigmoid
//go:noescape
func kernelSigmoid(dst, x *float32, n int32)

//go:wasmimport kernel bce
//go:noescape
func kernelBCE(loss, grad, logits, target *float32, rows, width int32, scale float32)

//go:wasmimport kernel squared_error
//go:noescape
func kernelSquaredError(loss, grad, mean, target *float32, rows, width int32, scale float32)

//go:wasmimport kernel reparameterize
//go:noescape
func kernelReparameterize(z, mu, logvar, eps *float32, n int32)

//go:wasmimport kernel reparameterize_grad
//go:noescape
func kernelReparameterizeGrad(dmu, dlogvar, dz, logvar, eps *float32, n int32)

//go:wasmimport kernel kl
//go:noescape
func kernelKL(kl, dmu, dlogvar, mu, logvar *float32, rows, width int32, scale float32)

//go:wasmimport kernel im2col
//go:noescape
func kernelIm2col(picture, columns *float32, n, height, width, channels, kernel, stride, padding, rowLen int32)

//go:wasmimport kernel col2im
//go:noescape
func kernelCol2im(picture, columns *float32, n, height, width, channels, kernel, stride, padding, rowLen int32)

//go:wasmimport kernel transpose
//go:noescape
func kernelTranspose(dst, src *float32, n, rows, cols int32)

//go:wasmimport kernel adam
//go:noescape
func kernelAdam(w, g, m, v *float32, n int32, rate, beta1, beta2, correction2, epsilon, decay float32)

//go:wasmimport kernel uniform
//go:noescape
func kernelUniform(dst, p *float32, n int32, a, b, offset uint32)

//go:wasmimport kernel normal
//go:noescape
func kernelNormal(dst, p *float32, n int32, a, b, offset uint32)

//go:wasmimport kernel bernoulli
//go:noescape
func kernelBernoulli(dst, p *float32, n int32, a, b, offset uint32)
