/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attention.cl: softmax (q k^T * scale + bias) v, a block of keys at a time, with
 * the running maximum and sum of each query's weights; the scores are never in
 * memory.
 *
 * Keys: [heads][capacity / STRIP][head_size][STRIP tokens]; values: [heads]
 * [capacity / 64][PADDED / COLUMNS][64 tokens][COLUMNS].
 * Options: PADDED: the head size, padded to a multiple of 32.
 *          LANES: floats in a vector register of the device: 16 or 8.
 *
 * A work-item takes a head and a few queries, which share each block of keys
 * and values while it is in the cache.  The sums of a tile of TILE x WIDE stay in
 * registers. */

#include "weigh.cl"
#include "lanes.cl"

#define KEYS 64                 /* tokens in a block */
#define WIDE (2 * LANES)        /* columns of a tile */
#define QUERIES 48              /* queries of a work-item at most */
#define POOL (12 * 1024)        /* queries * PADDED at most */

/* TILE: queries of a tile; REST: of one of those that end them, in which some may
 * be zeros.
 * GROUP: queries that are scored, weighed and summed together. Narrow tiles use a
 * strip of keys or values soon again: it lies together, lest its lines push each
 * other out of the cache. */
#if LANES == 16
#define TILE 12
#define REST 4
#define GROUP TILE
#define STRIP KEYS
#define COLUMNS PADDED
#else
#define TILE 6
#define REST 2
#define GROUP QUERIES
#define STRIP WIDE
#define COLUMNS WIDE
#endif

/* Where the keys of token @t, column @d, are in a head, and the values. */
#define KEY_AT(t, d, head_size) \
    (((t) / STRIP * (head_size) + (d)) * STRIP + (t) % STRIP)
#define VALUE_AT(t, d) \
    (((t) / KEYS * (PADDED / COLUMNS) + (d) / COLUMNS) * (KEYS * COLUMNS) \
    + (t) % KEYS * COLUMNS + (d) % COLUMNS)

#if LANES == 16
#define TRANSPOSE transpose_16
#define STORE vstore16
#define LOAD load_some
#define FETCH_AHEAD(from, stride)
#else
#define TRANSPOSE transpose_8
#define STORE vstore8
#define FETCH_AHEAD(from, stride) PREFETCH ((from) + 16 * (stride))

float8
LOAD (__global const float *from, int count)
{
  return count >= 8 ? vload8 (0, from) : load_some (from, count).lo;
}

/* Rows become columns: of every 2 x 2 numbers, then of 2 x 2 such squares, then
 * of those; within the halves of a register as long as that is possible. */
void
transpose_8 (float8 *rows)
{
  float8 pairs[8], squares[8];

#pragma unroll
  for (int i = 0; i < 8; i += 2) {
    const float8 a = rows[i], b = rows[i + 1];

    pairs[i] = (float8) (a.s0, b.s0, a.s1, b.s1, a.s4, b.s4, a.s5, b.s5);
    pairs[i + 1] = (float8) (a.s2, b.s2, a.s3, b.s3, a.s6, b.s6, a.s7, b.s7);
  }
#pragma unroll
  for (int i = 0; i < 8; i++) {
    const int at = i / 4 * 4 + i % 4 / 2;
    const float8 a = pairs[at], b = pairs[at + 2];

    squares[i] = i % 2 ? (float8) (a.s23, b.s23, a.s67, b.s67)
        : (float8) (a.s01, b.s01, a.s45, b.s45);
  }
#pragma unroll
  for (int i = 0; i < 4; i++) {
    rows[i] = (float8) (squares[i].lo, squares[i + 4].lo);
    rows[i + 4] = (float8) (squares[i].hi, squares[i + 4].hi);
  }
}
#endif

/* Keys to a block, from [64][k_stride], of tokens begin ... end - 1; as many as
 * there are lanes at a time if they are all there. */
