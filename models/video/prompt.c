/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* prompt.c: from a text to what the transformer attends to. */

#include "models/video/generator-private.h"

/* The text encoder is needed for a moment a prompt. One that takes more than
 * this part of the memory is loaded for that moment only. */
#define KEEP_PART 4

void
encoded_prompt_clear (EncodedPrompt * prompt)
{
  g_clear_pointer (&prompt->text, g_free);
  g_clear_pointer (&prompt->embedding, ocl_tensor_unref);
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
check_width (VideoGenerator * g, GError ** error)
{
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

static void
on_load (double fraction, gpointer data)
{
  video_generator_report (data, "text-encoder", fraction);
}

static gboolean
have_text_encoder (VideoGenerator * g, GError ** error)
{
  g_autofree char *path = checkpoint_path (&g->checkpoint, "text_encoder");
  guint64 before = ocl_context_get_memory_used (g->cl);

  if (g->text_encoder)
    return TRUE;
  g->text_encoder = text_encoder_open (g->cl, path, g->precision, on_load, g,
      error);
  if (g->text_encoder && !check_width (g, error))
    g_clear_pointer (&g->text_encoder, text_encoder_free);
  g->text_encoder_size = ocl_context_get_memory_used (g->cl) - before;
  return g->text_encoder != NULL;
}

static gboolean
encode (VideoGenerator * g, EncodedPrompt * prompt, const char *text,
    GError ** error)
{
  g_autofree char *cleaned = prompt_clean (text);
  g_autofree gint32 *ids = NULL;
  guint n;

  ids = tokenizer_encode (g->tokenizer, cleaned, g->checkpoint.text_length,
      &n, &prompt->truncated, NULL, error);
  if (!ids || !have_text_encoder (g, error)
      || !check_vocabulary (g, ids, n, error))
    return FALSE;
  prompt->embedding = text_encoder_encode (g->text_encoder, ids, n);
  return ocl_context_finish (g->cl, error);
}

gboolean
encoded_prompt_set (VideoGenerator * g, EncodedPrompt * prompt,
    const char *text, GError ** error)
{
  encoded_prompt_clear (prompt);
  if (!g_utf8_validate (text, -1, NULL)) {
    g_set_error_literal (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS,
        "a prompt that is not valid UTF-8");
    return FALSE;
  }
  if (encode (g, prompt, text, error)) {
    prompt->text = g_strdup (text);
    return TRUE;
  }
  encoded_prompt_clear (prompt);
  return FALSE;
}

TextContext *
encoded_prompt_get_context (VideoGenerator * g, EncodedPrompt * prompt)
{
  GError *error = NULL;

  if (prompt->context && prompt->sound)
    return prompt->context;
  g_clear_pointer (&prompt->context, text_context_free);
  prompt->context = text_context_new (g->transformer, prompt->embedding,
      g->checkpoint.text_length);
  prompt->sound = ocl_context_finish (g->cl, &error);
  if (error)
    ocl_context_take_error (g->cl, error);
  return prompt->context;
}

void
video_generator_drop_text_encoder (VideoGenerator * g)
{
  if (g->text_encoder && g->text_encoder_size
      > ocl_context_get_memory_limit (g->cl) / KEEP_PART)
    g_clear_pointer (&g->text_encoder, text_encoder_free);
}
