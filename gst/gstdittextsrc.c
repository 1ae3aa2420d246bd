/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstdittextsrc.c: the element dittextsrc: a video source that makes what a
 * text says.
 *
 * gstditchunking.c says which chunk frame n is in, and a chunk is a function of
 * model, settings and its index alone (of a causal checkpoint: if the settings
 * were the same from chunk 0 on): so a seek is a change of n. The generator
 * belongs, from the end of loading to stop(), to the maker: that is the streaming
 * thread, or, if the element is live, the thread of a pump. */

/**
 * SECTION:element-dittextsrc
 * @title: dittextsrc
 * @short_description: Makes video from a text
 *
 * Makes video from a text by a diffusion transformer that runs on OpenCL: on a
 * graphics card or on the processor. Without #GstDitTextSrc:model it uses the
 * starter checkpoint that comes with the plugin; any text-to-video checkpoint of
 * the Wan family in the diffusers layout can take its place.
 *
 * ## Examples
 *
 * |[
 * gst-launch-1.0 dittextsrc prompt="a dog runs on the beach" ! videoconvert ! autovideosink
 * ]| Shows one clip in a window.
 * |[
 * gst-launch-1.0 dittextsrc prompt="a ship at sea" duration=10000000000 ! vp8enc deadline=1 ! webmmux ! filesink location=ship.webm
 * ]| Writes ten seconds to a file.
 * |[
 * gst-launch-1.0 playbin3 uri="dit://a%20dog%20runs%20on%20the%20beach?seed=1"
 * ]| Plays it as any player would.
 */

#include "gstdittextsrc.h"

#include <string.h>

#include "gstditcaps.h"
#include "gstditchunking.h"
#include "gstditenums.h"
#include "gstditlive.h"
#include "gstditloader.h"
#include "gstditmessages.h"
#include "gstditmodel.h"
#include "gstditnavigation.h"
#include "gstditsettings.h"
#include "gstdituri.h"

GST_DEBUG_CATEGORY_STATIC (dit_text_src_debug);
#define GST_CAT_DEFAULT dit_text_src_debug

/* After those of the settings. */
enum
{
  PROP_STATS = 100
};

struct _GstDitTextSrc
{
  GstPushSrc parent;

  GstDitLive *live;             /* used if it is live */
  GstDitStats stats;

  GMutex settings_lock;
  GstDitSettings settings;
  const char *held;             /* the action of the key that is held, or NULL */

  /* Never held while something else is called, but for cancelling. */
  GMutex state_lock;
  GstDitLoader *loader;         /* the last one */
  VideoGenerator *generator;    /* NULL until loaded */
  GstCaps *caps;                /* what it makes, NULL until loaded */
  guint fps;                    /* 0 until loaded */
  guint keys;                   /* that steer, 0 until loaded */
  gboolean finish;              /* EOS was asked for while loading */
  gboolean failed;              /* loading did */
  GstVideoInfo negotiated;      /* written by the streaming thread */

  /* the streaming thread's */
  char *tagged_prompt;          /* that of the last tags, or NULL */
  guint64 shown_chunk;          /* if it is live: the last, or NO_CHUNK */
  GstClockTime shown_since;     /* when that began */

  /* From start() or the end of loading on; then the maker's. */
  GstDitSettings latched;       /* of the current chunk */
  const VideoInfo *info;
  guint64 seed;
  GstDitChunking chunking;
  gint64 wanted_frames;         /* by properties; 0: what the prompt wants */
  gint64 total_frames;          /* -1: endless */
  GstVideoInfo video_info;      /* of the frames made */
  guint64 frame;                /* the next to make */
  gboolean have_chunk;
  guint64 chunk;                /* the one sampled */
  guint chunk_position;         /* frames taken from it */
  gboolean announced;           /* it is, if not live */
  gboolean sampling;            /* its progress is being told */
  gboolean compiling;           /* that of kernels for its frames is */
  char *chunk_prompt;           /* what the one sampled follows */
  const char *chunk_action;     /* interned, "": none */
  char *refused;                /* what was warned of, or NULL */
  VideoTruncated truncated;     /* what was warned of */
  double text_time;             /* seconds: of the prompt encoded when loading */
};

#define NO_CHUNK G_MAXUINT64

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (GST_VIDEO_CAPS_MAKE (GST_DIT_FORMATS)));

static void gst_dit_text_src_uri_handler_init (gpointer iface, gpointer data);

G_DEFINE_FINAL_TYPE_WITH_CODE (GstDitTextSrc, gst_dit_text_src,
    GST_TYPE_PUSH_SRC,
    G_IMPLEMENT_INTERFACE (GST_TYPE_URI_HANDLER,
        gst_dit_text_src_uri_handler_init);
    G_IMPLEMENT_INTERFACE (GST_TYPE_PRESET, NULL));
GST_ELEMENT_REGISTER_DEFINE (dittextsrc, "dittextsrc", GST_RANK_PRIMARY,
    GST_TYPE_DIT_TEXT_SRC);

/* ---- properties --------------------------------------------------------- */

static void
gst_dit_text_src_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstDitTextSrc *self = GST_DIT_TEXT_SRC (object);
  gboolean known;

  g_mutex_lock (&self->settings_lock);
  known = gst_dit_settings_set_property (&self->settings, id, value);
  g_mutex_unlock (&self->settings_lock);
  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static gboolean
gst_dit_text_src_is_live (GstDitTextSrc * self)
{
  return gst_base_src_is_live (GST_BASE_SRC (self));
}

static GstStructure *
gst_dit_text_src_get_stats (GstDitTextSrc * self)
{
  GstStructure *stats = gst_dit_stats_to_structure (&self->stats);
  GstClockTime latency, max;

  if (!gst_dit_live_get_latency (self->live, &latency, &max))
    latency = 0;
  gst_structure_set (stats,
      "queued", G_TYPE_UINT, gst_dit_live_get_queued (self->live),
      "latency", G_TYPE_UINT64, latency, NULL);
  return stats;
}

static void
gst_dit_text_src_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstDitTextSrc *self = GST_DIT_TEXT_SRC (object);
  gboolean known;

  if (id == PROP_STATS) {
    g_value_take_boxed (value, gst_dit_text_src_get_stats (self));
    return;
  }
  g_mutex_lock (&self->settings_lock);
  known = gst_dit_settings_get_property (&self->settings, id, value);
  g_mutex_unlock (&self->settings_lock);
  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gst_dit_text_src_copy_settings (GstDitTextSrc * self, GstDitSettings * to)
{
  g_mutex_lock (&self->settings_lock);
  gst_dit_settings_copy (to, &self->settings);
  g_mutex_unlock (&self->settings_lock);
}

