/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditlive.c: the live side of dittextsrc: brings together the clock, the pump that
 * makes frames and the pacer that says when they go. All that waits here ends
 * when the element is unlocked or paused. */

#include "gstditlive.h"

struct _GstDitLive
{
  GstBaseSrc *source;           /* the owner */
  GstDitStats *stats;           /* the owner's */
  GstDitLiveFuncs funcs;
  GstDitPump *pump;

  /* the streaming thread's */
  GstDitPacer pacer;
  GstDitFrame *shown;           /* the last */

  GMutex lock;
  GstClockID waiting;           /* for a time, or NULL */
  gboolean for_frame;           /* it ends when one is ready */
  gboolean unlocked, paused;
  GstClockTime pipeline_latency;
  GstClockTime chunk_duration;  /* 0: not prepared */
  GstClockTime frame_duration;
  GstClockTime latency;         /* what was reported */
};

/* ---- latency ------------------------------------------------------------ */

/* What is set is read when the next chunk begins, at most one chunk from now, and
 * is then seen after the time that a chunk takes to make. If that is more than
 * the chunk lasts, no latency makes up for it. Grows by a tenth, shrinks by half:
 * each change disturbs the pipeline. */
static void
update_latency (GstDitLive * live, GstClockTime chunk_time)
{
  GstClockTime latency;
  gboolean changed;

  if (!GST_CLOCK_TIME_IS_VALID (chunk_time))
    return;
  g_mutex_lock (&live->lock);
  latency = live->chunk_duration + MIN (chunk_time, live->chunk_duration);
  changed = latency > live->latency + live->latency / 10
      || latency < live->latency / 2;
  if (changed)
    live->latency = latency;
  g_mutex_unlock (&live->lock);
  if (changed)
    gst_element_post_message (GST_ELEMENT (live->source),
        gst_message_new_latency (GST_OBJECT (live->source)));
}

/* FALSE: not known yet. @max is more by the chunk that may be made ahead. */
gboolean
gst_dit_live_get_latency (GstDitLive * live, GstClockTime * min,
    GstClockTime * max)
{
  g_mutex_lock (&live->lock);
  *min = live->latency;
  *max = live->latency + live->chunk_duration;
  g_mutex_unlock (&live->lock);
  return *max > 0;
}

/* How late the pipeline lets frames be shown; a sink holds them as long. */
void
gst_dit_live_set_pipeline_latency (GstDitLive * live, GstClockTime latency)
{
  g_mutex_lock (&live->lock);
  live->pipeline_latency = latency;
  g_mutex_unlock (&live->lock);
}

static GstClockTime
get_pipeline_latency (GstDitLive * live)
{
  GstClockTime latency;

  g_mutex_lock (&live->lock);
  latency = live->pipeline_latency;
  g_mutex_unlock (&live->lock);
  return latency;
}

guint
gst_dit_live_get_queued (GstDitLive * live)
{
  return gst_dit_pump_get_ready (live->pump, NULL);
}

/* ---- waiting ------------------------------------------------------------ */

/* With the lock, after a change. */
static void
interrupt (GstDitLive * live)
{
  if ((live->unlocked || live->paused) && live->waiting)
    gst_clock_id_unschedule (live->waiting);
  gst_dit_pump_interrupt (live->pump, live->unlocked || live->paused);
}

/* From any thread. While unlocked, gst_dit_live_next() returns FLUSHING. */
void
gst_dit_live_set_unlocked (GstDitLive * live, gboolean unlocked)
{
  g_mutex_lock (&live->lock);
  live->unlocked = unlocked;
  interrupt (live);
  g_mutex_unlock (&live->lock);
}

/* From any thread. While paused, gst_dit_live_next() waits in the base class. */
void
gst_dit_live_set_paused (GstDitLive * live, gboolean paused)
{
  g_mutex_lock (&live->lock);
  live->paused = paused;
  interrupt (live);
  g_mutex_unlock (&live->lock);
}

