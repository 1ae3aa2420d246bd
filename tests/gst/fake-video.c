/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fake-video.c: a stand-in for models/video that paints test patterns, takes as
 * long and fails as it is told to. It checks that its caller keeps to the
 * contract: one thread at a time, settings before samples, no frame of a chunk
 * that was not sampled. */

#include "fake-video.h"

#include <string.h>

#define STAGES 5

FakeVideo fake_video;

struct _VideoGenerator
{
  VideoInfo info;
  GMutex lock;
  GCond cond;
  gboolean cancelled;
  gint busy;                    /* one thread at a time */

  gboolean configured;
  char *prompt;
  char **events;                /* its lines, a chunk each */
  char *action;
  VideoSettings settings;
  gboolean sampled;
  guint64 chunk;
  guint position, frames;
  guint64 next;                 /* the chunk that a causal one would go on with */
  VideoTimings timings;
};

/* *INDENT-OFF* */
G_DEFINE_QUARK (video-error-quark, video_error)
/* *INDENT-ON* */

void
fake_video_reset (void)
{
  g_assert_cmpint (g_atomic_int_get (&fake_video.alive), ==, 0);
  memset (&fake_video, 0, sizeof fake_video);
  fake_video.fps = 24;
  fake_video.size_multiple = 16;
  fake_video.chunk_frames = 9;
  fake_video.steps = 4;
  fake_video.open_error = -1;
  fake_video.sample_error = -1;
  fake_video.max_prompt = 1000;
}

gboolean
video_check_device (const char *device, GError ** error)
{
  if (!fake_video.no_device && g_strcmp0 (device, "none") != 0)
    return TRUE;
  g_set_error_literal (error, VIDEO_ERROR, VIDEO_ERROR_DEVICE,
      "no OpenCL device found");
  return FALSE;
}

static gboolean
check_path (const char *path, GError ** error)
{
  if (g_strcmp0 (path, "/none") != 0)
    return TRUE;
  g_set_error (error, VIDEO_ERROR, VIDEO_ERROR_NOT_FOUND, "%s: not found",
      path);
  return FALSE;
}

gboolean
video_check_model (const char *model, GError ** error)
{
  return check_path (model, error);
}

gboolean
video_check_lora (const char *lora, GError ** error)
{
  return check_path (lora, error);
}

static gboolean
cancelled_error (GError ** error)
{
  g_set_error_literal (error, VIDEO_ERROR, VIDEO_ERROR_CANCELLED, "cancelled");
  return FALSE;
}

/* FALSE if cancelled. */
static gboolean
generator_work (VideoGenerator * generator, guint ms, GError ** error)
{
  gint64 end = g_get_monotonic_time () + ms * G_TIME_SPAN_MILLISECOND;
  gboolean cancelled;

  g_mutex_lock (&generator->lock);
  while (!generator->cancelled
      && g_cond_wait_until (&generator->cond, &generator->lock, end));
  cancelled = generator->cancelled;
  g_mutex_unlock (&generator->lock);
  return !cancelled || cancelled_error (error);
}

static void
generator_enter (VideoGenerator * generator)
{
  g_assert_true (g_atomic_int_compare_and_exchange (&generator->busy, 0, 1));
}

static void
generator_leave (VideoGenerator * generator)
{
  g_assert_true (g_atomic_int_compare_and_exchange (&generator->busy, 1, 0));
}

/* FALSE if ended. */
static gboolean
open_stages (const VideoOpenOptions * options)
{
  static const char *const stages[STAGES] = {
    "device", "tokenizer", "transformer", "vae", "kernels"
  };

  for (guint i = 0; i < STAGES * 10; i++) {
    g_usleep (fake_video.open_ms * 1000 / (STAGES * 10));
    if (!options->progress (stages[i / 10], i % 10 / 10.0,
            options->progress_data))
      return FALSE;
  }
  g_usleep (fake_video.compile_ms * 1000);
  return TRUE;
}

static void
describe (VideoInfo * info, const char *model)
{
  static const char *const none[] = { NULL };

  info->name = g_path_get_basename (model);
  info->device = g_strdup ("fake");
  info->precision = OCL_PRECISION_FLOAT32;
  info->width = 64;
  info->height = 48;
  info->size_multiple = fake_video.size_multiple;
  info->fps = fake_video.fps;
  info->chunk_frames = fake_video.chunk_frames;
  info->clip_frames = fake_video.clip_frames ? fake_video.clip_frames :
      fake_video.chunk_frames;
  info->causal = fake_video.causal;
  info->time_multiple = 4;
  info->max_prompt_tokens = fake_video.max_prompt;
  info->steps = fake_video.steps;
  info->guidance_scale = 5;
  info->flow_shift = 3;
  info->sampler = VIDEO_SAMPLER_UNIPC;
  info->actions = fake_video.actions ? fake_video.actions : none;
}

