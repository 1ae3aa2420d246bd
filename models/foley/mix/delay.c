/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* delay.c: a ring of samples, read at whole and at broken delays. */

#include <math.h>
#include <string.h>

#include "models/foley/mix/delay.h"

#define HALF (DELAY_TAPS / 2)
#define PHASES 256

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

/* Sincs, each later by 1 / PHASES, with a sum of 1. */
static float (*get_phases (void))[DELAY_TAPS]
{
  static gsize ready;
  static float phases[PHASES + 1][DELAY_TAPS];
  guint p, k;

  if (!g_once_init_enter (&ready))
    return phases;
  for (p = 0; p <= PHASES; p++) {
    double sum = 0;

    for (k = 0; k < DELAY_TAPS; k++) {
      double t = (double) k - (HALF - 1) - (double) p / PHASES;

      phases[p][k] = (float) (kaiser (t / HALF) *
          (fabs (t) < 1e-9 ? 1 : sin (G_PI * t) / (G_PI * t)));
      sum += phases[p][k];
    }
    for (k = 0; k < DELAY_TAPS; k++)
      phases[p][k] /= (float) sum;
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

/* The taps for a point @part of a sample after x[HALF - 1], between two phases. */
static inline void
get_taps (float (*phases)[DELAY_TAPS], float part, float taps[DELAY_TAPS])
{
  float at = part * PHASES;
  int phase = (int) at;
  float between = at - (float) phase;
  const float *a = phases[phase], *b = phases[phase + 1];
  guint k;

  for (k = 0; k < DELAY_TAPS; k++)
    taps[k] = a[k] + between * (b[k] - a[k]);
}

static void
read_still (const DelayLine * line, double delay, float out[FOLEY_QUANTUM])
{
  guint whole = (guint) ceil (delay), k, i;
  float x[FOLEY_QUANTUM + DELAY_TAPS - 1], taps[DELAY_TAPS];

  get_taps (line->phases, (float) (whole - delay), taps);
  copy (line, FOLEY_QUANTUM + whole + HALF - 1, G_N_ELEMENTS (x), x);
  memset (out, 0, FOLEY_QUANTUM * sizeof (float));
  for (k = 0; k < DELAY_TAPS; k++)
    for (i = 0; i < FOLEY_QUANTUM; i++)
      out[i] += taps[k] * x[i + k];
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
    const float *in = x + first - (HALF - 1);
    float taps[DELAY_TAPS], sums[4] = { 0 };

    get_taps (line->phases, (float) (at - first), taps);
    for (k = 0; k < DELAY_TAPS; k++)
      sums[k % 4] += taps[k] * in[k];
    out[i] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
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
