/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gather.cl: copies the input of a product into the form that gemm.cl reads:
 * padded with zeros, upsampled, preceded by the frames of the past, and rounded
 * to bfloat16 where the weights are.
 *
 * The copy is [frames][rows][columns][channels]. Output element type, `format`:
 *   0: float   1: float, rounded to bfloat16   2: bfloat16, two to an uint
 * With format 2 `channels` (of the copy) is even. x and history are float, or
 * both bfloat16. */

#include "bf16.cl"

typedef struct
{
  __global float *to;
  int bf16;                     /* x and history hold bfloat16 */
  int format;
} Copy;

/* to[at ...] = from[first ... first + channels - 1], then zeros, @padded
 * elements in all; only zeros if @from is NULL. */
void
copy_elements (const Copy *copy, long at, int padded,
    __global const float *from, long first, int channels)
{
  const int bf16 = copy->bf16, packed = copy->format == 2;
  const int count = from ? channels : 0;
  int c = 0;

  if (bf16 && packed)
    for (; c + 16 <= count; c += 16)
      store_bf16 (load_bf16 ((__global const ushort *) from + first + c),
          (__global ushort *) copy->to + at + c);
  for (; c + 16 <= count; c += 16) {
    float16 v = load_16 (from, first + c, bf16);

    if (copy->format == 1)
      v = as_float16 (round_bf16_16 (v));
    store_16 (v, copy->to, at + c, packed);
  }
  for (; c < count; c++) {
    float v = load_1 (from, first + c, bf16);

    if (copy->format == 1)
      v = as_float (round_bf16 (v));
    store_1 (v, copy->to, at + c, packed);
  }
  for (; c + 16 <= padded; c += 16)
    store_16 (0.0f, copy->to, at + c, packed);
  for (; c < padded; c++)
    store_1 (0.0f, copy->to, at + c, packed);
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
    int format, int bf16)
{
  const Copy copy = { to, bf16, format };
  const int row = get_global_id (1), frame = first_frame + get_global_id (2);
  const int first = get_global_id (0) * share;
  const int end = min (first + share, columns);
  const int up = upsample ? 1 : 0;
  const int iy = first_row + row % step_rows * step + row / step_rows;
  const long line = get_global_id (2) * (long) rows + row;
  __global const float *from = 0;
  long start = 0, stride = x_stride;

  if (iy >= 0 && (iy >> up) < height) {
    if (frame >= past) {
      from = x;
      start = x_offset
          + ((frame - past) * (long) height + (iy >> up)) * width * x_stride;
    } else if (history) {
      from = history;
      start = history_offset
          + (frame * (long) height + (iy >> up)) * width * history_stride;
      stride = history_stride;
    }
  }
  for (int c = first; c < end;) {
    const int ix = c - pad_left;
    const bool inside = ix >= 0 && (ix >> up) < width;
    int run = 1;

    /* Positions that follow each other on both sides are one. */
    if (inside && !up && stride == channels && channels == padded_channels)
      run = min (end - c, width - ix);
    copy_elements (&copy, (line * columns + c) * padded_channels,
        run * padded_channels, inside ? from : 0,
        start + (ix >> up) * stride, run * channels);
    c += run;
  }
}
