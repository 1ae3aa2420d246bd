/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* memory.c: the recipes that are known, and which of them words mean. */

#include <string.h>

#include "models/foley/recall/recall-private.h"

#define ENDING ".sound"
#define EMBEDDED "sounds"
/* Bytes of a recipe; a larger file is none. */
#define LARGEST (256 * 1024)
/* Recipes of a user's folder. */
#define MOST 4096
/* Words whose answers are kept. */
#define MOST_REMEMBERED 256

/* What one part of a sound's description means. */
typedef struct
{
  guint sound;
  float meaning[MEANING_SIZE];
} Part;

typedef struct
{
  guint sound;
  float score;
} Match;

struct _Memory
{
  GPtrArray *sounds;            /* Sound *, in the order of their ids */
  GStringChunk *strings;
  GPtrArray *complaints;        /* char *, NULL-terminated */
  GArray *parts;                /* Part */
  GHashTable *remembered;       /* words: GArray of Match, best first */
};

static void
complain (Memory * memory, const char *name, const GError * error)
{
  g_autofree char *valid = g_filename_display_name (name);

  g_ptr_array_add (memory->complaints,
      g_strdup_printf ("%s: %s", valid, error->message));
}

/* In the place of one of the same id. */
static void
put (Memory * memory, Sound * sound)
{
  for (guint i = 0; i < memory->sounds->len; i++) {
    Sound *other = g_ptr_array_index (memory->sounds, i);

    if (strcmp (other->id, sound->id) == 0) {
      recipe_free (other);
      memory->sounds->pdata[i] = sound;
      return;
    }
  }
  g_ptr_array_add (memory->sounds, sound);
}

/* @name: of the file.  A broken one is complained of. */
static void
add_recipe (Memory * memory, const char *name, const char *folder,
    const char *text, gsize size)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *id = g_strndup (name, strlen (name) - strlen (ENDING));
  Sound *sound = NULL;

  if (g_key_file_load_from_data (file, text, size, G_KEY_FILE_NONE, &error))
    sound = recipe_read (file, id, folder, memory->strings, &error);
  if (sound != NULL)
    put (memory, sound);
  else
    complain (memory, name, error);
}

static void
add_embedded (Memory * memory)
{
  g_auto (GStrv) names = recall_list_files (EMBEDDED);

  for (guint i = 0; names[i]; i++) {
    g_autofree char *path = g_build_path ("/", EMBEDDED, names[i], NULL);
    gsize size;
    const guint8 *bytes = recall_get_file (path, &size);

    add_recipe (memory, names[i], NULL, (const char *) bytes, size);
  }
}

static char *
read_file (const char *path, gsize * size, GError ** error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInfo) info = g_file_query_info (file,
      G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_STANDARD_SIZE,
      G_FILE_QUERY_INFO_NONE, NULL, error);
  char *text = NULL;

  if (info == NULL)
    return NULL;
  if (g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR
      || g_file_info_get_size (info) > LARGEST) {
    g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_READ,
        "found %" G_GOFFSET_FORMAT " bytes; possible: a file of at most %d",
        g_file_info_get_size (info), LARGEST);
    return NULL;
  }
  g_file_get_contents (path, &text, size, error);
  return text;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* In the order of their names, so that it is the same everywhere. */
static gboolean
add_folder (Memory * memory, const char *folder, GError ** error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) local = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &local);
  const char *name;

  if (dir == NULL) {
    g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_NOT_FOUND,
        "%s: found no folder of recipes (%s)", folder, local->message);
    return FALSE;
  }
  while ((name = g_dir_read_name (dir)) != NULL && names->len < MOST)
    if (g_str_has_suffix (name, ENDING) && name[0] != '.')
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = NULL, *text = NULL;
    gsize size;

    name = g_ptr_array_index (names, i);
    path = g_build_filename (folder, name, NULL);
    text = read_file (path, &size, &local);
    if (text != NULL)
      add_recipe (memory, name, folder, text, size);
    else
      complain (memory, name, local);
    g_clear_error (&local);
  }
  return TRUE;
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(Sound * const *) a)->id, (*(Sound * const *) b)->id);
}

/* A part is what is between ";" of its description; the name is one too. */
static void
add_parts (Memory * memory, guint index)
{
  const Sound *sound = g_ptr_array_index (memory->sounds, index);
  g_autofree char *all = g_strconcat (sound->name, ";", sound->description,
      NULL);
  g_auto (GStrv) texts = g_strsplit (all, ";", -1);

  for (guint i = 0; texts[i]; i++) {
    Part part = {.sound = index };

    meaning_of (texts[i], part.meaning);
    g_array_append_val (memory->parts, part);
  }
}

