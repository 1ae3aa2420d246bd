/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* step.c: a footfall: "step".
 *
 * The force that the ground gives back has two humps, of heel and toe; it
 * pushes the grains of what crunches, and its two onsets knock at what is hard,
 * whose modes ring.  Cook, "Modeling Bill's Gait" (AES 22nd, 2002); Farnell,
 * "Designing Sound" (2010), 36; Nordahl, Serafin, Turchet, "Sound synthesis and
 * evaluation of interactive footsteps" (IEEE VR 2010).  0 dB: a person of 70 kg
 * who walks. */

#include <string.h>

#include "models/foley/shape/physics/bubbles.h"
#include "models/foley/shape/physics/classes.h"
#include "models/foley/shape/physics/grains.h"
#include "models/foley/shape/physics/materials.h"
#include "models/foley/shape/physics/modes.h"
#include "models/foley/shape/physics/pulse.h"

#define FLOOR_MODES 8
#define STEPS 4

enum
{
  WEIGHT, SPEED, LEVEL
};

static const NodeParam params[] = {
  {"weight", "kg", 70, 0.01, 10000, TRUE},
  {"speed", "m/s", 1.4, 0, 30, TRUE},   /* of walking: how long, how hard */
  {"level", "dB", 0, -80, 40, TRUE},
  {NULL}
};

static const char *const feet[] = {
  "shoe", "heel", "sneaker", "bare", "paw", "hoof", "claw", NULL
};

static const NodeWord words[] = {
  {"material", "other", physics_material_words},
  {"foot", "shoe", feet},
  {NULL}
};

typedef struct
{
  float young;                  /* Pa, of the sole */
  float radius;                 /* m, of what touches first */
  float mass;                   /* part of the weight that meets it first */
  float toe;                    /* the second knock over the first */
  float scuff;                  /* noise of the sole */
  float stance;                 /* time on the ground over a shoe's */
} Foot;

static const Foot table[] = {
  {2e8, .020f, .0020f, .50f, .30f, 1.0f},       /* leather, a firm heel */
  {4e9, .004f, .0005f, .35f, .15f, 1.0f},
  {2e7, .030f, .0040f, .60f, .40f, 1.0f},       /* rubber */
  {1e6, .025f, .0040f, .70f, .15f, 1.0f},
  {2e6, .010f, .0040f, .30f, .10f, 0.5f},
  {5e9, .030f, .0030f, .25f, .10f, 0.5f},       /* keratin */
  {5e9, .002f, .0005f, .60f, .10f, 0.4f},
};

/* Floors by how they answer: the lowest mode, how fast the next follow, T60. */
typedef struct
{
  Material material;
  float frequency, ratio, t60, gain;
} Floor;

static const Floor floors[] = {
  {MATERIAL_UNKNOWN, 140, 1.62f, .07f, .8f},
  {MATERIAL_WOOD, 92, 1.55f, .16f, 1.0f},       /* boards on joists */
  {MATERIAL_PLASTIC, 120, 1.60f, .10f, .9f},
  {MATERIAL_CONCRETE, 190, 1.80f, .035f, .9f},
  {MATERIAL_ASPHALT, 150, 1.80f, .025f, .8f},
  {MATERIAL_STONE, 260, 1.75f, .045f, .9f},
  {MATERIAL_TILES, 380, 1.60f, .070f, 1.0f},
  {MATERIAL_ICE, 240, 1.70f, .090f, .9f},
  {MATERIAL_GLASS, 420, 1.60f, .25f, .8f},
  {MATERIAL_IRON, 150, 1.66f, .60f, .7f},
  {MATERIAL_STEEL, 170, 1.66f, .90f, .7f},
  {MATERIAL_TIN, 210, 1.60f, .50f, .8f},
  {MATERIAL_ALUMINIUM, 200, 1.66f, .50f, .8f},
};

static const Floor soft_floor = { MATERIAL_EARTH, 55, 1.6f, .06f, 2.0f };
static const Floor loose_floor = { MATERIAL_SAND, 60, 1.6f, .05f, .7f };

typedef struct
{
  Modes modes;
  Pulses pulses;
  Grains grains;
  Bubbles bubbles;
  Noise noise;
  OnePole scuff_low;
  Band wet;
  gboolean grainy, is_wet;
  guint n;
  struct
  {
    float time, stance;         /* s since the heel; s on the ground */
    float strength;
    float toe;
  } at[STEPS];
} Step;

static void
set_floor (Step * m, const Node * node, const Floor * f)
{
  guint k;

  m->modes.n = FLOOR_MODES;
  for (k = 0; k < FLOOR_MODES; k++) {
    float frequency = f->frequency * powf (f->ratio, k)
        * (1 + 0.06f * noise_next (&m->noise));

    modes_set (&m->modes, node, k, frequency, 6.91f / f->t60
        * sqrtf (powf (f->ratio, k)));
    m->modes.gain.modes[k] = modes_fits (node, frequency)
        ? 0.35f * f->gain * (0.5f + 0.5f * noise_unit (&m->noise)) / (1 +
        0.4f * k) : 0;
  }
}

