/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* wings.c: flapping: "wings".
 *
 * Beats a second: 4 / span, which fits birds and insects (pigeon 0.65 m, 6 Hz;
 * crow 0.9 m, 4 Hz; sparrow 0.24 m, 17 Hz; bee 0.018 m, 220 Hz: Pennycuick,
 * "Wingbeat frequency of birds in steady cruising flight", J. Exp. Biol. 199,
 * 1996; Ellington, Phil. Trans. B 305, 1984).  Slow wings push air, a noise
 * that sweeps up with each stroke; fast ones sing at the beat and its
 * harmonics. */

#include "models/foley/shape/physics/classes.h"
#include "models/foley/shape/physics/gust.h"

enum
{
  AMOUNT, SIZE, RATE, LEVEL
};

static const NodeParam params[] = {
  {"amount", "", 0, 0, 1},      /* how hard they beat */
  {"size", "m", 0.5, 0.003, 20},        /* the span */
  {"rate", "Hz", 0, 0, 1000},   /* 0: by size */
  {"level", "dB", 0, -80, 40},
  {NULL}
};

typedef struct
{
  Noise noise;
  Gust wander;
  Smooth amount, rate, level;
  float phase, luck;
  Band air, feathers;
} Wings;

static gboolean
open_wings (Node * node, GError ** error)
{
  Wings *m = node->state;

  noise_init (&m->noise, node);
  gust_init (&m->wander, node);
  m->luck = 1;
  return TRUE;
}

/* @down: 0 ... 1, how fast the wing moves. */
static void
follow (Wings * m, const Node * node, float down)
{
  float amount = physics_param (node, AMOUNT), size =
      physics_param (node, SIZE);
  float rate = physics_param (node, RATE);

  if (rate <= 0)
    rate = CLAMP (4 / size, 0.3f, 600);
  gust_step (&m->wander, node, 4);
  smooth_to (&m->amount, node, amount, 0.03f, FALSE);
  smooth_to (&m->rate, node, rate * (0.9f + 0.2f * amount)
      * (1 + 0.02f * CLAMP (m->wander.value, -3, 3)), 0.05f, TRUE);
  m->wander.value += m->wander.step * FOLEY_QUANTUM;
  smooth_to (&m->level, node, physics_level (physics_param (node, LEVEL)),
      0.02f, TRUE);
  band_set (&m->air, node, CLAMP ((250 + 900 * down) * sqrtf (0.5f / size), 80,
          5000), 0.8f);
  band_set (&m->feathers, node, 3200, 0.6f);
}

static void
render_wings (Node * node, const float *const *inputs, float *out)
{
  Wings *m = node->state;
  float sing, air;
  guint i;

  follow (m, node, MAX (sinf (2 * (float) G_PI * m->phase), 0));
  sing = CLAMP (m->rate.value / 60 - 0.3f, 0, 1);
  air = 1 - sing;
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    float stroke, down, white = noise_next (&m->noise), x;

    m->phase += smooth_next (&m->rate) / (float) node->rate;
    if (m->phase >= 1) {
      m->phase -= (int) m->phase;
      m->luck = noise_between (&m->noise, 0.75f, 1.15f);
    }
    stroke = sinf (2 * (float) G_PI * m->phase);
    down = stroke > 0 ? stroke * stroke : 0.15f * stroke * stroke;
    x = air * m->luck * down * (0.8f * band_pass (&m->air, white)
        + 0.10f * down * band_pass (&m->feathers, white));
    /* A wing's air is pushed both ways: odd and even harmonics. */
    if (sing > 0)
      x += 0.3f * sing * m->luck * (stroke * expf (1.5f * (stroke - 1))
          - 0.27f + 0.05f * white);
    out[i] = x * smooth_next (&m->amount) * smooth_next (&m->level);
  }
}

static gboolean
is_silent_wings (const Node * node)
{
  const Wings *m = node->state;

  return physics_param (node, AMOUNT) == 0 && m->amount.value < PHYSICS_SILENCE;
}

const NodeClass physics_wings = {
  "wings", "Wings that flap or buzz", params, NULL, 0, 0, sizeof (Wings),
  open_wings, NULL, NULL, render_wings, is_silent_wings
};
