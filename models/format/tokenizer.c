/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tokenizer.c: the ids of a text, as the T5 tokenizers of transformers make
 * them from a SentencePiece model.
 *
 * transformers runs such a model through huggingface/tokenizers, not through
 * libsentencepiece, and the two do not always agree: on special tokens and byte
 * pieces that a text spells out, on a literal "▁", on decomposed characters.
 * So libsentencepiece is not used here either.  The steps: special tokens are
 * cut out; what is between them is normalised (charsmap.c), split at white
 * space, each word marked with a "▁" in front and encoded (unigram.c); then
 * the end of sequence. */

#include <string.h>

#include "text-private.h"
#include "tokenizer-private.h"

#define SPACE "\342\226\201"    /* U+2581, "▁": begins a word */
#define END_OF_SEQUENCE "</s>"
/* T5's own has 100, UMT5's 300. */
#define MAX_EXTRA_IDS 10000
/* UMT5's vocabulary has 256,384. */
#define MAX_ID 100000000

struct _Tokenizer
{
  SentencePieceModel *model;
  Unigram *unigram;
  PieceTable *special;
  GPtrArray *special_texts;     /* those that are not in the model's file */
  guint size;
  gint32 end;                   /* id of END_OF_SEQUENCE */
};

void
tokenizer_free (Tokenizer * tokenizer)
{
  if (!tokenizer)
    return;
  g_clear_pointer (&tokenizer->unigram, unigram_free);
  g_clear_pointer (&tokenizer->special, piece_table_free);
  g_clear_pointer (&tokenizer->special_texts, g_ptr_array_unref);
  g_clear_pointer (&tokenizer->model, sentencepiece_model_free);
  g_free (tokenizer);
}

guint
tokenizer_get_size (Tokenizer * tokenizer)
{
  return tokenizer->size;
}

/* ---- special tokens ------------------------------------------------------ */

static gboolean
add_model_specials (Tokenizer * tokenizer, const char *path, GError ** error)
{
  guint i;

  tokenizer->end = -1;
  for (i = 0; i < tokenizer->model->pieces->len; i++) {
    const Piece *piece = &g_array_index (tokenizer->model->pieces, Piece, i);
    if (piece->type != PIECE_CONTROL && piece->type != PIECE_UNKNOWN)
      continue;
    piece_table_add (tokenizer->special, piece->text, piece->length, i);
    if (piece->length == strlen (END_OF_SEQUENCE)
        && memcmp (piece->text, END_OF_SEQUENCE, piece->length) == 0)
      tokenizer->end = (gint32) i;
  }
  if (tokenizer->end >= 0)
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_UNSUPPORTED,
      "%s: no control piece \"%s\", expected a model made for T5", path,
      END_OF_SEQUENCE);
  return FALSE;
}

/* Takes @text. */
static void
add_special (Tokenizer * tokenizer, char *text, guint32 id)
{
  g_ptr_array_add (tokenizer->special_texts, text);
  piece_table_add (tokenizer->special, text, strlen (text), id);
  tokenizer->size = MAX (tokenizer->size, id + 1);
}

/* <extra_id_0> has the highest id (T5Tokenizer of transformers). */
static gboolean
add_extra_ids (Tokenizer * tokenizer, Config * config, GError ** error)
{
  guint first = tokenizer->size;
  gint64 n, i;

  if (!config_get_int (config, "extra_ids", 0, 0, MAX_EXTRA_IDS, &n, error))
    return FALSE;
  for (i = 0; i < n; i++)
    add_special (tokenizer, g_strdup_printf ("<extra_id_%" G_GINT64_FORMAT ">",
            i), first + (guint) (n - 1 - i));
  return TRUE;
}

/* "256299": {"content": "<extra_id_0>", "special": true, ...} */
static gboolean
add_listed_token (Tokenizer * tokenizer, const char *key, JsonNode * node)
{
  JsonObject *entry = JSON_NODE_HOLDS_OBJECT (node) ?
      json_node_get_object (node) : NULL;
  JsonNode *content = entry ? json_object_get_member (entry, "content") : NULL;
  guint64 id;

  if (!content || !JSON_NODE_HOLDS_VALUE (content)
      || json_node_get_value_type (content) != G_TYPE_STRING
      || !g_ascii_string_to_unsigned (key, 10, 0, MAX_ID, &id, NULL))
    return FALSE;
  if (json_object_get_boolean_member_with_default (entry, "special", FALSE))
    add_special (tokenizer, json_node_dup_string (content), id);
  return TRUE;
}

static gboolean
add_listed_tokens (Tokenizer * tokenizer, Config * config, JsonObject * list,
    GError ** error)
{
  g_autoptr (GList) keys = json_object_get_members (list);
  GList *l;

  for (l = keys; l; l = l->next)
    if (!add_listed_token (tokenizer, l->data, json_object_get_member (list,
                l->data))) {
      g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
          "%s: \"added_tokens_decoder\": \"%s\", expected an id with its "
          "\"content\"", config_get_path (config), (const char *) l->data);
      return FALSE;
    }
  return TRUE;
}

/* What the configuration beside the model adds, if there is one: newer ones
 * list their tokens, older ones count those of T5. */
