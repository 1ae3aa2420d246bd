/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-frame.c: conversion of frames to the formats of video, against plain C;
 * odd sizes, padded strides. */

#include <string.h>

#include "ocl-test.h"

#define PADDING 7               /* bytes after each row */
#define UNTOUCHED 0xa5

typedef struct
{
  guint width, height;
  float *x;                     /* [height, width, 3] */
  guint8 *planes[3];
  gsize strides[3], rows[3];
} Picture;

static double
channel (const Picture * p, guint y, guint x, guint c)
{
  return CLAMP (p->x[(y * p->width + x) * 3 + c] * 0.5 + 0.5, 0, 1);
}

static void
picture_init (Picture * p, guint width, guint height, const gsize widths[3],
    const gsize rows[3])
{
  gsize n = (gsize) width * height * 3;

  *p = (Picture) {
  .width = width,.height = height};
  p->x = test_random (n);
  for (gsize i = 0; i < n; i++)
    p->x[i] *= 1.3;             /* beyond the range at times */
  for (guint i = 0; i < 3; i++) {
    p->strides[i] = widths[i] + PADDING;
    p->rows[i] = rows[i];
    p->planes[i] = g_malloc (MAX (p->strides[i] * rows[i], 1));
    memset (p->planes[i], UNTOUCHED, p->strides[i] * rows[i]);
  }
}

static void
picture_clear (Picture * p)
{
  g_free (p->x);
  for (guint i = 0; i < 3; i++)
    g_free (p->planes[i]);
}

static void
read_picture (OclContext * cl, Picture * p, OclFrameFormat format,
    OclMatrix matrix)
{
  const OclFrame frame = {
    .format = format,.width = p->width,.height = p->height,
    .planes = {p->planes[0], p->planes[1], p->planes[2]},
    .strides = {p->strides[0], p->strides[1], p->strides[2]}
  };
  g_autoptr (OclTensor) x =
      ocl_tensor_new (cl, OCL_F32, 3, p->height, p->width, 3);
  g_autoptr (GError) error = NULL;

  ocl_tensor_write (cl, x, p->x);
  ocl_frame_read (cl, &frame, x, matrix, &error);
  g_assert_no_error (error);
}

/* Equal, or one apart where rounding was near the edge; padding untouched. */
static void
assert_byte (const Picture * p, guint plane, guint row, guint at, double wanted)
{
  double got = p->planes[plane][row * p->strides[plane] + at];

  g_assert_cmpfloat (fabs (got - wanted), <=, 0.501);
}

static void
assert_padding (const Picture * p, guint plane)
{
  for (gsize row = 0; row < p->rows[plane]; row++)
    for (guint i = 1; i <= PADDING; i++)
      g_assert_cmpint (p->planes[plane][(row + 1) * p->strides[plane] - i], ==,
          UNTOUCHED);
}

static void
check_rgb (OclContext * cl, OclFrameFormat format, guint width, guint height)
{
  static const guint orders[][4] = { {0, 1, 2}, {0, 1, 2, 3}, {2, 1, 0, 3} };
  const guint *order = orders[format - OCL_FRAME_RGB];
  guint bytes = format == OCL_FRAME_RGB ? 3 : 4;
  Picture p;

  picture_init (&p, width, height, (gsize[]) {
      width * bytes, 0, 0}, (gsize[]) {
      height, 0, 0});
  read_picture (cl, &p, format, OCL_MATRIX_BT601);
  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++)
      for (guint b = 0; b < bytes; b++)
        assert_byte (&p, 0, y, x * bytes + b,
            order[b] == 3 ? 255 : 255 * channel (&p, y, x, order[b]));
  assert_padding (&p, 0);
  picture_clear (&p);
}

/* The YCbCr of RGB in 0 ... 1, limited range (BT.601 and BT.709, item 3). */
static void
to_yuv (const double rgb[3], OclMatrix matrix, double yuv[3])
{
  double kr = matrix == OCL_MATRIX_BT601 ? 0.299 : 0.2126;
  double kb = matrix == OCL_MATRIX_BT601 ? 0.114 : 0.0722;
  double l = kr * rgb[0] + (1 - kr - kb) * rgb[1] + kb * rgb[2];

  yuv[0] = 16 + 219 * l;
  yuv[1] = 128 + 224 * (rgb[2] - l) / (2 * (1 - kb));
  yuv[2] = 128 + 224 * (rgb[0] - l) / (2 * (1 - kr));
}

/* The mean colour of the square of which (2 x, 2 y) is the first pixel. */
static void
square_mean (const Picture * p, guint x, guint y, double mean[3])
{
  guint n = 0;

  mean[0] = mean[1] = mean[2] = 0;
  for (guint i = 2 * y; i < MIN (2 * y + 2, p->height); i++)
    for (guint j = 2 * x; j < MIN (2 * x + 2, p->width); j++, n++)
      for (guint c = 0; c < 3; c++)
        mean[c] += channel (p, i, j, c);
  for (guint c = 0; c < 3; c++)
    mean[c] /= n;
}

