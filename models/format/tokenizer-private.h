/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tokenizer-private.h: the parts that tokenizer.c puts together. */

#pragma once

#include "format-private.h"

G_BEGIN_DECLS

/* ---- sentencepiece-model.c: what a .model file holds -------------------- */

typedef enum
{
  PIECE_NORMAL = 1,
  PIECE_UNKNOWN = 2,
  PIECE_CONTROL = 3
} PieceType;

typedef struct
{
  const char *text;             /* UTF-8 of the file, not terminated */
  guint32 length;               /* bytes */
  guint32 type;                 /* PieceType, or another */
  double score;                 /* natural logarithm of a probability */
} Piece;

typedef struct
{
  GMappedFile *file;
  GArray *pieces;               /* Piece; the index is the id */
  guint32 unknown;              /* id */
  gboolean byte_fallback;       /* pieces <0x00> ... <0xFF> for what is unknown */
  const guint8 *charsmap;       /* see charsmap.c; may be empty */
  gsize charsmap_size;
} SentencePieceModel;

SentencePieceModel *sentencepiece_model_open (const char *path,
    GError ** error);
void sentencepiece_model_free (SentencePieceModel * model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SentencePieceModel, sentencepiece_model_free)

/* ---- piece-table.c: which of many strings a text begins with ------------ */

typedef struct _PieceTable PieceTable;

PieceTable *piece_table_new (void);
void piece_table_free (PieceTable * table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PieceTable, piece_table_free)
/* @text is not copied. Of equal strings that with the highest id counts. */
void piece_table_add (PieceTable * table, const char *text, guint32 length,
    guint32 id);
/* Between the last add and the first search. */
void piece_table_sort (PieceTable * table);

typedef struct
{
  guint32 length;
  guint32 id;
  /*< private > */
  const PieceTable *table;
  const char *text;
  gsize limit;
  gsize low, high;
  guint32 depth;
} PieceMatch;

/* Goes through the strings that the @limit bytes at @text begin with, shortest
 * first. */
void piece_match_init (PieceMatch * match, const PieceTable * table,
    const char *text, gsize limit);
gboolean piece_match_next (PieceMatch * match);

/* ---- charsmap.c: the normalisation that the model file carries ---------- */

gboolean charsmap_check (const guint8 * charsmap, gsize size,
    const char *path, GError ** error);
/* Appends the normalised @text. */
void charsmap_normalize (const guint8 * charsmap, gsize size,
    const char *text, gsize length, GString * out);

/* ---- unigram.c: the most probable pieces of a word ---------------------- */

typedef struct _Unigram Unigram;

Unigram *unigram_new (SentencePieceModel * model);
void unigram_free (Unigram * unigram);
/* Appends ids (gint32) to @ids. */
void unigram_encode (const Unigram * unigram, const char *word, gsize length,
    GArray * ids);

G_END_DECLS
