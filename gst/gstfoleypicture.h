/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstfoleypicture.h: frames of video as a Foley sees them. */

#pragma once

#include <gst/video/video.h>

#include "models/foley.h"

typedef struct _GstFoleyPicture GstFoleyPicture;

GstFoleyPicture *gst_foley_picture_new (const GstVideoInfo * info);
void gst_foley_picture_free (GstFoleyPicture * picture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstFoleyPicture, gst_foley_picture_free)

gboolean gst_foley_picture_take (GstFoleyPicture * picture, GstBuffer * buffer);
FoleyFrame gst_foley_picture_get_frame (GstFoleyPicture * picture,
    guint64 time);
