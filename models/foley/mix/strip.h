/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* strip.h: the way of one source to the channels, as the mixer drives it. */

#pragma once

#include "models/foley/mix/air.h"
#include "models/foley/mix/head.h"
#include "models/foley/mix/mixer.h"

G_BEGIN_DECLS

/* What all strips have in common. */
typedef struct
{
  guint rate;
  FoleyLayout layout;
  guint channels;
  guint n_stems;
  Air air;
  Head *head;                   /* of BINAURAL, else NULL */
  double rt60;                  /* s, of the room */
} Stage;

/* What strips are added to. */
typedef struct
{
  float dry[FOLEY_MAX_CHANNELS][FOLEY_QUANTUM];
  float send[FOLEY_QUANTUM];    /* to the room */
  float spread[FOLEY_QUANTUM];  /* from everywhere */
} Bus;

/* mixer.c */
const Stage *mixer_get_stage (const Mixer * mixer);

guint strip_get_stem (const Strip * strip);
void strip_run (Strip * strip, const float in[FOLEY_QUANTUM],
    const Place * place, Bus * bus);

G_END_DECLS
