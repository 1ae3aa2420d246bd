/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tracks.c: which blob is which thing.
 *
 * A blob that one thing is expected in is that thing's; one that several are
 * expected in is shared: there each is looked for by how it looked before. */

#include <math.h>
#include <string.h>

#include "models/foley/see/tracks.h"

#define LOST 12                 /* frames after which an unseen thing is gone */
#define LOST_AT_EDGE 2
#define REACH 5                 /* pixels, of looking for a hidden thing */
#define FAST 20                 /* pixels a second */
#define YOUNG 10                /* frames in which its parts are gathered */
#define NOBODY 255
#define SHARED 254
#define SCRAP 253               /* too small a part to be measured */

struct _Tracks
{
  Track list[TRACKS_MAX];
  guint n;
  guint next_id;
  double time;
  Blobs *blobs;
  Expected boxes[TRACKS_MAX];
  guint8 owners[BLOBS_MAX + 1]; /* of blobs, as labelled: a place in list */
  float rows[FOLEY_PIXELS + 1], columns[FOLEY_PIXELS + 1];      /* profiles */
};

Tracks *
tracks_new (void)
{
  Tracks *tracks = g_new0 (Tracks, 1);

  tracks->blobs = blobs_new ();
  tracks->next_id = 1;
  return tracks;
}

static void
drop_look (Track * track)
{
  for (guint i = 0; i < 3; i++)
    g_clear_pointer (&track->look[i], g_free);
  g_clear_pointer (&track->look_mask, g_free);
  track->look_w = track->look_h = 0;
}

void
tracks_reset (Tracks * tracks)
{
  for (guint i = 0; i < tracks->n; i++)
    drop_look (&tracks->list[i]);
  tracks->n = 0;
}

void
tracks_free (Tracks * tracks)
{
  tracks_reset (tracks);
  blobs_free (tracks->blobs);
  g_free (tracks);
}

Track *
tracks_get (Tracks * tracks, guint * n)
{
  *n = tracks->n;
  return tracks->list;
}

const Expected *
tracks_get_boxes (Tracks * tracks, const CameraMove * move, guint * n)
{
  *n = 0;
  for (guint i = 0; i < tracks->n; i++) {
    Track *track = &tracks->list[i];
    float dx, dy;
    Box box = track->keep;

    if (track->still > 3 && !track->far)
      continue;
    track_stage_move (track, move, &dx, &dy);
    box_shift (&box, dx, dy);
    box.x0 -= 1;
    box.y0 -= 1;
    box.x1 += 1;
    box.y1 += 1;
    tracks->boxes[(*n)++] = (Expected) {
    box, track->hides};
  }
  return tracks->boxes;
}

/* Moves every thing to where it is expected. */
static void
predict (Tracks * tracks, const CameraMove * move, float dt)
{
  for (guint i = 0; i < tracks->n; i++)
    track_predict (&tracks->list[i], move, dt, TRUE);
}

/* The thing that a blob nobody is expected in may be: near, as large, of the
 * same colour; a fast one that was not followed yet. */
static guint
nearest (Tracks * tracks, const Blob * blob, const gboolean * taken)
{
  float least = 1;
  guint best = NOBODY;

  for (guint i = 0; i < tracks->n; i++) {
    const Track *track = &tracks->list[i];
    float w = blob->box.x1 - blob->box.x0, h = blob->box.y1 - blob->box.y0;
    float tw = track->box.x1 - track->box.x0;
    float th = track->box.y1 - track->box.y0;
    float dx =
        (blob->box.x0 + blob->box.x1 - track->box.x0 - track->box.x1) / 2;
    float dy =
        (blob->box.y0 + blob->box.y1 - track->box.y0 - track->box.y1) / 2;
    float far = hypotf (dx, dy) / (1.2f * (MAX (tw, th) + 4));
    float size = fabsf (logf ((w + 1) * (h + 1) / ((tw + 1) * (th + 1))));

    if (!taken[i] && track->missed > 0 && far + .5f * size < least) {
      least = far + .5f * size;
      best = i;
    }
  }
  return best;
}

