/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* limiter.c: a look-ahead limiter.  The gain that a true peak needs is held for a
 * window, let go slowly, and averaged over the same window, which makes it
 * arrive smoothly and just in time. */

#include <math.h>
#include <string.h>

#include "models/foley/mix/level.h"
#include "models/foley/mix/limiter.h"

/* Peaks between samples s and s + 1 are found with the HALF samples on either
 * side: known HALF samples late. */
#define HALF 16
#define PHASES 8
/* So that the latency is a quantum: WINDOW - 1 + HALF. */
#define WINDOW (LIMITER_LATENCY + 1 - HALF)
#define RELEASE 0.1             /* s */
/* dB: what eight times the samples may miss of a peak, and what the moving gain
 * may add to it. */
#define MARGIN 0.12

struct _Limiter
{
  guint channels;
  float ceiling, release;
  float phases[PHASES - 1][2 * HALF];
  float bound;                  /* of a true peak over a sample peak */
  float past[FOLEY_MAX_CHANNELS][2 * HALF - 1 + FOLEY_QUANTUM];
  /* Of the last WINDOW - 1 samples and this quantum: the gain each needs, and
   * that after hold and release. */
  float needs[WINDOW - 1 + FOLEY_QUANTUM];
  float held[WINDOW - 1 + FOLEY_QUANTUM];
  guint idle;                   /* samples for which all has been 1 */
};

/* Sinc in a Kaiser window (beta 6), each phase with a sum of 1. */
static void
design (Limiter * limiter)
{
  guint p, k;

  limiter->bound = 1;
  for (p = 0; p < PHASES - 1; p++) {
    double sum = 0, size = 0;

    for (k = 0; k < 2 * HALF; k++) {
      double t = (double) k - (HALF - 1) - (p + 1.0) / PHASES, u = t / HALF;
      double x = 3 * sqrt (MAX (0, 1 - u * u)), term = 1, window = 1;
      guint j;

      for (j = 1; j < 20; j++) {        /* the Bessel function I0 (6 ...) */
        term *= x / j * x / j;
        window += term;
      }
      limiter->phases[p][k] = (float) (sin (G_PI * t) / (G_PI * t) * window);
      sum += limiter->phases[p][k];
    }
    for (k = 0; k < 2 * HALF; k++) {
      limiter->phases[p][k] /= (float) sum;
      size += fabsf (limiter->phases[p][k]);
    }
    limiter->bound = MAX (limiter->bound, (float) size);
  }
}

Limiter *
limiter_new (guint rate, guint channels, double peak)
{
  Limiter *limiter = g_new0 (Limiter, 1);
  guint i;

  limiter->channels = channels;
  limiter->ceiling = (float) pow (10, (peak - MARGIN) / 20);
  limiter->release = (float) (1 - exp (-1 / (RELEASE * rate)));
  for (i = 0; i < G_N_ELEMENTS (limiter->needs); i++)
    limiter->needs[i] = limiter->held[i] = 1;
  limiter->idle = WINDOW;
  design (limiter);
  return limiter;
}

void
limiter_free (Limiter * limiter)
{
  g_free (limiter);
}

/* The true peaks of the quantum that begins at @x[HALF - 1], each between a sample
 * and the next; @peaks: the largest so far, of all channels. */
static void
find_peaks (const Limiter * limiter, const float *x, float *peaks)
{
  guint p, k, i;

  for (i = 0; i < FOLEY_QUANTUM; i++)
    peaks[i] = MAX (peaks[i], fabsf (x[i + HALF - 1]));
  for (p = 0; p < PHASES - 1; p++) {
    float y[FOLEY_QUANTUM] = { 0 };

    for (k = 0; k < 2 * HALF; k++)
      for (i = 0; i < FOLEY_QUANTUM; i++)
        y[i] += limiter->phases[p][k] * x[i + k];
    for (i = 0; i < FOLEY_QUANTUM; i++)
      peaks[i] = MAX (peaks[i], fabsf (y[i]));
  }
}

/* The least of each value and those up to WINDOW - 1 before it: powers of two by
 * doubling, two of which overlap to make the window. */
static void
hold (const float *needs, float out[FOLEY_QUANTUM])
{
  float least[WINDOW - 1 + FOLEY_QUANTUM];
  guint n = G_N_ELEMENTS (least), width, i;

  memcpy (least, needs, sizeof least);
  for (width = 1; width * 2 <= WINDOW; width *= 2)
    for (i = n; i-- > width;)
      least[i] = MIN (least[i], least[i - width]);
  for (i = 0; i < FOLEY_QUANTUM; i++)
    out[i] = MIN (least[i + WINDOW - 1], least[i + width - 1]);
}

static void
smooth (Limiter * limiter, float gains[FOLEY_QUANTUM])
{
  float *held = limiter->held + WINDOW - 1, least[FOLEY_QUANTUM];
  float gain = held[-1];
  double sum = 0;
  guint i;

  hold (limiter->needs, least);
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    gain += (1 - gain) * limiter->release;
    gain = gain > 1 - 1e-5f ? 1 : gain;
    gain = MIN (gain, least[i]);
    held[i] = gain;
  }
  for (i = 0; i < WINDOW - 1; i++)
    sum += limiter->held[i];
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    sum += held[i];
    gains[i] = (float) (sum / WINDOW);
    sum -= limiter->held[i];
  }
}

/* Moves the histories on by a quantum. */
static void
move (Limiter * limiter)
{
  memmove (limiter->needs, limiter->needs + FOLEY_QUANTUM,
      (WINDOW - 1) * sizeof (float));
  memmove (limiter->held, limiter->held + FOLEY_QUANTUM,
      (WINDOW - 1) * sizeof (float));
}

gboolean
limiter_run (Limiter * limiter, float (*x)[FOLEY_QUANTUM],
    float gains[FOLEY_QUANTUM])
{
  float peaks[FOLEY_QUANTUM] = { 0 }, *needs = limiter->needs + WINDOW - 1;
  gboolean one = TRUE;
  guint c, i;

  for (c = 0; c < limiter->channels; c++) {
    float *past = limiter->past[c];

    memmove (past, past + FOLEY_QUANTUM, (2 * HALF - 1) * sizeof (float));
    memcpy (past + 2 * HALF - 1, x[c], FOLEY_QUANTUM * sizeof (float));
    if (MAX (level_get_peak (past), level_get_peak (past + 2 * HALF - 1)) *
        limiter->bound > limiter->ceiling)
      find_peaks (limiter, past, peaks);
  }
  move (limiter);
  for (i = 0; i < FOLEY_QUANTUM; i++) {
    needs[i] = peaks[i] > limiter->ceiling ? limiter->ceiling / peaks[i] : 1;
    one = one && needs[i] == 1;
  }
  if (one && limiter->idle >= 2 * WINDOW) {
    for (i = 0; i < FOLEY_QUANTUM; i++)
      needs[i] = limiter->held[WINDOW - 1 + i] = 1;
    return FALSE;
  }
  smooth (limiter, gains);
  one = one && limiter->held[WINDOW - 2 + FOLEY_QUANTUM] == 1;
  limiter->idle = one ? limiter->idle + FOLEY_QUANTUM : 0;
  return TRUE;
}