static void
gst_dit_text_src_post_error (GstDitTextSrc * self, const GError * error)
{
  gst_dit_post_error (GST_ELEMENT (self), error, self->latched.model,
      self->latched.device);
}

/* ---- time and frames ---------------------------------------------------- */

static GstClockTime
frame_time (guint fps, guint64 frame)
{
  return gst_util_uint64_scale (frame, GST_SECOND, fps);
}

/* The frame that is shown at @time. Times of frames are rounded down, so the time
 * of a frame may seem to be the end of the one before. */
static guint64
frame_at (guint fps, GstClockTime time)
{
  guint64 frame = gst_util_uint64_scale (time, fps, GST_SECOND);

  return frame_time (fps, frame + 1) <= time ? frame + 1 : frame;
}

/* What is told of chunk @index; borrows strings. */
static GstDitChunk
gst_dit_text_src_describe_chunk (GstDitTextSrc * self, guint64 index)
{
  GstDitChunk chunk = { 0, };
  guint64 first = gst_dit_chunking_get_first (&self->chunking, index);

  chunk.index = index;
  chunk.seed = self->seed;
  chunk.prompt = self->chunk_prompt;
  chunk.action = self->chunk_action;
  chunk.model = self->info->name;
  chunk.frames = gst_dit_chunking_get_frames (&self->chunking, index);
  if (self->total_frames >= 0)
    chunk.frames = MIN (chunk.frames, self->total_frames - first);
  chunk.timestamp = frame_time (self->info->fps, first);
  chunk.duration = frame_time (self->info->fps, first + chunk.frames)
      - chunk.timestamp;
  return chunk;
}

/* ---- loading ------------------------------------------------------------ */

/* Of what is in @truncated and was not before, or in another text. */
static void
warn_of_truncation (GstDitTextSrc * self, VideoTruncated truncated,
    VideoTruncated changed)
{
  static const char *const what[] = {
    "", "The prompt is", "The negative prompt is",
    "The prompt and the negative prompt are"
  };
  VideoTruncated news = truncated & ~(self->truncated & ~changed);

  self->truncated = truncated;
  if (news)
    GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS,
        ("%s too long: the model reads %u tokens, the rest is left out.",
            what[news], self->info->max_prompt_tokens), (NULL));
}

/* On the maker's thread. Every operation that begins has to end: until then
 * an application may wait with PLAYING, as gst-launch does. */
static void
gst_dit_text_src_late_compile (GstDitTextSrc * self, const char *stage)
{
  gboolean begins = !self->sampling && !self->compiling;

  self->compiling |= begins;
  gst_dit_post_progress (GST_ELEMENT (self),
      begins ? GST_PROGRESS_TYPE_START : GST_PROGRESS_TYPE_CONTINUE,
      self->sampling ? "sample" : "compile", -1, "%s %s",
      strcmp (stage, "kernels") == 0 ? "Compiling" : "Loading", stage);
}

static void
gst_dit_text_src_load_progress (gpointer owner, const char *stage, int percent)
{
  if (percent >= 0)
    gst_dit_post_progress (GST_ELEMENT (owner), GST_PROGRESS_TYPE_CONTINUE,
        "open", percent, "Loading the model: %s (%d%%)", stage, percent);
  else
    gst_dit_text_src_late_compile (owner, stage);
}

static void
gst_dit_text_src_load_failed (GstDitTextSrc * self, const GError * error)
{
  g_mutex_lock (&self->state_lock);
  self->failed = TRUE;
  g_mutex_unlock (&self->state_lock);
  gst_dit_post_progress (GST_ELEMENT (self), GST_PROGRESS_TYPE_ERROR, "open",
      -1, "Loading the model failed");
  gst_dit_text_src_post_error (self, error);
  gst_base_src_start_complete (GST_BASE_SRC (self), GST_FLOW_ERROR);
}

static void
gst_dit_text_src_take_generator (GstDitTextSrc * self,
    VideoGenerator * generator)
{
  const VideoInfo *info = video_generator_get_info (generator);
  VideoTimings timings;

  video_generator_get_timings (generator, &timings);
  self->text_time = timings.text;
  self->info = info;
  video_generator_get_chunk_frames (generator, &self->chunking.first,
      &self->chunking.later);
  self->wanted_frames =
      gst_dit_settings_get_total_frames (&self->latched, info);
  self->total_frames = self->wanted_frames;
  if (self->total_frames == 0)
    self->total_frames = video_generator_get_length (generator);

  g_mutex_lock (&self->state_lock);
  self->generator = generator;
  self->caps = gst_dit_caps_from_info (info);
  self->fps = info->fps;
  self->keys = gst_dit_navigation_get_keys (info->actions);
  g_mutex_unlock (&self->state_lock);
  if (gst_dit_text_src_is_live (self))
    gst_dit_live_prepare (self->live, info->fps,
        MAX (self->chunking.first, self->chunking.later));

  if (self->total_frames >= 0) {
    GST_OBJECT_LOCK (self);
    GST_BASE_SRC (self)->segment.duration =
        frame_time (info->fps, self->total_frames);
    GST_OBJECT_UNLOCK (self);
    gst_element_post_message (GST_ELEMENT (self),
        gst_message_new_duration_changed (GST_OBJECT (self)));
  }
}

/* On the loader's thread. */
static void
gst_dit_text_src_loaded (gpointer owner, VideoGenerator * generator,
    const VideoPromptReport * report, const GError * error)
{
  GstDitTextSrc *self = GST_DIT_TEXT_SRC (owner);

  if (!generator) {
    gst_dit_text_src_load_failed (self, error);
    return;
  }
  gst_dit_text_src_take_generator (self, generator);
  GST_INFO_OBJECT (self, "loaded %s on %s, seed %" G_GUINT64_FORMAT,
      self->info->name, self->info->device, self->seed);
  warn_of_truncation (self, report->truncated, report->truncated);
  gst_dit_warn_of_words (GST_ELEMENT (self), self->info->name,
      report->unknown_words);
  gst_dit_post_progress (GST_ELEMENT (self), GST_PROGRESS_TYPE_COMPLETE,
      "open", 100, "Loaded %s on %s", self->info->name, self->info->device);
  gst_base_src_start_complete (GST_BASE_SRC (self), GST_FLOW_OK);
}

static void
gst_dit_text_src_start_loading (GstDitTextSrc * self)
{
  static const GstDitLoaderFuncs funcs = {
    gst_dit_text_src_load_progress, gst_dit_text_src_loaded
  };

  gst_dit_post_progress (GST_ELEMENT (self), GST_PROGRESS_TYPE_START, "open",
      0, "Loading the model %s", self->latched.model);
  g_mutex_lock (&self->state_lock);
  self->loader = gst_dit_loader_new (&self->latched, self->seed, self->loader,
      &funcs, self);
  g_mutex_unlock (&self->state_lock);
}

