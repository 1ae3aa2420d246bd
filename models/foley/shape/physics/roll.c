/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* roll.c: a round thing on the ground: "roll".
 *
 * The ground's profile, of which the patch that touches bridges the small
 * cells, made louder and softer with each turn, since nothing is quite round;
 * and where the ground is hard, small hops.  Rath, Rocchesso, "Continuous Sonic
 * Feedback from a Rolling Ball" (IEEE MultiMedia 12, 2005); Farnell, "Designing
 * Sound" (2010), 32.  Turns a second: speed / (pi size). */

#include "models/foley/shape/physics/classes.h"
#include "models/foley/shape/physics/materials.h"
#include "models/foley/shape/physics/surface.h"

#define REFERENCE 0.1f          /* kg m/s: 0 dB */
#define SHAPE 3                 /* harmonics of what is not round */

enum
{
  SPEED, SIZE, MASS, ROUGHNESS, UNEVEN, LEVEL
};

static const NodeParam params[] = {
  {"speed", "m/s", 0, 0, 200},
  {"size", "m", 0.1, 0.003, 100},
  {"mass", "kg", 0.2, 1e-4, 1e5},
  {"roughness", "", -1, -1, 1}, /* below 0: of the material */
  {"uneven", "", 0.5, 0, 1},    /* depth of the modulation by each turn */
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
  Noise noise;
  Smooth speed, strength;
  float turn;                   /* 0 ... 1 */
  float shape[SHAPE], lag[SHAPE];
  float hop, hop_decay;         /* the burst of a hop, now */
  float wait;                   /* m until the next */
  OnePole low;
} Roll;

static gboolean
open_roll (Node * node, GError ** error)
{
  Roll *m = node->state;
  guint k;

  surface_init (&m->surface, node);
  noise_init (&m->noise, node);
  for (k = 0; k < SHAPE; k++) {
    m->shape[k] = (k == 0 ? 1 : 0.4f * noise_unit (&m->noise) / k);
    m->lag[k] = noise_unit (&m->noise);
  }
  return TRUE;
}

/* 1 - depth ... 1 + depth */
static float
roundness (const Roll * m, float depth)
{
  float sum = 0, most = 0;
  guint k;

  for (k = 0; k < SHAPE; k++) {
    sum += m->shape[k] * sinf (2 * (float) G_PI * ((k + 1) * m->turn
            + m->lag[k]));
    most += m->shape[k];
  }
  return 1 + depth * sum / most;
}

/* Hops come by chance, about every turn's third part on rubble. */
static float
hops (Roll * m, const Node * node, float passed, float size, float roughness)
{
  float mean = (float) G_PI * size / (0.5f + 6 * roughness);

  m->wait -= passed;
  if (m->wait < 0) {
    m->wait = mean * -logf (noise_unit (&m->noise));
    m->hop = noise_between (&m->noise, 0.5f, 2.5f) * (0.2f + roughness);
  }
  m->hop *= m->hop_decay;
  return m->hop * noise_next (&m->noise);
}

static void
render_roll (Node * node, const float *const *inputs, float *out)
{
  Roll *m = node->state;
  float speed = physics_param (node, SPEED), size = physics_param (node, SIZE);
  float power = speed * physics_param (node, MASS) / REFERENCE;
  float roughness = physics_param (node, ROUGHNESS);
  float depth = 0.9f * physics_param (node, UNEVEN), from = m->speed.value;
  float passed, now, step, before = roundness (m, depth);
  guint i;

  if (roughness < 0)
    roughness = material_get_physics (physics_material (node, 0))->roughness;
  smooth_to (&m->speed, node, speed, 0.02f, FALSE);
  smooth_to (&m->strength, node, 0.1f * physics_saturate (power, 4)
      * (0.25f + roughness) * physics_level (physics_param (node, LEVEL)),
      0.02f, FALSE);
  m->speed.value += FOLEY_QUANTUM * m->speed.step;
  surface_render (&m->surface, node, from, m->speed.value, roughness,
      CLAMP (0.01f * size, 2e-4f, 0.01f), out);
  passed = m->speed.value / (float) node->rate;
  m->turn = fmodf (m->turn + FOLEY_QUANTUM * passed / ((float) G_PI * size), 1);
  now = before;
  step = (roundness (m, depth) - before) / FOLEY_QUANTUM;
  m->hop_decay = expf (-1 / (0.004f * (float) node->rate));
  /* The larger, the duller: a marble 7 kHz, a ball 1.5 kHz, a barrel 500 Hz. */
  one_pole_set (&m->low, node, 350 + 700 / sqrtf (size * 10));
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    now += step;
    out[i] = one_pole_low (&m->low, out[i] + hops (m, node, passed, size,
            roughness));
    out[i] *= now * smooth_next (&m->strength);
  }
  m->hop = settled (m->hop);
  one_pole_settle (&m->low);
}

static gboolean
is_silent_roll (const Node * node)
{
  const Roll *m = node->state;

  return physics_param (node, SPEED) == 0
      && m->strength.value < PHYSICS_SILENCE;
}

const NodeClass physics_roll = {
  "roll", "A round thing that rolls on the ground", params, words, 0, 0,
  sizeof (Roll), open_roll, NULL, NULL, render_roll, is_silent_roll
};
