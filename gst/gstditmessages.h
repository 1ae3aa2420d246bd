/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditmessages.h: what dittextsrc tells: to the bus and downstream. */

#pragma once

#include <gst/gst.h>

#include "models/video.h"

/* A chunk as it is told of. */
typedef struct
{
  guint64 index;
  guint64 seed;
  const char *prompt;           /* what the chunk follows */
  const char *action;           /* "": none; interned */
  const char *model;
  GstClockTime timestamp, duration;
  guint frames;
} GstDitChunk;

void gst_dit_post_error (GstElement * element, const GError * error,
    const char *model, const char *device);
void gst_dit_post_chunk (GstElement * element, const GstDitChunk * chunk,
    const VideoTimings * timings);

void gst_dit_warn_of_words (GstElement * element, const char *model,
    const char *const *words);

GstEvent *gst_dit_scene_event_new (const GstDitChunk * chunk);
GstEvent *gst_dit_tag_event_new (const GstDitChunk * chunk);

void
gst_dit_post_progress (GstElement * element, GstProgressType type,
    const char *code, int percent, const char *format, ...)
G_GNUC_PRINTF (5, 6);