/* What can be known at once. */
static gboolean
gst_dit_text_src_check (GstDitTextSrc * self, GError ** error)
{
  if (!self->latched.model
      && !(self->latched.model =
          gst_dit_model_find_starter (GST_ELEMENT (self), error)))
    return FALSE;
  return gst_dit_settings_check (&self->latched, error)
      && video_check_device (self->latched.device, error)
      && video_check_model (self->latched.model, error)
      && video_check_lora (self->latched.lora, error);
}

/* Only begins to load: gst_dit_text_src_loaded() completes the start. */
static gboolean
gst_dit_text_src_start (GstBaseSrc * source)
{
  GstDitTextSrc *self = GST_DIT_TEXT_SRC (source);
  g_autoptr (GError) error = NULL;

  gst_dit_settings_clear (&self->latched);
  gst_dit_text_src_copy_settings (self, &self->latched);
  self->have_chunk = FALSE;
  self->shown_chunk = NO_CHUNK;
  self->finish = self->failed = FALSE;
  gst_dit_stats_reset (&self->stats);
  g_clear_pointer (&self->tagged_prompt, g_free);
  g_clear_pointer (&self->refused, g_free);
  self->seed = self->latched.seed >= 0 ? (guint64) self->latched.seed :
      g_random_int ();

  if (!gst_dit_text_src_check (self, &error)) {
    gst_dit_text_src_post_error (self, error);
    return FALSE;
  }
  gst_dit_text_src_start_loading (self);
  return TRUE;
}

static gboolean
gst_dit_text_src_stop (GstBaseSrc * source)
{
  GstDitTextSrc *self = GST_DIT_TEXT_SRC (source);
  g_autoptr (VideoGenerator) generator = NULL;

  g_mutex_lock (&self->state_lock);
  if (self->generator)
    video_generator_cancel (self->generator);
  g_mutex_unlock (&self->state_lock);
  gst_dit_live_stop (self->live);

  g_mutex_lock (&self->state_lock);
  generator = g_steal_pointer (&self->generator);
  gst_clear_caps (&self->caps);
  self->fps = 0;
  self->keys = 0;
  g_mutex_unlock (&self->state_lock);
  self->info = NULL;
  return TRUE;
}

static GstDitLoader *
gst_dit_text_src_ref_loader (GstDitTextSrc * self)
{
  GstDitLoader *loader;

  g_mutex_lock (&self->state_lock);
  loader = self->loader ? gst_dit_loader_ref (self->loader) : NULL;
  g_mutex_unlock (&self->state_lock);
  return loader;
}

/* Ends what the generator does, within a kernel's time, if it is the streaming
 * thread that waits for it. While loading, nothing but the pad's deactivation comes here: see gst_dit_text_src_defer_event(). */
static gboolean
gst_dit_text_src_unlock (GstBaseSrc * source)
{
  GstDitTextSrc *self = GST_DIT_TEXT_SRC (source);
  g_autoptr (GstDitLoader) loader = gst_dit_text_src_ref_loader (self);

  if (loader && gst_dit_loader_cancel (loader))
    gst_dit_post_progress (GST_ELEMENT (self), GST_PROGRESS_TYPE_CANCELED,
        "open", -1, "Loading was cancelled");
  gst_dit_live_set_unlocked (self->live, TRUE);
  g_mutex_lock (&self->state_lock);
  if (self->generator && !gst_dit_text_src_is_live (self))
    video_generator_cancel (self->generator);
  g_mutex_unlock (&self->state_lock);
  return TRUE;
}

static gboolean
gst_dit_text_src_unlock_stop (GstBaseSrc * source)
{
  GstDitTextSrc *self = GST_DIT_TEXT_SRC (source);

  g_mutex_lock (&self->state_lock);
  if (self->generator)
    video_generator_uncancel (self->generator);
  g_mutex_unlock (&self->state_lock);
  gst_dit_live_set_unlocked (self->live, FALSE);
  gst_dit_live_flush (self->live);
  /* Tags on their way may have been flushed. */
  g_clear_pointer (&self->tagged_prompt, g_free);
  self->shown_chunk = NO_CHUNK;
  return TRUE;
}

/* ---- negotiation -------------------------------------------------------- */

static GstCaps *
gst_dit_text_src_get_caps (GstBaseSrc * source, GstCaps * filter)
{
  GstDitTextSrc *self = GST_DIT_TEXT_SRC (source);
  g_autoptr (GstCaps) caps = NULL;

  g_mutex_lock (&self->state_lock);
  caps = self->caps ? gst_caps_ref (self->caps) : NULL;
  g_mutex_unlock (&self->state_lock);

  if (!caps)
    caps = gst_pad_get_pad_template_caps (GST_BASE_SRC_PAD (source));
  if (!filter)
    return g_steal_pointer (&caps);
  return gst_caps_intersect_full (filter, caps, GST_CAPS_INTERSECT_FIRST);
}

static GstCaps *
gst_dit_text_src_fixate (GstBaseSrc * source, GstCaps * caps)
{
  GstDitTextSrc *self = GST_DIT_TEXT_SRC (source);

  return gst_dit_caps_fixate (caps, self->info);
}

/* On the streaming thread. If the element is live, the base class runs that thread in
 * PLAYING even while the model is loading: then it goes through negotiation
 * with nothing negotiated, and is sent away when it asks for a buffer. At the
 * end of loading it is started again. */
static gboolean
gst_dit_text_src_is_started (GstBaseSrc * source)
{
  gboolean started;

  GST_OBJECT_LOCK (source);
  started = GST_OBJECT_FLAG_IS_SET (source, GST_BASE_SRC_FLAG_STARTED);
  GST_OBJECT_UNLOCK (source);
  return started;
}

static GstFlowReturn
gst_dit_text_src_alloc (GstBaseSrc * source, guint64 offset, guint size,
    GstBuffer ** buffer)
{
  if (gst_dit_text_src_is_started (source))
    return GST_BASE_SRC_CLASS (gst_dit_text_src_parent_class)->alloc (source,
        offset, size, buffer);
  /* num-buffers was counted down, and there is still no negotiation. */
  if (source->num_buffers_left >= 0)
    source->num_buffers_left++;
  gst_pad_mark_reconfigure (GST_BASE_SRC_PAD (source));
  return GST_FLOW_FLUSHING;
}

