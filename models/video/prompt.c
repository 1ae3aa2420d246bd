/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* prompt.c: from a prompt to what the transformer attends to. */

#include "models/video/generator-private.h"

/* The text encoder is needed for a moment a prompt. One that takes more than
 * this part of the memory is loaded for that moment only. */
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
encode_text (VideoGenerator * g, EncodedPrompt * prompt, const char *text,
    GError ** error)
{
  g_autofree char *cleaned = prompt_clean (text);
  g_autoptr (OclTensor) embedding = NULL;
  g_autofree gint32 *ids = NULL;
  guint n;

  ids = tokenizer_encode (g->tokenizer, cleaned, g->checkpoint.text_length,
      &n, &prompt->truncated, NULL, error);
  if (!ids || !have_text_encoder (g, error)
      || !check_vocabulary (g, ids, n, error))
    return FALSE;
  embedding = text_encoder_encode (g->text_encoder, ids, n);
  prompt->context = text_context_new (g->transformer, embedding,
      g->checkpoint.text_length);
  return ocl_context_finish (g->cl, error);
}

/* Makes @prompt hold @text. */
static gboolean
encode (VideoGenerator * g, EncodedPrompt * prompt, const char *text,
    GError ** error)
{
  GError *local = NULL;

  if (prompt->text && g_str_equal (prompt->text, text))
    return TRUE;
  encoded_prompt_clear (prompt);
  g->changed = TRUE;
  if (!g_utf8_validate (text, -1, NULL)) {
    g_set_error_literal (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS,
        "a prompt that is not valid UTF-8");
    return FALSE;
  }
  if (!encode_text (g, prompt, text, &local)) {
    encoded_prompt_clear (prompt);
    return video_propagate_error (error, local);
  }
  prompt->text = g_strdup (text);
  return TRUE;
}

gboolean
video_generator_encode (VideoGenerator * g, const char *prompt,
    const char *negative, GError ** error)
{
  gboolean ok = encode (g, &g->prompt, prompt, error)
      && (!negative || encode (g, &g->negative, negative, error));

  if (g->text_encoder && g->text_encoder_size
      > ocl_context_get_memory_limit (g->cl) / KEEP_PART)
    g_clear_pointer (&g->text_encoder, text_encoder_free);
  return ok;
}
