/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bubbles.c: air in water: "bubbles", from a drip to a stream.
 *
 * van den Doel, "Physically-based Models for Liquid Sounds" (ACM Transactions
 * on Applied Perception 2, 2005): a bubble of radius r rings at Minnaert's
 * frequency, decays by radiation and heat, and rises in pitch as it nears the
 * surface: f(t) = f0 (1 + xi d t).  Its amplitude goes with r^1.5. */

#include <string.h>

#include "models/foley/shape/physics/bubbles.h"
#include "models/foley/shape/physics/classes.h"

float
bubble_get_frequency (float radius)
{
  return 3.26f / radius;
}

float
bubble_get_damping (float radius)
{
  return 0.13f / radius + 0.0072f / (radius * sqrtf (radius));
}

void
bubbles_add (Bubbles * bubbles, float wait, float radius, float gain,
    float rise)
{
  guint i = bubbles->n;

  if (i == BUBBLES)
    return;
  bubbles->at[i].wait = wait;
  bubbles->at[i].real = gain;
  bubbles->at[i].imaginary = 0;
  bubbles->at[i].frequency = bubble_get_frequency (radius);
  bubbles->at[i].damping = bubble_get_damping (radius);
  bubbles->at[i].rise = rise * bubbles->at[i].damping
      * bubbles->at[i].frequency;
  bubbles->n++;
}

void
bubbles_render (Bubbles * bubbles, const Node * node, float *out)
{
  float rate = node->rate;
  guint i, k, kept = 0;

  for (k = 0; k < bubbles->n; k++) {
    float x = bubbles->at[k].real, y = bubbles->at[k].imaginary;
    float f = MIN (bubbles->at[k].frequency, 0.45f * rate);
    float w = 2 * (float) G_PI * f / rate;
    float r = expf (-bubbles->at[k].damping / rate);
    float c = r * cosf (w), s = r * sinf (w);

    for (i = (guint) CLAMP (bubbles->at[k].wait, 0, FOLEY_QUANTUM);
        i < FOLEY_QUANTUM; i++) {
      float t = c * x - s * y;

      y = s * x + c * y;
      x = t;
      out[i] += y;
    }
    bubbles->at[k].real = x;
    bubbles->at[k].imaginary = y;
    if (bubbles->at[k].wait < FOLEY_QUANTUM)
      bubbles->at[k].frequency += bubbles->at[k].rise * FOLEY_QUANTUM / rate;
    bubbles->at[k].wait -= FOLEY_QUANTUM;
    if (bubbles->at[k].wait > 0
        || x * x + y * y > PHYSICS_SILENCE * PHYSICS_SILENCE)
      bubbles->at[kept++] = bubbles->at[k];
  }
  bubbles->n = kept;
}

enum
{
  AMOUNT, RATE, RADIUS, SPREAD, RISE, LEVEL
};

static const NodeParam params[] = {
  {"amount", "", 0, 0, 1},
  {"rate", "1/s", 150, 0.1, 1000},      /* at amount 1 */
  {"radius", "m", 0.003, 0.0003, 0.1},
  {"spread", "", 1, 0, 2},      /* octaves, of the radius */
  {"rise", "", 0.1, 0, 1},
  {"level", "dB", 0, -80, 40},
  {NULL}
};

typedef struct
{
  Bubbles bubbles;
  Noise noise;
  float wait;                   /* bubbles until the next: falls by the rate */
  Smooth amount;
} Stream;

static gboolean
open_bubbles (Node * node, GError ** error)
{
  noise_init (&((Stream *) node->state)->noise, node);
  return TRUE;
}

static void
add_one (Stream * m, const Node * node, float wait, float gain)
{
  float radius = physics_param (node, RADIUS)
      * exp2f (physics_param (node, SPREAD) * noise_next (&m->noise));

  radius = CLAMP (radius, 0.00015f, 0.15f);
  /* 3 mm is as loud as asked for; deep ones are softer, and more are deep. */
  gain *= powf (radius / 0.003f, 1.5f) * noise_unit (&m->noise)
      * physics_level (physics_param (node, LEVEL));
  bubbles_add (&m->bubbles, wait, radius, 0.25f * physics_saturate (gain, 4),
      physics_param (node, RISE) * noise_unit (&m->noise));
}

/* A burst: what a drop or a foot stirs up; of strength 1, a dozen. */
static void
trigger_bubbles (Node * node, guint offset, float strength)
{
  Stream *m = node->state;
  guint i, n;

  if (!(strength > 0))
    return;
  offset = MIN (offset, FOLEY_QUANTUM - 1);
  n = 1 + (guint) (11 * MIN (strength, 1));
  for (i = 0; i < n; i++)
    add_one (m, node, offset + (i == 0 ? 0 : (float) node->rate * 0.02f * i
            * noise_unit (&m->noise)), 0.5f + MIN (strength, 1));
}

static void
render_bubbles (Node * node, const float *const *inputs, float *out)
{
  Stream *m = node->state;
  guint i;

  smooth_to (&m->amount, node, physics_param (node, AMOUNT), 0.05f, FALSE);
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    m->wait -= smooth_next (&m->amount) * physics_param (node, RATE)
        / (float) node->rate;
    while (m->wait < 0) {
      add_one (m, node, i, 0.3f + m->amount.value);
      m->wait += -logf (noise_unit (&m->noise));
    }
  }
  memset (out, 0, FOLEY_QUANTUM * sizeof *out);
  bubbles_render (&m->bubbles, node, out);
}

static gboolean
is_silent_bubbles (const Node * node)
{
  const Stream *m = node->state;

  return m->bubbles.n == 0 && physics_param (node, AMOUNT) == 0
      && m->amount.value < PHYSICS_SILENCE;
}

const NodeClass physics_bubbles = {
  "bubbles", "Air in water: drips, streams, boiling", params, NULL, 0, 0,
  sizeof (Stream), open_bubbles, NULL, trigger_bubbles, render_bubbles,
  is_silent_bubbles
};
