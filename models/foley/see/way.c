/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* way.c: what goes on along the ground, begins, ends, and passes by. */

#include <math.h>

#include "models/foley/see/watch.h"

#define AT_REST 4               /* frames without motion that are rest */
#define SETTLED .4              /* s after a cut before starts are told */
#define TOUCH 5                 /* frames on a level to be rolling on it */

void
way_begin (Way * way, const Track * track, const Telling * telling)
{
  const Sample *s = &track->samples[0];

  *way = (Way) {
  .rested = -1,.rest_x = s->x,.rest_y = s->foot,.moving = track->entered
        || telling->time < SETTLED,.middle =
        (track->box.x0 + track->box.x1) / 2};
}

/* Whether it has been on the same level for some frames. */
static gboolean
is_level (const Track * track)
{
  float low = G_MAXFLOAT, high = -G_MAXFLOAT;

  if (track->n < TOUCH)
    return FALSE;
  for (guint i = track->n - TOUCH; i < track->n; i++) {
    low = MIN (low, track->samples[i].foot);
    high = MAX (high, track->samples[i].foot);
  }
  return high - low < 1.2f + .01f * (track->box.y1 - track->box.y0);
}

/* As a disc: as wide as high, and about pi / 4 of its box. */
static gboolean
is_round (const Track * track)
{
  float w = track->box.x1 - track->box.x0, h = track->box.y1 - track->box.y0;

  return w > .8f * h && w < 1.25f * h && track->fill > .6f && track->fill < .9f;
}

/* Whether it goes on the ground by rolling or sliding, by what it is, or else by
 * its shape: round things and long ones, as cars are. */
static gboolean
goes_along (const Track * track, const Telling * telling, ContactKind * kind)
{
  const char *known = telling->touch
      ? touch_net_get_kind (telling->touch, track->class_name) : NULL;

  *kind = g_strcmp0 (known, "thing") == 0 ? CONTACT_SLIDE : CONTACT_ROLL;
  if (known != NULL)
    return g_str_equal (known, "roller") || g_str_equal (known, "vehicle")
        || *kind == CONTACT_SLIDE;
  return is_round (track) || track->box.x1 - track->box.x0
      > 1.25f * (track->box.y1 - track->box.y0);
}

static void
tell_along (Way * way, const Track * track, Telling * telling, gboolean over)
{
  const Sample *now = &track->samples[track->n - 1];
  SceneContact *contact = tell (telling, way->kind, track, way->since, now->x,
      now->foot, over ? 0 : fabsf (track->vx));

  if (contact == NULL)
    return;
  if (over)
    contact->duration = MAX (0, telling->time - way->since) * 1e9;
  contact->confidence = .6;
}

static void
see_along (Way * way, const Watch * watch, const Track * track,
    Telling * telling)
{
  float slow = .04f * telling->lens->width, speed = fabsf (track->vx);
  ContactKind kind;
  gboolean along = is_level (track) && speed > (way->along ? .5f : 1) * slow
      && track->missed == 0 && track->age > 12 && watch->gait.period == 0
      && track->samples[track->n - 1].sure;

  if (along)
    way->off = 0;
  else
    way->off++;
  if (along && !way->along && goes_along (track, telling, &kind)) {
    way->along = TRUE;
    way->kind = kind;
    way->since = track->samples[track->n - TOUCH].time;
    tell_along (way, track, telling, FALSE);
  } else if (way->along && way->off > 2) {
    way->along = FALSE;
    tell_along (way, track, telling, TRUE);
  }
}

static void
see_rest (Way * way, const Track * track, Telling * telling)
{
  const Sample *now = &track->samples[track->n - 1];
  float least = .02f * telling->lens->height + .6f;
  float way_x = now->x - way->rest_x, way_y = now->foot - way->rest_y;

  if (way->moving && track->still >= AT_REST) {
    const Sample *then = &track->samples[track->n > AT_REST
        ? track->n - 1 - AT_REST : 0];

    way->moving = FALSE;
    way->rested = then->time;
    way->rest_x = now->x;
    way->rest_y = now->foot;
    tell (telling, CONTACT_STOP, track, then->time, now->x, now->foot, 0);
  } else if (!way->moving && hypotf (way_x, way_y) > least) {
    float speed = hypotf (track->vx, track->vy);
    double time = now->time - hypotf (way_x, way_y) / MAX (speed, least);

    way->moving = TRUE;
    tell (telling, CONTACT_START, track, MAX (time, way->rested), now->x,
        now->foot, speed);
  }
}

static void
see_pass (Way * way, const Track * track, Telling * telling)
{
  float middle = (track->box.x0 + track->box.x1) / 2;
  float centre = telling->lens->width / 2;
  float moved = middle - way->middle;
  const Sample *now = &track->samples[track->n - 1];

  if (!way->passed && (way->middle - centre) * (middle - centre) < 0
      && fabsf (moved) > .25f && track->n > 1
      && fabsf (track->vx) > .25f * telling->lens->width) {
    double interval = now->time - track->samples[track->n - 2].time;

    way->passed = TRUE;
    tell (telling, CONTACT_PASS, track, now->time - interval
        * (middle - centre) / moved, now->x, now->foot, fabsf (track->vx));
  }
  way->middle = middle;
}

void
way_see (Way * way, const Watch * watch, const Track * track, Telling * telling)
{
  if (track->missed == 0) {
    see_rest (way, track, telling);
    see_pass (way, track, telling);
  }
  see_along (way, watch, track, telling);
}

void
way_end (Way * way, guint id, Telling * telling)
{
  if (!way->along || telling->n == CONTACTS_MAX)
    return;
  telling->list[telling->n++] = (SceneContact) {
  .kind = way->kind,.time = way->since * 1e9,.duration =
        MAX (0, telling->time - way->since) * 1e9,.id = id,.other =
        SCENE_GROUND,.x = .5,.y = 1,.depth = 1,.restitution = -1,.confidence =
        .6};
}
