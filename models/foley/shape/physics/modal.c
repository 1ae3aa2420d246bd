/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* modal.c: a body that rings: "modal".
 *
 * y(t) = sum a_k exp (-d_k t) sin (w_k t), van den Doel, Pai, "The Sounds of
 * Physical Shapes" (Presence 7, 1998): frequencies by shape and size, decay by
 * material, amplitudes by where it is struck.  Its input is the force; without
 * inputs a trigger strikes it.  An impulse of area 1 gives amplitudes whose sum
 * is 1. */

#include <string.h>

#include "models/foley/shape/physics/classes.h"
#include "models/foley/shape/physics/modes.h"
#include "models/foley/shape/physics/pulse.h"

enum
{
  SIZE, THICKNESS, FREQUENCY, COUNT, DECAY, TILT, STRIKE, SPREAD, DETUNE,
  CONTACT, LEVEL
};

static const NodeParam params[] = {
  {"size", "m", 0.2, 0.003, 100},
  {"thickness", "m", 0, 0, 10},
  {"frequency", "Hz", 0, 0, 20000},     /* 0: by size and material */
  {"modes", "", 16, 1, BODY_MAX_MODES},
  {"decay", "", 1, 0.01, 100},  /* times as long as the material has it */
  {"tilt", "dB", -2, -12, 6},   /* an octave, of the modes' gains */
  {"strike", "", -1, -1, 1, TRUE},      /* where; below 0: anywhere */
  {"spread", "", 0.5, 0, 1, TRUE},      /* how much that changes the gains */
  {"detune", "", 0.005, 0, 0.2},        /* no two things are the same */
  {"contact", "s", 0.0003, 0.00001, 0.05, TRUE},
  {"level", "dB", 0, -80, 40},
  {NULL}
};

enum
{
  BODY, MATERIAL, MOUNT
};

static const char *const mounts[] = { "hung", "resting", "held", NULL };

static const NodeWord words[] = {
  {"body", "bar", body_names},
  {"material", "own", physics_material_words},
  {"mount", "resting", mounts},
  {NULL}
};

typedef struct
{
  Modes modes;
  Pulses pulses;
  Noise noise;
  Smooth level;
  double ratios[BODY_MAX_MODES];
  float detune[BODY_MAX_MODES]; /* -1 ... 1 */
  float weights[BODY_MAX_MODES];        /* by where it is struck */
  guint n;
  float seen[STRIKE];           /* parameters that the modes are set to */
  float seen_detune;
  gboolean quiet;
} Modal;

/* Where a mode bends most, striking it gives most: |sin| of its place along the
 * body, as of a string or bar. */
static void
strike (Modal * m, const Node * node)
{
  float where = physics_param (node, STRIKE);
  float spread = physics_param (node, SPREAD);
  guint k;

  if (where < 0)
    where = noise_between (&m->noise, 0.1f, 0.9f);
  for (k = 0; k < m->n; k++)
    m->weights[k] = 1 - spread
        + spread * fabsf (sinf ((float) G_PI * (k + 1) * (0.07f
                + 0.43f * where)));
}

static gboolean
open_modal (Node * node, GError ** error)
{
  Modal *m = node->state;
  guint k;

  noise_init (&m->noise, node);
  m->n = body_get_ratios (physics_word (node, BODY), m->ratios);
  for (k = 0; k < m->n; k++) {
    m->detune[k] = noise_next (&m->noise);
    m->weights[k] = 1;
  }
  m->seen[SIZE] = -1;
  m->quiet = TRUE;
  return TRUE;
}

static void
trigger_modal (Node * node, guint offset, float strength)
{
  Modal *m = node->state;

  if (!(strength > 0))
    return;
  strike (m, node);
  if (node->n_inputs == 0)
    pulses_add (&m->pulses, MIN (offset, FOLEY_QUANTUM - 1),
        physics_param (node, CONTACT) * node->rate, MIN (strength, 1));
}

static void
set_modes (Modal * m, const Node * node)
{
  static const double losses[] = { 0, 0.02, 0.08 };
  Body body = physics_word (node, BODY);
  Material material = physics_material (node, MATERIAL);
  double mounting = losses[physics_word (node, MOUNT)];
  double first = m->seen[FREQUENCY];
  guint k, count = MIN (m->n, (guint) m->seen[COUNT]);

  if (first <= 0)
    first = body_get_frequency (body, material, m->seen[SIZE],
        m->seen[THICKNESS]);
  m->modes.n = count;
  for (k = 0; k < count; k++) {
    double f = first * m->ratios[k] * (1 + m->seen_detune * m->detune[k]);

    modes_set (&m->modes, node, k, f,
        body_get_damping (body, material, k, f, mounting) / m->seen[DECAY]);
  }
}

/* Gains sum to 1 over the modes that can be heard. */
static void
set_gains (Modal * m, const Node * node)
{
  double first = m->seen[FREQUENCY];
  float sum = 0;
  guint k;

  if (first <= 0)
    first = body_get_frequency (physics_word (node, BODY),
        physics_material (node, MATERIAL), m->seen[SIZE], m->seen[THICKNESS]);
  memset (&m->modes.gain, 0, sizeof m->modes.gain);
  for (k = 0; k < m->modes.n; k++) {
    if (!modes_fits (node, first * m->ratios[k] * (1 + m->seen_detune)))
      continue;
    m->modes.gain.modes[k] = m->weights[k]
        * physics_level (m->seen[TILT] * log2f (m->ratios[k]));
    sum += m->modes.gain.modes[k];
  }
  for (k = 0; k < m->modes.n && sum > 0; k++)
    m->modes.gain.modes[k] /= sum;
}

static void
follow (Modal * m, const Node * node)
{
  float detune = physics_param (node, DETUNE);
  gboolean same = detune == m->seen_detune;
  guint i;

  for (i = 0; i < STRIKE; i++) {
    float value = physics_param (node, i);

    same = same && value == m->seen[i];
    m->seen[i] = value;
  }
  m->seen_detune = detune;
  if (!same)
    set_modes (m, node);
}

static void
render_modal (Node * node, const float *const *inputs, float *out)
{
  Modal *m = node->state;
  float in[FOLEY_QUANTUM] = { 0 };
  guint i, k;

  follow (m, node);
  set_gains (m, node);
  for (k = 0; k < node->n_inputs; k++)
    for (i = 0; i < FOLEY_QUANTUM; i++)
      in[i] += isfinite (inputs[k][i]) ? inputs[k][i] : 0;
  pulses_render (&m->pulses, in);
  memset (out, 0, FOLEY_QUANTUM * sizeof *out);
  modes_render (&m->modes, in, out);
  m->quiet = modes_settle (&m->modes);
  smooth_to (&m->level, node, physics_level (physics_param (node, LEVEL)),
      0.02f, TRUE);
  for (i = 0; i < FOLEY_QUANTUM; i++)
    out[i] *= smooth_next (&m->level);
}

static gboolean
is_silent_modal (const Node * node)
{
  const Modal *m = node->state;

  return m->pulses.n == 0 && m->quiet;
}

const NodeClass physics_modal = {
  "modal", "A body that rings, by shape, size and material", params, words,
  0, NODE_MAX_INPUTS, sizeof (Modal), open_modal, NULL, trigger_modal,
  render_modal, is_silent_modal
};
