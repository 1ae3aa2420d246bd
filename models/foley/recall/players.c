/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* players.c: the nodes that play what was recorded, as far as the libraries
 * that read it are there. */

#include <string.h>

#include "models/foley/recall/players.h"

const NodeClass *const node_player_classes[] = {
#ifdef HAVE_SNDFILE
  &recording_class,
#endif
#ifdef HAVE_FLUIDSYNTH
  &soundfont_class,
#endif
  NULL
};

char *
player_get_path (const Node * node, const char *file, GError ** error)
{
  g_auto (GStrv) parts = g_strsplit_set (file, "/\\", -1);

  if (node->folder == NULL || *file == '\0' || g_path_is_absolute (file)
      || g_strv_contains ((const char *const *) parts, "..")) {
    g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_RECIPE,
        "file: found \"%.80s\"%s; possible: a file in the folder of the recipe",
        file, node->folder ? "" : " in a recipe that has no folder");
    return NULL;
  }
  return g_build_filename (node->folder, file, NULL);
}
