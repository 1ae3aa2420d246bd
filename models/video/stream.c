/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* stream.c: the chunks of a causal checkpoint, each of which goes on from those
 * before it (Huang et al. 2025, "Self Forcing", arXiv 2506.08009; Yang et al. 2025,
 * "LongLive", arXiv 2509.22622).
 *
 * A chunk's clean latents are remembered when the next one is sampled, under the
 * prompt that they were made with. If the next has another, all that it attends
 * to is remembered anew under that, unless the checkpoint was taught otherwise. */

#include <string.h>

#include "models/video/generator-private.h"

/* Bytes that a memory keeps packed: a large model's would be as much again as it
 * remembers. */
#define MOST_PACKED (64 << 20)

static gsize
latent_size (VideoGenerator * g)
{
  return transformer_get_channels (g->transformer) * g->latent_height
      * g->latent_width;
}

static void
memory_clear (StreamMemory * memory)
{
  g_clear_pointer (&memory->cache, transformer_cache_free);
  g_clear_pointer (&memory->text, g_free);
  g_clear_pointer (&memory->embedding, ocl_tensor_unref);
}

void
video_stream_clear (VideoGenerator * g)
{
  Stream *s = &g->stream;

  memory_clear (&s->memories[0]);
  memory_clear (&s->memories[1]);
  g_clear_pointer (&s->past, g_free);
  s->alive = FALSE;
}

gboolean
video_stream_starts (VideoGenerator * g)
{
  return !g->info.causal || g->chunk == g->stream.first;
}

/* With @chunk, of the size that is set now. */
static gboolean
begin (VideoGenerator * g, guint64 chunk, GError ** error)
{
  Stream *s = &g->stream;
  gsize n = s->sink + s->window;

  video_generator_rewind (g);
  g_clear_pointer (&g->latents, g_free);
  if (!video_generator_has_size (g) || !s->past) {
    video_stream_clear (g);
    video_generator_take_size (g);
    s->past = g_try_new (float, n * latent_size (g));
  }
  if (!s->past) {
    g_set_error (error, VIDEO_ERROR, VIDEO_ERROR_MEMORY,
        "no memory for %" G_GSIZE_FORMAT " latent frames", n);
    return FALSE;
  }
  for (guint i = 0; i < G_N_ELEMENTS (s->memories); i++)
    g_clear_pointer (&s->memories[i].text, g_free);
  s->n_past = s->frames = 0;
  s->first = s->next = chunk;
  s->alive = s->pure = TRUE;
  return TRUE;
}

/* ---- what is remembered ----------------------------------------------------------- */

/* Frames of the past that do not fit with another chunk: those after the sink. */
static gsize
surplus (VideoGenerator * g)
{
  Stream *s = &g->stream;
  gsize most = s->sink + s->window - g->latent_frames;

  return s->n_past > most ? s->n_past - most : 0;
}

/* Takes the chunk at hand over into the past. */
static void
absorb (VideoGenerator * g)
{
  Stream *s = &g->stream;
  gsize size = latent_size (g), drop = surplus (g);
  gsize channels = transformer_get_channels (g->transformer);
  gsize area = size / channels, f = g->latent_frames;
  float *to;

  if (drop > 0)
    memmove (s->past + s->sink * size, s->past + (s->sink + drop) * size,
        (s->n_past - s->sink - drop) * size * sizeof (float));
  s->n_past -= drop;
  to = s->past + s->n_past * size;
  for (gsize i = 0; i < f; i++)
    for (gsize c = 0; c < channels; c++)
      memcpy (to + i * size + c * area, g->latents + (c * f + i) * area,
          area * sizeof (float));
  s->n_past += f;
  s->frames += f;
  video_generator_rewind (g);
  g_clear_pointer (&g->latents, g_free);
}

/* Frames of the past. Those after the sink are counted as if the first @skip of
 * them were not there. */
typedef struct
{
  gsize first, count, skip;
} Part;

