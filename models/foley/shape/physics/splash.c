/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* splash.c: something meets water: "splash".
 *
 * In turn: the slap of the surface, noise that is the duller the larger the
 * thing; the cavity that closes behind it and rings as a bubble; the crown that
 * hisses as it falls back, and its drops.  Franz, "Splashes as Sources of Sound
 * in Liquids" (JASA 31, 1959); the cavity closes after about 2 sqrt (r / g),
 * Gekle et al., "High-speed jet formation after solid object impact" (PRL 102,
 * 2009). */

#include <string.h>

#include "models/foley/shape/physics/bubbles.h"
#include "models/foley/shape/physics/classes.h"

enum
{
  SPEED, SIZE, LEVEL
};

static const NodeParam params[] = {
  {"speed", "m/s", 2, 0, 100, TRUE},
  {"size", "m", 0.1, 0.002, 20, TRUE},
  {"level", "dB", 0, -80, 40, TRUE},
  {NULL}
};

typedef struct
{
  Bubbles bubbles;
  Noise noise;
  Triggers triggers;
  float slap, slap_fall;        /* amplitude; a sample */
  float crown, crown_fall, crown_rise;
  OnePole slap_low;
  Band crown_band;
} Splash;

static gboolean
open_splash (Node * node, GError ** error)
{
  Splash *m = node->state;

  noise_init (&m->noise, node);
  one_pole_set (&m->slap_low, node, 1000);
  band_set (&m->crown_band, node, 4000, 0.6f);
  return TRUE;
}

static void
trigger_splash (Node * node, guint offset, float strength)
{
  Splash *m = node->state;

  if (physics_param (node, SPEED) > 0)
    triggers_add (&m->triggers, offset, strength);
}

/* Drops fall back for as long as the crown stands: v sin / g. */
static void
add_bubbles (Splash * m, const Node * node, guint offset, float size,
    float gain, float crown)
{
  float rate = node->rate;
  guint i, cavity = m->bubbles.n;
  guint drops = CLAMP (6 + (guint) (60 * crown), 6, 20);

  bubbles_add (&m->bubbles, offset + rate * CLAMP (2 * sqrtf (size / 2 / 9.81f),
          0.01f, 0.5f), CLAMP (0.25f * size, 0.0015f, 0.03f), 0.35f * gain,
      0.12f);
  /* A cavity is open above: it rings for a few periods, not for dozens. */
  if (cavity < BUBBLES)
    m->bubbles.at[cavity].damping += 0.12f * m->bubbles.at[cavity].frequency;
  for (i = 0; i < drops; i++)
    bubbles_add (&m->bubbles, offset + rate * crown * (0.3f
            + 1.2f * noise_unit (&m->noise)), 0.0007f * exp2f (3
            * noise_unit (&m->noise)), 0.12f * gain * noise_unit (&m->noise),
        0.2f * noise_unit (&m->noise));
}

static void
begin (Splash * m, const Node * node, guint offset, float strength)
{
  float speed = physics_param (node, SPEED), size = physics_param (node, SIZE);
  float rate = node->rate;
  /* Kinetic energy that meets the water, per mass: 0 dB at 0.1 m, 2 m/s */
  float gain = physics_saturate (speed * sqrtf (size / 0.1f) / 2, 4) * strength
      * physics_level (physics_param (node, LEVEL));
  float crown = CLAMP (0.08f * speed + 0.3f * size, 0.05f, 1.2f);

  one_pole_set (&m->slap_low, node, 6000 / (1 + 12 * size));
  m->slap = gain * 0.6f;
  m->slap_fall = expf (-1 / (rate * CLAMP (size / (1 + speed), 0.004f, 0.15f)));
  band_set (&m->crown_band, node, 5500 / (1 + 2 * size), 0.5f);
  m->crown_rise = 0.25f * gain;
  m->crown_fall = expf (-3 / (rate * crown));
  add_bubbles (m, node, offset, size, gain, crown);
}

static void
render_splash (Node * node, const float *const *inputs, float *out)
{
  Splash *m = node->state;
  float attack = 1 - expf (-1 / (0.02f * (float) node->rate));
  guint i, next = 0;

  memset (out, 0, FOLEY_QUANTUM * sizeof *out);
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    float white = noise_next (&m->noise);

    while (next < m->triggers.n && m->triggers.at[next].offset <= i) {
      begin (m, node, m->triggers.at[next].offset,
          m->triggers.at[next].strength);
      next++;
    }
    m->slap *= m->slap_fall;
    m->crown_rise *= m->crown_fall;
    m->crown += attack * (m->crown_rise - m->crown);
    out[i] = one_pole_low (&m->slap_low, m->slap * white)
        + band_pass (&m->crown_band, m->crown * white);
  }
  m->triggers.n = 0;
  m->slap = settled (m->slap);
  m->crown = settled (m->crown);
  m->crown_rise = settled (m->crown_rise);
  one_pole_settle (&m->slap_low);
  band_settle (&m->crown_band);
  bubbles_render (&m->bubbles, node, out);
}

static gboolean
is_silent_splash (const Node * node)
{
  const Splash *m = node->state;

  return m->triggers.n == 0 && m->bubbles.n == 0 && m->slap < PHYSICS_SILENCE
      && m->crown < PHYSICS_SILENCE && m->crown_rise < PHYSICS_SILENCE;
}

const NodeClass physics_splash = {
  "splash", "Something meets water", params, NULL, 0, 0, sizeof (Splash),
  open_splash, NULL, trigger_splash, render_splash, is_silent_splash
};
