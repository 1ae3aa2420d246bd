/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* depthwise.cl: a convolution of each channel by itself. */

#include "common.cl"

#define AT_ONCE 4               /* outputs that one read of a weight serves */

/* Where a work-item reads: weight [k][k][padded channels] and x, both from its
 * first channel on. */
typedef struct
{
  __global const float *x, *weight;
  int width, channels, padded;
  int k, top;                   /* the row of x of the first tap */
  int first, end;               /* rows of taps that lie inside */
} Taps;

/* Sixteen channels, of which @count exist, of the output whose first tap is in
 * column @left. */
float16
sum_one (const Taps *t, int left, int count)
{
  const int begin = max (0, -left), end = min (t->k, t->width - left);
  float16 sum = 0;

  for (int a = t->first; a < t->end; a++)
    for (int b = begin; b < end; b++)
      sum = fma (vload16 (0, t->weight + (long) (a * t->k + b) * t->padded),
          load_some (t->x + ((long) (t->top + a) * t->width + left + b)
              * t->channels, count), sum);
  return sum;
}

/* The same of AT_ONCE outputs, @step elements of x apart, whose taps lie inside
 * the row. */
void
sum_more (const Taps *t, int left, long step, float16 sums[AT_ONCE])
{
  float16 s0 = 0, s1 = 0, s2 = 0, s3 = 0;

  for (int a = t->first; a < t->end; a++) {
    __global const float *from =
        t->x + ((long) (t->top + a) * t->width + left) * t->channels;
    __global const float *weight = t->weight + (long) a * t->k * t->padded;

    for (int b = 0; b < t->k; b++) {
      const float16 w = vload16 (0, weight);

      s0 = fma (w, vload16 (0, from), s0);
      s1 = fma (w, vload16 (0, from + step), s1);
      s2 = fma (w, vload16 (0, from + 2 * step), s2);
      s3 = fma (w, vload16 (0, from + 3 * step), s3);
      from += t->channels;
      weight += t->padded;
    }
  }
  sums[0] = s0;
  sums[1] = s1;
  sums[2] = s2;
  sums[3] = s3;
}

/* y [frames, out_height, out_width, channels], x [frames, height, width,
 * channels], weight [k][k][padded], bias [padded].
 * Work-item (i, j, line): channels 16 i ..., columns j * share ... of a row of
 * all frames of y. */
__kernel void
depthwise (__global float *y, long y_at, __global const float *x, long x_at,
    __global const float *weight, __global const float *bias, int height,
    int width, int channels, int padded, int out_height, int out_width, int k,
    int stride, int pad_top, int pad_left, int share, int activation)
{
  const int channel = get_global_id (0) * 16;
  const int count = min (channels - channel, 16);
  const int line = get_global_id (2), frame = line / out_height;
  const int top = line % out_height * stride - pad_top;
  const int end = min ((int) (get_global_id (1) + 1) * share, out_width);
  const float16 b = vload16 (0, bias + channel);
  const Taps taps = {
    x + x_at + frame * (long) height * width * channels + channel,
    weight + channel, width, channels, padded, k, top,
    max (0, -top), min (k, height - top)
  };
  float16 sums[AT_ONCE];
  int column = get_global_id (1) * share, n;

  y += y_at + line * (long) out_width * channels + channel;
  for (; column < end; column += n) {
    const int left = column * stride - pad_left;

    n = column + AT_ONCE <= end && count == 16 && left >= 0
        && left + (AT_ONCE - 1) * stride + k <= width ? AT_ONCE : 1;
    if (n == 1)
      sums[0] = sum_one (&taps, left, count);
    else
      sum_more (&taps, left, (long) stride * channels, sums);
    for (int i = 0; i < n; i++)
      store_some (activate_16 (sums[i] + b, activation),
          y + (long) (column + i) * channels, count);
  }
}
