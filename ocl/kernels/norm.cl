/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* norm.cl: norms and softmax over the last dimension.
 *
 * LANES work-items share a row (1 on CPU devices, where a work-item is a
 * vector loop). A tensor is its memory, the element it begins at and the
 * elements from row to row. */

#include "common.cl"
#include "bf16.cl"

#define GROUP __attribute__ ((reqd_work_group_size (LANES, 1, 1)))

/* Runs `vector` for blocks of 16 columns at i and `scalar` for the columns
 * that are left over, spread over the lanes. */
#define FOR_COLUMNS(cols, vector, scalar) \
  for (int i = get_local_id (0) * 16; i + 16 <= (cols); i += LANES * 16) \
    vector; \
  for (int i = (cols) / 16 * 16 + get_local_id (0); i < (cols); i += LANES) \
    scalar

#if LANES == 1
#define SCRATCH
#define SHARE(combine, v) (v)
#else
#define SCRATCH __local float scratch[LANES];
#define SHARE(combine, v) share_##combine (v, scratch)

float
share_sum (float v, __local float *scratch)
{
  const int lane = get_local_id (0);

  barrier (CLK_LOCAL_MEM_FENCE);
  scratch[lane] = v;
  for (int step = LANES / 2; step > 0; step /= 2) {
    barrier (CLK_LOCAL_MEM_FENCE);
    if (lane < step)
      scratch[lane] += scratch[lane + step];
  }
  barrier (CLK_LOCAL_MEM_FENCE);
  return scratch[0];
}

float
share_max (float v, __local float *scratch)
{
  const int lane = get_local_id (0);

  barrier (CLK_LOCAL_MEM_FENCE);
  scratch[lane] = v;
  for (int step = LANES / 2; step > 0; step /= 2) {
    barrier (CLK_LOCAL_MEM_FENCE);
    if (lane < step)
      scratch[lane] = fmax (scratch[lane], scratch[lane + step]);
  }
  barrier (CLK_LOCAL_MEM_FENCE);
  return scratch[0];
}
#endif

#define HAS_WEIGHT 1
#define HAS_BIAS 2
#define HAS_SHIFT 4
#define HAS_SCALE 8

__kernel GROUP void
layer_norm (__global float *y, long y_at, int y_stride,
    __global const float *x, long x_at, int x_stride, int cols, int rows,
    __global const float *weight, long weight_at, __global const float *bias,
    long bias_at, __global const float *shift, long shift_at, int shift_stride,
    int shift_rows, __global const float *scale, long scale_at,
    int scale_stride, int scale_rows, int has, float eps)
{
  SCRATCH
  const long row = get_global_id (1);
  float16 sum = 0;
  float rest = 0;

  x += x_at + row * x_stride;
  y += y_at + row * y_stride;
  weight += weight_at;
  bias += bias_at;
  shift += shift_at + row * shift_rows / rows * shift_stride;
  scale += scale_at + row * scale_rows / rows * scale_stride;

  FOR_COLUMNS (cols, sum += vload16 (0, x + i), rest += x[i]);
  const float mean = SHARE (sum, sum_16 (sum) + rest) / cols;

  sum = 0;
  rest = 0;
  FOR_COLUMNS (cols, {
      const float16 d = vload16 (0, x + i) - mean;
      sum = fma (d, d, sum);
    }, rest += (x[i] - mean) * (x[i] - mean));
  const float variance = SHARE (sum, sum_16 (sum) + rest) / cols;
  const float r = 1 / sqrt (variance + eps);

  FOR_COLUMNS (cols, {
      float16 v = (vload16 (0, x + i) - mean) * r;
      if (has & HAS_WEIGHT)
        v *= vload16 (0, weight + i);
      if (has & HAS_BIAS)
        v += vload16 (0, bias + i);
      if (has & HAS_SCALE)
        v *= 1 + vload16 (0, scale + i);
      if (has & HAS_SHIFT)
        v += vload16 (0, shift + i);
      vstore16 (v, 0, y + i);
    }, {
      float v = (x[i] - mean) * r;
      if (has & HAS_WEIGHT)
        v *= weight[i];
      if (has & HAS_BIAS)
        v += bias[i];
      if (has & HAS_SCALE)
        v *= 1 + scale[i];
      if (has & HAS_SHIFT)
        v += shift[i];
      y[i] = v;
    });
}

/* y = act (x * weight / f (sum of squares)), where f is
 * sqrt (sum / cols + eps), or the Wan VAE's max (sqrt (sum), 1e-12) / sqrt (cols)
 * if `channel`. y holds bfloat16 if `bf16`. Work-item (lane, i): rows
 * i * share ... */
__kernel GROUP void
root_norm (__global float *y, long y_at, int y_stride,
    __global const float *x, long x_at, int x_stride, int rows, int cols,
    __global const float *weight, long weight_at, int has, float eps,
    int channel, int activation, int bf16, int share)
{
  SCRATCH
  const int first = get_global_id (1) * share;
  const int end = min (first + share, rows);
  long to = y_at + first * (long) y_stride;

  x += x_at + first * (long) x_stride;
  weight += weight_at;
  for (int row = first; row < end; row++, x += x_stride, to += y_stride) {
    float16 sum = 0;
    float rest = 0;

    FOR_COLUMNS (cols, {
        const float16 v = vload16 (0, x + i);
        sum = fma (v, v, sum);
      }, rest += x[i] * x[i]);
    const float squares = SHARE (sum, sum_16 (sum) + rest);
    const float r = channel ? sqrt ((float) cols)
        / fmax (sqrt (squares), 1e-12f) : 1 / sqrt (squares / cols + eps);

    FOR_COLUMNS (cols, {
        float16 v = vload16 (0, x + i) * r;
        if (has)
          v *= vload16 (0, weight + i);
        store_16 (activate_16 (v, activation), y, to + i, bf16);
      }, {
        const float v = has ? x[i] * r * weight[i] : x[i] * r;
        store_1 (activate_1 (v, activation), y, to + i, bf16);
      });
  }
}

__kernel GROUP void
softmax (__global float *y, long y_at, int y_stride, __global const float *x,
    long x_at, int x_stride, int cols)
{
  SCRATCH
  const long row = get_global_id (1);
  float16 most = -INFINITY;
  float16 sum = 0;
  float rest = -INFINITY;

  x += x_at + row * x_stride;
  y += y_at + row * y_stride;

  FOR_COLUMNS (cols, most = fmax (most, vload16 (0, x + i)),
      rest = fmax (rest, x[i]));
  const float top = SHARE (max, fmax (max_16 (most), rest));

  rest = 0;
  FOR_COLUMNS (cols, {
      const float16 e = exp (vload16 (0, x + i) - top);
      vstore16 (e, 0, y + i);
      sum += e;
    }, {
      const float e = exp (x[i] - top);
      y[i] = e;
      rest += e;
    });
  const float r = 1 / SHARE (sum, sum_16 (sum) + rest);

  FOR_COLUMNS (cols, vstore16 (vload16 (0, y + i) * r, 0, y + i), y[i] *= r);
}