VideoGenerator *
video_generator_open (const VideoOpenOptions * options, GError ** error)
{
  VideoGenerator *generator;

  g_atomic_int_inc (&fake_video.opened);
  if (!open_stages (options)) {
    cancelled_error (error);
    return NULL;
  }
  if (fake_video.open_error >= 0) {
    g_set_error (error, VIDEO_ERROR, fake_video.open_error,
        "injected error %d", fake_video.open_error);
    return NULL;
  }

  generator = g_new0 (VideoGenerator, 1);
  g_mutex_init (&generator->lock);
  g_cond_init (&generator->cond);
  describe (&generator->info, options->model);
  g_assert_cmpint (g_atomic_int_add (&fake_video.alive, 1), >=, 0);
  return generator;
}

void
video_generator_free (VideoGenerator * generator)
{
  generator_enter (generator);
  g_free (generator->info.name);
  g_free (generator->info.device);
  g_free (generator->prompt);
  g_strfreev (generator->events);
  g_free (generator->action);
  g_mutex_clear (&generator->lock);
  g_cond_clear (&generator->cond);
  g_free (generator);
  g_atomic_int_add (&fake_video.alive, -1);
}

const VideoInfo *
video_generator_get_info (VideoGenerator * generator)
{
  return &generator->info;
}

static gboolean
check_action (VideoGenerator * generator, const char *action, GError ** error)
{
  if (!action || !*action || g_strv_contains (generator->info.actions, action))
    return TRUE;
  g_set_error (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS,
      "no action \"%s\"", action);
  return FALSE;
}

static gboolean
check_settings (const VideoSettings * settings, GError ** error)
{
  guint multiple = fake_video.size_multiple;

  if (settings->chunk_frames == 0 || settings->chunk_frames % 4 == 1) {
    g_assert_cmpuint (settings->width % multiple, ==, 0);
    g_assert_cmpuint (settings->height % multiple, ==, 0);
    return TRUE;
  }
  g_set_error (error, VIDEO_ERROR, VIDEO_ERROR_SETTINGS,
      "%u frames are not 4 n + 1", settings->chunk_frames);
  return FALSE;
}

gboolean
video_generator_configure (VideoGenerator * generator,
    const VideoSettings * settings, VideoPromptReport * report, GError ** error)
{
  gboolean ok;
  const char *prompt = settings->prompt ? settings->prompt : "";
  const char *negative =
      settings->negative_prompt ? settings->negative_prompt : "";

  generator_enter (generator);
  g_assert_true (g_utf8_validate (prompt, -1, NULL));
  ok = generator_work (generator, 0, error)
      && check_settings (settings, error)
      && check_action (generator, settings->action, error);
  if (ok) {
    g_free (generator->prompt);
    generator->prompt = g_strdup (prompt);
    g_strfreev (generator->events);
    generator->events = g_strsplit (prompt, "\n", -1);
    g_free (generator->action);
    generator->action = g_strdup (settings->action);
    if (settings->width != generator->settings.width
        || settings->height != generator->settings.height)
      generator->next = 0;
    generator->settings = *settings;
    generator->configured = TRUE;
    generator->sampled = FALSE;
    if (report) {
      report->truncated = (strlen (prompt) > fake_video.max_prompt ?
          VIDEO_TRUNCATED_PROMPT : 0) | (strlen (negative) >
          fake_video.max_prompt ? VIDEO_TRUNCATED_NEGATIVE_PROMPT : 0);
      report->unknown_words = g_strv_contains ((const char *const *)
          generator->events, "unknown") ? fake_video.unknown_words : NULL;
    }
  }
  generator_leave (generator);
  return ok;
}

void
video_generator_get_chunk_frames (VideoGenerator * generator, guint * first,
    guint * later)
{
  *first = generator->settings.chunk_frames ?
      generator->settings.chunk_frames : generator->info.chunk_frames;
  *later = generator->info.causal ? *first + 3 : *first;
}

guint64
video_generator_get_length (VideoGenerator * generator)
{
  guint first, later;

  video_generator_get_chunk_frames (generator, &first, &later);
  return generator->info.causal ? generator->info.clip_frames : first;
}

const char *
video_generator_get_prompt (VideoGenerator * generator, guint64 chunk)
{
  guint n = g_strv_length (generator->events);

  return n == 0 ? "" : generator->events[MIN (chunk, n - 1)];
}

