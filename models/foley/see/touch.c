/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* touch.c: impacts and footfalls of what was found, from the network's guesses.
 *
 * Each contact is in sight for two frames or three.  In the first its time is a
 * guess, and the sound would come too late if it were told after the second: so it
 * is told in the first if it seems to be long enough ago, or its time is sure. */

#include <math.h>

#include "models/foley/see/watch.h"

#define SURE .5f                /* likelihood of an impact that is told */
#define SURE_STEP .55f          /* ... of a footfall */
#define LONG_AGO .037           /* s: what is later can wait for the next frame ... */
#define JUST_NOW .006           /* s: ... unless it is no later than that and */
#define DOUBT .014f             /* s: ... its time is known so well */
#define AGAIN .08               /* s until the next impact */
#define NEXT_STEP .15           /* s until the next footfall */

/* Whether to tell of it now: it can wait while it would not sound much too late. */
static gboolean
is_due (const TouchGuess * guess, double now)
{
  return guess->time < now - LONG_AGO || (guess->time < now - JUST_NOW
      && guess->doubt < DOUBT);
}

void
touch_see (Touch * touch, const Track * track, Telling * telling)
{
  const Sample *now = &track->samples[track->n - 1];
  TouchGuess guess;

  if (track->missed > 0 || !touch_net_guess (telling->touch, track,
          telling->lens, telling->place, &guess))
    return;
  if (guess.impact > SURE && is_due (&guess, telling->time)
      && guess.time > touch->last + AGAIN) {
    SceneContact *contact = tell (telling, CONTACT_IMPACT, track, guess.time,
        now->x, now->foot, guess.speed);

    touch->last = guess.time;
    if (contact != NULL)
      contact->confidence = guess.impact;
  }
  if (guess.step > SURE_STEP && guess.step_time < telling->time - LONG_AGO
      && guess.step_time > touch->stepped + NEXT_STEP) {
    touch->stepped = guess.step_time;
    tell (telling, CONTACT_STEP, track, guess.step_time, now->x, now->foot,
        fabsf (track->vx));
  }
}
