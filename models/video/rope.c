/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rope.c: rotary positions in three dimensions (WanRotaryPosEmbed of
 * diffusers).
 *
 * The pairs of a head are shared out over time, height and width; each part
 * has frequencies 10000^(-2 i / size of the part) of its own. */

#include <math.h>

#include "models/video/transformer-private.h"

#define THETA 10000.0

void
rope_tables_clear (RopeTables * tables)
{
  g_clear_pointer (&tables->cosine, ocl_tensor_unref);
  g_clear_pointer (&tables->sine, ocl_tensor_unref);
}

/* The angles of one axis's part (@size of the head) at @position. */
static void
add_angles (float *cosine, float *sine, gsize size, gsize position)
{
  for (gsize i = 0; i < size / 2; i++) {
    double angle = position * pow (THETA, -2.0 * i / size);

    cosine[i] = cos (angle);
    sine[i] = sin (angle);
  }
}

void
rope_tables_update (RopeTables * tables, OclContext * cl, gsize head_size,
    gsize f, gsize h, gsize w)
{
  gsize n = f * h * w, half = head_size / 2, token = 0;
  gsize side = 2 * (head_size / 6), time = head_size - 2 * side;
  g_autofree float *cosine = NULL, *sine = NULL;

  if (tables->complete && tables->f == f && tables->h == h && tables->w == w)
    return;
  rope_tables_clear (tables);
  *tables = (RopeTables) {
  .f = f,.h = h,.w = w};
  tables->cosine = ocl_tensor_new (cl, OCL_F32, 2, n, half);
  tables->sine = ocl_tensor_new (cl, OCL_F32, 2, n, half);
  if (!ocl_context_ok (cl))
    return;

  cosine = g_try_new (float, n * half);
  sine = g_try_new (float, n * half);
  if (!cosine || !sine) {
    ocl_context_take_error (cl, g_error_new (OCL_ERROR,
            OCL_ERROR_OUT_OF_MEMORY, "no memory for the positions of %"
            G_GSIZE_FORMAT " tokens", n));
    return;
  }
  for (gsize t = 0; t < f; t++)
    for (gsize y = 0; y < h; y++)
      for (gsize x = 0; x < w; x++, token++) {
        float *c = cosine + token * half, *s = sine + token * half;

        add_angles (c, s, time, t);
        add_angles (c + time / 2, s + time / 2, side, y);
        add_angles (c + (time + side) / 2, s + (time + side) / 2, side, x);
      }
  ocl_tensor_write (cl, tables->cosine, cosine);
  ocl_tensor_write (cl, tables->sine, sine);
  tables->complete = ocl_context_ok (cl);
}
