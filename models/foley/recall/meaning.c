/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* meaning.c: what words mean, from the table that make_meaning.py made. */

#include <math.h>
#include <string.h>

#include "models/foley/recall/recall-private.h"

/* Longest entry looked for, in words and in bytes. */
#define MOST_WORDS 3
#define LONGEST 63

#define HEADER 16               /* "meaning1", u32 n, u32 size */

typedef struct
{
  const guint8 *starts;         /* u32 [n], little-endian, not aligned */
  const gint8 *vectors;         /* [n][MEANING_SIZE] */
  const guint8 *weights;        /* [n] */
  const char *text;
  guint n;
} Table;

static guint32
read_u32 (const guint8 * at)
{
  guint32 value;

  memcpy (&value, at, sizeof value);
  return GUINT32_FROM_LE (value);
}

static gpointer
load_table (gpointer data)
{
  static Table table;
  gsize size;
  const guint8 *bytes = recall_get_file ("meaning.bin", &size);

  g_assert (size > HEADER && memcmp (bytes, "meaning1", 8) == 0);
  g_assert (read_u32 (bytes + 12) == MEANING_SIZE);
  table.n = read_u32 (bytes + 8);
  g_assert (size > HEADER + (gsize) table.n * (4 + MEANING_SIZE + 1));
  table.starts = bytes + HEADER;
  table.vectors = (const gint8 *) table.starts + 4 * (gsize) table.n;
  table.weights = (const guint8 *) table.vectors +
      MEANING_SIZE * (gsize) table.n;
  table.text = (const char *) table.weights + table.n;
  return &table;
}

static const Table *
get_table (void)
{
  static GOnce once = G_ONCE_INIT;

  return g_once (&once, load_table, NULL);
}

/* The entry of a word, or -1. */
static int
look_up (const Table * table, const char *word)
{
  guint low = 0, high = table->n;

  while (low < high) {
    guint middle = (low + high) / 2;
    int order = strcmp (word, table->text +
        read_u32 (table->starts + 4 * (gsize) middle));

    if (order == 0)
      return (int) middle;
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return -1;
}

/* Endings of English, and what the word without it may end in. */
static const struct
{
  const char *ending, *instead;
} endings[] = {
  {"'s", ""}, {"s", ""}, {"es", ""}, {"ies", "y"}, {"ves", "f"}, {"men", "man"},
  {"ing", ""}, {"ing", "e"}, {"ed", ""}, {"ed", "e"}, {"ied", "y"}, {"er", ""},
  {"er", "e"}, {"ly", ""}, {"y", ""}
};

/* "running": "runn", then "run". */
static int
look_up_without_double (const Table * table, char *word)
{
  gsize n = strlen (word);

  if (n < 4 || word[n - 1] != word[n - 2])
    return -1;
  word[n - 1] = '\0';
  return look_up (table, word);
}

/* The entry of a word or, where there is none, of the word it comes from. */
static int
look_up_any (const Table * table, const char *word)
{
  int found = look_up (table, word);
  gsize length = strlen (word);

  for (guint i = 0; found < 0 && i < G_N_ELEMENTS (endings); i++) {
    gsize ending = strlen (endings[i].ending);
    char stem[LONGEST + 8];

    if (length < ending + 3 ||
        strcmp (word + length - ending, endings[i].ending) != 0)
      continue;
    memcpy (stem, word, length - ending);
    strcpy (stem + length - ending, endings[i].instead);
    found = look_up (table, stem);
    if (found < 0 && endings[i].instead[0] == '\0')
      found = look_up_without_double (table, stem);
  }
  return found;
}

static gboolean
is_of_word (char c)
{
  return g_ascii_isalnum (c) || (guchar) c >= 0x80 || c == '\'';
}

/* The next word from *at on, in lower case and appended to @out of @length
 * bytes; FALSE at the end.  One that is too long becomes "?": none has it. */
static gboolean
next_word (const char **at, char *out, gsize length)
{
  const char *from = *at, *to;

  while (*from && !is_of_word (*from))
    from++;
  for (to = from; is_of_word (*to); to++);
  *at = to;
  if (to == from)
    return FALSE;
  if (length + (to - from) > LONGEST) {
    strcpy (out + length, "?");
    return TRUE;
  }
  for (; from < to; from++)
    out[length++] = g_ascii_tolower (*from);
  out[length] = '\0';
  return TRUE;
}

/* The longest entry that @words begin with; *at: what comes after it, or after
 * the first word where there is none (-1). */
static int
next_entry (const Table * table, const char *words, const char **at)
{
  char text[LONGEST + 3] = "";
  const char *end = words;
  int found = -1;

  *at = NULL;
  for (guint n = 0; n < MOST_WORDS; n++) {
    gsize length = strlen (text);
    int entry;

    if (n > 0 && length < LONGEST)
      text[length++] = ' ';
    if (!next_word (&end, text, length))
      break;
    entry = look_up_any (table, text);
    if (entry >= 0)
      found = entry;
    if (entry >= 0 || n == 0)
      *at = end;
  }
  return found;
}

/* To length 1; zero stays zero. */
static void
unit (float *vector)
{
  float square = 0, scale;

  for (guint i = 0; i < MEANING_SIZE; i++)
    square += vector[i] * vector[i];
  scale = square > 0 ? 1 / sqrtf (square) : 0;
  for (guint i = 0; i < MEANING_SIZE; i++)
    vector[i] *= scale;
}

void
meaning_of (const char *words, float out[MEANING_SIZE])
{
  const Table *table = get_table ();
  const char *at = words;

  memset (out, 0, sizeof (float) * MEANING_SIZE);
  while (at != NULL) {
    int entry = next_entry (table, words, &at);

    words = at;
    if (entry >= 0) {
      const gint8 *from = table->vectors + (gsize) entry * MEANING_SIZE;
      float vector[MEANING_SIZE];

      for (guint i = 0; i < MEANING_SIZE; i++)
        vector[i] = from[i];
      unit (vector);
      for (guint i = 0; i < MEANING_SIZE; i++)
        out[i] += vector[i] * table->weights[entry] / 255.f;
    }
  }
  unit (out);
}

float
meaning_compare (const float a[MEANING_SIZE], const float b[MEANING_SIZE])
{
  float sum = 0;

  for (guint i = 0; i < MEANING_SIZE; i++)
    sum += a[i] * b[i];
  return sum;
}

float
meaning_likeness (const char *a, const char *b)
{
  float one[MEANING_SIZE], two[MEANING_SIZE];

  meaning_of (a, one);
  meaning_of (b, two);
  return meaning_compare (one, two);
}
