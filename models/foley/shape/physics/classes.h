/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* classes.h: the nodes that follow physics, each in a file of its own. */

#pragma once

#include "models/foley/shape/node.h"

G_BEGIN_DECLS

extern const NodeClass physics_modal, physics_impact;
extern const NodeClass physics_roll, physics_slide, physics_squeak;
extern const NodeClass physics_step;
extern const NodeClass physics_bubbles, physics_splash, physics_waves;
extern const NodeClass physics_rain, physics_fire, physics_wind;
extern const NodeClass physics_engine, physics_motor, physics_rotor;
extern const NodeClass physics_rocket, physics_wings, physics_tyres;
extern const NodeClass physics_rails;
extern const NodeClass physics_voice;

G_END_DECLS
