/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstfoley.h: the element videoaudiofoley. */

#pragma once

#include <gst/gst.h>

#define GST_TYPE_VIDEO_AUDIO_FOLEY (gst_video_audio_foley_get_type ())
G_DECLARE_FINAL_TYPE (GstVideoAudioFoley, gst_video_audio_foley, GST,
    VIDEO_AUDIO_FOLEY, GstElement);

GST_ELEMENT_REGISTER_DECLARE (videoaudiofoley);