static gboolean
is_unlocked (GstDitLive * live)
{
  gboolean unlocked;

  g_mutex_lock (&live->lock);
  unlocked = live->unlocked;
  g_mutex_unlock (&live->lock);
  return unlocked;
}

static gboolean
has_frame (GstDitLive * live)
{
  gboolean ended;

  return gst_dit_pump_get_ready (live->pump, &ended) > 0 || ended;
}

/* Also ends when a frame is ready, if it is @for_frame. */
static void
wait_until (GstDitLive * live, GstClock * clock, GstClockTime time,
    gboolean for_frame)
{
  g_mutex_lock (&live->lock);
  live->waiting = gst_clock_new_single_shot_id (clock, time);
  live->for_frame = for_frame;
  if (!live->unlocked && !live->paused && !(for_frame && has_frame (live))) {
    g_mutex_unlock (&live->lock);
    gst_clock_id_wait (live->waiting, NULL);
    g_mutex_lock (&live->lock);
  }
  gst_clock_id_unref (g_steal_pointer (&live->waiting));
  g_mutex_unlock (&live->lock);
}

/* On the pump's thread. */
static void
frame_ready (gpointer data)
{
  GstDitLive *live = data;

  g_mutex_lock (&live->lock);
  if (live->waiting && live->for_frame)
    gst_clock_id_unschedule (live->waiting);
  g_mutex_unlock (&live->lock);
}

static void
wait_for_frame (GstDitLive * live, GstClock * clock, GstClockTime base,
    GstClockTime time)
{
  if (GST_CLOCK_TIME_IS_VALID (time))
    wait_until (live, clock, base + time, TRUE);
  else
    gst_dit_pump_wait (live->pump);
}

/* ---- start and stop ----------------------------------------------------- */

GstDitLive *
gst_dit_live_new (GstBaseSrc * source, GstDitStats * stats,
    const GstDitLiveFuncs * funcs)
{
  GstDitLive *live = g_new0 (GstDitLive, 1);

  live->source = source;
  live->stats = stats;
  live->funcs = *funcs;
  live->pump = gst_dit_pump_new (funcs->make, source, frame_ready, live);
  g_mutex_init (&live->lock);
  return live;
}

void
gst_dit_live_free (GstDitLive * live)
{
  gst_dit_live_stop (live);
  gst_dit_pump_free (live->pump);
  g_mutex_clear (&live->lock);
  g_free (live);
}

/* Before the first frame, when the model is known. @chunk_frames: the most. */
void
gst_dit_live_prepare (GstDitLive * live, guint fps, guint chunk_frames)
{
  gst_dit_pacer_init (&live->pacer, fps);
  g_mutex_lock (&live->lock);
  live->frame_duration = GST_SECOND / fps;
  live->chunk_duration = gst_util_uint64_scale (chunk_frames, GST_SECOND, fps);
  g_mutex_unlock (&live->lock);
  update_latency (live, 0);
}

/* The owner cancels what runs. */
void
gst_dit_live_stop (GstDitLive * live)
{
  gst_dit_pump_stop (live->pump);
  g_clear_pointer (&live->shown, gst_dit_frame_free);
  g_mutex_lock (&live->lock);
  live->latency = live->pipeline_latency = live->chunk_duration = 0;
  g_mutex_unlock (&live->lock);
}

/* While the streaming thread does not run: times may begin anew. */
void
gst_dit_live_flush (GstDitLive * live)
{
  gst_dit_pacer_flush (&live->pacer);
}

/* ---- frames ------------------------------------------------------------- */

