/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* camera.c: the camera's motion by direct registration of textured points.
 *
 * Lucas and Kanade's (IJCAI 1981) Gauss-Newton steps on the brightness, coarse
 * to fine, with Cauchy weights, so that what moves by itself does not count
 * (Odobez and Bouthemy 1995).  Bands of rows are then fitted each by itself,
 * between hypotheses: as the whole, as the band above, not moved at all. */

#include <math.h>
#include <string.h>

#include "models/foley/see/camera.h"

#define LEVELS 3                /* full size, a half, a quarter */
#define MAX_POINTS 4096
#define MIN_SIDE 16             /* pixels; smaller pictures have no motion */
#define EDGE 40                 /* twice the gradient of an edge */
#define BINS 32

typedef struct
{
  guint16 x, y;
  gint16 gx, gy;                /* twice the gradient */
  guint8 value;
} Point;

struct _Camera
{
  guint width, height;          /* 0: nothing seen yet */
  guint8 *now[LEVELS], *before[LEVELS];
  guint8 *gate[LEVELS];         /* the mask */
  Point *points;                /* [MAX_POINTS], in order of rows */
  guint n_points;
  float noise;                  /* of a difference, brightness */
  float histogram[3][BINS];     /* of y, u and v; each sums up to 1 */
};

Camera *
camera_new (void)
{
  Camera *camera = g_new0 (Camera, 1);

  camera->points = g_new (Point, MAX_POINTS);
  return camera;
}

static void
drop (Camera * camera)
{
  for (guint i = 0; i < LEVELS; i++) {
    g_clear_pointer (&camera->now[i], g_free);
    g_clear_pointer (&camera->before[i], g_free);
    g_clear_pointer (&camera->gate[i], g_free);
  }
  camera->width = camera->height = 0;
}

void
camera_free (Camera * camera)
{
  drop (camera);
  g_free (camera->points);
  g_free (camera);
}

void
camera_reset (Camera * camera)
{
  drop (camera);
}

void
camera_move_row (const CameraMove * move, float y, float a[4])
{
  float ry = y - move->height / 2, half = move->width / 2;
  float band = y / CAMERA_BAND - .5f, share;
  int i, last = (int) move->n_bands - 1;

  a[0] = move->dx - move->zoom * half - move->turn * ry;
  a[1] = move->zoom;
  a[2] = move->dy + move->zoom * ry - move->turn * half;
  a[3] = move->turn;
  if (last < 0)
    return;
  band = CLAMP (band, 0, last);
  i = band;
  share = band - i;
  a[0] += move->bands[i] * (1 - share)
      + move->bands[MIN (i + 1, last)] * share;
}

void
camera_move_at (const CameraMove * move, float x, float y, float *dx, float *dy)
{
  float a[4];

  camera_move_row (move, y, a);
  *dx = a[0] + a[1] * x;
  *dy = a[2] + a[3] * x;
}

static void
begin (Camera * camera, const Picture * picture)
{
  drop (camera);
  camera->width = picture->width;
  camera->height = picture->height;
  camera->noise = 3;
  for (guint i = 0; i < LEVELS; i++) {
    gsize n = (gsize) (picture->width >> i) * (picture->height >> i) + 1;

    camera->now[i] = g_malloc (n);
    camera->before[i] = g_malloc (n);
    camera->gate[i] = g_malloc0 (n);
  }
}

static void
take (Camera * camera, const Picture * picture, const guint8 * mask)
{
  guint w = picture->width, h = picture->height;

  memcpy (camera->now[0], picture->y, (gsize) w * h);
  if (mask != NULL)
    memcpy (camera->gate[0], mask, (gsize) w * h);
  else
    memset (camera->gate[0], 0, (gsize) w * h);
  for (guint i = 1; i < LEVELS; i++) {
    picture_halve (camera->now[i - 1], w >> (i - 1), h >> (i - 1),
        camera->now[i]);
    picture_halve (camera->gate[i - 1], w >> (i - 1), h >> (i - 1),
        camera->gate[i]);
  }
}

static void
take_behind (Camera * camera, const guint8 * behind)
{
  guint w = camera->width, h = camera->height;

  memcpy (camera->before[0], behind, (gsize) w * h);
  for (guint i = 1; i < LEVELS; i++)
    picture_halve (camera->before[i - 1], w >> (i - 1), h >> (i - 1),
        camera->before[i]);
}