static gboolean
add_config_specials (Tokenizer * tokenizer, const char *path, GError ** error)
{
  g_autofree char *directory = g_path_get_dirname (path);
  g_autofree char *name =
      g_build_filename (directory, "tokenizer_config.json", NULL);
  g_autoptr (Config) config = NULL;
  JsonNode *list;

  if (!g_file_test (name, G_FILE_TEST_EXISTS))
    return TRUE;
  config = config_open (name, error);
  if (!config)
    return FALSE;
  list = json_object_get_member (config_get_object (config),
      "added_tokens_decoder");
  return list && JSON_NODE_HOLDS_OBJECT (list) ?
      add_listed_tokens (tokenizer, config, json_node_get_object (list), error)
      : add_extra_ids (tokenizer, config, error);
}

Tokenizer *
tokenizer_open (const char *path, GError ** error)
{
  g_autoptr (Tokenizer) tokenizer = g_new0 (Tokenizer, 1);

  tokenizer->model = sentencepiece_model_open (path, error);
  if (!tokenizer->model)
    return NULL;
  tokenizer->size = tokenizer->model->pieces->len;
  tokenizer->unigram = unigram_new (tokenizer->model);
  tokenizer->special = piece_table_new ();
  tokenizer->special_texts = g_ptr_array_new_with_free_func (g_free);
  if (!add_model_specials (tokenizer, path, error)
      || !add_config_specials (tokenizer, path, error))
    return NULL;
  piece_table_sort (tokenizer->special);
  return g_steal_pointer (&tokenizer);
}

/* ---- encoding ------------------------------------------------------------ */

/* The ids made so far, and how many there shall be at most. */
typedef struct
{
  const Tokenizer *tokenizer;
  GArray *ids;                  /* gint32 */
  guint limit;
} Encoder;

static gboolean
is_full (const Encoder * encoder)
{
  return encoder->ids->len > encoder->limit;
}

/* @word has no white space; each "▁" in it begins a part that is encoded by
 * itself, the first part having one in any case. */
static void
encode_word (Encoder * encoder, const char *word, gsize length)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const char *part, *next;

  if (!g_str_has_prefix (word, SPACE))
    g_string_append (text, SPACE);
  g_string_append_len (text, word, (gssize) length);
  for (part = text->str; *part && !is_full (encoder); part = next) {
    next = strstr (part + strlen (SPACE), SPACE);
    if (!next)
      next = text->str + text->len;
    unigram_encode (encoder->tokenizer->unigram, part, next - part,
        encoder->ids);
  }
}

/* Text between special tokens. */
static void
encode_segment (Encoder * encoder, const char *segment, gsize length)
{
  const SentencePieceModel *model = encoder->tokenizer->model;
  g_autoptr (GString) text = g_string_sized_new (length);
  const char *word, *p;

  charsmap_normalize (model->charsmap, model->charsmap_size, segment, length,
      text);
  for (word = p = text->str; *word && !is_full (encoder); word = p) {
    while (*p && !text_is_space (g_utf8_get_char (p)))
      p = g_utf8_next_char (p);
    if (p > word)
      encode_word (encoder, word, p - word);
    else
      p = g_utf8_next_char (p);
  }
}

/* The longest special token at @text; its length, or 0. */
static gsize
find_special (const Tokenizer * tokenizer, const char *text, gsize limit,
    gint32 * id)
{
  PieceMatch match;
  gsize length = 0;

  piece_match_init (&match, tokenizer->special, text, limit);
  while (piece_match_next (&match)) {
    length = match.length;
    *id = (gint32) match.id;
  }
  return length;
}

static void
encode_text (Encoder * encoder, const char *text)
{
  const char *end = text + strlen (text), *segment = text, *p = text;
  gint32 id;

  while (p < end && !is_full (encoder)) {
    gsize length = find_special (encoder->tokenizer, p, end - p, &id);
    if (length == 0) {
      p++;
      continue;
    }
    encode_segment (encoder, segment, p - segment);
    g_array_append_val (encoder->ids, id);
    segment = p += length;
  }
  if (!is_full (encoder))
    encode_segment (encoder, segment, p - segment);
}

static guint
count_unknown (const Encoder * encoder)
{
  gint32 unknown = (gint32) encoder->tokenizer->model->unknown;
  guint i, n = 0;

  for (i = 0; i < encoder->ids->len; i++)
    n += g_array_index (encoder->ids, gint32, i) == unknown;
  return n;
}

gint32 *
tokenizer_encode (Tokenizer * tokenizer, const char *text, guint max_tokens,
    guint * n, gboolean * truncated, guint * unknown, GError ** error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  Encoder encoder = { tokenizer, ids, max_tokens - 1 };
  const char *wrong;

  g_return_val_if_fail (max_tokens > 0, NULL);
  if (!g_utf8_validate (text, -1, &wrong)) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
        "text is not UTF-8 at byte %" G_GSIZE_FORMAT, (gsize) (wrong - text));
    return NULL;
  }
  encode_text (&encoder, text);
  *truncated = is_full (&encoder);
  g_array_set_size (ids, MIN (ids->len, encoder.limit));
  if (unknown)
    *unknown = count_unknown (&encoder);
  g_array_append_val (ids, tokenizer->end);
  *n = ids->len;
  return g_array_steal (ids, NULL);
}
