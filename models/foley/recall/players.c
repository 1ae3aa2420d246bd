/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* players.c: the nodes that play what was recorded. */

#include "models/foley/shape/node.h"

const NodeClass *const node_player_classes[] = { NULL };
