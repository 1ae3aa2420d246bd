/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* memory.h: typical sounds, found by meaning.
 *
 * A sound is a recipe in a key file: group [sound] says what it is, the others
 * are its graph (shape/voice.h).
 *
 *   [sound]
 *   name=Dog, barking
 *   description=a dog barks, small or big; a hound, a puppy
 *   kind=thing                thing, contact or surroundings
 *   contact=impact;splash     of kind=contact: which (contact_kind_get_name())
 *   layer=voices              ambience, impacts, movement or voices
 *   plays=now and then        on and on, now and then, or when triggered
 *   every=3;9                 s, of "now and then": least and most
 *   level=-18                 LUFS at a metre, as it is meant to be heard
 *   loudness=-23.1            LUFS, what its graph gives; where it is left out,
 *                             the same as level
 *
 * The embedded ones come first; those of a user's directory are added, and one
 * of the same file name takes the place of an embedded one. */

#pragma once

#include "models/foley/shape/voice.h"

G_BEGIN_DECLS

typedef enum
{
  SOUND_THING,                  /* of an object that is in sight */
  SOUND_CONTACT,                /* of what objects do to each other */
  SOUND_SURROUNDINGS            /* of where it is */
} SoundKind;

typedef enum
{
  SOUND_GOES_ON,
  SOUND_NOW_AND_THEN,
  SOUND_WHEN_TRIGGERED
} SoundPlays;

typedef struct
{
  const char *id;               /* file name without its ending: "dog-bark" */
  const char *name;
  const char *description;
  SoundKind kind;
  guint contacts;               /* of SOUND_CONTACT: bit k is ContactKind k */
  FoleyLayer layer;
  SoundPlays plays;
  float every[2];               /* s */
  float level;                  /* LUFS */
  float loudness;               /* LUFS, of what its graph gives */
  Patch *patch;
} Sound;

/* What brings its voices to their level, linear. */
float sound_get_gain (const Sound * sound);

typedef struct _Memory Memory;

/* @folder: a user's recipes, or NULL.  A broken recipe is left out, and named
 * in memory_get_complaints().  FOLEY_ERROR_NOT_FOUND: no such folder. */
Memory *memory_new (const char *folder, GError ** error);
void memory_free (Memory * memory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Memory, memory_free)

/* NULL-terminated; owned by the memory. */
const char *const *memory_get_complaints (Memory * memory);
/* [n] sounds, owned by the memory. */
const Sound *const *memory_list (Memory * memory, guint * n);

/* The sound that @words mean, of @kind: "golden retriever", "wooden car on
 * snow".  @score: cosine, -1 ... 1, of its description and the words; @least:
 * NULL is returned where none has that much. */
const Sound *memory_find (Memory * memory, const char *words, SoundKind kind,
    float least, float *score);
/* The same, of the sounds of one kind of contact. */
const Sound *memory_find_contact (Memory * memory, const char *words,
    ContactKind kind, float least, float *score);
/* The same for all that reach it, best first, at most @n; returns how many. */
guint memory_find_all (Memory * memory, const char *words, SoundKind kind,
    float least, const Sound ** sounds, float *scores, guint n);

/* Meaning of some words as a unit vector [MEANING_SIZE]; zero where no word is
 * known.  The same for any order of calls; no allocation that is kept. */
#define MEANING_SIZE 64
void meaning_of (const char *words, float out[MEANING_SIZE]);
/* How alike the meanings of two texts are: a cosine, -1 ... 1; 0 where one has
 * none. */
float meaning_likeness (const char *a, const char *b);

/* What a class of thing is like, by meaning of its name: "taxi", "tabby cat";
 * NULL: of a thing that nobody knows. */
typedef struct
{
  Material material;
  float size;                   /* m, the larger side, as a rule */
  float density;                /* kg/m^3 over its box, hollow as it is */
  gboolean alive;
} Nature;
void nature_of (const char *class_name, Nature * out);
/* It stands in the table of natures, letter by letter but for its case. */
gboolean nature_is_known (const char *class_name);

G_END_DECLS
