/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attention.cl: softmax (q k^T * scale + bias) v, a block of keys at a time, with
 * the running maximum and sum of each query's weights; the scores are never in
 * memory.
 *
 * Keys: [heads][capacity / 64][head_size][64 tokens]; values: [heads][capacity]
 * [PADDED].  Option: PADDED: the head size, padded to a multiple of 32.
 *
 * A work-item takes a head and a few queries, which share each block of keys
 * and values while it is in the cache.  The sums of a tile of 12 x 32 stay in
 * registers. */

#include "weigh.cl"

#define KEYS 64                 /* tokens in a block */
#define WIDE 32                 /* columns of a tile */
#define TILE 12                 /* queries of a tile */
#define QUERIES 48              /* queries of a work-item at most */
#define POOL (TILE * 1024)      /* queries * PADDED at most */

/* A block of keys, to [head_size][64] = from [64][k_stride], of tokens
 * begin ... end - 1; sixteen at a time if they are all there. */
void
write_keys (__global float *to, __global const float *from, long k_stride,
    int head_size, int begin, int end)
{
  int t = begin;

  while (t < end) {
    const int n = t % 16 == 0 && t + 16 <= end ? 16 : 1;

    for (int d = 0; d < head_size; d += 16) {
      __global const float *part = from + t * k_stride + d;
      const int size = min (head_size - d, 16);
      float16 rows[16];

      if (n == 16) {
#pragma unroll
        for (int i = 0; i < 16; i++)
          rows[i] = load_some (part + i * k_stride, size);
        transpose_16 (rows);
        for (int i = 0; i < size; i++)
          vstore16 (rows[i], 0, to + (d + i) * KEYS + t);
      } else {
        for (int i = 0; i < size; i++)
          to[(d + i) * KEYS + t] = part[i];
      }
    }
    t += n;
  }
}

/* k, v [tokens, heads * head_size] to places at ... at + tokens - 1.
 * Work-item (i, h): those of places i * share ... after the first `at` rounded
 * down to `share`. */
__kernel void
write_key_values (__global const float *k, long k_offset, long k_stride,
    __global const float *v, long v_offset, long v_stride,
    __global float *keys, __global float *values, int capacity, int head_size,
    int at, int tokens, int share)
{
  const int head = get_global_id (1);
  const int base = (at / share + get_global_id (0)) * share;
  const int first = max (base, at), end = min (base + share, at + tokens);
  __global const float *from_k = k + k_offset + head * head_size;
  __global const float *from_v = v + v_offset + head * head_size;

  for (int t = first; t < end; t++)
    for (int d = 0; d < PADDED; d += 16)
      vstore16 (load_some (from_v + (t - at) * v_stride + d, head_size - d), 0,
          values + (head * (long) capacity + t) * PADDED + d);

  for (int block = first / KEYS * KEYS; block < end; block += KEYS)
    write_keys (keys + head * (long) capacity * head_size
        + block * (long) head_size, from_k + (block - at) * k_stride, k_stride,
        head_size, max (first - block, 0), min (end - block, KEYS));
}

/* scores [rows][64] = q [rows][head_size] @ keys [head_size][64], of keys
 * begin ... end - 1 at least */
__attribute__ ((always_inline)) void
score_tile (const int rows, float *scores, const float *q,
    __global const float *keys, int head_size, int begin, int end)
{
  for (int column = begin / WIDE * WIDE; column < end; column += WIDE) {
    float16 left[TILE], right[TILE];

#pragma unroll
    for (int i = 0; i < TILE; i++)
      left[i] = right[i] = 0.0f;
    for (int d = 0; d < head_size; d++) {
      __global const float *k = keys + d * KEYS + column;
      const float16 kl = *(__global const float16 *) k;
      const float16 kr = *(__global const float16 *) (k + 16);

#pragma unroll
      for (int i = 0; i < TILE; i++)
        if (i < rows) {
          const float a = q[i * PADDED + d];

          left[i] = fma ((float16) a, kl, left[i]);
          right[i] = fma ((float16) a, kr, right[i]);
        }
    }
#pragma unroll
    for (int i = 0; i < TILE; i++)
      if (i < rows) {
        *(float16 *) (scores + i * KEYS + column) = left[i];
        *(float16 *) (scores + i * KEYS + column + 16) = right[i];
      }
  }
}

