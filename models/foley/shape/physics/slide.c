/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* slide.c: one surface drawn over another: "slide".
 *
 * Its strength goes with speed times normal force (van den Doel, Kry, Pai,
 * "FoleyAutomatic", 3.2; Gaver, "How Do We Hear in the World?", Ecological
 * Psychology 5, 1993): 0 dB is 10 N at 1 m/s. */

#include "models/foley/shape/physics/classes.h"
#include "models/foley/shape/physics/materials.h"
#include "models/foley/shape/physics/surface.h"

#define REFERENCE 10.0f         /* N m/s */

enum
{
  SPEED, FORCE, ROUGHNESS, LEVEL
};

static const NodeParam params[] = {
  {"speed", "m/s", 0, 0, 200},
  {"force", "N", 10, 0, 1e5},
  {"roughness", "", -1, -1, 1}, /* below 0: of the material */
  {"level", "dB", 0, -80, 40},
  {NULL}
};

static const NodeWord words[] = {
  {"material", "other", physics_material_words},
  {NULL}
};

typedef struct
{
  Surface surface;
  Smooth speed, strength;
} Slide;

static gboolean
open_slide (Node * node, GError ** error)
{
  surface_init (&((Slide *) node->state)->surface, node);
  return TRUE;
}

static void
render_slide (Node * node, const float *const *inputs, float *out)
{
  Slide *m = node->state;
  float speed = physics_param (node, SPEED);
  float power = speed * physics_param (node, FORCE) / REFERENCE;
  float roughness = physics_param (node, ROUGHNESS);
  float from = m->speed.value;
  guint i;

  if (roughness < 0)
    roughness = material_get_physics (physics_material (node, 0))->roughness;
  smooth_to (&m->speed, node, speed, 0.02f, FALSE);
  smooth_to (&m->strength, node, 0.1f * physics_saturate (power, 4)
      * (0.25f + roughness) * physics_level (physics_param (node, LEVEL)),
      0.02f, FALSE);
  m->speed.value += FOLEY_QUANTUM * m->speed.step;
  surface_render (&m->surface, node, from, m->speed.value, roughness, 0, out);
  for (i = 0; i < FOLEY_QUANTUM; i++)
    out[i] *= smooth_next (&m->strength);
}

static gboolean
is_silent_slide (const Node * node)
{
  const Slide *m = node->state;

  return physics_param (node, SPEED) * physics_param (node, FORCE) == 0
      && m->strength.value < PHYSICS_SILENCE;
}

const NodeClass physics_slide = {
  "slide", "One surface drawn over another", params, words, 0, 0,
  sizeof (Slide), open_slide, NULL, NULL, render_slide, is_silent_slide
};
