/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* prompt.c: from a prompt to what the transformer attends to. */

#include "models/video/generator-private.h"

/* The text encoder is needed for a moment a prompt. One that takes more than
 * this part of the device's memory is loaded for that moment only. */
#define KEEP_PART 4

void
encoded_prompt_clear (EncodedPrompt * prompt)
{
  g_clear_pointer (&prompt->text, g_free);
  g_clear_pointer (&prompt->context, text_context_free);
  prompt->truncated = FALSE;
}

/* A table of fewer rows than the tokenizer has ids cannot be its model's. */
static gboolean
check_vocabulary (VideoGenerator * g, const gint32 * ids, guint n,
    GError ** error)
{
  gsize vocabulary = text_encoder_get_vocabulary (g->text_encoder);

  for (guint i = 0; i < n; i++)
    if ((gsize) ids[i] >= vocabulary) {
      g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
          "%s: the tokenizer makes id %d, the text encoder knows %"
          G_GSIZE_FORMAT, g->checkpoint.directory, ids[i], vocabulary);
      return FALSE;
    }
  return TRUE;
}

static gboolean
have_text_encoder (VideoGenerator * g, GError ** error)
{
  g_autofree char *path = checkpoint_path (&g->checkpoint, "text_encoder");

  if (g->text_encoder)
    return TRUE;
  g->text_encoder = text_encoder_open (g->cl, path, g->precision, error);
  if (!g->text_encoder)
    return FALSE;
  if (text_encoder_get_width (g->text_encoder)
      == transformer_get_text_width (g->transformer))
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
      "%s: the text encoder is %" G_GSIZE_FORMAT " wide, the transformer "
      "expects %" G_GSIZE_FORMAT, g->checkpoint.directory,
      text_encoder_get_width (g->text_encoder),
      transformer_get_text_width (g->transformer));
  return FALSE;
}

static gboolean
encode (VideoGenerator * g, EncodedPrompt * prompt, const char *text,
    GError ** error)
{
  guint64 before = ocl_context_get_memory_used (g->cl), size;
  g_autofree char *cleaned = prompt_clean (text);
  g_autoptr (OclTensor) embedding = NULL;
  g_autofree gint32 *ids = NULL;
  guint n;

  ids = tokenizer_encode (g->tokenizer, cleaned, g->checkpoint.text_length,
      &n, &prompt->truncated, NULL, error);
  if (!ids || !have_text_encoder (g, error)
      || !check_vocabulary (g, ids, n, error))
    return FALSE;
  size = ocl_context_get_memory_used (g->cl) - before;
  embedding = text_encoder_encode (g->text_encoder, ids, n);
  prompt->context = text_context_new (g->transformer, embedding,
      g->checkpoint.text_length);
  if (size > ocl_context_get_device (g->cl)->memory / KEEP_PART)
    g_clear_pointer (&g->text_encoder, text_encoder_free);
  return ocl_context_finish (g->cl, error);
}

gboolean
video_generator_encode (VideoGenerator * g, EncodedPrompt * prompt,
    const char *text, GError ** error)
{
  GError *local = NULL;

  if (prompt->text && g_str_equal (prompt->text, text))
    return TRUE;
  encoded_prompt_clear (prompt);
  if (!g_utf8_validate (text, -1, NULL)) {
    g_set_error_literal (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS,
        "a prompt that is not valid UTF-8");
    return FALSE;
  }
  if (!encode (g, prompt, text, &local)) {
    encoded_prompt_clear (prompt);
    return video_propagate_error (error, local);
  }
  prompt->text = g_strdup (text);
  return TRUE;
}