static gsize
part_place (const Stream * s, const Part * part, gsize i)
{
  gsize at = part->first + i;

  return at < s->sink ? at : at + part->skip;
}

/* [channels, count, h, w]; NULL without memory. */
static float *
part_latents (VideoGenerator * g, const Part * part)
{
  Stream *s = &g->stream;
  gsize size = latent_size (g);
  gsize channels = transformer_get_channels (g->transformer);
  gsize area = size / channels;
  float *values = g_try_new (float, part->count * size);

  for (gsize i = 0; values && i < part->count; i++) {
    const float *from = s->past + part_place (s, part, i) * size;

    for (gsize c = 0; c < channels; c++)
      memcpy (values + (c * part->count + i) * area, from + c * area,
          area * sizeof (float));
  }
  return values;
}

static gboolean
append (VideoGenerator * g, StreamMemory * memory, TextContext * context,
    const Part * part, GError ** error)
{
  guint patch = transformer_get_patch (g->transformer)[0];
  guint groups = g->checkpoint.per_frame_timesteps ? part->count / patch : 1;
  g_autofree float *timesteps = g_new (float, groups);
  g_autofree float *values = part_latents (g, part);
  g_autoptr (OclTensor) latents = ocl_tensor_new (g->cl, OCL_F32, 4,
      transformer_get_channels (g->transformer), part->count,
      g->latent_height, g->latent_width);

  if (!values) {
    g_set_error (error, VIDEO_ERROR, VIDEO_ERROR_MEMORY,
        "no memory for %" G_GSIZE_FORMAT " latent frames", part->count);
    return FALSE;
  }
  for (guint i = 0; i < groups; i++)
    timesteps[i] = g->checkpoint.context_timestep;
  ocl_tensor_write (g->cl, latents, values);
  return transformer_cache_append (g->transformer, latents, timesteps, groups,
      context, memory->cache, error);
}

/* The chunk of the stream that a frame of the past was made in. */
static guint64
chunk_of (VideoGenerator * g, const Part * part, gsize i)
{
  const Stream *s = &g->stream;
  gsize place = part_place (s, part, i);

  return (place < s->sink ? place : s->frames - s->n_past + place)
      / g->latent_frames;
}

/* All that the next chunk attends to, under another prompt: the frames of a chunk
 * at a time, each attending to those before it. */
static gboolean
remember_anew (VideoGenerator * g, StreamMemory * memory,
    TextContext * context, GError ** error)
{
  Part part = {.skip = surplus (g) };
  gsize n = g->stream.n_past - part.skip;

  g_clear_pointer (&memory->text, g_free);
  transformer_cache_reset (memory->cache);
  for (; part.first < n; part.first += part.count) {
    part.count = 1;
    while (part.first + part.count < n
        && chunk_of (g, &part, part.count) == chunk_of (g, &part, 0))
      part.count++;
    if (!append (g, memory, context, &part, error))
      return FALSE;
  }
  return TRUE;
}

/* The chunk before the next. */
static gboolean
remember_last (VideoGenerator * g, StreamMemory * memory,
    TextContext * context, GError ** error)
{
  const Part part = {
    .first = g->stream.n_past - g->latent_frames,.count = g->latent_frames
  };

  return append (g, memory, context, &part, error);
}

/* The same, where the next chunk has another prompt. */
static gboolean
remember_last_under_its_own (VideoGenerator * g, StreamMemory * memory,
    GError ** error)
{
  g_autoptr (TextContext) context = text_context_new (g->transformer,
      memory->embedding, g->checkpoint.text_length);

  return ocl_context_finish (g->cl, error)
      && remember_last (g, memory, context, error);
}

static void
follow (StreamMemory * memory, const EncodedPrompt * prompt)
{
  g_free (memory->text);
  memory->text = g_strdup (prompt->text);
  ocl_tensor_unref (memory->embedding);
  memory->embedding = ocl_tensor_ref (prompt->embedding);
}