/* A box and what is next to it. */
static Box
widen (const Box * box)
{
  float by = 3 + .15f * sqrtf (box_area (box));

  return (Box) {
  box->x0 - by, box->y0 - by, box->x1 + by, box->y1 + by};
}

/* Who is expected in a blob: one, SHARED or NOBODY. */
static guint
claim (Tracks * tracks, const Blob * blob)
{
  guint owner = NOBODY;
  float best = 0;

  for (guint i = 0; i < tracks->n; i++) {
    const Track *track = &tracks->list[i];
    Box reach = track->age < YOUNG
        && !track->entered ? widen (&track->box) : track->box;
    float common = MAX (box_overlap (&reach, &blob->box),
        box_overlap (&track->last, &blob->box));
    float area = MAX (box_area (&track->box), 1);
    float mine = common / MAX (1, MIN (area, box_area (&blob->box)));

    if (mine < .25f)
      continue;
    if (owner != NOBODY && track->told && common > .4f * area
        && tracks->list[owner].told && best > .4f)
      return SHARED;
    if (owner == NOBODY || common / area > best) {
      owner = i;
      best = common / area;
    }
  }
  return owner;
}

static void
assign (Tracks * tracks, const Blob * blobs, guint n)
{
  gboolean taken[TRACKS_MAX] = { FALSE };

  tracks->owners[0] = NOBODY;
  for (guint i = 0; i < n; i++) {
    guint owner = claim (tracks, &blobs[i]);

    tracks->owners[i + 1] = owner;
    if (owner < TRACKS_MAX)
      taken[owner] = TRUE;
  }
  for (guint i = 0; i < n; i++)
    if (tracks->owners[i + 1] == NOBODY) {
      guint owner = nearest (tracks, &blobs[i], taken);

      tracks->owners[i + 1] = owner;
      if (owner < TRACKS_MAX)
        taken[owner] = TRUE;
    }
}

/* Where a profile rises to @least, between its lines, from the end on. */
static float
edge (const float *profile, int from, int to, float least)
{
  int step = from < to ? 1 : -1;

  for (int i = from; i != to + step; i += step)
    if (profile[i] >= least) {
      float before = i == from ? 0 : profile[i - step];

      return i + .5f - step * (profile[i] - least)
          / MAX (profile[i] - before, 1e-3f);
    }
  return from + .5f;
}

typedef struct
{
  double mass, x, y;
  Box box;
  guint active;
  Box live, fresh;
  double colour[3];
  float low;
} Measure;

/* Adds up the blobs of one owner within @box into profiles. */
static void
add_up (Tracks * tracks, const Picture * picture, const Front * front,
    guint owner, const Box * box, Measure * m)
{
  const guint8 *labels = blobs_get_labels (tracks->blobs);
  guint w = front->width;

  for (int y = box->y0; y < (int) box->y1; y++)
    for (int x = box->x0; x < (int) box->x1; x++) {
      gsize at = (gsize) y * w + x;
      float weight;

      if (tracks->owners[labels[at]] != owner)
        continue;
      weight = MIN (1, front->front[at] / 160.f);
      tracks->rows[y] += weight;
      tracks->columns[x] += weight;
      m->mass += weight;
      m->x += weight * (x + .5f);
      m->y += weight * (y + .5f);
      m->colour[0] += weight * picture->y[at];
      m->colour[1] += weight * picture->u[at];
      m->colour[2] += weight * picture->v[at];
    }
}

/* How wide the lowest third is: the spread of its columns. */
static float
low_width (Tracks * tracks, const Front * front, guint owner, const Box * box)
{
  const guint8 *labels = blobs_get_labels (tracks->blobs);
  double n = 1e-3, x1 = 0, x2 = 0;

  for (int y = box->y1 - (box->y1 - box->y0) / 3; y < (int) box->y1; y++)
    for (int x = box->x0; x < (int) box->x1; x++)
      if (tracks->owners[labels[(gsize) y * front->width + x]] == owner) {
        n++;
        x1 += x;
        x2 += (double) x *x;
      }
  return sqrt (MAX (0, x2 / n - x1 / n * x1 / n));
}

