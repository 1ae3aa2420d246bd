/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* voice.c: what animals and people utter: "voice".
 *
 * Source and filter: folds or a syrinx open once a cycle (a pulse, or with one
 * harmonic a whistle), irregular from cycle to cycle, with every second cycle
 * softer where they bifurcate, and with breath; the tract's formants shape it.
 * Fant, "Acoustic Theory of Speech Production" (1960); Fitch, Neubauer, Herzel,
 * "Calls out of chaos" (Animal Behaviour 63, 2002); tracts are as long as
 * bodies are large: Fitch (JASA 102, 1997). */

#include <string.h>

#include "models/foley/shape/physics/classes.h"
#include "models/foley/shape/physics/physics.h"
#include "models/foley/shape/physics/utterances.h"

#define SPEAKERS 6

enum
{
  AMOUNT, SIZE, PITCH, EFFORT, LEVEL
};

static const NodeParam params[] = {
  {"amount", "", 0, 0, 1},      /* how often by themselves; 0: triggers only */
  {"size", "m", 0, 0, 50},      /* 0: as is usual */
  {"pitch", "", 1, 0.1, 10, TRUE},      /* times */
  {"effort", "", 0.5, 0, 1, TRUE},
  {"level", "dB", 0, -80, 40},
  {NULL}
};

static const NodeWord words[] = {
  {"call", "bark", utterance_names},
  {NULL}
};

/* One who is uttering a bout. */
typedef struct
{
  guint left;                   /* calls, with this one; 0: silent */
  float time, seconds;          /* of this call; time < 0: not yet */
  float pitch[UTTERANCE_KNOTS];
  float formants[UTTERANCE_FORMANTS][3];
  float gain, tilt;             /* of the bout; of its harmonics, times */
  float scale, stretch;         /* of pitch and of time, of the bout */
  float phase, skew, weight;    /* of the cycle: error of pitch, of level */
  gboolean odd;
  float f0, level;              /* of the quantum before */
  Band bands[UTTERANCE_FORMANTS];
  OnePole steady, breath;
} Speaker;

typedef struct
{
  Noise noise;
  Smooth level;
  Speaker speakers[SPEAKERS];
  guint next;
  float wait;                   /* bouts until the next: falls with time */
} Utter;

static gboolean
open_voice (Node * node, GError ** error)
{
  Utter *m = node->state;
  guint k;

  noise_init (&m->noise, node);
  m->wait = 0.2f * noise_unit (&m->noise);
  for (k = 0; k < SPEAKERS; k++)
    one_pole_set (&m->speakers[k].steady, node, 30);
  return TRUE;
}

/* A call is never twice the same. */
static void
begin_call (Utter * m, const Node * node, Speaker * s, const Utterance * u,
    float wait)
{
  float size = physics_param (node, SIZE), tract, scale = s->scale;
  guint k, i;

  size = size > 0 ? size / u->size : 1;
  size = CLAMP (size, 0.2f, 5);
  tract = 1 / size;
  s->time = -wait;
  s->seconds = u->seconds * s->stretch * noise_between (&m->noise, 0.85f, 1.15f)
      * powf (size, 0.3f);
  scale *= powf (size, -0.85f) * noise_between (&m->noise, 0.96f, 1.04f);
  for (k = 0; k < UTTERANCE_KNOTS; k++)
    s->pitch[k] = u->pitch[k] * scale * noise_between (&m->noise, 0.97f, 1.03f);
  for (i = 0; i < UTTERANCE_FORMANTS; i++) {
    float shift = tract * exp2f (u->vary * noise_next (&m->noise));

    for (k = 0; k < 3; k++)
      s->formants[i][k] = u->formants[i][k] * shift;
  }
}

static void
begin_bout (Utter * m, const Node * node, float wait, float strength)
{
  const Utterance *u = &utterances[physics_word (node, 0)];
  float effort = physics_param (node, EFFORT);
  Speaker *s;
  guint k;

  for (k = 0; k < SPEAKERS && m->speakers[m->next].left > 0; k++)
    m->next = (m->next + 1) % SPEAKERS;
  if (m->speakers[m->next].left > 0)
    return;
  s = &m->speakers[m->next];
  s->left = u->least + noise_bits (&m->noise) % (u->most - u->least + 1);
  s->gain = u->gain * strength * noise_between (&m->noise, 0.7f, 1)
      * (0.6f + 0.8f * effort);
  s->tilt = 0.7f + 0.6f * effort;
  s->scale = physics_param (node, PITCH) * (0.93f + 0.14f * effort)
      * exp2f ((u->often > 0.45f ? 0.22f : 0.08f) * noise_next (&m->noise));
  s->stretch = noise_between (&m->noise, 0.88f, 1.12f);
  s->f0 = s->level = 0;
  s->skew = s->weight = 1;
  begin_call (m, node, s, u, wait);
}

static void
trigger_voice (Node * node, guint offset, float strength)
{
  if (strength > 0)
    begin_bout (node->state, node, MIN (offset, FOLEY_QUANTUM - 1)
        / (float) node->rate, MIN (strength, 1));
}

/* Between knots in even steps, @x from 0 to 1 */
static float
along (const float *knots, guint n, float x)
{
  guint k = MIN ((guint) (x * (n - 1)), n - 2);
  float part = x * (n - 1) - k;

  return knots[k] + part * (knots[k + 1] - knots[k]);
}

