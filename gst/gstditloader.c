/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditloader.c: opens a generator and encodes the first prompt on a thread of
 * its own.
 *
 * Cancelling never waits for the thread: a driver may be compiling a kernel, for
 * seconds. From then on the loader leaves its owner alone and winds up
 * by itself; the next loader, or the last unref, waits for that. */

#include "gstditloader.h"

#include <string.h>

/* An error comes no sooner than this after the start: gst-launch-1.0 misses one
 * that comes before its main loop runs, and waits for ever. */
#define FIRST_ERROR_US (100 * G_TIME_SPAN_MILLISECOND)

typedef enum
{
  LOADING,
  CANCELLED,
  DONE
} LoaderState;

struct _GstDitLoader
{
  GThread *thread;
  GstDitLoader *previous;       /* to be waited for */
  GstDitSettings settings;
  guint64 seed;

  GRecMutex lock;               /* held while the owner is called */
  LoaderState state;
  VideoGenerator *generator;    /* for cancelling its first prompt */
  guint percent;
  GstDitLoaderFuncs funcs;
  gpointer owner;
};

/* How far the whole is when a stage is at @fraction. The text encoder, the
 * largest part, is read last, for the first prompt. Kernels are compiled in
 * between: 0 for them, and for what is unknown. */
static guint
overall_percent (const char *stage, double fraction)
{
  static const struct
  {
    const char *stage;
    guint begin, end;
  } stages[] = {
    {"device", 0, 2},
    {"tokenizer", 2, 4},
    {"transformer", 4, 40},
    {"vae", 40, 50},
    {"prompt", 50, 50},
    {"text-encoder", 50, 98}
  };

  for (guint i = 0; i < G_N_ELEMENTS (stages); i++) {
    if (strcmp (stage, stages[i].stage) == 0)
      return stages[i].begin + CLAMP (fraction, 0, 1)
          * (stages[i].end - stages[i].begin);
  }
  return 0;
}

/* A generator compiles kernels when they are first used, which may be long after
 * it was opened: then this runs on the owner's thread. */
static gboolean
loader_progress (const char *stage, double fraction, gpointer data)
{
  GstDitLoader *loader = data;
  LoaderState state;

  g_rec_mutex_lock (&loader->lock);
  state = loader->state;
  if (state != CANCELLED) {
    loader->percent = MAX (loader->percent, overall_percent (stage, fraction));
    loader->funcs.progress (loader->owner, stage,
        state == DONE ? -1 : (int) loader->percent);
  }
  g_rec_mutex_unlock (&loader->lock);
  return state != CANCELLED;
}

static VideoGenerator *
loader_open (GstDitLoader * loader, GError ** error)
{
  VideoOpenOptions options = { NULL, };

  options.model = loader->settings.model;
  options.lora = loader->settings.lora;
  options.lora_scale = loader->settings.lora_scale;
  options.device = loader->settings.device;
  options.gemm = loader->settings.gemm;
  options.precision = loader->settings.precision;
  options.memory_limit = loader->settings.memory_limit;
  options.progress = loader_progress;
  options.progress_data = loader;
  return video_generator_open (&options, error);
}

static gboolean
loader_encode_prompt (GstDitLoader * loader, VideoGenerator * generator,
    VideoPromptReport * report, GError ** error)
{
  VideoSettings video = gst_dit_settings_to_video (&loader->settings, 0, 0,
      loader->seed);

  video.total_frames = MAX (0,
      gst_dit_settings_get_total_frames (&loader->settings,
          video_generator_get_info (generator)));
  g_rec_mutex_lock (&loader->lock);
  loader->generator = generator;
  g_rec_mutex_unlock (&loader->lock);
  return loader_progress ("prompt", 0, loader)
      && video_generator_configure (generator, &video, report, error);
}

static gpointer
loader_thread (gpointer data)
{
  GstDitLoader *loader = data;
  g_autoptr (VideoGenerator) generator = NULL;
  g_autoptr (GError) error = NULL;
  gint64 first_error = g_get_monotonic_time () + FIRST_ERROR_US;
  VideoPromptReport report = { 0, };
  gboolean ready = FALSE;

  g_clear_pointer (&loader->previous, gst_dit_loader_unref);
  if (loader_progress ("device", 0, loader))
    generator = loader_open (loader, &error);
  if (generator)
    ready = loader_encode_prompt (loader, generator, &report, &error);
  if (!ready)
    g_usleep (MAX (0, first_error - g_get_monotonic_time ()));

  g_rec_mutex_lock (&loader->lock);
  loader->generator = NULL;
  if (loader->state == LOADING) {
    loader->state = DONE;
    loader->funcs.done (loader->owner,
        ready ? g_steal_pointer (&generator) : NULL, &report, error);
  }
  g_rec_mutex_unlock (&loader->lock);
  return NULL;
}

/* @previous: taken; waited for before anything is opened, so that never two
 * models are in memory. */
GstDitLoader *
gst_dit_loader_new (const GstDitSettings * settings, guint64 seed,
    GstDitLoader * previous, const GstDitLoaderFuncs * funcs, gpointer owner)
{
  GstDitLoader *loader = g_atomic_rc_box_new0 (GstDitLoader);

  g_rec_mutex_init (&loader->lock);
  gst_dit_settings_copy (&loader->settings, settings);
  loader->seed = seed;
  loader->previous = previous;
  loader->funcs = *funcs;
  loader->owner = owner;
  loader->thread = g_thread_new ("dit-loader", loader_thread, loader);
  return loader;
}

static void
loader_clear (gpointer data)
{
  GstDitLoader *loader = data;

  g_thread_join (loader->thread);
  g_rec_mutex_clear (&loader->lock);
  gst_dit_settings_clear (&loader->settings);
}

GstDitLoader *
gst_dit_loader_ref (GstDitLoader * loader)
{
  return g_atomic_rc_box_acquire (loader);
}

/* The last one waits for the thread to end. */
void
gst_dit_loader_unref (GstDitLoader * loader)
{
  g_atomic_rc_box_release_full (loader, loader_clear);
}

/* When this returns, no function of the owner runs, nor will one. TRUE if the
 * loading was not over yet. */
gboolean
gst_dit_loader_cancel (GstDitLoader * loader)
{
  gboolean was_loading = gst_dit_loader_lock_if_loading (loader);

  if (was_loading) {
    loader->state = CANCELLED;
    if (loader->generator)
      video_generator_cancel (loader->generator);
    gst_dit_loader_unlock (loader);
  }
  return was_loading;
}

/* If TRUE the loading won't end before gst_dit_loader_unlock(). */
gboolean
gst_dit_loader_lock_if_loading (GstDitLoader * loader)
{
  g_rec_mutex_lock (&loader->lock);
  if (loader->state == LOADING)
    return TRUE;
  g_rec_mutex_unlock (&loader->lock);
  return FALSE;
}

void
gst_dit_loader_unlock (GstDitLoader * loader)
{
  g_rec_mutex_unlock (&loader->lock);
}
