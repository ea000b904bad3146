// C = alpha op(A) op(B) + beta C for row-major float32 matrices, with packed
// panels as in Goto and van de Geijn 2008: tiles of 6 x 16 whose 12 accumulators
// of eight lanes stay in registers. Sums are fused, so that their last bits
// differ from gonum's; they depend on the operands alone.
#pragma GCC target("avx2,fma")

#include "avx2.h"

#include <immintrin.h>

enum {
  tile_rows = 6,
  tile_cols = 16,
  block_rows = 16 * tile_rows, // of A, so that its panels stay in the L2 cache
  block_cols = 48 * tile_cols, // of B
  block_depth = 256
};

int avx2_fma_here(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

// pack_a writes rows x depth numbers of op(A) as panels of tile_rows rows, zeros
// where there are fewer.
static void pack_a(float *to, const float *a, long step_row, long step_depth, long rows, long depth) {
  for (long i = 0; i < rows; i += tile_rows) {
    long n = rows - i < tile_rows ? rows - i : tile_rows;
    const float *from = a + i * step_row;
    for (long p = 0; p < depth; p++, to += tile_rows) {
      for (long r = 0; r < n; r++) to[r] = from[r * step_row + p * step_depth];
      for (long r = n; r < tile_rows; r++) to[r] = 0;
    }
  }
}

// pack_b writes depth x cols numbers of op(B) as panels of tile_cols columns.
static void pack_b(float *to, const float *b, long step_depth, long step_col, long depth, long cols) {
  for (long j = 0; j < cols; j += tile_cols) {
    long n = cols - j < tile_cols ? cols - j : tile_cols;
    const float *from = b + j * step_col;
    if (step_col == 1 && n == tile_cols) {
      for (long p = 0; p < depth; p++, to += tile_cols) {
        _mm256_storeu_ps(to, _mm256_loadu_ps(from + p * step_depth));
        _mm256_storeu_ps(to + 8, _mm256_loadu_ps(from + p * step_depth + 8));
      }
      continue;
    }
    for (long c = 0; c < tile_cols; c++) {
      float *at = to + c;
      if (c < n) {
        for (long p = 0; p < depth; p++) at[p * tile_cols] = from[c * step_col + p * step_depth];
      } else {
        for (long p = 0; p < depth; p++) at[p * tile_cols] = 0;
      }
    }
    to += depth * tile_cols;
  }
}

// tile adds alpha times the product of two panels to C, of which it has rows x
// cols numbers.
static void tile(const float *a, const float *b, long depth, float alpha, float *c, long ldc, long rows, long cols) {
  __m256 s[tile_rows][2];
  for (int r = 0; r < tile_rows; r++) s[r][0] = s[r][1] = _mm256_setzero_ps();
  for (long p = 0; p < depth; p++, a += tile_rows, b += tile_cols) {
    __m256 b0 = _mm256_loadu_ps(b), b1 = _mm256_loadu_ps(b + 8);
#pragma GCC unroll 6
    for (int r = 0; r < tile_rows; r++) {
      __m256 v = _mm256_broadcast_ss(a + r);
      s[r][0] = _mm256_fmadd_ps(v, b0, s[r][0]);
      s[r][1] = _mm256_fmadd_ps(v, b1, s[r][1]);
    }
  }
  __m256 f = _mm256_set1_ps(alpha);
  if (rows == tile_rows && cols == tile_cols) {
    for (int r = 0; r < tile_rows; r++, c += ldc) {
      _mm256_storeu_ps(c, _mm256_fmadd_ps(f, s[r][0], _mm256_loadu_ps(c)));
      _mm256_storeu_ps(c + 8, _mm256_fmadd_ps(f, s[r][1], _mm256_loadu_ps(c + 8)));
    }
    return;
  }
  float t[tile_rows][tile_cols];
  for (int r = 0; r < tile_rows; r++) {
    _mm256_storeu_ps(t[r], s[r][0]);
    _mm256_storeu_ps(t[r] + 8, s[r][1]);
  }
  for (long r = 0; r < rows; r++) {
    for (long j = 0; j < cols; j++) c[r * ldc + j] = __builtin_fmaf(alpha, t[r][j], c[r * ldc + j]);
  }
}

long avx2_gemm_scratch(void) { return block_rows * block_depth + block_cols * block_depth; }

void avx2_gemm(int trans_a, int trans_b, long m, long n, long k, float alpha, const float *a, long lda, const float *b,
               long ldb, float beta, float *c, long ldc, float *scratch) {
  if (beta != 1) {
    for (long i = 0; i < m; i++) {
      for (long j = 0; j < n; j++) c[i * ldc + j] = beta == 0 ? 0 : beta * c[i * ldc + j];
    }
  }
  long a_row = trans_a ? 1 : lda, a_depth = trans_a ? lda : 1;
  long b_depth = trans_b ? 1 : ldb, b_col = trans_b ? ldb : 1;
  float *pa = scratch, *pb = scratch + block_rows * block_depth;
  for (long jc = 0; jc < n; jc += block_cols) {
    long nc = n - jc < block_cols ? n - jc : block_cols;
    for (long pc = 0; pc < k; pc += block_depth) {
      long kc = k - pc < block_depth ? k - pc : block_depth;
      pack_b(pb, b + pc * b_depth + jc * b_col, b_depth, b_col, kc, nc);
      for (long ic = 0; ic < m; ic += block_rows) {
        long mc = m - ic < block_rows ? m - ic : block_rows;
        pack_a(pa, a + ic * a_row + pc * a_depth, a_row, a_depth, mc, kc);
        for (long j = 0; j < nc; j += tile_cols) {
          for (long i = 0; i < mc; i += tile_rows) {
            tile(pa + i * kc, pb + j * kc, kc, alpha, c + (ic + i) * ldc + jc + j, ldc,
                 mc - i < tile_rows ? mc - i : tile_rows, nc - j < tile_cols ? nc - j : tile_cols);
          }
        }
      }
    }
  }
}
