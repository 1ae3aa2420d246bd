/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* backdrop.c: a running picture of what stands still, moved with the camera.
 *
 * A running mean of each pixel, the slower the longer it has been seen.  What
 * differs but no longer changes, and is in no thing's box, was uncovered by
 * one, and is taken over at once.  Shadows are told by Horprasert et al. (ICCV 1999): darker, of the same colour. */

#include <math.h>
#include <string.h>

#include "models/foley/see/backdrop.h"

#define SETTLE 8                /* frames until specks are trusted */
#define GHOST 3                 /* frames after which what was uncovered is told */
#define PATIENCE 96             /* frames that a thing at rest stays a thing */

struct _Backdrop
{
  guint width, height;          /* 0: nothing seen yet */
  guint frames;
  float *y, *u, *v;             /* the backdrop */
  float *spare;
  guint8 *before[3];            /* the frame before: y, u, v */
  guint8 *idle, *idle_spare;    /* frames since a pixel changed */
  guint8 *age;                  /* frames for which a pixel was the backdrop */
  guint8 *raw;                  /* 0 ... 255 how surely a pixel differs */
  guint8 *front;
  guint8 *keep;                 /* in a box */
  guint8 *hidden;               /* a thing was there ever since: not known */
  float noise;                  /* of a pixel, brightness */
  float specks;                 /* share of the picture, followed */
};

Backdrop *
backdrop_new (void)
{
  return g_new0 (Backdrop, 1);
}

static void
drop (Backdrop * backdrop)
{
  float **floats[] = { &backdrop->y, &backdrop->u, &backdrop->v,
    &backdrop->spare
  };
  guint8 **bytes[] = { &backdrop->before[0], &backdrop->before[1],
    &backdrop->before[2], &backdrop->idle, &backdrop->idle_spare,
    &backdrop->age, &backdrop->raw, &backdrop->front, &backdrop->keep,
    &backdrop->hidden
  };

  for (guint i = 0; i < G_N_ELEMENTS (floats); i++)
    g_clear_pointer (floats[i], g_free);
  for (guint i = 0; i < G_N_ELEMENTS (bytes); i++)
    g_clear_pointer (bytes[i], g_free);
  backdrop->width = backdrop->height = 0;
}

void
backdrop_free (Backdrop * backdrop)
{
  drop (backdrop);
  g_free (backdrop);
}

void
backdrop_reset (Backdrop * backdrop)
{
  drop (backdrop);
}

static void
begin (Backdrop * backdrop, const Picture * picture)
{
  gsize n = (gsize) picture->width * picture->height;
  float **floats[] = { &backdrop->y, &backdrop->u, &backdrop->v,
    &backdrop->spare
  };
  guint8 **bytes[] = { &backdrop->before[0], &backdrop->before[1],
    &backdrop->before[2], &backdrop->idle, &backdrop->idle_spare,
    &backdrop->age, &backdrop->raw, &backdrop->front, &backdrop->keep,
    &backdrop->hidden
  };

  drop (backdrop);
  for (guint i = 0; i < G_N_ELEMENTS (floats); i++)
    *floats[i] = g_new0 (float, n);
  for (guint i = 0; i < G_N_ELEMENTS (bytes); i++)
    *bytes[i] = g_new0 (guint8, n);
  backdrop->width = picture->width;
  backdrop->height = picture->height;
  backdrop->frames = 0;
  backdrop->noise = 2;
  backdrop->specks = 0;
  for (gsize i = 0; i < n; i++) {
    backdrop->y[i] = picture->y[i];
    backdrop->u[i] = picture->u[i];
    backdrop->v[i] = picture->v[i];
    backdrop->idle[i] = 255;
  }
}

static void
remember (Backdrop * backdrop, const Picture * picture)
{
  gsize n = (gsize) picture->width * picture->height;

  memcpy (backdrop->before[0], picture->y, n);
  memcpy (backdrop->before[1], picture->u, n);
  memcpy (backdrop->before[2], picture->v, n);
}