/* sums [rows][PADDED] += weights [rows][64] @ values [begin ... end - 1][PADDED] */
__attribute__ ((always_inline)) void
value_tile (const int rows, float *sums, const float *weights,
    __global const float *values, int begin, int end)
{
  for (int column = 0; column < PADDED; column += WIDE) {
    float16 left[TILE], right[TILE];

#pragma unroll
    for (int i = 0; i < TILE; i++)
      if (i < rows) {
        left[i] = *(float16 *) (sums + i * PADDED + column);
        right[i] = *(float16 *) (sums + i * PADDED + column + 16);
      }
    for (int j = begin; j < end; j++) {
      __global const float *v = values + j * PADDED + column;
      const float16 vl = *(__global const float16 *) v;
      const float16 vr = *(__global const float16 *) (v + 16);

#pragma unroll
      for (int i = 0; i < TILE; i++)
        if (i < rows) {
          const float a = weights[i * KEYS + j];

          left[i] = fma ((float16) a, vl, left[i]);
          right[i] = fma ((float16) a, vr, right[i]);
        }
    }
#pragma unroll
    for (int i = 0; i < TILE; i++)
      if (i < rows) {
        *(float16 *) (sums + i * PADDED + column) = left[i];
        *(float16 *) (sums + i * PADDED + column + 16) = right[i];
      }
  }
}

/* y, q [queries, heads * head_size]; keys first ... first + count - 1;
 * key_bias [count] or NULL; bias [heads, queries, count] or NULL.
 * Work-item (i, h): queries i * chunk ... of head h. */
__kernel __attribute__ ((reqd_work_group_size (1, 1, 1))) void
attention (__global float *y, long y_offset, long y_stride,
    __global const float *q, long q_offset, long q_stride,
    __global const float *keys, __global const float *values, int capacity,
    int head_size, int queries, int chunk, float scale, int first,
    int count, __global const float *key_bias, long key_bias_offset,
    __global const float *bias, long bias_offset, long bias_stride)
{
  const int head = get_global_id (1), query = get_global_id (0) * chunk;
  const int n = min (chunk, queries - query);
  float scaled[POOL] __attribute__ ((aligned (64)));
  float sums[POOL] __attribute__ ((aligned (64)));
  float scores[TILE * KEYS] __attribute__ ((aligned (64)));
  float maximum[QUERIES];
  float16 total[QUERIES];
  /* Tiles have 12 or 4 rows: the last one may have some of zeros. */
  const int rows = (n + 3) / 4 * 4;

  q += q_offset + query * q_stride + head * head_size;
  y += y_offset + query * y_stride + head * head_size;
  keys += head * (long) capacity * head_size;
  values += head * (long) capacity * PADDED;
  if (key_bias)
    key_bias += key_bias_offset;
  if (bias)
    bias += bias_offset + (head * (long) queries + query) * bias_stride;
  for (int i = 0; i < rows; i++) {
    maximum[i] = -INFINITY;
    total[i] = 0.0f;
    for (int d = 0; d < PADDED; d += 16) {
      *(float16 *) (scaled + i * PADDED + d) = i < n
          ? scale * load_some (q + i * q_stride + d, head_size - d)
          : (float16) 0.0f;
      *(float16 *) (sums + i * PADDED + d) = 0.0f;
    }
  }

  for (int block = first / KEYS * KEYS; block < first + count; block += KEYS) {
    const int begin = max (first - block, 0);
    const int end = min (first + count - block, KEYS);
    __global const float *k = keys + block * (long) head_size;
    __global const float *v = values + block * (long) PADDED;
    const int index = block - first;

    for (int i = 0; i < rows;) {
      const int tile = rows - i >= TILE ? TILE : 4;

      if (tile == TILE)
        score_tile (TILE, scores, scaled + i * PADDED, k, head_size,
            begin, end);
      else
        score_tile (4, scores, scaled + i * PADDED, k, head_size, begin,
            end);
      for (int r = 0; r < tile; r++)
        weigh (scores + r * KEYS, sums + (i + r) * PADDED,
            maximum + i + r, total + i + r, BIAS_AT (key_bias, index),
            BIAS_AT (bias, min (i + r, n - 1) * bias_stride + index), begin,
            end);
      if (tile == TILE)
        value_tile (TILE, sums + i * PADDED, scores, v, begin, end);
      else
        value_tile (4, sums + i * PADDED, scores, v, begin, end);
      i += tile;
    }
  }

  store_means (y, y_stride, sums, total, n, head_size);
}
