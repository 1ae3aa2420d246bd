/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pulse.h: the force of things that meet: half-sines of unit area. */

#pragma once

#include "models/foley/shape/physics/physics.h"

G_BEGIN_DECLS

#define PULSES 8

typedef struct
{
  guint n;
  struct
  {
    float left;                 /* samples until it begins; < 0: since */
    float length;               /* samples */
    float area;
  } at[PULSES];
} Pulses;

/* @offset and @length in samples.  One more than there is room for replaces the
 * oldest. */
void pulses_add (Pulses * pulses, float offset, float length, float area);
/* One quantum, added to @out. */
void pulses_render (Pulses * pulses, float *out);

G_END_DECLS
