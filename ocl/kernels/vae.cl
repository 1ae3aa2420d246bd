/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vae.cl: how the Wan 2.2 VAE lays channels out in time and space. */

/* to[i] = from[i * step]; a step that is known lets the loop be vectors. */
void
copy_channels (__global float *to, __global const float *from, int step, int n)
{
  int i = 0;

  if (step == 1) {
    for (; i + 16 <= n; i += 16)
      vstore16 (vload16 (0, from + i), 0, to + i);
  } else if (step == 2) {
    for (; i + 16 < n; i += 16) {
      const float16 a = vload16 (0, from + 2 * i);
      const float16 b = vload16 (0, from + 2 * i + 16);

      vstore16 ((float16) (a.even, b.even), 0, to + i);
    }
  }
  for (; i < n; i++)
    to[i] = from[i * step];
}

/* y [t f - skip, 2 h, 2 w, out], x [t, h, w, in]. Channel o of the a-th frame,
 * b-th row and c-th column that a position becomes is its channel
 * (((o f + a) 2 + b) 2 + c) / repeats: in steps of 4 f / repeats, if that is
 * whole.
 * Work-item (i, j): columns i * share ... of row j of all frames of y. */
__kernel void
duplicate_up (__global float *y, long y_offset, __global const float *x,
    long x_offset, int height, int width, int in, int out, int factor_t,
    int skip, int repeats, int share)
{
  const int line = get_global_id (1);
  const int column = get_global_id (0) * share;
  const int end = min (column + share, 2 * width);
  const int frame = line / (2 * height) + skip, oy = line % (2 * height);
  const long from = (frame / factor_t * (long) height + oy / 2) * width;
  const int step = 4 * factor_t / repeats;

  y += y_offset + (line * 2L * width + column) * out;
  x += x_offset + from * in;
  for (int ox = column; ox < end; ox++, y += out) {
    const int first = (frame % factor_t * 2 + oy % 2) * 2 + ox % 2;
    __global const float *position = x + ox / 2 * (long) in;

    if (step * repeats == 4 * factor_t) {
      copy_channels (y, position + first / repeats, step, out);
      continue;
    }
    for (int o = 0; o < out; o++)
      y[o] = position[(o * 4 * factor_t + first) / repeats];
  }
}

/* y [t, h p, w p, c], x [t, h, w, c p p]. Channel (c p + q) p + r of x is the
 * pixel in column q and row r of its p x p.
 * Work-item (y's column, y's row of all frames). */
__kernel void
depth_to_space (__global float *y, long y_offset, __global const float *x,
    long x_offset, int channels, int p)
{
  const int ox = get_global_id (0), width = get_global_size (0);
  const int line = get_global_id (1);
  const int q = ox % p, r = line % p;
  const long from = (line / p) * (long) (width / p) + ox / p;

  for (int c = 0; c < channels; c++)
    y[y_offset + (line * (long) width + ox) * channels + c] =
        x[x_offset + (from * channels + c) * p * p + q * p + r];
}
