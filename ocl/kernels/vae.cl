/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vae.cl: how the Wan 2.2 VAE lays channels out in time and space. */

/* y [t f - skip, 2 h, 2 w, out], x [t, h, w, in]. Channel o of the a-th frame,
 * b-th row and c-th column that a position becomes is its channel
 * (((o f + a) 2 + b) 2 + c) / repeats.
 * Work-item (o, y's column, y's row of all frames). */
__kernel void
duplicate_up (__global float *y, long y_offset, __global const float *x,
    long x_offset, int height, int width, int in, int factor_t, int skip,
    int repeats)
{
  const int o = get_global_id (0), out = get_global_size (0);
  const int ox = get_global_id (1), line = get_global_id (2);
  const int frame = line / (2 * height) + skip, oy = line % (2 * height);
  const int at = (o * factor_t + frame % factor_t) * 4 + oy % 2 * 2 + ox % 2;
  const long from = (frame / factor_t * (long) height + oy / 2) * width
      + ox / 2;

  y[y_offset + (line * 2L * width + ox) * out + o] =
      x[x_offset + from * in + at / repeats];
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
