/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* filters.c: onepole, filter, peak, delay. */

#include "models/foley/shape/svf.h"

typedef struct
{
  Ramp share;
  float low;                    /* the state of a trapezoidal integrator */
  gboolean high;
} OnePole;

static gboolean
onepole_open (Node * node, GError ** error)
{
  ((OnePole *) node->state)->high = strcmp (node->words[0], "high") == 0;
  return TRUE;
}

/* The trapezoidal one-pole of Zavalishin, The Art of VA Filter Design, 3.10: of
 * what the input is above its state, g / (1 + g) is integrated twice. */
static void
onepole_render (Node * node, const float *const *inputs, float *out)
{
  OnePole *self = node->state;
  float warped = svf_warp (node->params[0], node->rate);
  float step, share = ramp_to (&self->share, warped / (1 + warped), &step);
  guint i;

  for (i = 0; i < FOLEY_QUANTUM; i++) {
    float v, low;

    share += step;
    v = (inputs[0][i] - self->low) * share;
    low = v + self->low;
    self->low = low + v;
    out[i] = self->high ? inputs[0][i] - low : low;
  }
}

static gboolean
onepole_is_silent (const Node * node)
{
  return fabsf (((const OnePole *) node->state)->low) < QUIET;
}

typedef enum
{
  KIND_LOW, KIND_HIGH, KIND_BAND, KIND_NOTCH
} Kind;

typedef struct
{
  Svf svf;
  Kind kind;
} Filter;

static const char *const kinds[] = { "low", "high", "band", "notch", NULL };

static gboolean
filter_open (Node * node, GError ** error)
{
  Filter *self = node->state;

  while (strcmp (kinds[self->kind], node->words[0]) != 0)
    self->kind++;
  return TRUE;
}

static void
filter_render (Node * node, const float *const *inputs, float *out)
{
  Filter *self = node->state;
  float k = 1 / node->params[1];
  SvfCoefs coefs = {.g = svf_warp (node->params[0], node->rate),.k = k };

  switch (self->kind) {
    case KIND_LOW:
      coefs.m2 = 1;
      break;
    case KIND_HIGH:
      coefs.m0 = 1;
      coefs.m1 = -k;
      coefs.m2 = -1;
      break;
    case KIND_BAND:            /* 0 dB at its cutoff */
      coefs.m1 = k;
      break;
    case KIND_NOTCH:
      coefs.m0 = 1;
      coefs.m1 = -k;
      break;
  }
  svf_render (&self->svf, &coefs, inputs[0], out);
}

static void
peak_render (Node * node, const float *const *inputs, float *out)
{
  Filter *self = node->state;
  float a = powf (10, node->params[2] / 40);
  float k = 1 / (node->params[1] * a);
  const SvfCoefs coefs = {
    .g = svf_warp (node->params[0], node->rate),.k = k,
    .m0 = 1,.m1 = k * (a * a - 1)
  };

  svf_render (&self->svf, &coefs, inputs[0], out);
}

static gboolean
filter_is_silent (const Node * node)
{
  return svf_is_silent (&((const Filter *) node->state)->svf);
}

/* The longest delay, s, and the shortest, in samples: what a line in a loop can
 * hold between a read and a write. */
#define LONGEST 1.0
#define SHORTEST 2
/* In which a new time is nearly there, s: it is heard as a glide, not a click. */
#define TURNING 0.02f

typedef struct
{
  float *line;                  /* [mask + 1] */
  guint mask, at;
  guint quiet;                  /* samples since something was written */
  float delay;                  /* samples */
  float damped;                 /* the loop's low-pass */
  Ramp feedback, dry, wet;
} Delay;

static gboolean
delay_open (Node * node, GError ** error)
{
  Delay *self = node->state;
  guint size = 1;

  while (size < LONGEST * node->rate + SHORTEST + 2)
    size *= 2;
  self->line = g_new0 (float, size);
  self->mask = size - 1;
  self->quiet = size;
  return TRUE;
}

static void
delay_close (Node * node)
{
  g_free (((Delay *) node->state)->line);
}

/* The sample @delay ago, between two in a line. */
static inline float
delay_read (const Delay * self, float delay)
{
  guint whole = delay;
  float part = delay - whole;
  float a = self->line[(self->at - whole) & self->mask];
  float b = self->line[(self->at - whole - 1) & self->mask];

  return a + (b - a) * part;
}

