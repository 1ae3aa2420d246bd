/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditmodel.h: where the starter checkpoint is. */

#pragma once

#include <gst/gst.h>

char *gst_dit_model_find_starter (GstElement * element, GError ** error);
