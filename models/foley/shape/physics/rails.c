/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rails.c: wheels on rails: "rails".
 *
 * Steel on steel: roughness whose level goes with 30 log v, about 1 kHz, and at
 * every joint of the rails the clack of each axle, two axles a bogie, two
 * bogies a car.  Thompson, "Railway Noise and Vibration" (2009), 2, 10. */

#include <string.h>

#include "models/foley/shape/physics/classes.h"
#include "models/foley/shape/physics/modes.h"
#include "models/foley/shape/physics/pulse.h"
#include "models/foley/shape/physics/surface.h"

#define AXLES 4

enum
{
  SPEED, JOINT, SIZE, LEVEL
};

static const NodeParam params[] = {
  {"speed", "m/s", 0, 0, 150},
  {"joint", "m", 20, 1, 1000},  /* from one to the next */
  {"size", "m", 20, 0.3, 100},  /* of a car */
  {"level", "dB", 0, -80, 40},
  {NULL}
};

/* Where axles are, as parts of a car's length. */
static const float axles[AXLES] = { .08f, .20f, .78f, .90f };

typedef struct
{
  Modes modes;
  Pulses pulses;
  Surface surface;
  Noise noise;
  Smooth speed, level;
  Band band;
  float at[AXLES];              /* m past the last joint */
  float joint, size;            /* that these are for */
} Rails;

static gboolean
open_rails (Node * node, GError ** error)
{
  /* Wheel, rail and what they stand on: Hz, T60 in s, gain */
  static const float modes[][3] = {
    {62, .18f, 1.0f}, {140, .12f, .7f}, {480, .10f, .35f}, {930, .16f, .25f},
    {1720, .22f, .15f}, {2650, .25f, .08f},
  };
  Rails *m = node->state;
  guint k;

  noise_init (&m->noise, node);
  surface_init (&m->surface, node);
  m->modes.n = G_N_ELEMENTS (modes);
  for (k = 0; k < m->modes.n; k++) {
    modes_set (&m->modes, node, k, modes[k][0], 6.91f / modes[k][1]);
    m->modes.gain.modes[k] = modes_fits (node, modes[k][0]) ? modes[k][2] : 0;
  }
  band_set (&m->band, node, 900, 0.6f);
  return TRUE;
}

static void
place_axles (Rails * m, const Node * node)
{
  float joint = physics_param (node, JOINT), size = physics_param (node, SIZE);
  guint k;

  if (joint == m->joint && size == m->size)
    return;
  m->joint = joint;
  m->size = size;
  for (k = 0; k < AXLES; k++)
    m->at[k] = fmodf (axles[k] * size, joint);
}

static void
pass_joints (Rails * m, const Node * node, float speed)
{
  float step = speed * FOLEY_QUANTUM / (float) node->rate;
  float loud = physics_saturate (0.12f * sqrtf (speed), 1);
  guint k;

  for (k = 0; k < AXLES; k++) {
    m->at[k] += step;
    if (m->at[k] < m->joint)
      continue;
    m->at[k] = fmodf (m->at[k], m->joint);
    pulses_add (&m->pulses, FOLEY_QUANTUM * (1 - MIN (m->at[k] / step, 1)),
        0.0008f * (float) node->rate, loud * noise_between (&m->noise, 0.8f,
            1.2f));
  }
}

static void
render_rails (Node * node, const float *const *inputs, float *out)
{
  Rails *m = node->state;
  float knocks[FOLEY_QUANTUM] = { 0 }, from = m->speed.value, v, step;
  guint i;

  place_axles (m, node);
  smooth_to (&m->speed, node, physics_param (node, SPEED), 0.1f, FALSE);
  smooth_to (&m->level, node, physics_level (physics_param (node, LEVEL)),
      0.02f, TRUE);
  m->speed.value += m->speed.step * FOLEY_QUANTUM;
  if (m->speed.value > 0.01f)
    pass_joints (m, node, m->speed.value);
  pulses_render (&m->pulses, knocks);
  surface_render (&m->surface, node, from, m->speed.value, 0.2f, 0.004f, out);
  v = from;
  step = (m->speed.value - from) / FOLEY_QUANTUM;
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    float loud = physics_saturate ((v += step) / 30, 3);
    float white = noise_next (&m->noise);

    out[i] = loud * (0.08f * out[i] + 0.25f * band_pass (&m->band, white));
    knocks[i] *= 1 + 0.6f * white;
  }
  modes_render (&m->modes, knocks, out);
  modes_settle (&m->modes);
  for (i = 0; i < FOLEY_QUANTUM; i++)
    out[i] *= smooth_next (&m->level);
}

static gboolean
is_silent_rails (const Node * node)
{
  const Rails *m = node->state;
  float left = 0;
  guint k;

  for (k = 0; k < m->modes.n; k++)
    left +=
        fabsf (m->modes.real.modes[k]) + fabsf (m->modes.imaginary.modes[k]);
  return physics_param (node, SPEED) == 0 && m->speed.value < 1e-3f
      && m->pulses.n == 0 && left == 0;
}

const NodeClass physics_rails = {
  "rails", "Wheels on rails, and their joints", params, NULL, 0, 0,
  sizeof (Rails), open_rails, NULL, NULL, render_rails, is_silent_rails
};
