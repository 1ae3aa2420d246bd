/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* voice.h: one sounding thing: a graph of nodes that physics drives.
 *
 * A patch is a graph as a recipe has it, checked once; voices are made from it.
 * A voice is mono.  Its variables are set by who knows the scene, and read by
 * the expressions of the recipe. */

#pragma once

#include "models/foley/shape/node.h"

G_BEGIN_DECLS

/* What the expressions of a recipe may name. */
typedef enum
{
  VOICE_SPEED,                  /* m/s, of the thing or of the impact */
  VOICE_SIZE,                   /* m, its larger side */
  VOICE_MASS,                   /* kg */
  VOICE_FORCE,                  /* N, normal to what it touches */
  VOICE_HARDNESS,               /* Pa: E* of the two that touch */
  VOICE_RESTITUTION,            /* 0 ... 1 */
  VOICE_AMOUNT,                 /* 0 ... 1: of rain, wind, fire, a crowd */
  VOICE_EFFORT,                 /* 0 ... 1: of an engine, a runner, a voice */
  VOICE_AGE,                    /* s since it began */
  VOICE_CHANCE,                 /* 0 ... 1, drawn anew at every trigger */
  VOICE_N_VARIABLES
} VoiceVariable;

const char *voice_variable_get_name (VoiceVariable variable);

typedef struct _Patch Patch;
typedef struct _Voice Voice;

/* Reads the graph of a recipe: every group of @file but [sound] is a node, named
 * as the group: type=..., inputs=a;b, name=number or expression, name=word.  The
 * node named "out" is what is heard.  @folder: where its files are, or NULL.
 * FOLEY_ERROR_RECIPE names group and key, what was found and what can be. */
Patch *patch_new (GKeyFile * file, const char *folder, GError ** error);
Patch *patch_ref (Patch * patch);
void patch_unref (Patch * patch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Patch, patch_unref)

/* @materials: of the thing and of what it touches: nodes whose word "material" is
 * "own" or "other" take them.  The same seed gives the same samples. */
Voice *voice_new (Patch * patch, double rate, const Material materials[2],
    guint64 seed, GError ** error);
void voice_free (Voice * voice);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Voice, voice_free)

/* From the next quantum on; what jumps is smoothed by the nodes. */
void voice_set (Voice * voice, VoiceVariable variable, float value);
/* In the next quantum, @offset samples in: a bark, an impact, a step. */
void voice_trigger (Voice * voice, guint offset, float strength);
/* Ends what goes on by itself; tails ring out. */
void voice_release (Voice * voice);
/* One quantum; NaN and infinity never come out. */
void voice_render (Voice * voice, float out[FOLEY_QUANTUM]);
/* Nothing will be heard until it is triggered. */
gboolean voice_is_silent (const Voice * voice);

G_END_DECLS
