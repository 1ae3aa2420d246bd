/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* players.h: the nodes that play what was recorded. */

#pragma once

#include "models/foley/recall/recall-config.h"
#include "models/foley/shape/node.h"

G_BEGIN_DECLS

/* recording.c */
extern const NodeClass recording_class;
/* soundfont.c */
extern const NodeClass soundfont_class;

/* The path of a file that a recipe names, within the recipe's folder; free it.
 * FOLEY_ERROR_RECIPE where there is no folder, or it leads out of it. */
char *player_get_path (const Node * node, const char *file, GError ** error);

G_END_DECLS
