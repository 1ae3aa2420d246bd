/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* picture.c: frames of any size, averaged down to luma and two chromas. */

#include <math.h>
#include <string.h>

#include "models/foley/see/picture.h"

void
picture_clear (Picture * picture)
{
  g_free (picture->y);
  g_free (picture->u);
  g_free (picture->v);
  memset (picture, 0, sizeof *picture);
}

static gboolean
resize (Picture * picture, guint width, guint height)
{
  gsize n = (gsize) width * height;

  if (picture->width == width && picture->height == height)
    return FALSE;
  picture_clear (picture);
  picture->width = width;
  picture->height = height;
  picture->y = g_malloc (n);
  picture->u = g_malloc (n);
  picture->v = g_malloc (n);
  return TRUE;
}

/* Luma of BT.601; chromas as differences, halved to fit into a byte. */
static void
put (Picture * picture, gsize at, int r, int g, int b)
{
  int y = (77 * r + 150 * g + 29 * b + 128) >> 8;

  picture->y[at] = y;
  picture->u[at] = 128 + (b - y) / 2;
  picture->v[at] = 128 + (r - y) / 2;
}

static void
take_all (Picture * picture, const FoleyFrame * frame)
{
  for (guint row = 0; row < frame->height; row++) {
    const guint8 *p = frame->rgb + (gsize) row * frame->stride;

    for (guint column = 0; column < frame->width; column++, p += 3)
      put (picture, (gsize) row * picture->width + column, p[0], p[1], p[2]);
  }
}

/* The mean over the source pixels from @x0 to @x1, @y0 to @y1. */
static void
put_mean (Picture * picture, gsize at, const FoleyFrame * frame,
    const guint x[2], const guint y[2])
{
  guint64 sum[3] = { 0, 0, 0 };
  guint64 n = (guint64) (x[1] - x[0]) * (y[1] - y[0]);

  for (guint row = y[0]; row < y[1]; row++) {
    const guint8 *p =
        frame->rgb + (gsize) row * frame->stride + 3 * (gsize) x[0];

    for (guint column = x[0]; column < x[1]; column++, p += 3) {
      sum[0] += p[0];
      sum[1] += p[1];
      sum[2] += p[2];
    }
  }
  put (picture, at, sum[0] / n, sum[1] / n, sum[2] / n);
}

static void
take_means (Picture * picture, const FoleyFrame * frame)
{
  for (guint row = 0; row < picture->height; row++) {
    guint y[2] = {
      (guint64) row * frame->height / picture->height,
      (guint64) (row + 1) * frame->height / picture->height
    };

    for (guint column = 0; column < picture->width; column++) {
      guint x[2] = {
        (guint64) column * frame->width / picture->width,
        (guint64) (column + 1) * frame->width / picture->width
      };

      put_mean (picture, (gsize) row * picture->width + column, frame, x, y);
    }
  }
}

gboolean
picture_take (Picture * picture, const FoleyFrame * frame)
{
  double pixels = (double) frame->width * frame->height;
  double scale = MIN (1.0, sqrt (FOLEY_PIXELS / pixels));
  guint times = ceil (1 / scale), width, height;
  gboolean other;

  /* One side may be a pixel: the other is bounded all the same. */
  width = CLAMP (lrint (frame->width * scale), 1, FOLEY_PIXELS);
  height = CLAMP (lrint (frame->height * scale), 1, FOLEY_PIXELS);
  if (frame->width % times == 0 && frame->height % times == 0) {
    width = frame->width / times;
    height = frame->height / times;
  }
  other = resize (picture, width, height);
  if (width == frame->width && height == frame->height)
    take_all (picture, frame);
  else
    take_means (picture, frame);
  return other;
}

void
picture_halve (const guint8 * from, guint width, guint height, guint8 * to)
{
  guint half = width / 2;

  for (guint row = 0; row < height / 2; row++) {
    const guint8 *a = from + (gsize) 2 * row * width, *b = a + width;

    for (guint column = 0; column < half; column++)
      to[row * half + column] = (a[2 * column] + a[2 * column + 1]
          + b[2 * column] + b[2 * column + 1] + 2) >> 2;
  }
}
