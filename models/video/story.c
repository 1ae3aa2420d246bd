/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* story.c: which text each chunk follows: the events of the prompt, and what
 * steers them. */

#include <string.h>

#include "models/video/generator-private.h"

/* Texts that were used before are kept up to this number, for actions come and
 * go. */
#define MAX_IDLE_TEXTS 16

/* ---- encoded texts ------------------------------------------------------------ */

static void
free_text (gpointer data)
{
  EncodedPrompt *text = data;

  encoded_prompt_clear (text);
  g_free (text);
}

static void
forget_story (Story * story)
{
  g_clear_pointer (&story->prompt, g_free);
  g_clear_pointer (&story->board, storyboard_free);
  g_clear_pointer (&story->encoded, g_free);
  g_clear_pointer (&story->starts, g_free);
}

void
story_clear (Story * story)
{
  forget_story (story);
  g_queue_clear_full (&story->texts, free_text);
  g_clear_pointer (&story->sampled, g_free);
  g_clear_pointer (&story->unknown_words, g_ptr_array_unref);
}

/* Those used last, as many as there are events, stay in any case. */
static void
trim_texts (Story * story)
{
  guint keep = MAX (MAX_IDLE_TEXTS, story->board ? story->board->n : 0);

  while (story->texts.length > keep) {
    EncodedPrompt *text = g_queue_pop_tail (&story->texts);

    if (text == story->current)
      story->current = NULL;
    free_text (text);
  }
}

static int
compare_text (gconstpointer encoded, gconstpointer text)
{
  return strcmp (((const EncodedPrompt *) encoded)->text, text);
}

/* @text, encoded, at the head of the texts; NULL on error. */
static EncodedPrompt *
use_text (VideoGenerator * g, const char *text, GError ** error)
{
  GQueue *texts = &g->story.texts;
  GList *link = g_queue_find_custom (texts, text, compare_text);
  EncodedPrompt *encoded;

  if (link) {
    g_queue_unlink (texts, link);
    g_queue_push_head_link (texts, link);
    return link->data;
  }
  encoded = g_new0 (EncodedPrompt, 1);
  if (!encoded_prompt_set (g, encoded, text, error)) {
    free_text (encoded);
    return NULL;
  }
  g_queue_push_head (texts, encoded);
  return encoded;
}

/* ---- actions ------------------------------------------------------------------ */

/* The phrase of @action, or NULL for none. */
static gboolean
find_phrase (VideoGenerator * g, const char *action, const char **phrase,
    GError ** error)
{
  const char *const *actions = g->info.actions;
  g_autofree char *all = NULL;

  *phrase = NULL;
  if (!action || !*action)
    return TRUE;
  for (guint i = 0; actions[i]; i++)
    if (g_str_equal (actions[i], action)) {
      *phrase = g->checkpoint.phrases[i];
      return TRUE;
    }
  all = g_strjoinv (", ", (char **) actions);
  g_set_error (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS,
      "no action \"%s\"; \"%s\" has %s", action, g->info.name,
      *all ? all : "none");
  return FALSE;
}

/* "a dog runs, turning left" */
static char *
steer (const char *text, const char *phrase)
{
  gsize n = strlen (text);

  if (!phrase)
    return g_strdup (text);
  while (n > 0 && strchr (" \t\r\n,.;", text[n - 1]))
    n--;
  return n == 0 ? g_strdup (phrase)
      : g_strdup_printf ("%.*s, %s", (int) n, text, phrase);
}

/* ---- words -------------------------------------------------------------------- */

static void
find_unknown_words (VideoGenerator * g)
{
  Story *story = &g->story;

  g_clear_pointer (&story->unknown_words, g_ptr_array_unref);
  if (!g->checkpoint.words)
    return;
  story->unknown_words = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < story->board->n; i++) {
    g_autofree char *text = prompt_clean (story->board->events[i].text);

    word_list_find_unknown (g->checkpoint.words, text, story->unknown_words);
  }
  g_ptr_array_add (story->unknown_words, NULL);
}

/* ---- the story ---------------------------------------------------------------- */

/* Where the times of a new prompt begin. */
static guint64
find_origin (VideoGenerator * g)
{
  return g->info.causal && g->stream.alive ? g->stream.next : 0;
}

static void
take_prompt (VideoGenerator * g, const char *prompt, Storyboard * board)
{
  Story *story = &g->story;

  forget_story (story);
  story->prompt = g_strdup (prompt);
  story->board = board;
  story->encoded = g_new0 (EncodedPrompt *, board->n);
  story->starts = g_new0 (guint64, board->n);
  story->origin = find_origin (g);
  find_unknown_words (g);
}

