/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* generator.c: opening a checkpoint, settings, and the life of a generator. */

#include "models/video/generator-private.h"

/* Far beyond what any device does, and near enough for sizes in bytes to fit
 * their types. */
#define MAX_SIDE 16384
#define MAX_CHUNK_FRAMES 100000
/* Wan's are 16 and 32; leaves a choice of sizes below any bound. */
#define MAX_SIZE_MULTIPLE 1024

/* ---- opening ------------------------------------------------------------------ */

gboolean
video_generator_report (VideoGenerator * g, const char *stage, double fraction)
{
  if (!g->progress || g->progress (stage, fraction, g->progress_data))
    return TRUE;
  if (g->cl)
    ocl_context_cancel (g->cl);
  return FALSE;
}

/* Kernels are compiled when they are first used: while a part is opened, or
 * the first time it runs. There are about this many programs. */
#define EXPECTED_PROGRAMS 16

static void
on_build (const char *name, guint built, gpointer data)
{
  video_generator_report (data, "kernels",
      MIN (1, (double) built / EXPECTED_PROGRAMS));
}

static void
on_load (double fraction, gpointer data)
{
  video_generator_report (data, "transformer", fraction);
}

static gboolean
open_device (VideoGenerator * g, const VideoOpenOptions * options,
    GError ** error)
{
  const OclContextOptions cl_options = {
    .device = options->device,.gemm = options->gemm,
    .memory_limit = options->memory_limit,
    .build_func = on_build,.build_data = g
  };

  if (!(g->cl = ocl_context_new (&cl_options, error)))
    return FALSE;
  g->precision = ocl_context_resolve_precision (g->cl, options->precision);
  return TRUE;
}

static gboolean
check_channels (VideoGenerator * g, GError ** error)
{
  gsize channels = transformer_get_channels (g->transformer);

  if (channels == vae_get_channels (g->vae))
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
      "%s: the transformer makes latents of %" G_GSIZE_FORMAT " channels, the "
      "VAE takes %" G_GSIZE_FORMAT, g->checkpoint.directory, channels,
      vae_get_channels (g->vae));
  return FALSE;
}

static guint
or_else (gint64 value, guint fallback)
{
  return value > 0 ? value : fallback;
}

/* The nearest to @size that the model takes. */
static guint
nearest_size (guint size, guint multiple)
{
  guint n = (size + multiple / 2) / multiple;

  return CLAMP (n, 1, MAX_SIDE / multiple) * multiple;
}

/* The same for frames: groups of @patch latent frames, of which all but the first
 * of a chunk are @time frames. */
static guint
nearest_frames (guint frames, guint time, guint patch)
{
  guint latents = (frames - 1 + time / 2) / time + 1;
  guint most = (MAX_CHUNK_FRAMES - 1) / time + 1;
  guint groups = CLAMP ((latents + patch / 2) / patch, 1, most / patch);

  return (groups * patch - 1) * time + 1;
}

static guint
greatest_divisor (guint a, guint b)
{
  return b == 0 ? a : greatest_divisor (b, a % b);
}

/* Whole patches on either side. */
guint
video_generator_size_multiple (VideoGenerator * g, Vae * vae)
{
  const guint *patch = transformer_get_patch (g->transformer);
  guint common = patch[1] / greatest_divisor (patch[1], patch[2]) * patch[2];

  return vae_get_scale_space (vae) * common;
}

static gboolean
check_multiple (VideoGenerator * g, GError ** error)
{
  const guint *patch = transformer_get_patch (g->transformer);
  guint multiple = video_generator_size_multiple (g, g->vae);

  if (multiple <= MAX_SIZE_MULTIPLE)
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_UNSUPPORTED,
      "%s: the VAE makes %u pixels of a latent's side and the transformer takes "
      "patches of %u x %u: sizes would be multiples of %u, supported are at "
      "most %u", g->checkpoint.directory, vae_get_scale_space (g->vae),
      patch[1], patch[2], multiple, MAX_SIZE_MULTIPLE);
  return FALSE;
}

static guint
native_frames (VideoGenerator * g)
{
  gboolean ti2v = vae_get_channels (g->vae) == 48;

  return nearest_frames (or_else (g->checkpoint.num_frames, ti2v ? 121 : 81),
      vae_get_scale_time (g->vae), transformer_get_patch (g->transformer)[0]);
}

