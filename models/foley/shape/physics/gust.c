/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gust.c: what wanders slowly: gusts, flames, crowds. */

#include "models/foley/shape/physics/gust.h"

void
gust_init (Gust * gust, const Node * node)
{
  noise_init (&gust->noise, node);
}

/* Two poles a, each quantum: white noise of variance 1/3 comes out with about
 * a / 4 of its variance. */
void
gust_step (Gust * gust, const Node * node, float frequency)
{
  float a = 1 - expf (-2 * (float) G_PI * frequency * FOLEY_QUANTUM
      / (float) node->rate);

  gust->first += a * (noise_next (&gust->noise) - gust->first);
  gust->second += a * (gust->first - gust->second);
  gust->step = (gust->second * sqrtf (12 / a) - gust->value) / FOLEY_QUANTUM;
}