/* Points with texture of a level, thinned out to about MAX_POINTS / 2. */
static void
find_points (Camera * camera, guint level, int least)
{
  guint w = camera->width >> level, h = camera->height >> level, skip = 0;
  const guint8 *now = camera->now[level], *gate = camera->gate[level];
  guint step = MAX (1, w * h / (MAX_POINTS * 2));

  camera->n_points = 0;
  for (guint y = 1; y + 1 < h; y++)
    for (guint x = 1; x + 1 < w; x++) {
      gsize at = (gsize) y * w + x;
      int gx = now[at + 1] - now[at - 1], gy = now[at + w] - now[at - w];

      if (gx * gx + gy * gy < least * least || gate[at] != 0
          || ++skip % step != 0 || camera->n_points == MAX_POINTS)
        continue;
      camera->points[camera->n_points++] = (Point) {
      x, y, gx, gy, now[at]};
    }
}

/* The frame before at a place between pixels; < 0 outside. */
static inline float
sample (const guint8 * plane, int w, int h, float x, float y)
{
  int ix, iy;
  const guint8 *p;
  float fx, fy;

  if (!(x >= 0 && y >= 0 && x < w - 1 && y < h - 1))
    return -1;
  ix = x;
  iy = y;
  fx = x - ix;
  fy = y - iy;
  p = plane + (gsize) iy *w + ix;
  return (p[0] * (1 - fx) + p[1] * fx) * (1 - fy)
      + (p[w] * (1 - fx) + p[w + 1] * fx) * fy;
}

/* The best whole shift of the smallest level, by sums of bounded differences
 * over a grid; no shift is preferred. */
static void
search (Camera * camera, int *best_x, int *best_y)
{
  int w = camera->width >> (LEVELS - 1), h = camera->height >> (LEVELS - 1);
  int reach_x = MIN (w / 3, 10), reach_y = MIN (h / 3, 6);
  const guint8 *now = camera->now[LEVELS - 1];
  const guint8 *before = camera->before[LEVELS - 1];
  double least = G_MAXDOUBLE;

  *best_x = *best_y = 0;
  for (int dy = -reach_y; dy <= reach_y; dy++)
    for (int dx = -reach_x; dx <= reach_x; dx++) {
      int x0 = MAX (0, dx), x1 = MIN (w, w + dx);
      int y0 = MAX (0, dy), y1 = MIN (h, h + dy);
      double cost;
      int sum = 0;

      for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++) {
          int d = now[y * w + x] - before[(y - dy) * w + x - dx];

          sum += MIN (ABS (d), 24);
        }
      cost = (double) sum / ((x1 - x0) * (y1 - y0)) + (dx || dy ? .3 : 0);
      if (cost < least) {
        least = cost;
        *best_x = dx;
        *best_y = dy;
      }
    }
}

/* Solves @n equations in place; FALSE where they say too little. */
static gboolean
solve (double m[4][5], int n)
{
  for (int i = 0; i < n; i++) {
    if (fabs (m[i][i]) < 1e-9)
      return FALSE;
    for (int r = 0; r < n; r++) {
      double f = m[r][i] / m[i][i];

      if (r == i)
        continue;
      for (int c = i; c <= n; c++)
        m[r][c] -= f * m[i][c];
    }
  }
  for (int i = 0; i < n; i++)
    m[i][n] /= m[i][i];
  return TRUE;
}

/* Where a point of a level was in the frame before. */
static inline float
point_before (const Camera * camera, guint level, const CameraMove * move,
    const Point * p)
{
  float scale = 1 << level, dx, dy;

  camera_move_at (move, (p->x + .5f) * scale, (p->y + .5f) * scale, &dx, &dy);
  return sample (camera->before[level], camera->width >> level,
      camera->height >> level, p->x - dx / scale, p->y - dy / scale);
}

/* One Gauss-Newton step of shift, zoom and turn (pixels of the full size). */
static gboolean
step (Camera * camera, guint level, CameraMove * move)
{
  float scale = 1 << level, c = 2.5f * camera->noise;
  double m[4][5] = { {0} };

  for (guint i = 0; i < camera->n_points; i++) {
    const Point *p = &camera->points[i];
    float was = point_before (camera, level, move, p), r, weight;
    float rx = (p->x + .5f) * scale - move->width / 2;
    float ry = (p->y + .5f) * scale - move->height / 2;
    float gx = p->gx / (2 * scale), gy = p->gy / (2 * scale);
    float j[4] = { gx, gy, gx * rx + gy * ry, gy * rx - gx * ry };

    if (was < 0)
      continue;
    r = was - p->value;
    weight = 1 / (1 + r * r / (c * c));
    for (int a = 0; a < 4; a++) {
      for (int b = 0; b < 4; b++)
        m[a][b] += weight * j[a] * j[b];
      m[a][4] += weight * j[a] * r;
    }
  }
  for (int a = 0; a < 4; a++)
    m[a][a] = m[a][a] * 1.0001 + 1e-3;
  m[2][2] += 1e3;
  m[3][3] += 1e3;
  if (!solve (m, 4))
    return FALSE;
  move->dx += CLAMP (m[0][4], -2 * scale, 2 * scale);
  move->dy += CLAMP (m[1][4], -2 * scale, 2 * scale);
  move->zoom = CLAMP (move->zoom + m[2][4], -.2, .2);
  move->turn = CLAMP (move->turn + m[3][4], -.2, .2);
  return TRUE;
}

