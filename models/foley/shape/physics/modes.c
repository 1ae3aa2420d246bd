/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* modes.c: a bank of resonators, each a decaying rotation in the plane. */

#include <string.h>

#include "models/foley/shape/physics/modes.h"

gboolean
modes_fits (const Node * node, double frequency)
{
  return frequency > 0 && frequency < 0.45 * node->rate;
}

void
modes_set (Modes * modes, const Node * node, guint k, double frequency,
    double damping)
{
  double w = 2 * G_PI * frequency / node->rate;
  double r = modes_fits (node, frequency) ? exp (-damping / node->rate) : 0;

  modes->cosine.modes[k] = r * cos (w);
  modes->sine.modes[k] = r * sin (w);
}

/* Two vectors at a time: their chains of sums overlap. */
static void
render_pair (Modes * modes, guint v, const float *in, ModesVector * sum)
{
  ModesVector c0 = modes->cosine.vectors[v], c1 = modes->cosine.vectors[v + 1];
  ModesVector s0 = modes->sine.vectors[v], s1 = modes->sine.vectors[v + 1];
  ModesVector g0 = modes->gain.vectors[v], g1 = modes->gain.vectors[v + 1];
  ModesVector x0 = modes->real.vectors[v], x1 = modes->real.vectors[v + 1];
  ModesVector y0 = modes->imaginary.vectors[v];
  ModesVector y1 = modes->imaginary.vectors[v + 1];
  guint i;

  for (i = 0; i < FOLEY_QUANTUM; i++) {
    ModesVector t0 = c0 * x0 - s0 * y0 + g0 * in[i];
    ModesVector t1 = c1 * x1 - s1 * y1 + g1 * in[i];

    y0 = s0 * x0 + c0 * y0;
    y1 = s1 * x1 + c1 * y1;
    x0 = t0;
    x1 = t1;
    sum[i] += y0 + y1;
  }
  modes->real.vectors[v] = x0;
  modes->real.vectors[v + 1] = x1;
  modes->imaginary.vectors[v] = y0;
  modes->imaginary.vectors[v + 1] = y1;
}

void
modes_render (Modes * modes, const float *in, float *out)
{
  ModesVector sum[FOLEY_QUANTUM];
  guint v, i, lane;

  memset (sum, 0, sizeof sum);
  for (v = 0; v * MODES_LANES < modes->n; v += 2)
    render_pair (modes, v, in, sum);
  for (i = 0; i < FOLEY_QUANTUM; i++)
    for (lane = 0; lane < MODES_LANES; lane++)
      out[i] += sum[i][lane];
}

gboolean
modes_settle (Modes * modes)
{
  float energy = 0;
  guint k;

  for (k = 0; k < modes->n; k++) {
    float x = settled (modes->real.modes[k]);
    float y = settled (modes->imaginary.modes[k]);

    modes->real.modes[k] = x;
    modes->imaginary.modes[k] = y;
    energy += x * x + y * y;
  }
  if (energy >= PHYSICS_SILENCE * PHYSICS_SILENCE && isfinite (energy))
    return FALSE;
  memset (&modes->real, 0, sizeof modes->real);
  memset (&modes->imaginary, 0, sizeof modes->imaginary);
  return TRUE;
}