static gboolean
open_step (Node * node, GError ** error)
{
  Step *m = node->state;
  Material material = physics_material (node, 0);
  const GrainKind *kind = grains_of_ground (material);
  const Floor *f = &floors[0];
  guint i;

  noise_init (&m->noise, node);
  for (i = 0; i < G_N_ELEMENTS (floors); i++)
    if (floors[i].material == material)
      f = &floors[i];
  if (material_get_physics (material)->ground != GROUND_HARD)
    f = kind || material == MATERIAL_WATER ? &loose_floor : &soft_floor;
  set_floor (m, node, f);
  m->grainy = kind != NULL;
  if (kind)
    grains_init (&m->grains, node, kind);
  m->is_wet = material_get_physics (material)->ground == GROUND_WET;
  one_pole_set (&m->scuff_low, node, 2500);
  band_set (&m->wet, node, 1800, 0.5f);
  return TRUE;
}

/* The knock of @part of the weight, the first or the second of a step. */
static void
knock (Step * m, const Node * node, float wait, float strength)
{
  const Foot *foot = &table[physics_word (node, 1)];
  const MaterialPhysics *ground =
      material_get_physics (physics_material (node, 0));
  double modulus = 1 / (1 / (double) foot->young + 1 / ground->young);
  double mass = physics_param (node, WEIGHT) * foot->mass;
  double time = material_get_contact_time (mass, foot->radius, modulus,
      0.3 + 0.2 * physics_param (node, SPEED));

  pulses_add (&m->pulses, wait, CLAMP (time, 5e-5, 0.03) * node->rate,
      strength);
}

static void
trigger_step (Node * node, guint offset, float strength)
{
  Step *m = node->state;
  const Foot *foot = &table[physics_word (node, 1)];
  float speed = physics_param (node, SPEED), force, stance;

  if (!(strength > 0))
    return;
  offset = MIN (offset, FOLEY_QUANTUM - 1);
  force = MIN (strength, 1) * physics_saturate (sqrtf (physics_param (node,
              WEIGHT) / 70) * (0.5f + 0.36f * speed), 4)
      * physics_level (physics_param (node, LEVEL))
      * noise_between (&m->noise, 0.85f, 1.1f);
  /* On the ground 0.65 s when walking, 0.25 s when running */
  stance = foot->stance * CLAMP (0.9f / (0.7f + 0.5f * speed), 0.08f, 1)
      * noise_between (&m->noise, 0.95f, 1.05f);
  if (m->n == STEPS)
    memmove (&m->at[0], &m->at[1], --m->n * sizeof m->at[0]);
  m->at[m->n].time = -(float) offset / (float) node->rate;
  m->at[m->n].stance = stance;
  m->at[m->n].strength = force;
  m->at[m->n++].toe = foot->toe;
  knock (m, node, offset, force);
  knock (m, node, offset + 0.3f * stance * (float) node->rate,
      force * foot->toe);
  if (m->is_wet) {
    guint i;

    for (i = 0; i < 10; i++)
      bubbles_add (&m->bubbles, offset + stance * (float) node->rate
          * noise_unit (&m->noise), 0.001f * exp2f (3 * noise_unit (&m->noise)),
          0.2f * force * noise_unit (&m->noise), 0.15f);
  }
}

/* Rises and falls within a part of the stance. */
static float
hump (float t, float from, float upto)
{
  float x = (t - from) / (upto - from);

  return x > 0 && x < 1 ? 4 * x * (1 - x) : 0;
}

static void
add_push (Step * m, const Node * node, float *push)
{
  guint i, k, kept = 0;
  float dt = 1 / (float) node->rate;

  for (k = 0; k < m->n; k++) {
    float stance = m->at[k].stance, f = m->at[k].strength;

    for (i = 0; i < FOLEY_QUANTUM; i++) {
      float t = (m->at[k].time + i * dt) / stance;

      push[i] += f * (hump (t, 0, 0.35f) + 0.2f * hump (t, 0, 1)
          + m->at[k].toe * hump (t, 0.3f, 0.75f));
    }
    m->at[k].time += FOLEY_QUANTUM * dt;
    if (m->at[k].time < stance)
      m->at[kept++] = m->at[k];
  }
  m->n = kept;
}

static void
render_step (Node * node, const float *const *inputs, float *out)
{
  Step *m = node->state;
  const Foot *foot = &table[physics_word (node, 1)];
  float push[FOLEY_QUANTUM] = { 0 }, knocks[FOLEY_QUANTUM] = { 0 };
  guint i;

  memset (out, 0, FOLEY_QUANTUM * sizeof *out);
  add_push (m, node, push);
  pulses_render (&m->pulses, knocks);
  if (m->grainy)
    grains_render (&m->grains, node, push, out);
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    float white = noise_next (&m->noise);

    /* A knock rubs a little, too. */
    knocks[i] *= 1 + 0.5f * white;
    if (m->is_wet)
      out[i] += band_pass (&m->wet, 0.5f * push[i] * white);
    else
      out[i] += 0.03f * one_pole_low (&m->scuff_low, foot->scuff * push[i]
          * white);
  }
  modes_render (&m->modes, knocks, out);
  modes_settle (&m->modes);
  bubbles_render (&m->bubbles, node, out);
  band_settle (&m->wet);
  one_pole_settle (&m->scuff_low);
}

static gboolean
is_silent_step (const Node * node)
{
  const Step *m = node->state;
  float left = 0;
  guint k;

  for (k = 0; k < m->modes.n; k++)
    left +=
        fabsf (m->modes.real.modes[k]) + fabsf (m->modes.imaginary.modes[k]);
  return m->n == 0 && m->pulses.n == 0 && m->bubbles.n == 0 && left == 0
      && (!m->grainy || grains_are_silent (&m->grains));
}

const NodeClass physics_step = {
  "step", "A footfall, by foot and ground", params, words, 0, 0, sizeof (Step),
  open_step, NULL, trigger_step, render_step, is_silent_step
};
