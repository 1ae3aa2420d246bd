/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fire.c: flames, hiss and cracks: "fire".
 *
 * Farnell, "Designing Sound" (2010), 34: flames lap, noise in a narrow band
 * about 30 Hz, clipped; gas escapes, high noise that swells; and wood cracks,
 * bursts of 1 ms to 30 ms in bands of their own. */

#include "models/foley/shape/physics/classes.h"
#include "models/foley/shape/physics/gust.h"

#define CRACKS 4

enum
{
  AMOUNT, SIZE, CRACKLE, LEVEL
};

static const NodeParam params[] = {
  {"amount", "", 0, 0, 1},
  {"size", "m", 0.7, 0.01, 50}, /* of the fire: a candle, a hearth, a house */
  {"crackle", "", 0.5, 0, 1},
  {"level", "dB", 0, -80, 40},
  {NULL}
};

typedef struct
{
  Noise noise;
  Gust flame, breath;
  Smooth amount, level;
  Band lap, roar, hiss;
  float wait;                   /* s until the next crack */
  struct
  {
    Band band;
    float level, fall;
  } cracks[CRACKS];
  guint next;
} Fire;

static gboolean
open_fire (Node * node, GError ** error)
{
  Fire *m = node->state;
  guint k;

  noise_init (&m->noise, node);
  gust_init (&m->flame, node);
  gust_init (&m->breath, node);
  m->wait = 0.1f;
  for (k = 0; k < CRACKS; k++)
    band_set (&m->cracks[k].band, node, 3000, 1);
  band_set (&m->hiss, node, 4500, 0.5f);
  return TRUE;
}

/* Few are long and loud. */
static void
crack (Fire * m, const Node * node, float amount)
{
  float luck = noise_unit (&m->noise);
  float seconds = 0.001f * exp2f (4.9f * luck * noise_unit (&m->noise));
  guint k = m->next = (m->next + 1) % CRACKS;

  m->cracks[k].level += 2 * luck * luck * luck * (0.3f + 0.7f * amount);
  m->cracks[k].fall = expf (-3 / (seconds * (float) node->rate));
  band_set (&m->cracks[k].band, node, 1500 * exp2f (2.5f
          * noise_unit (&m->noise)), 1.2f);
}

static float
flames (Fire * m, float amount)
{
  float white = noise_next (&m->noise);
  float lap = CLAMP (8 * band_pass (&m->lap, white), -1, 1);
  float flame = MAX (1 + 0.4f * gust_next (&m->flame), 0.1f);
  float breath = gust_next (&m->breath);

  return 1.5f * amount * flame * (0.07f * lap + 0.30f * band_pass (&m->roar,
          white)
      * (0.3f + fabsf (lap)) + 0.035f * breath * breath * band_pass (&m->hiss,
          white));
}

static void
render_fire (Node * node, const float *const *inputs, float *out)
{
  Fire *m = node->state;
  float size = physics_param (node, SIZE);
  float rate = 2 + 40 * physics_param (node, CRACKLE);
  float dt = 1 / (float) node->rate;
  guint i, k;

  smooth_to (&m->amount, node, physics_param (node, AMOUNT), 0.2f, FALSE);
  smooth_to (&m->level, node, physics_level (physics_param (node, LEVEL)),
      0.02f, TRUE);
  gust_step (&m->flame, node, 2.5f);
  gust_step (&m->breath, node, 1);
  /* Flames puff at about 1.5 / sqrt (d) Hz (Cetegen, Ahmed, 1993); what is
   * heard are its harmonics about 30 Hz, lower where the fire is large. */
  band_set (&m->lap, node, CLAMP (28 / sqrtf (size), 12, 90), 1);
  band_set (&m->roar, node, CLAMP (330 / sqrtf (size), 80, 1200), 0.6f);
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    float amount = smooth_next (&m->amount);

    m->wait -= dt * rate * amount * (physics_param (node, CRACKLE) > 0);
    if (m->wait < 0) {
      crack (m, node, amount);
      m->wait += -logf (noise_unit (&m->noise));
    }
    out[i] = flames (m, amount);
    for (k = 0; k < CRACKS; k++) {
      out[i] += band_pass (&m->cracks[k].band, m->cracks[k].level
          * noise_next (&m->noise));
      m->cracks[k].level *= m->cracks[k].fall;
    }
    out[i] *= smooth_next (&m->level);
  }
  for (k = 0; k < CRACKS; k++) {
    m->cracks[k].level = settled (m->cracks[k].level);
    band_settle (&m->cracks[k].band);
  }
}

static gboolean
is_silent_fire (const Node * node)
{
  const Fire *m = node->state;
  float left = 0;
  guint k;

  for (k = 0; k < CRACKS; k++)
    left += m->cracks[k].level;
  return physics_param (node, AMOUNT) == 0
      && m->amount.value + left < PHYSICS_SILENCE;
}

const NodeClass physics_fire = {
  "fire", "Flames that lap, hiss and crackle", params, NULL, 0, 0,
  sizeof (Fire), open_fire, NULL, NULL, render_fire, is_silent_fire
};
