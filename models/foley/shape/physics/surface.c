/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* surface.c: the profile of a rough surface, passed at a speed.
 *
 * Fractal profiles: van den Doel, Kry, Pai, "FoleyAutomatic" (SIGGRAPH 2001),
 * 3.2. The patch of a rolling thing bridges what is small: Rath, Rocchesso,
 * "Continuous Sonic Feedback from a Rolling Ball" (IEEE MultiMedia 12,
 * 2005). */

#include <string.h>

#include "models/foley/shape/physics/surface.h"

#define FINEST 1e-4f            /* m, cells of the first octave */

void
surface_init (Surface * surface, const Node * node)
{
  guint k;

  noise_init (&surface->noise, node);
  for (k = 0; k < SURFACE_OCTAVES; k++) {
    surface->octaves[k].stretch = 1;
    surface->octaves[k].phase = noise_unit (&surface->noise);
    surface->octaves[k].from = noise_next (&surface->noise);
    surface->octaves[k].to = noise_next (&surface->noise);
  }
}

/* Of octave @k, where cells pass at @passing cells a sample: none where they
 * are faster than samples, nor where the patch bridges them. */
static float
gain_of (guint k, float cell, float passing, float roughness, float smallest)
{
  float fast = CLAMP (1.5f - 2 * passing, 0, 1);
  float bridged = 1 / (1 + (smallest / cell) * (smallest / cell));
  float coarse = powf (0.55f + 0.45f * roughness, SURFACE_OCTAVES - 1 - k);
  float fine = powf (1 - 0.3f * roughness, k);

  return fast * bridged * MIN (coarse, fine);
}

void
surface_render (Surface * surface, const Node * node, float from, float to,
    float roughness, float smallest, float *out)
{
  float cell = FINEST, sum = 0;
  guint k, i;

  memset (out, 0, FOLEY_QUANTUM * sizeof *out);
  for (k = 0; k < SURFACE_OCTAVES; k++, cell *= 2) {
    float passing = from / cell / (float) node->rate;
    float last = to / cell / (float) node->rate;
    float step = (last - passing) / FOLEY_QUANTUM;
    float target = gain_of (k, cell, MAX (passing, last), roughness, smallest);
    float gain = surface->octaves[k].gain;
    float change = (target - gain) / FOLEY_QUANTUM;
    float phase = surface->octaves[k].phase;
    float stretch = surface->octaves[k].stretch;
    float a = surface->octaves[k].from, b = surface->octaves[k].to;

    sum += target * target;
    surface->octaves[k].gain = target;
    if (gain + target < 1e-3f)
      continue;
    for (i = 0; i < FOLEY_QUANTUM; i++) {
      passing += step;
      phase += passing * stretch;
      gain += change;
      if (phase >= 1) {
        phase -= (int) phase;
        a = b;
        b = noise_next (&surface->noise);
        stretch = noise_between (&surface->noise, 0.6f, 1.4f);
      }
      out[i] += gain * (a + (b - a) * phase);
    }
    surface->octaves[k].phase = phase;
    surface->octaves[k].stretch = stretch;
    surface->octaves[k].from = a;
    surface->octaves[k].to = b;
  }
  /* Interpolated noise has an RMS of 0.47. */
  sum = 1 / (0.47f * sqrtf (MAX (sum, 0.01f)));
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    float x = out[i] * sum;

    surface->high += 2 * (float) G_PI *20 / (float) node->rate
        * (x - surface->high);
    out[i] = x - surface->high;
  }
  surface->high = settled (surface->high);
}
