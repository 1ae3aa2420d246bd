/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* envelopes.c: nodes that act in time: envelope, contour, pulses, glide. */

#include "models/foley/shape/signal.h"

typedef enum
{
  STAGE_IDLE, STAGE_ATTACK, STAGE_HOLD, STAGE_DECAY, STAGE_RELEASE
} Stage;

/* An envelope is over at -100 dB. */
#define OVER 1e-5f

typedef struct
{
  Triggers triggers;
  Stage stage;
  gboolean released;
  float value, peak, step;
  float sustain, decay, release;        /* the last two: factors a sample */
  guint left;                   /* samples of attack or hold */
} Envelope;

/* By what is left of a value a sample later, that falls by 60 dB in @seconds. */
static float
factor_of (const Node * node, float seconds)
{
  return expf (-DECAY_60 / (MAX (seconds, 1e-4f) * (float) node->rate));
}

static void
envelope_trigger (Node * node, guint offset, float strength)
{
  triggers_add (&((Envelope *) node->state)->triggers, offset, strength);
}

static void
envelope_begin (Node * node, float strength)
{
  Envelope *self = node->state;

  self->stage = STAGE_ATTACK;
  self->peak = strength;
  self->left = MAX (node->params[0] * node->rate, 1);
  self->step = (strength - self->value) / self->left;
  self->sustain = self->released ? 0 : strength * node->params[3];
  self->decay = factor_of (node, node->params[2]);
}

static void
envelope_release (Node * node)
{
  Envelope *self = node->state;

  self->released = TRUE;
  if (self->sustain <= 0 || self->stage == STAGE_IDLE)
    return;
  self->sustain = 0;
  self->stage = STAGE_RELEASE;
  self->release = factor_of (node, node->params[4]);
}

static float
envelope_next (Node * node, Envelope * self)
{
  switch (self->stage) {
    case STAGE_ATTACK:
      self->value += self->step;
      if (--self->left == 0) {
        self->value = self->peak;
        self->left = node->params[1] * node->rate;
        self->stage = self->left ? STAGE_HOLD : STAGE_DECAY;
      }
      break;
    case STAGE_HOLD:
      if (--self->left == 0)
        self->stage = STAGE_DECAY;
      break;
    case STAGE_DECAY:
      self->value = self->sustain + (self->value - self->sustain) * self->decay;
      break;
    case STAGE_RELEASE:
      self->value *= self->release;
      break;
    case STAGE_IDLE:
      break;
  }
  if (self->stage >= STAGE_DECAY && self->value < OVER && self->sustain <= 0) {
    self->value = 0;
    self->stage = STAGE_IDLE;
  }
  return self->value;
}

static void
envelope_render (Node * node, const float *const *inputs, float *out)
{
  Envelope *self = node->state;
  guint i;

  for (i = 0; i < FOLEY_QUANTUM; i++) {
    if (self->triggers.strengths[i] > 0)
      envelope_begin (node, self->triggers.strengths[i]);
    out[i] = envelope_next (node, self);
  }
  triggers_clear (&self->triggers);
  if (node->n_inputs)
    for (i = 0; i < FOLEY_QUANTUM; i++)
      out[i] *= inputs[0][i];
}

static gboolean
envelope_is_silent (const Node * node)
{
  const Envelope *self = node->state;

  return self->stage == STAGE_IDLE && !self->triggers.any;
}

#define MAX_POINTS 32
/* In which a contour that begins anew leaves what it had reached, s. */
#define LEAVING 0.002f

typedef struct
{
  Triggers triggers;
  float times[MAX_POINTS], values[MAX_POINTS];
  guint n, at;                  /* the point it comes from */
  gboolean smooth, running;
  float time, jump, left;       /* jump: what is to be left; 1 ... 0 of it */
  float value;
} Contour;

static gboolean
contour_fail (const char *points, GError ** error)
{
  g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_RECIPE,
      "points: found \"%.80s\"; possible: 1 to %u of TIME:VALUE, with spaces "
      "between, in order of time from 0 s on: 0:300 0.1:600 0.3:250", points,
      MAX_POINTS);
  return FALSE;
}

