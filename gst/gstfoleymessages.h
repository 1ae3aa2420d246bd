/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstfoleymessages.h: what videoaudiofoley tells the bus, and what it hears from
 * the source. */

#pragma once

#include <gst/gst.h>

#include "models/foley.h"

void gst_foley_post_error (GstElement * element, const GError * error);
void gst_foley_warn_of_recipes (GstElement * element,
    const char *const *complaints);
void gst_foley_warn_of_finder (GstElement * element, const GError * error);
void gst_foley_post_note (GstElement * element, const FoleyNote * note,
    GstClockTime running_time);

char *gst_foley_scene_from_event (GstEvent * event);
char *gst_foley_scene_from_tags (const GstTagList * tags);
GstTagList *gst_foley_tags_for_sound (const GstTagList * tags);
