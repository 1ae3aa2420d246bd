/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gait.c: footfalls, from what repeats in the way of a thing that walks.
 *
 * A body is lowest, and its legs are widest apart, when a foot comes down
 * (Cavagna et al. 1977; Little and Boyd 1998 tell gaits by such periods). */

#include <math.h>

#include "models/foley/see/watch.h"

#define LEAST 12                /* samples */
#define CLEAR .45               /* correlation of a signal with itself later */

/* A signal of the last @n samples, its line taken out; gives its deviation. */
static float
get_signal (const Track * track, guint n, gboolean low, float *out)
{
  double st = 0, s = 0, stt = 0, sty = 0, slope, sum = 0;
  guint first = track->n - n;

  for (guint i = 0; i < n; i++) {
    const Sample *sample = &track->samples[first + i];

    out[i] = low ? sample->low : sample->y;
    st += i;
    s += out[i];
    stt += (double) i *i;
    sty += i * out[i];
  }
  slope = (n * sty - st * s) / (n * stt - st * st);
  for (guint i = 0; i < n; i++) {
    out[i] -= s / n + slope * (i - st / n);
    sum += out[i] * out[i];
  }
  return sqrt (sum / n);
}

/* The lag at which a signal is most like itself; 0: none. */
static float
get_period (const float *signal, guint n, guint least, guint most, float *like)
{
  float r[TRACK_SAMPLES] = { 0 };
  guint best = 0;

  *like = 0;
  for (guint lag = 1; lag <= MIN (most + 1, n / 2); lag++) {
    double sum = 0, a = 1e-6, b = 1e-6;

    for (guint i = lag; i < n; i++) {
      sum += signal[i] * signal[i - lag];
      a += signal[i] * signal[i];
      b += signal[i - lag] * signal[i - lag];
    }
    r[lag] = sum / sqrt (a * b);
  }
  for (guint lag = MAX (2, least); lag <= MIN (most, n / 2 - 1); lag++)
    if (r[lag] > r[lag - 1] && r[lag] >= r[lag + 1] && r[lag] > *like) {
      *like = r[lag];
      best = lag;
    }
  return best;
}

/* Takes the clearer of the two signals that has a period of steps. */
static gboolean
choose (const Track * track, guint n, double interval, float *signal,
    double *period)
{
  float other[TRACK_SAMPLES], like[2], lag[2], spread[2];
  guint least = floor (.22 / interval), most = ceil (.8 / interval);

  spread[0] = get_signal (track, n, FALSE, signal);
  spread[1] = get_signal (track, n, TRUE, other);
  lag[0] = get_period (signal, n, least, most, &like[0]);
  lag[1] = get_period (other, n, least, most, &like[1]);
  if (spread[0] < .3f)
    like[0] = 0;
  if (spread[1] < .3f)
    like[1] = 0;
  if (MAX (like[0], like[1]) < CLEAR)
    return FALSE;
  if (like[1] > like[0])
    for (guint i = 0; i < n; i++)
      signal[i] = other[i];
  *period = interval * (like[1] > like[0] ? lag[1] : lag[0]);
  return TRUE;
}

void
gait_see (Gait * gait, const Watch * watch, const Track * track,
    Telling * telling)
{
  guint n = MIN (track->n, 24);
  const Sample *now;
  float signal[TRACK_SAMPLES], bend, at, slow;
  double interval, time;

  if (n < LEAST || track->missed > 0)
    return;
  now = &track->samples[track->n - 1];
  interval = (now->time - track->samples[track->n - n].time) / (n - 1);
  slow = .03f * (track->box.y1 - track->box.y0) + 1;
  if (now->cut_x || !now->sure || fabsf (track->vx) < slow
      || now->time < watch->fall.last + .5 || interval <= 0
      || !choose (track, n, interval, signal, &gait->period)) {
    gait->period = 0;
    return;
  }
  /* the frame before was the lowest, or the widest */
  if (!(signal[n - 2] > signal[n - 1] && signal[n - 2] >= signal[n - 3]
          && signal[n - 2] > 0))
    return;
  bend = signal[n - 3] + signal[n - 1] - 2 * signal[n - 2];
  at = (signal[n - 3] - signal[n - 1]) / (2 * MIN (bend, -1e-3f));
  time = track->samples[track->n - 2].time + CLAMP (at, -.5f, .5f) * interval;
  if (time < gait->last + .6 * gait->period)
    return;
  gait->last = time;
  tell (telling, CONTACT_STEP, track, time, now->x, now->foot,
      fabsf (track->vx));
}
