/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* word-list.c: the words that a checkpoint was taught, and which of a text are not
 * among them. */

#include <string.h>

#include "format-private.h"
#include "text-private.h"

#define MAX_FILE_SIZE (4 * 1024 * 1024)
/* And beginnings of phrases. */
#define MAX_WORDS 262144
/* Of a line: bytes. */
#define MAX_LINE 256
/* Of a word: characters that are told of; what is longer is no word. */
#define MAX_TOLD 40

struct _WordList
{
  GHashTable *words;            /* lower case, one space between the words */
  GHashTable *beginnings;       /* of phrases: "hot" for "hot dog" */
};

/* ---- text to words ---------------------------------------------------------- */

/* begin == end: none */
typedef struct
{
  const char *begin, *end;
} Word;

static gboolean
is_apostrophe (gunichar c)
{
  return c == '\'' || c == 0x2019;
}

static gboolean
in_word (gunichar c)
{
  return g_unichar_isalnum (c) || g_unichar_ismark (c);
}

/* Letters, digits and marks, with apostrophes and hyphens between them. */
static Word
next_word (const char *p)
{
  Word word;

  while (*p && !in_word (g_utf8_get_char (p)))
    p = g_utf8_next_char (p);
  word.begin = p;
  while (in_word (g_utf8_get_char (p))) {
    const char *next = g_utf8_next_char (p);
    gunichar c = g_utf8_get_char (next);

    p = next;
    if ((is_apostrophe (c) || c == '-')
        && in_word (g_utf8_get_char (g_utf8_next_char (next))))
      p = g_utf8_next_char (next);
  }
  word.end = p;
  return word;
}

/* Nothing but white space is between them. */
static gboolean
are_neighbours (Word a, Word b)
{
  for (const char *p = a.end; p < b.begin; p = g_utf8_next_char (p))
    if (!text_is_space (g_utf8_get_char (p)))
      return FALSE;
  return b.begin < b.end;
}

/* Unlike g_utf8_strdown() the same in every locale. */
static void
append_lower (GString * to, const char *begin, const char *end)
{
  for (const char *p = begin; p < end; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);

    g_string_append_unichar (to, is_apostrophe (c) ? '\''
        : g_unichar_tolower (c));
  }
}

/* ---- reading ----------------------------------------------------------------- */

static gboolean
refuse_line (const char *path, guint line, const char *expected,
    GError ** error)
{
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT,
      "%s: line %u, expected %s", path, line, expected);
  return FALSE;
}

/* A line's words, as the list has them. */
static gboolean
add_line (WordList * list, const char *path, guint line, const char *text,
    GError ** error)
{
  g_autoptr (GString) phrase = g_string_new (NULL);

  for (Word word = next_word (text); word.begin < word.end;
      word = next_word (word.end)) {
    if (phrase->len > 0) {
      g_hash_table_add (list->beginnings, g_strdup (phrase->str));
      g_string_append_c (phrase, ' ');
    }
    append_lower (phrase, word.begin, word.end);
  }
  if (phrase->len > 0)
    g_hash_table_add (list->words, g_strdup (phrase->str));
  return g_hash_table_size (list->words)
      + g_hash_table_size (list->beginnings) <= MAX_WORDS
      || refuse_line (path, line, "fewer words in all", error);
}

static gboolean
add_lines (WordList * list, const char *path, const char *data, gsize length,
    GError ** error)
{
  const char *end = data + length;

  for (guint line = 1; data < end; line++) {
    const char *stop = memchr (data, '\n', end - data);
    gsize n = (stop ? stop : end) - data;
    g_autofree char *text = NULL, *composed = NULL;

    if (n > MAX_LINE)
      return refuse_line (path, line, "at most 256 bytes", error);
    if (!g_utf8_validate_len (data, n, NULL))
      return refuse_line (path, line, "UTF-8", error);
    text = g_strndup (data, n);
    composed = g_utf8_normalize (text, n, G_NORMALIZE_NFC);
    if (!add_line (list, path, line, composed, error))
      return FALSE;
    data += n + 1;
  }
  return TRUE;
}

WordList *
word_list_open (const char *path, GError ** error)
{
  g_autoptr (GMappedFile) file = format_map_file (path, MAX_FILE_SIZE, error);
  g_autoptr (WordList) list = NULL;

  if (!file)
    return NULL;
  list = g_new0 (WordList, 1);
  list->words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  list->beginnings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      NULL);
  if (!add_lines (list, path, g_mapped_file_get_contents (file),
          g_mapped_file_get_length (file), error))
    return NULL;
  if (g_hash_table_size (list->words) > 0)
    return g_steal_pointer (&list);
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT,
      "%s: no word, expected one a line", path);
  return NULL;
}

