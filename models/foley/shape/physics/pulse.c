/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pulse.c: the force of things that meet: half-sines of unit area.
 *
 * A linear spring pushes with a half-sine; Hertz's force is little different
 * (van den Doel, Kry, Pai, "FoleyAutomatic", SIGGRAPH 2001, 3.1, use a raised
 * cosine).  Each sample is the integral over its time, so that pulses shorter
 * than a sample keep their momentum. */

#include <string.h>

#include "models/foley/shape/physics/pulse.h"

void
pulses_add (Pulses * pulses, float offset, float length, float area)
{
  if (pulses->n == PULSES) {
    memmove (&pulses->at[0], &pulses->at[1],
        (PULSES - 1) * sizeof pulses->at[0]);
    pulses->n--;
  }
  pulses->at[pulses->n].left = offset;
  pulses->at[pulses->n].length = MAX (length, 1e-3f);
  pulses->at[pulses->n].area = area;
  pulses->n++;
}

/* The part of the area that is past @t samples after the beginning. */
static float
part (float t, float length)
{
  if (t <= 0)
    return 0;
  return t >= length ? 1 : 0.5f - 0.5f * cosf ((float) G_PI * t / length);
}

void
pulses_render (Pulses * pulses, float *out)
{
  guint k, i, kept = 0;

  for (k = 0; k < pulses->n; k++) {
    float left = pulses->at[k].left, length = pulses->at[k].length;
    float before = part (-left, length);

    for (i = (guint) CLAMP (left, 0, FOLEY_QUANTUM);
        i < FOLEY_QUANTUM && before < 1; i++) {
      float after = part (i + 1 - left, length);

      out[i] += pulses->at[k].area * (after - before);
      before = after;
    }
    pulses->at[k].left -= FOLEY_QUANTUM;
    if (-pulses->at[k].left < length)
      pulses->at[kept++] = pulses->at[k];
  }
  pulses->n = kept;
}
