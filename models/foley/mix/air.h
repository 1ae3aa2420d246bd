/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* air.h: what the way through the air takes of a sound. */

#pragma once

#include "models/foley.h"

G_BEGIN_DECLS

#define AIR_SOUND 343.0         /* m/s, at 20 degrees */

typedef struct
{
  double absorption;            /* dB a metre, at a frequency ... */
  double cosine;                /* ... of this cosine of its angle a sample */
} Air;

/* dB a metre at @frequency, Hz: 20 degrees, sea level, relative @humidity, %. */
double air_get_absorption (double frequency, double humidity);
void air_init (Air * air, guint rate);
/* Of the low-pass y += (1 - pole) (x - y) for a way of @distance metres. */
float air_get_pole (const Air * air, double distance);
/* s that sound is on its way; see air.c for what is far. */
double air_get_delay (double distance);

G_END_DECLS