static void
check_yuv (OclContext * cl, gboolean nv12, OclMatrix matrix, guint width,
    guint height)
{
  gsize cw = (width + 1) / 2, ch = (height + 1) / 2;
  double rgb[3], yuv[3];
  Picture p;

  picture_init (&p, width, height, (gsize[]) {
      width, nv12 ? 2 * cw : cw, nv12 ? 0 : cw}, (gsize[]) {
      height, ch, nv12 ? 0 : ch});
  read_picture (cl, &p, nv12 ? OCL_FRAME_NV12 : OCL_FRAME_I420, matrix);
  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++) {
      for (guint c = 0; c < 3; c++)
        rgb[c] = channel (&p, y, x, c);
      to_yuv (rgb, matrix, yuv);
      assert_byte (&p, 0, y, x, yuv[0]);
    }
  for (guint y = 0; y < ch; y++)
    for (guint x = 0; x < cw; x++) {
      square_mean (&p, x, y, rgb);
      to_yuv (rgb, matrix, yuv);
      assert_byte (&p, 1, y, nv12 ? 2 * x : x, yuv[1]);
      assert_byte (&p, nv12 ? 1 : 2, y, nv12 ? 2 * x + 1 : x, yuv[2]);
    }
  for (guint i = 0; i < 3; i++)
    assert_padding (&p, i);
  picture_clear (&p);
}

static const guint sizes[][2] = { {1, 1}, {16, 16}, {5, 7}, {33, 2} };

static void
test_rgb (void)
{
  g_autoptr (OclContext) cl = test_context_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (OclFrameFormat f = OCL_FRAME_RGB; f <= OCL_FRAME_BGRX; f++)
      check_rgb (cl, f, sizes[i][0], sizes[i][1]);
}

static void
test_yuv (void)
{
  g_autoptr (OclContext) cl = test_context_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint k = 0; k < 4; k++)
      check_yuv (cl, k & 1, k & 2 ? OCL_MATRIX_BT709 : OCL_MATRIX_BT601,
          sizes[i][0], sizes[i][1]);
}

static void
test_wrong_size (void)
{
  g_autoptr (OclContext) cl = test_context_new (NULL);
  g_autoptr (OclTensor) x = ocl_tensor_new (cl, OCL_F32, 3, 4, 4, 3);
  guint8 pixels[5 * 4 * 3];
  const OclFrame frame = {
    .format = OCL_FRAME_RGB,.width = 5,.height = 4,.planes = {pixels},
    .strides = {15}
  };
  g_autoptr (GError) error = NULL;

  g_assert_false (ocl_frame_read (cl, &frame, x, OCL_MATRIX_BT601, &error));
  g_assert_error (error, OCL_ERROR, OCL_ERROR_INVALID);
}

/* One value that is no number, in the last column: the frame is refused, with
 * a defined byte in its place, and the next frame is well again. */
static void
check_broken (OclContext * cl, OclFrameFormat format, float value)
{
  enum
  { WIDTH = 5, HEIGHT = 3 };
  g_autofree float *values = test_random (WIDTH * HEIGHT * 3);
  g_autoptr (OclTensor) x = ocl_tensor_new (cl, OCL_F32, 3, HEIGHT, WIDTH, 3);
  guint8 planes[3][WIDTH * HEIGHT * 4];
  const OclFrame frame = {
    .format = format,.width = WIDTH,.height = HEIGHT,
    .planes = {planes[0], planes[1], planes[2]},
    .strides = {WIDTH * 4, WIDTH + 1, WIDTH + 1}
  };
  g_autoptr (GError) error = NULL;
  float good;

  good = values[WIDTH * 3 * 2 - 1];
  values[WIDTH * 3 * 2 - 1] = value;
  ocl_tensor_write (cl, x, values);
  g_assert_false (ocl_frame_read (cl, &frame, x, OCL_MATRIX_BT601, &error));
  g_assert_error (error, OCL_ERROR, OCL_ERROR_NUMERIC);
  if (format == OCL_FRAME_RGB)
    g_assert_cmpint (planes[0][WIDTH * 4 + WIDTH * 3 - 1], ==, 0);

  values[WIDTH * 3 * 2 - 1] = good;
  ocl_tensor_write (cl, x, values);
  g_assert_true (ocl_frame_read (cl, &frame, x, OCL_MATRIX_BT601, NULL));
}

static void
test_broken (void)
{
  static const float values[] = { NAN, -NAN, INFINITY, -INFINITY };
  g_autoptr (OclContext) cl = test_context_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    for (OclFrameFormat f = OCL_FRAME_RGB; f <= OCL_FRAME_NV12; f++)
      check_broken (cl, f, values[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ocl/frame/rgb", test_rgb);
  g_test_add_func ("/ocl/frame/yuv", test_yuv);
  g_test_add_func ("/ocl/frame/broken", test_broken);
  g_test_add_func ("/ocl/frame/wrong-size", test_wrong_size);
  return g_test_run ();
}
