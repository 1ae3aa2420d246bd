/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditpump.c: makes frames ahead on a thread of its own, so that the streaming
 * thread can keep time while a chunk is sampled.
 *
 * It is never more than one chunk ahead: a chunk is begun only when the first frame
 * of the one before has been taken. So what is set while a frame is
 * shown is seen within two chunks. */

#include "gstditpump.h"

struct _GstDitPump
{
  GstDitPumpMakeFunc make;
  gpointer owner;
  GstDitPumpNotifyFunc notify;
  gpointer notify_data;
  GThread *thread;

  GMutex lock;
  GCond cond;                   /* anything below changed */
  GQueue frames;
  gboolean stopping;
  gboolean ended;
  gboolean interrupted;
  GError *error;                /* why it ended */
  GstClockTime chunk_time;      /* of the last whole chunk, or NONE */
};

GstDitPump *
gst_dit_pump_new (GstDitPumpMakeFunc make, gpointer owner,
    GstDitPumpNotifyFunc notify, gpointer notify_data)
{
  GstDitPump *pump = g_new0 (GstDitPump, 1);

  pump->make = make;
  pump->owner = owner;
  pump->notify = notify;
  pump->notify_data = notify_data;
  g_mutex_init (&pump->lock);
  g_cond_init (&pump->cond);
  g_queue_init (&pump->frames);
  return pump;
}

void
gst_dit_pump_free (GstDitPump * pump)
{
  gst_dit_pump_stop (pump);
  g_mutex_clear (&pump->lock);
  g_cond_clear (&pump->cond);
  g_free (pump);
}

static gboolean
has_room (GstDitPump * pump)
{
  const GstDitFrame *last = g_queue_peek_tail (&pump->frames);

  return !last || g_queue_get_length (&pump->frames) < last->chunk.frames;
}

/* FALSE: it is to stop. */
static gboolean
wait_for_room (GstDitPump * pump)
{
  gboolean stopping;

  g_mutex_lock (&pump->lock);
  while (!pump->stopping && !has_room (pump))
    g_cond_wait (&pump->cond, &pump->lock);
  stopping = pump->stopping;
  g_mutex_unlock (&pump->lock);
  return !stopping;
}

/* @spent: on its chunk so far, in µs */
static void
put (GstDitPump * pump, GstDitFrame * frame, gint64 spent)
{
  g_mutex_lock (&pump->lock);
  g_queue_push_tail (&pump->frames, frame);
  pump->ended = frame->is_last;
  if (frame->completes)
    pump->chunk_time = spent * GST_USECOND;
  g_cond_broadcast (&pump->cond);
  g_mutex_unlock (&pump->lock);
  pump->notify (pump->notify_data);
}

static void
end (GstDitPump * pump, GError * error)
{
  g_mutex_lock (&pump->lock);
  pump->ended = TRUE;
  pump->error = error;
  g_cond_broadcast (&pump->cond);
  g_mutex_unlock (&pump->lock);
  pump->notify (pump->notify_data);
}

static gpointer
pump_thread (gpointer data)
{
  GstDitPump *pump = data;
  GError *error = NULL;
  gint64 spent = 0;

  while (!pump->ended && wait_for_room (pump)) {
    GstDitFrame *frame = g_new0 (GstDitFrame, 1);
    gint64 begin = g_get_monotonic_time ();
    gboolean completes;

    if (!pump->make (pump->owner, frame, &error)) {
      gst_dit_frame_free (frame);
      break;
    }
    spent += g_get_monotonic_time () - begin;
    completes = frame->completes;
    put (pump, frame, spent);
    if (completes)
      spent = 0;
  }
  end (pump, error);
  return NULL;
}

/* Does nothing if it runs. */
void
gst_dit_pump_start (GstDitPump * pump)
{
  if (pump->thread)
    return;
  pump->stopping = pump->ended = FALSE;
  pump->chunk_time = GST_CLOCK_TIME_NONE;
  pump->thread = g_thread_new ("dit-pump", pump_thread, pump);
}

/* Waits for the frame at hand, which the owner had better cancel. */
void
gst_dit_pump_stop (GstDitPump * pump)
{
  if (!pump->thread)
    return;
  g_mutex_lock (&pump->lock);
  pump->stopping = TRUE;
  g_cond_broadcast (&pump->cond);
  g_mutex_unlock (&pump->lock);
  g_thread_join (g_steal_pointer (&pump->thread));
  g_queue_clear_full (&pump->frames, (GDestroyNotify) gst_dit_frame_free);
  g_clear_error (&pump->error);
}

/* @ended: no more will come */
guint
gst_dit_pump_get_ready (GstDitPump * pump, gboolean * ended)
{
  guint ready;

  g_mutex_lock (&pump->lock);
  ready = g_queue_get_length (&pump->frames);
  if (ended)
    *ended = pump->ended;
  g_mutex_unlock (&pump->lock);
  return ready;
}

/* One that is ready. */
GstDitFrame *
gst_dit_pump_take (GstDitPump * pump)
{
  GstDitFrame *frame;

  g_mutex_lock (&pump->lock);
  frame = g_queue_pop_head (&pump->frames);
  g_cond_broadcast (&pump->cond);
  g_mutex_unlock (&pump->lock);
  return frame;
}

/* NULL if it ended well, or has been asked before. */
GError *
gst_dit_pump_take_error (GstDitPump * pump)
{
  GError *error;

  g_mutex_lock (&pump->lock);
  error = g_steal_pointer (&pump->error);
  g_mutex_unlock (&pump->lock);
  return error;
}

/* What the last chunk took to make, or NONE. */
GstClockTime
gst_dit_pump_get_chunk_time (GstDitPump * pump)
{
  GstClockTime chunk_time;

  g_mutex_lock (&pump->lock);
  chunk_time = pump->chunk_time;
  g_mutex_unlock (&pump->lock);
  return chunk_time;
}

/* Until a frame is ready, all have ended, or it is interrupted. */
void
gst_dit_pump_wait (GstDitPump * pump)
{
  g_mutex_lock (&pump->lock);
  while (g_queue_is_empty (&pump->frames) && !pump->ended && !pump->interrupted)
    g_cond_wait (&pump->cond, &pump->lock);
  g_mutex_unlock (&pump->lock);
}

/* While @interrupted, gst_dit_pump_wait() returns at once. */
void
gst_dit_pump_interrupt (GstDitPump * pump, gboolean interrupted)
{
  g_mutex_lock (&pump->lock);
  pump->interrupted = interrupted;
  g_cond_broadcast (&pump->cond);
  g_mutex_unlock (&pump->lock);
}