static gboolean
contour_open (Node * node, GError ** error)
{
  Contour *self = node->state;
  const char *at = node->words[0];
  char *end;

  self->smooth = strcmp (node->words[1], "smooth") == 0;
  while (*at) {
    double time = g_ascii_strtod (at, &end), value;

    if (end == at || *end != ':' || self->n == MAX_POINTS)
      return contour_fail (node->words[0], error);
    at = end + 1;
    value = g_ascii_strtod (at, &end);
    if (end == at || (*end && *end != ' ') || !(fabs (value) <= 1e6)
        || !(time >= (self->n ? self->times[self->n - 1] : 0) && time <= 3600))
      return contour_fail (node->words[0], error);
    self->times[self->n] = time;
    self->values[self->n++] = value;
    for (at = end; *at == ' ';)
      at++;
  }
  if (!self->n)
    return contour_fail (node->words[0], error);
  self->value = self->values[0];
  return TRUE;
}

static void
contour_trigger (Node * node, guint offset, float strength)
{
  triggers_add (&((Contour *) node->state)->triggers, offset, strength);
}

/* Its value at self->time. */
static float
contour_look_up (Contour * self)
{
  float t;

  while (self->at + 1 < self->n && self->time >= self->times[self->at + 1])
    self->at++;
  if (self->at + 1 == self->n) {
    self->running = FALSE;
    return self->values[self->at];
  }
  t = (self->time - self->times[self->at])
      / (self->times[self->at + 1] - self->times[self->at]);
  t = MAX (t, 0);
  if (self->smooth)
    t = t * t * (3 - 2 * t);
  return self->values[self->at]
      + (self->values[self->at + 1] - self->values[self->at]) * t;
}

static void
contour_render (Node * node, const float *const *inputs, float *out)
{
  Contour *self = node->state;
  float step = 1 / (node->params[0] * (float) node->rate);
  float leave = 1 / (LEAVING * (float) node->rate);
  guint i;

  for (i = 0; i < FOLEY_QUANTUM; i++) {
    if (self->triggers.strengths[i] > 0) {
      self->running = TRUE;
      self->time = self->at = 0;
      self->jump = self->value - contour_look_up (self);
      self->left = 1;
    }
    if (self->running) {
      self->value = contour_look_up (self);
      self->time += step;
    } else
      self->value = self->values[self->at];
    self->value += self->jump * self->left;
    self->left = MAX (self->left - leave, 0);
    out[i] = self->value;
  }
  triggers_clear (&self->triggers);
}

static gboolean
contour_is_silent (const Node * node)
{
  const Contour *self = node->state;

  return !self->running && !self->triggers.any && self->value == 0;
}

typedef struct
{
  Triggers triggers;
  guint32 seed;
  gboolean random, released;
  float wait;                   /* until the next one, in mean intervals */
  float left;                   /* of the count; unused where it is endless */
} Pulses;

static gboolean
pulses_open (Node * node, GError ** error)
{
  Pulses *self = node->state;

  self->seed = noise_seed (node->random);
  self->random = strcmp (node->words[0], "random") == 0;
  return TRUE;
}

static void
pulses_trigger (Node * node, guint offset, float strength)
{
  triggers_add (&((Pulses *) node->state)->triggers, offset, strength);
}

/* In mean intervals: exponential where random (a Poisson process), or else even,
 * @jitter more or less. */
static float
pulses_interval (Pulses * self, float jitter)
{
  float u = 0.5f + 0.5f * noise_next (&self->seed);

  if (self->random)
    return -logf (MAX (u, 1e-7f));
  return 1 + jitter * (2 * u - 1);
}

static void
pulses_render (Node * node, const float *const *inputs, float *out)
{
  Pulses *self = node->state;
  float step = node->params[0] / (float) node->rate;
  gboolean endless = node->params[2] < 1;
  float weakest = node->params[3], strongest = node->params[4];
  guint i;

  for (i = 0; i < FOLEY_QUANTUM; i++) {
    out[i] = 0;
    if (self->triggers.strengths[i] > 0) {
      self->left = floorf (node->params[2] + 0.5f);
      self->wait = 0;
    }
    if (self->released || (!endless && self->left < 1))
      continue;
    self->wait -= step;
    if (self->wait >= 0)
      continue;
    self->wait = MAX (self->wait, -1) + pulses_interval (self, node->params[1]);
    self->left -= 1;
    out[i] = weakest + (strongest - weakest)
        * (0.5f + 0.5f * noise_next (&self->seed));
  }
  triggers_clear (&self->triggers);
}