static void
delay_render (Node * node, const float *const *inputs, float *out)
{
  Delay *self = node->state;
  float rate = node->rate;
  float target = MAX (node->params[0] * rate, SHORTEST);
  float turn = 1 - expf (-1 / (TURNING * rate));
  float damp = 1 - expf (-2 * (float) G_PI * node->params[2] / rate);
  float fed_step, fed = ramp_to (&self->feedback, node->params[1], &fed_step);
  float dry_step, dry = ramp_to (&self->dry, node->params[3], &dry_step);
  float wet_step, wet = ramp_to (&self->wet, node->params[4], &wet_step);
  guint i;

  if (self->delay == 0)
    self->delay = target;
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    float read, write;

    self->delay += turn * (target - self->delay);
    fed += fed_step;
    dry += dry_step;
    wet += wet_step;
    read = delay_read (self, self->delay);
    self->damped += damp * (read - self->damped);
    write = inputs[0][i] + fed * self->damped;
    self->line[self->at++ & self->mask] = write;
    self->quiet = fabsf (write) < QUIET ? MIN (self->quiet + 1, self->mask) : 0;
    out[i] = dry * inputs[0][i] + wet * read;
  }
}

static gboolean
delay_is_silent (const Node * node)
{
  const Delay *self = node->state;

  return self->quiet >= MIN (self->delay + 2, self->mask);
}

#define CUTOFF { "cutoff", "Hz", 1000, 5, 20000, FALSE }

static const NodeParam onepole_params[] = { CUTOFF, {NULL} };

static const char *const onepole_kinds[] = { "low", "high", NULL };

static const NodeWord onepole_words[] = {
  {"kind", "low", onepole_kinds}, {NULL}
};

static const NodeParam filter_params[] = {
  CUTOFF, {"q", "", 0.7071, 0.1, 200, FALSE}, {NULL}
};

static const NodeWord filter_words[] = { {"kind", "low", kinds}, {NULL} };

static const NodeParam peak_params[] = {
  CUTOFF, {"q", "", 1, 0.1, 50, FALSE}, {"gain", "dB", 0, -60, 40, FALSE},
  {NULL}
};

static const NodeParam delay_params[] = {
  {"time", "s", 0.01, 0.00001, LONGEST, FALSE},
  {"feedback", "", 0, -0.999, 0.999, FALSE},
  {"damping", "Hz", 20000, 20, 20000, FALSE}, {"dry", "", 1, -100, 100, FALSE},
  {"wet", "", 0.5, -100, 100, FALSE}, {NULL}
};

const NodeClass node_onepole = {
  .type = "onepole",
  .about = "lets pass what is below (low) or above (high) its cutoff, 6 dB an "
      "octave",
  .params = onepole_params,
  .words = onepole_words,
  .min_inputs = 1,
  .max_inputs = 1,
  .state_size = sizeof (OnePole),
  .open = onepole_open,
  .render = onepole_render,
  .is_silent = onepole_is_silent,
};

const NodeClass node_filter = {
  .type = "filter",
  .about =
      "lets pass what is below, above or around its cutoff, or all but that; "
      "12 dB an octave, q: how sharply",
  .params = filter_params,
  .words = filter_words,
  .min_inputs = 1,
  .max_inputs = 1,
  .state_size = sizeof (Filter),
  .open = filter_open,
  .render = filter_render,
  .is_silent = filter_is_silent,
};

const NodeClass node_peak = {
  .type = "peak",
  .about =
      "an equaliser: makes what is around its cutoff louder or softer by gain",
  .params = peak_params,
  .min_inputs = 1,
  .max_inputs = 1,
  .state_size = sizeof (Filter),
  .render = peak_render,
  .is_silent = filter_is_silent,
};

const NodeClass node_delay = {
  .type = "delay",
  .about =
      "its input, dry, and wet what it was a time ago; with feedback a comb, "
      "whose high tones die sooner above damping",
  .params = delay_params,
  .min_inputs = 1,
  .max_inputs = 1,
  .state_size = sizeof (Delay),
  .open = delay_open,
  .close = delay_close,
  .render = delay_render,
  .is_silent = delay_is_silent,
};