/* Moves a plane of the backdrop by what the camera has moved. */
static void
warp (Backdrop * backdrop, float **plane, const CameraMove * move,
    const guint8 * fresh)
{
  int w = backdrop->width, h = backdrop->height;
  float *out = backdrop->spare;

  for (int y = 0; y < h; y++) {
    float a[4];

    camera_move_row (move, y + .5f, a);
    for (int x = 0; x < w; x++) {
      gsize at = (gsize) y * w + x;
      float fx = x - a[0] - a[1] * (x + .5f);
      float fy = y - a[2] - a[3] * (x + .5f);
      int ix, iy, right, below;
      const float *p;

      if (fx < -.5f || fy < -.5f || fx > w - .5f || fy > h - .5f) {
        out[at] = fresh[at];
        continue;
      }
      fx = CLAMP (fx, 0, w - 1.f);
      fy = CLAMP (fy, 0, h - 1.f);
      ix = fx;
      iy = fy;
      fx -= ix;
      fy -= iy;
      right = ix + 1 < w;
      below = iy + 1 < h ? w : 0;
      p = *plane + (gsize) iy *w + ix;
      out[at] = (p[0] * (1 - fx) + p[right] * fx) * (1 - fy)
          + (p[below] * (1 - fx) + p[below + right] * fx) * fy;
    }
  }
  backdrop->spare = *plane;
  *plane = out;
}

/* Moves ages along by whole pixels; new sights are of age 0. */
static void
warp_bytes (Backdrop * backdrop, guint8 ** plane, const CameraMove * move)
{
  int w = backdrop->width, h = backdrop->height;
  guint8 *out = backdrop->idle_spare;

  for (int y = 0; y < h; y++) {
    float a[4];

    camera_move_row (move, y + .5f, a);
    for (int x = 0; x < w; x++) {
      int ix = lrintf (x - a[0] - a[1] * (x + .5f));
      int iy = lrintf (y - a[2] - a[3] * (x + .5f));

      out[(gsize) y * w + x] = ix < 0 || iy < 0 || ix >= w || iy >= h ? 0
          : (*plane)[(gsize) iy * w + ix];
    }
  }
  backdrop->idle_spare = *plane;
  *plane = out;
}

/* Marks what has changed since the frame before, the camera's motion out. */
static float
find_changes (Backdrop * backdrop, const Picture * picture,
    const CameraMove * move)
{
  int w = backdrop->width, h = backdrop->height;
  float least = 4 * backdrop->noise + 4, slack = move->still ? .1f : .4f;
  double energy = 0;

  for (int y = 0; y < h; y++) {
    float a[4];

    camera_move_row (move, y + .5f, a);
    for (int x = 0; x < w; x++) {
      gsize at = (gsize) y * w + x, was = at;
      float d;

      if (!move->still) {
        int ix = lrintf (x - a[0] - a[1] * (x + .5f));
        int iy = lrintf (y - a[2] - a[3] * (x + .5f));

        was = (gsize) CLAMP (iy, 0, h - 1) * w + CLAMP (ix, 0, w - 1);
      }
      d = abs (picture->y[at] - backdrop->before[0][was])
          + abs (picture->u[at] - backdrop->before[1][was])
          + abs (picture->v[at] - backdrop->before[2][was]);
      if (x > 0 && y > 0 && x + 1 < w && y + 1 < h)
        d -= slack * (abs (picture->y[at + 1] - picture->y[at - 1])
            + abs (picture->y[at + w] - picture->y[at - w]));
      if (d > least) {
        energy += d - least;
        backdrop->idle[at] = 0;
      } else if (backdrop->idle[at] < 255)
        backdrop->idle[at]++;
    }
  }
  return CLAMP (energy / (64. * w * h), 0, 1);
}