void
write_keys (__global float *to, __global const float *from, long k_stride,
    int head_size, int begin, int end)
{
  int t = begin;

  while (t < end) {
    const int n = t % LANES == 0 && t + LANES <= end ? LANES : 1;

    for (int d = 0; d < head_size; d += LANES) {
      __global const float *part = from + t * k_stride + d;
      const int size = min (head_size - d, LANES);
      floats rows[LANES];

      if (n == LANES) {
#pragma unroll
        for (int i = 0; i < LANES; i++) {
          FETCH_AHEAD (part + i * k_stride, k_stride);
          rows[i] = LOAD (part + i * k_stride, size);
        }
        TRANSPOSE (rows);
        for (int i = 0; i < size; i++)
          STORE (rows[i], 0, to + KEY_AT (t, d + i, head_size));
      } else {
        for (int i = 0; i < size; i++)
          to[KEY_AT (t, d + i, head_size)] = part[i];
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
    for (int d = 0; d < PADDED; d += 16) {
      __global const float *part = from_v + (t - at) * v_stride + d;

      FETCH_AHEAD (part, v_stride);
      vstore16 (load_some (part, head_size - d), 0,
          values + head * (long) capacity * PADDED + VALUE_AT ((long) t, d));
    }

  for (int block = first / KEYS * KEYS; block < end; block += KEYS)
    write_keys (keys + head * (long) capacity * head_size
        + block * (long) head_size, from_k + (block - at) * k_stride, k_stride,
        head_size, max (first - block, 0), min (end - block, KEYS));
}

/* scores [rows][WIDE of 64] = q [rows][head_size] @ keys [head_size][WIDE of
 * STRIP] */
__attribute__ ((always_inline)) void
score_tile (const int rows, float *scores, const float *q,
    __global const float *keys, int head_size)
{
  floats left[TILE], right[TILE];

#pragma unroll
  for (int i = 0; i < TILE; i++)
    left[i] = right[i] = 0.0f;
  for (int d = 0; d < head_size; d++) {
    __global const float *k = keys + d * STRIP;
    const floats kl = *(__global const floats *) k;
    const floats kr = *(__global const floats *) (k + LANES);

#pragma unroll
    for (int i = 0; i < TILE; i++)
      if (i < rows) {
        const float a = q[i * PADDED + d];

        left[i] = fma ((floats) a, kl, left[i]);
        right[i] = fma ((floats) a, kr, right[i]);
      }
  }
#pragma unroll
  for (int i = 0; i < TILE; i++)
    if (i < rows) {
      *(floats *) (scores + i * KEYS) = left[i];
      *(floats *) (scores + i * KEYS + LANES) = right[i];
    }
}

/* scores [rows][64] = q [rows][head_size] @ keys, of keys begin ... end - 1 at
 * least */
__attribute__ ((always_inline)) void
score_rows (int rows, float *scores, const float *q,
    __global const float *keys, int head_size, int begin, int end)
{
  for (int t = begin / WIDE * WIDE; t < end; t += WIDE) {
    __global const float *k = keys + KEY_AT (t, 0, head_size);
    int i = 0;

    for (; i + TILE <= rows; i += TILE)
      score_tile (TILE, scores + i * KEYS + t, q + i * PADDED, k, head_size);
    for (; i < rows; i += REST)
      score_tile (REST, scores + i * KEYS + t, q + i * PADDED, k, head_size);
  }
}

/* sums [rows][WIDE of PADDED] += weights [rows][64] @ values [begin ... end - 1]
 * [WIDE of COLUMNS] */
__attribute__ ((always_inline)) void
value_tile (const int rows, float *sums, const float *weights,
    __global const float *values, int begin, int end)
{
  floats left[TILE], right[TILE];

#pragma unroll
  for (int i = 0; i < TILE; i++)
    if (i < rows) {
      left[i] = *(floats *) (sums + i * PADDED);
      right[i] = *(floats *) (sums + i * PADDED + LANES);
    }
  for (int j = begin; j < end; j++) {
    __global const float *v = values + j * COLUMNS;
    const floats vl = *(__global const floats *) v;
    const floats vr = *(__global const floats *) (v + LANES);

#pragma unroll
    for (int i = 0; i < TILE; i++)
      if (i < rows) {
        const float a = weights[i * KEYS + j];

        left[i] = fma ((floats) a, vl, left[i]);
        right[i] = fma ((floats) a, vr, right[i]);
      }
  }
#pragma unroll
  for (int i = 0; i < TILE; i++)
    if (i < rows) {
      *(floats *) (sums + i * PADDED) = left[i];
      *(floats *) (sums + i * PADDED + LANES) = right[i];
    }
}

/* sums [rows][PADDED] += weights [rows][64] @ values, of begin ... end - 1 */
__attribute__ ((always_inline)) void
value_rows (int rows, float *sums, const float *weights,
    __global const float *values, int begin, int end)
{
  for (int d = 0; d < PADDED; d += WIDE) {
    __global const float *v = values + VALUE_AT (0, d);
    int i = 0;

    for (; i + TILE <= rows; i += TILE)
      value_tile (TILE, sums + i * PADDED + d, weights + i * KEYS, v, begin,
          end);
    for (; i < rows; i += REST)
      value_tile (REST, sums + i * PADDED + d, weights + i * KEYS, v, begin,
          end);
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
  float scores[GROUP * KEYS] __attribute__ ((aligned (64)));
  float maximum[QUERIES];
  float16 total[QUERIES];
  const int rows = (n + REST - 1) / REST * REST;

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

    for (int i = 0; i < rows; i += GROUP) {
      const int part = min (GROUP, rows - i);

      score_rows (part, scores, scaled + i * PADDED, k, head_size, begin,
          end);
      for (int r = 0; r < part; r++)
        weigh (scores + r * KEYS, sums + (i + r) * PADDED,
            maximum + i + r, total + i + r, BIAS_AT (key_bias, index),
            BIAS_AT (bias, min (i + r, n - 1) * bias_stride + index), begin,
            end);
      value_rows (part, sums + i * PADDED, scores, v, begin, end);
    }
  }

  store_means (y, y_stride, sums, total, n, head_size);
}
