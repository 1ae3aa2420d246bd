/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-vae-layout.c: channels to time and space, against plain C. */

#include <string.h>

#include "ocl-test.h"

/* [T, H, W, C], its elements distinct */
static float *
numbered (gsize n)
{
  float *values = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    values[i] = i;
  return values;
}

/* @x behind a frame that is not part of it. */
static OclTensor *
new_view (OclContext * cl, gsize t, gsize h, gsize w, gsize c,
    const float *data)
{
  g_autoptr (OclTensor) whole = ocl_tensor_new (cl, OCL_F32, 4, t + 1, h, w, c);
  g_autoptr (OclTensor) rows = ocl_tensor_rows (whole, h * w, t * h * w);
  OclTensor *view = ocl_tensor_reshape (rows, 4, t, h, w, c);

  ocl_tensor_fill (cl, whole, -1);
  if (data)
    ocl_tensor_write (cl, view, data);
  return view;
}

static void
assert_equal (OclContext * cl, OclTensor * y, const float *expected)
{
  gsize bytes = y->rows * y->cols * sizeof (float);
  g_autofree float *values = g_malloc (bytes);
  g_autoptr (GError) error = NULL;

  ocl_tensor_read (cl, y, values, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (values, bytes, expected, bytes);
}

/* As diffusers' DupUp3D: each channel repeated, then split into out, time, row
 * and column. */
static void
duplicate_up (float *y, const float *x, gsize t, gsize h, gsize w, gsize in,
    gsize out, gsize factor, gsize skip)
{
  gsize repeats = out * factor * 4 / in;

  for (gsize f = skip; f < t * factor; f++)
    for (gsize oy = 0; oy < 2 * h; oy++)
      for (gsize ox = 0; ox < 2 * w; ox++)
        for (gsize o = 0; o < out; o++) {
          gsize at = ((o * factor + f % factor) * 2 + oy % 2) * 2 + ox % 2;
          gsize from = (f / factor * h + oy / 2) * w + ox / 2;

          *y++ = x[from * in + at / repeats];
        }
}

static void
test_duplicate_up (void)
{
  static const struct
  {
    gsize t, h, w, in, out, factor, skip;
  } cases[] = {
    {1, 1, 1, 8, 1, 2, 0},
    {1, 2, 3, 8, 8, 2, 1},
    {2, 3, 5, 20, 20, 2, 0},
    {4, 2, 2, 20, 10, 1, 0},
    {1, 3, 1, 6, 3, 1, 0},
    {1, 2, 2, 3, 6, 1, 0},
    {2, 1, 3, 40, 40, 2, 0},
    {3, 5, 4, 5, 10, 2, 1},
    {2, 4, 3, 64, 32, 1, 0},
  };
  g_autoptr (OclContext) cl = test_context_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    gsize t = cases[i].t, h = cases[i].h, w = cases[i].w;
    gsize frames = t * cases[i].factor - cases[i].skip;
    g_autofree float *from = numbered (t * h * w * cases[i].in);
    g_autofree float *expected =
        g_new (float, frames * 4 * h * w * cases[i].out);
    g_autoptr (OclTensor) x = new_view (cl, t, h, w, cases[i].in, from);
    g_autoptr (OclTensor) y =
        new_view (cl, frames, 2 * h, 2 * w, cases[i].out, NULL);

    duplicate_up (expected, from, t, h, w, cases[i].in, cases[i].out,
        cases[i].factor, cases[i].skip);
    ocl_duplicate_up (cl, y, x, cases[i].factor, cases[i].skip);
    assert_equal (cl, y, expected);
  }
}

static void
depth_to_space (float *y, const float *x, gsize t, gsize h, gsize w,
    gsize channels, gsize p)
{
  for (gsize line = 0; line < t * h * p; line++)
    for (gsize ox = 0; ox < w * p; ox++)
      for (gsize c = 0; c < channels; c++) {
        gsize from = line / p * w + ox / p;

        *y++ = x[from * channels * p * p + (c * p + ox % p) * p + line % p];
      }
}

static void
test_depth_to_space (void)
{
  static const struct
  {
    gsize t, h, w, channels, p;
  } cases[] = {
    {1, 1, 1, 3, 1}, {1, 3, 2, 3, 2}, {4, 5, 7, 3, 2}, {2, 2, 3, 1, 3},
  };
  g_autoptr (OclContext) cl = test_context_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    gsize t = cases[i].t, h = cases[i].h, w = cases[i].w;
    gsize c = cases[i].channels, p = cases[i].p, n = t * h * w * c * p * p;
    g_autofree float *from = numbered (n);
    g_autofree float *expected = g_new (float, n);
    g_autoptr (OclTensor) x = new_view (cl, t, h, w, c * p * p, from);
    g_autoptr (OclTensor) y = new_view (cl, t, h * p, w * p, c, NULL);

    depth_to_space (expected, from, t, h, w, c, p);
    ocl_depth_to_space (cl, y, x, p);
    assert_equal (cl, y, expected);
  }
}

/* Shapes that do not fit are an error that names the operation. */
static void
test_misfit (void)
{
  g_autoptr (OclContext) cl = test_context_new (NULL);
  g_autoptr (OclTensor) x = ocl_tensor_new (cl, OCL_F32, 4, 2, 2, 2, 8);
  g_autoptr (OclTensor) y = ocl_tensor_new (cl, OCL_F32, 4, 3, 4, 4, 3);
  g_autoptr (GError) error = NULL;

  ocl_duplicate_up (cl, y, x, 2, 0);
  g_assert_false (ocl_context_finish (cl, &error));
  g_assert_error (error, OCL_ERROR, OCL_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "duplicate_up"));
  g_clear_error (&error);

  ocl_depth_to_space (cl, y, x, 2);
  g_assert_false (ocl_context_finish (cl, &error));
  g_assert_error (error, OCL_ERROR, OCL_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "depth_to_space"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vae-layout/duplicate-up", test_duplicate_up);
  g_test_add_func ("/vae-layout/depth-to-space", test_depth_to_space);
  g_test_add_func ("/vae-layout/misfit", test_misfit);
  return g_test_run ();
}