/* Whether a pixel is what is behind it, in a shadow: darker, of its colour. */
static inline gboolean
is_shadow (float y, float u, float v, float by, float bu, float bv)
{
  float share = y / MAX (by, 1);

  return share > .45f && share < .97f && by > 4
      && fabsf ((u - 128) - (bu - 128) * share) < 5
      && fabsf ((v - 128) - (bv - 128) * share) < 5;
}

/* How surely each pixel differs: 128 where it is as likely as not. */
static void
compare (Backdrop * backdrop, const Picture * picture, const CameraMove * move)
{
  int w = backdrop->width, h = backdrop->height;
  float least = 4.5f * backdrop->noise + 5, slack = move->still ? .08f : .35f;
  const float *by = backdrop->y;

  for (int y = 0; y < h; y++)
    for (int x = 0; x < w; x++) {
      gsize at = (gsize) y * w + x;
      float d = fabsf (picture->y[at] - by[at])
          + fabsf (picture->u[at] - backdrop->u[at])
          + fabsf (picture->v[at] - backdrop->v[at]);

      if (d > .5f * least && x > 0 && y > 0 && x + 1 < w && y + 1 < h)
        d -= slack * (fabsf (by[at + 1] - by[at - 1])
            + fabsf (by[at + w] - by[at - w]));
      backdrop->raw[at] = CLAMP (128 * d / least, 0, 255);
    }
}

/* Takes shadows out: where a whole neighbourhood is evenly darker. */
static void
take_out_shadows (Backdrop * backdrop, const Picture * picture)
{
  int w = backdrop->width, h = backdrop->height;

  for (int y = 1; y + 1 < h; y++)
    for (int x = 1; x + 1 < w; x++) {
      gsize at = (gsize) y * w + x, near[] = { at - 1, at + 1, at - w, at + w };
      float share = picture->y[at] / MAX (backdrop->y[at], 1.f);
      guint even = 0;

      if (backdrop->raw[at] < 64 || !is_shadow (picture->y[at],
              picture->u[at], picture->v[at], backdrop->y[at],
              backdrop->u[at], backdrop->v[at]))
        continue;
      for (guint i = 0; i < 4; i++)
        even += fabsf (picture->y[near[i]] / MAX (backdrop->y[near[i]], 1.f)
            - share) < .09f + 2 / MAX (backdrop->y[at], 4);
      if (even >= 2)
        backdrop->raw[at] = 0;
    }
}

/* How many of a pixel and its eight neighbours differ. */
static inline int
count_near (const guint8 * p, int w)
{
  return (p[-w - 1] > 127) + (p[-w] > 127) + (p[-w + 1] > 127)
      + (p[-1] > 127) + (p[0] > 127) + (p[1] > 127)
      + (p[w - 1] > 127) + (p[w] > 127) + (p[w + 1] > 127);
}

/* Counts a pixel that differs, but not together with those around it. */
static void
count_speck (const guint8 * p, int w, gboolean bright, guint n[4])
{
  n[0]++;
  n[1] += bright;
  n[2] += (p[-w] > 127) + (p[w] > 127);
  n[3] += (p[-1] > 127) + (p[1] > 127);
}

/* While there is rain or snow: what is five pixels wide, both ways (an
 * opening by a diamond). */
static void
keep_thick (Backdrop * backdrop, const guint8 * near)
{
  int w = backdrop->width, h = backdrop->height;

  for (int y = 2; y + 2 < h; y++)
    for (int x = 2; x + 2 < w; x++) {
      const guint8 *q = near + (gsize) y * w + x;

      if (*q != 9 || q[-1] != 9 || q[1] != 9 || q[-w] != 9 || q[w] != 9)
        continue;
      for (int dy = -2; dy <= 2; dy++)
        for (int dx = -2 + (abs (dy) == 2); dx <= 2 - (abs (dy) == 2); dx++) {
          gsize at = (gsize) (y + dy) * w + x + dx;

          backdrop->front[at] = MAX (backdrop->raw[at], 64);
        }
    }
}

