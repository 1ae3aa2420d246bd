/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* load-plugin.h: a plugin by its file, for tests that see no others. */

#pragma once

#include <gst/gst.h>

static inline void
load_plugin (const char *file)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstPlugin) plugin = gst_plugin_load_file (file, &error);

  g_assert_no_error (error);
  gst_registry_add_plugin (gst_registry_get (), plugin);
}
