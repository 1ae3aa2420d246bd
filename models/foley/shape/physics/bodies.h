/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bodies.h: at which frequencies bodies ring, by shape, size and material. */

#pragma once

#include "models/foley/shape/physics/materials.h"

G_BEGIN_DECLS

#define BODY_MAX_MODES 32

typedef enum
{
  BODY_BAR,                     /* free at both ends */
  BODY_CANTILEVER,
  BODY_PLATE,
  BODY_RING,                    /* or a cup */
  BODY_MEMBRANE,
  BODY_TUBE,                    /* the air in it, open at both ends */
  BODY_BELL,
  BODY_DISC,                    /* free: a lid, a coin, a cymbal */
  BODY_BLOCK,                   /* solid */
  BODY_STRING,
  BODY_GLASS,                   /* for wine */
  BODY_BOTTLE,                  /* its air, then its wall */
  N_BODIES
} Body;

/* In the order of Body, NULL-terminated. */
extern const char *const body_names[];

/* Frequencies relative to the first; returns how many: at most
 * BODY_MAX_MODES. */
guint body_get_ratios (Body body, double ratios[BODY_MAX_MODES]);

/* Hz of the first mode.  @size: the larger side, m; @thickness: m, or 0: as is
 * usual for the shape. */
double body_get_frequency (Body body, Material material, double size,
    double thickness);

/* 1/s, as material_get_damping(), of mode number @mode at @frequency Hz; where
 * air or a stretched skin rings, its own. */
double body_get_damping (Body body, Material material, guint mode,
    double frequency, double mounting);

G_END_DECLS
