/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pan.h: from a direction to the gains of channels. */

#pragma once

#include "models/foley.h"

G_BEGIN_DECLS

/* How much later the far channel of STEREO is, at the side: s. */
#define PAN_ITD 0.0003

/* The gains of a source at @azimuth (right positive) and @elevation, radians;
 * the sum of their squares is 1 (of AMBISONIC: W is 1).  @itd: s, by which L is
 * later than R; 0 but in STEREO.
 *
 * STEREO: with the lateral angle l = asin (sin azimuth cos elevation),
 *   R / L = tan ((l + 90 deg) / 2), so l = 2 atan (R / L) - 90 deg,
 *   and the far side is PAN_ITD sin l late.  What is behind is as what is ahead.
 * 5_1: pairwise amplitude panning; the sum of gains times the directions of the
 *   loudspeakers points to the source.  The LFE channel gets nothing: it is for
 *   effects above the head room of the others, which carry all frequencies.
 * BINAURAL: not by gains: see head.h. */
void pan_get_gains (FoleyLayout layout, double azimuth, double elevation,
    float gains[FOLEY_MAX_CHANNELS], float *itd);
/* Those of a field from everywhere: each channel's share, of unlike signals. */
void pan_get_diffuse (FoleyLayout layout, float gains[FOLEY_MAX_CHANNELS]);

G_END_DECLS
