/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* motor.c: electric motors: "motor".
 *
 * Forces between poles and slots hum at multiples of the turns; what feeds the
 * motor whistles at its switching frequency; gears and bearings whirr.  Gieras,
 * Wang, Lai, "Noise of Polyphase Electric Motors" (2006), 2, 8. */

#include "models/foley/shape/physics/classes.h"
#include "models/foley/shape/physics/physics.h"

#define TONES 4

enum
{
  SPEED, EFFORT, RPM, LEVEL
};

static const NodeParam params[] = {
  {"speed", "m/s", 0, 0, 400},
  {"effort", "", 0.3, 0, 1},
  {"rpm", "1/min", 0, 0, 60000},        /* 0: by speed */
  {"level", "dB", 0, -80, 40},
  {NULL}
};

static const char *const kinds[] = { "car", "train", "toy", "tool", NULL };

static const NodeWord words[] = {
  {"kind", "car", kinds},
  {NULL}
};

static const struct
{
  float turns;                  /* a metre */
  float orders[TONES];          /* of the turns */
  float gains[TONES];
  float carrier;                /* Hz; 0: none */
  float noise;                  /* of gears and bearings */
} table[] = {
  {4.6f, {8, 24, 48, 9.7f}, {.30f, .45f, .20f, .20f}, 8000, .10f},
  {1.9f, {6, 18, 36, 22.3f}, {.40f, .40f, .20f, .30f}, 1600, .20f},
  {60, {2, 3, 6, 9.4f}, {.30f, .40f, .40f, .30f}, 0, .40f},
  {30, {1, 2, 12, 11.3f}, {.30f, .30f, .50f, .40f}, 0, .50f},
};

typedef struct
{
  Noise noise;
  Smooth turns, loud, level;
  float phases[TONES], carrier;
  Band whirr;
} Motor;

static gboolean
open_motor (Node * node, GError ** error)
{
  noise_init (&((Motor *) node->state)->noise, node);
  return TRUE;
}

static void
follow (Motor * m, const Node * node)
{
  guint kind = physics_word (node, 0);
  float turns = physics_param (node, RPM) / 60;
  float effort = physics_param (node, EFFORT);

  if (turns <= 0)
    turns = physics_param (node, SPEED) * table[kind].turns;
  smooth_to (&m->turns, node, turns, 0.08f, TRUE);
  /* Silent at rest; with load louder */
  smooth_to (&m->loud, node, (0.25f + 0.75f * effort) * turns / (turns + 20),
      0.08f, FALSE);
  smooth_to (&m->level, node, physics_level (physics_param (node, LEVEL)),
      0.02f, TRUE);
  band_set (&m->whirr, node, CLAMP (turns * 30, 200, 6000), 0.8f);
}

static void
render_motor (Node * node, const float *const *inputs, float *out)
{
  Motor *m = node->state;
  guint kind = physics_word (node, 0), i, k;
  float dt = 1 / (float) node->rate, limit = 0.4f * (float) node->rate;

  follow (m, node);
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    float turns = smooth_next (&m->turns), sum = 0;

    for (k = 0; k < TONES; k++) {
      float f = turns * table[kind].orders[k];

      m->phases[k] += f * dt;
      m->phases[k] -= (int) m->phases[k];
      if (f < limit)
        sum += table[kind].gains[k] * CLAMP (2 - 2 * f / limit, 0, 1)
            * sinf (2 * (float) G_PI * m->phases[k]);
    }
    if (table[kind].carrier > 0 && table[kind].carrier < limit) {
      m->carrier += table[kind].carrier * dt;
      m->carrier -= (int) m->carrier;
      sum += 0.06f * sinf (2 * (float) G_PI * m->carrier)
          * (1 + sinf (2 * (float) G_PI * m->phases[0]));
    }
    sum += table[kind].noise * band_pass (&m->whirr, noise_next (&m->noise));
    out[i] = 0.3f * sum * smooth_next (&m->loud) * smooth_next (&m->level);
  }
}

static gboolean
is_silent_motor (const Node * node)
{
  const Motor *m = node->state;

  return physics_param (node, SPEED) + physics_param (node, RPM) == 0
      && m->loud.value < PHYSICS_SILENCE;
}

const NodeClass physics_motor = {
  "motor", "Electric motors: hum, whistle, whirr", params, words, 0, 0,
  sizeof (Motor), open_motor, NULL, NULL, render_motor, is_silent_motor
};
