/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lens.h: from pixels to metres, by a plain camera over a plane. */

#pragma once

#include "models/foley/scene.h"

G_BEGIN_DECLS

typedef struct
{
  float width, height;          /* of the picture, in its pixels */
  float stretch;                /* how much wider than high a pixel is */
  float focus;                  /* pixels */
  float ratio;                  /* of distances to those of the plane */
  guint known;                  /* arcs that ratio was measured from */
} Lens;

/* @aspect: of the picture; <= 0: pixels are square. */
void lens_set (Lens * lens, guint width, guint height, double aspect);
/* Forgets what was measured. */
void lens_reset (Lens * lens);

/* How far something is that stands at a row of the picture, in metres. */
float lens_get_depth (const Lens * lens, float foot);
/* Metres of a pixel's height at a depth. */
float lens_get_scale (const Lens * lens, float depth);
/* What falls at @a pixels / s^2 onto the row @foot is so far away. */
void lens_learn (Lens * lens, float foot, float a);
/* The acceleration of a fall onto a row, pixels / s^2, and its deviation. */
void lens_get_fall (const Lens * lens, float foot, float *a, float *deviation);

G_END_DECLS
