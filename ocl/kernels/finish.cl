/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* finish.cl: what surrounds a product that a library makes. */

#include "epilogue.cl"

/* The epilogue of a product left in memory: frame f's position p is row
 * f * positions + p of product [rows, outputs].
 * Work-item (i, p, f): sixteen columns i of that row. */
__kernel void
finish (__global const float *product, int positions, EPILOGUE_PARAMETERS)
{
  const int column = get_global_id (0) * 16;
  const int position = get_global_id (1);
  const int frame = get_global_id (2);
  const long row = frame * (long) positions + position;
  const long to = output_row (frame, position, pitch, width, y_frame_rows);

  if (to >= 0)
    finish_some (load_some (product + row * outputs + column,
            outputs - column), to, column, EPILOGUE_ARGUMENTS);
}

/* bfloat16 as float: its bits are the upper half. */
__kernel void
widen (__global const ushort *from, long offset, __global uint *to)
{
  const long i = get_global_id (0);

  to[i] = (uint) from[offset + i] << 16;
}
