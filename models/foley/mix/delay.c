/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* delay.c: a ring of samples, read at whole and at broken delays. */

#include <math.h>
#include <string.h>

#include "models/foley/mix/delay.h"

#define HALF (DELAY_TAPS / 2)
#define PHASES 128

/* A Kaiser window (beta 5.5) over -1 ... 1. */
static double
kaiser (double u)
{
  double x = 2.75 * sqrt (MAX (0, 1 - u * u)), term = 1, sum = 1;
  guint k;

  for (k = 1; k < 30; k++) {    /* the Bessel function I0 (5.5 ...) */
    term *= x / k * x / k;
    sum += term;
  }
  return sum;
}

static void
make_phase (guint p, float taps[DELAY_TAPS])
{
  double sum = 0;
  guint k;

  for (k = 0; k < DELAY_TAPS; k++) {
    double t = (double) k - (HALF - 1) - (double) p / PHASES;

    taps[k] = (float) (kaiser (t / HALF) *
        (fabs (t) < 1e-9 ? 1 : sin (G_PI * t) / (G_PI * t)));
    sum += taps[k];
  }
  for (k = 0; k < DELAY_TAPS; k++)
    taps[k] /= (float) sum;
}

/* Sincs, each later by 1 / PHASES, with a sum of 1; and how the next differs. */
static DelayPhase *
get_phases (void)
{
  static gsize ready;
  static DelayPhase phases[PHASES];
  float next[DELAY_TAPS];
  guint p, k;

  if (!g_once_init_enter (&ready))
    return phases;
  for (p = 0; p < PHASES; p++) {
    make_phase (p, phases[p].taps);
    make_phase (p + 1, next);
    for (k = 0; k < DELAY_TAPS; k++)
      phases[p].steps[k] = next[k] - phases[p].taps[k];
  }
  g_once_init_leave (&ready, 1);
  return phases;
}

void
delay_init (DelayLine * line, guint longest)
{
  guint size = 4 * FOLEY_QUANTUM;

  while (size < longest + 2 * FOLEY_QUANTUM)
    size *= 2;
  line->ring = g_new0 (float, size);
  line->mask = size - 1;
  line->head = 0;
  line->phases = get_phases ();
}

void
delay_free (DelayLine * line)
{
  g_clear_pointer (&line->ring, g_free);
}

void
delay_clear (DelayLine * line)
{
  memset (line->ring, 0, (line->mask + 1) * sizeof (float));
}

/* The ring is a multiple of the quantum long, and so is the head. */
void
delay_write (DelayLine * line, const float in[FOLEY_QUANTUM])
{
  memcpy (line->ring + line->head, in, FOLEY_QUANTUM * sizeof (float));
  line->head = (line->head + FOLEY_QUANTUM) & line->mask;
}

static void
copy (const DelayLine * line, guint back, guint n, float *out)
{
  guint start = (line->head - back) & line->mask;
  guint first = MIN (n, line->mask + 1 - start);

  memcpy (out, line->ring + start, first * sizeof (float));
  memcpy (out + first, line->ring, (n - first) * sizeof (float));
}

void
delay_copy (const DelayLine * line, guint back, float out[FOLEY_QUANTUM])
{
  copy (line, back, FOLEY_QUANTUM, out);
}

/* Four at a time, wherever they lie. */
typedef float Four __attribute__((vector_size (16), aligned (4), may_alias));

/* The taps for a point @part of a sample after x[HALF - 1], between two phases. */
static inline void
get_taps (const DelayPhase * phases, float part, Four taps[DELAY_TAPS / 4])
{
  float at = part * PHASES;
  int phase = MIN ((int) at, PHASES - 1);
  float between = at - (float) phase;
  const Four *base = (const Four *) phases[phase].taps;
  const Four *step = (const Four *) phases[phase].steps;
  guint k;

  for (k = 0; k < DELAY_TAPS / 4; k++)
    taps[k] = base[k] + between * step[k];
}

static void
read_still (const DelayLine * line, double delay, float out[FOLEY_QUANTUM])
{
  guint whole = (guint) ceil (delay), k, i;
  float x[FOLEY_QUANTUM + DELAY_TAPS - 1];
  Four taps[DELAY_TAPS / 4];

  get_taps (line->phases, (float) (whole - delay), taps);
  copy (line, FOLEY_QUANTUM + whole + HALF - 1, G_N_ELEMENTS (x), x);
  memset (out, 0, FOLEY_QUANTUM * sizeof (float));
  for (k = 0; k < DELAY_TAPS; k++)
    for (i = 0; i < FOLEY_QUANTUM; i++)
      out[i] += taps[k / 4][k % 4] * x[i + k];
}

static void
read_moving (const DelayLine * line, double from, double to,
    float out[FOLEY_QUANTUM])
{
  float x[2 * FOLEY_QUANTUM + DELAY_TAPS + 2];
  double step = (to - from) / FOLEY_QUANTUM;
  guint back = FOLEY_QUANTUM + (guint) MAX (from, to) + HALF + 1, k, i;

  copy (line, back, MIN (back, G_N_ELEMENTS (x)), x);
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    /* Where it is in x: HALF - 1 samples are before it. */
    double at = back - FOLEY_QUANTUM + i - (from + step * (i + 1));
    int first = (int) at;
    const Four *in = (const Four *) (x + first - (HALF - 1));
    Four taps[DELAY_TAPS / 4], sum = { 0 };

    get_taps (line->phases, (float) (at - first), taps);
    for (k = 0; k < DELAY_TAPS / 4; k++)
      sum += taps[k] * in[k];
    out[i] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  }
}

void
delay_read (const DelayLine * line, double from, double to,
    float out[FOLEY_QUANTUM])
{
  if (from == to)
    read_still (line, to, out);
  else
    read_moving (line, from, to, out);
}
