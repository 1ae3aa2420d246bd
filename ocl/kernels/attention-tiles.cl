/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attention-tiles.cl: attention.cl by the matrix unit of some CPUs (AMX), with
 * queries, keys, weights and values rounded to bfloat16; the sums and all of the
 * softmax are float.
 *
 * Keys and values are pairs for tdpbf16ps (tiles.cl), a uint each: keys of two
 * numbers of one token, [heads][capacity / 64][PADDED / 2][64 tokens]; values of
 * two tokens, [heads][capacity / 2][PADDED].  Option: PADDED: the head size,
 * padded to a multiple of 32.
 *
 * A work-item takes a head and a few times 32 queries, which share a span of keys
 * and values while it is in the cache. */

#include "bf16.cl"
#include "tiles.cl"
#include "weigh.cl"

#define KEYS 64                 /* tokens in a block */
#define GROUP 32                /* keys, columns or queries of one product */
#define SPAN 256                /* keys whose scores are there at once */
#define QUERIES 96              /* queries of a work-item at most */
#define POOL (96 * 128)         /* queries * PADDED at most */

/* @lower in the lower halves */
uint16
pair_bf16 (float16 lower, float16 upper)
{
  return round_bf16_16 (lower) >> 16 | round_bf16_16 (upper);
}

/* 32 numbers one after the other */
uint16
pack_bf16 (float16 first, float16 second)
{
  return pair_bf16 ((float16) (first.even, second.even),
      (float16) (first.odd, second.odd));
}

/* Numbers 32 i ... of a token, of which @count exist. */
uint16
load_pairs (__global const float *from, int count)
{
  return pack_bf16 (load_some (from, count), load_some (from + 16, count - 16));
}

/* A block of keys, to [PADDED / 2][64] = from [64][k_stride], of tokens
 * begin ... end - 1; sixteen at a time if they are all there. */
void
write_keys (__global uint *to, __global const float *from, long k_stride,
    int head_size, int begin, int end)
{
  for (int t = begin; t < end;) {
    const int n = t % 16 == 0 && t + 16 <= end ? 16 : 1;

    for (int d = 0; d < PADDED; d += 32) {
      __global const float *part = from + t * k_stride + d;
      __global uint *place = to + d / 2 * KEYS + t;
      float16 rows[16];

      if (n == 16) {
#pragma unroll
        for (int i = 0; i < 16; i++)
          rows[i] = as_float16 (load_pairs (part + i * k_stride,
                  head_size - d));
        transpose_16 (rows);
        for (int i = 0; i < 16; i++)
          vstore16 (as_uint16 (rows[i]), 0, place + i * KEYS);
      } else {
        uint pairs[16];

        vstore16 (load_pairs (part, head_size - d), 0, pairs);
        for (int i = 0; i < 16; i++)
          place[i * KEYS] = pairs[i];
      }
    }
    t += n;
  }
}

/* Values of tokens begin ... end - 1; of a pair that is not whole the other half
 * stays. @from is token 0's. */
void
write_values (__global uint *to, __global const float *from, long v_stride,
    int head_size, int begin, int end)
{
  for (int t = begin / 2 * 2; t < end; t += 2) {
    const bool lower = t >= begin, upper = t + 1 < end;
    const uint kept = (lower ? 0 : 0xffff) | (upper ? 0 : 0xffff0000);

    for (int d = 0; d < PADDED; d += 16) {
      __global const float *part = from + t * v_stride + d;
      __global uint *place = to + t / 2 * PADDED + d;
      const float16 a = lower ? load_some (part, head_size - d) : 0.0f;
      const float16 b = upper ? load_some (part + v_stride, head_size - d) : 0.0f;
      uint16 both = pair_bf16 (a, b);

      if (kept)
        both |= vload16 (0, place) & kept;
      vstore16 (both, 0, place);
    }
  }
}

