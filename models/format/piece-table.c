/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* piece-table.c: which of many strings a text begins with.
 *
 * The strings are sorted; with each byte of the text the range of those that
 * still fit narrows, by bisection.  A trie would be faster and larger; a prompt
 * has a few hundred words. */

#include <string.h>

#include "tokenizer-private.h"

typedef struct
{
  const char *text;
  guint32 length;
  guint32 id;
} Entry;

struct _PieceTable
{
  GArray *entries;              /* Entry */
  gsize first[257];             /* by first byte: entries [b] ... [b + 1] */
};

PieceTable *
piece_table_new (void)
{
  PieceTable *table = g_new0 (PieceTable, 1);

  table->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  return table;
}

void
piece_table_free (PieceTable * table)
{
  if (!table)
    return;
  g_array_unref (table->entries);
  g_free (table);
}

void
piece_table_add (PieceTable * table, const char *text, guint32 length,
    guint32 id)
{
  Entry entry = { text, length, id };

  if (length > 0)
    g_array_append_val (table->entries, entry);
}

/* Of equal strings that with the highest id comes first. */
static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *one = a, *two = b;
  int order = memcmp (one->text, two->text, MIN (one->length, two->length));

  if (order)
    return order;
  if (one->length != two->length)
    return one->length < two->length ? -1 : 1;
  return one->id > two->id ? -1 : one->id < two->id;
}

static gboolean
same_text (const Entry * one, const Entry * two)
{
  return one->length == two->length
      && memcmp (one->text, two->text, one->length) == 0;
}

void
piece_table_sort (PieceTable * table)
{
  Entry *entries = (Entry *) table->entries->data;
  gsize i, n = 0;
  guint byte;

  g_array_sort (table->entries, compare_entries);
  for (i = 0; i < table->entries->len; i++)
    if (n == 0 || !same_text (&entries[i], &entries[n - 1]))
      entries[n++] = entries[i];
  g_array_set_size (table->entries, n);
  for (i = 0, byte = 0; byte <= 256; byte++) {
    while (i < n && (guint8) entries[i].text[0] < byte)
      i++;
    table->first[byte] = i;
  }
}

void
piece_match_init (PieceMatch * match, const PieceTable * table,
    const char *text, gsize limit)
{
  guint8 byte = limit > 0 ? (guint8) text[0] : 0;

  match->table = table;
  match->text = text;
  match->limit = limit;
  match->depth = 1;
  match->low = table->first[byte];
  match->high = limit > 0 ? table->first[byte + 1] : match->low;
}

/* The first of the entries [low, high), all longer than @depth, whose byte
 * there is at least @byte. */
static gsize
bisect (const Entry * entries, gsize low, gsize high, guint32 depth, guint byte)
{
  while (low < high) {
    gsize middle = low + (high - low) / 2;
    if ((guint8) entries[middle].text[depth] < byte)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

gboolean
piece_match_next (PieceMatch * match)
{
  const Entry *entries = (const Entry *) match->table->entries->data;

  while (match->low < match->high) {
    const Entry *entry = &entries[match->low];
    gboolean found = entry->length == match->depth;
    match->length = entry->length;
    match->id = entry->id;
    if (found)
      match->low++;
    if (match->depth < match->limit) {
      guint byte = (guint8) match->text[match->depth];
      match->low = bisect (entries, match->low, match->high, match->depth,
          byte);
      match->high = bisect (entries, match->low, match->high, match->depth,
          byte + 1);
    } else
      match->high = match->low;
    match->depth++;
    if (found)
      return TRUE;
  }
  return FALSE;
}
