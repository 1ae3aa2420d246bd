/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* touch.c: impacts and footfalls of what was found, from the network's guesses.
 *
 * Each contact is in sight for two frames or three: it is told in the first in
 * which it is likely.  Bounces become too small to be seen before they end: two
 * in a row tell when the next ones are, each flight and each speed being the
 * same part of the one before. */

#include <math.h>

#include "models/foley/see/watch.h"

#define SURE .55f               /* likelihood that is told */
#define AGAIN .16               /* s until the next impact that is seen */
#define NEXT_STEP .15           /* s until the next footfall */
#define LONGEST .3              /* s; a longer flight is seen */
#define LIVELIEST .85f          /* what a bounce leaves of a flight, at most */
#define SLOWEST .12f            /* heights of the picture a second: no bounce */
#define SEEN 2.5f               /* pixels: a bounce's height that can be measured */
#define LATE .05                /* s: how late one may be that was foreseen */

static void
tell_impact (Touch * touch, const Track * track, Telling * telling,
    double time, float speed, float confidence)
{
  const Sample *now = &track->samples[track->n - 1];
  SceneContact *contact = tell (telling, CONTACT_IMPACT, track, time, now->x,
      now->foot, speed);

  if (contact != NULL)
    contact->confidence = confidence;
}

/* Whether a thing bounces by itself, and not by its legs. */
static gboolean
is_lifeless (const Track * track, const Telling * telling)
{
  const char *kind = touch_net_get_kind (telling->touch, track->class_name);

  return kind != NULL && (g_str_equal (kind, "thing")
      || g_str_equal (kind, "roller") || g_str_equal (kind, "vehicle")
      || g_str_equal (kind, "boat"));
}

/* How high above its landings a thing was between two times: pixels; and in
 * @level the row of the landing. */
static float
get_height (const Track * track, double since, double until, float level)
{
  float top = level;

  for (guint i = 0; i < track->n; i++)
    if (track->samples[i].time > since && track->samples[i].time < until)
      top = MIN (top, track->samples[i].foot);
  return level - top;
}

/* The part of a bounce's speed that the next one has: by how high it went before
 * and after the landing at @landed, as far as that can be seen; else 0. */
static float
get_part (const Touch * touch, const Track * track, double landed, double time)
{
  float level = -G_MAXFLOAT, before, after;

  for (guint i = 0; i < track->n; i++)
    if (fabs (track->samples[i].time - landed) < LATE
        || fabs (track->samples[i].time - time) < LATE)
      level = MAX (level, track->samples[i].foot);
  before = get_height (track, touch->before, landed, level);
  after = get_height (track, landed, time, level);
  return after < SEEN || before < after ? 0 : sqrtf (after / before);
}

/* Remembers an impact, and when the next one may be.  @series: it ends a bounce
 * that the last one began. */
static void
learn (Touch * touch, const Track * track, double time, float speed,
    gboolean series)
{
  double flight = series ? time - touch->last : 0;
  float part = touch->flight > 0 ? flight / touch->flight
      : series ? get_part (touch, track, touch->last, time) : 0;

  if (part == 0 && touch->speed > 0)
    part = speed / touch->speed;
  touch->next = -1;
  if (flight > 0 && part < LIVELIEST && flight * part < LONGEST)
    touch->next = time + flight * part;
  touch->before = series ? touch->last : -1;
  touch->last = time;
  touch->speed = speed;
  touch->flight = flight;
}

/* Whether a thing has stayed where it landed, or near. */
static gboolean
is_low (const Track * track)
{
  const Sample *now = &track->samples[track->n - 1];
  float low = now->foot;

  for (guint i = track->n > 4 ? track->n - 4 : 0; i < track->n; i++)
    low = MAX (low, track->samples[i].foot);
  return low - now->foot < .25f * (now->foot - now->top);
}

/* Tells what was foreseen for before this frame. */
static void
foresee (Touch * touch, const Track * track, Telling * telling)
{
  float speed;

  if (touch->next < 0 || telling->time < touch->next)
    return;
  speed = touch->speed * (touch->next - touch->last) / touch->flight;
  if (telling->time > touch->next + 3 * LATE || !is_low (track)
      || speed < SLOWEST * telling->lens->height) {
    touch->next = -1;
    return;
  }
  tell_impact (touch, track, telling, touch->next, speed, .5f);
  learn (touch, track, touch->next, speed, TRUE);
}

void
touch_see (Touch * touch, const Track * track, Telling * telling)
{
  TouchGuess guess;

  if (track->missed > 0
      || !touch_net_guess (telling->touch, track, telling->lens, &guess))
    return;
  if (guess.impact > SURE && guess.time > touch->last + AGAIN) {
    gboolean series = touch->last > 0 && guess.time < touch->last + 1.5
        && is_lifeless (track, telling);

    tell_impact (touch, track, telling, guess.time, guess.speed, guess.impact);
    learn (touch, track, guess.time, guess.speed, series);
  } else
    foresee (touch, track, telling);
  if (guess.step > SURE && guess.step_time > touch->stepped + NEXT_STEP) {
    const Sample *now = &track->samples[track->n - 1];

    touch->stepped = guess.step_time;
    tell (telling, CONTACT_STEP, track, guess.step_time, now->x, now->foot,
        fabsf (track->vx));
  }
}
