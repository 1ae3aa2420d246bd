/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditlive.h: the live side of dittextsrc: frames made ahead, shown by the
 * pipeline's clock. */

#pragma once

#include <gst/base/gstbasesrc.h>

#include "gstditpacer.h"
#include "gstditpump.h"
#include "gstditstats.h"

typedef struct _GstDitLive GstDitLive;

typedef struct
{
  GstDitPumpMakeFunc make;      /* on the pump's thread */
  /* On the streaming thread: each frame in order, shown from @time on or dropped. */
  void (*taken) (gpointer owner, const GstDitFrame * frame, GstClockTime time);
} GstDitLiveFuncs;

/* @source is the owner. */
GstDitLive *gst_dit_live_new (GstBaseSrc * source, GstDitStats * stats,
    const GstDitLiveFuncs * funcs);
void gst_dit_live_free (GstDitLive * live);

void gst_dit_live_prepare (GstDitLive * live, guint fps, guint chunk_frames);
void gst_dit_live_stop (GstDitLive * live);
void gst_dit_live_flush (GstDitLive * live);

GstFlowReturn gst_dit_live_next (GstDitLive * live, const GstDitFrame ** frame,
    GstDitPace * pace, GError ** error);

void gst_dit_live_set_unlocked (GstDitLive * live, gboolean unlocked);
void gst_dit_live_set_paused (GstDitLive * live, gboolean paused);

void gst_dit_live_set_pipeline_latency (GstDitLive * live,
    GstClockTime latency);
gboolean gst_dit_live_get_latency (GstDitLive * live, GstClockTime * min,
    GstClockTime * max);
guint gst_dit_live_get_queued (GstDitLive * live);
