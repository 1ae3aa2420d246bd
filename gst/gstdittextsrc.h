/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstdittextsrc.h: the element dittextsrc. */

#pragma once

#include <gst/base/gstpushsrc.h>

gboolean gst_element_register_dittextsrc (GstPlugin * plugin);

#define GST_TYPE_DIT_TEXT_SRC (gst_dit_text_src_get_type ())
G_DECLARE_FINAL_TYPE (GstDitTextSrc, gst_dit_text_src, GST, DIT_TEXT_SRC,
    GstPushSrc)
