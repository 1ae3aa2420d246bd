/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bump.c: collisions, as kinks of ways from side to side. */

#include <math.h>

#include "models/foley/see/watch.h"

#define LONGEST 6               /* samples before it that are fitted */
#define LEVEL .06f              /* heights that feet differ by in one depth */
#define AGAIN .25               /* s until the next one */

static double
middle (const Sample * s)
{
  return (s->left + s->right) / 2;
}

/* The line of the samples before @end; FALSE where there are too few. */
static gboolean
fit (const Track * track, guint end, Arc * arc)
{
  guint first = end > LONGEST ? end - LONGEST : 0, n = 0;

  if (end == 0)
    return FALSE;
  /* what has legs or wheels seldom changes its speed by much */
  arc_begin (arc, track->samples[end - 1].time, 0,
      .3 * (track->box.x1 - track->box.x0) + 10);
  for (guint i = first; i < end; i++) {
    if (track->samples[i].cut_x)
      continue;
    arc_add_place (arc, track->samples[i].time, middle (&track->samples[i]),
        track->samples[i].sure ? .5 : 1);
    n++;
  }
  return n >= 3 && arc_solve (arc);
}

/* Whether both stand in one depth, which the rows tell that they stand on; of blobs
 * rows tell little. */
static gboolean
are_level (const Track * a, const Track * b)
{
  return !a->found || !b->found || fabsf (a->box.y1 - b->box.y1)
      < LEVEL * (a->box.y1 - a->box.y0);
}

/* Who touched @track at the side that it went to; they may be @apart again. */
static const Track *
find_partner (const Track * track, const Telling * telling, double side,
    double apart)
{
  for (guint i = 0; i < telling->n_tracks; i++) {
    const Track *other = &telling->tracks[i];
    float low = MIN (track->box.y1 - track->box.y0,
        other->box.y1 - other->box.y0);
    float common = MIN (track->box.y1, other->box.y1)
        - MAX (track->box.y0, other->box.y0);
    float gap = side > 0 ? other->box.x0 - track->box.x1
        : track->box.x0 - other->box.x1;
    float way = (other->box.x0 + other->box.x1 - track->box.x0
        - track->box.x1) * side;

    if (other != track && other->missed < 3 && are_level (track, other)
        && common > .3f * low && way > 0
        && gap < 4 + apart && gap > -.5f * (track->box.x1 - track->box.x0))
      return other;
  }
  return NULL;
}

/* Large enough, and followed for so long, that it is no part of something. */
static gboolean
is_solid (const Track * track, const Lens * lens)
{
  return track->n >= 8 && track->box.y1 - track->box.y0 > .12f * lens->height
      && track->box.x1 - track->box.x0 > .08f * lens->width;
}

void
bump_see (Bump * bump, const Track * track, Telling * telling)
{
  guint n = track->n;
  const Sample *now, *last;
  double d, deviation, after, before, change, time, width;
  const Track *other;
  SceneContact *contact;
  Arc arc;

  if (n < 5 || track->missed > 0)
    return;
  now = &track->samples[n - 1];
  last = &track->samples[n - 2];
  width = telling->lens->width;
  if (now->cut_x || last->cut_x || now->time < bump->last + AGAIN
      || !fit (track, n - 2, &arc))
    return;
  d = middle (now) - arc_at (&arc, now->time);
  deviation = hypot (arc_deviation_at (&arc, now->time), now->sure ? .5 : 1);
  before = arc_speed_at (&arc, last->time);
  after = (middle (now) - middle (last)) / (now->time - last->time);
  change = after - before;
  if (fabs (d) < MAX (3 * deviation, .012 * width) || d * change <= 0
      || fabs (before) < .06 * width || fabs (change) < .08 * width
      || before * change > 0)
    return;
  time = now->time - fabs (d) / fabs (change);
  if (time < track->samples[n - 3].time)
    return;
  other = find_partner (track, telling, before,
      2 * fabs (after) * (now->time - time));
  if (other == NULL || !is_solid (track, telling->lens)
      || !is_solid (other, telling->lens) || fabs (change) < .3 * width
      || fabs (d) < MAX (5 * deviation, .02 * width))
    return;
  /* the other one sees it too: it is told once */
  for (guint i = 0; i < telling->n_watches; i++)
    if (telling->watches[i].id == other->id)
      telling->watches[i].bump.last = now->time;
  contact = tell (telling, CONTACT_IMPACT, track, time, before > 0
      ? now->right : now->left, (now->top + now->foot) / 2, fabs (before));
  bump->last = now->time;
  if (contact == NULL)
    return;
  contact->other = other->id;
  contact->confidence = .7;
}
