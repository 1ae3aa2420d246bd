/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* physics.c: what the nodes that follow physics have in common. */

#include <string.h>

#include "models/foley/shape/physics/physics.h"

/* In the order of scene.h. */
const char *const physics_material_words[] = {
  "own", "other",
  "unknown", "ceramic", "glass", "wood", "plastic", "iron", "steel", "tin",
  "aluminium", "brass", "rubber", "stone", "concrete", "asphalt", "tiles",
  "sand", "snow", "ice", "grass", "earth", "gravel", "leaves", "water",
  "flesh", "fur", "feathers", "cloth", "paper", "fire", "air", NULL
};

float
physics_param (const Node * node, guint i)
{
  const NodeParam *param = &node->klass->params[i];
  float value = node->params[i];

  if (isnan (value))
    return param->standard;
  return CLAMP (value, param->least, param->most);
}

static gboolean
find_word (const char *const *words, const char *word, guint * out)
{
  guint i;

  for (i = 0; words[i]; i++)
    if (g_strcmp0 (words[i], word) == 0) {
      *out = i;
      return TRUE;
    }
  return FALSE;
}

guint
physics_word (const Node * node, guint i)
{
  const NodeWord *word = &node->klass->words[i];
  guint found = 0;

  if (!find_word (word->words, node->words[i], &found))
    find_word (word->words, word->standard, &found);
  return found;
}

Material
physics_material (const Node * node, guint i)
{
  guint word = physics_word (node, i);

  return word < 2 ? MATERIAL_UNKNOWN : (Material) (word - 2);
}

float
physics_level (float decibels)
{
  return powf (10, decibels / 20);
}

void
noise_init (Noise * noise, const Node * node)
{
  noise->state = g_rand_int (node->random) | 1;
}

void
smooth_to (Smooth * smooth, const Node * node, float target, float seconds,
    gboolean jump)
{
  float reach = 1 - expf (-FOLEY_QUANTUM / (seconds * (float) node->rate));

  if (!smooth->begun) {
    smooth->begun = TRUE;
    smooth->value = jump ? target : 0;
  }
  /* There, before it creeps into what floats cannot hold. */
  if (fabsf (target - smooth->value) < 1e-7f * fabsf (target) + 1e-9f) {
    smooth->value = target;
    smooth->step = 0;
    return;
  }
  smooth->step = (target - smooth->value) * reach / FOLEY_QUANTUM;
}

void
one_pole_set (OnePole * pole, const Node * node, float frequency)
{
  float limit = 0.49f * (float) node->rate;

  pole->a = 1 - expf (-2 * G_PI * MIN (frequency, limit) / node->rate);
}

void
band_set (Band * band, const Node * node, float frequency, float q)
{
  float limit = 0.45f * (float) node->rate;

  band->g = tanf (G_PI * CLAMP (frequency, 1, limit) / node->rate);
  band->k = 1 / q;
  band->a1 = 1 / (1 + band->g * (band->g + band->k));
  band->a2 = band->g * band->a1;
  band->a3 = band->g * band->a2;
}

void
triggers_add (Triggers * triggers, guint offset, float strength)
{
  guint i = MIN (triggers->n, PHYSICS_TRIGGERS - 1);

  if (!(strength > 0))
    return;
  triggers->at[i].offset = MIN (offset, FOLEY_QUANTUM - 1);
  triggers->at[i].strength = MIN (strength, 1);
  triggers->n = i + 1;
}
