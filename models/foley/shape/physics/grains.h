/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* grains.h: many small collisions: sand, snow, gravel, leaves, drops. */

#pragma once

#include "models/foley/scene.h"
#include "models/foley/shape/physics/physics.h"

G_BEGIN_DECLS

typedef struct
{
  float rate;                   /* collisions a second, at push 1 */
  float decay;                  /* s, of one of them */
  float frequency, spread;      /* Hz; relative */
  float q;                      /* of its resonance */
  float even;                   /* 0: few are loud, 1: all alike */
  float gain;
} GrainKind;

typedef struct
{
  GrainKind kind;
  Noise noise;
  Band bands[3];
  float levels[3];              /* of the collisions that each band sounds */
  float fall;                   /* a sample */
  float wait;                   /* collisions until the next: falls by push */
  float quiet;                  /* samples since anything happened */
} Grains;

/* What crunches underfoot; NULL: nothing does. */
const GrainKind *grains_of_ground (Material material);
/* What drops make of what they hit. */
const GrainKind *grains_of_rain (Material material);

void grains_init (Grains * grains, const Node * node, const GrainKind * kind);

/* One quantum, added to @out; @push: [FOLEY_QUANTUM], 0 ... 1 and more: how
 * hard they are moved.  RMS about 0.1 at push 1. */
void grains_render (Grains * grains, const Node * node, const float *push,
    float *out);
gboolean grains_are_silent (const Grains * grains);

G_END_DECLS