/* One for all that are dropped at once, as of the first of them. */
static void
post_qos (GstDitLive * live, const GstDitPace * pace)
{
  GstMessage *message = gst_message_new_qos (GST_OBJECT (live->source), TRUE,
      pace->missed, pace->missed, pace->missed, live->frame_duration);

  gst_message_set_qos_values (message, pace->late, 1.0, 1000000);
  gst_message_set_qos_stats (message, GST_FORMAT_BUFFERS,
      gst_dit_stats_get (live->stats, GST_DIT_STAT_OUT),
      gst_dit_stats_get (live->stats, GST_DIT_STAT_DROPPED));
  gst_element_post_message (GST_ELEMENT (live->source), message);
}

static void
take_frame (GstDitLive * live, GstClockTime time)
{
  g_clear_pointer (&live->shown, gst_dit_frame_free);
  live->shown = gst_dit_pump_take (live->pump);
  live->funcs.taken (live->source, live->shown, time);
}

static void
show (GstDitLive * live, const GstDitPace * pace)
{
  for (guint i = 0; i < pace->drop; i++)
    take_frame (live, pace->time);
  gst_dit_stats_add (live->stats, GST_DIT_STAT_DROPPED, pace->drop);
  if (pace->drop)
    post_qos (live, pace);
  take_frame (live, pace->time);
  update_latency (live, gst_dit_pump_get_chunk_time (live->pump));
}

/* @clock says @time, and running time began at @base. FALSE: ask again, later. */
static gboolean
decide (GstDitLive * live, GstClock * clock, GstClockTime base,
    GstDitPace * pace)
{
  GstClockTime time = gst_clock_get_time (clock);
  gboolean ended;
  guint ready = gst_dit_pump_get_ready (live->pump, &ended);

  if (time < base) {
    wait_until (live, clock, base, FALSE);
    return FALSE;
  }
  *pace = gst_dit_pacer_next (&live->pacer, time - base, ready, ended,
      get_pipeline_latency (live));
  if (pace->kind == GST_DIT_PACE_WAIT_UNTIL)
    wait_until (live, clock, base + pace->time, FALSE);
  else if (pace->kind == GST_DIT_PACE_WAIT_FRAME)
    wait_for_frame (live, clock, base, pace->time);
  return pace->kind != GST_DIT_PACE_WAIT_UNTIL
      && pace->kind != GST_DIT_PACE_WAIT_FRAME;
}

/* An element that plays alone has no clock. */
static GstClock *
get_clock (GstDitLive * live)
{
  GstClock *clock = gst_element_get_clock (GST_ELEMENT (live->source));

  return clock ? clock : gst_system_clock_obtain ();
}

static GstFlowReturn
wait_for_pace (GstDitLive * live, GstDitPace * pace)
{
  gboolean decided = FALSE;

  while (!decided) {
    g_autoptr (GstClock) clock = NULL;
    GstFlowReturn flow = gst_base_src_wait_playing (live->source);

    if (flow != GST_FLOW_OK)
      return flow;
    if (is_unlocked (live))
      return GST_FLOW_FLUSHING;
    clock = get_clock (live);
    decided = decide (live, clock,
        gst_element_get_base_time (GST_ELEMENT (live->source)), pace);
  }
  return GST_FLOW_OK;
}

/* On the streaming thread: waits until it is time for a frame. @frame: lent until
 * the next call. FLUSHING: unlocked; EOS: after the last; ERROR: @error, once. */
GstFlowReturn
gst_dit_live_next (GstDitLive * live, const GstDitFrame ** frame,
    GstDitPace * pace, GError ** error)
{
  GstFlowReturn flow;

  gst_dit_pump_start (live->pump);
  flow = wait_for_pace (live, pace);
  if (flow != GST_FLOW_OK)
    return flow;
  if (pace->kind == GST_DIT_PACE_END) {
    *error = gst_dit_pump_take_error (live->pump);
    return *error ? GST_FLOW_ERROR : GST_FLOW_EOS;
  }

  if (pace->kind == GST_DIT_PACE_SHOW)
    show (live, pace);
  else
    gst_dit_stats_add (live->stats, GST_DIT_STAT_REPEATED, 1);
  *frame = live->shown;
  return GST_FLOW_OK;
}