void
word_list_free (WordList * list)
{
  g_hash_table_unref (list->words);
  g_hash_table_unref (list->beginnings);
  g_free (list);
}

/* ---- inflections --------------------------------------------------------------- */

/* What may stand in the place of an ending. */
static const struct
{
  const char *ending, *by;
} inflections[] = {
  {"'s", ""},
  {"s", ""}, {"es", ""}, {"ies", "y"}, {"ves", "f"}, {"ves", "fe"},
  {"ing", ""}, {"ing", "e"}, {"ying", "ie"},
  {"ed", ""}, {"d", ""}, {"ied", "y"}
};

/* "runn" for "running": one less of a doubled letter. */
static gboolean
has_single (WordList * list, GString * stem)
{
  gsize n = stem->len;

  if (n < 3 || stem->str[n - 1] != stem->str[n - 2]
      || !g_ascii_isalpha (stem->str[n - 1]))
    return FALSE;
  g_string_truncate (stem, n - 1);
  return g_hash_table_contains (list->words, stem->str);
}

static gboolean
has_stem (WordList * list, const char *word, guint i)
{
  const char *ending = inflections[i].ending;
  gsize length = strlen (word), cut = strlen (ending);
  g_autoptr (GString) stem = NULL;

  if (length + strlen (inflections[i].by) < cut + 2
      || !g_str_has_suffix (word, ending))
    return FALSE;
  stem = g_string_new_len (word, length - cut);
  g_string_append (stem, inflections[i].by);
  if (g_hash_table_contains (list->words, stem->str))
    return TRUE;
  return (g_str_equal (ending, "ing") || g_str_equal (ending, "ed"))
      && !*inflections[i].by && has_single (list, stem);
}

static gboolean
is_known (WordList * list, const char *word)
{
  if (g_hash_table_contains (list->words, word))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (inflections); i++)
    if (has_stem (list, word, i))
      return TRUE;
  return FALSE;
}

/* ---- what is unknown ------------------------------------------------------------ */

static gboolean
has_digit (Word word)
{
  for (const char *p = word.begin; p < word.end; p = g_utf8_next_char (p))
    if (g_unichar_isdigit (g_utf8_get_char (p)))
      return TRUE;
  return FALSE;
}

/* The last word of the longest known phrase that @word begins, if only of itself;
 * none if it is unknown. */
static Word
find_known (WordList * list, Word word)
{
  g_autoptr (GString) phrase = g_string_new (NULL);
  Word known = { NULL, NULL }, before;

  while (phrase->len + (word.end - word.begin) <= MAX_LINE) {
    append_lower (phrase, word.begin, word.end);
    if (is_known (list, phrase->str))
      known = word;
    before = word;
    word = next_word (word.end);
    if (!g_hash_table_contains (list->beginnings, phrase->str)
        || !are_neighbours (before, word))
      break;
    g_string_append_c (phrase, ' ');
  }
  return known;
}

/* "slow-moving" is known if "slow" and "moving" are. */
static gboolean
has_known_parts (WordList * list, Word word)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_auto (GStrv) parts = NULL;
  gboolean known;

  if (word.end - word.begin > MAX_LINE)
    return FALSE;
  append_lower (text, word.begin, word.end);
  parts = g_strsplit (text->str, "-", -1);
  known = parts[0] && parts[1];
  for (guint i = 0; parts[i]; i++)
    known = known && is_known (list, parts[i]);
  return known;
}

static void
add_unknown (GPtrArray * unknown, Word word)
{
  GString *text = g_string_new (NULL);
  glong length = g_utf8_strlen (word.begin, word.end - word.begin);

  append_lower (text, word.begin, g_utf8_offset_to_pointer (word.begin,
          MIN (length, MAX_TOLD)));
  if (length > MAX_TOLD)
    g_string_append (text, "...");
  if (g_ptr_array_find_with_equal_func (unknown, text->str, g_str_equal, NULL))
    g_string_free (text, TRUE);
  else
    g_ptr_array_add (unknown, g_string_free (text, FALSE));
}

void
word_list_find_unknown (WordList * list, const char *text, GPtrArray * unknown)
{
  Word word = next_word (text);

  while (word.begin < word.end && unknown->len < WORD_LIST_MAX_UNKNOWN) {
    Word known = find_known (list, word);

    if (known.begin)
      word = known;
    else if (!has_digit (word) && !has_known_parts (list, word))
      add_unknown (unknown, word);
    word = next_word (word.end);
  }
}
