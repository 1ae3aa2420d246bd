/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditpacer.h: what a live source shows when. */

#pragma once

#include <gst/gst.h>

/* A frame that does not come is bridged this long by the one before. */
#define GST_DIT_PACER_REPEAT_TIME (2 * GST_SECOND)

/* More frames than this behind what its latency allows, a consumer is late. */
#define GST_DIT_PACER_LATE_FRAMES 2

typedef enum
{
  GST_DIT_PACE_SHOW,            /* of the frames that are ready, the first after
                                 * those to drop */
  GST_DIT_PACE_REPEAT,          /* the frame shown last */
  GST_DIT_PACE_WAIT_UNTIL,      /* a time */
  GST_DIT_PACE_WAIT_FRAME,      /* until a frame is ready, or all have ended, or,
                                 * if it is not NONE, for a time */
  GST_DIT_PACE_END
} GstDitPaceKind;

/* Running times. */
typedef struct
{
  GstDitPaceKind kind;
  GstClockTime time;            /* the frame's, or what is waited for */
  GstClockTime duration;        /* of the frame */
  guint drop;
  GstClockTime missed;          /* if frames are dropped: the first one's time */
  GstClockTime late;            /* and how long ago that was */
} GstDitPace;

typedef struct
{
  guint fps;
  gboolean anchored;
  GstClockTime base;            /* time of slot 0 */
  guint64 slot;                 /* the next to fill */
  GstClockTime end;             /* of the last filled */
  GstClockTime shown_end;       /* of the last filled with a new frame */
} GstDitPacer;

void gst_dit_pacer_init (GstDitPacer * pacer, guint fps);
void gst_dit_pacer_flush (GstDitPacer * pacer);
GstDitPace gst_dit_pacer_next (GstDitPacer * pacer, GstClockTime now,
    guint ready, gboolean ended, GstClockTime latency);