static gboolean
encode_events (VideoGenerator * g, GError ** error)
{
  Story *story = &g->story;

  for (guint i = 0; i < story->board->n; i++) {
    g_autofree char *text = steer (story->board->events[i].text,
        story->phrase);

    story->encoded[i] = use_text (g, text, error);
    if (!story->encoded[i])
      return FALSE;
  }
  return TRUE;
}

static gboolean
encode_negative (VideoGenerator * g, const char *text, GError ** error)
{
  if (g->negative.text && g_str_equal (g->negative.text, text))
    return TRUE;
  g->changed = TRUE;
  if (!encoded_prompt_set (g, &g->negative, text, error))
    return FALSE;
  encoded_prompt_get_context (g, &g->negative);
  if (ocl_context_finish (g->cl, error))
    return TRUE;
  encoded_prompt_clear (&g->negative);
  return FALSE;
}

static const char *
or_empty (const char *text)
{
  return text ? text : "";
}

static gboolean
encode_all (VideoGenerator * g, const VideoSettings * settings,
    gboolean guided, GError ** error)
{
  gboolean ok = encode_events (g, error) && (!guided
      || encode_negative (g, or_empty (settings->negative_prompt), error));

  if (!ok)
    forget_story (&g->story);
  trim_texts (&g->story);
  video_generator_drop_text_encoder (g);
  return ok;
}

/* What can't be done changes nothing, but for what the device fails at. */
gboolean
video_generator_encode (VideoGenerator * g, const VideoSettings * settings,
    gboolean guided, GError ** error)
{
  Story *story = &g->story;
  const char *prompt = or_empty (settings->prompt), *phrase;
  GError *local = NULL;

  if (!find_phrase (g, settings->action, &phrase, error))
    return FALSE;
  if (!story->prompt || !g_str_equal (story->prompt, prompt)) {
    Storyboard *board =
        storyboard_parse (prompt, g->info.event_seconds > 0, error);

    if (!board)
      return FALSE;
    take_prompt (g, prompt, board);
    /* A later chunk goes on from all of those before. */
    g->changed |= g->info.causal;
  }
  g->changed |= g->info.causal && story->phrase != phrase;
  story->phrase = phrase;
  return encode_all (g, settings, guided, &local)
      || video_propagate_error (error, local);
}

static EncodedPrompt *
encoded_of (VideoGenerator * g, guint64 chunk)
{
  Story *story = &g->story;

  return story->encoded[storyboard_find (story->starts, story->board->n,
          chunk)];
}

static StoryTiming
get_timing (VideoGenerator * g)
{
  StoryTiming timing = {
    .fps = g->info.fps,.origin = g->story.origin,
    .total_frames = g->settings.total_frames,
    .event_seconds = g->info.event_seconds
  };

  video_generator_get_chunk_frames (g, &timing.first_frames,
      &timing.later_frames);
  return timing;
}

guint64
video_generator_get_length (VideoGenerator * g)
{
  Story *story = &g->story;
  guint64 clip = g->settings.chunk_frames;

  g_return_val_if_fail (g->configured, 0);
  if (g->info.causal)
    clip = g->info.clip_frames;
  if (story->board->n > 1) {
    const StoryTiming timing = get_timing (g);
    guint64 end = storyboard_get_end (story->board, &timing, story->starts);

    clip = MAX (clip, end);
  }
  return clip;
}

void
video_generator_schedule (VideoGenerator * g)
{
  Story *story = &g->story;
  const StoryTiming timing = get_timing (g);

  storyboard_schedule (story->board, &timing, story->starts);
  if (g->latents)
    g->changed |= g_strcmp0 (story->sampled, encoded_of (g, g->chunk)->text)
        != 0;
}

gboolean
video_generator_is_truncated (VideoGenerator * g)
{
  Story *story = &g->story;

  for (guint i = 0; i < story->board->n; i++)
    if (story->encoded[i]->truncated)
      return TRUE;
  return FALSE;
}

const char *
video_generator_get_prompt (VideoGenerator * g, guint64 chunk)
{
  Story *story = &g->story;

  g_return_val_if_fail (g->configured, NULL);
  return story->board->events[storyboard_find (story->starts,
          story->board->n, chunk)].text;
}

const EncodedPrompt *
video_generator_get_encoded (VideoGenerator * g, guint64 chunk)
{
  Story *story = &g->story;
  EncodedPrompt *encoded;

  if (chunk < story->origin) {
    story->origin = 0;
    video_generator_schedule (g);
  }
  encoded = encoded_of (g, chunk);
  if (story->current && story->current != encoded)
    g_clear_pointer (&story->current->context, text_context_free);
  story->current = encoded;
  g_free (story->sampled);
  story->sampled = g_strdup (encoded->text);
  encoded_prompt_get_context (g, encoded);
  return encoded;
}