/* Attention that says nothing of a window spans the native clip. */
static gboolean
check_causal (VideoGenerator * g, GError ** error)
{
  const Checkpoint *c = &g->checkpoint;
  guint patch = transformer_get_patch (g->transformer)[0];
  gint64 window = or_else (c->causal_window,
      (native_frames (g) - 1) / vae_get_scale_time (g->vae) + 1);

  g->stream.window = window;
  g->stream.sink = c->causal_sink;
  if (c->causal_block == 0 || (c->causal_block <= window
          && c->causal_block % patch == 0 && window % patch == 0
          && c->causal_sink % patch == 0))
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
      "%s: blocks of %" G_GINT64_FORMAT " latent frames in a window of %"
      G_GINT64_FORMAT " and a sink of %" G_GINT64_FORMAT "; expected are "
      "multiples of %u, a block no longer than the window", c->directory,
      c->causal_block, window, c->causal_sink, patch);
  return FALSE;
}

/* The same latents in space and time, but more pixels of each. */
static gboolean
check_upscaling (VideoGenerator * g, const char *directory, GError ** error)
{
  guint space = vae_get_scale_space (g->vae);
  guint more = vae_get_scale_space (g->upscaling);

  if (vae_get_channels (g->upscaling) == vae_get_channels (g->vae)
      && vae_get_scale_time (g->upscaling) == vae_get_scale_time (g->vae)
      && more > space && more % space == 0)
    return TRUE;
  g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
      "%s: makes %u x %u pixels and %u frames of %" G_GSIZE_FORMAT " channels, "
      "vae/ %u x %u and %u of %" G_GSIZE_FORMAT "; only the pixels may differ, "
      "a multiple each way", directory, more, more,
      vae_get_scale_time (g->upscaling), vae_get_channels (g->upscaling), space,
      space, vae_get_scale_time (g->vae), vae_get_channels (g->vae));
  return FALSE;
}

/* A checkpoint may have none. */
static gboolean
open_upscaling (VideoGenerator * g, GError ** error)
{
  g_autofree char *directory = checkpoint_path (&g->checkpoint, "vae_upscale");

  if (!g_file_test (directory, G_FILE_TEST_EXISTS))
    return TRUE;
  g->upscaling = vae_open (g->cl, directory, g->precision, error);
  return g->upscaling && check_upscaling (g, directory, error);
}

static gboolean
open_transformer (VideoGenerator * g, const VideoOpenOptions * options,
    GError ** error)
{
  g_autofree char *directory = checkpoint_path (&g->checkpoint, "transformer");
  const LoraFile lora = { options->lora, options->lora_scale };

  g->transformer = transformer_open (g->cl, directory, g->precision,
      lora.path && *lora.path ? &lora : NULL, on_load, g, error);
  return g->transformer != NULL;
}

static gboolean
open_parts (VideoGenerator * g, const VideoOpenOptions * options,
    GError ** error)
{
  g_autofree char *tokenizer = NULL, *vae = NULL;

  if (!video_generator_report (g, "device", 0)
      || !checkpoint_read (&g->checkpoint, options->model, error)
      || !open_device (g, options, error))
    return FALSE;
  tokenizer = checkpoint_path (&g->checkpoint, "tokenizer/spiece.model");
  vae = checkpoint_path (&g->checkpoint, "vae");
  return video_generator_report (g, "tokenizer", 0)
      && (g->tokenizer = tokenizer_open (tokenizer, error)) != NULL
      && video_generator_report (g, "transformer", 0)
      && open_transformer (g, options, error)
      && video_generator_report (g, "vae", 0)
      && (g->vae = vae_open (g->cl, vae, g->precision, error)) != NULL
      && open_upscaling (g, error) && video_generator_report (g, "vae", 1)
      && check_channels (g, error)
      && check_multiple (g, error) && check_causal (g, error);
}

/* A causal checkpoint can go on from one event to the next, and so a sentence may
 * tell of several; prompts of others stay whole, unless it says otherwise. */
static void
describe_story (VideoGenerator * g)
{
  static const char *const none[] = { NULL };
  const Checkpoint *c = &g->checkpoint;
  VideoInfo *info = &g->info;

  if (c->events > 0 || (c->events < 0 && info->causal))
    info->event_seconds = c->event_seconds;
  info->actions = c->actions ? (const char *const *) c->actions : none;
}

