/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sphere.c: impulse responses of a rigid sphere with ears at its sides: the delay
 * of Woodworth, the shadow of Brown and Duda (A structural model for binaural
 * sound synthesis, 1998, eq. 2-5). */

#include <math.h>

#include "models/foley/mix/head.h"

#define RADIUS 0.0875           /* m */
#define SOUND 343.0             /* m/s */
#define HALF 8                  /* taps of the interpolator on either side */

/* s, of the ear whose axis is @angle from the source; 0 at the centre. */
static double
ear_delay (double angle)
{
  if (angle < G_PI_2)
    return -RADIUS / SOUND * cos (angle);
  return RADIUS / SOUND * (angle - G_PI_2);
}

/* A Hann-windowed sinc about @delay samples. */
static void
put_impulse (float *out, guint taps, double delay)
{
  guint k;

  for (k = 0; k < taps; k++) {
    double t = k - delay;
    double sinc = fabs (t) < 1e-9 ? 1 : sin (G_PI * t) / (G_PI * t);

    out[k] = fabs (t) >= HALF ? 0 :
        (float) (sinc * (0.5 + 0.5 * cos (G_PI * t / HALF)));
  }
}

/* One pole and one zero, by the bilinear transform of
 * (1 + alpha jw / 2 w0) / (1 + jw / 2 w0), w0 = c / radius. */
static void
shadow (float *out, guint taps, double angle, guint rate)
{
  double least = 0.1, at = G_PI * 150 / 180;
  double alpha = 1 + least / 2 + (1 - least / 2) * cos (angle / at * G_PI);
  double k = rate * RADIUS / SOUND;     /* 2 rate / 2 w0 */
  double b0 = (1 + alpha * k) / (1 + k), b1 = (1 - alpha * k) / (1 + k);
  double a1 = (1 - k) / (1 + k), x1 = 0, y = 0;
  guint i;

  for (i = 0; i < taps; i++) {
    double x = out[i];

    y = b0 * x + b1 * x1 - a1 * y;
    x1 = x;
    out[i] = (float) y;
  }
}

void
head_fill_sphere (Head * head, guint rate)
{
  guint i, ear;

  for (i = 0; i < HEAD_DIRECTIONS; i++)
    for (ear = 0; ear < 2; ear++) {
      float *out = head->filters + (2 * i + ear) * head->taps;
      double azimuth, elevation, side, angle;

      head_get_direction (i, &azimuth, &elevation);
      side = sin (azimuth) * cos (elevation);
      angle = acos (CLAMP (ear == 0 ? -side : side, -1, 1));
      put_impulse (out, head->taps,
          HALF + (RADIUS / SOUND + ear_delay (angle)) * rate);
      shadow (out, head->taps, angle, rate);
    }
}
