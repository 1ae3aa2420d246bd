/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rain.c: drops near by, and the hiss of all that are far: "rain".
 *
 * The drops near by are heard one by one, by what they hit (on water a third of
 * them traps a bubble that rings at 12 kHz to 16 kHz, or lower if it pours:
 * Pumphrey, Crum, Bjorno, "Underwater sound produced by individual drop impacts
 * and rainfall", JASA 85, 1989); more and more of them are a noise.  Farnell,
 * "Designing Sound" (2010), 38; Miklavcic, Zita, Arvidsson, "Computational
 * real-time sound synthesis of rain" (DAFx 2004). */

#include <string.h>

#include "models/foley/shape/physics/bubbles.h"
#include "models/foley/shape/physics/classes.h"
#include "models/foley/shape/physics/grains.h"
#include "models/foley/shape/physics/gust.h"

enum
{
  AMOUNT, LEVEL
};

static const NodeParam params[] = {
  {"amount", "", 0, 0, 1},
  {"level", "dB", 0, -80, 40},
  {NULL}
};

static const NodeWord words[] = {
  {"material", "other", physics_material_words},
  {NULL}
};

typedef struct
{
  Grains drops;
  Bubbles bubbles;
  Gust gust;
  Noise noise;
  Smooth amount, level;
  Band hiss, rumble;
  float wait;                   /* bubbles until the next */
  gboolean on_water;
} Rain;

static gboolean
open_rain (Node * node, GError ** error)
{
  Rain *m = node->state;
  Material material = physics_material (node, 0);

  noise_init (&m->noise, node);
  gust_init (&m->gust, node);
  grains_init (&m->drops, node, grains_of_rain (material));
  m->on_water = material == MATERIAL_WATER;
  band_set (&m->hiss, node, 5200, 0.45f);
  band_set (&m->rumble, node, 700, 0.5f);
  return TRUE;
}

static void
add_bubble (Rain * m, guint offset, float amount)
{
  float radius = 0.0004f * exp2f (3.5f * noise_unit (&m->noise) * amount
      + noise_unit (&m->noise));

  bubbles_add (&m->bubbles, offset, radius, 0.06f * noise_unit (&m->noise),
      0.15f * noise_unit (&m->noise));
}

static void
render_rain (Node * node, const float *const *inputs, float *out)
{
  Rain *m = node->state;
  float push[FOLEY_QUANTUM];
  float level = physics_level (physics_param (node, LEVEL));
  guint i;

  smooth_to (&m->amount, node, physics_param (node, AMOUNT), 0.2f, FALSE);
  smooth_to (&m->level, node, level, 0.02f, TRUE);
  gust_step (&m->gust, node, 0.25f);
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    float amount = smooth_next (&m->amount);

    push[i] = amount > 1e-4f ? amount * sqrtf (amount) : 0;
    if (m->on_water)
      m->wait -= 80 * push[i] / (float) node->rate;
    while (m->wait < 0) {
      add_bubble (m, i, amount);
      m->wait += -logf (noise_unit (&m->noise));
    }
  }
  memset (out, 0, FOLEY_QUANTUM * sizeof *out);
  grains_render (&m->drops, node, push, out);
  bubbles_render (&m->bubbles, node, out);
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    float far = m->amount.value * (0.3f + 0.7f * m->amount.value)
        * CLAMP (1 + 0.12f * gust_next (&m->gust), 0.5f, 1.5f);
    float white = noise_next (&m->noise);

    out[i] += far * (0.14f * band_pass (&m->hiss, white)
        + 0.10f * m->amount.value * band_pass (&m->rumble, white));
    out[i] *= smooth_next (&m->level);
  }
}

static gboolean
is_silent_rain (const Node * node)
{
  const Rain *m = node->state;

  return physics_param (node, AMOUNT) == 0 && m->amount.value < 1e-4f
      && m->bubbles.n == 0 && grains_are_silent (&m->drops);
}

const NodeClass physics_rain = {
  "rain", "Rain: drops on a material, and hiss", params, words, 0, 0,
  sizeof (Rain), open_rain, NULL, NULL, render_rain, is_silent_rain
};