/* The mean of log (1 + r^2 / c^2): of Cauchy's likelihood.  Of points from
 * @first to @end, all shifted by @more in addition. */
static double
badness (Camera * camera, const CameraMove * move, guint first, guint end,
    float more)
{
  double sum = 0, c = 2.5 * camera->noise;
  guint n = 0;
  CameraMove moved = *move;

  moved.dx += more;
  moved.still = FALSE;
  for (guint i = first; i < end; i++) {
    float was = point_before (camera, 0, &moved, &camera->points[i]);
    double r = (was - camera->points[i].value) / c;

    if (was < 0)
      continue;
    sum += log1p (r * r);
    n++;
  }
  return n == 0 ? 0 : sum / n;
}

/* Refines the shift of a band from a first guess; gives its badness. */
static double
fit_band (Camera * camera, const CameraMove * move, guint first, guint end,
    float *more)
{
  float c = 2.5f * camera->noise;

  for (int round = 0; round < 3; round++) {
    CameraMove moved = *move;
    double gg = 1e-3, gr = 0;

    moved.dx += *more;
    for (guint i = first; i < end; i++) {
      const Point *p = &camera->points[i];
      float was = point_before (camera, 0, &moved, p), r, weight;

      if (was < 0)
        continue;
      r = was - p->value;
      weight = 1 / (1 + r * r / (c * c));
      gg += weight * p->gx * p->gx / 4.;
      gr += weight * p->gx * r / 2.;
    }
    *more += CLAMP (gr / gg, -1.5, 1.5);
  }
  return badness (camera, move, first, end, *more);
}

/* The points of a band: they are in order of rows. */
static void
band_points (const Camera * camera, guint band, guint * first, guint * end)
{
  guint i = *end;

  while (i < camera->n_points && camera->points[i].y / CAMERA_BAND < band)
    i++;
  *first = i;
  while (i < camera->n_points && camera->points[i].y / CAMERA_BAND == band)
    i++;
  *end = i;
}

/* Lets each band choose; bands with little texture do as their neighbours. */
static void
fit_bands (Camera * camera, CameraMove * move)
{
  guint n = MIN (CAMERA_MAX_BANDS, (camera->height + CAMERA_BAND - 1)
      / CAMERA_BAND), first = 0, end = 0;
  gboolean known[CAMERA_MAX_BANDS] = { FALSE };
  float found[CAMERA_MAX_BANDS] = { 0 };
  float last = 0;

  for (guint band = 0; band < n; band++) {
    float guesses[] = { -move->dx, 0, last };
    double least = G_MAXDOUBLE;

    band_points (camera, band, &first, &end);
    if (end - first < 12)
      continue;
    /* Not to have moved is the likeliest, and told without a fit. */
    least = badness (camera, move, first, end, -move->dx) - .02;
    found[band] = -move->dx;
    for (guint i = 0; i < G_N_ELEMENTS (guesses); i++) {
      float more = guesses[i];
      double bad = fit_band (camera, move, first, end, &more);

      if (bad < least && fabsf (more) < camera->width / 8.f) {
        least = bad;
        found[band] = more;
      }
    }
    last = found[band];
    known[band] = TRUE;
  }
  for (guint band = 0; band < n; band++)
    for (guint away = 0; away < n && !known[band]; away++) {
      if (band >= away && known[band - away]) {
        found[band] = found[band - away];
        break;
      }
      if (band + away < n && known[band + away]) {
        found[band] = found[band + away];
        break;
      }
    }
  move->n_bands = n;
  memcpy (move->bands, found, sizeof found);
}

static int
compare_floats (gconstpointer a, gconstpointer b)
{
  float x = *(const float *) a, y = *(const float *) b;

  return x < y ? -1 : x > y;
}

