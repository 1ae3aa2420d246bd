/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* engine.c: engines that burn: "engine".
 *
 * Every cylinder fires once a cycle (of two turns, or of one: two strokes) and
 * gives a pulse of pressure; no cylinder is quite like another, no firing quite
 * like the last.  The pulses run through exhaust pipes, waveguides that are
 * closed at the engine and open at the end; air is drawn in as noise; valves
 * tick, and diesels knock.  Baldan, Lachambre, Delle Monache, Boussard,
 * "Physically informed car engine sound synthesis for virtual and augmented
 * environments" (IEEE SIVE 2015); Farnell, "Designing Sound" (2010), 45. */

#include <string.h>

#include "models/foley/shape/physics/classes.h"
#include "models/foley/shape/physics/physics.h"

#define SOUND 343.0f            /* m/s */
#define CYLINDERS 16
#define PIPE 8192               /* samples: 7 m and back at 192 kHz */
#define PIPES 2

enum
{
  SPEED, EFFORT, RPM, COUNT, GEARS, IDLE, TOP, TOP_SPEED, LENGTH, LEVEL
};

static const NodeParam params[] = {
  {"speed", "m/s", 0, 0, 400},
  {"effort", "", 0.3, 0, 1},
  {"rpm", "1/min", 0, 0, 20000},        /* 0: by speed and gears */
  {"cylinders", "", 4, 1, CYLINDERS},
  {"gears", "", 5, 1, 12},
  {"idle", "1/min", 800, 100, 10000},
  {"top", "1/min", 6000, 200, 20000},
  {"top-speed", "m/s", 50, 1, 400},
  {"pipe", "m", 1.6, 0.1, 6},
  {"level", "dB", 0, -80, 40},
  {NULL}
};

static const char *const kinds[] = { "petrol", "diesel", "two-stroke", NULL };

static const NodeWord words[] = {
  {"kind", "petrol", kinds},
  {NULL}
};

static const struct
{
  float cycles;                 /* a turn */
  float pulse;                  /* length of a pulse, of a cylinder's cycle */
  float jitter;                 /* from firing to firing */
  float knock;                  /* of the combustion, heard through the block */
  float muffler;                /* Hz at rest; four times that at full effort */
  float reflect;                /* of the pipe's end */
} table[] = {
  {0.5f, .055f, .06f, .03f, 800, -.70f},
  {0.5f, .050f, .10f, .25f, 550, -.60f},
  {1.0f, .100f, .18f, .03f, 1100, -.55f},
};

typedef struct
{
  Noise noise;
  Smooth rpm, effort, level;
  guint gear;
  float phase;                  /* of the cycle, 0 ... 1 */
  guint next;                   /* the cylinder that fires next */
  float gains[CYLINDERS], lags[CYLINDERS];
  float fall, rise;             /* of the pulses, a sample */
  float charge, pressure;       /* the two poles that shape a pulse */
  float knock;
  Band block, intake;
  OnePole muffler[PIPES], steady;
  float pipes[PIPES][PIPE];
  guint at;
} Engine;

static gboolean
open_engine (Node * node, GError ** error)
{
  Engine *m = node->state;
  guint k;

  noise_init (&m->noise, node);
  for (k = 0; k < CYLINDERS; k++) {
    m->gains[k] = noise_between (&m->noise, 0.85f, 1.15f);
    m->lags[k] = 0.03f * noise_next (&m->noise);
  }
  one_pole_set (&m->steady, node, 25);
  return TRUE;
}

/* Turns a minute at @speed in the gear that it is driven in: changed up the
 * later the harder it works. */
static float
shift (Engine * m, const Node * node, float effort)
{
  float speed = physics_param (node, SPEED), top = physics_param (node, TOP);
  guint gears = physics_param (node, GEARS);
  float up = top * (0.45f + 0.5f * effort), rpm;

  m->gear = MIN (m->gear, gears - 1);
  for (;;) {
    rpm = top * speed / physics_param (node, TOP_SPEED)
        * powf ((float) gears / (m->gear + 1), 1.15f);
    if (rpm > up && m->gear + 1 < gears)
      m->gear++;
    else
      break;
  }
  while (m->gear > 0 && rpm < 0.4f * up) {
    m->gear--;
    rpm = top * speed / physics_param (node, TOP_SPEED)
        * powf ((float) gears / (m->gear + 1), 1.15f);
  }
  return rpm;
}

