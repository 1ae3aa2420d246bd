/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* waves.c: the sea at the shore: "waves".
 *
 * Each wave swells (a low rumble), breaks (noise that opens up at once) and
 * runs out (foam, that gets thinner and higher), as its bubbles die from the
 * large to the small: Deane, Stokes, "Scale dependence of bubble creation
 * mechanisms in breaking waves" (Nature 418, 2002).  Two overlap; periods vary
 * by chance. */

#include <string.h>

#include "models/foley/shape/physics/bubbles.h"
#include "models/foley/shape/physics/classes.h"
#include "models/foley/shape/physics/gust.h"

#define WAVES 3

enum
{
  AMOUNT, PERIOD, LEVEL
};

static const NodeParam params[] = {
  {"amount", "", 0, 0, 1},      /* how high the sea is */
  {"period", "s", 7, 1, 30},
  {"level", "dB", 0, -80, 40},
  {NULL}
};

typedef struct
{
  Noise noise;
  Gust gust;
  Bubbles bubbles;
  Smooth amount, level;
  OnePole rumble;
  struct
  {
    float age;                  /* s; below 0: not yet */
    float length;               /* s, until it breaks */
    float height;               /* 0.5 ... 1.2 */
    float loud, body;           /* of the quantum before */
    Band band;
    OnePole low;
  } waves[WAVES];
  float wait;                   /* s until the next */
  guint next;
} Waves;

static gboolean
open_waves (Node * node, GError ** error)
{
  Waves *m = node->state;
  guint k;

  noise_init (&m->noise, node);
  gust_init (&m->gust, node);
  one_pole_set (&m->rumble, node, 120);
  for (k = 0; k < WAVES; k++)
    m->waves[k].age = 1e6f;
  return TRUE;
}

static void
begin (Waves * m, const Node * node)
{
  float period = physics_param (node, PERIOD);
  guint k = m->next = (m->next + 1) % WAVES;

  m->waves[k].age = 0;
  m->waves[k].length = period * noise_between (&m->noise, 0.22f, 0.34f);
  m->waves[k].height = noise_between (&m->noise, 0.5f, 1.2f);
  m->wait = period * noise_between (&m->noise, 0.7f, 1.3f);
}

/* How loud a wave is @t of its length after it rose, and where its band is. */
static void
shape (float t, float *loud, float *body, float *frequency)
{
  float swell = t < 1 ? t * t : 1;
  float broken = t > 0.8f ? 1 - expf (-(t - 0.8f) * 9) : 0;
  float gone = t > 1 ? expf (-(t - 1) * 0.95f) : 1;

  *loud = (0.12f * swell + 0.88f * broken) * gone;
  *body = swell * gone * gone;
  *frequency = 350 + 900 * swell * swell + 1500 * broken + 1400 * (1 - gone);
}

static void
render_wave (Waves * m, const Node * node, guint k, float amount, float *out)
{
  float age = m->waves[k].age, loud, body, frequency;
  float gain = m->waves[k].loud, deep = m->waves[k].body;
  float gain_step, deep_step;
  guint i;

  if (age > 12 * m->waves[k].length)
    return;
  shape (age / m->waves[k].length, &loud, &body, &frequency);
  band_set (&m->waves[k].band, node, frequency, 0.45f);
  one_pole_set (&m->waves[k].low, node, 160 + 100 * body);
  m->waves[k].loud = loud * m->waves[k].height * amount;
  m->waves[k].body = body * m->waves[k].height * amount;
  gain_step = (m->waves[k].loud - gain) / FOLEY_QUANTUM;
  deep_step = (m->waves[k].body - deep) / FOLEY_QUANTUM;
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    float white = noise_next (&m->noise);

    gain += gain_step;
    deep += deep_step;
    out[i] += 0.6f * gain * band_pass (&m->waves[k].band, white)
        + 0.9f * deep * one_pole_low (&m->waves[k].low, white);
  }
  /* The foam's larger bubbles, while it breaks */
  if (noise_unit (&m->noise) < 0.35f * loud * amount)
    bubbles_add (&m->bubbles, FOLEY_QUANTUM * noise_unit (&m->noise),
        0.0012f * exp2f (2.5f * noise_unit (&m->noise)), 0.03f * loud,
        0.1f * noise_unit (&m->noise));
  m->waves[k].age += FOLEY_QUANTUM / (float) node->rate;
}

static void
render_waves (Node * node, const float *const *inputs, float *out)
{
  Waves *m = node->state;
  float amount;
  guint i, k;

  smooth_to (&m->amount, node, physics_param (node, AMOUNT), 0.5f, FALSE);
  smooth_to (&m->level, node, physics_level (physics_param (node, LEVEL)),
      0.02f, TRUE);
  m->amount.value += m->amount.step * FOLEY_QUANTUM;
  amount = m->amount.value;
  gust_step (&m->gust, node, 0.2f);
  m->wait -= FOLEY_QUANTUM / (float) node->rate;
  if (m->wait < 0)
    begin (m, node);
  memset (out, 0, FOLEY_QUANTUM * sizeof *out);
  for (k = 0; k < WAVES; k++)
    render_wave (m, node, k, amount, out);
  bubbles_render (&m->bubbles, node, out);
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    float sea = amount * (0.4f + 0.1f * gust_next (&m->gust));

    out[i] += sea * one_pole_low (&m->rumble, noise_next (&m->noise));
    out[i] *= smooth_next (&m->level);
  }
}

static gboolean
is_silent_waves (const Node * node)
{
  const Waves *m = node->state;

  return physics_param (node, AMOUNT) == 0 && m->amount.value < 1e-4f
      && m->bubbles.n == 0;
}

const NodeClass physics_waves = {
  "waves", "Waves that swell, break and run out", params, NULL, 0, 0,
  sizeof (Waves), open_waves, NULL, NULL, render_waves, is_silent_waves
};
