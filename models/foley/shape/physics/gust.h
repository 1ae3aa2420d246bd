/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gust.h: what wanders slowly: gusts, flames, crowds. */

#pragma once

#include "models/foley/shape/physics/physics.h"

G_BEGIN_DECLS

/* Filtered noise, drawn once a quantum, mean 0, RMS about 1, and linear in
 * between. */
typedef struct
{
  Noise noise;
  float first, second;
  float value, step;
} Gust;

void gust_init (Gust * gust, const Node * node);
/* @frequency: Hz, of how fast it wanders. */
void gust_step (Gust * gust, const Node * node, float frequency);

static inline float
gust_next (Gust * gust)
{
  return gust->value += gust->step;
}

G_END_DECLS
