/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* classes.h: the nodes that follow physics, each in a file of its own. */

#pragma once

#include "models/foley/shape/node.h"

G_BEGIN_DECLS

extern const NodeClass physics_modal, physics_impact;
extern const NodeClass physics_roll, physics_slide, physics_squeak;

G_END_DECLS