/* Small parts beside a thing's largest one are shadows' edges and the like,
 * but for one that still shows in parts. */
static void
drop_scraps (Tracks * tracks, const Blob * blobs, guint n)
{
  for (guint owner = 0; owner < tracks->n; owner++) {
    const Track *track = &tracks->list[owner];
    guint most = 0;

    if (track->age < YOUNG && !track->entered)
      continue;
    for (guint i = 0; i < n; i++)
      if (tracks->owners[i + 1] == owner)
        most = MAX (most, blobs[i].area);
    for (guint i = 0; i < n; i++)
      if (tracks->owners[i + 1] == owner && blobs[i].area * 8 < most)
        tracks->owners[i + 1] = SCRAP;
  }
}

/* Measures what an owner has got; FALSE where that is nothing. */
static gboolean
measure (Tracks * tracks, const Picture * picture, const Front * front,
    const Blob * blobs, guint n, guint owner, Measure * m)
{
  gboolean any = FALSE;
  Box hull = { 0 };

  memset (m, 0, sizeof *m);
  for (guint i = 0; i < n; i++) {
    if (tracks->owners[i + 1] != owner)
      continue;
    hull = any ? box_join (&hull, &blobs[i].box) : blobs[i].box;
    if (blobs[i].active > 0) {
      m->live = m->active > 0 ? box_join (&m->live, &blobs[i].live)
          : blobs[i].live;
      m->fresh = m->active > 0 ? box_join (&m->fresh, &blobs[i].fresh)
          : blobs[i].fresh;
    }
    m->active += blobs[i].active;
    any = TRUE;
  }
  if (!any)
    return FALSE;
  for (int y = hull.y0; y < (int) hull.y1; y++)
    tracks->rows[y] = 0;
  for (int x = hull.x0; x < (int) hull.x1; x++)
    tracks->columns[x] = 0;
  add_up (tracks, picture, front, owner, &hull, m);
  m->x /= m->mass;
  m->y /= m->mass;
  for (guint i = 0; i < 3; i++)
    m->colour[i] /= m->mass;
  m->box.x0 = edge (tracks->columns, hull.x0, hull.x1 - 1,
      1 + .03f * (hull.y1 - hull.y0));
  m->box.x1 = edge (tracks->columns, hull.x1 - 1, hull.x0,
      1 + .03f * (hull.y1 - hull.y0));
  m->box.y0 = edge (tracks->rows, hull.y0, hull.y1 - 1,
      1 + .03f * (hull.x1 - hull.x0));
  m->box.y1 = edge (tracks->rows, hull.y1 - 1, hull.y0,
      1 + .03f * (hull.x1 - hull.x0));
  m->low = low_width (tracks, front, owner, &hull);
  return TRUE;
}

/* Remembers how a thing looks. */
static void
keep_look (Tracks * tracks, Track * track, guint owner, const Picture * picture)
{
  const guint8 *planes[] = { picture->y, picture->u, picture->v };
  const guint8 *labels = blobs_get_labels (tracks->blobs);
  int x0 = CLAMP (floorf (track->box.x0), 0, picture->width - 1.f);
  int y0 = CLAMP (floorf (track->box.y0), 0, picture->height - 1.f);
  guint w = CLAMP (ceilf (track->box.x1) - x0, 1, picture->width - x0);
  guint h = CLAMP (ceilf (track->box.y1) - y0, 1, picture->height - y0);

  if (w * h > track->look_w * track->look_h) {
    for (guint i = 0; i < 3; i++)
      track->look[i] = g_realloc (track->look[i], (gsize) w * h);
    track->look_mask = g_realloc (track->look_mask, (gsize) w * h);
  }
  track->look_w = w;
  track->look_h = h;
  for (guint y = 0; y < h; y++) {
    gsize from = (gsize) (y0 + y) * picture->width + x0;

    for (guint i = 0; i < 3; i++)
      memcpy (track->look[i] + y * w, planes[i] + from, w);
    for (guint x = 0; x < w; x++)
      track->look_mask[y * w + x] = tracks->owners[labels[from + x]] == owner;
  }
}

