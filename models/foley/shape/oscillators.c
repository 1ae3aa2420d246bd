/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* oscillators.c: periodic nodes: sine, saw, pulse, fm, lfo. */

#include "models/foley/shape/signal.h"

/* Of the sample rate: the highest frequency that is made. */
#define HIGHEST 0.49f

typedef struct
{
  guint32 phase;                /* 2^32 are a period, so it wraps by itself */
  Ramp frequency;
} Phase;

typedef struct
{
  Phase phase, modulator;
  Ramp level, width, index;
  float fed_back;
} Oscillator;

#define FREQUENCY { "frequency", "Hz", 440, 0, 20000, FALSE }
/* High enough to be added, in Hz, to the frequency of another. */
#define LEVEL { "level", "", 1, 0, 20000, FALSE }

/* @input: Hz that are added, or NULL.  @phases: 0 ... 1, and by how much each went
 * on, [FOLEY_QUANTUM]. */
static void
advance (Phase * phase, double rate, float frequency, const float *input,
    float *phases, float *steps)
{
  float slope, from = ramp_to (&phase->frequency, frequency, &slope);
  float second = 1 / (float) rate;
  guint32 at = phase->phase;
  guint i;

  for (i = 0; i < FOLEY_QUANTUM; i++) {
    float hertz = from + (i + 1) * slope + (input ? input[i] : 0);

    steps[i] = CLAMP (hertz * second, -HIGHEST, HIGHEST);
  }
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    /* 24 bits, which is what a float holds: never 1 */
    phases[i] = (at >> 8) * 0x1p-24f;
    at += (gint32) (steps[i] * 0x1p32f);
  }
  phase->phase = at;
}

/* What a jump of 2, up at phase 0, lacks to be band-limited: the polyBLEP of
 * Valimaki and Huovilainen, Antialiasing Oscillators in Subtractive Synthesis,
 * IEEE Signal Processing Magazine 24 (2), 2007. */
static inline float
blep (float phase, float step)
{
  float t;

  step = fabsf (step);
  if (phase < step) {
    t = phase / step - 1;
    return -t * t;
  }
  if (phase > 1 - step) {
    t = (phase - 1) / step + 1;
    return t * t;
  }
  return 0;
}

/* @phase: -1 ... 2. */
static inline float
wrap (float phase)
{
  return phase + (phase < 0) - (phase >= 1);
}

/* sin (2 pi @periods) by Taylor's series, from the nearest zero crossing: less than
 * 6e-8 off.  Unlike sinf(), it runs several samples at a time, and is the same
 * everywhere. */
static inline float
sine_of (float periods)
{
  float r = periods - (int) (periods + (periods < 0 ? -0.5f : 0.5f));
  float x, y;

  r = r > 0.25f ? 0.5f - r : r < -0.25f ? -0.5f - r : r;
  x = (float) (2 * G_PI) * r;
  y = x * x;
  return x * (1 + y * (-1 / 6.f + y * (1 / 120.f + y * (-1 / 5040.f
                  + y * (1 / 362880.f - y / 39916800.f)))));
}

static void
sine_render (Node * node, const float *const *inputs, float *out)
{
  Oscillator *self = node->state;
  float phases[FOLEY_QUANTUM], steps[FOLEY_QUANTUM];
  guint i;

  advance (&self->phase, node->rate, node->params[0],
      node->n_inputs ? inputs[0] : NULL, phases, steps);
  for (i = 0; i < FOLEY_QUANTUM; i++)
    out[i] = sine_of (phases[i]);
  ramp_scale (&self->level, node->params[1], out);
}

static void
saw_render (Node * node, const float *const *inputs, float *out)
{
  Oscillator *self = node->state;
  float phases[FOLEY_QUANTUM], steps[FOLEY_QUANTUM];
  guint i;

  advance (&self->phase, node->rate, node->params[0],
      node->n_inputs ? inputs[0] : NULL, phases, steps);
  for (i = 0; i < FOLEY_QUANTUM; i++)
    out[i] = 2 * phases[i] - 1 - blep (phases[i], steps[i]);
  ramp_scale (&self->level, node->params[1], out);
}

static void
pulse_render (Node * node, const float *const *inputs, float *out)
{
  Oscillator *self = node->state;
  float phases[FOLEY_QUANTUM], steps[FOLEY_QUANTUM];
  float slope, from = ramp_to (&self->width, node->params[2], &slope);
  guint i;

  advance (&self->phase, node->rate, node->params[0],
      node->n_inputs ? inputs[0] : NULL, phases, steps);
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    float width = from + (i + 1) * slope;

    /* less its mean, so that no width has a constant part */
    out[i] = (phases[i] < width ? 1 : -1) + blep (phases[i], steps[i])
        - blep (wrap (phases[i] - width), steps[i]) - (2 * width - 1);
  }
  ramp_scale (&self->level, node->params[1], out);
}

