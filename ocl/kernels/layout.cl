/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* layout.cl: elements put in another order. */

/* y [b, a] = x [a, b]. Work-item: a row of y. */
__kernel void
transpose (__global float *y, long y_at, int y_stride,
    __global const float *x, long x_at, int x_stride, int cols)
{
  const long row = get_global_id (0);

  x += x_at + row;
  y += y_at + row * y_stride;
  for (int i = 0; i < cols; i++)
    y[i] = x[(long) i * x_stride];
}

/* tokens [f/pt * h/ph * w/pw, (c, pt, ph, pw)] from x [c, f, h, w]; or, if
 * `back`, x from tokens whose columns are (pt, ph, pw, c). Work-item: a token,
 * by its place (column, row, time). */
__kernel void
patchify (__global float *tokens, long tokens_at, int tokens_stride,
    __global float *x, long x_at, int channels, int pt, int ph, int pw,
    int back)
{
  const long tw = get_global_id (0), n_w = get_global_size (0);
  const long th = get_global_id (1), n_h = get_global_size (1);
  const long tf = get_global_id (2), n_f = get_global_size (2);
  const long width = n_w * pw, height = n_h * ph, frames = n_f * pt;

  tokens += tokens_at + ((tf * n_h + th) * n_w + tw) * tokens_stride;
  x += x_at + (tf * pt * height + th * ph) * width + tw * pw;
  for (int c = 0; c < channels; c++)
    for (int t = 0; t < pt; t++)
      for (int i = 0; i < ph; i++)
        for (int j = 0; j < pw; j++) {
          __global float *pixel = x + ((c * frames + t) * height + i) * width
              + j;

          if (back)
            *pixel = tokens[((t * ph + i) * pw + j) * channels + c];
          else
            tokens[((c * pt + t) * ph + i) * pw + j] = *pixel;
        }
}

/* y [T, 2H, 2W, C], x [T, H, W, C]. Work-item (column, row of all frames) of
 * y. */
__kernel void
upsample_nearest (__global float *y, long y_at, __global const float *x,
    long x_at, int channels)
{
  const long column = get_global_id (0), width = get_global_size (0);
  const long row = get_global_id (1);

  y += y_at + (row * width + column) * channels;
  x += x_at + (row / 2 * (width / 2) + column / 2) * channels;
  for (int c = 0; c < channels; c++)
    y[c] = x[c];
}
