/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cutout.c: a square of a frame, resized as Pillow's bilinear filter does: a
 * triangle over all pixels that come together, as the network was taught. */

#include <math.h>
#include <string.h>

#include "models/foley/finder/cutout.h"

#define MARGIN .1f              /* of the box, on each side */

/* Of pixels, as classify_recipe.py has them. */
#define MEAN 127
#define DEVIATION 128

/* One dimension of the square: in pixels of the frame. */
typedef struct
{
  int first, side, n;           /* where it begins; its size; the frame's */
} Span;

/* Which of the frame's lines make which of the cut-out. */
typedef struct
{
  int first[CUTOUT_SIZE], n[CUTOUT_SIZE];
  float *weights;               /* [CUTOUT_SIZE][most], sum 1 with those outside */
  int most;
} Taps;

/* ---- the square ------------------------------------------------------------------ */

/* Moved into the frame as far as it fits. */
static Span
find_span (float middle, int side, int n)
{
  Span span = {.side = side,.n = n };

  span.first = lroundf (middle - side / 2.f);
  span.first = side < n ? CLAMP (span.first, 0, n - side) : (n - side) / 2;
  return span;
}

static gboolean
find_square (const FoleyFrame * frame, float x0, float y0, float x1, float y1,
    Span * x, Span * y)
{
  int width = frame->width, height = frame->height, shorter, side;
  float large;

  /* also of what is not a number */
  if (!(x0 > -1 && y0 > -1 && x1 < 2 && y1 < 2 && x0 < x1 && y0 < y1)
      || width < 1 || height < 1)
    return FALSE;
  x0 = MAX (x0, 0) * width;
  x1 = MIN (x1, 1) * width;
  y0 = MAX (y0, 0) * height;
  y1 = MIN (y1, 1) * height;
  large = MAX (x1 - x0, y1 - y0);
  shorter = MIN (width, height);
  if (x0 >= x1 || y0 >= y1)
    return FALSE;
  side = MAX (1, lroundf (MAX (large, MIN ((1 + 2 * MARGIN) * large,
                  shorter))));
  *x = find_span ((x0 + x1) / 2, side, width);
  *y = find_span ((y0 + y1) / 2, side, height);
  return TRUE;
}

/* ---- resizing -------------------------------------------------------------------- */

/* Returns the weights, which are the caller's. */
static float *
taps_init (Taps * taps, const Span * span)
{
  float scale = span->side / (float) CUTOUT_SIZE, reach = MAX (scale, 1);

  taps->most = 2 * ceilf (reach) + 1;
  taps->weights = g_new0 (float, CUTOUT_SIZE * taps->most);
  for (int i = 0; i < CUTOUT_SIZE; i++) {
    float middle = (i + .5f) * scale, sum = 0;
    float *weights = taps->weights + i * taps->most;
    int begin = MAX ((int) (middle - reach + .5f), 0);
    int end = MIN ((int) (middle + reach + .5f), span->side);
    /* what lies in the frame */
    int first = MAX (begin, -span->first);
    int last = MIN (end, span->n - span->first);

    for (int k = begin; k < end; k++)
      sum += MAX (0, 1 - fabsf (k + .5f - middle) / reach);
    taps->first[i] = span->first + first;
    taps->n[i] = MAX (last - first, 0);
    for (int k = 0; k < taps->n[i]; k++)
      weights[k] = MAX (0, 1 - fabsf (first + k + .5f - middle) / reach)
          / sum;
  }
  return taps->weights;
}

/* A line of the frame, [CUTOUT_SIZE][3], grey at 0. */
static void
take_line (const guint8 * pixels, const Taps * taps, float *line)
{
  for (int i = 0; i < CUTOUT_SIZE; i++) {
    const float *weights = taps->weights + i * taps->most;
    const guint8 *p = pixels + 3 * taps->first[i];
    float sums[3] = { 0, 0, 0 }, inside = 0;

    for (int k = 0; k < taps->n[i]; k++, p += 3) {
      inside += weights[k];
      for (int c = 0; c < 3; c++)
        sums[c] += weights[k] * p[c];
    }
    for (int c = 0; c < 3; c++)
      line[3 * i + c] = (sums[c] - inside * MEAN) / DEVIATION;
  }
}

gboolean
cutout_take (const FoleyFrame * frame, float x0, float y0, float x1, float y1,
    float *to)
{
  g_autofree float *column_weights = NULL;
  g_autofree float *row_weights = NULL;
  Taps columns, rows;
  float line[3 * CUTOUT_SIZE];
  Span x, y;

  if (!find_square (frame, x0, y0, x1, y1, &x, &y))
    return FALSE;
  column_weights = taps_init (&columns, &x);
  row_weights = taps_init (&rows, &y);
  memset (to, 0, sizeof (float) * 3 * CUTOUT_SIZE * CUTOUT_SIZE);
  for (int row = MAX (y.first, 0); row < MIN (y.first + y.side, y.n); row++) {
    take_line (frame->rgb + (gsize) row * frame->stride, &columns, line);
    for (int i = 0; i < CUTOUT_SIZE; i++) {
      int k = row - rows.first[i];

      if (k < 0 || k >= rows.n[i])
        continue;
      for (int at = 0; at < 3 * CUTOUT_SIZE; at++)
        to[3 * CUTOUT_SIZE * i + at] += rows.weights[i * rows.most + k]
            * line[at];
    }
  }
  return TRUE;
}