/* As the base class does, but says why it failed. */
static gboolean
gst_dit_text_src_negotiate (GstBaseSrc * source)
{
  GstDitTextSrc *self = GST_DIT_TEXT_SRC (source);
  g_autoptr (GstCaps) wanted = NULL;
  g_autofree char *why = NULL;

  if (!gst_dit_text_src_is_started (source))
    return TRUE;
  if (GST_BASE_SRC_CLASS (gst_dit_text_src_parent_class)->negotiate (source))
    return TRUE;
  if (GST_PAD_IS_FLUSHING (GST_BASE_SRC_PAD (source)))
    return FALSE;

  wanted = gst_pad_peer_query_caps (GST_BASE_SRC_PAD (source), NULL);
  why = gst_dit_caps_explain_failure (wanted, self->info);
  GST_ELEMENT_ERROR (self, STREAM, FORMAT, ("%s", why), (NULL));
  return FALSE;
}

/* For frames made from now on. A causal checkpoint can't go on in another size. */
static void
gst_dit_text_src_adopt_info (GstDitTextSrc * self)
{
  GstVideoInfo info;

  g_mutex_lock (&self->state_lock);
  info = self->negotiated;
  g_mutex_unlock (&self->state_lock);
  if (info.width != self->video_info.width
      || info.height != self->video_info.height) {
    self->have_chunk = FALSE;
    if (self->info->causal && gst_dit_text_src_is_live (self))
      self->frame = 0;
  }
  self->video_info = info;
}

static gboolean
gst_dit_text_src_set_caps (GstBaseSrc * source, GstCaps * caps)
{
  GstDitTextSrc *self = GST_DIT_TEXT_SRC (source);
  GstVideoInfo info;

  if (!gst_video_info_from_caps (&info, caps))
    return FALSE;
  g_mutex_lock (&self->state_lock);
  self->negotiated = info;
  g_mutex_unlock (&self->state_lock);
  if (!gst_dit_text_src_is_live (self))
    gst_dit_text_src_adopt_info (self);
  return TRUE;
}

/* Configures a pool of downstream's, or one of our own. */
static gboolean
gst_dit_text_src_decide_allocation (GstBaseSrc * source, GstQuery * query)
{
  GstDitTextSrc *self = GST_DIT_TEXT_SRC (source);
  g_autoptr (GstBufferPool) pool = NULL;
  GstStructure *config;
  GstCaps *caps;
  guint size = 0, min = 0, max = 0;
  gboolean offered = gst_query_get_n_allocation_pools (query) > 0;

  if (!gst_dit_text_src_is_started (source))
    return TRUE;
  gst_query_parse_allocation (query, &caps, NULL);
  if (offered)
    gst_query_parse_nth_allocation_pool (query, 0, &pool, &size, &min, &max);
  size = MAX (size, GST_VIDEO_INFO_SIZE (&self->negotiated));
  if (!pool)
    pool = gst_video_buffer_pool_new ();

  config = gst_buffer_pool_get_config (pool);
  gst_buffer_pool_config_set_params (config, caps, size, min, max);
  if (gst_query_find_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL))
    gst_buffer_pool_config_add_option (config,
        GST_BUFFER_POOL_OPTION_VIDEO_META);
  gst_buffer_pool_set_config (pool, config);

  if (offered)
    gst_query_set_nth_allocation_pool (query, 0, pool, size, min, max);
  else
    gst_query_add_allocation_pool (query, pool, size, min, max);
  return GST_BASE_SRC_CLASS (gst_dit_text_src_parent_class)->decide_allocation
      (source, query);
}

/* ---- chunks ------------------------------------------------------------- */

/* Says once why settings are not taken: a stream that plays had better go on
 * with those it has. */
static void
gst_dit_text_src_refuse (GstDitTextSrc * self, const GError * error)
{
  if (g_strcmp0 (self->refused, error->message) == 0)
    return;
  g_free (self->refused);
  self->refused = g_strdup (error->message);
  GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS,
      ("%s; the settings stay as they were.", error->message), (NULL));
}

static void
swap_settings (GstDitSettings * a, GstDitSettings * b)
{
  GstDitSettings old = *a;

  *a = *b;
  *b = old;
}

/* Those of the properties, for the chunk that begins; what is read at the start
 * only is as it was. */
static void
gst_dit_text_src_get_settings (GstDitTextSrc * self, GstDitSettings * settings)
{
  gst_object_sync_values (GST_OBJECT (self),
      frame_time (self->info->fps, self->frame));
  gst_dit_text_src_copy_settings (self, settings);
  g_free (settings->model);
  settings->model = g_strdup (self->latched.model);
  settings->chunk_frames = self->latched.chunk_frames;
}

static gboolean
gst_dit_text_src_try_settings (GstDitTextSrc * self,
    const GstDitSettings * settings, VideoPromptReport * report,
    GError ** error)
{
  VideoSettings video = gst_dit_settings_to_video (settings,
      GST_VIDEO_INFO_WIDTH (&self->video_info),
      GST_VIDEO_INFO_HEIGHT (&self->video_info), self->seed);

  video.total_frames = MAX (0, self->wanted_frames);
  return gst_dit_settings_check (settings, error)
      && video_generator_configure (self->generator, &video, report, error);
}

/* What @report says of texts that are not those before. */
static void
gst_dit_text_src_tell (GstDitTextSrc * self, const GstDitSettings * before,
    const VideoPromptReport * report)
{
  VideoTruncated changed = 0;

  if (g_strcmp0 (before->prompt, self->latched.prompt) != 0) {
    changed |= VIDEO_TRUNCATED_PROMPT;
    gst_dit_warn_of_words (GST_ELEMENT (self), self->info->name,
        report->unknown_words);
  }
  if (g_strcmp0 (before->negative_prompt, self->latched.negative_prompt) != 0)
    changed |= VIDEO_TRUNCATED_NEGATIVE_PROMPT;
  warn_of_truncation (self, report->truncated, changed);
}

/* New settings for the chunk that begins. Those that the model can't take are
 * refused, if it goes on with the last ones. */
static gboolean
gst_dit_text_src_configure (GstDitTextSrc * self, GError ** error)
{
  g_auto (GstDitSettings) settings = { NULL, };
  g_autoptr (GError) refused = NULL;
  VideoPromptReport report = { 0, };

  gst_dit_text_src_get_settings (self, &settings);
  if (!gst_dit_text_src_try_settings (self, &settings, &report, &refused)) {
    if (!g_error_matches (refused, VIDEO_ERROR, VIDEO_ERROR_SETTINGS)
        || !gst_dit_text_src_try_settings (self, &self->latched, &report, NULL)) {
      g_propagate_error (error, g_steal_pointer (&refused));
      return FALSE;
    }
    gst_dit_text_src_refuse (self, refused);
    return TRUE;
  }
  g_clear_pointer (&self->refused, g_free);
  swap_settings (&settings, &self->latched);
  gst_dit_text_src_tell (self, &settings, &report);
  return TRUE;
}