/* Where the checkpoint is silent: what the Wan releases are made for. Those with
 * 48 latent channels are Wan2.2 TI2V's. What it wants and cannot do becomes what
 * is next to it: 832 x 464 where it says 830 x 470. */
static void
describe (VideoGenerator * g)
{
  const Checkpoint *c = &g->checkpoint;
  gboolean ti2v = vae_get_channels (g->vae) == 48;
  VideoInfo *info = &g->info;

  info->name = g_strdup (c->name);
  info->device = g_strdup (ocl_context_get_device (g->cl)->name);
  info->precision = g->precision;
  info->size_multiple = video_generator_size_multiple (g, g->vae);
  info->time_multiple = vae_get_scale_time (g->vae);
  info->width = nearest_size (or_else (c->width, ti2v ? 1280 : 832),
      info->size_multiple);
  info->height = nearest_size (or_else (c->height, ti2v ? 704 : 480),
      info->size_multiple);
  info->fps = or_else (c->fps, ti2v ? 24 : 16);
  info->clip_frames = native_frames (g);
  info->causal = c->causal_block > 0;
  info->chunk_frames = info->causal
      ? (c->causal_block - 1) * info->time_multiple + 1 : info->clip_frames;
  info->steps = or_else (c->steps, 50);
  info->max_prompt_tokens = c->text_length;
  info->guidance_scale = c->guidance_scale;
  info->flow_shift = c->flow_shift > 0 ? c->flow_shift : c->sampler.flow_shift;
  info->sampler = c->sampler.type == SAMPLER_EULER ? VIDEO_SAMPLER_EULER
      : c->sampler.type == SAMPLER_LCM ? VIDEO_SAMPLER_LCM
      : VIDEO_SAMPLER_UNIPC;
  describe_story (g);
}

VideoGenerator *
video_generator_open (const VideoOpenOptions * options, GError ** error)
{
  g_autoptr (VideoGenerator) g = g_new0 (VideoGenerator, 1);
  GError *local = NULL;

  g->progress = options->progress;
  g->progress_data = options->progress_data;
  if (!open_parts (g, options, &local)) {
    if (!local)
      local = g_error_new_literal (VIDEO_ERROR, VIDEO_ERROR_CANCELLED,
          "opening was cancelled");
    video_propagate_error (error, local);
    return NULL;
  }
  describe (g);
  return g_steal_pointer (&g);
}

void
video_generator_free (VideoGenerator * g)
{
  video_generator_rewind (g);
  video_stream_clear (g);
  g_clear_pointer (&g->decoder, vae_decoder_free);
  g_free (g->latents);
  story_clear (&g->story);
  encoded_prompt_clear (&g->negative);
  g_clear_pointer (&g->text_encoder, text_encoder_free);
  g_clear_pointer (&g->transformer, transformer_free);
  g_clear_pointer (&g->upscaling, vae_free);
  g_clear_pointer (&g->vae, vae_free);
  g_clear_pointer (&g->tokenizer, tokenizer_free);
  g_clear_pointer (&g->cl, ocl_context_free);
  checkpoint_clear (&g->checkpoint);
  g_free (g->info.name);
  g_free (g->info.device);
  g_free (g);
}

const VideoInfo *
video_generator_get_info (VideoGenerator * g)
{
  return &g->info;
}

void
video_generator_get_timings (VideoGenerator * g, VideoTimings * timings)
{
  *timings = g->timings;
  timings->memory_used = ocl_context_get_memory_used (g->cl);
  timings->memory_peak = ocl_context_get_memory_peak (g->cl);
}

void
video_generator_cancel (VideoGenerator * g)
{
  ocl_context_cancel (g->cl);
}

void
video_generator_uncancel (VideoGenerator * g)
{
  ocl_context_uncancel (g->cl);
}

/* ---- settings ------------------------------------------------------------------ */

/* @wanted with what is native in the place of what is unset; no prompts. */
static VideoSettings
complete (VideoGenerator * g, const VideoSettings * wanted)
{
  const VideoInfo *info = &g->info;
  VideoSettings s = *wanted;

  s.width = or_else (s.width, info->width);
  s.height = or_else (s.height, info->height);
  s.chunk_frames = or_else (s.chunk_frames, info->chunk_frames);
  s.steps = or_else (s.steps, info->steps);
  if (s.guidance_scale < 0)
    s.guidance_scale = info->guidance_scale;
  if (s.flow_shift <= 0)
    s.flow_shift = info->flow_shift;
  if (s.sampler == VIDEO_SAMPLER_AUTO)
    s.sampler = info->sampler;
  s.prompt = s.negative_prompt = s.action = NULL;
  return s;
}

