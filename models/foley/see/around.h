/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* around.h: where it is, in what weather, and on what ground. */

#pragma once

#include "models/foley/scene.h"
#include "models/foley/see/backdrop.h"

G_BEGIN_DECLS

typedef struct _Around Around;

Around *around_new (void);
void around_free (Around * around);
/* Another shot. */
void around_reset (Around * around);

/* @prompt: what the source says, or NULL; @setting: what the finder says, or
 * NULL. The source's words beat the finder's, which beat what pixels tell. */
void around_see (Around * around, const Picture * picture,
    const Front * front, gboolean still, const char *prompt,
    const char *setting, SceneSurroundings * surroundings);

/* Of what is seen just below a place, given in the picture: 0 ... 1. */
Material around_get_ground (Around * around, const Picture * picture, float x,
    float y);

/* places.c: what words say. */

typedef struct
{
  const char *place;            /* NULL: the words don't name one */
  Material ground;
  gboolean indoors;
  float rain, snow, fog, wind, water, fire;     /* < 0: not said */
  gboolean night, day;
} Words;

void words_read (const char *prompt, Words * words);

G_END_DECLS