static void
gst_dit_text_src_step (guint step, guint steps, gpointer data)
{
  GstDitTextSrc *self = GST_DIT_TEXT_SRC (data);
  g_autofree char *of_chunks = NULL;

  if (self->total_frames > 0)
    of_chunks = g_strdup_printf (" of %" G_GUINT64_FORMAT,
        gst_dit_chunking_count (&self->chunking, self->total_frames));
  gst_dit_post_progress (GST_ELEMENT (self), GST_PROGRESS_TYPE_CONTINUE,
      "sample", 100 * step / steps,
      "Chunk %" G_GUINT64_FORMAT "%s: step %u of %u", self->chunk + 1,
      of_chunks ? of_chunks : "", step, steps);
}

/* By the base class: they go out after the segment, ahead of the next buffer. */
static void
gst_dit_text_src_queue_event (GstDitTextSrc * self, GstEvent * event)
{
  GST_ELEMENT_CLASS (gst_dit_text_src_parent_class)->send_event
      (GST_ELEMENT (self), event);
}

static void
gst_dit_text_src_announce_chunk (GstDitTextSrc * self,
    const GstDitChunk * chunk)
{
  if (g_strcmp0 (self->tagged_prompt, chunk->prompt) != 0) {
    g_free (self->tagged_prompt);
    self->tagged_prompt = g_strdup (chunk->prompt);
    gst_dit_text_src_queue_event (self, gst_dit_tag_event_new (chunk));
  }
  gst_dit_text_src_queue_event (self, gst_dit_scene_event_new (chunk));
}

/* What the chunk that was sampled follows: kept, for it may be told of when the
 * generator is configured for the next. (Models have few actions.) */
static void
gst_dit_text_src_note_story (GstDitTextSrc * self, guint64 index)
{
  const char *action = self->latched.action;

  g_free (self->chunk_prompt);
  self->chunk_prompt =
      g_strdup (video_generator_get_prompt (self->generator, index));
  self->chunk_action = g_intern_string (action ? action : "");
}

