/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* shift.c: matches the inside of a box in the picture before, pixel by pixel.
 *
 * The finder's boxes are wrong by a quarter of a pixel from look to look (mean of
 * 9300 steps on stage), a match by half of that, and by a tenth for what does not
 * change its shape.  Differences are summed at whole pixels; the least is that of
 * parabolas through three.  (Squares of differences do worse: shadows and
 * what is behind count for more.) */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/foley/see/shift.h"

#define REACH 3                 /* pixels that a box may be wrong by */
#define SPAN (2 * REACH + 1)
#define EDGE .12f               /* of a box that is seldom of the thing */
#define LEAST 6                 /* pixels: smaller things are not matched */

struct _Shift
{
  guint width, height;
  guint8 *now, *before;         /* luma, [height][width] */
  guint n;                      /* pictures that are known: 0 ... 2 */
};

typedef struct
{
  int x0, y0, x1, y1;
} Part;

Shift *
shift_new (void)
{
  return g_new0 (Shift, 1);
}

void
shift_free (Shift * shift)
{
  g_free (shift->now);
  g_free (shift->before);
  g_free (shift);
}

void
shift_reset (Shift * shift)
{
  shift->n = 0;
}

void
shift_take (Shift * shift, const Picture * picture)
{
  gsize size = (gsize) picture->width * picture->height;
  guint8 *old = shift->before;

  if (picture->width != shift->width || picture->height != shift->height) {
    shift->width = picture->width;
    shift->height = picture->height;
    shift->now = g_realloc (shift->now, size);
    old = g_realloc (old, size);
    shift->n = 0;
  }
  shift->before = shift->now;
  shift->now = memcpy (old, picture->y, size);
  shift->n = MIN (shift->n + 1, 2);
}

gboolean
shift_is_same (const Shift * shift, const Picture * picture)
{
  return shift->n > 0 && picture->width == shift->width
      && picture->height == shift->height && memcmp (shift->now, picture->y,
      (gsize) shift->width * shift->height) == 0;
}

/* The part of a box that is matched; FALSE where it is too small. */
static gboolean
get_part (const Shift * shift, const Box * box, Part * part)
{
  float w = box->x1 - box->x0, h = box->y1 - box->y0;

  *part = (Part) {
    MAX (box->x0 + EDGE * w, 1),
        MAX (box->y0 + EDGE * h, 1),
        MIN (box->x1 - EDGE * w, shift->width - 1.f),
        MIN (box->y1, shift->height - 1.f)
  };
  return part->x1 - part->x0 >= LEAST && part->y1 - part->y0 >= LEAST;
}

/* Mean difference of a part before from what is now @dx, @dy from there; < 0
 * where that is not in the picture. */
static float
compare (const Shift * shift, const Part * part, int dx, int dy)
{
  guint sum = 0;

  if (part->x0 + dx < 0 || part->x1 + dx > (int) shift->width
      || part->y0 + dy < 0 || part->y1 + dy > (int) shift->height)
    return -1;
  for (int y = part->y0; y < part->y1; y++) {
    const guint8 *a = shift->before + (gsize) y * shift->width;
    const guint8 *b = shift->now + (gssize) (y + dy) * shift->width + dx;

    for (int x = part->x0; x < part->x1; x++)
      sum += abs (a[x] - b[x]);
  }
  return sum / (float) ((part->x1 - part->x0) * (part->y1 - part->y0));
}

/* Where the least of a parabola through three is, from the middle one. */
static float
get_least (float left, float middle, float right)
{
  float bend = left - 2 * middle + right;

  return left < 0 || right < 0 || bend <= 0 ? 0 : (left - right) / 2 / bend;
}

gboolean
shift_measure (const Shift * shift, const Box * from, const Box * to,
    float *dx, float *dy, float *doubt)
{
  int x = lroundf ((to->x0 + to->x1 - from->x0 - from->x1) / 2) - REACH;
  int y = lroundf ((to->y0 + to->y1 - from->y0 - from->y1) / 2) - REACH;
  float fits[SPAN][SPAN], sum = 0, best = G_MAXFLOAT;
  int at_x = 0, at_y = 0, n = 0;
  Part part;

  if (shift->n < 2 || !get_part (shift, from, &part))
    return FALSE;
  for (int i = 0; i < SPAN; i++)
    for (int k = 0; k < SPAN; k++) {
      float fit = fits[i][k] = compare (shift, &part, x + k, y + i);

      if (fit < 0)
        continue;
      sum += fit;
      n++;
      if (fit < best) {
        best = fit;
        at_x = k;
        at_y = i;
      }
    }
  if (n < SPAN || at_x % (SPAN - 1) == 0 || at_y % (SPAN - 1) == 0)
    return FALSE;
  *dx = x + at_x + get_least (fits[at_y][at_x - 1], best, fits[at_y][at_x + 1]);
  *dy = y + at_y + get_least (fits[at_y - 1][at_x], best, fits[at_y + 1][at_x]);
  *doubt = sum > 0 ? best * n / sum : 1;
  return TRUE;
}