/* Follows the noise of differences: the median over points, as a deviation. */
static void
learn_noise (Camera * camera, const CameraMove * move)
{
  float values[512];
  guint n = 0, skip = camera->n_points / G_N_ELEMENTS (values) + 1;

  for (guint i = 0; i < camera->n_points; i += skip) {
    float was = point_before (camera, 0, move, &camera->points[i]);

    if (was >= 0 && n < G_N_ELEMENTS (values))
      values[n++] = fabsf (was - camera->points[i].value);
  }
  if (n < 16)
    return;
  qsort (values, n, sizeof *values, compare_floats);
  camera->noise += .2f * (CLAMP (values[n / 2] * 1.48f, 1.5f, 12.f)
      - camera->noise);
}

/* Whether nearly all points at edges are where they were. */
static gboolean
stands_still (Camera * camera)
{
  guint w = camera->width, same = 0, n = 0;
  int least = ceilf (2.5f * camera->noise);

  for (guint i = 0; i < camera->n_points; i++) {
    const Point *p = &camera->points[i];

    if (p->gx * p->gx + p->gy * p->gy < EDGE * EDGE)
      continue;
    n++;
    same += abs (camera->before[0][(gsize) p->y * w + p->x] - p->value)
        < least;
  }
  return n > 24 && same > .85f * n;
}

static void
register_frames (Camera * camera, CameraMove * move)
{
  CameraMove none = *move;
  int x, y;

  find_points (camera, 0, 12);
  if (camera->n_points < 24)
    return;
  if (stands_still (camera)) {
    learn_noise (camera, move);
    return;
  }
  search (camera, &x, &y);
  move->dx = x * (1 << (LEVELS - 1));
  move->dy = y * (1 << (LEVELS - 1));
  for (int level = LEVELS - 1; level >= 0; level--) {
    find_points (camera, level, 12);
    if (camera->n_points < 24)
      continue;
    for (int round = 0; round < 3; round++)
      if (!step (camera, level, move))
        break;
  }
  find_points (camera, 0, 12);
  if (camera->n_points < 24 || badness (camera, &none, 0, camera->n_points, 0)
      < badness (camera, move, 0, camera->n_points, 0) * 1.02 + .005)
    *move = none;
  else {
    move->still = FALSE;
    fit_bands (camera, move);
  }
  learn_noise (camera, move);
}

/* Half the sum of differences, of the plane that differs most: 0 ... 1. */
static float
compare_histograms (Camera * camera, const Picture * picture)
{
  const guint8 *planes[] = { picture->y, picture->u, picture->v };
  gsize n = (gsize) picture->width * picture->height;
  float most = 0;

  for (guint plane = 0; plane < 3; plane++) {
    guint counts[BINS] = { 0 };
    float sum = 0;

    for (gsize i = 0; i < n; i++)
      counts[planes[plane][i] / (256 / BINS)]++;
    for (guint bin = 0; bin < BINS; bin++) {
      float share = counts[bin] / (float) n;

      sum += fabsf (share - camera->histogram[plane][bin]) / 2;
      camera->histogram[plane][bin] = share;
    }
    most = MAX (most, sum);
  }
  return most;
}

/* The share of the picture that the frame before does not explain. */
static float
unexplained (Camera * camera, const CameraMove * move)
{
  guint w = camera->width, h = camera->height, n = 0, bad = 0;

  for (guint y = 1; y < h; y += 2)
    for (guint x = 1; x < w; x += 2) {
      Point p = {.x = x,.y = y,.value = camera->now[0][(gsize) y * w + x] };
      float was = point_before (camera, 0, move, &p);

      if (was < 0)
        continue;
      n++;
      bad += fabsf (was - p.value) > 20;
    }
  return n == 0 ? 1 : bad / (float) n;
}

gboolean
camera_see (Camera * camera, const Picture * picture, const guint8 * mask,
    const guint8 * behind, CameraMove * move)
{
  gboolean first = camera->width != picture->width
      || camera->height != picture->height, goes_on = TRUE;
  float other;

  *move = (CameraMove) {
  .still = TRUE,.width = picture->width,.height = picture->height};
  if (first)
    begin (camera, picture);
  else
    for (guint i = 0; i < LEVELS; i++) {
      guint8 *swap = camera->now[i];

      camera->now[i] = camera->before[i];
      camera->before[i] = swap;
    }
  take (camera, picture, mask);
  if (!first && behind != NULL)
    take_behind (camera, behind);
  other = compare_histograms (camera, picture);
  if (first)
    return FALSE;
  if (MIN (picture->width, picture->height) >= MIN_SIDE)
    register_frames (camera, move);
  /* A shot goes on when either its colours or its places do. */
  if (other > .3f && unexplained (camera, move) > .5f)
    goes_on = FALSE;
  if (!goes_on)
    *move = (CameraMove) {
    .still = TRUE,.width = picture->width,.height = picture->height};
  return goes_on;
}
