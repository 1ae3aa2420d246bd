/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tyres.c: tyres on a road: "tyres".
 *
 * Their level goes with 30 to 40 log v and their spectrum has its top at 0.8
 * kHz to 1 kHz, lower and louder on rough roads; wet ones hiss; gravel, sand
 * and snow are crushed.  Sandberg, Ejsmont, "Tyre/Road Noise Reference Book"
 * (2002). */

#include <string.h>

#include "models/foley/shape/physics/classes.h"
#include "models/foley/shape/physics/grains.h"
#include "models/foley/shape/physics/materials.h"

enum
{
  SPEED, WET, LEVEL
};

static const NodeParam params[] = {
  {"speed", "m/s", 0, 0, 150},
  {"wet", "", 0, 0, 1},
  {"level", "dB", 0, -80, 40},
  {NULL}
};

static const NodeWord words[] = {
  {"material", "other", physics_material_words},
  {NULL}
};

typedef struct
{
  Noise noise;
  Grains grains;
  gboolean grainy;
  Smooth speed, wet, level;
  Band tread, rumble, spray;
} Tyres;

static gboolean
open_tyres (Node * node, GError ** error)
{
  Tyres *m = node->state;
  Material material = physics_material (node, 0);
  float rough = material_get_physics (material)->roughness;
  const GrainKind *kind = grains_of_ground (material);

  noise_init (&m->noise, node);
  if (kind)
    grains_init (&m->grains, node, kind);
  m->grainy = kind != NULL;
  band_set (&m->tread, node, 1150 - 500 * rough, 0.9f);
  band_set (&m->rumble, node, 110, 0.7f);
  band_set (&m->spray, node, 4500, 0.5f);
  return TRUE;
}

static void
render_tyres (Node * node, const float *const *inputs, float *out)
{
  Tyres *m = node->state;
  float rough = material_get_physics (physics_material (node, 0))->roughness;
  float push[FOLEY_QUANTUM];
  guint i;

  smooth_to (&m->speed, node, physics_param (node, SPEED), 0.08f, FALSE);
  smooth_to (&m->wet, node, physics_param (node, WET), 0.08f, TRUE);
  smooth_to (&m->level, node, physics_level (physics_param (node, LEVEL)),
      0.02f, TRUE);
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    float v = smooth_next (&m->speed) / 30;     /* 108 km/h */
    float loud = v <= 0 ? 0 : physics_saturate (v * sqrtf (v) * sqrtf (sqrtf
            (v)), 4);
    float white = noise_next (&m->noise);

    push[i] = physics_saturate (2 * MAX (v, 0), 0.8f);
    out[i] = loud * ((0.35f + 0.3f * rough) * band_pass (&m->tread, white)
        + (0.3f + rough) * band_pass (&m->rumble, white)
        + smooth_next (&m->wet) * 0.8f * band_pass (&m->spray, white));
  }
  if (m->grainy)
    grains_render (&m->grains, node, push, out);
  for (i = 0; i < FOLEY_QUANTUM; i++)
    out[i] *= smooth_next (&m->level);
}

static gboolean
is_silent_tyres (const Node * node)
{
  const Tyres *m = node->state;

  return physics_param (node, SPEED) == 0 && m->speed.value < 0.01f
      && (!m->grainy || grains_are_silent (&m->grains));
}

const NodeClass physics_tyres = {
  "tyres", "Tyres on a road, dry or wet", params, words, 0, 0, sizeof (Tyres),
  open_tyres, NULL, NULL, render_tyres, is_silent_tyres
};
