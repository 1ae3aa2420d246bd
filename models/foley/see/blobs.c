/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* blobs.c: connected components, by union and find. */

#include <string.h>

#include "models/foley/see/blobs.h"

#define LIVE 3                  /* frames since a change that count as now */

struct _Blobs
{
  guint width, height;
  guint *parents;               /* [height][width] */
  guint8 *labels;
  guint *order;                 /* roots, as found */
  Blob *all;                    /* of the roots */
  guint *number;                /* [height][width]: a root's place in all */
  Blob list[BLOBS_MAX];
};

Blobs *
blobs_new (void)
{
  return g_new0 (Blobs, 1);
}

static void
drop (Blobs * blobs)
{
  g_free (blobs->parents);
  g_free (blobs->labels);
  g_free (blobs->order);
  g_free (blobs->all);
  g_free (blobs->number);
}

void
blobs_free (Blobs * blobs)
{
  drop (blobs);
  g_free (blobs);
}

float
box_area (const Box * box)
{
  return MAX (0, box->x1 - box->x0) * MAX (0, box->y1 - box->y0);
}

float
box_overlap (const Box * a, const Box * b)
{
  Box both = { MAX (a->x0, b->x0), MAX (a->y0, b->y0),
    MIN (a->x1, b->x1), MIN (a->y1, b->y1)
  };

  return box_area (&both);
}

float
box_likeness (const Box * a, const Box * b)
{
  float both = box_overlap (a, b);

  return both / MAX (box_area (a) + box_area (b) - both, 1e-6f);
}

Box
box_join (const Box * a, const Box * b)
{
  return (Box) {
  MIN (a->x0, b->x0), MIN (a->y0, b->y0),
        MAX (a->x1, b->x1), MAX (a->y1, b->y1)};
}

static void
resize (Blobs * blobs, guint width, guint height)
{
  gsize n = (gsize) width * height;

  if (blobs->width == width && blobs->height == height)
    return;
  drop (blobs);
  blobs->width = width;
  blobs->height = height;
  blobs->parents = g_new (guint, n);
  blobs->labels = g_new (guint8, n);
  blobs->order = g_new (guint, n);
  blobs->all = g_new (Blob, n);
  blobs->number = g_new (guint, n);
}

static guint
find (guint * parents, guint at)
{
  while (parents[at] != at) {
    parents[at] = parents[parents[at]];
    at = parents[at];
  }
  return at;
}

static void
join (guint * parents, guint a, guint b)
{
  a = find (parents, a);
  b = find (parents, b);
  if (a < b)
    parents[b] = a;
  else
    parents[a] = b;
}

/* Joins a pixel with those left of it and above. */
static void
connect (Blobs * blobs, const guint8 * front, int x, int y)
{
  int w = blobs->width, at = y * w + x;

  blobs->parents[at] = at;
  for (int up = 0; up <= MIN (1, y); up++)
    for (int dx = -1; dx <= (up == 0 ? -1 : 1); dx++)
      if (x + dx >= 0 && x + dx < w && front[at - up * w + dx] != 0)
        join (blobs->parents, at, at - up * w + dx);
}

static void
grow (Box * box, int x, int y)
{
  box->x0 = MIN (box->x0, x);
  box->y0 = MIN (box->y0, y);
  box->x1 = MAX (box->x1, x + 1);
  box->y1 = MAX (box->y1, y + 1);
}

/* Measures every component; gives their number. */
static guint
measure (Blobs * blobs, const Front * front)
{
  int w = blobs->width, h = blobs->height;
  guint n = 0;

  for (int y = 0; y < h; y++)
    for (int x = 0; x < w; x++) {
      guint at = y * w + x, root;
      Blob *blob;

      if (front->front[at] == 0)
        continue;
      root = find (blobs->parents, at);
      if (root == at) {
        blobs->number[at] = n;
        blobs->order[n] = at;
        blobs->all[n++] = (Blob) { {
        w, h, 0, 0}
        , 0, 0, 0, {
        w, h, 0, 0}
        , {
        w, h, 0, 0}
        };
      }
      blob = &blobs->all[blobs->number[root]];
      grow (&blob->box, x, y);
      blob->area++;
      blob->real += !front->hidden[at] || front->idle[at] < LIVE;
      if (front->idle[at] < LIVE) {
        blob->active++;
        grow (&blob->live, x, y);
        if (front->idle[at] == 0)
          grow (&blob->fresh, x, y);
      }
    }
  return n;
}

static int
compare_areas (gconstpointer a, gconstpointer b, gpointer data)
{
  const Blobs *blobs = data;
  guint x = blobs->all[blobs->number[*(const guint *) a]].area;
  guint y = blobs->all[blobs->number[*(const guint *) b]].area;

  return x > y ? -1 : x < y;
}

const Blob *
blobs_find (Blobs * blobs, const Front * front, guint * n)
{
  guint least = MAX (10, front->width * front->height / 1500), count;

  resize (blobs, front->width, front->height);
  for (guint y = 0, at = 0; y < front->height; y++)
    for (guint x = 0; x < front->width; x++, at++)
      if (front->front[at] != 0)
        connect (blobs, front->front, x, y);
  count = measure (blobs, front);
  g_qsort_with_data (blobs->order, count, sizeof *blobs->order, compare_areas,
      blobs);
  *n = 0;
  for (guint i = 0; i < count; i++) {
    guint *number = &blobs->number[blobs->order[i]];
    const Blob *blob = &blobs->all[*number];

    if (blob->area >= least && blob->real * 4 > blob->area && *n < BLOBS_MAX) {
      blobs->list[(*n)++] = *blob;
      *number = *n;
    } else
      *number = 0;
  }
  for (guint at = 0; at < front->width * front->height; at++)
    blobs->labels[at] = front->front[at] == 0 ? 0
        : blobs->number[find (blobs->parents, at)];
  return blobs->list;
}

const guint8 *
blobs_get_labels (Blobs * blobs)
{
  return blobs->labels;
}