static gboolean
have_cache (VideoGenerator * g, StreamMemory * memory, GError ** error)
{
  Stream *s = &g->stream;

  if (memory->cache)
    return TRUE;
  memory->cache = transformer_cache_new (g->transformer, s->sink, s->window,
      g->latent_height, g->latent_width, MOST_PACKED);
  if (ocl_context_finish (g->cl, error))
    return TRUE;
  memory_clear (memory);
  return FALSE;
}

static gboolean
remember (VideoGenerator * g, StreamMemory * memory,
    const EncodedPrompt * prompt, GError ** error)
{
  guint64 frames = g->stream.frames;
  gboolean ok = have_cache (g, memory, error);
  gboolean other = g_strcmp0 (memory->text, prompt->text) != 0;

  if (ok && other && (!memory->text || g->checkpoint.causal_recache))
    ok = remember_anew (g, memory, prompt->context, error);
  else if (ok && memory->frames < frames)
    ok = other ? remember_last_under_its_own (g, memory, error)
        : remember_last (g, memory, prompt->context, error);
  if (!ok)
    return FALSE;
  if (other)
    follow (memory, prompt);
  memory->frames = frames;
  transformer_cache_make_room (memory->cache, g->latent_frames);
  return TRUE;
}

gboolean
video_stream_remember (VideoGenerator * g,
    const EncodedPrompt * const *prompts, GError ** error)
{
  StreamMemory *memories = g->stream.memories;

  for (guint i = 0; i < G_N_ELEMENTS (g->stream.memories); i++) {
    if (!prompts[i])
      memory_clear (&memories[i]);
    else if (!remember (g, &memories[i], prompts[i], error))
      return FALSE;
  }
  return TRUE;
}

/* ---- one chunk after the other ------------------------------------------------------ */

/* The decoder's state is that of all frames up to the next chunk. */
static gboolean
decode_rest (VideoGenerator * g, GError ** error)
{
  GError *local = NULL;

  while (video_generator_next_frame (g, NULL, OCL_MATRIX_BT601, &local));
  if (!local)
    return TRUE;
  g_propagate_error (error, local);
  return FALSE;
}

static gboolean
sample_next (VideoGenerator * g, StepCount * steps, GError ** error)
{
  Stream *s = &g->stream;

  if (g->latents) {
    if (!decode_rest (g, error))
      return FALSE;
    absorb (g);
  }
  if (!video_generator_sample_chunk (g, s->next, steps, error))
    return FALSE;
  s->pure = s->pure && (!g->changed || s->frames == 0);
  g->changed = FALSE;
  g->chunk = s->next++;
  return TRUE;
}

/* Nothing has been decoded of it that would have to be again. */
static gboolean
is_at_hand (VideoGenerator * g, guint64 chunk)
{
  gboolean fresh = g->next_latent == 0 || video_stream_starts (g);

  return g->latents && g->chunk == chunk && !g->changed && fresh;
}

/* What is missing up to @chunk can be added. */
static gboolean
goes_on_to (VideoGenerator * g, guint64 chunk)
{
  Stream *s = &g->stream;
  gboolean same = s->pure && s->first == 0 && !g->changed;

  return s->alive && video_generator_has_size (g)
      && (chunk == s->next || (chunk > s->next && same));
}

static guint
count_steps (VideoGenerator * g, guint64 chunks)
{
  return MIN (chunks, G_MAXUINT / g->settings.steps) * g->settings.steps;
}

gboolean
video_stream_sample (VideoGenerator * g, guint64 chunk, StepCount * steps,
    GError ** error)
{
  Stream *s = &g->stream;
  gboolean resized = s->alive && !video_generator_has_size (g);

  if (is_at_hand (g, chunk)) {
    video_generator_rewind (g);
    return TRUE;
  }
  if (!goes_on_to (g, chunk)
      && !begin (g, resized && chunk == s->next ? chunk : 0, error))
    return FALSE;
  steps->all = count_steps (g, chunk - s->next + 1);
  while (s->next <= chunk)
    if (!sample_next (g, steps, error))
      return FALSE;
  return TRUE;
}
