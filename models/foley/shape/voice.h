/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* voice.h: one sounding thing: a graph of nodes that physics drives.
 *
 * A patch is a graph as a recipe has it, checked once; voices are made from it.
 * A voice is mono.  Its variables are set by who knows the scene, and read by
 * the expressions of the recipe.
 *
 * Every group of a recipe but [sound] is a node, named as the group; the one
 * named "out" is what is heard.  Its keys:
 *
 *   type=noise                which node it is; always there
 *   inputs=hiss;hum           names of the nodes that it takes, in order
 *   on=trigger;drops          what triggers it: "trigger" (voice_trigger(), as
 *                             without the key), "start" (the first quantum),
 *                             "release" (voice_release()), or nodes: whenever the
 *                             output of one rises above 0, it triggers, as
 *                             strongly as it then is (at most 1)
 *   cutoff=200 + 40 * speed   a number, or an expression (expression.h), which
 *                             may also name nodes: their output at the end of a
 *                             quantum.  Constants must be in range, results of
 *                             expressions are clamped to it
 *   color=pink                a word
 *
 * When a node is triggered, its random() and `chance` are drawn anew, its latched
 * parameters are read, and what has a beginning begins.  A word "material" may be
 * "own" or "other": the thing's, or what it touches. */

#pragma once

#include "models/foley/shape/node.h"

G_BEGIN_DECLS

/* What the expressions of a recipe may name: speed, size ...  In brackets, what
 * they are until they are set. */
typedef enum
{
  VOICE_SPEED,                  /* m/s, of the thing or of the impact (1) */
  VOICE_SIZE,                   /* m, its larger side (0.3) */
  VOICE_MASS,                   /* kg (1) */
  VOICE_FORCE,                  /* N, normal to what it touches (10) */
  VOICE_HARDNESS,               /* Pa: E* of the two that touch (1e9) */
  VOICE_RESTITUTION,            /* 0 ... 1 (0.5) */
  VOICE_AMOUNT,                 /* 0 ... 1: of rain, wind, fire, a crowd (1) */
  VOICE_EFFORT,                 /* 0 ... 1: of an engine, a runner, a voice (0.5) */
  VOICE_AGE,                    /* s since it began (0) */
  VOICE_CHANCE,                 /* 0 ... 1, drawn at every trigger; the same for all
                                 * nodes that it triggers */
  VOICE_N_VARIABLES
} VoiceVariable;

const char *voice_variable_get_name (VoiceVariable variable);

typedef struct _Patch Patch;
typedef struct _Voice Voice;

/* Reads the graph of a recipe, and opens each of its nodes once, so that what
 * files lack is told here.  @folder: where its files are, or NULL.
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
/* In the next quantum, @offset samples in: a bark, an impact, a step.  @strength:
 * 0 ... 1.  Latched parameters are read now: set variables first. */
void voice_trigger (Voice * voice, guint offset, float strength);
/* Ends what goes on by itself: sustained envelopes, sources of triggers; an endless
 * node that nothing else ends is faded in 0.2 s.  Tails ring out. */
void voice_release (Voice * voice);
/* One quantum; NaN and infinity never come out. */
void voice_render (Voice * voice, float out[FOLEY_QUANTUM]);
/* Nothing will be heard until it is triggered. */
gboolean voice_is_silent (const Voice * voice);

G_END_DECLS
