/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* frame.cl: RGB in -1 ... 1 to the 8-bit formats of video. Planes lie in `y`
 * one after the other, without padding; behind them, from `broken_at` on, a byte
 * of each work-item: whether it met NaN or infinity. */

/* All bits of a float's exponent: of NaN and infinity alone. */
#define EXPONENT 0x7f800000

/* Each channel in 0 ... 1; what is NaN or infinite is 0, and raises *broken. */
float3
rgb_at (__global const float *x, int width, int row, int column, int *broken)
{
  const float3 v = vload3 (row * (long) width + column, x);
  const int3 bad = (as_int3 (v) & EXPONENT) == EXPONENT;

  *broken |= any (bad);
  return select (clamp (v * 0.5f + 0.5f, 0.0f, 1.0f), (float3) (0), bad);
}

/* Work-item: a row. `order` gives each byte of a pixel its channel; 3 is opaque
 * alpha. */
__kernel void
to_rgb (__global uchar *y, __global const float *x, long x_at, int width,
    int bytes, int4 order, int broken_at)
{
  const int row = get_global_id (0);
  const int source[4] = { order.x, order.y, order.z, order.w };
  __global uchar *flag = y + broken_at + row;
  int broken = 0;

  x += x_at;
  y += row * (long) width * bytes;
  for (int i = 0; i < width; i++) {
    const float3 v = rint (rgb_at (x, width, row, i, &broken) * 255);
    const float channels[4] = { v.x, v.y, v.z, 255 };

    for (int b = 0; b < bytes; b++)
      y[i * bytes + b] = channels[source[b]];
  }
  *flag = broken;
}

/* Limited range: luma 16 ... 235, chroma 16 ... 240; the chroma of a square of
 * four pixels (of those that exist, at odd edges) is that of their mean.
 * kr, kb: the luma weights of red and blue (ITU-R BT.601, BT.709).
 * `step` is 1 for planes U, V and 2 for UV pairs. Work-item: two rows. */
__kernel void
to_yuv (__global uchar *y, __global const float *x, long x_at, int width,
    int height, float kr, float kb, int u_at, int v_at, int step, int broken_at)
{
  const int chroma_row = get_global_id (0), chroma_width = (width + 1) / 2;
  const float3 luma = (float3) (kr, 1 - kr - kb, kb);
  const int rows = min (2, height - 2 * chroma_row);
  int broken = 0;

  x += x_at;
  for (int c = 0; c < chroma_width; c++) {
    const int columns = min (2, width - 2 * c);
    const int at = (chroma_row * chroma_width + c) * step;
    float3 mean = 0;

    for (int i = 0; i < rows; i++)
      for (int j = 0; j < columns; j++) {
        const int row = 2 * chroma_row + i, column = 2 * c + j;
        const float3 v = rgb_at (x, width, row, column, &broken);

        y[row * (long) width + column] = rint (16 + 219 * dot (luma, v));
        mean += v;
      }
    mean /= rows * columns;

    const float l = dot (luma, mean);
    y[u_at + at] = rint (128 + 112 * (mean.z - l) / (1 - kb));
    y[v_at + at] = rint (128 + 112 * (mean.x - l) / (1 - kr));
  }
  y[broken_at + chroma_row] = broken;
}