static gboolean
gst_dit_text_src_sample (GstDitTextSrc * self, guint64 index, GError ** error)
{
  GstElement *element = GST_ELEMENT (self);
  g_autoptr (GError) local = NULL;
  gboolean sampled;

  self->chunk = index;
  self->chunk_position = 0;
  self->have_chunk = FALSE;
  gst_dit_post_progress (element, GST_PROGRESS_TYPE_START, "sample", 0,
      "Chunk %" G_GUINT64_FORMAT, index + 1);
  self->sampling = TRUE;
  sampled = gst_dit_text_src_configure (self, &local)
      && video_generator_sample (self->generator, index,
      gst_dit_text_src_step, self, &local);
  self->sampling = FALSE;
  if (sampled) {
    gst_dit_text_src_note_story (self, index);
    gst_dit_post_progress (element, GST_PROGRESS_TYPE_COMPLETE, "sample", 100,
        "Chunk %" G_GUINT64_FORMAT " sampled", index + 1);
    self->have_chunk = TRUE;
    return TRUE;
  }

  if (g_error_matches (local, VIDEO_ERROR, VIDEO_ERROR_CANCELLED))
    gst_dit_post_progress (element, GST_PROGRESS_TYPE_CANCELED, "sample", -1,
        "Sampling was cancelled");
  else
    gst_dit_post_progress (element, GST_PROGRESS_TYPE_ERROR, "sample", -1,
        "Sampling failed");
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* The next frame of the chunk to @to, or nowhere if NULL. */
static gboolean
gst_dit_text_src_take_frame (GstDitTextSrc * self, const OclFrame * to,
    GError ** error)
{
  g_autoptr (GError) local = NULL;
  gboolean taken = video_generator_next_frame (self->generator, to,
      gst_dit_caps_get_matrix (&self->video_info), &local);

  if (self->compiling) {
    self->compiling = FALSE;
    gst_dit_post_progress (GST_ELEMENT (self), GST_PROGRESS_TYPE_COMPLETE,
        "compile", 100, "Compiled");
  }
  if (taken) {
    self->chunk_position++;
    return TRUE;
  }
  if (!local)
    g_set_error (&local, VIDEO_ERROR, VIDEO_ERROR_UNSUPPORTED,
        "the model made %u frames of a chunk, not %u", self->chunk_position,
        gst_dit_chunking_get_frames (&self->chunking, self->chunk));
  self->have_chunk = FALSE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* Makes the next frame of the generator the one at self->frame. */
static gboolean
gst_dit_text_src_go_to_frame (GstDitTextSrc * self, GError ** error)
{
  guint position;
  guint64 index = gst_dit_chunking_find (&self->chunking, self->frame,
      &position);

  if (!self->have_chunk || self->chunk != index
      || self->chunk_position > position) {
    if (!gst_dit_text_src_sample (self, index, error))
      return FALSE;
    self->announced = FALSE;
  }
  while (self->chunk_position < position) {
    if (!gst_dit_text_src_take_frame (self, NULL, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
gst_dit_text_src_write_frame (GstDitTextSrc * self, GstBuffer * buffer,
    GError ** error)
{
  GstVideoFrame frame;
  OclFrame to;
  gboolean written;

  if (!gst_video_frame_map (&frame, &self->video_info, buffer, GST_MAP_WRITE)) {
    g_set_error_literal (error, VIDEO_ERROR, VIDEO_ERROR_MEMORY,
        "the buffer of downstream's pool can't be written to");
    return FALSE;
  }
  to = gst_dit_caps_map_frame (&frame);
  written = gst_dit_text_src_take_frame (self, &to, error);
  gst_video_frame_unmap (&frame);
  if (written)
    gst_dit_stats_add (&self->stats, GST_DIT_STAT_GENERATED, 1);
  return written;
}

static void
gst_dit_text_src_stamp (GstDitTextSrc * self, GstBuffer * buffer)
{
  guint fps = self->info->fps;

  GST_BUFFER_PTS (buffer) = frame_time (fps, self->frame);
  GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DURATION (buffer) = frame_time (fps, self->frame + 1)
      - GST_BUFFER_PTS (buffer);
  GST_BUFFER_OFFSET (buffer) = self->frame;
  GST_BUFFER_OFFSET_END (buffer) = self->frame + 1;
}

/* TRUE if it was its chunk's last, and what that took. */
static gboolean
gst_dit_text_src_finish_frame (GstDitTextSrc * self,
    const GstDitChunk * chunk, VideoTimings * timings)
{
  self->frame++;
  if (self->chunk_position != chunk->frames)
    return FALSE;
  video_generator_get_timings (self->generator, timings);
  timings->text += self->text_time;
  self->text_time = 0;
  return TRUE;
}

static gboolean
gst_dit_text_src_is_complete (GstDitTextSrc * self)
{
  return self->total_frames >= 0 && self->frame >= (guint64) self->total_frames;
}

/* Told once of an EOS that was asked for: a seek may go on after it. */
static gboolean
gst_dit_text_src_must_finish (GstDitTextSrc * self)
{
  gboolean finish;

  g_mutex_lock (&self->state_lock);
  finish = self->finish;
  self->finish = FALSE;
  g_mutex_unlock (&self->state_lock);
  return finish;
}

/* What comes of an error of the generator's. */
static GstFlowReturn
gst_dit_text_src_fail (GstDitTextSrc * self, const GError * error)
{
  if (g_error_matches (error, VIDEO_ERROR, VIDEO_ERROR_CANCELLED))
    return GST_FLOW_FLUSHING;
  gst_dit_text_src_post_error (self, error);
  return GST_FLOW_ERROR;
}

static GstFlowReturn
gst_dit_text_src_fill_next (GstDitTextSrc * self, GstBuffer * buffer)
{
  g_autoptr (GError) error = NULL;
  GstDitChunk chunk;
  VideoTimings timings;

  if (gst_dit_text_src_is_complete (self))
    return GST_FLOW_EOS;
  if (!gst_dit_text_src_go_to_frame (self, &error))
    return gst_dit_text_src_fail (self, error);
  chunk = gst_dit_text_src_describe_chunk (self, self->chunk);
  if (!self->announced)
    gst_dit_text_src_announce_chunk (self, &chunk);
  self->announced = TRUE;
  if (!gst_dit_text_src_write_frame (self, buffer, &error))
    return gst_dit_text_src_fail (self, error);

  gst_dit_text_src_stamp (self, buffer);
  if (gst_dit_text_src_finish_frame (self, &chunk, &timings))
    gst_dit_post_chunk (GST_ELEMENT (self), &chunk, &timings);
  return GST_FLOW_OK;
}

/* ---- live --------------------------------------------------------------- */

/* On the pump's thread. */
static gboolean
gst_dit_text_src_make_frame (gpointer owner, GstDitFrame * frame,
    GError ** error)
{
  GstDitTextSrc *self = GST_DIT_TEXT_SRC (owner);
  guint position;

  if (gst_dit_text_src_is_complete (self))
    return FALSE;
  gst_dit_chunking_find (&self->chunking, self->frame, &position);
  if (position == 0)
    gst_dit_text_src_adopt_info (self);
  if (!gst_dit_text_src_go_to_frame (self, error))
    return FALSE;

  frame->info = self->video_info;
  frame->number = self->frame;
  frame->chunk = gst_dit_text_src_describe_chunk (self, self->chunk);
  frame->chunk.prompt = g_strdup (frame->chunk.prompt);
  frame->buffer = gst_buffer_new_allocate (NULL,
      GST_VIDEO_INFO_SIZE (&self->video_info), NULL);
  if (!gst_dit_text_src_write_frame (self, frame->buffer, error))
    return FALSE;
  frame->completes = gst_dit_text_src_finish_frame (self, &frame->chunk,
      &frame->timings);
  frame->is_last = gst_dit_text_src_is_complete (self);
  return TRUE;
}

/* Of a chunk the time is told at which it is shown. */
static void
gst_dit_text_src_frame_taken (gpointer owner, const GstDitFrame * frame,
    GstClockTime time)
{
  GstDitTextSrc *self = GST_DIT_TEXT_SRC (owner);
  GstDitChunk chunk = frame->chunk;
  gboolean begins = chunk.index != self->shown_chunk;

  if (begins)
    self->shown_since = time;
  self->shown_chunk = chunk.index;
  chunk.timestamp = self->shown_since;
  if (begins)
    gst_dit_text_src_announce_chunk (self, &chunk);
  if (frame->completes)
    gst_dit_post_chunk (GST_ELEMENT (self), &chunk, &frame->timings);
}

static GstFlowReturn
gst_dit_text_src_fill_live (GstDitTextSrc * self, GstBuffer * buffer)
{
  g_autoptr (GError) error = NULL;
  const GstDitFrame *frame;
  GstDitPace pace;
  GstFlowReturn flow = gst_dit_live_next (self->live, &frame, &pace, &error);

  if (flow == GST_FLOW_ERROR)
    return gst_dit_text_src_fail (self, error);
  if (flow != GST_FLOW_OK)
    return flow;
  if (!gst_dit_frame_copy (frame, buffer, &self->negotiated)) {
    GST_ELEMENT_ERROR (self, STREAM, FAILED,
        ("A buffer of downstream's pool can't be written to."), (NULL));
    return GST_FLOW_ERROR;
  }

  GST_BUFFER_PTS (buffer) = pace.time;
  GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DURATION (buffer) = pace.duration;
  GST_BUFFER_OFFSET (buffer) = frame->number;
  GST_BUFFER_OFFSET_END (buffer) = frame->number + 1;
  return GST_FLOW_OK;
}

static GstFlowReturn
gst_dit_text_src_fill (GstPushSrc * source, GstBuffer * buffer)
{
  GstDitTextSrc *self = GST_DIT_TEXT_SRC (source);
  GstFlowReturn flow;

  if (gst_dit_text_src_must_finish (self))
    return GST_FLOW_EOS;
  flow = gst_dit_text_src_is_live (self) ?
      gst_dit_text_src_fill_live (self, buffer) :
      gst_dit_text_src_fill_next (self, buffer);
  if (flow == GST_FLOW_OK)
    gst_dit_stats_add (&self->stats, GST_DIT_STAT_OUT, 1);
  return flow;
}

/* ---- seeking, events, queries ------------------------------------------- */

static gboolean
gst_dit_text_src_is_seekable (GstBaseSrc * source)
{
  return !gst_base_src_is_live (source);
}

static gboolean
gst_dit_text_src_do_seek (GstBaseSrc * source, GstSegment * segment)
{
  GstDitTextSrc *self = GST_DIT_TEXT_SRC (source);

  segment->time = segment->start;
  self->frame = frame_at (self->info->fps, segment->position);
  GST_DEBUG_OBJECT (self, "frame %" G_GUINT64_FORMAT " at %" GST_TIME_FORMAT,
      self->frame, GST_TIME_ARGS (segment->position));
  return TRUE;
}

static gboolean
gst_dit_text_src_defer_seek (GstDitTextSrc * self, GstEvent * event)
{
  GstFormat format;

  gst_event_parse_seek (event, NULL, &format, NULL, NULL, NULL, NULL, NULL);
  if (format != GST_FORMAT_TIME)
    return FALSE;
  GST_OBJECT_LOCK (self);
  gst_event_replace (&GST_BASE_SRC (self)->pending_seek, event);
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

/* No model, and until it is started again there will be none. */
static gboolean
gst_dit_text_src_has_failed (GstDitTextSrc * self)
{
  gboolean failed;

  g_mutex_lock (&self->state_lock);
  failed = self->failed;
  g_mutex_unlock (&self->state_lock);
  return failed && gst_pad_is_active (GST_BASE_SRC_PAD (self));
}

/* The base class would act at once on what moves the streaming thread, which is
 * not there while the model is loading: a seek is kept for the start, and so is
 * EOS; and nothing may start it where loading failed. TRUE if @event was dealt
 * with here. */
static gboolean
gst_dit_text_src_defer_event (GstDitTextSrc * self, GstEvent * event,
    gboolean * result)
{
  g_autoptr (GstDitLoader) loader = gst_dit_text_src_ref_loader (self);

  *result = FALSE;
  if (!loader || !gst_dit_loader_lock_if_loading (loader))
    return gst_dit_text_src_has_failed (self);
  if (GST_EVENT_TYPE (event) == GST_EVENT_SEEK)
    *result = gst_dit_text_src_defer_seek (self, event);
  else if (GST_EVENT_TYPE (event) == GST_EVENT_EOS) {
    g_mutex_lock (&self->state_lock);
    *result = self->finish = TRUE;
    g_mutex_unlock (&self->state_lock);
  }
  gst_dit_loader_unlock (loader);
  return TRUE;
}

/* The action of a key from its press to its release, unless the property was set
 * to something else meanwhile. */
static void
gst_dit_text_src_steer (GstDitTextSrc * self, gboolean pressed,
    const char *action)
{
  gboolean changed = FALSE;

  g_mutex_lock (&self->settings_lock);
  if (pressed) {
    changed = g_strcmp0 (self->settings.action, action) != 0;
    self->held = action;
  } else if (self->held == action) {
    changed = g_strcmp0 (self->settings.action, action) == 0;
    self->held = NULL;
  }
  if (changed) {
    g_free (self->settings.action);
    self->settings.action = pressed ? g_strdup (action) : NULL;
  }
  g_mutex_unlock (&self->settings_lock);
  if (changed)
    g_object_notify (G_OBJECT (self), "action");
}

/* TRUE if it was a key that steers. */
static gboolean
gst_dit_text_src_navigate (GstDitTextSrc * self, GstEvent * event)
{
  const char *action;
  gboolean pressed;
  guint keys;

  g_mutex_lock (&self->state_lock);
  keys = self->keys;
  g_mutex_unlock (&self->state_lock);
  if (!gst_dit_navigation_parse (event, keys, &pressed, &action))
    return FALSE;
  gst_dit_text_src_steer (self, pressed, action);
  return TRUE;
}

/* TRUE if @event was dealt with here. */
static gboolean
gst_dit_text_src_intercept_event (GstDitTextSrc * self, GstEvent * event,
    gboolean * result)
{
  double rate;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_SEEK:
      gst_event_parse_seek (event, &rate, NULL, NULL, NULL, NULL, NULL, NULL);
      if (rate <= 0 || gst_dit_text_src_is_live (self)) {
        GST_WARNING_OBJECT (self, "can't play backwards, nor seek if live");
        *result = FALSE;
        return TRUE;
      }
      return gst_dit_text_src_defer_event (self, event, result);
    case GST_EVENT_EOS:
    case GST_EVENT_FLUSH_START:
    case GST_EVENT_FLUSH_STOP:
      return gst_dit_text_src_defer_event (self, event, result);
    case GST_EVENT_NAVIGATION:
      return *result = gst_dit_text_src_navigate (self, event);
    default:
      return FALSE;
  }
}

static gboolean
gst_dit_text_src_event (GstBaseSrc * source, GstEvent * event)
{
  GstClockTime latency;
  gboolean result;

  if (GST_EVENT_TYPE (event) == GST_EVENT_LATENCY) {
    gst_event_parse_latency (event, &latency);
    gst_dit_live_set_pipeline_latency (GST_DIT_TEXT_SRC (source)->live,
        latency);
  }
  if (gst_dit_text_src_intercept_event (GST_DIT_TEXT_SRC (source), event,
          &result))
    return result;
  return GST_BASE_SRC_CLASS (gst_dit_text_src_parent_class)->event (source,
      event);
}

static gboolean
gst_dit_text_src_send_event (GstElement * element, GstEvent * event)
{
  gboolean result;

  if (gst_dit_text_src_intercept_event (GST_DIT_TEXT_SRC (element), event,
          &result)) {
    gst_event_unref (event);
    return result;
  }
  return GST_ELEMENT_CLASS (gst_dit_text_src_parent_class)->send_event
      (element, event);
}

static gboolean
gst_dit_text_src_convert (GstDitTextSrc * self, GstQuery * query)
{
  GstFormat from, to;
  gint64 value, result = -1;
  guint fps;

  g_mutex_lock (&self->state_lock);
  fps = self->fps;
  g_mutex_unlock (&self->state_lock);

  gst_query_parse_convert (query, &from, &value, &to, NULL);
  if (from == to || value == -1)
    result = value;
  else if (fps && from == GST_FORMAT_DEFAULT && to == GST_FORMAT_TIME)
    result = frame_time (fps, value);
  else if (fps && from == GST_FORMAT_TIME && to == GST_FORMAT_DEFAULT)
    result = frame_at (fps, value);
  else
    return FALSE;
  gst_query_set_convert (query, from, value, to, result);
  return TRUE;
}

/* FALSE: as the base class says. */
static gboolean
gst_dit_text_src_tell_latency (GstDitTextSrc * self, GstQuery * query)
{
  GstClockTime min, max;

  if (!gst_dit_text_src_is_live (self)
      || !gst_dit_live_get_latency (self->live, &min, &max))
    return FALSE;
  gst_query_set_latency (query, TRUE, min, max);
  return TRUE;
}

static gboolean
gst_dit_text_src_query (GstBaseSrc * source, GstQuery * query)
{
  if (GST_QUERY_TYPE (query) == GST_QUERY_LATENCY
      && gst_dit_text_src_tell_latency (GST_DIT_TEXT_SRC (source), query))
    return TRUE;
  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_CONVERT:
      return gst_dit_text_src_convert (GST_DIT_TEXT_SRC (source), query);
    case GST_QUERY_SCHEDULING:
      /* The base class would start and stop the element to know. */
      gst_query_set_scheduling (query, GST_SCHEDULING_FLAG_SEQUENTIAL, 1, -1,
          0);
      gst_query_add_scheduling_mode (query, GST_PAD_MODE_PUSH);
      return TRUE;
    default:
      return GST_BASE_SRC_CLASS (gst_dit_text_src_parent_class)->query (source,
          query);
  }
}

static gboolean
gst_dit_text_src_prepare_state (GstDitTextSrc * self,
    GstStateChange transition, GError ** error)
{
  gboolean live;

  switch (transition) {
    case GST_STATE_CHANGE_NULL_TO_READY:
      return video_check_device (NULL, error);
    case GST_STATE_CHANGE_READY_TO_PAUSED:
      g_mutex_lock (&self->settings_lock);
      live = self->settings.is_live;
      g_mutex_unlock (&self->settings_lock);
      gst_base_src_set_live (GST_BASE_SRC (self), live);
      return TRUE;
    case GST_STATE_CHANGE_PAUSED_TO_PLAYING:
      gst_dit_live_set_paused (self->live, FALSE);
      return TRUE;
    default:
      return TRUE;
  }
}

static GstStateChangeReturn
gst_dit_text_src_change_state (GstElement * element, GstStateChange transition)
{
  GstDitTextSrc *self = GST_DIT_TEXT_SRC (element);
  g_autoptr (GError) error = NULL;
  GstStateChangeReturn result;

  if (!gst_dit_text_src_prepare_state (self, transition, &error)) {
    gst_dit_text_src_post_error (self, error);
    return GST_STATE_CHANGE_FAILURE;
  }
  result = GST_ELEMENT_CLASS (gst_dit_text_src_parent_class)->change_state
      (element, transition);
  /* The base class knows by now that it does not play, and holds who asks. */
  if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
    gst_dit_live_set_paused (self->live, TRUE);
  return result;
}

/* ---- GstURIHandler ------------------------------------------------------ */

static GstURIType
gst_dit_text_src_uri_get_type (GType type)
{
  return GST_URI_SRC;
}

static const gchar *const *
gst_dit_text_src_uri_get_protocols (GType type)
{
  static const char *const protocols[] = { GST_DIT_URI_SCHEME, NULL };

  return protocols;
}

static gchar *
gst_dit_text_src_uri_get_uri (GstURIHandler * handler)
{
  return gst_dit_uri_build (G_OBJECT (handler));
}

static gboolean
gst_dit_text_src_uri_set_uri (GstURIHandler * handler, const gchar * uri,
    GError ** error)
{
  GstState state;

  GST_OBJECT_LOCK (handler);
  state = GST_STATE (handler);
  GST_OBJECT_UNLOCK (handler);
  if (state > GST_STATE_READY) {
    g_set_error_literal (error, GST_URI_ERROR, GST_URI_ERROR_BAD_STATE,
        "the URI of dittextsrc can't be changed while it plays");
    return FALSE;
  }
  return gst_dit_uri_apply (G_OBJECT (handler), uri, error);
}

static void
gst_dit_text_src_uri_handler_init (gpointer iface, gpointer data)
{
  GstURIHandlerInterface *handler = iface;

  handler->get_type = gst_dit_text_src_uri_get_type;
  handler->get_protocols = gst_dit_text_src_uri_get_protocols;
  handler->get_uri = gst_dit_text_src_uri_get_uri;
  handler->set_uri = gst_dit_text_src_uri_set_uri;
}

/* ---- the class ---------------------------------------------------------- */

static void
gst_dit_text_src_init (GstDitTextSrc * self)
{
  static const GstDitLiveFuncs funcs = {
    gst_dit_text_src_make_frame, gst_dit_text_src_frame_taken
  };

  g_mutex_init (&self->settings_lock);
  g_mutex_init (&self->state_lock);
  gst_dit_settings_init (&self->settings);
  gst_dit_stats_init (&self->stats);
  self->live = gst_dit_live_new (GST_BASE_SRC (self), &self->stats, &funcs);
  gst_base_src_set_format (GST_BASE_SRC (self), GST_FORMAT_TIME);
  gst_base_src_set_async (GST_BASE_SRC (self), TRUE);
}

static void
gst_dit_text_src_finalize (GObject * object)
{
  GstDitTextSrc *self = GST_DIT_TEXT_SRC (object);

  g_clear_pointer (&self->loader, gst_dit_loader_unref);
  gst_dit_live_free (self->live);
  gst_dit_stats_clear (&self->stats);
  gst_dit_settings_clear (&self->settings);
  gst_dit_settings_clear (&self->latched);
  g_free (self->tagged_prompt);
  g_free (self->chunk_prompt);
  g_free (self->refused);
  g_mutex_clear (&self->settings_lock);
  g_mutex_clear (&self->state_lock);
  G_OBJECT_CLASS (gst_dit_text_src_parent_class)->finalize (object);
}

static void
gst_dit_text_src_class_init (GstDitTextSrcClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSrcClass *base_class = GST_BASE_SRC_CLASS (klass);
  GstPushSrcClass *push_class = GST_PUSH_SRC_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (dit_text_src_debug, "dittextsrc", 0,
      "Video from a text");

  object_class->set_property = gst_dit_text_src_set_property;
  object_class->get_property = gst_dit_text_src_get_property;
  object_class->finalize = gst_dit_text_src_finalize;
  gst_dit_settings_install_properties (object_class);

  /**
   * GstDitTextSrc:stats:
   *
   * How many frames were `generated`, went `out` (with those repeated), were
   * `repeated` and `dropped` since the start (uint64), are `queued` (uint), and the
   * `latency` (uint64, nanoseconds) that is told to the pipeline.
   */
  g_object_class_install_property (object_class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Frames generated, pushed, repeated, dropped and queued; latency",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  gst_element_class_set_static_metadata (element_class,
      "Text-to-video source", "Source/Video",
      "Makes video from a text by a diffusion transformer that runs on OpenCL",
      PACKAGE_NAME " authors");
  gst_element_class_add_static_pad_template (element_class, &src_template);

  element_class->change_state = gst_dit_text_src_change_state;
  element_class->send_event = gst_dit_text_src_send_event;

  base_class->get_caps = gst_dit_text_src_get_caps;
  base_class->negotiate = gst_dit_text_src_negotiate;
  base_class->fixate = gst_dit_text_src_fixate;
  base_class->set_caps = gst_dit_text_src_set_caps;
  base_class->decide_allocation = gst_dit_text_src_decide_allocation;
  base_class->alloc = gst_dit_text_src_alloc;
  base_class->start = gst_dit_text_src_start;
  base_class->stop = gst_dit_text_src_stop;
  base_class->unlock = gst_dit_text_src_unlock;
  base_class->unlock_stop = gst_dit_text_src_unlock_stop;
  base_class->is_seekable = gst_dit_text_src_is_seekable;
  base_class->do_seek = gst_dit_text_src_do_seek;
  base_class->event = gst_dit_text_src_event;
  base_class->query = gst_dit_text_src_query;
  push_class->fill = gst_dit_text_src_fill;

  gst_type_mark_as_plugin_api (GST_TYPE_DIT_SAMPLER, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_DIT_PRECISION, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_DIT_GEMM, 0);
}
