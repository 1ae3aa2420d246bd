/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rotor.c: blades that turn in air: "rotor".
 *
 * Each blade that passes gives a pulse (thickness and loading noise) and sweeps
 * a burst of turbulent noise: Lowson, "The Sound Field for Singularities in
 * Motion" (Proc. R. Soc. A 286, 1965); Brooks, Pope, Marcolini, "Airfoil
 * Self-Noise and Prediction" (NASA RP-1218, 1989).  Turns follow from the tips'
 * speed, which is much the same for all of a kind. */

#include "models/foley/shape/physics/classes.h"
#include "models/foley/shape/physics/physics.h"

#define BLADES 8

enum
{
  SIZE, EFFORT, RPM, COUNT, LEVEL
};

static const NodeParam params[] = {
  {"size", "m", 10, 0.02, 200}, /* of the circle that the tips draw */
  {"effort", "", 0.5, 0, 1},    /* 0: at rest */
  {"rpm", "1/min", 0, 0, 60000},        /* 0: by size, at effort 0.5 */
  {"blades", "", 0, 0, BLADES}, /* 0: as is usual for the kind */
  {"level", "dB", 0, -80, 40},
  {NULL}
};

static const char *const kinds[] = {
  "helicopter", "propeller", "drone", "fan", "windmill", NULL
};

static const NodeWord words[] = {
  {"kind", "helicopter", kinds},
  {NULL}
};

static const struct
{
  float tips;                   /* m/s */
  guint blades;
  float sharp;                  /* of the pulses */
  float pulse, noise;           /* how loud */
  float frequency;              /* Hz, of the noise */
} table[] = {
  {205, 4, 9, .55f, .50f, 500},
  {240, 2, 12, .60f, .15f, 900},
  {95, 2, 3, .30f, .20f, 3500},
  {22, 5, 1, .10f, .35f, 700},
  {70, 3, 2, .05f, .50f, 450},
};

typedef struct
{
  Noise noise;
  Smooth turns, loud, level;
  float phase;                  /* 0 ... 1 from one blade to the next */
  guint blade;
  float gains[BLADES];
  Band band;
  OnePole steady;
} Rotor;

static gboolean
open_rotor (Node * node, GError ** error)
{
  Rotor *m = node->state;
  guint k;

  noise_init (&m->noise, node);
  for (k = 0; k < BLADES; k++)
    m->gains[k] = noise_between (&m->noise, 0.88f, 1.12f);
  one_pole_set (&m->steady, node, 15);
  return TRUE;
}

static void
follow (Rotor * m, const Node * node)
{
  guint kind = physics_word (node, 0);
  float effort = physics_param (node, EFFORT);
  float turns = physics_param (node, RPM) / 60;

  if (turns <= 0)
    turns = table[kind].tips / ((float) G_PI * physics_param (node, SIZE))
        * (0.9f + 0.2f * effort);
  smooth_to (&m->turns, node, turns, 0.2f, TRUE);
  smooth_to (&m->loud, node, effort > 0 ? 0.4f + 0.6f * effort : 0, 0.2f,
      FALSE);
  smooth_to (&m->level, node, physics_level (physics_param (node, LEVEL)),
      0.02f, TRUE);
  band_set (&m->band, node, table[kind].frequency, 0.6f);
}

static void
render_rotor (Node * node, const float *const *inputs, float *out)
{
  Rotor *m = node->state;
  guint kind = physics_word (node, 0), i;
  guint blades = physics_param (node, COUNT);
  float sharp = table[kind].sharp, dt = 1 / (float) node->rate;

  follow (m, node);
  if (blades == 0)
    blades = table[kind].blades;
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    float near, pass;

    m->phase += smooth_next (&m->turns) * blades * dt;
    if (m->phase >= 1) {
      m->phase -= (int) m->phase;
      m->blade = (m->blade + 1) % blades;
    }
    near = cosf (2 * (float) G_PI * (m->phase - 0.5f));
    pass = m->gains[m->blade] * expf (sharp * (near - 1));
    out[i] = one_pole_high (&m->steady, table[kind].pulse * pass)
        + table[kind].noise * (0.25f + pass) * band_pass (&m->band,
        noise_next (&m->noise));
    out[i] *= 0.6f * smooth_next (&m->loud) * smooth_next (&m->level);
  }
}

static gboolean
is_silent_rotor (const Node * node)
{
  const Rotor *m = node->state;

  return physics_param (node, EFFORT) == 0 && m->loud.value < PHYSICS_SILENCE;
}

const NodeClass physics_rotor = {
  "rotor", "Blades that turn in air", params, words, 0, 0, sizeof (Rotor),
  open_rotor, NULL, NULL, render_rotor, is_silent_rotor
};
