/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditchunking.h: which frame is in which chunk. */

#pragma once

#include <glib.h>

/* Frames of chunk 0, and of each later one; both more than 0. */
typedef struct
{
  guint first, later;
} GstDitChunking;

guint gst_dit_chunking_get_frames (const GstDitChunking * chunking,
    guint64 chunk);
/* The frame that @chunk begins with. */
guint64 gst_dit_chunking_get_first (const GstDitChunking * chunking,
    guint64 chunk);
/* The chunk that has @frame; @position: the frame's place in it, or NULL. */
guint64 gst_dit_chunking_find (const GstDitChunking * chunking, guint64 frame,
    guint * position);
/* How many chunks @frames frames take. */
guint64 gst_dit_chunking_count (const GstDitChunking * chunking,
    guint64 frames);
