/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pan.c: the laws of panning. */

#include <math.h>
#include <string.h>

#include "models/foley/mix/pan.h"

#define N_SPEAKERS 5

/* Around the listener from the left rear on: channel and degrees (ITU-R
 * BS.775). */
static const struct
{
  guint channel;
  double azimuth;
} speakers[N_SPEAKERS] = {
  {4, -110}, {0, -30}, {2, 0}, {1, 30}, {5, 110}
};

static void
pan_stereo (double azimuth, double elevation, float *gains, float *itd)
{
  double side = CLAMP (sin (azimuth) * cos (elevation), -1, 1);
  double angle = (asin (side) + G_PI_2) / 2;

  gains[0] = (float) cos (angle);
  gains[1] = (float) sin (angle);
  *itd = (float) (PAN_ITD * side);
}

/* Of the pair of loudspeakers around the source (Pulkki 1997, Virtual sound
 * source positioning, eq. 9), which in the plane is a ratio of sines. */
static void
pan_pair (double azimuth, float *gains)
{
  guint i;

  for (i = 0; i < N_SPEAKERS; i++) {
    guint next = (i + 1) % N_SPEAKERS;
    double left = speakers[i].azimuth * G_PI / 180;
    double width = speakers[next].azimuth * G_PI / 180 - left;
    double at = fmod (azimuth - left + 4 * G_PI, 2 * G_PI), a, b, norm;

    if (width < 0)
      width += 2 * G_PI;
    if (at > width)
      continue;
    a = sin (width - at);
    b = sin (at);
    norm = sqrt (a * a + b * b);
    gains[speakers[i].channel] = (float) (a / norm);
    gains[speakers[next].channel] = (float) (b / norm);
    return;
  }
}

/* Towards the zenith, where no azimuth is, all loudspeakers play. */
static void
pan_surround (double azimuth, double elevation, float *gains)
{
  double flat = cos (elevation) * cos (elevation);
  guint i;

  pan_pair (azimuth, gains);
  for (i = 0; i < N_SPEAKERS; i++) {
    float *gain = &gains[speakers[i].channel];

    *gain = (float) sqrt (flat * *gain * *gain + (1 - flat) / N_SPEAKERS);
  }
}

/* ACN order, SN3D (Chapman et al. 2009); its azimuth is left positive. */
static void
pan_ambisonic (double azimuth, double elevation, float *gains)
{
  gains[0] = 1;
  gains[1] = (float) (-sin (azimuth) * cos (elevation));
  gains[2] = (float) sin (elevation);
  gains[3] = (float) (cos (azimuth) * cos (elevation));
}

void
pan_get_gains (FoleyLayout layout, double azimuth, double elevation,
    float gains[FOLEY_MAX_CHANNELS], float *itd)
{
  memset (gains, 0, FOLEY_MAX_CHANNELS * sizeof (float));
  *itd = 0;
  switch (layout) {
    case FOLEY_LAYOUT_STEREO:
      pan_stereo (azimuth, elevation, gains, itd);
      break;
    case FOLEY_LAYOUT_5_1:
      pan_surround (azimuth, elevation, gains);
      break;
    case FOLEY_LAYOUT_AMBISONIC:
      pan_ambisonic (azimuth, elevation, gains);
      break;
    default:
      gains[0] = 1;
      break;
  }
}

void
pan_get_diffuse (FoleyLayout layout, float gains[FOLEY_MAX_CHANNELS])
{
  guint n = foley_layout_get_channels (layout), i;

  for (i = 0; i < n; i++)
    switch (layout) {
      case FOLEY_LAYOUT_5_1:
        gains[i] = i == 3 ? 0 : (float) sqrt (1.0 / N_SPEAKERS);
        break;
      case FOLEY_LAYOUT_AMBISONIC:
        gains[i] = i == 0 ? 1 : (float) sqrt (1.0 / 3);
        break;
      default:
        gains[i] = (float) sqrt (1.0 / n);
        break;
    }
}
