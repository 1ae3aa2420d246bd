/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstfoleytrack.h: from frames to sound that is in time with them. */

#pragma once

#include <gst/video/video.h>

#include "gstfoleypads.h"
#include "gstfoleysettings.h"
#include "gstfoleystats.h"

/* Settings that any thread sets and the streaming thread reads. */
typedef struct
{
  GMutex lock;
  GstFoleySettings settings;
  guint serial;                 /* of what has been set */
} GstFoleyDesk;

typedef struct _GstFoleyTrack GstFoleyTrack;

/* Borrows all. */
GstFoleyTrack *gst_foley_track_new (GstElement * element, GstFoleyPads * pads,
    GstFoleyDesk * desk, GstFoleyStats * stats);
void gst_foley_track_free (GstFoleyTrack * track);

/* Any thread. */
GstClockTime gst_foley_track_get_latency (GstFoleyTrack * track);

/* While no streaming thread runs. */
void gst_foley_track_start (GstFoleyTrack * track);
void gst_foley_track_stop (GstFoleyTrack * track);

/* The streaming thread. */
gboolean gst_foley_track_set_info (GstFoleyTrack * track,
    const GstVideoInfo * info);
void gst_foley_track_set_segment (GstFoleyTrack * track,
    const GstSegment * segment, guint32 seqnum);
void gst_foley_track_set_scene (GstFoleyTrack * track, char *scene,
    gboolean sure);
gboolean gst_foley_track_queue_event (GstFoleyTrack * track, GstEvent * event);
GstFlowReturn gst_foley_track_take_frame (GstFoleyTrack * track,
    GstBuffer * buffer);
GstFlowReturn gst_foley_track_take_gap (GstFoleyTrack * track,
    GstClockTime timestamp, GstClockTime duration);
GstFlowReturn gst_foley_track_drain (GstFoleyTrack * track);
void gst_foley_track_finish (GstFoleyTrack * track);
void gst_foley_track_ring_out (GstFoleyTrack * track);
void gst_foley_track_flush (GstFoleyTrack * track);