/* How badly a thing would fit at a place: mean bounded difference. */
static float
misfit (const Track * track, const Picture * picture, int x0, int y0)
{
  int w = picture->width, h = picture->height, sum = 0, n = 0;

  for (int y = 0; y < (int) track->look_h; y += 2)
    for (int x = y / 2 & 1; x < (int) track->look_w; x += 2) {
      gsize at = (gsize) (y0 + y) * w + x0 + x;
      gsize in = (gsize) y * track->look_w + x;
      int d;

      if (!track->look_mask[in] || x0 + x < 0 || y0 + y < 0 || x0 + x >= w
          || y0 + y >= h)
        continue;
      d = abs (picture->y[at] - track->look[0][in])
          + abs (picture->u[at] - track->look[1][in])
          + abs (picture->v[at] - track->look[2][in]);
      sum += MIN (d, 60);
      n++;
    }
  return n < 8 ? 60 : sum / (float) n;
}

static float
peak (float before, float here, float after)
{
  float bend = before + after - 2 * here;

  return bend < 1e-3f ? 0 : CLAMP ((before - after) / (2 * bend), -.5f, .5f);
}

/* Looks for a thing around where it is expected; TRUE where it is found. */
static gboolean
look_for (Track * track, const Picture * picture, float *dx, float *dy)
{
  int x0 = floorf (track->box.x0), y0 = floorf (track->box.y0), bx = 0, by = 0;
  float cost[2 * REACH + 1][2 * REACH + 1], least = 1e9;

  for (int y = -REACH; y <= REACH; y++)
    for (int x = -REACH; x <= REACH; x++) {
      float c = misfit (track, picture, x0 + x, y0 + y)
          + .15f * hypotf (x, y);

      cost[y + REACH][x + REACH] = c;
      if (c < least) {
        least = c;
        bx = x;
        by = y;
      }
    }
  if (least > 40)
    return FALSE;
  *dx = bx;
  *dy = by;
  if (abs (bx) < REACH && abs (by) < REACH) {
    const float *row = cost[by + REACH] + bx + REACH;

    *dx += peak (row[-1], row[0], row[1]);
    *dy += peak (cost[by + REACH - 1][bx + REACH], row[0],
        cost[by + REACH + 1][bx + REACH]);
  }
  *dx -= track->box.x0 - x0;
  *dy -= track->box.y0 - y0;
  return TRUE;
}

/* Whether a thing is one: it has been seen, and has been on its way. */
static void
learn_told (Track * track, const Front * front, guint active)
{
  float side = sqrtf (front->width * (float) front->height);
  float area = box_area (&track->box);
  guint least = front->wet ? 6 : 3;

  if (track->n >= least && track->missed == 0 && active > 0
      && track->way > (front->wet ? .05f : .016f) * side
      && area > (front->wet ? .006f : .0015f) * side * side)
    track->told = TRUE;
  track->hides = track->told && !track->entered && !front->wet
      && track->age < 2 * YOUNG && track->way > .025f * side;
}

static void
set_sample (Tracks * tracks, Track * track, const Front * front,
    const Measure * m, gboolean sure)
{
  Sample sample = track_measure (track, &m->box, tracks->time, front->width,
      front->height);

  sample.x = m->x - (float) track->offset_x;
  sample.y = m->y - (float) track->offset_y;
  sample.low = m->low;
  sample.sure = sure;
  track->box = m->box;
  track->missed = 0;
  track_add (track, &sample, sqrtf (front->width * (float) front->height));
  learn_told (track, front, sure ? m->active : 1);
}

/* What of its box is the thing's for sure: that which changes, more so the
 * faster it is; the rest may be where it was before. */
static void
learn_keep (Track * track, const Measure * m)
{
  float area = MAX (box_area (&m->box), 1), fast =
      hypotf (track->vx, track->vy);

  if (track->hides && fast > FAST && box_area (&m->fresh) > .2f * area)
    track->keep = m->fresh;
  else if (!track->told || (m->active > 8 && box_area (&m->live) > .4f * area))
    track->keep = m->live;
  else
    track->keep = m->box;
}

