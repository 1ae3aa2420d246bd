/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gather.cl: copies the input of a product into the form that gemm.cl reads:
 * padded with zeros, upsampled, preceded by the frames of the past, and rounded
 * to bfloat16 where the weights are.
 *
 * The copy is [frames][rows][columns][channels]. Output element type, `format`:
 *   0: float   1: float, rounded to bfloat16   2: bfloat16, two to an uint
 * With format 2 `channels` (of the copy) is even. */

/* Round to nearest, ties to even; NaN stays one. The upper half is the
 * bfloat16. */
uint
round_bf16 (float v)
{
  const uint bits = as_uint (v);

  if ((bits & 0x7fffffff) > 0x7f800000)
    return (bits | 0x00400000) & 0xffff0000;
  return (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000;
}

uint16
round_bf16_16 (float16 v)
{
  const uint16 bits = as_uint16 (v);
  const uint16 rounded = bits + 0x7fff + ((bits >> 16) & 1);
  const int16 is_nan = (bits & 0x7fffffff) > 0x7f800000;

  return select (rounded, bits | 0x00400000, is_nan) & 0xffff0000;
}

/* Sixteen elements of @format at element @at of @to. */
void
store_16 (float16 v, __global float *to, long at, int format)
{
  if (format == 0)
    vstore16 (v, 0, to + at);
  else if (format == 1)
    vstore16 (as_float16 (round_bf16_16 (v)), 0, to + at);
  else
    vstore16 (convert_ushort16 (round_bf16_16 (v) >> 16), 0,
        (__global ushort *) to + at);
}

void
store_1 (float v, __global float *to, long at, int format)
{
  if (format == 0)
    to[at] = v;
  else if (format == 1)
    to[at] = as_float (round_bf16 (v));
  else
    ((__global ushort *) to)[at] = round_bf16 (v) >> 16;
}

/* to[at ... at + padded - 1] = from[0 ... count - 1], then zeros. */
void
copy_elements (__global const float *from, __global float *to, long at,
    int count, int padded, int format)
{
  int c = 0;

  if (from) {
    for (; c + 16 <= count; c += 16)
      store_16 (vload16 (0, from + c), to, at + c, format);
    for (; c < count; c++)
      store_1 (from[c], to, at + c, format);
  }
  for (; c + 16 <= padded; c += 16)
    store_16 (0.0f, to, at + c, format);
  for (; c < padded; c++)
    store_1 (0.0f, to, at + c, format);
}

/* x [frames - past, height, width, channels], history [past, height, width,
 * channels] or NULL for zeros. Row r of a frame of the copy is row
 * first_row + r % step_rows * step + r / step_rows of the (upsampled) image,
 * column c is column c - pad_left; what is outside is zero.
 * The copy begins with frame `first_frame` of (history, x).
 * Work-item (i, j, f): columns i * share ... of row j of frame f. */
__kernel void
gather (__global const float *x, long x_offset, long x_stride,
    __global const float *history, long history_offset, long history_stride,
    int past, int height, int width, int channels, int upsample,
    int first_frame, int first_row, int step, int step_rows, int pad_left,
    __global float *to, int rows, int columns, int padded_channels, int share,
    int format)
{
  const int row = get_global_id (1), frame = first_frame + get_global_id (2);
  const int first = get_global_id (0) * share;
  const int end = min (first + share, columns);
  const int up = upsample ? 1 : 0;
  const int iy = first_row + row % step_rows * step + row / step_rows;
  const long line = get_global_id (2) * (long) rows + row;
  __global const float *from = 0;
  long stride = x_stride;

  if (iy >= 0 && (iy >> up) < height) {
    if (frame >= past) {
      from = x + x_offset
          + ((frame - past) * (long) height + (iy >> up)) * width * x_stride;
    } else if (history) {
      from = history + history_offset
          + (frame * (long) height + (iy >> up)) * width * history_stride;
      stride = history_stride;
    }
  }
  for (int c = first; c < end; c++) {
    const int ix = c - pad_left;
    const bool inside = from && ix >= 0 && (ix >> up) < width;

    copy_elements (inside ? from + (ix >> up) * stride : 0, to,
        (line * columns + c) * padded_channels, channels, padded_channels,
        format);
  }
}
