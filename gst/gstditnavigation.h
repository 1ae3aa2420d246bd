/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditnavigation.h: keys that steer a model. */

#pragma once

#include <gst/gst.h>

/* Which keys steer, by the model's actions: a set of flags, 0 for none. */
guint gst_dit_navigation_get_keys (const char *const *actions);

/* Is @event the press (*pressed) or the release of one of @keys? Then *action is
 * what the key stands for. */
gboolean gst_dit_navigation_parse (GstEvent * event, guint keys,
    gboolean * pressed, const char **action);
