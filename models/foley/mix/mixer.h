/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mixer.h: mono sources at their places, in a room, as channels.
 *
 * Every quantum: mixer_begin(), mixer_add() for each source, mixer_end().  A
 * source keeps its state (delay line, filters) in a Strip, which lives as long
 * as its tail is heard.  Nothing clicks, whatever jumps. */

#pragma once

#include "models/foley.h"

G_BEGIN_DECLS

typedef enum
{
  ROOM_OPEN,                    /* open field: no reverberation */
  ROOM_FOREST,                  /* RT60 0.3 s, sparse */
  ROOM_STREET,                  /* 0.5 */
  ROOM_STUDIO,                  /* 0.4 */
  ROOM_ROOM,                    /* 0.5 */
  ROOM_KITCHEN,                 /* 0.7: hard walls */
  ROOM_CLASSROOM,               /* 0.8 */
  ROOM_HALL,                    /* 2 */
  ROOM_CATHEDRAL,               /* 8 */
  N_ROOMS
} Room;

const char *room_get_name (Room room);
double room_get_rt60 (Room room);       /* s, at 1 kHz; 0: none */
/* Of a place by its name: "forest", "kitchen"; ROOM_OPEN where not known. */
Room room_of_place (const char *place, gboolean indoors);

/* Where a source is, at the end of a quantum. */
typedef struct
{
  float azimuth;                /* radians, right positive, 0 ahead */
  float elevation;              /* radians, up */
  float distance;               /* m, > 0 */
  float gain;                   /* linear, at a metre */
  float width;                  /* 0: a point ... 1: all around (ambience) */
} Place;

typedef struct
{
  guint rate;
  FoleyLayout layout;
  guint n_stems;
  const char *hrtf;             /* a SOFA file, or NULL: one that is installed, or
                                 * a model of the head where none is */
  float loudness;               /* LUFS the mix is steered to; 0: left as it is */
  float peak;                   /* dBFS true peak at most: -1 */
} MixerOptions;

typedef struct _Mixer Mixer;
typedef struct _Strip Strip;

/* FOLEY_ERROR_SETTINGS: a rate or layout that is not supported;
 * FOLEY_ERROR_READ, _NOT_FOUND: @hrtf. */
Mixer *mixer_new (const MixerOptions * options, GError ** error);
void mixer_free (Mixer * mixer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Mixer, mixer_free)

/* Crossfades to another room. */
void mixer_set_room (Mixer * mixer, Room room);
void mixer_set_loudness (Mixer * mixer, float loudness);

/* @stem: which of the stems it is heard in, < n_stems; ignored where none. */
Strip *strip_new (Mixer * mixer, guint stem);
void strip_free (Strip * strip);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Strip, strip_free)
/* Its delay line has run dry: what was added has been heard. */
gboolean strip_is_silent (const Strip * strip);

void mixer_begin (Mixer * mixer);
/* One quantum of a source, moving to @place. */
void mixer_add (Mixer * mixer, Strip * strip, const float in[FOLEY_QUANTUM],
    const Place * place);
/* @mix: [channels][FOLEY_QUANTUM]; @stems: [n_stems][channels][FOLEY_QUANTUM],
 * whose sum is the mix, or NULL. */
void mixer_end (Mixer * mixer, float *const *mix, float *const *const *stems);
/* The room's tail is below -90 dBFS too. */
gboolean mixer_is_silent (const Mixer * mixer);
/* Samples by which the limiter looks ahead: what comes out is so late. */
guint mixer_get_latency (const Mixer * mixer);

G_END_DECLS
