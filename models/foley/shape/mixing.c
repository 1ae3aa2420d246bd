/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mixing.c: nodes without a memory: gain, mix, multiply, saturate. */

#include "models/foley/shape/signal.h"

typedef struct
{
  Ramp levels[NODE_MAX_INPUTS];
} Levels;

static void
gain_render (Node * node, const float *const *inputs, float *out)
{
  Levels *self = node->state;

  memcpy (out, inputs[0], FOLEY_QUANTUM * sizeof (float));
  ramp_scale (&self->levels[0], node->params[0], out);
}

static void
mix_render (Node * node, const float *const *inputs, float *out)
{
  Levels *self = node->state;
  guint input, i;

  memset (out, 0, FOLEY_QUANTUM * sizeof (float));
  for (input = 0; input < node->n_inputs; input++) {
    float step;
    float from = ramp_to (&self->levels[input], node->params[input], &step);

    for (i = 0; i < FOLEY_QUANTUM; i++)
      out[i] += inputs[input][i] * (from + (i + 1) * step);
  }
}

static void
multiply_render (Node * node, const float *const *inputs, float *out)
{
  guint input, i;

  memcpy (out, inputs[0], FOLEY_QUANTUM * sizeof (float));
  for (input = 1; input < node->n_inputs; input++)
    for (i = 0; i < FOLEY_QUANTUM; i++)
      out[i] *= inputs[input][i];
}

/* tanh by its continued fraction x / (1 + x^2 / (3 + x^2 / 5 ...)), cut off where
 * it reaches 1 with a slope of 0: at x = 3 for x (27 + x^2) / (27 + 9 x^2). */
static inline float
soften (float x)
{
  x = CLAMP (x, -3, 3);
  return x * (27 + x * x) / (27 + 9 * x * x);
}

static void
saturate_render (Node * node, const float *const *inputs, float *out)
{
  Levels *self = node->state;
  guint i;

  memcpy (out, inputs[0], FOLEY_QUANTUM * sizeof (float));
  ramp_scale (&self->levels[0], node->params[0], out);
  for (i = 0; i < FOLEY_QUANTUM; i++)
    out[i] = soften (out[i]);
  ramp_scale (&self->levels[1], node->params[1], out);
}

/* All of them: nothing by themselves. */
static gboolean
mixing_is_silent (const Node * node)
{
  return TRUE;
}

static const NodeParam gain_params[] = {
  {"level", "", 1, -1e5, 1e5, FALSE}, {NULL}
};

static const NodeParam mix_params[] = {
  {"level1", "", 1, -1e5, 1e5, FALSE}, {"level2", "", 1, -1e5, 1e5, FALSE},
  {"level3", "", 1, -1e5, 1e5, FALSE}, {"level4", "", 1, -1e5, 1e5, FALSE},
  {"level5", "", 1, -1e5, 1e5, FALSE}, {"level6", "", 1, -1e5, 1e5, FALSE},
  {"level7", "", 1, -1e5, 1e5, FALSE}, {"level8", "", 1, -1e5, 1e5, FALSE},
  {NULL}
};

static const NodeParam saturate_params[] = {
  {"drive", "", 1, 0, 1000, FALSE}, {"level", "", 1, 0, 100, FALSE}, {NULL}
};

const NodeClass node_gain = {
  .type = "gain",
  .about = "its input, level times as loud",
  .params = gain_params,
  .min_inputs = 1,
  .max_inputs = 1,
  .state_size = sizeof (Levels),
  .render = gain_render,
  .is_silent = mixing_is_silent,
};

const NodeClass node_mix = {
  .type = "mix",
  .about = "the sum of its inputs, each at its level",
  .params = mix_params,
  .min_inputs = 1,
  .max_inputs = NODE_MAX_INPUTS,
  .state_size = sizeof (Levels),
  .render = mix_render,
  .is_silent = mixing_is_silent,
};

const NodeClass node_multiply = {
  .type = "multiply",
  .about =
      "the product of its inputs: a ring modulator, a sound and its envelope",
  .min_inputs = 2,
  .max_inputs = NODE_MAX_INPUTS,
  .render = multiply_render,
  .gates = TRUE,
};

const NodeClass node_saturate = {
  .type = "saturate",
  .about =
      "drive times its input, bent softly to stay within 1, then times level",
  .params = saturate_params,
  .min_inputs = 1,
  .max_inputs = 1,
  .state_size = sizeof (Levels),
  .render = saturate_render,
  .is_silent = mixing_is_silent,
};
