/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* classes.c: the nodes that follow physics. */

#include "models/foley/shape/physics/classes.h"

const NodeClass *const node_physics_classes[] = {
  &physics_modal, &physics_impact, &physics_roll, &physics_slide,
  &physics_squeak, &physics_step, &physics_bubbles, &physics_splash,
  &physics_waves, &physics_rain, &physics_fire, &physics_wind,
  &physics_engine, &physics_motor, &physics_rotor, &physics_rocket,
  &physics_wings, &physics_tyres, &physics_rails,
  &physics_voice, NULL
};
