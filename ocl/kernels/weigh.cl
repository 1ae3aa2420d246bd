/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* weigh.cl: what attention.cl and attention-tiles.cl share: the softmax of a
 * block of scores, its end, and turning keys round.  Option: PADDED: the head size,
 * padded. */

#include "vector.cl"

/* A greater score is the new maximum only if it is greater by this: weights may
 * well be e^8, and most blocks bring no greater one. */
#define SLACK 8.0f

/* Rows become columns: a number's row and column are the two halves of its index,
 * and each of four rounds rotates the index by one bit. */
void
transpose_16 (float16 *rows)
{
#pragma unroll
  for (int round = 0; round < 4; round++) {
    float16 next[16];

#pragma unroll
    for (int i = 0; i < 8; i++) {
      next[2 * i].even = rows[i].lo;
      next[2 * i].odd = rows[i + 8].lo;
      next[2 * i + 1].even = rows[i].hi;
      next[2 * i + 1].odd = rows[i + 8].hi;
    }
#pragma unroll
    for (int i = 0; i < 16; i++)
      rows[i] = next[i];
  }
}

/* Numbers of @from where the index is in begin ... end - 1; else 0. */
float16
load_between (__global const float *from, int begin, int end)
{
  float v[16];

  if (begin <= 0 && end >= 16)
    return vload16 (0, from);
  for (int i = 0; i < 16; i++)
    v[i] = i >= begin && i < end ? from[i] : 0.0f;
  return vload16 (0, v);
}

/* A query's scores of a block become weights; @sums and @total are brought to
 * the new maximum, if there is one, and @total grows. Keys begin ... end - 1 of the block count;
 * the biases, if any, are those of the block's first key. */
__attribute__ ((always_inline)) void
weigh (float *scores, float *sums, float *maximum,
    float16 *total, __global const float *key_bias,
    __global const float *bias, int begin, int end)
{
  const int16 lane = (int16) (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
      14, 15);
  const int start = begin / 16 * 16;
  float16 highest = -INFINITY, sum = 0.0f;
  float now;

  for (int j = start; j < end; j += 16) {
    float16 s = *(float16 *) (scores + j);

    if (key_bias)
      s += load_between (key_bias + j, begin - j, end - j);
    if (bias)
      s += load_between (bias + j, begin - j, end - j);
    if (begin > j || end < j + 16)
      s = select ((float16) -INFINITY, s,
          lane + j >= (int16) begin && lane + j < (int16) end);
    *(float16 *) (scores + j) = s;
    highest = select (highest, s, s > highest);
  }
  now = max_16 (highest);
  if (now > *maximum + SLACK) {
    const float shrink = exp_16 ((float16) (*maximum - now)).s0;

    *maximum = now;
    *total *= shrink;
    for (int d = 0; d < PADDED; d += 16)
      *(float16 *) (sums + d) *= shrink;
  }
  now = *maximum;
  if (now == -INFINITY)         /* all keys so far are masked by a bias */
    now = 0.0f;
  for (int j = start; j < end; j += 16) {
    const float16 e = exp_16_inline (*(float16 *) (scores + j) - now);

    *(float16 *) (scores + j) = e;
    sum += e;
  }
  *total += sum;
}

/* Where the biases of a block are, or NULL: of its first key, which may lie
 * before the keys that count. */
#define BIAS_AT(from, index) ((from) ? (from) + (index) : 0)

/* y [queries][y_stride] = sums [queries][PADDED] / total */
__attribute__ ((always_inline)) void
store_means (__global float *y, long y_stride, const float *sums,
    const float16 *total, int queries, int head_size)
{
  for (int i = 0; i < queries; i++) {
    const float part = 1.0f / sum_16 (total[i]);

    for (int d = 0; d < head_size; d += 16)
      store_some (*(const float16 *) (sums + i * PADDED + d) * part,
          y + i * y_stride + d, head_size - d);
  }
}
