/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* noises.c: random nodes: noise of three colours, gusts. */

#include "models/foley/shape/signal.h"

/* A pink spectrum is a sum of low-passed white ones, whose cutoffs are a factor
 * apart and whose amplitudes at 0 Hz fall as one over the root of the cutoff. */
#define N_POLES 10
#define LOWEST_POLE 8.0         /* Hz */
#define POLE_RATIO 2.6

typedef struct
{
  guint32 seed;
  Ramp level;
  guint n_poles;                /* 0: white */
  float a[N_POLES];             /* y = a y + b x */
  float b[N_POLES];
  float y[N_POLES];
} Noise;

/* One pole, with unit gain at 0 Hz times @gain. */
static void
add_pole (Noise * self, double cutoff, double gain, double rate)
{
  double a = exp (-2 * G_PI * cutoff / rate);

  self->a[self->n_poles] = a;
  self->b[self->n_poles] = gain * (1 - a);
  self->n_poles++;
}

/* Scales it to a root mean square of 1.  Poles i and j, fed the same white noise
 * of variance v, have the covariance v b_i b_j / (1 - a_i a_j). */
static void
normalise (Noise * self)
{
  double variance = 0;
  guint i, j;

  for (i = 0; i < self->n_poles; i++)
    for (j = 0; j < self->n_poles; j++)
      variance += (double) self->b[i] * self->b[j]
          / (1 - (double) self->a[i] * self->a[j]) / 3;
  for (i = 0; i < self->n_poles; i++)
    self->b[i] /= sqrt (variance);
}

static gboolean
noise_open (Node * node, GError ** error)
{
  Noise *self = node->state;
  double cutoff = LOWEST_POLE;

  self->seed = noise_seed (node->random);
  if (node->words[0][0] == 'p')
    for (; self->n_poles < N_POLES && cutoff < node->rate; cutoff *= POLE_RATIO)
      add_pole (self, cutoff, 1 / sqrt (cutoff), node->rate);
  else if (node->words[0][0] == 'b')
    add_pole (self, LOWEST_POLE, 1, node->rate);
  if (self->n_poles)
    normalise (self);
  return TRUE;
}

static void
noise_render (Node * node, const float *const *inputs, float *out)
{
  Noise *self = node->state;
  float white[FOLEY_QUANTUM];
  guint i, pole;

  for (i = 0; i < FOLEY_QUANTUM; i++)
    white[i] = noise_next (&self->seed);
  for (i = 0; i < FOLEY_QUANTUM; i++)
    out[i] = self->n_poles ? 0 : 1.7320508f * white[i];
  for (pole = 0; pole < self->n_poles; pole++) {
    float a = self->a[pole], b = self->b[pole], y = self->y[pole];

    for (i = 0; i < FOLEY_QUANTUM; i++) {
      y = a * y + b * white[i];
      out[i] += y;
    }
    self->y[pole] = y;
  }
  ramp_scale (&self->level, node->params[0], out);
}

/* Of gusts: each twice as fast as the one before. */
#define N_OCTAVES 3

typedef struct
{
  guint32 seed;
  float phase[N_OCTAVES];       /* 0 ... 1, from one random value to the next */
  float from[N_OCTAVES], to[N_OCTAVES];
  Ramp value;
} Gusts;

static gboolean
gusts_open (Node * node, GError ** error)
{
  Gusts *self = node->state;
  guint i;

  self->seed = noise_seed (node->random);
  for (i = 0; i < N_OCTAVES; i++) {
    self->from[i] = noise_next (&self->seed);
    self->to[i] = noise_next (&self->seed);
    self->phase[i] = 0.5f + 0.5f * noise_next (&self->seed);
  }
  return TRUE;
}

/* One octave after @step more of its way, -1 ... 1. */
static float
wander (Gusts * self, guint octave, float step)
{
  float t = self->phase[octave] + step;

  while (t >= 1) {
    t -= 1;
    self->from[octave] = self->to[octave];
    self->to[octave] = noise_next (&self->seed);
  }
  self->phase[octave] = t;
  t = t * t * (3 - 2 * t);
  return self->from[octave] + (self->to[octave] - self->from[octave]) * t;
}

static void
gusts_render (Node * node, const float *const *inputs, float *out)
{
  Gusts *self = node->state;
  float step = node->params[0] * FOLEY_QUANTUM / (float) node->rate;
  float weight = 1, weights = 0, sum = 0, value, slope, from;
  guint i;

  for (i = 0; i < N_OCTAVES; i++) {
    sum += weight * wander (self, i, step);
    weights += weight;
    weight *= node->params[3];
    step *= 2;
  }
  /* a mean of random values keeps to the middle: widened */
  value = CLAMP (0.5f + 0.7f * sum / weights, 0, 1);
  value = node->params[1] + (node->params[2] - node->params[1]) * value;
  from = ramp_to (&self->value, value, &slope);
  for (i = 0; i < FOLEY_QUANTUM; i++)
    out[i] = from + (i + 1) * slope;
}

static const NodeParam noise_params[] = {
  {"level", "", 0.1, 0, 100, FALSE}, {NULL}
};

static const char *const colors[] = { "white", "pink", "brown", NULL };

static const NodeWord noise_words[] = { {"color", "white", colors}, {NULL} };

static const NodeParam gusts_params[] = {
  {"rate", "Hz", 0.5, 0, 50, FALSE}, {"low", "", 0, -1e6, 1e6, FALSE},
  {"high", "", 1, -1e6, 1e6, FALSE}, {"roughness", "", 0.5, 0, 1, FALSE},
  {NULL}
};

const NodeClass node_noise = {
  .type = "noise",
  .about = "noise with a root mean square of level; pink falls by 3 dB an "
      "octave, brown by 6",
  .params = noise_params,
  .words = noise_words,
  .state_size = sizeof (Noise),
  .open = noise_open,
  .render = noise_render,
};

const NodeClass node_gusts = {
  .type = "gusts",
  .about = "wanders at random from low to high, at rate turns a second; "
      "roughness adds faster ones",
  .params = gusts_params,
  .state_size = sizeof (Gusts),
  .open = gusts_open,
  .render = gusts_render,
};
