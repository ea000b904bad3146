// The operations of compute.Go in lanes of eight, to the very bit: the same
// float32 operations in the same order. AVX2 without FMA is asked for, so that
// nothing can be fused.
#pragma GCC target("avx2")

#include "avx2.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

typedef __m256 f8;
typedef __m256i i8;

enum { lanes = 8 };

static inline f8 all(float x) { return _mm256_set1_ps(x); }
static inline i8 ints(uint32_t x) { return _mm256_set1_epi32((int)x); }
static inline f8 bits(i8 x) { return _mm256_castsi256_ps(x); }
// pick is a where mask is set, else b.
static inline f8 pick(f8 mask, f8 a, f8 b) { return _mm256_blendv_ps(b, a, mask); }
static inline f8 less(f8 a, f8 b) { return _mm256_cmp_ps(a, b, _CMP_LT_OQ); }
static inline f8 sign(void) { return bits(ints(0x80000000u)); }

// load and store take eight numbers, or the last n where fewer are left.
static inline f8 load(const float *x, long n) {
  if (n >= lanes) return _mm256_loadu_ps(x);
  float t[lanes] = {0};
  memcpy(t, x, n * sizeof *x);
  return _mm256_loadu_ps(t);
}

static inline void store(float *x, f8 v, long n) {
  if (n >= lanes) {
    _mm256_storeu_ps(x, v);
    return;
  }
  float t[lanes];
  _mm256_storeu_ps(t, v);
  memcpy(x, t, n * sizeof *x);
}

// The elementary functions, as in elementary.go.

static inline f8 exp8(f8 x) {
  const f8 magic = all(1.5f * (1 << 23));
  f8 n = x * all(1.4426950408889634f) + magic - magic;
  f8 r = x - n * all(0.693359375f);
  r = r - n * all(-2.12194440054e-4f);
  f8 p = all(1.9875691500e-4f);
  p = p * r + all(1.3981999507e-3f);
  p = p * r + all(8.3334519073e-3f);
  p = p * r + all(4.1665795894e-2f);
  p = p * r + all(1.6666665459e-1f);
  p = p * r + all(5.0000001201e-1f);
  p = p * (r * r) + r;
  p = p + all(1);
  i8 power = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvttps_epi32(n), ints(127)), 23);
  f8 y = pick(_mm256_cmp_ps(n, n, _CMP_UNORD_Q), n, p * bits(power));
  y = pick(less(x, all(-87.33654f)), all(0), y);
  return pick(less(all(88.3762626647949f), x), all(INFINITY), y);
}

// log8 is of positive normal numbers alone, which is what normal8 asks for.
static inline f8 log8(f8 x) {
  i8 b = _mm256_add_epi32(_mm256_castps_si256(x), ints(0x3f800000u - 0x3f3504f3u));
  f8 e = _mm256_cvtepi32_ps(_mm256_sub_epi32(_mm256_srli_epi32(b, 23), ints(127)));
  b = _mm256_and_si256(b, ints(0x007fffffu));
  f8 m = bits(_mm256_add_epi32(b, ints(0x3f3504f3u))) - all(1);
  f8 s = m * m;
  f8 p = all(7.0376836292e-2f);
  p = p * m - all(1.1514610310e-1f);
  p = p * m + all(1.1676998740e-1f);
  p = p * m - all(1.2420140846e-1f);
  p = p * m + all(1.4249322787e-1f);
  p = p * m - all(1.6668057665e-1f);
  p = p * m + all(2.0000714765e-1f);
  p = p * m - all(2.4999993993e-1f);
  p = p * m + all(3.3333331174e-1f);
  p = p * m * s;
  p = p + e * all(-2.12194440054e-4f);
  p = p - all(0.5f) * s;
  return m + p + e * all(0.693359375f);
}

static inline f8 log1p8(f8 e) {
  f8 t = e / (all(1) + all(0.5f) * e);
  f8 u = t * t;
  f8 p = all(5.2444332075e-4f) * u + all(2.2059859223e-3f);
  f8 q = all(1.2502362702e-2f) * u + all(8.3333300421e-2f);
  p = p * (u * u) + q;
  return t * u * p + t;
}