/* Keeps what most of its eight neighbours go along with; the rest are specks. */
static void
take_out_specks (Backdrop * backdrop, const Picture * picture, gboolean still,
    Front * front)
{
  float much;
  int w = backdrop->width, h = backdrop->height;
  guint n[4] = { 0, 0, 0, 0 };
  gboolean strict = backdrop->specks > .005f;
  guint8 *near = backdrop->idle_spare;

  memset (backdrop->front, 0, (gsize) w * h);
  memset (near, 0, (gsize) w * h);
  for (int y = 1; y + 1 < h; y++)
    for (int x = 1; x + 1 < w; x++) {
      gsize at = (gsize) y * w + x;

      near[at] = count_near (backdrop->raw + at, w);
      if (!strict && near[at] >= 5)
        backdrop->front[at] = MAX (backdrop->raw[at], 64);
    }
  if (strict)
    keep_thick (backdrop, near);
  for (int y = 1; y + 1 < h; y++)
    for (int x = 1; x + 1 < w; x++) {
      gsize at = (gsize) y * w + x;

      if (backdrop->raw[at] > 127 && backdrop->front[at] == 0)
        count_speck (backdrop->raw + at, w,
            picture->y[at] > backdrop->y[at], n);
    }
  front->specks = n[0] / ((float) w * h);
  front->bright = n[0] == 0 ? 0 : n[1] / (float) n[0];
  front->upright = CLAMP ((n[2] - (float) n[3]) / MAX (1, n[2] + n[3]), 0, 1);
  front->wet = strict;
  /* drops and flakes are brighter than what is behind; edges that a moving
   * camera leaves are as often darker */
  much = still || front->bright > .6f ? front->specks : 0;
  if (backdrop->frames > 0)
    backdrop->specks += (backdrop->frames < 4 ? .6f : .3f)
        * (much - backdrop->specks);
}

/* What is in a box of a thing that has just begun to move is not known: it
 * was there before. */
static void
mark_boxes (Backdrop * backdrop, const Expected * boxes, guint n)
{
  int w = backdrop->width, h = backdrop->height;

  memset (backdrop->keep, 0, (gsize) w * h);
  for (guint i = 0; i < n; i++) {
    const Box *box = &boxes[i].box;
    int x0 = CLAMP (floorf (box->x0), 0, w), x1 = CLAMP (ceilf (box->x1), 0, w);

    for (int y = CLAMP (floorf (box->y0), 0, h);
        y < CLAMP (ceilf (box->y1), 0, h) && x1 > x0; y++) {
      memset (backdrop->keep + (gsize) y * w + x0, 1, x1 - x0);
      if (boxes[i].hides)
        memset (backdrop->hidden + (gsize) y * w + x0, 1, x1 - x0);
    }
  }
}

/* In a box what is not known counts as the thing's; outside it is seen now. */
static void
uncover (Backdrop * backdrop)
{
  gsize n = (gsize) backdrop->width * backdrop->height;

  for (gsize i = 0; i < n; i++) {
    if (!backdrop->hidden[i])
      continue;
    if (backdrop->keep[i])
      backdrop->raw[i] = MAX (backdrop->raw[i], 160);
    else if (backdrop->idle[i] > 0) {
      backdrop->hidden[i] = 0;
      backdrop->raw[i] = 0;
      backdrop->age[i] = 0;
    }
  }
}

