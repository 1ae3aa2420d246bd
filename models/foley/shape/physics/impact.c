/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* impact.c: the force of two things that meet: "impact".
 *
 * A half-sine as long as Hertz's contact time, and after it the noise of rough
 * surfaces that settle: the residual of Lloyd, Raghuvanshi, Govindaraju, "Sound
 * Synthesis for Impact Sounds in Video Games" (I3D 2011).
 *
 * Level: the pulse's area is its momentum, mass times speed times (1 +
 * restitution), over that of the reference impact: 0.1 kg at 1 m/s that does
 * not bounce (0 dB).  It follows momentum and saturates 18 dB above: a car that
 * crashes is loud, but no 80 dB louder than a ball. */

#include <string.h>

#include "models/foley/shape/physics/classes.h"
#include "models/foley/shape/physics/materials.h"
#include "models/foley/shape/physics/pulse.h"

#define REFERENCE 0.1f          /* kg m/s */
#define MOST 8.0f               /* 18 dB above it */

enum
{
  MASS, SPEED, HARDNESS, SIZE, RESTITUTION, RESIDUAL, ROUGHNESS, LEVEL
};

static const NodeParam params[] = {
  {"mass", "kg", 0.1, 1e-5, 1e6, TRUE},
  {"speed", "m/s", 1, 0, 1000, TRUE},
  {"hardness", "Pa", 1e9, 1e4, 1e12, TRUE},
  {"size", "m", 0.05, 1e-3, 100, TRUE},
  {"restitution", "", 0.3, 0, 1, TRUE},
  {"residual", "dB", -12, -80, 20, TRUE},       /* the noise, under the pulse */
  {"roughness", "", 0.3, 0, 1, TRUE},
  {"level", "dB", 0, -80, 40, TRUE},
  {NULL}
};

typedef struct
{
  Pulses pulses;
  Triggers triggers;            /* of noise */
  Noise noise;
  float amplitude, decay;       /* of the noise, now; a sample */
  float reach, low;             /* its low-pass */
  float next_amplitude[PHYSICS_TRIGGERS];
  float next_decay, next_reach;
} Impact;

static gboolean
open_impact (Node * node, GError ** error)
{
  noise_init (&((Impact *) node->state)->noise, node);
  return TRUE;
}

static void
trigger_impact (Node * node, guint offset, float strength)
{
  Impact *m = node->state;
  float mass = physics_param (node, MASS), speed = physics_param (node, SPEED);
  float roughness = physics_param (node, ROUGHNESS);
  float area = mass * speed * (1 + physics_param (node, RESTITUTION))
      / REFERENCE;
  float contact;

  if (!(strength > 0) || !(area > 0))
    return;
  area = physics_saturate (area, MOST) * MIN (strength, 1)
      * physics_level (physics_param (node, LEVEL));
  contact = material_get_contact_time (mass, physics_param (node, SIZE) / 2,
      physics_param (node, HARDNESS), MAX (speed, 1e-3f));
  contact = CLAMP (contact, 1e-5f, 0.05f);
  offset = MIN (offset, FOLEY_QUANTUM - 1);
  pulses_add (&m->pulses, offset, contact * node->rate, area);
  triggers_add (&m->triggers, offset, 1);
  /* Settles in 2 to 20 ms, or four times the contact. */
  m->next_decay = expf (-6.9f / ((0.002f + 0.018f * roughness + 4 * contact)
          * (float) node->rate));
  m->next_reach = 1 - expf (-2 * (float) G_PI * 0.5f / contact / node->rate);
  m->next_amplitude[m->triggers.n - 1] = area * (0.2f + roughness)
      * physics_level (physics_param (node, RESIDUAL));
}

static void
render_impact (Node * node, const float *const *inputs, float *out)
{
  Impact *m = node->state;
  guint i, next = 0;

  memset (out, 0, FOLEY_QUANTUM * sizeof *out);
  pulses_render (&m->pulses, out);
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    while (next < m->triggers.n && m->triggers.at[next].offset <= i) {
      m->amplitude += m->next_amplitude[next++];
      m->decay = m->next_decay;
      m->reach = m->next_reach;
    }
    m->low += m->reach * (m->amplitude * noise_next (&m->noise) - m->low);
    m->amplitude *= m->decay;
    out[i] += m->low;
  }
  m->triggers.n = 0;
  if (m->amplitude < PHYSICS_SILENCE)
    m->amplitude = 0;
  if (m->amplitude == 0 && fabsf (m->low) < PHYSICS_SILENCE)
    m->low = 0;
}

static gboolean
is_silent_impact (const Node * node)
{
  const Impact *m = node->state;

  return m->pulses.n == 0 && m->triggers.n == 0 && m->amplitude == 0
      && m->low == 0;
}

const NodeClass physics_impact = {
  "impact", "The force of two things that meet, to drive a modal", params, NULL,
  0, 0, sizeof (Impact), open_impact, NULL, trigger_impact, render_impact,
  is_silent_impact
};