/* FALSE if cancelled. */
static gboolean
wait_for_leave (VideoGenerator * generator, gint before, GError ** error)
{
  gint allowed;

  while ((allowed = g_atomic_int_get (&fake_video.allowed))
      && before >= allowed) {
    if (!generator_work (generator, 1, error))
      return FALSE;
  }
  return TRUE;
}

/* A causal one that does not go on samples all from chunk 0 on. */
static gboolean
sample_steps (VideoGenerator * generator, guint64 chunk, guint step_ms,
    VideoStepFunc step_func, gpointer step_data, GError ** error)
{
  guint steps = generator->settings.steps ?
      generator->settings.steps : generator->info.steps;

  if (generator->info.causal && chunk != generator->next)
    steps *= chunk + 1;

  for (guint step = 1; step <= steps; step++) {
    if (!generator_work (generator, step_ms, error))
      return FALSE;
    g_atomic_int_inc (&fake_video.steps_done);
    if (step_func)
      step_func (step, steps, step_data);
  }
  return TRUE;
}

gboolean
video_generator_sample (VideoGenerator * generator, guint64 chunk,
    VideoStepFunc step_func, gpointer step_data, GError ** error)
{
  gint before = g_atomic_int_add (&fake_video.sampled, 1);
  gboolean slow = !fake_video.slow_samples || before < fake_video.slow_samples;
  guint first, later;
  gboolean ok;

  generator_enter (generator);
  g_assert_true (generator->configured);
  generator->sampled = FALSE;
  ok = wait_for_leave (generator, before, error)
      && sample_steps (generator, chunk, slow ? fake_video.step_ms : 0,
      step_func, step_data, error);
  if (ok && fake_video.sample_error >= 0 && chunk == fake_video.error_chunk) {
    g_set_error (error, VIDEO_ERROR, fake_video.sample_error,
        "injected error %d", fake_video.sample_error);
    ok = FALSE;
  }
  if (ok) {
    generator->sampled = TRUE;
    generator->chunk = chunk;
    generator->position = 0;
    generator->next = chunk + 1;
    video_generator_get_chunk_frames (generator, &first, &later);
    generator->frames = chunk ? later : first;
    generator->timings.text = 0.25;
    generator->timings.sample = 0.5;
    generator->timings.memory_peak = 2000;
  }
  generator_leave (generator);
  return ok;
}

/* Every byte of every plane, so that a wrong stride is seen. */
static void
paint (VideoGenerator * generator, const OclFrame * frame)
{
  static const guint bytes[] = {
    [OCL_FRAME_RGB] = 3,[OCL_FRAME_RGBA] = 4,[OCL_FRAME_BGRX] = 4,
    [OCL_FRAME_I420] = 1,[OCL_FRAME_NV12] = 1
  };
  FakeMark mark = { generator->chunk, generator->position,
    g_str_hash (video_generator_get_prompt (generator, generator->chunk)),
    generator->settings.seed,
    generator->action && *generator->action ? g_str_hash (generator->action) : 0
  };
  guint planes = frame->format == OCL_FRAME_I420 ? 3 :
      frame->format == OCL_FRAME_NV12 ? 2 : 1;

  g_assert_cmpuint (frame->width, ==, generator->settings.width);
  g_assert_cmpuint (frame->height, ==, generator->settings.height);
  for (guint p = 0; p < planes; p++) {
    guint rows = p ? frame->height / 2 : frame->height;
    guint row_bytes = frame->width * bytes[frame->format];

    if (p && frame->format == OCL_FRAME_I420)
      row_bytes /= 2;
    for (guint y = 0; y < rows; y++)
      memset (frame->planes[p] + y * frame->strides[p], 16 + y % 128,
          row_bytes);
  }
  memcpy (frame->planes[0], &mark, sizeof mark);
}

gboolean
video_generator_next_frame (VideoGenerator * generator,
    const OclFrame * frame, OclMatrix matrix, GError ** error)
{
  gboolean ok;

  generator_enter (generator);
  g_assert_true (generator->sampled);
  ok = generator_work (generator, 0, error);
  if (ok && generator->position < generator->frames) {
    if (frame)
      paint (generator, frame);
    generator->position++;
  } else
    ok = FALSE;
  generator_leave (generator);
  return ok;
}

void
video_generator_get_timings (VideoGenerator * generator, VideoTimings * timings)
{
  *timings = generator->timings;
}

void
video_generator_cancel (VideoGenerator * generator)
{
  g_mutex_lock (&generator->lock);
  generator->cancelled = TRUE;
  g_cond_signal (&generator->cond);
  g_mutex_unlock (&generator->lock);
}

void
video_generator_uncancel (VideoGenerator * generator)
{
  g_mutex_lock (&generator->lock);
  generator->cancelled = FALSE;
  g_mutex_unlock (&generator->lock);
}