/* Takes what a thing's own blobs say. */
static void
update (Tracks * tracks, const Picture * picture, const Front * front,
    guint owner, const Measure * m)
{
  Track *track = &tracks->list[owner];
  float area = MAX (box_area (&m->box), 1);
  float rate = track->n == 0 ? 1 : .2f;

  for (guint i = 0; i < 3; i++)
    track->colour[i] += rate * (m->colour[i] - track->colour[i]);
  track->fill += rate * (m->mass / area - track->fill);
  set_sample (tracks, track, front, m, TRUE);
  learn_keep (track, m);
  keep_look (tracks, track, owner, picture);
}

/* Looks for a thing that shares its blob with others. */
static void
update_hidden (Tracks * tracks, const Picture * picture, const Front * front,
    Track * track)
{
  float dx, dy, w, h;
  Measure m = { 0 };
  const Sample *last;

  if (track->look_mask == NULL || track->n == 0
      || !look_for (track, picture, &dx, &dy))
    return;
  last = &track->samples[track->n - 1];
  w = last->right - last->left;
  h = last->foot - last->top;
  m.box = track->box;
  box_shift (&m.box, dx, dy);
  m.box.x1 = m.box.x0 + w;
  m.box.y1 = m.box.y0 + h;
  m.x = m.box.x0 + last->x - last->left;
  m.y = m.box.y0 + last->y - last->top;
  m.low = last->low;
  set_sample (tracks, track, front, &m, FALSE);
  track->keep = track->box;
}

/* Gives a new thing the blobs near it that nobody has: while what is behind it
 * is not known, a thing shows in parts. */
static Box
gather (Tracks * tracks, const Blob * blobs, guint n, guint blob)
{
  Box hull = blobs[blob].box;
  gboolean more = TRUE;

  tracks->owners[blob + 1] = tracks->n;
  while (more) {
    more = FALSE;
    for (guint i = 0; i < n; i++) {
      Box reach = widen (&hull);

      if (tracks->owners[i + 1] != NOBODY || blobs[i].active == 0
          || box_overlap (&reach, &blobs[i].box) <= 0)
        continue;
      tracks->owners[i + 1] = tracks->n;
      hull = box_join (&hull, &blobs[i].box);
      more = TRUE;
    }
  }
  return hull;
}

static void
begin_track (Tracks * tracks, const Picture * picture, const Front * front,
    const Blob * blobs, guint n, guint blob)
{
  Track *track;
  Measure m;
  Box box;

  if (tracks->n == TRACKS_MAX || blobs[blob].active < 4)
    return;
  box = gather (tracks, blobs, n, blob);
  track = &tracks->list[tracks->n];
  memset (track, 0, sizeof *track);
  if (!measure (tracks, picture, front, blobs, n, tracks->n, &m))
    return;
  track->id = tracks->next_id++;
  track->box = m.box;
  track->entered = box_is_at_edge (&box, front->width, front->height);
  update (tracks, picture, front, tracks->n++, &m);
}

/* Whether a thing is gone, or is another one's part. */
static gboolean
is_over (Tracks * tracks, guint i, const Front * front)
{
  const Track *track = &tracks->list[i];
  gboolean outside = box_is_outside (&track->box, front->width,
      front->height);
  gboolean at_edge = track->n > 0 && (track->samples[track->n - 1].cut_x
      || track->samples[track->n - 1].cut_y);

  if (track->missed > (outside || !track->told ? LOST_AT_EDGE
          : at_edge ? 2 * LOST_AT_EDGE : LOST))
    return TRUE;
  for (guint k = 0; k < tracks->n; k++) {
    const Track *other = &tracks->list[k];
    float common = box_overlap (&track->box, &other->box);

    if (k != i && other->id < track->id && other->missed <= track->missed
        && common > .7f * box_area (&track->box)
        && (!track->told || common > .7f * box_area (&other->box)))
      return TRUE;
  }
  return FALSE;
}

/* Whether two are parts of one that has begun to move: near each other, and
 * going the same way. */
