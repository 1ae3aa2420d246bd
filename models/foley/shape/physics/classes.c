/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* classes.c: the nodes that follow physics. */

#include "models/foley/shape/physics/classes.h"

const NodeClass *const node_physics_classes[] = {
  &physics_modal, &physics_impact, &physics_roll, &physics_slide,
  &physics_squeak, NULL
};
