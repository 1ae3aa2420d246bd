/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* signal.h: what the signal nodes share. */

#pragma once

#include <math.h>
#include <string.h>

#include "models/foley/shape/node.h"

G_BEGIN_DECLS

/* Where a node is taken for silent: -120 dB. */
#define QUIET 1e-6f

/* exp (-DECAY_60) is -60 dB. */
#define DECAY_60 6.9078f

/* A parameter that reaches its new value over a quantum, in a line. */
typedef struct
{
  float now;
  gboolean begun;               /* the first value is there at once */
} Ramp;

/* The value before the quantum; sample i has it + (i + 1) * @step. */
static inline float
ramp_to (Ramp *ramp, float target, float *step)
{
  float from = ramp->begun ? ramp->now : target;

  *step = (target - from) / FOLEY_QUANTUM;
  ramp->now = target;
  ramp->begun = TRUE;
  return from;
}

static inline void
ramp_scale (Ramp *ramp, float target, float *samples)
{
  float step, from = ramp_to (ramp, target, &step);
  guint i;

  for (i = 0; i < FOLEY_QUANTUM; i++)
    samples[i] *= from + (i + 1) * step;
}

/* Triggers of the next quantum, by sample; 0: none. */
typedef struct
{
  gboolean any;
  float strengths[FOLEY_QUANTUM];
} Triggers;

/* One that is as weak as can be is one all the same. */
static inline void
triggers_add (Triggers *triggers, guint offset, float strength)
{
  triggers->any = TRUE;
  triggers->strengths[offset] = MAX (triggers->strengths[offset],
      MAX (strength, G_MINFLOAT));
}

static inline void
triggers_clear (Triggers *triggers)
{
  if (triggers->any)
    memset (triggers, 0, sizeof *triggers);
}

/* xorshift32: Marsaglia, Xorshift RNGs, J. Stat. Soft. 8 (14), 2003. */
static inline guint32
noise_seed (GRand *random)
{
  return g_rand_int (random) | 1;
}

/* -1 ... 1, white; its mean square is 1/3. */
static inline float
noise_next (guint32 *seed)
{
  *seed ^= *seed << 13;
  *seed ^= *seed >> 17;
  *seed ^= *seed << 5;
  return (gint32) *seed * (1.f / 2147483648.f);
}

extern const NodeClass node_sine, node_saw, node_pulse, node_fm, node_lfo;
extern const NodeClass node_noise, node_gusts;
extern const NodeClass node_envelope, node_contour, node_pulses, node_glide;
extern const NodeClass node_onepole, node_filter, node_peak, node_formant;
extern const NodeClass node_delay;
extern const NodeClass node_gain, node_mix, node_multiply, node_saturate;

G_END_DECLS
