/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source.h: one sound at its place: a voice, its strip in the mixer, and where
 * it is on its way to. */

#pragma once

#include "models/foley/mix/mixer.h"
#include "models/foley/recall/memory.h"

G_BEGIN_DECLS

typedef enum
{
  SOURCE_THING,                 /* lasts as long as a thing is there */
  SOURCE_ONCE,                  /* an impact, a step: rings out and is gone */
  SOURCE_CONTACT,               /* rolling, sliding: lasts while it is told */
  SOURCE_BED,                   /* surroundings */
  SOURCE_WORDS                  /* of the prompt */
} SourceRole;

/* Where it is and how it goes, at one moment. */
typedef struct
{
  Place place;
  float values[VOICE_N_VARIABLES];
} SourceState;

void source_state_init (SourceState * state);

typedef struct _Source Source;
struct _Source
{
  const Sound *sound;
  SourceRole role;
  guint id, kind;               /* whose it is; 0 where nobody's */
  Material materials[2];
  const char *class_name;       /* interned, or NULL */
  guint stem;
  Voice *voice;
  Strip *strip;
  GRand *random;                /* of the pauses of what sounds now and then */
  SourceState from, to;
  guint64 from_time, to_time;   /* samples */
  float level;                  /* of the sound at a metre, linear */
  float fade, fade_to, fade_step;       /* 0 ... 1, a quantum */
  guint64 trigger;              /* sample of the next; G_MAXUINT64: none */
  float strength;
  gboolean silent_of_late;      /* calls are not wanted: a thing at rest */
  gboolean begun;
};

/* NULL where its voice can't be made. */
Source *source_new (const Sound * sound, Mixer * mixer, guint rate,
    const Material materials[2], guint stem, guint64 seed);
void source_free (Source * source);

/* From @now, where it is by then, to @state at @then. */
void source_move (Source * source, const SourceState * state, guint64 now,
    guint64 then);
/* Fades in @seconds to 0 or 1, from where it is. */
void source_fade (Source * source, float to, float seconds, guint rate);
/* The quantum that begins at sample @time, into the mixer; TRUE if something in
 * it has been triggered. */
gboolean source_render (Source * source, Mixer * mixer, guint rate,
    float layer_gain, guint64 time);
/* It will not be heard again. */
gboolean source_is_over (const Source * source);

G_END_DECLS