static inline f8 magnitude(f8 x) { return pick(less(x, all(0)), _mm256_xor_ps(x, sign()), x); }

// sigmoid_parts gives exp(-|x|) and 1/(1+exp(-|x|)).
static inline void sigmoid_parts(f8 x, f8 *e, f8 *s) {
  *e = exp8(_mm256_xor_ps(magnitude(x), sign()));
  *s = all(1) / (all(1) + *e);
}

static inline f8 tanh8(f8 x) {
  f8 a = magnitude(x);
  f8 s = x * x;
  f8 p = all(-5.70498872745e-3f);
  p = p * s + all(2.06390887954e-2f);
  p = p * s - all(5.37397155531e-2f);
  p = p * s + all(1.33314422036e-1f);
  p = p * s - all(3.33332819422e-1f);
  f8 near = p * s * x + x;
  f8 far = all(1) - all(2) / (exp8(a + a) + all(1));
  far = pick(less(x, all(0)), _mm256_xor_ps(far, sign()), far);
  return pick(less(a, all(0.625f)), near, far);
}

void avx2_bias_act(float *y, const float *bias, long rows, long width, int act) {
  // Short rows are taken a few at a time: maps of features have a row a pixel.
  enum { room = 256 };
  float several[room];
  long times = rows < room / width ? rows : room / width;
  if (times > 1) {
    for (long i = 0; i < times * width; i++) several[i] = bias[i % width];
    avx2_bias_act(y, several, rows / times, times * width, act);
    y += rows / times * times * width;
    rows %= times;
  }
  for (long i = 0; i < rows; i++, y += width) {
    for (long j = 0; j < width; j += lanes) {
      long n = width - j;
      f8 v = load(y + j, n) + load(bias + j, n);
      switch (act) {
      case act_tanh: v = tanh8(v); break;
      case act_relu: v = pick(less(v, all(0)), all(0), v); break;
      case act_leaky: v = pick(less(v, all(0)), v * all(leaky_slope), v); break;
      }
      store(y + j, v, n);
    }
  }
}

void avx2_bias_act_grad(float *dy, float *dbias, const float *y, long rows, long width, int act) {
  for (long i = 0; i < rows; i++, dy += width, y += width) {
    for (long j = 0; j < width; j += lanes) {
      long n = width - j;
      f8 d = load(dy + j, n);
      if (act != act_identity) {
        f8 o = load(y + j, n);
        switch (act) {
        case act_tanh: d = d * (all(1) - o * o); break;
        case act_relu: d = pick(_mm256_cmp_ps(o, all(0), _CMP_LE_OQ), all(0), d); break;
        case act_leaky: d = pick(less(o, all(0)), d * all(leaky_slope), d); break;
        }
        store(dy + j, d, n);
      }
      store(dbias + j, load(dbias + j, n) + d, n);
    }
  }
}

void avx2_sigmoid(float *dst, const float *x, long len) {
  for (long j = 0; j < len; j += lanes) {
    f8 e, s, v = load(x + j, len - j);
    sigmoid_parts(v, &e, &s);
    store(dst + j, pick(less(v, all(0)), e * s, s), len - j);
  }
}

void avx2_bce(float *loss, float *grad, const float *logits, const float *target, long rows, long width, float scale) {
  for (long i = 0; i < rows; i++) {
    __m128 sum = _mm_setzero_ps(); // term j in lane j modulo 4, as rowSum has it
    for (long j = 0; j < width; j += lanes) {
      long n = width - j, at = i * width + j;
      f8 e, s, v = load(logits + at, n), t = load(target + at, n);
      sigmoid_parts(v, &e, &s);
      f8 positive = less(all(0), v);
      f8 nll = log1p8(e) - v * t;
      nll = pick(positive, nll + v, nll);
      s = pick(positive, s, e * s);
      if (n < lanes) { // lanes beyond the row count for nothing
        float part[lanes] = {0};
        store(part, nll, n);
        nll = _mm256_loadu_ps(part);
      }
      sum = _mm_add_ps(sum, _mm256_castps256_ps128(nll));
      if (n > 4) sum = _mm_add_ps(sum, _mm256_extractf128_ps(nll, 1));
      if (grad) store(grad + at, all(scale) * (s - t), n);
    }
    float part[4];
    _mm_storeu_ps(part, sum);
    loss[i] = (part[0] + part[1]) + (part[2] + part[3]);
  }
}

