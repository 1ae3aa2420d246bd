/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditchunking.c: which frame is in which chunk. The first chunk of a causal
 * checkpoint is shorter than the later ones, for its first latent frame is
 * one frame and not time_multiple. */

#include "gstditchunking.h"

guint
gst_dit_chunking_get_frames (const GstDitChunking * chunking, guint64 chunk)
{
  return chunk ? chunking->later : chunking->first;
}

guint64
gst_dit_chunking_get_first (const GstDitChunking * chunking, guint64 chunk)
{
  return chunk ? chunking->first + (chunk - 1) * chunking->later : 0;
}

guint64
gst_dit_chunking_find (const GstDitChunking * chunking, guint64 frame,
    guint * position)
{
  guint64 chunk = 0;

  if (frame >= chunking->first)
    chunk = 1 + (frame - chunking->first) / chunking->later;
  if (position)
    *position = frame - gst_dit_chunking_get_first (chunking, chunk);
  return chunk;
}

guint64
gst_dit_chunking_count (const GstDitChunking * chunking, guint64 frames)
{
  return frames ? gst_dit_chunking_find (chunking, frames - 1, NULL) + 1 : 0;
}