/* As in attention.cl; `share` is a multiple of 2. */
__kernel void
write_key_values (__global const float *k, long k_offset, long k_stride,
    __global const float *v, long v_offset, long v_stride,
    __global uint *keys, __global uint *values, int capacity, int head_size,
    int at, int tokens, int share)
{
  const int head = get_global_id (1);
  const int base = (at / share + get_global_id (0)) * share;
  const int first = max (base, at), end = min (base + share, at + tokens);
  const long pairs = head * (long) capacity * (PADDED / 2);
  __global const float *from_k = k + k_offset + head * head_size;
  __global const float *from_v = v + v_offset + head * head_size;

  write_values (values + pairs, from_v - at * v_stride, v_stride, head_size,
      first, end);
  for (int block = first / KEYS * KEYS; block < end; block += KEYS)
    write_keys (keys + pairs + block * (PADDED / 2L),
        from_k + (block - at) * k_stride, k_stride, head_size,
        max (first - block, 0), min (end - block, KEYS));
}

/* Values of 32 tokens. */
typedef struct
{
  uint pairs[GROUP / 2 * PADDED];
} Values;

/* Of those begin ... end - 1 alone: whatever the others are, they count as 0. */
void
take_values (Values *to, __global const uint *from, int begin, int end)
{
  for (int t = 0; t < GROUP; t += 2) {
    const uint mask = (t >= begin && t < end ? 0xffff : 0)
        | (t + 1 >= begin && t + 1 < end ? 0xffff0000 : 0);

    for (int d = 0; d < PADDED; d += 16)
      vstore16 (vload16 (0, from + t / 2 * PADDED + d) & mask, 0,
          to->pairs + t / 2 * PADDED + d);
  }
}

/* The tiles of sums become 0. */
void
zero_sums (void)
{
  __asm__ volatile ("tilezero %tmm0\n\t" "tilezero %tmm1\n\t"
      "tilezero %tmm2\n\t" "tilezero %tmm3");
}

/* The sums, from and to 32 columns of [32][stride bytes]. */
void
load_sums (const float *from, long stride)
{
  __asm__ volatile (
      "tileloadd (%0,%2,1), %%tmm0\n\t"
      "tileloadd 64(%0,%2,1), %%tmm1\n\t"
      "tileloadd (%1,%2,1), %%tmm2\n\t"
      "tileloadd 64(%1,%2,1), %%tmm3" : : "r" (from),
      "r" ((ulong) from + HALF * stride), "r" (stride) : "memory");
}

void
store_sums (float *to, long stride)
{
  __asm__ volatile (
      "tilestored %%tmm0, (%0,%2,1)\n\t"
      "tilestored %%tmm1, 64(%0,%2,1)\n\t"
      "tilestored %%tmm2, (%1,%2,1)\n\t"
      "tilestored %%tmm3, 64(%1,%2,1)" : : "r" (to),
      "r" ((ulong) to + HALF * stride), "r" (stride) : "memory");
}

/* scores [32][SPAN] = q [32][PADDED] @ keys first ... end - 1, multiples of 32 */
void
score_span (float *scores, const ushort *q, __global const uint *keys,
    int first, int end)
{
  for (int key = first; key < end; key += GROUP) {
    __global const uint *from = keys + key / KEYS * (KEYS * (PADDED / 2L))
        + key % KEYS;

    zero_sums ();
    for (int d = 0; d < PADDED; d += GROUP)
      multiply_tiles ((ulong) (q + d), PADDED * sizeof *q,
          (ulong) (from + d / 2 * KEYS), KEYS * sizeof *keys);
    store_sums (scores + key - first, SPAN * sizeof *scores);
  }
}

/* sums [32][PADDED] += weights [32][SPAN] @ values first ... end - 1, multiples of
 * 32, of which the first and the last 32 are in @edges */
void
value_span (float *sums, const ushort *weights, __global const uint *values,
    const Values *edges, int first, int end)
{
  const long stride = PADDED * sizeof *sums;

  for (int column = 0; column < PADDED; column += GROUP) {
    load_sums (sums + column, stride);
    for (int key = first; key < end; key += GROUP) {
      const ulong from = key == first ? (ulong) edges[0].pairs
          : key + GROUP == end ? (ulong) edges[1].pairs
          : (ulong) (values + key / 2 * (long) PADDED);

      multiply_tiles ((ulong) (weights + key - first), SPAN * sizeof *weights,
          from + column * sizeof *values, stride);
    }
    store_sums (sums + column, stride);
  }
}