void avx2_adam(float *w, const float *g, float *m, float *v, long len, adam_step p) {
  const float c1 = 1 - p.beta1, c2 = 1 - p.beta2;
  for (long j = 0; j < len; j += lanes) {
    long n = len - j;
    f8 d = load(g + j, n), x = load(w + j, n);
    f8 a = all(p.beta1) * load(m + j, n) + all(c1) * d;
    f8 b = all(p.beta2) * load(v + j, n) + all(c2) * (d * d);
    x = x - all(p.decay) * x;
    x = x - all(p.rate) * a / (_mm256_sqrt_ps(b * all(p.correction2)) + all(p.epsilon));
    store(m + j, a, n);
    store(v + j, b, n);
    store(w + j, x, n);
  }
}

// word8 gives the numbers i to i+7 of the stream of random words, as Key.Word.
static inline i8 word8(uint32_t a, uint32_t b, uint32_t i) {
  i8 x = _mm256_add_epi32(ints(i), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  x = _mm256_add_epi32(_mm256_mullo_epi32(x, ints(0x9e3779b9u)), ints(a));
#define FOLD(by) x = _mm256_xor_si256(x, _mm256_srli_epi32(x, by))
#define TIMES(by) x = _mm256_mullo_epi32(x, ints(by))
  FOLD(16);
  TIMES(0x21f0aaadu);
  FOLD(15);
  TIMES(0x735a2d97u);
  FOLD(15);
  x = _mm256_add_epi32(x, ints(b));
  FOLD(16);
  TIMES(0x85ebca6bu);
  FOLD(13);
  TIMES(0xc2b2ae35u);
  FOLD(16);
#undef FOLD
#undef TIMES
  return x;
}

void avx2_bernoulli(float *dst, const float *p, long len, uint32_t a, uint32_t b, uint32_t offset) {
  for (long j = 0; j < len; j += lanes) {
    f8 u = _mm256_cvtepi32_ps(_mm256_srli_epi32(word8(a, b, offset + (uint32_t)j), 8)) * all(1.0f / (1 << 24));
    store(dst + j, pick(less(u, load(p + j, len - j)), all(1), all(0)), len - j);
  }
}

// normal8 maps words to standard normal numbers, as normal in rng.go.
static inline f8 normal8(i8 w) {
  const f8 unit24 = all(1.0f / (1 << 24));
  f8 tail = (_mm256_cvtepi32_ps(_mm256_srli_epi32(w, 9)) + all(0.5f)) * unit24;
  f8 x = all(1) - all(2) * tail;
  f8 l = _mm256_xor_ps(log8(all(4) * (tail * (all(1) - tail))), sign());
  f8 a = l - all(2.5f);
  f8 p = all(2.81022636e-08f);
  p = p * a + all(3.43273939e-07f);
  p = p * a - all(3.5233877e-06f);
  p = p * a - all(4.39150654e-06f);
  p = p * a + all(0.00021858087f);
  p = p * a - all(0.00125372503f);
  p = p * a - all(0.00417768164f);
  p = p * a + all(0.246640727f);
  p = p * a + all(1.50140941f);
  a = _mm256_sqrt_ps(l) - all(3);
  f8 q = all(-0.000200214257f);
  q = q * a + all(0.000100950558f);
  q = q * a + all(0.00134934322f);
  q = q * a - all(0.00367342844f);
  q = q * a + all(0.00573950773f);
  q = q * a - all(0.0076224613f);
  q = q * a + all(0.00943887047f);
  q = q * a + all(1.00167406f);
  q = q * a + all(2.83297682f);
  p = pick(less(l, all(5)), p, q);
  p = p * x * all(1.4142135623730951f);
  i8 negative = _mm256_slli_epi32(_mm256_and_si256(w, ints(1 << 8)), 23);
  return _mm256_xor_ps(p, bits(negative));
}

void avx2_normal(float *dst, long len, uint32_t a, uint32_t b, uint32_t offset) {
  for (long j = 0; j < len; j += lanes) store(dst + j, normal8(word8(a, b, offset + (uint32_t)j)), len - j);
}

// A window of a convolution over pictures, as compute.Window; row is RowLen.
typedef struct {
  long rows, columns; // places of the window
  long row, run;      // numbers in a row of columns, and under a row of the window
} places;

static places places_of(const window *w) {
  long used = w->kernel * w->kernel * w->channels;
  places p = {
      .rows = (w->height + 2 * w->padding - w->kernel) / w->stride + 1,
      .columns = (w->width + 2 * w->padding - w->kernel) / w->stride + 1,
      .row = (used + 3) & ~3L,
      .run = w->kernel * w->channels,
  };
  return p;
}

// walk goes over every row of the window at every place, in order.
#define WALK(w, p, body)                                                                    \
  for (long oy = 0; oy < (p).rows; oy++)                                                    \
    for (long ox = 0; ox < (p).columns; ox++) {                                             \
      long left = ox * (w)->stride - (w)->padding, at = (oy * (p).columns + ox) * (p).row;  \
      long first = left < 0 ? 0 : left, last = left + (w)->kernel;                          \
      if (last > (w)->width) last = (w)->width;                                             \
      if (first >= last) continue;                                                          \
      at += (first - left) * (w)->channels;                                                 \
      long len = (last - first) * (w)->channels;                                            \
      for (long ky = 0; ky < (w)->kernel; ky++, at += (p).run) {                            \
        long y = oy * (w)->stride - (w)->padding + ky;                                      \
        if (y < 0 || y >= (w)->height) continue;                                            \
        long from = (y * (w)->width + first) * (w)->channels;                               \
        body                                                                                \
      }                                                                                     \
    }

void avx2_im2col(float *dst, const float *src, long n, const window *w) {
  places p = places_of(w);
  long picture = w->height * w->width * w->channels, columns = p.rows * p.columns * p.row;
  memset(dst, 0, n * columns * sizeof *dst);
  for (long i = 0; i < n; i++, dst += columns, src += picture) {
    WALK(w, p, {
      long j = 0;
      for (; j + 4 <= len; j += 4) _mm_storeu_ps(dst + at + j, _mm_loadu_ps(src + from + j));
      for (; j < len; j++) dst[at + j] = src[from + j];
    })
  }
}

void avx2_col2im(float *dst, const float *src, long n, const window *w) {
  places p = places_of(w);
  long picture = w->height * w->width * w->channels, columns = p.rows * p.columns * p.row;
  for (long i = 0; i < n; i++, dst += picture, src += columns) {
    WALK(w, p, {
      long j = 0;
      for (; j + 4 <= len; j += 4)
        _mm_storeu_ps(dst + from + j, _mm_add_ps(_mm_loadu_ps(dst + from + j), _mm_loadu_ps(src + at + j)));
      for (; j < len; j++) dst[from + j] += src[at + j];
    })
  }
}

void avx2_transpose(float *dst, const float *src, long n, long rows, long cols) {
  for (long i = 0; i < n; i++, dst += rows * cols, src += rows * cols) {
    long r = 0;
    for (; r + 4 <= rows; r += 4) {
      long c = 0;
      for (; c + 4 <= cols; c += 4) {
        __m128 x[4];
        for (int k = 0; k < 4; k++) x[k] = _mm_loadu_ps(src + (r + k) * cols + c);
        _MM_TRANSPOSE4_PS(x[0], x[1], x[2], x[3]);
        for (int k = 0; k < 4; k++) _mm_storeu_ps(dst + (c + k) * rows + r, x[k]);
      }
      for (; c < cols; c++)
        for (int k = 0; k < 4; k++) dst[c * rows + r + k] = src[(r + k) * cols + c];
    }
    for (; r < rows; r++)
      for (long c = 0; c < cols; c++) dst[c * rows + r] = src[r * cols + c];
  }
}

int avx2_here(void) { return __builtin_cpu_supports("avx2"); }
