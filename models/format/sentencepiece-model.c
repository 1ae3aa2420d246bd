/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sentencepiece-model.c: reads a SentencePiece .model file.
 *
 * It is one protocol buffer message, ModelProto; of its fields these are read
 * (sentencepiece/src/sentencepiece_model.proto).  The file stays mapped: the
 * pieces point into it. */

#include <math.h>
#include <string.h>

#include "tokenizer-private.h"

/* google/umt5-xxl: 4.5 MB. */
#define MAX_FILE_SIZE (256 * 1024 * 1024)

enum
{
  MODEL_PIECES = 1,
  MODEL_TRAINER_SPEC = 2,
  MODEL_NORMALIZER_SPEC = 3,
  PIECE_TEXT = 1,
  PIECE_SCORE = 2,
  PIECE_TYPE = 3,
  TRAINER_MODEL_TYPE = 3,
  TRAINER_BYTE_FALLBACK = 35,
  TRAINER_UNK_ID = 40,
  NORMALIZER_CHARSMAP = 2
};

#define MODEL_TYPE_UNIGRAM 1

/* Wire types of protocol buffers. */
enum
{
  WIRE_VARINT = 0,
  WIRE_FIXED64 = 1,
  WIRE_BYTES = 2,
  WIRE_FIXED32 = 5
};

/* A message, or what is left of it. */
typedef struct
{
  const guint8 *at;
  gsize left;
} Message;

typedef struct
{
  guint64 number;
  guint type;
  guint64 value;                /* varint, fixed32, fixed64 */
  Message bytes;
} Field;

static gboolean
read_varint (Message * message, guint64 * value)
{
  guint shift;

  *value = 0;
  for (shift = 0; shift < 64 && message->left > 0; shift += 7) {
    guint8 byte = *message->at++;
    message->left--;
    *value |= (guint64) (byte & 0x7f) << shift;
    if (byte < 0x80)
      return TRUE;
  }
  return FALSE;
}

static gboolean
read_fixed (Message * message, gsize size, guint64 * value)
{
  if (message->left < size)
    return FALSE;
  *value = 0;
  memcpy (value, message->at, size);
  *value = GUINT64_FROM_LE (*value);
  message->at += size;
  message->left -= size;
  return TRUE;
}

static gboolean
read_bytes (Message * message, Message * bytes)
{
  guint64 size;

  if (!read_varint (message, &size) || size > message->left)
    return FALSE;
  bytes->at = message->at;
  bytes->left = size;
  message->at += size;
  message->left -= size;
  return TRUE;
}

/* FALSE if the message is malformed; to be called while something is left. */
static gboolean
read_field (Message * message, Field * field)
{
  guint64 tag;

  if (!read_varint (message, &tag))
    return FALSE;
  field->number = tag >> 3;
  field->type = tag & 7;
  switch (field->type) {
    case WIRE_VARINT:
      return read_varint (message, &field->value);
    case WIRE_FIXED64:
      return read_fixed (message, 8, &field->value);
    case WIRE_FIXED32:
      return read_fixed (message, 4, &field->value);
    case WIRE_BYTES:
      return read_bytes (message, &field->bytes);
    default:
      return FALSE;
  }
}

static gboolean
is_field (const Field * field, guint64 number, guint type)
{
  return field->number == number && field->type == type;
}

static gboolean
parse_piece (Message message, Piece * piece)
{
  Field field;
  guint32 bits;
  float score = 0;

  piece->text = "";
  piece->length = 0;
  piece->type = PIECE_NORMAL;
  while (message.left > 0) {
    if (!read_field (&message, &field))
      return FALSE;
    if (is_field (&field, PIECE_TEXT, WIRE_BYTES)) {
      piece->text = (const char *) field.bytes.at;
      piece->length = field.bytes.left;
    } else if (is_field (&field, PIECE_SCORE, WIRE_FIXED32)) {
      bits = field.value;
      memcpy (&score, &bits, sizeof score);
    } else if (is_field (&field, PIECE_TYPE, WIRE_VARINT))
      piece->type = field.value;
  }
  piece->score = score;
  return piece->length > 0 && isfinite (score)
      && g_utf8_validate_len (piece->text, piece->length, NULL);
}