static void
follow (Engine * m, const Node * node)
{
  guint kind = physics_word (node, 0), k;
  float effort = physics_param (node, EFFORT);
  float idle = physics_param (node, IDLE), top = physics_param (node, TOP);
  float rpm = physics_param (node, RPM), cycle;

  if (rpm <= 0) {
    rpm = shift (m, node, effort);
    /* At rest the clutch is open. */
    rpm = MAX (rpm, idle + (physics_param (node, SPEED) < 0.5f
            ? 0.5f * effort * (top - idle) : 0.1f * effort * idle));
    rpm = MIN (rpm, 1.1f * MAX (top, idle));
  }
  smooth_to (&m->rpm, node, rpm, 0.12f, TRUE);
  smooth_to (&m->effort, node, effort, 0.1f, TRUE);
  smooth_to (&m->level, node, physics_level (physics_param (node, LEVEL)),
      0.05f, FALSE);
  cycle = m->rpm.value / 60 * table[kind].cycles / (float) node->rate;
  m->fall = expf (-cycle / table[kind].pulse);
  m->rise = 1 - expf (-cycle / (0.25f * table[kind].pulse));
  for (k = 0; k < PIPES; k++)
    one_pole_set (&m->muffler[k], node, table[kind].muffler * (1 + 3 * effort));
  band_set (&m->block, node, 1300, 1.5f);
  band_set (&m->intake, node, 250 + 0.1f * m->rpm.value, 1);
}

/* All cylinders whose time has come in this sample. */
static float
fire (Engine * m, guint cylinders, float advance, float jitter, float load)
{
  float sum = 0;

  m->phase += advance;
  /* At most one turn of all: a sample is shorter than a cycle. */
  for (;;) {
    float lag = cylinders > 1 && m->next < cylinders ? m->lags[m->next] : 0;

    if (m->next >= cylinders) {
      if (m->phase < 1)
        break;
      m->phase -= 1;
      m->next = 0;
    } else if (m->phase >= (m->next + lag) / cylinders) {
      sum += m->gains[m->next++] * load * (1 + jitter * noise_next (&m->noise));
    } else
      break;
  }
  return sum;
}

/* A wave runs down the pipe and back: 2 L, and turns over at its open end. */
static float
exhaust (Engine * m, guint k, float delay, float reflect, float x)
{
  guint whole = delay;
  float part = delay - whole;
  float one = m->pipes[k][(m->at - whole) & (PIPE - 1)];
  float two = m->pipes[k][(m->at - whole - 1) & (PIPE - 1)];
  float back = one_pole_low (&m->muffler[k], one + part * (two - one));

  m->pipes[k][m->at & (PIPE - 1)] = x + reflect * back;
  return back;
}

static void
render_engine (Node * node, const float *const *inputs, float *out)
{
  Engine *m = node->state;
  guint kind = physics_word (node, 0), i;
  guint cylinders = physics_param (node, COUNT);
  float delay = 2 * physics_param (node, LENGTH) / SOUND * (float) node->rate;
  float reflect = table[kind].reflect;
  float turn = table[kind].cycles / 60 / (float) node->rate;
  float knock_fall = expf (-1 / (0.0015f * (float) node->rate));

  follow (m, node);
  delay = CLAMP (delay, 2, PIPE / 1.5f);
  for (i = 0; i < FOLEY_QUANTUM; i++, m->at++) {
    float advance = smooth_next (&m->rpm) * turn;
    float load = 0.35f + 0.65f * smooth_next (&m->effort);
    float hit = fire (m, cylinders, advance, table[kind].jitter, load);
    float white = noise_next (&m->noise), pipe, air;

    m->charge = m->charge * m->fall + hit;
    m->pressure += m->rise * (m->charge - m->pressure);
    m->knock = m->knock * knock_fall + hit;
    pipe = exhaust (m, 0, delay, reflect, m->pressure)
        + 0.5f * exhaust (m, 1, 0.73f * delay, reflect, m->pressure);
    air =
        band_pass (&m->intake, white) * (0.3f + m->pressure) * m->effort.value;
    out[i] =
        one_pole_high (&m->steady,
        0.40f * pipe + 0.08f * m->pressure + 0.16f * air)
        + band_pass (&m->block, table[kind].knock * m->knock * white);
    out[i] *= smooth_next (&m->level);
  }
}

const NodeClass physics_engine = {
  "engine", "Engines that burn: petrol, diesel, two strokes", params, words, 0,
  0, sizeof (Engine), open_engine, NULL, NULL, render_engine, NULL
};
