/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* recipe.c: what the group [sound] of a recipe says. */

#include <math.h>
#include <string.h>

#include "models/foley/recall/recall-private.h"

#define GROUP "sound"
/* LUFS: what is not heard, and what hurts. */
#define FAINTEST -80.
#define LOUDEST 20.

static const char *const keys[] = { "name", "description", "kind", "layer",
  "plays", "every", "level", "loudness", NULL
};

/* In the order of their enumerations. */
static const char *const kinds[] = { "thing", "contact", "surroundings", NULL };

static const char *const layers[] = { "ambience", "impacts", "movement",
  "voices", NULL
};

static const char *const plays[] = { "on and on", "now and then",
  "when triggered", NULL
};

static gboolean
fail (GError ** error, const char *key, const char *found, const char *possible)
{
  g_autofree char *valid = g_utf8_make_valid (found, -1);

  g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_RECIPE,
      "[" GROUP "] %.80s: found %.80s; possible: %s", key, valid, possible);
  return FALSE;
}

/* Free it; NULL and an error where there is none. */
static char *
read_text (GKeyFile * file, const char *key, const char *possible,
    GError ** error)
{
  g_autofree char *text = g_key_file_get_string (file, GROUP, key, NULL);

  if (text != NULL && *g_strstrip (text) != '\0')
    return g_steal_pointer (&text);
  if (text == NULL && g_key_file_has_key (file, GROUP, key, NULL))
    fail (error, key, "what is no UTF-8 text", possible);
  else
    fail (error, key, text ? "nothing" : "no such key", possible);
  return NULL;
}

static gboolean
read_choice (GKeyFile * file, const char *key, const char *const *words,
    guint * choice, GError ** error)
{
  g_autofree char *possible = g_strjoinv (", ", (char **) words);
  g_autofree char *text = read_text (file, key, possible, error);

  if (text == NULL)
    return FALSE;
  for (*choice = 0; words[*choice]; (*choice)++)
    if (strcmp (words[*choice], text) == 0)
      return TRUE;
  return fail (error, key, text, possible);
}

/* All of @text is a number in the range. */
static gboolean
parse_number (const char *text, double least, double most, float *out)
{
  char *end;
  double value = g_ascii_strtod (text, &end);

  *out = (float) value;
  return end != text && *end == '\0' && value >= least && value <= most;
}

static gboolean
read_level (GKeyFile * file, const char *key, float *level, GError ** error)
{
  static const char possible[] = "LUFS, -80 to 20";
  g_autofree char *text = read_text (file, key, possible, error);

  if (text == NULL)
    return FALSE;
  return parse_number (text, FAINTEST, LOUDEST, level)
      || fail (error, key, text, possible);
}

static gboolean
read_every (GKeyFile * file, float every[2], GError ** error)
{
  static const char possible[] =
      "least;most in seconds, 0.05 to 600, as in 3;9";
  g_autofree char *text = read_text (file, "every", possible, error);
  g_auto (GStrv) parts = NULL;

  if (text == NULL)
    return FALSE;
  parts = g_strsplit (text, ";", -1);
  if (g_strv_length (parts) != 2
      || !parse_number (g_strstrip (parts[0]), .05, 600, &every[0])
      || !parse_number (g_strstrip (parts[1]), every[0], 600, &every[1]))
    return fail (error, "every", text, possible);
  return TRUE;
}

static gboolean
check_keys (GKeyFile * file, GError ** error)
{
  g_auto (GStrv) found = g_key_file_get_keys (file, GROUP, NULL, NULL);
  g_autofree char *possible = g_strjoinv (", ", (char **) keys);

  if (found == NULL) {
    g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_RECIPE,
        "found no group [" GROUP "]; possible: one with %s", possible);
    return FALSE;
  }
  for (guint i = 0; found[i]; i++)
    if (!g_strv_contains (keys, found[i]))
      return fail (error, found[i], "an unknown key", possible);
  return TRUE;
}

static gboolean
read_sound (GKeyFile * file, Sound * sound, GStringChunk * strings,
    GError ** error)
{
  guint kind, layer, play;
  g_autofree char *name = NULL, *description = NULL;

  if (!check_keys (file, error)
      || !(name = read_text (file, "name", "a few words", error))
      || !(description = read_text (file, "description",
              "words for it, apart by \";\"", error))
      || !read_choice (file, "kind", kinds, &kind, error)
      || !read_choice (file, "layer", layers, &layer, error)
      || !read_choice (file, "plays", plays, &play, error)
      || !read_level (file, "level", &sound->level, error))
    return FALSE;
  sound->name = g_string_chunk_insert (strings, name);
  sound->description = g_string_chunk_insert (strings, description);
  sound->kind = (SoundKind) kind;
  sound->layer = (FoleyLayer) layer;
  sound->plays = (SoundPlays) play;
  sound->loudness = sound->level;
  if (g_key_file_has_key (file, GROUP, "loudness", NULL)
      && !read_level (file, "loudness", &sound->loudness, error))
    return FALSE;
  return sound->plays != SOUND_NOW_AND_THEN
      || read_every (file, sound->every, error);
}

Sound *
recipe_read (GKeyFile * file, const char *id, const char *folder,
    GStringChunk * strings, GError ** error)
{
  g_autofree Sound *sound = g_new0 (Sound, 1);

  if (!read_sound (file, sound, strings, error))
    return NULL;
  sound->patch = patch_new (file, folder, error);
  if (sound->patch == NULL)
    return NULL;
  sound->id = g_string_chunk_insert (strings, id);
  return g_steal_pointer (&sound);
}

void
recipe_free (Sound * sound)
{
  patch_unref (sound->patch);
  g_free (sound);
}

float
sound_get_gain (const Sound * sound)
{
  return powf (10.f, (sound->level - sound->loudness) / 20.f);
}