/* Weights of keys begin ... end - 1 of a span in bfloat16; 0 around them, to whole
 * groups. */
void
round_weights (ushort *to, const float *from, int begin, int end)
{
  for (int j = 0; j < end; j += GROUP) {
    const float16 a = j + 16 > begin ? *(const float16 *) (from + j)
        : (float16) 0.0f;
    const float16 b = j + 16 < end ? *(const float16 *) (from + j + 16)
        : (float16) 0.0f;

    *(uint16 *) (to + j) = pack_bf16 (a, b);
  }
}

/* As in attention.cl; chunk is a multiple of 32. */
__kernel __attribute__ ((reqd_work_group_size (1, 1, 1))) void
attention (__global float *y, long y_offset, long y_stride,
    __global const float *q, long q_offset, long q_stride,
    __global const uint *keys, __global const uint *values, int capacity,
    int head_size, int queries, int chunk, float scale, int first,
    int count, __global const float *key_bias, long key_bias_offset,
    __global const float *bias, long bias_offset, long bias_stride)
{
  const int head = get_global_id (1), query = get_global_id (0) * chunk;
  const int n = min (chunk, queries - query);
  const int last = (first + count + GROUP - 1) / GROUP * GROUP;
  ushort scaled[POOL] __attribute__ ((aligned (64)));
  float sums[POOL] __attribute__ ((aligned (64)));
  float scores[GROUP * SPAN] __attribute__ ((aligned (64)));
  ushort weights[GROUP * SPAN] __attribute__ ((aligned (64)));
  Values edges[2] __attribute__ ((aligned (64)));
  float maximum[QUERIES];
  float16 total[QUERIES];

  q += q_offset + query * q_stride + head * head_size;
  y += y_offset + query * y_stride + head * head_size;
  keys += head * (long) capacity * (PADDED / 2);
  values += head * (long) capacity * (PADDED / 2);
  if (key_bias)
    key_bias += key_bias_offset;
  if (bias)
    bias += bias_offset + (head * (long) queries + query) * bias_stride;
  for (int i = 0; i < n; i++) {
    maximum[i] = -INFINITY;
    total[i] = 0.0f;
    for (int d = 0; d < PADDED; d += GROUP) {
      __global const float *part = q + i * q_stride + d;

      *(uint16 *) (scaled + i * PADDED + d) = pack_bf16 (
          scale * load_some (part, head_size - d),
          scale * load_some (part + 16, head_size - d - 16));
      *(float16 *) (sums + i * PADDED + d) = 0.0f;
      *(float16 *) (sums + i * PADDED + d + 16) = 0.0f;
    }
  }

  configure_tiles (HALF, HALF);
  for (int span = first / GROUP * GROUP; span < last; span += SPAN) {
    const int begin = max (first - span, 0);
    const int end = min (first + count - span, SPAN);
    const int whole = min (span + SPAN, last), index = span - first;

    take_values (edges, values + span / 2 * (long) PADDED, begin, end);
    take_values (edges + 1, values + (whole - GROUP) / 2 * (long) PADDED,
        begin - (whole - GROUP - span), end - (whole - GROUP - span));
    for (int i = 0; i < n; i += GROUP) {
      score_span (scores, scaled + i * PADDED, keys, span, whole);
      for (int r = 0; r < GROUP && i + r < n; r++) {
        weigh (scores + r * SPAN, sums + (i + r) * PADDED, maximum + i + r,
            total + i + r, BIAS_AT (key_bias, index),
            BIAS_AT (bias, (i + r) * bias_stride + index), begin, end);
        round_weights (weights + r * SPAN, scores + r * SPAN, begin, end);
      }
      value_span (sums + i * PADDED, weights, values, edges, span, whole);
    }
  }
  __asm__ volatile ("tilerelease");

  store_means (y, y_stride, sums, total, n, head_size);
}
