/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditcaps.h: what a model makes, as caps. */

#pragma once

#include <gst/video/video.h>

#include "models/video.h"

#define GST_DIT_FORMATS "{ I420, NV12, RGB, RGBA, BGRx }"

GstCaps *gst_dit_caps_from_info (const VideoInfo * info);
GstCaps *gst_dit_caps_fixate (GstCaps * caps, const VideoInfo * info);
char *gst_dit_caps_explain_failure (const GstCaps * wanted,
    const VideoInfo * info);

OclFrame gst_dit_caps_map_frame (GstVideoFrame * frame);
OclMatrix gst_dit_caps_get_matrix (const GstVideoInfo * info);
