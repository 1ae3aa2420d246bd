/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditframe.h: a frame that was made ahead. */

#pragma once

#include <gst/video/video.h>

#include "gstditmessages.h"

typedef struct
{
  GstBuffer *buffer;
  GstVideoInfo info;
  guint64 number;               /* in the whole */
  GstDitChunk chunk;            /* its prompt is the frame's, its model is not */
  gboolean completes;           /* its chunk, which took: */
  VideoTimings timings;
  gboolean is_last;             /* of all */
} GstDitFrame;

void gst_dit_frame_free (GstDitFrame * frame);
gboolean gst_dit_frame_copy (const GstDitFrame * frame, GstBuffer * to,
    const GstVideoInfo * info);
