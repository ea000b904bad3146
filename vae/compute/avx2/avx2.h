#include <stdint.h>

enum { act_identity, act_tanh, act_relu, act_leaky };

#define leaky_slope 0.01f

typedef struct {
  float rate, beta1, beta2, correction2, epsilon, decay;
} adam_step;

typedef struct {
  long height, width, channels, kernel, stride, padding;
} window;

int avx2_here(void);
void avx2_bias_act(float *y, const float *bias, long rows, long width, int act);
void avx2_bias_act_grad(float *dy, float *dbias, const float *y, long rows, long width, int act);
void avx2_sigmoid(float *dst, const float *x, long len);
void avx2_bce(float *loss, float *grad, const float *logits, const float *target, long rows, long width, float scale);
void avx2_adam(float *w, const float *g, float *m, float *v, long len, adam_step p);
void avx2_bernoulli(float *dst, const float *p, long len, uint32_t a, uint32_t b, uint32_t offset);
void avx2_normal(float *dst, long len, uint32_t a, uint32_t b, uint32_t offset);
void avx2_im2col(float *dst, const float *src, long n, const window *w);
void avx2_col2im(float *dst, const float *src, long n, const window *w);
void avx2_transpose(float *dst, const float *src, long n, long rows, long cols);

int avx2_fma_here(void);
// avx2_gemm needs avx2_gemm_scratch floats of room.
long avx2_gemm_scratch(void);
void avx2_gemm(int trans_a, int trans_b, long m, long n, long k, float alpha, const float *a, long lda, const float *b,
               long ldb, float beta, float *c, long ldc, float *scratch);