static gboolean
check_settings (VideoGenerator * g, const VideoSettings * s, GError ** error)
{
  const VideoInfo *info = &g->info;
  guint patch = transformer_get_patch (g->transformer)[0];
  guint latents = (s->chunk_frames - 1) / info->time_multiple + 1;

  if (s->width > MAX_SIDE || s->height > MAX_SIDE
      || s->chunk_frames > MAX_CHUNK_FRAMES) {
    g_set_error (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS,
        "a chunk of %u frames of %u x %u; the most is %u frames of %u x %u",
        s->chunk_frames, s->width, s->height, MAX_CHUNK_FRAMES, MAX_SIDE,
        MAX_SIDE);
    return FALSE;
  }
  if (s->width % info->size_multiple || s->height % info->size_multiple) {
    g_set_error (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS,
        "a size of %u x %u; \"%s\" takes multiples of %u", s->width,
        s->height, info->name, info->size_multiple);
    return FALSE;
  }
  if ((s->chunk_frames - 1) % info->time_multiple || latents % patch) {
    g_set_error (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS,
        "a chunk of %u frames; \"%s\" takes %u n + 1, its latent frames in "
        "groups of %u", s->chunk_frames, info->name, info->time_multiple,
        patch);
    return FALSE;
  }
  if (info->causal && latents > g->stream.window) {
    g_set_error (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS,
        "a chunk of %u frames, %u latent frames; \"%s\" attends to %u",
        s->chunk_frames, latents, info->name, g->stream.window);
    return FALSE;
  }
  if (!(s->guidance_scale >= 0 && s->guidance_scale <= 1000)
      || !(s->flow_shift > 0 && s->flow_shift <= 1000) || s->steps > 1000) {
    g_set_error (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS,
        "guidance %g (0 ... 1000), shift %g (0 ... 1000) or steps %u "
        "(1 ... 1000) out of range", s->guidance_scale, s->flow_shift,
        s->steps);
    return FALSE;
  }
  return TRUE;
}

/* But for the prompts. */
static gboolean
settings_equal (const VideoSettings * a, const VideoSettings * b)
{
  return a->width == b->width && a->height == b->height
      && a->chunk_frames == b->chunk_frames && a->steps == b->steps
      && a->guidance_scale == b->guidance_scale
      && a->flow_shift == b->flow_shift && a->sampler == b->sampler
      && a->seed == b->seed;
}

static void
fill_report (VideoGenerator * g, gboolean guided, VideoPromptReport * report)
{
  GPtrArray *words = g->story.unknown_words;

  report->truncated = (video_generator_is_truncated (g) ?
      VIDEO_TRUNCATED_PROMPT : 0) | (guided && g->negative.truncated ?
      VIDEO_TRUNCATED_NEGATIVE_PROMPT : 0);
  report->unknown_words = words ? (const char *const *) words->pdata : NULL;
}

gboolean
video_generator_configure (VideoGenerator * g, const VideoSettings * settings,
    VideoPromptReport * report, GError ** error)
{
  VideoSettings s = complete (g, settings);
  gboolean guided = video_settings_are_guided (&s);
  GTimer *timer;

  if (!check_settings (g, &s, error))
    return FALSE;
  timer = g_timer_new ();
  g->configured = video_generator_encode (g, settings, guided, error);
  g->timings.text = g_timer_elapsed (timer, NULL);
  g_timer_destroy (timer);
  if (!g->configured)
    return FALSE;
  g->changed |= !settings_equal (&s, &g->settings);
  /* A later chunk goes on from all of those before, and their events move. */
  g->changed |= g->info.causal && s.total_frames != g->settings.total_frames;
  g->settings = s;
  video_generator_schedule (g);
  if (report)
    fill_report (g, guided, report);
  return TRUE;
}

void
video_generator_get_chunk_frames (VideoGenerator * g, guint * first,
    guint * later)
{
  g_return_if_fail (g->configured);
  *first = *later = g->settings.chunk_frames;
  if (g->info.causal)
    *later += g->info.time_multiple - 1;
}
