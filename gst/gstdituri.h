/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstdituri.h: dit://prompt?property=value&... */

#pragma once

#include <gst/gst.h>

#define GST_DIT_URI_SCHEME "dit"

gboolean gst_dit_uri_apply (GObject * object, const char *uri, GError ** error);
char *gst_dit_uri_build (GObject * object);
