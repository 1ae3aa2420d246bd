/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* resources.c: the files that are embedded in the library. */

#include "models/foley/recall/recall-private.h"
#include "foley-resources.h"

#define ROOT "/org/gstreamer/dit/foley/"

const guint8 *
recall_get_file (const char *name, gsize * size)
{
  g_autofree char *path = g_strconcat (ROOT, name, NULL);
  g_autoptr (GBytes) bytes = g_resource_lookup_data
      (foley_resources_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE,
      NULL);

  g_assert (bytes != NULL);
  /* not compressed, so this is the library's own memory */
  return g_bytes_get_data (bytes, size);
}

char **
recall_list_files (const char *folder)
{
  g_autofree char *path = g_strconcat (ROOT, folder, NULL);

  return g_resource_enumerate_children (foley_resources_get_resource (), path,
      G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
}
