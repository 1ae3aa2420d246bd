/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bubbles.h: air in water, a population of decaying sines. */

#pragma once

#include "models/foley/shape/physics/physics.h"

G_BEGIN_DECLS

#define BUBBLES 32

typedef struct
{
  guint n;
  struct
  {
    float wait;                 /* samples until it sounds */
    float real, imaginary;      /* the phase, and how loud it still is */
    float frequency, rise;      /* Hz; Hz a second */
    float damping;              /* 1/s */
  } at[BUBBLES];
} Bubbles;

/* Hz of @radius m: Minnaert's, 3.26 / r. */
float bubble_get_frequency (float radius);
/* 1/s: 0.13 / r + 0.0072 r^-1.5 */
float bubble_get_damping (float radius);

/* After @wait samples, as loud as @gain; @rise: how much the pitch rises while
 * it decays (0 deep, 0.1 and more near the surface).  Where there is no room,
 * none is added. */
void bubbles_add (Bubbles * bubbles, float wait, float radius, float gain,
    float rise);
/* One quantum, added to @out. */
void bubbles_render (Bubbles * bubbles, const Node * node, float *out);

G_END_DECLS
