/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* surface.h: the profile of a rough surface, passed at a speed. */

#pragma once

#include "models/foley/shape/physics/physics.h"

G_BEGIN_DECLS

#define SURFACE_OCTAVES 8

/* Value noise of octaves of cells, from 0.1 mm up to 13 mm: a fractal.  What is
 * passed faster is brighter; nothing is heard at rest. */
typedef struct
{
  Noise noise;
  struct
  {
    float phase, from, to;
    float stretch;              /* no two cells are as long */
    float gain;
  } octaves[SURFACE_OCTAVES];
  float high;                   /* keeps off what is below 20 Hz */
} Surface;

void surface_init (Surface * surface, const Node * node);

/* One quantum of its height, RMS about 1, into @out.  @speed: m/s, of the first
 * and of the last sample.  @roughness: 0 ... 1, the part of coarse cells.
 * @smallest: m, what is smaller is bridged (by the patch that touches). */
void surface_render (Surface * surface, const Node * node, float from, float to,
    float roughness, float smallest, float *out);

G_END_DECLS