/* Follows what stands still; takes over what was uncovered. */
static void
learn (Backdrop * backdrop, const Picture * picture, const CameraMove * move)
{
  gsize n = (gsize) backdrop->width * backdrop->height;
  float least = move->still ? .02f : .15f;
  double sum = 0;
  guint count = 0;

  for (gsize i = 0; i < n; i++) {
    guint patience = backdrop->keep[i] ? PATIENCE : GHOST;
    float rate;

    if (backdrop->front[i] == 0) {
      rate = MAX (least, 1.f / (backdrop->age[i] + 1));
      if (backdrop->raw[i] > 127 && backdrop->frames > SETTLE)
        rate *= .2f;
      else {
        sum += fabsf (picture->y[i] - backdrop->y[i]);
        count++;
      }
      if (backdrop->age[i] < 255)
        backdrop->age[i]++;
    } else if (backdrop->idle[i] >= patience && backdrop->frames > 1) {
      rate = 1;
      backdrop->age[i] = 1;
      backdrop->hidden[i] = 0;
      backdrop->front[i] = 0;
    } else
      continue;
    backdrop->y[i] += rate * (picture->y[i] - backdrop->y[i]);
    backdrop->u[i] += rate * (picture->u[i] - backdrop->u[i]);
    backdrop->v[i] += rate * (picture->v[i] - backdrop->v[i]);
  }
  if (count > n / 8)            /* mean of a half-normal: .8 deviations */
    backdrop->noise += .1f * (CLAMP (sum / count / .8, 1, 8)
        - backdrop->noise);
}

/* Whether the light has changed as a whole: then the backdrop goes along. */
static void
follow_light (Backdrop * backdrop, const Picture * picture)
{
  gsize n = (gsize) backdrop->width * backdrop->height;
  double sum = 0;
  guint count = 0, all = 0;
  float by;

  for (gsize i = 0; i < n; i += 3) {
    float d = picture->y[i] - backdrop->y[i];

    all++;
    if (fabsf (d) < 12 && !backdrop->keep[i]) {
      sum += d;
      count++;
    }
  }
  if (count < all / 4)
    return;
  by = sum / count;
  if (fabsf (by) < .5f)
    return;
  for (gsize i = 0; i < n; i++)
    backdrop->y[i] += by;
}

/* Where nearly all differs, the backdrop is another one. */
static gboolean
is_another (Backdrop * backdrop)
{
  gsize n = (gsize) backdrop->width * backdrop->height, count = 0;

  for (gsize i = 0; i < n; i++)
    count += backdrop->front[i] != 0;
  return count > .85 * n;
}

const guint8 *
backdrop_get_behind (Backdrop * backdrop)
{
  gsize n = (gsize) backdrop->width * backdrop->height;

  if (n == 0 || backdrop->frames < SETTLE)
    return NULL;
  for (gsize i = 0; i < n; i++)
    backdrop->raw[i] = CLAMP (backdrop->y[i] + .5f, 0, 255);
  return backdrop->raw;
}

void
backdrop_see (Backdrop * backdrop, const Picture * picture,
    const CameraMove * move, const Expected * boxes, guint n_boxes,
    Front * front)
{
  memset (front, 0, sizeof *front);
  if (backdrop->width != picture->width || backdrop->height != picture->height) {
    begin (backdrop, picture);
    remember (backdrop, picture);
  }
  if (!move->still) {
    warp (backdrop, &backdrop->y, move, picture->y);
    warp (backdrop, &backdrop->u, move, picture->u);
    warp (backdrop, &backdrop->v, move, picture->v);
    warp_bytes (backdrop, &backdrop->idle, move);
    warp_bytes (backdrop, &backdrop->age, move);
    warp_bytes (backdrop, &backdrop->hidden, move);
  }
  mark_boxes (backdrop, boxes, n_boxes);
  front->energy = find_changes (backdrop, picture, move);
  follow_light (backdrop, picture);
  compare (backdrop, picture, move);
  take_out_shadows (backdrop, picture);
  uncover (backdrop);
  take_out_specks (backdrop, picture, move->still, front);
  if (is_another (backdrop))
    begin (backdrop, picture);
  learn (backdrop, picture, move);
  remember (backdrop, picture);
  backdrop->frames++;
  front->width = picture->width;
  front->height = picture->height;
  front->front = backdrop->front;
  front->idle = backdrop->idle;
  front->hidden = backdrop->hidden;
  front->behind = backdrop->y;
  front->young = backdrop->frames < 14;
  front->settled = backdrop->frames > SETTLE;
}
