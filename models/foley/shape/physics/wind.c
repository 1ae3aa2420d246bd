/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* wind.c: moving air: "wind".
 *
 * Turbulence is noise whose level goes with the square of the speed and whose
 * band rises with it; past edges and wires it sheds vortices at 0.2 v / d
 * (Strouhal), which whistle; in leaves it rustles.  Farnell, "Designing Sound"
 * (2010), 41; Dobashi, Yamamoto, Nishita, "Real-time Rendering of Aerodynamic
 * Sound" (SIGGRAPH 2003). */

#include "models/foley/shape/physics/classes.h"
#include "models/foley/shape/physics/gust.h"

#define STROUHAL 0.2f
#define STORM 25.0f             /* m/s at amount 1 */
#define WHISTLES 3

enum
{
  AMOUNT, GUSTS, WHISTLE, LEVEL
};

static const NodeParam params[] = {
  {"amount", "", 0, 0, 1},
  {"gusts", "", 0.5, 0, 1},     /* 0: steady */
  {"whistle", "", 0.3, 0, 1},
  {"level", "dB", 0, -80, 40},
  {NULL}
};

static const char *const places[] = { "open", "trees", "buildings", NULL };

static const NodeWord words[] = {
  {"where", "open", places},
  {NULL}
};

typedef struct
{
  Noise noise;
  Gust slow, fast, side;
  Smooth amount, level;
  Band low, body, rustle;
  Band whistles[WHISTLES];
  float edges[WHISTLES];        /* m */
  float speed;                  /* m/s, of the quantum before */
} Wind;

static gboolean
open_wind (Node * node, GError ** error)
{
  Wind *m = node->state;
  guint k;

  noise_init (&m->noise, node);
  gust_init (&m->slow, node);
  gust_init (&m->fast, node);
  gust_init (&m->side, node);
  for (k = 0; k < WHISTLES; k++)
    m->edges[k] = 0.004f * exp2f (k * 0.9f + 0.4f * noise_unit (&m->noise));
  return TRUE;
}

/* m/s in this quantum */
static float
blow (Wind * m, const Node * node)
{
  float gusts = physics_param (node, GUSTS);

  gust_step (&m->slow, node, 0.12f);
  gust_step (&m->fast, node, 0.7f);
  gust_step (&m->side, node, 0.3f);
  smooth_to (&m->amount, node, physics_param (node, AMOUNT), 0.2f, FALSE);
  m->slow.value += m->slow.step * FOLEY_QUANTUM;
  m->fast.value += m->fast.step * FOLEY_QUANTUM;
  m->side.value += m->side.step * FOLEY_QUANTUM;
  m->amount.value += m->amount.step * FOLEY_QUANTUM;
  return STORM * m->amount.value * CLAMP (1 + gusts * (0.45f * m->slow.value
          + 0.2f * m->fast.value), 0.1f, 2.2f);
}

static void
tune (Wind * m, const Node * node, float speed)
{
  guint k;

  band_set (&m->low, node, 60 + 6 * speed, 0.6f);
  band_set (&m->body, node, (180 + 26 * speed) * (1 + 0.15f * m->side.value),
      0.9f);
  band_set (&m->rustle, node, 2600 + 90 * speed, 0.6f);
  for (k = 0; k < WHISTLES; k++)
    band_set (&m->whistles[k], node, CLAMP (STROUHAL * speed / m->edges[k]
            * (1 + 0.03f * m->side.value), 60, 6000), 25);
}

static void
render_wind (Node * node, const float *const *inputs, float *out)
{
  static const float rustles[] = { 0.08f, 1.0f, 0.12f };
  guint where = physics_word (node, 0), i, k;
  float whistle = physics_param (node, WHISTLE) * (where == 2 ? 2 : 1);
  Wind *m = node->state;
  float speed = blow (m, node);
  float from = m->speed / STORM, step = (speed / STORM - from) / FOLEY_QUANTUM;

  m->speed = speed;
  tune (m, node, speed);
  smooth_to (&m->level, node, physics_level (physics_param (node, LEVEL)),
      0.02f, TRUE);
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    float u = from += step;
    float white = noise_next (&m->noise), sum;

    sum = 2.2f * band_pass (&m->low, white) + 1.4f * band_pass (&m->body,
        white);
    sum +=
        rustles[where] * (0.5f + 0.3f * MIN (m->fast.value * m->fast.value, 3))
        * band_pass (&m->rustle, white);
    for (k = 0; k < WHISTLES; k++)
      sum += whistle * 2.5f * u * band_pass (&m->whistles[k], white);
    out[i] = 0.45f * u * sqrtf (MAX (u, 0)) * sum * smooth_next (&m->level);
  }
}

static gboolean
is_silent_wind (const Node * node)
{
  const Wind *m = node->state;

  return physics_param (node, AMOUNT) == 0 && m->amount.value < 1e-4f;
}

const NodeClass physics_wind = {
  "wind", "Moving air: gusts, whistling, leaves", params, words, 0, 0,
  sizeof (Wind), open_wind, NULL, NULL, render_wind, is_silent_wind
};
