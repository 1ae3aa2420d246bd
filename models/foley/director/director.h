/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* director.h: from what is seen to what sounds, where and when.
 *
 * Time is counted in samples.  A frame tells where things are at its time; until
 * the next one is seen, they are rendered on their way there, so all is heard a
 * frame late, and in its place. */

#pragma once

#include <math.h>

#include "models/foley/director/source.h"
#include "models/foley/see/see.h"

G_BEGIN_DECLS

/* Sources that sound at once; what comes when there are so many is not heard. */
#define DIRECTOR_MAX_SOURCES 48

/* A thing that is followed. */
typedef struct
{
  SceneObject object;           /* as last seen; its class may be guessed */
  Nature nature;
  Material material;            /* seen, or else what such things are made of */
  float size, mass;             /* m, kg */
  float scale;                  /* of its speed, over what seeing took it for */
  float speed;                  /* m/s */
  float effort;                 /* 0 ... 1 */
  Place place;
  guint stem;
  guint64 moved;                /* sample when it last moved; G_MAXUINT64: never */
  gboolean seen;                /* in the newest frame */
  gboolean cast;                /* its sounds have been looked for */
  /* naming.c */
  const char *claim;            /* of the scene's words, what it is; or NULL */
  const char *looks;            /* what it was seen as when it got its name ... */
  guint named;                  /* ... from which words; 0: none yet */
  const char *name;
} Actor;

typedef struct
{
  guint rate, n_stems;
  guint64 seed;
  Memory *memory;
  Mixer *mixer;
  GPtrArray *sources;           /* of Source */
  GHashTable *actors;           /* id to Actor */
  GArray *notes;                /* of FoleyNote, of the newest frame */
  GStringChunk *strings;        /* theirs */
  guint count;                  /* sources that there have been: their seeds */
  double aspect;                /* of the picture */
  guint64 position;             /* samples that are rendered, whole quanta */
  guint64 seen, before;         /* samples: times of the newest frame, and of that
                                 * before */
  gboolean any;                 /* a frame has been seen */
  /* controls */
  double gains[FOLEY_N_LAYERS];
  char **allow, **deny;
  char *prompt, *scene;
  char **classes;               /* things that the scene's words name */
  guint words;                  /* counts changes of these, from 1 */
  gboolean new_words;           /* the prompt is not staged yet */
  double snow;                  /* seen of late, 0 ... 1 */
  const char *bed_place;        /* the place whose sound goes on */
  guint64 place_since;          /* sample since which another is seen */
  const char *place_next;
} Director;

static inline guint64
director_to_sample (guint64 time, guint rate)
{
  return time / G_GUINT64_CONSTANT (1000000000) * rate
      + time % G_GUINT64_CONSTANT (1000000000) * rate
      / G_GUINT64_CONSTANT (1000000000);
}

static inline guint64
director_to_time (guint64 sample, guint rate)
{
  return sample / rate * G_GUINT64_CONSTANT (1000000000)
      + sample % rate * G_GUINT64_CONSTANT (1000000000) / rate;
}

/* What is not a number becomes @most. */
static inline float
director_clamp (float x, float least, float most)
{
  return fmaxf (least, fminf (x, most));
}

/* director.c: from frame to frame. */
gboolean director_init (Director * d, const FoleyOptions * options,
    GError ** error);
void director_clear (Director * d);
void director_control (Director * d, const FoleyControls * controls);
void director_see (Director * d, const Scene * scene);
void director_end (Director * d);

/* cast.c: things. */
void director_cast (Director * d, const Scene * scene);
Actor *director_get_actor (Director * d, guint id);
/* The azimuth that x, 0 ... 1 in the picture, is seen at. */
float director_get_azimuth (float x);

/* naming.c: what a thing is called, interned; NULL: nobody knows. */
const char *director_name_actor (Director * d, Actor * actor,
    const SceneObject * object);

/* contacts.c: what they do to each other. */
void director_hear_contacts (Director * d, const Scene * scene);

/* beds.c: surroundings. */
void director_lay_beds (Director * d, const Scene * scene);

/* words.c: sound from words alone, and the things that words name. */
void director_stage_words (Director * d);
char **director_find_classes (Director * d, const char *text);

/* stage.c: the sources themselves. */
typedef struct
{
  const Sound *sound;
  SourceRole role;
  guint id;                     /* of the thing or bed */
  guint kind;                   /* of the contact */
  Material materials[2];
  const char *class_name;
  const SourceState *state;
  guint stem;
  guint64 start;                /* sample */
} SourceOrder;

/* NULL where it is denied, or there are too many.  Owned by the director. */
Source *director_add (Director * d, const SourceOrder * order);
Source *director_find (Director * d, SourceRole role, guint id, guint kind,
    const Sound * sound);
/* @why: of the note; copied. */
void director_note (Director * d, const Source * source, guint64 sample,
    const char *why);
guint director_take_stem (Director * d);
/* One quantum into @mix and @stems, as mixer_end() has them. */
void director_render (Director * d, float *const *mix,
    float *const *const *stems);

G_END_DECLS
