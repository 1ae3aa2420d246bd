/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* modes.h: a bank of resonators, each a decaying rotation in the plane. */

#pragma once

#include "models/foley/shape/physics/bodies.h"
#include "models/foley/shape/physics/physics.h"

G_BEGIN_DECLS

#define MODES_LANES 4
#define MODES_VECTORS (BODY_MAX_MODES / MODES_LANES)

/* Of the size that every machine's vector unit has. */
typedef float ModesVector __attribute__ ((vector_size (4 * MODES_LANES)));

typedef union
{
  ModesVector vectors[MODES_VECTORS];
  float modes[BODY_MAX_MODES];
} ModesRow;

/* z' = r e^(iw) z + gain x; what is heard is the sum of the imaginary parts: an
 * impulse gives gain r^n sin (w n).  Two-pole filters do the same with one
 * product less, but lose low pitches to rounding in float. */
typedef struct
{
  ModesRow cosine, sine;        /* r cos w, r sin w */
  ModesRow gain;
  ModesRow real, imaginary;
  guint n;
} Modes;

/* Mode @k to @frequency Hz and @damping 1/s.  Above 0.45 of the rate it is left
 * out (its gain has to be 0: modes_fits()). */
void modes_set (Modes * modes, const Node * node, guint k, double frequency,
    double damping);
gboolean modes_fits (const Node * node, double frequency);

/* One quantum of @in through all, added to @out. */
void modes_render (Modes * modes, const float *in, float *out);

/* Nothing is left that is heard; what was left is then gone. */
gboolean modes_settle (Modes * modes);

G_END_DECLS
