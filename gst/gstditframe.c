/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditframe.c: a frame that was made ahead, in memory of its own: how many buffers
 * downstream's pool has is not known. */

#include "gstditframe.h"

void
gst_dit_frame_free (GstDitFrame * frame)
{
  gst_clear_buffer (&frame->buffer);
  g_free ((char *) frame->chunk.prompt);
  g_free (frame);
}

/* Frames that were made before the caps changed. */
static gboolean
convert (GstVideoFrame * to, const GstVideoFrame * from)
{
  GstVideoConverter *converter = gst_video_converter_new (&from->info,
      &to->info, NULL);

  if (!converter)
    return FALSE;
  gst_video_converter_frame (converter, from, to);
  gst_video_converter_free (converter);
  return TRUE;
}

/* To @to, which is as @info says. */
gboolean
gst_dit_frame_copy (const GstDitFrame * frame, GstBuffer * to,
    const GstVideoInfo * info)
{
  GstVideoFrame source, target;
  gboolean copied = FALSE;

  if (!gst_video_frame_map (&source, &frame->info, frame->buffer, GST_MAP_READ))
    return FALSE;
  if (gst_video_frame_map (&target, info, to, GST_MAP_WRITE)) {
    copied = gst_video_info_is_equal (info, &frame->info) ?
        gst_video_frame_copy (&target, &source) : convert (&target, &source);
    gst_video_frame_unmap (&target);
  }
  gst_video_frame_unmap (&source);
  return copied;
}
