/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* naming.c: what a thing is called, by who tells, by its looks, and by the words of
 * the scene.
 *
 * A detector's word holds.  The scene's words beat looks: pictures of a video model
 * are seen as many things, but what it was asked for is known.  Looks that mean
 * about the same as a word are the better name, for they have a material. */

#include <string.h>

#include "director.h"

#define ALIKE .68f              /* cosine of the meanings of looks and a word */
#define SURE .8f                /* confidence of looks that no word names */

/* How many of a word there are. */
static guint
count_named (const Director * d, const char *word)
{
  guint n = 0;

  for (guint i = 0; d->classes[i]; i++)
    n += strcmp (d->classes[i], word) == 0;
  return n;
}

/* Whether there are as many others of that word as it is said. */
static gboolean
is_taken (Director * d, const Actor * self, const char *word)
{
  GHashTableIter iter;
  gpointer value;
  guint holders = 0;

  g_hash_table_iter_init (&iter, d->actors);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    const Actor *actor = value;
    holders += actor != self && actor->claim == word;
  }
  return holders >= count_named (d, word);
}

/* The free word that means most what a thing looks like, or else the first. */
static const char *
find_word (Director * d, const Actor * actor, const char *looks, float *alike)
{
  const char *best = NULL;

  *alike = -1;
  for (guint i = 0; d->classes[i]; i++) {
    const char *word = g_intern_string (d->classes[i]);
    float like = looks ? meaning_likeness (looks, word) : 0;

    if (like > *alike && !is_taken (d, actor, word)) {
      best = word;
      *alike = like;
    }
  }
  return best;
}

static const char *
choose (Director * d, Actor * actor, const SceneObject * object)
{
  float alike;

  actor->claim = find_word (d, actor, object->class_name, &alike);
  if (actor->claim == NULL)
    return object->confidence > SURE ? object->class_name : NULL;
  return object->class_name && alike > ALIKE ? object->class_name
      : actor->claim;
}

const char *
director_name_actor (Director * d, Actor * actor, const SceneObject * object)
{
  if (object->told || d->classes == NULL || d->classes[0] == NULL) {
    actor->named = 0;
    actor->claim = NULL;
    /* it stays what it was while nobody says otherwise */
    return object->class_name || !actor->cast ? object->class_name
        : actor->object.class_name;
  }
  if (actor->named != d->words || actor->looks != object->class_name
      || actor->name == NULL) {
    actor->looks = object->class_name;
    actor->named = d->words;
    actor->name = choose (d, actor, object);
  }
  return actor->name;
}