static float
ease (float x)
{
  x = CLAMP (x, 0, 1);
  return x * x * (3 - 2 * x);
}

static float
envelope (const Utterance * u, float x)
{
  if (x <= 0 || x >= 1)
    return 0;
  return ease (x / u->attack) * ease ((1 - x) / u->release);
}

/* The pulse of a fold: exp (k (cos - 1)) has about sqrt (5 k) harmonics and no
 * more, so nothing folds back. */
static inline float
pulse (float turn, float k)
{
  return sqrtf (sqrtf (1 + k)) * expf (k * (cosf (turn) - 1));
}

static void
begin_cycle (Utter * m, Speaker * s, const Utterance * u)
{
  s->phase -= (int) s->phase;
  s->odd = !s->odd;
  s->skew = 1 + 0.22f * u->rough * noise_next (&m->noise);
  s->weight = (1 + 0.5f * u->rough * noise_next (&m->noise))
      * (s->odd ? 1 : 1 - 0.7f * u->sub);
}

/* What the folds give, one quantum; @from and @to: pitch; levels likewise. */
static void
sound (Utter * m, const Node * node, Speaker * s, const Utterance * u, float f0,
    float level, guint start, float *out)
{
  float harmonics = MIN (u->harmonics * s->tilt,
      0.3f * (float) node->rate / MAX (f0, 1));
  float k = MAX (harmonics * harmonics, 1) / 5;
  float from = s->f0 > 0 ? s->f0 : f0, step = (f0 - from) / FOLEY_QUANTUM;
  float loud = s->level, louder = (level - loud) / (FOLEY_QUANTUM - start);
  gboolean whistle = u->harmonics <= 1;
  guint i, n;

  for (i = start; i < FOLEY_QUANTUM; i++) {
    float white = noise_next (&m->noise), tone = 0, x, sum;

    from += step;
    loud += louder;
    s->phase += from * s->skew / (float) node->rate;
    if (s->phase >= 1)
      begin_cycle (m, s, u);
    if (u->harmonics > 0)
      tone = whistle ? sinf (2 * (float) G_PI * s->phase) : s->weight
          * pulse (2 * (float) G_PI * (s->phase - 0.5f), k);
    x = loud * (one_pole_high (&s->steady, tone) + u->noise * white
        * (u->harmonics > 1 ? 0.3f + tone : 1));
    sum = whistle && u->harmonics > 0 ? x : 0.12f * x;
    for (n = 0; n < UTTERANCE_FORMANTS && !(whistle && u->harmonics > 0); n++)
      sum += (1.2f - 0.3f * n) * band_pass (&s->bands[n], x);
    out[i] += 0.5f * s->gain * sum;
  }
  s->f0 = f0;
  s->level = level;
}

static void
speak (Utter * m, const Node * node, Speaker * s, const Utterance * u,
    float *out)
{
  float dt = FOLEY_QUANTUM / (float) node->rate, x, turn, level;
  guint n, start = s->time < 0 ? MIN (-s->time * node->rate,
      FOLEY_QUANTUM - 1) : 0;

  s->time += dt;
  if (s->time <= 0)
    return;
  x = CLAMP (s->time / s->seconds, 0, 1);
  turn = 2 * (float) G_PI *u->trill * s->time;
  level = envelope (u, x) * (1 - u->depth * (0.5f - 0.5f * cosf (turn)));
  for (n = 0; n < UTTERANCE_FORMANTS; n++)
    band_set (&s->bands[n], node, along (s->formants[n], 3, x), 5 + 2 * n);
  sound (m, node, s, u, along (s->pitch, UTTERANCE_KNOTS, x)
      * (1 + u->vibrato * sinf (turn)), level, start, out);
  if (x >= 1 && --s->left > 0)
    begin_call (m, node, s, u, u->gap * s->stretch
        * noise_between (&m->noise, 0.8f, 1.25f));
}

static void
render_voice (Node * node, const float *const *inputs, float *out)
{
  Utter *m = node->state;
  const Utterance *u = &utterances[physics_word (node, 0)];
  float amount = physics_param (node, AMOUNT);
  guint i, k;

  memset (out, 0, FOLEY_QUANTUM * sizeof *out);
  m->wait -= amount * u->often * FOLEY_QUANTUM / (float) node->rate;
  if (m->wait < 0) {
    begin_bout (m, node, 0, 0.5f + 0.5f * amount);
    m->wait += -logf (noise_unit (&m->noise));
  }
  for (k = 0; k < SPEAKERS; k++)
    if (m->speakers[k].left > 0)
      speak (m, node, &m->speakers[k], u, out);
  smooth_to (&m->level, node, physics_level (physics_param (node, LEVEL)),
      0.02f, TRUE);
  for (i = 0; i < FOLEY_QUANTUM; i++)
    out[i] *= smooth_next (&m->level);
}

static gboolean
is_silent_voice (const Node * node)
{
  const Utter *m = node->state;
  guint k;

  for (k = 0; k < SPEAKERS; k++)
    if (m->speakers[k].left > 0)
      return FALSE;
  return physics_param (node, AMOUNT) == 0;
}

const NodeClass physics_voice = {
  "voice", "What animals and people utter", params, words, 0, 0,
  sizeof (Utter), open_voice, NULL, trigger_voice, render_voice,
  is_silent_voice
};
