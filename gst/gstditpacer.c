/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditpacer.c: what a live source shows when: a state machine that knows no
 * clock and no frames, only a time and how many frames are ready.
 *
 * Time is cut into slots of one frame each from a base on, and each slot is filled
 * when it begins: with the next frame, or, where that is not ready when the
 * latency of the pipeline ends, with the last one again, so that what comes
 * late goes on later and at its own speed. After GST_DIT_PACER_REPEAT_TIME of
 * that nothing is shown, and the next frame begins a new base. A slot can be missed
 * only by a consumer that did not take the one before, or by a clock that
 * jumped: then slots are left out, and with them as many frames as there are. */

#include "gstditpacer.h"

void
gst_dit_pacer_init (GstDitPacer * pacer, guint fps)
{
  GstDitPacer fresh = { fps, };

  *pacer = fresh;
}

/* Times may begin anew. */
void
gst_dit_pacer_flush (GstDitPacer * pacer)
{
  gst_dit_pacer_init (pacer, pacer->fps);
}

static GstClockTime
slot_time (const GstDitPacer * pacer, guint64 slot)
{
  return pacer->base + gst_util_uint64_scale (slot, GST_SECOND, pacer->fps);
}

/* Times never go back. */
static void
anchor (GstDitPacer * pacer, GstClockTime now)
{
  pacer->anchored = TRUE;
  pacer->base = MAX (now, pacer->end);
  pacer->slot = 0;
}

/* The slots that are left out if the consumer is late. */
static guint64
leave_out (GstDitPacer * pacer, GstClockTime late, GstClockTime latency)
{
  guint64 slots;

  if (late <= latency + gst_util_uint64_scale_ceil (GST_DIT_PACER_LATE_FRAMES,
          GST_SECOND, pacer->fps))
    return 0;
  slots = gst_util_uint64_scale (late - latency, pacer->fps, GST_SECOND);
  pacer->slot += slots;
  return slots;
}

static void
fill_slot (GstDitPacer * pacer, GstDitPace * pace, GstDitPaceKind kind)
{
  pace->kind = kind;
  pace->time = slot_time (pacer, pacer->slot++);
  pacer->end = slot_time (pacer, pacer->slot);
  pace->duration = pacer->end - pace->time;
  if (kind == GST_DIT_PACE_SHOW)
    pacer->shown_end = pacer->end;
}

/* When the next slot has to be filled for a sink that shows it after @latency: a
 * frame before that. */
static GstClockTime
deadline (const GstDitPacer * pacer, GstClockTime latency)
{
  GstClockTime frame = gst_util_uint64_scale_ceil (1, GST_SECOND, pacer->fps);

  return slot_time (pacer,
      pacer->slot) + (latency > frame ? latency - frame : 0);
}

static gboolean
repeated_enough (const GstDitPacer * pacer)
{
  return slot_time (pacer, pacer->slot) >=
      pacer->shown_end + GST_DIT_PACER_REPEAT_TIME;
}

/* What to do at @now (a running time), with @ready frames and, if @ended, no
 * more to come. A frame that is to be shown or repeated counts as shown.
 * @latency: the pipeline's: how late a frame may be. */
GstDitPace
gst_dit_pacer_next (GstDitPacer * pacer, GstClockTime now, guint ready,
    gboolean ended, GstClockTime latency)
{
  GstDitPace pace = { GST_DIT_PACE_WAIT_FRAME, GST_CLOCK_TIME_NONE, };
  guint64 left_out;

  if (!pacer->anchored && !ready) {
    pace.kind = ended ? GST_DIT_PACE_END : GST_DIT_PACE_WAIT_FRAME;
    return pace;
  }
  if (!pacer->anchored)
    anchor (pacer, now);
  pace.time = slot_time (pacer, pacer->slot);
  if (now < pace.time) {
    pace.kind = GST_DIT_PACE_WAIT_UNTIL;
    return pace;
  }

  if (!ready && ended) {
    pace.kind = GST_DIT_PACE_END;
    return pace;
  }
  if (!ready && now < deadline (pacer, latency)) {
    pace.time = deadline (pacer, latency);
    return pace;
  }

  pace.missed = pace.time;
  pace.late = now - pace.missed;
  left_out = leave_out (pacer, pace.late, latency);
  if (ready) {
    pace.drop = MIN (left_out, ready - 1);
    fill_slot (pacer, &pace, GST_DIT_PACE_SHOW);
  } else if (repeated_enough (pacer)) {
    pacer->anchored = FALSE;
    pace.time = GST_CLOCK_TIME_NONE;
  } else
    fill_slot (pacer, &pace, GST_DIT_PACE_REPEAT);
  return pace;
}