/* Chowning, The Synthesis of Complex Audio Spectra by Means of Frequency
 * Modulation, JAES 21 (7), 1973: sin (a + index sin b); the modulator, fed back
 * on itself, turns from a sine to a saw. */
static void
fm_render (Node * node, const float *const *inputs, float *out)
{
  Oscillator *self = node->state;
  float phases[FOLEY_QUANTUM], modulators[FOLEY_QUANTUM], steps[FOLEY_QUANTUM];
  float slope, from = ramp_to (&self->index, node->params[3], &slope);
  float feedback = node->params[4] / (float) (2 * G_PI);
  guint i;

  advance (&self->modulator, node->rate, node->params[0] * node->params[2],
      NULL, modulators, steps);
  advance (&self->phase, node->rate, node->params[0],
      node->n_inputs ? inputs[0] : NULL, phases, steps);
  for (i = 0; i < FOLEY_QUANTUM; i++)
    if (feedback > 0)
      modulators[i] = self->fed_back = sine_of (modulators[i]
          + feedback * self->fed_back);
    else
      modulators[i] = sine_of (modulators[i]);
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    float index = (from + (i + 1) * slope) / (float) (2 * G_PI);

    out[i] = sine_of (phases[i] + index * modulators[i]);
  }
  ramp_scale (&self->level, node->params[1], out);
}

/* -1 ... 1, up from 0 at phase 0. */
static float
triangle_of (float phase)
{
  return 1 - 4 * fabsf (wrap (phase + 0.25f) - 0.5f);
}

/* Of a square wave's edges, s: so long that they don't click. */
#define EDGE 0.003f

static void
lfo_render (Node * node, const float *const *inputs, float *out)
{
  Oscillator *self = node->state;
  float phases[FOLEY_QUANTUM], steps[FOLEY_QUANTUM];
  float low = node->params[1], slope, from, low_slope;
  float low_from = ramp_to (&self->index, low, &low_slope);
  const char *shape = node->words[0];
  guint i;

  advance (&self->phase, node->rate, node->params[0], NULL, phases, steps);
  from = ramp_to (&self->level, node->params[2] - low, &slope);
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    float value;

    if (shape[0] == 's' && shape[1] == 'i')
      value = sine_of (phases[i]);
    else if (shape[0] == 't')
      value = triangle_of (phases[i]);
    else                        /* square: a triangle cut off */
      value = CLAMP (triangle_of (phases[i])
          / MAX (2 * EDGE * node->params[0], 1e-6f), -1, 1);
    out[i] = low_from + (i + 1) * low_slope
        + (from + (i + 1) * slope) * (0.5f + 0.5f * value);
  }
}

static const NodeParam sine_params[] = { FREQUENCY, LEVEL, {NULL} };

static const NodeParam pulse_params[] = {
  FREQUENCY, LEVEL, {"width", "", 0.5, 0.01, 0.99, FALSE}, {NULL}
};

static const NodeParam fm_params[] = {
  FREQUENCY, LEVEL, {"ratio", "", 1, 0, 32, FALSE},
  {"index", "", 1, 0, 50, FALSE}, {"feedback", "", 0, 0, 1.5, FALSE}, {NULL}
};

static const NodeParam lfo_params[] = {
  {"rate", "Hz", 1, 0, 100, FALSE}, {"low", "", 0, -1e6, 1e6, FALSE},
  {"high", "", 1, -1e6, 1e6, FALSE}, {NULL}
};

static const char *const lfo_shapes[] = { "sine", "triangle", "square", NULL };

static const NodeWord lfo_words[] = { {"shape", "sine", lfo_shapes}, {NULL} };

const NodeClass node_sine = {
  .type = "sine",
  .about = "a sine; the input, in Hz, is added to its frequency",
  .params = sine_params,
  .max_inputs = 1,
  .state_size = sizeof (Oscillator),
  .render = sine_render,
};

const NodeClass node_saw = {
  .type = "saw",
  .about = "a rising saw, band-limited; the input, in Hz, is added",
  .params = sine_params,
  .max_inputs = 1,
  .state_size = sizeof (Oscillator),
  .render = saw_render,
};

const NodeClass node_pulse = {
  .type = "pulse",
  .about = "a square, up for width of its period; the input, in Hz, is added",
  .params = pulse_params,
  .max_inputs = 1,
  .state_size = sizeof (Oscillator),
  .render = pulse_render,
};

const NodeClass node_fm = {
  .type = "fm",
  .about = "a sine whose phase another of ratio times its frequency moves by "
      "index radians; the input, in Hz, is added",
  .params = fm_params,
  .max_inputs = 1,
  .state_size = sizeof (Oscillator),
  .render = fm_render,
};

const NodeClass node_lfo = {
  .type = "lfo",
  .about = "goes slowly up and down, from low to high",
  .params = lfo_params,
  .words = lfo_words,
  .state_size = sizeof (Oscillator),
  .render = lfo_render,
};
