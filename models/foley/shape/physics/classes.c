/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* classes.c: the nodes that follow physics. */

#include "models/foley/shape/node.h"

const NodeClass *const node_physics_classes[] = { NULL };
