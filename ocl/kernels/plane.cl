/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* plane.cl: the input of a product, frames of positions `x_stride` elements apart.
 * Run r starts r / lines frames further on, and then as line l = r % lines of the
 * taps: of every `step` lines of the input the plane has the first ones, then the
 * second ones, `x_step_stride` further on, and so on. */

#define PLANE_PARAMETERS                                                \
    long x_offset, long x_stride, long x_frame_stride,                  \
    long x_line_stride, long x_step_stride, int step, int lines

#define PLANE_ARGUMENTS                                                 \
    x_offset, x_stride, x_frame_stride, x_line_stride, x_step_stride,   \
    step, lines

/* Where run @run of a position of a frame begins. */
long
find_run (int frame, int position, int run, PLANE_PARAMETERS)
{
  return x_offset + position * x_stride
      + (frame + run / lines) * x_frame_stride
      + run % lines / step * x_line_stride
      + run % lines % step * x_step_stride;
}