static void
pulses_release (Node * node)
{
  Pulses *self = node->state;

  self->released = TRUE;
  triggers_clear (&self->triggers);
}

static gboolean
pulses_is_silent (const Node * node)
{
  const Pulses *self = node->state;

  if (self->released)
    return TRUE;
  return node->params[2] >= 1 && self->left < 1 && !self->triggers.any;
}

typedef struct
{
  float value;
  gboolean begun;
} Glide;

static void
glide_render (Node * node, const float *const *inputs, float *out)
{
  Glide *self = node->state;
  float share = 1 - expf (-1 / (MAX (node->params[1], 1e-5f)
          * (float) node->rate));
  guint i;

  if (!self->begun)
    self->value = node->params[0];
  self->begun = TRUE;
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    self->value += share * (node->params[0] - self->value);
    out[i] = self->value;
  }
}

static const NodeParam envelope_params[] = {
  {"attack", "s", 0.005, 0, 60, TRUE}, {"hold", "s", 0, 0, 60, TRUE},
  {"decay", "s", 0.3, 0, 60, TRUE}, {"sustain", "", 0, 0, 1, TRUE},
  {"release", "s", 0.3, 0, 60, TRUE}, {NULL}
};

static const NodeParam contour_params[] = {
  {"stretch", "", 1, 0.01, 100, TRUE}, {NULL}
};

static const char *const curves[] = { "line", "smooth", NULL };

static const NodeWord contour_words[] = {
  {"points", "0:0 1:1", NULL}, {"curve", "line", curves}, {NULL}
};

static const NodeParam pulses_params[] = {
  {"rate", "Hz", 4, 0, 2000, FALSE}, {"jitter", "", 0, 0, 1, FALSE},
  {"count", "", 0, 0, 1000, TRUE}, {"weakest", "", 1, 0.001, 1, FALSE},
  {"strongest", "", 1, 0.001, 1, FALSE}, {NULL}
};

static const char *const patterns[] = { "regular", "random", NULL };

static const NodeWord pulses_words[] = {
  {"pattern", "regular", patterns}, {NULL}
};

static const NodeParam glide_params[] = {
  {"to", "", 0, -1e6, 1e6, FALSE}, {"time", "s", 0.1, 0, 60, FALSE}, {NULL}
};

const NodeClass node_envelope = {
  .type = "envelope",
  .about =
      "when triggered, rises in attack to the trigger's strength, holds, and "
      "falls to sustain (a share of it), by 60 dB in decay, at the voice's release "
      "to 0; multiplies its input, if any",
  .params = envelope_params,
  .max_inputs = 1,
  .state_size = sizeof (Envelope),
  .trigger = envelope_trigger,
  .render = envelope_render,
  .is_silent = envelope_is_silent,
  .release = envelope_release,
  .gates = TRUE,
};

const NodeClass node_contour = {
  .type = "contour",
  .about =
      "when triggered, goes along points, TIME:VALUE each, stretch times as "
      "slowly; stays at the first before and at the last after",
  .params = contour_params,
  .words = contour_words,
  .state_size = sizeof (Contour),
  .open = contour_open,
  .trigger = contour_trigger,
  .render = contour_render,
  .is_silent = contour_is_silent,
  .holds = TRUE,
};

const NodeClass node_pulses = {
  .type = "pulses",
  .about =
      "triggers others (on=) rate times a second: count times when triggered, "
      "or from the start on where count is 0",
  .params = pulses_params,
  .words = pulses_words,
  .state_size = sizeof (Pulses),
  .open = pulses_open,
  .trigger = pulses_trigger,
  .render = pulses_render,
  .is_silent = pulses_is_silent,
  .release = pulses_release,
};

const NodeClass node_glide = {
  .type = "glide",
  .about = "follows to, 63% of the way in time",
  .params = glide_params,
  .state_size = sizeof (Glide),
  .render = glide_render,
};