static gboolean
are_one (const Track * a, const Track * b)
{
  Box reach = widen (&a->box);
  float speed = hypotf (a->vx, a->vy);

  return a->n >= 3 && b->n >= 3 && !a->entered && !b->entered
      && MIN (a->age, b->age) < 2 * YOUNG
      && box_overlap (&reach, &b->box) > 0 && speed > 4
      && hypotf (a->vx - b->vx, a->vy - b->vy) < .4f * speed + 3;
}

static void
join_parts (Tracks * tracks)
{
  for (guint i = 0; i < tracks->n; i++)
    for (guint k = i + 1; k < tracks->n; k++) {
      Track *a = &tracks->list[i], *b = &tracks->list[k];

      if (!are_one (a, b))
        continue;
      a->box = box_join (&a->box, &b->box);
      a->keep = box_join (&a->keep, &b->keep);
      /* what it was before is no path of the whole */
      a->n = 0;
      a->age = MIN (a->age, b->age);
      drop_look (b);
      tracks->n--;
      memmove (b, b + 1, (tracks->n - k) * sizeof *b);
      k--;
    }
}

/* Whether what rests is but where something was: then the edges around it are
 * the backdrop's, not the picture's. */
static gboolean
is_ghost (Tracks * tracks, guint owner, const Picture * picture,
    const Front * front)
{
  const guint8 *labels = blobs_get_labels (tracks->blobs);
  const Box *box = &tracks->list[owner].box;
  int w = front->width, h = front->height;
  double seen = 0, behind = 0;

  for (int y = MAX (1, box->y0 - 1); y < MIN (h - 1, box->y1 + 1); y++)
    for (int x = MAX (1, box->x0 - 1); x < MIN (w - 1, box->x1 + 1); x++) {
      gsize at = (gsize) y * w + x;
      gboolean in = tracks->owners[labels[at]] == owner;

      if (in != (tracks->owners[labels[at + 1]] == owner)) {
        seen += abs (picture->y[at + 1] - picture->y[at]);
        behind += fabsf (front->behind[at + 1] - front->behind[at]);
      }
      if (in != (tracks->owners[labels[at + w]] == owner)) {
        seen += abs (picture->y[at + w] - picture->y[at]);
        behind += fabsf (front->behind[at + w] - front->behind[at]);
      }
    }
  return behind > 1.2 * seen;
}

static void
drop_ghosts (Tracks * tracks, const Picture * picture, const Front * front)
{
  guint i = 0;

  while (i < tracks->n) {
    Track *track = &tracks->list[i];

    if (track->still % 8 != 5 || !is_ghost (tracks, i, picture, front)) {
      i++;
      continue;
    }
    drop_look (track);
    tracks->n--;
    memmove (track, track + 1, (tracks->n - i) * sizeof *track);
    /* blobs of those after it are not theirs any more: look at them later */
    return;
  }
}

static void
drop_over (Tracks * tracks, const Front * front)
{
  guint i = 0;

  while (i < tracks->n)
    if (is_over (tracks, i, front)) {
      drop_look (&tracks->list[i]);
      tracks->n--;
      memmove (&tracks->list[i], &tracks->list[i + 1],
          (tracks->n - i) * sizeof *tracks->list);
    } else
      i++;
}

void
tracks_see (Tracks * tracks, const Picture * picture, const Front * front,
    const CameraMove * move, double time)
{
  guint n, followed = tracks->n;
  const Blob *blobs = blobs_find (tracks->blobs, front, &n);

  predict (tracks, move, time - tracks->time);
  tracks->time = time;
  assign (tracks, blobs, n);
  drop_scraps (tracks, blobs, n);
  for (guint i = 0; i < followed; i++) {
    Measure m;

    if (measure (tracks, picture, front, blobs, n, i, &m))
      update (tracks, picture, front, i, &m);
    else
      update_hidden (tracks, picture, front, &tracks->list[i]);
  }
  for (guint i = 0; i < n; i++)
    if (tracks->owners[i + 1] == NOBODY)
      begin_track (tracks, picture, front, blobs, n, i);
  drop_ghosts (tracks, picture, front);
  join_parts (tracks);
  drop_over (tracks, front);
}