Memory *
memory_new (const char *folder, GError ** error)
{
  g_autoptr (Memory) memory = g_new0 (Memory, 1);

  memory->sounds =
      g_ptr_array_new_with_free_func ((GDestroyNotify) recipe_free);
  memory->strings = g_string_chunk_new (4096);
  memory->complaints = g_ptr_array_new_with_free_func (g_free);
  memory->parts = g_array_new (FALSE, FALSE, sizeof (Part));
  memory->remembered = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      (GDestroyNotify) g_array_unref);
  add_embedded (memory);
  if (folder != NULL && !add_folder (memory, folder, error))
    return NULL;
  g_ptr_array_add (memory->complaints, NULL);
  g_ptr_array_sort (memory->sounds, compare_ids);
  for (guint i = 0; i < memory->sounds->len; i++)
    add_parts (memory, i);
  return g_steal_pointer (&memory);
}

void
memory_free (Memory * memory)
{
  g_ptr_array_unref (memory->sounds);
  g_string_chunk_free (memory->strings);
  g_ptr_array_unref (memory->complaints);
  g_array_unref (memory->parts);
  g_hash_table_unref (memory->remembered);
  g_free (memory);
}

const char *const *
memory_get_complaints (Memory * memory)
{
  return (const char *const *) memory->complaints->pdata;
}

const Sound *const *
memory_list (Memory * memory, guint * n)
{
  *n = memory->sounds->len;
  return (const Sound * const *) memory->sounds->pdata;
}

/* Best first; of equals, the one that comes first by its id. */
static int
compare_matches (gconstpointer a, gconstpointer b)
{
  const Match *one = a, *two = b;

  if (one->score != two->score)
    return one->score > two->score ? -1 : 1;
  return (one->sound > two->sound) - (one->sound < two->sound);
}

/* Every sound, of any kind, by the part of it that is nearest to the words:
 * what a description says besides would take away from a mean. */
static GArray *
match (Memory * memory, const char *words)
{
  guint n = memory->sounds->len;
  GArray *matches = g_array_sized_new (FALSE, FALSE, sizeof (Match), n);
  float meaning[MEANING_SIZE];

  meaning_of (words, meaning);
  for (guint i = 0; i < n; i++) {
    Match none = {.sound = i,.score = -1 };

    g_array_append_val (matches, none);
  }
  for (guint i = 0; i < memory->parts->len; i++) {
    const Part *part = &g_array_index (memory->parts, Part, i);
    Match *best = &g_array_index (matches, Match, part->sound);

    best->score = MAX (best->score, meaning_compare (part->meaning, meaning));
  }
  g_array_sort (matches, compare_matches);
  return matches;
}

static const GArray *
recall (Memory * memory, const char *words)
{
  GArray *matches = g_hash_table_lookup (memory->remembered, words);

  if (matches != NULL)
    return matches;
  if (g_hash_table_size (memory->remembered) >= MOST_REMEMBERED)
    g_hash_table_remove_all (memory->remembered);
  matches = match (memory, words);
  g_hash_table_insert (memory->remembered, g_strdup (words), matches);
  return matches;
}

guint
memory_find_all (Memory * memory, const char *words, SoundKind kind,
    float least, const Sound ** sounds, float *scores, guint n)
{
  const GArray *matches = recall (memory, words);
  guint found = 0;

  for (guint i = 0; i < matches->len && found < n; i++) {
    const Match *at = &g_array_index (matches, Match, i);
    const Sound *sound = g_ptr_array_index (memory->sounds, at->sound);

    if (at->score < least)
      break;
    if (sound->kind != kind)
      continue;
    sounds[found] = sound;
    if (scores != NULL)
      scores[found] = at->score;
    found++;
  }
  return found;
}

const Sound *
memory_find (Memory * memory, const char *words, SoundKind kind, float least,
    float *score)
{
  const Sound *sound = NULL;
  float best = -1;

  memory_find_all (memory, words, kind, least, &sound, &best, 1);
  if (score != NULL)
    *score = best;
  return sound;
}

const Sound *
memory_find_contact (Memory * memory, const char *words, ContactKind kind,
    float least, float *score)
{
  const GArray *matches = recall (memory, words);

  for (guint i = 0; i < matches->len; i++) {
    const Match *at = &g_array_index (matches, Match, i);
    const Sound *sound = g_ptr_array_index (memory->sounds, at->sound);

    if (at->score < least)
      break;
    if (!(sound->contacts & 1u << kind))
      continue;
    if (score != NULL)
      *score = at->score;
    return sound;
  }
  return NULL;
}
