/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nature.c: what things are like, by their names. */

#include <string.h>

#include "models/foley/recall/recall-private.h"

/* A name that means less of any known thing is of an unknown kind. */
#define LEAST_LIKE 0.35f

typedef struct
{
  const char *name;
  Nature nature;
  float meaning[MEANING_SIZE];
} Entry;

typedef struct
{
  GArray *entries;              /* Entry */
  GHashTable *by_name;          /* to the Nature */
} Natures;

/* Of what nothing is known: a thing that one can carry. */
static const Nature unknown = { MATERIAL_UNKNOWN, 0.4f, 300.f, FALSE };

/* In a name, before all else. */
static const struct
{
  const char *word;
  Material material;
} material_words[] = {
  {"wooden", MATERIAL_WOOD}, {"wood", MATERIAL_WOOD}, {"oak", MATERIAL_WOOD},
  {"bamboo", MATERIAL_WOOD}, {"glass", MATERIAL_GLASS},
  {"crystal", MATERIAL_GLASS}, {"ceramic", MATERIAL_CERAMIC},
  {"porcelain", MATERIAL_CERAMIC}, {"clay", MATERIAL_CERAMIC},
  {"iron", MATERIAL_IRON}, {"steel", MATERIAL_STEEL},
  {"metal", MATERIAL_STEEL}, {"metallic", MATERIAL_STEEL},
  {"tin", MATERIAL_TIN}, {"aluminium", MATERIAL_ALUMINIUM},
  {"aluminum", MATERIAL_ALUMINIUM}, {"brass", MATERIAL_BRASS},
  {"bronze", MATERIAL_BRASS}, {"copper", MATERIAL_BRASS},
  {"rubber", MATERIAL_RUBBER}, {"stone", MATERIAL_STONE},
  {"marble", MATERIAL_STONE}, {"concrete", MATERIAL_CONCRETE},
  {"ice", MATERIAL_ICE}, {"paper", MATERIAL_PAPER},
  {"cardboard", MATERIAL_PAPER}, {"cloth", MATERIAL_CLOTH},
  {"plush", MATERIAL_CLOTH}, {"stuffed", MATERIAL_CLOTH}, {"leather",
      MATERIAL_CLOTH},
  {"woollen", MATERIAL_CLOTH}, {"straw", MATERIAL_LEAVES},
};

/* "Black-Cat " to "black cat"; free it. */
static char *
normalise (const char *name)
{
  char *text = g_ascii_strdown (name, -1);

  g_strdelimit (text, "-_\t\n", ' ');
  return g_strstrip (text);
}

/* "material|size|density|alive|name, name ...". */
static void
read_line (Natures * natures, const char *line)
{
  g_auto (GStrv) fields = g_strsplit (line, "|", 5);
  g_auto (GStrv) names = NULL;
  Entry entry = { NULL };

  g_assert (g_strv_length (fields) == 5);
  if (!material_from_name (fields[0], &entry.nature.material))
    g_error ("natures.txt: %s", line);
  entry.nature.size = (float) g_ascii_strtod (fields[1], NULL);
  entry.nature.density = (float) g_ascii_strtod (fields[2], NULL);
  entry.nature.alive = strcmp (fields[3], "alive") == 0;
  names = g_strsplit (fields[4], ",", -1);
  for (guint i = 0; names[i]; i++) {
    g_autofree char *name = normalise (names[i]);

    entry.name = g_intern_string (name);
    meaning_of (entry.name, entry.meaning);
    g_array_append_val (natures->entries, entry);
  }
}

static gpointer
load_natures (gpointer data)
{
  Natures *natures = g_new0 (Natures, 1);
  gsize size;
  const guint8 *bytes = recall_get_file ("natures.txt", &size);
  g_autofree char *text = g_strndup ((const char *) bytes, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  natures->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  natures->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; lines[i]; i++)
    if (lines[i][0] != '#' && lines[i][0] != '\0')
      read_line (natures, lines[i]);
  for (guint i = 0; i < natures->entries->len; i++) {
    Entry *entry = &g_array_index (natures->entries, Entry, i);

    g_hash_table_insert (natures->by_name, (gpointer) entry->name,
        &entry->nature);
  }
  return natures;
}

static const Natures *
get_natures (void)
{
  static GOnce once = G_ONCE_INIT;

  return g_once (&once, load_natures, NULL);
}

/* The whole name, or else what it ends in: "old black cat" is a cat. */
static const Nature *
find_by_name (const Natures * natures, const char *name)
{
  while (name != NULL) {
    const Nature *found = g_hash_table_lookup (natures->by_name, name);

    if (found != NULL)
      return found;
    name = strchr (name, ' ');
    if (name != NULL)
      name++;
  }
  return NULL;
}

static const Nature *
find_by_meaning (const Natures * natures, const char *name)
{
  const Nature *best = NULL;
  float meaning[MEANING_SIZE], score = LEAST_LIKE;

  meaning_of (name, meaning);
  for (guint i = 0; i < natures->entries->len; i++) {
    const Entry *entry = &g_array_index (natures->entries, Entry, i);
    float like = meaning_compare (entry->meaning, meaning);

    if (like > score) {
      best = &entry->nature;
      score = like;
    }
  }
  return best;
}

/* The material that a word of the name says, or MATERIAL_UNKNOWN. */
static Material
find_material (const char *name)
{
  g_auto (GStrv) words = g_strsplit_set (name, " ", -1);

  for (guint i = 0; words[i]; i++)
    for (guint j = 0; j < G_N_ELEMENTS (material_words); j++)
      if (strcmp (words[i], material_words[j].word) == 0)
        return material_words[j].material;
  return MATERIAL_UNKNOWN;
}

void
nature_of (const char *class_name, Nature * out)
{
  const Natures *natures = get_natures ();
  g_autofree char *name = normalise (class_name ? class_name : "");
  const Nature *found = g_hash_table_lookup (natures->by_name, name);
  Material material;

  if (found != NULL) {
    *out = *found;
    return;
  }
  material = find_material (name);
  found = find_by_name (natures, name);
  if (found == NULL)
    found = find_by_meaning (natures, name);
  *out = found ? *found : unknown;
  if (material != MATERIAL_UNKNOWN) {
    out->material = material;
    out->alive = FALSE;
  }
}

gboolean
nature_is_known (const char *class_name)
{
  g_autofree char *name = normalise (class_name);

  return g_hash_table_contains (get_natures ()->by_name, name);
}
