/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* words.c: sound from words alone: "waves at night, a distant dog". */

#include <string.h>

#include "director.h"

/* A phrase is staged if some sound means as much. */
#define LIKE 0.4f
/* A word names a thing if some thing's sound means so nearly the same; less, and
 * "drives" is one. */
#define NAMES 0.9f
#define MAX_PHRASES 16
#define MAX_CLASSES 8
#define FADE 0.3f

/* Words that say where, and are no part of what. */
typedef struct
{
  const char *word;
  float azimuth;                /* radians; 0: says nothing of it */
  float distance;               /* times */
  float gain;                   /* times */
} Whereabouts;

static const Whereabouts whereabouts[] = {
  {"left", -0.7f, 1, 1}, {"right", 0.7f, 1, 1}, {"behind", 3.14f, 1, 1},
  {"distant", 0, 8, 1}, {"far", 0, 8, 1}, {"faraway", 0, 8, 1},
  {"near", 0, 0.5f, 1}, {"close", 0, 0.5f, 1}, {"nearby", 0, 0.5f, 1},
  {"loud", 0, 1, 2}, {"quiet", 0, 1, 0.4f}, {"faint", 0, 1, 0.3f},
  {"soft", 0, 1, 0.5f}
};

static gboolean
read_whereabouts (const char *word, Place * place)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (whereabouts); i++)
    if (g_ascii_strcasecmp (word, whereabouts[i].word) == 0) {
      if (whereabouts[i].azimuth != 0)
        place->azimuth = whereabouts[i].azimuth;
      place->distance *= whereabouts[i].distance;
      place->gain *= whereabouts[i].gain;
      return TRUE;
    }
  return FALSE;
}

/* What a phrase says but for where. */
static char *
take_whereabouts (const char *phrase, Place * place)
{
  g_auto (GStrv) words = g_strsplit_set (phrase, " \t\"'()", -1);
  GString *rest = g_string_new (NULL);
  guint i;

  for (i = 0; words[i]; i++)
    if (*words[i] && !read_whereabouts (words[i], place))
      g_string_append_printf (rest, "%s%s", rest->len ? " " : "", words[i]);
  return g_string_free (rest, FALSE);
}

static const Sound *
find_any (Director * d, const char *words)
{
  const Sound *best = NULL;
  float most = LIKE, score;
  guint kind;

  for (kind = SOUND_THING; kind <= SOUND_SURROUNDINGS; kind++) {
    const Sound *sound = memory_find (d->memory, words, kind, LIKE, &score);
    if (sound && score > most) {
      most = score;
      best = sound;
    }
  }
  return best;
}

static void
stage_phrase (Director * d, guint number, const char *phrase)
{
  SourceState state;
  SourceOrder order = {
    .role = SOURCE_WORDS,.id = number,.state = &state,.start = d->before
  };
  g_autofree char *words = NULL;
  Nature nature;
  Source *s;

  source_state_init (&state);
  words = take_whereabouts (phrase, &state.place);
  if (!*words || !(order.sound = find_any (d, words)))
    return;
  if (order.sound->kind == SOUND_SURROUNDINGS) {
    state.place.width = 1;
    state.place.gain *= state.place.distance;
  } else {
    nature_of (words, &nature);
    order.materials[0] = nature.material;
    state.values[VOICE_SIZE] = nature.size;
    order.class_name = g_intern_string (words);
  }
  order.stem = director_take_stem (d);
  if (!(s = director_add (d, &order)))
    return;
  if (order.sound->plays == SOUND_WHEN_TRIGGERED)
    s->trigger = d->before;
  director_note (d, s, d->before, phrase);
}

static char **
split (const char *text)
{
  g_autoptr (GRegex) parts = g_regex_new ("[,;.\\n]|\\band\\b|\\bwith\\b",
      G_REGEX_CASELESS | G_REGEX_RAW, 0, NULL);

  return g_regex_split (parts, text, 0);
}

void
director_stage_words (Director * d)
{
  g_auto (GStrv) phrases = NULL;
  guint i;

  for (i = 0; i < d->sources->len; i++) {
    Source *s = d->sources->pdata[i];
    if (s->role == SOURCE_WORDS)
      source_fade (s, 0, FADE, d->rate);
  }
  d->new_words = FALSE;
  if (!d->prompt)
    return;
  phrases = split (d->prompt);
  for (i = 0; phrases[i] && i < MAX_PHRASES; i++)
    stage_phrase (d, i, phrases[i]);
}

static gboolean
is_known (const char *word)
{
  float meaning[MEANING_SIZE];
  guint i;

  meaning_of (word, meaning);
  for (i = 0; i < MEANING_SIZE; i++)
    if (meaning[i] != 0)
      return TRUE;
  return FALSE;
}

/* A thing that is known by name, or whose sound means nearly the same, and more
 * than that of any surroundings: "snow" is none. */
static gboolean
names_thing (Director * d, const char *words)
{
  float score, around = 0;

  memory_find (d->memory, words, SOUND_SURROUNDINGS, -1, &around);
  if (nature_is_known (words))
    return around < NAMES;
  return is_known (words)
      && memory_find (d->memory, words, SOUND_THING, NAMES, &score)
      && score > around;
}

/* The thing that one word names, or two: "polar bear". */
static char *
take_name (Director * d, char **words)
{
  g_autofree char *both = words[1] && *words[1] ?
      g_strdup_printf ("%s %s", words[0], words[1]) : NULL;

  if (both && nature_is_known (both))
    return g_steal_pointer (&both);
  return names_thing (d, words[0]) ? g_strdup (words[0]) : NULL;
}

/* "two", "three": how many the next word is of. */
static guint
read_count (const char *word)
{
  static const char *const counts[] = { "two", "three", "four", NULL };
  guint i;

  for (i = 0; counts[i]; i++)
    if (g_ascii_strcasecmp (word, counts[i]) == 0)
      return i + 2;
  return 0;
}

/* Words of @text that name things, in their order; one of which there are two,
 * twice. */
char **
director_find_classes (Director * d, const char *text)
{
  g_auto (GStrv) words = g_strsplit_set (text, " \t\n,;.:!?\"'()", -1);
  GPtrArray *classes = g_ptr_array_new ();
  guint count = 1, i;

  for (i = 0; words[i] && classes->len < MAX_CLASSES; i++) {
    char *name = *words[i] ? take_name (d, words + i) : NULL;

    if (!name) {
      count = MAX (read_count (words[i]), count);
      continue;
    }
    i += strchr (name, ' ') != NULL;
    g_ptr_array_add (classes, name);
    for (; count > 1 && classes->len < MAX_CLASSES; count--)
      g_ptr_array_add (classes, g_strdup (name));
    count = 1;
  }
  g_ptr_array_add (classes, NULL);
  return (char **) g_ptr_array_free (classes, FALSE);
}
