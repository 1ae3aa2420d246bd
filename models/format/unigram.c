/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* unigram.c: the most probable way to make a word of a model's pieces.
 *
 * A unigram language model gives each piece a log-probability; the best sum is
 * found by dynamic programming over the ends of pieces (Kudo 2018, "Subword
 * Regularization", 3.2).  Details as in huggingface/tokenizers, which upstream
 * runs (models/unigram/model.rs): every piece of the file takes part whatever
 * its type, scores are added in double, the first of equal sums stays, and
 * neighbouring unknown characters are one unknown piece. */

#include <string.h>

#include "tokenizer-private.h"

/* What an unknown character scores below the worst piece (kUnkPenalty). */
#define UNKNOWN_PENALTY 10.0

struct _Unigram
{
  SentencePieceModel *model;    /* not owned */
  PieceTable *table;
  double unknown_score;
  gboolean has_bytes;
  gint32 bytes[256];            /* ids of <0x00> ... <0xFF> */
};

/* The best way to the byte that this one belongs to. */
typedef struct
{
  double score;
  gsize start;                  /* where its last piece begins */
  gsize next;                   /* on the best path: where the next one ends */
  guint32 id;                   /* of its last piece */
  gboolean reached;
} Node;

/* Byte pieces are used only if all of them are there: then every string has
 * some. */
static gboolean
find_bytes (Unigram * unigram)
{
  guint byte;

  for (byte = 0; byte < 256; byte++) {
    g_autofree char *text = g_strdup_printf ("<0x%02X>", byte);
    gboolean found = FALSE;
    PieceMatch match;
    piece_match_init (&match, unigram->table, text, strlen (text));
    while (!found && piece_match_next (&match))
      found = match.length == strlen (text);
    if (!found)
      return FALSE;
    unigram->bytes[byte] = (gint32) match.id;
  }
  return TRUE;
}

Unigram *
unigram_new (SentencePieceModel * model)
{
  Unigram *unigram = g_new0 (Unigram, 1);
  double worst = G_MAXDOUBLE;
  guint i;

  unigram->model = model;
  unigram->table = piece_table_new ();
  for (i = 0; i < model->pieces->len; i++) {
    const Piece *piece = &g_array_index (model->pieces, Piece, i);
    piece_table_add (unigram->table, piece->text, piece->length, i);
    worst = MIN (worst, piece->score);
  }
  piece_table_sort (unigram->table);
  unigram->unknown_score = worst - UNKNOWN_PENALTY;
  unigram->has_bytes = model->byte_fallback && find_bytes (unigram);
  return unigram;
}

void
unigram_free (Unigram * unigram)
{
  if (!unigram)
    return;
  piece_table_free (unigram->table);
  g_free (unigram);
}

static void
offer (Node * nodes, gsize start, gsize end, guint32 id, double score)
{
  double sum = nodes[start].score + score;

  if (nodes[end].reached && sum <= nodes[end].score)
    return;
  nodes[end].score = sum;
  nodes[end].start = start;
  nodes[end].id = id;
  nodes[end].reached = TRUE;
}

/* Offers every piece that begins at @start; an unknown one only if no piece is
 * just the character there. */
static void
advance (const Unigram * unigram, const char *word, gsize length, gsize start,
    gsize character, Node * nodes)
{
  const Piece *pieces = (const Piece *) unigram->model->pieces->data;
  gboolean is_known = FALSE;
  PieceMatch match;

  piece_match_init (&match, unigram->table, word + start, length - start);
  while (piece_match_next (&match)) {
    offer (nodes, start, start + match.length, match.id,
        pieces[match.id].score);
    is_known |= match.length == character;
  }
  if (!is_known)
    offer (nodes, start, start + character, unigram->model->unknown,
        unigram->unknown_score);
}

static void
append_unknown (const Unigram * unigram, const char *text, gsize length,
    GArray * ids)
{
  gint32 unknown = (gint32) unigram->model->unknown;
  gsize i;

  if (!unigram->has_bytes)
    g_array_append_val (ids, unknown);
  else
    for (i = 0; i < length; i++)
      g_array_append_val (ids, unigram->bytes[(guint8) text[i]]);
}

/* From the links backwards to a way forwards. */
static void
turn_path (Node * nodes, gsize length)
{
  gsize end;

  for (end = length; end > 0; end = nodes[end].start)
    nodes[nodes[end].start].next = end;
}

void
unigram_encode (const Unigram * unigram, const char *word, gsize length,
    GArray * ids)
{
  g_autofree Node *nodes = g_new0 (Node, length + 1);
  gsize at, next, character;

  for (at = 0; at < length; at += character) {
    character = g_utf8_next_char (word + at) - (word + at);
    advance (unigram, word, length, at, character, nodes);
  }
  turn_path (nodes, length);
  for (at = 0; at < length; at = next) {
    next = nodes[at].next;
    if (nodes[next].id != unigram->model->unknown) {
      gint32 id = (gint32) nodes[next].id;
      g_array_append_val (ids, id);
      continue;
    }
    while (next < length
        && nodes[nodes[next].next].id == unigram->model->unknown)
      next = nodes[next].next;
    append_unknown (unigram, word + at, next - at, ids);
  }
}
