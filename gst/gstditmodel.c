/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gstditmodel.c: where the starter checkpoint is: where it was installed, or, for
 * a plugin that runs from its build directory, in the source. */

#include "gstditmodel.h"

#include "models/video.h"

static gboolean
runs_uninstalled (GstElement * element)
{
  GstElementFactory *factory = gst_element_get_factory (element);
  g_autoptr (GstPlugin) plugin = NULL;
  g_autofree char *path = NULL;
  const char *filename;

  if (factory)
    plugin = gst_plugin_feature_get_plugin (GST_PLUGIN_FEATURE (factory));
  filename = plugin ? gst_plugin_get_filename (plugin) : NULL;
  if (!filename)
    return TRUE;
  path = g_canonicalize_filename (filename, NULL);
  return g_str_has_prefix (path, DIT_BUILD_DIR);
}

/* Returns: (transfer full): a directory, or NULL and VIDEO_ERROR_NOT_FOUND. */
char *
gst_dit_model_find_starter (GstElement * element, GError ** error)
{
  const char *directory = runs_uninstalled (element) ?
      DIT_STARTER_SOURCE_DIR : DIT_STARTER_DIR;
  g_autofree char *index = g_build_filename (directory, "model_index.json",
      NULL);

  if (g_file_test (index, G_FILE_TEST_EXISTS))
    return g_strdup (directory);
  g_set_error (error, VIDEO_ERROR, VIDEO_ERROR_NOT_FOUND,
      "no model given, and the starter checkpoint is not in %s; set the "
      "property \"model\" to a checkpoint directory", directory);
  return NULL;
}