static gboolean
parse_trainer_spec (SentencePieceModel * model, Message message,
    guint64 * model_type)
{
  Field field;

  while (message.left > 0) {
    if (!read_field (&message, &field))
      return FALSE;
    if (is_field (&field, TRAINER_MODEL_TYPE, WIRE_VARINT))
      *model_type = field.value;
    else if (is_field (&field, TRAINER_BYTE_FALLBACK, WIRE_VARINT))
      model->byte_fallback = field.value != 0;
    else if (is_field (&field, TRAINER_UNK_ID, WIRE_VARINT))
      model->unknown = MIN (field.value, G_MAXUINT32);
  }
  return TRUE;
}

static gboolean
parse_normalizer_spec (SentencePieceModel * model, Message message)
{
  Field field;

  while (message.left > 0) {
    if (!read_field (&message, &field))
      return FALSE;
    if (is_field (&field, NORMALIZER_CHARSMAP, WIRE_BYTES)) {
      model->charsmap = field.bytes.at;
      model->charsmap_size = field.bytes.left;
    }
  }
  return TRUE;
}

static gboolean
parse_field (SentencePieceModel * model, const Field * field,
    guint64 * model_type)
{
  Piece piece;

  if (is_field (field, MODEL_PIECES, WIRE_BYTES)) {
    if (!parse_piece (field->bytes, &piece))
      return FALSE;
    g_array_append_val (model->pieces, piece);
    return TRUE;
  }
  if (is_field (field, MODEL_TRAINER_SPEC, WIRE_BYTES))
    return parse_trainer_spec (model, field->bytes, model_type);
  if (is_field (field, MODEL_NORMALIZER_SPEC, WIRE_BYTES))
    return parse_normalizer_spec (model, field->bytes);
  return TRUE;
}

static gboolean
parse_model (SentencePieceModel * model, Message message, const char *path,
    GError ** error)
{
  const guint8 *start = message.at;
  guint64 model_type = MODEL_TYPE_UNIGRAM;
  Field field;

  while (message.left > 0) {
    gsize at = message.at - start;
    if (!read_field (&message, &field)
        || !parse_field (model, &field, &model_type)) {
      g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT,
          "%s: not a SentencePiece model: malformed field at byte %"
          G_GSIZE_FORMAT " (piece %u)", path, at, model->pieces->len);
      return FALSE;
    }
  }
  if (model_type != MODEL_TYPE_UNIGRAM) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_UNSUPPORTED,
        "%s: SentencePiece model of type %" G_GUINT64_FORMAT
        ", expected 1 (unigram)", path, model_type);
    return FALSE;
  }
  if (model->unknown >= model->pieces->len) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_CORRUPT,
        "%s: unknown piece %u of %u", path, model->unknown, model->pieces->len);
    return FALSE;
  }
  return charsmap_check (model->charsmap, model->charsmap_size, path, error);
}

SentencePieceModel *
sentencepiece_model_open (const char *path, GError ** error)
{
  g_autoptr (SentencePieceModel) model = g_new0 (SentencePieceModel, 1);
  Message message;

  model->pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  model->file = format_map_file (path, MAX_FILE_SIZE, error);
  if (!model->file)
    return NULL;
  message.at = (const guint8 *) g_mapped_file_get_contents (model->file);
  message.left = g_mapped_file_get_length (model->file);
  if (!parse_model (model, message, path, error))
    return NULL;
  return g_steal_pointer (&model);
}

void
sentencepiece_model_free (SentencePieceModel * model)
{
  if (!model)
    return;
  g_array_unref (model->pieces);
  g_clear_pointer (&model->file, g_mapped_file_unref);
  g_free (model);
}
