/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* delay.c: a ring of samples, read at whole and at broken delays. */

#include <math.h>
#include <string.h>

#include "models/foley/mix/delay.h"

void
delay_init (DelayLine * line, guint longest)
{
  guint size = 4 * FOLEY_QUANTUM;

  while (size < longest + 2 * FOLEY_QUANTUM)
    size *= 2;
  line->ring = g_new0 (float, size);
  line->mask = size - 1;
  line->head = 0;
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

/* Third-order Lagrange interpolation (Laakso et al., Splitting the unit delay,
 * 1996, eq. 42) at @f past the second of four samples, newest first. */
static inline void
lagrange (float f, float c[4])
{
  float p = f + 1, q = f - 1, r = f - 2;

  c[0] = -f * q * r / 6;
  c[1] = p * q * r / 2;
  c[2] = -p * f * r / 2;
  c[3] = p * f * q / 6;
}

static void
read_still (const DelayLine * line, double delay, float out[FOLEY_QUANTUM])
{
  guint whole = (guint) delay, i;
  float x[FOLEY_QUANTUM + 3], c[4];

  lagrange ((float) (delay - whole), c);
  copy (line, FOLEY_QUANTUM + whole + 2, FOLEY_QUANTUM + 3, x);
  for (i = 0; i < FOLEY_QUANTUM; i++)
    out[i] = c[0] * x[i + 3] + c[1] * x[i + 2] + c[2] * x[i + 1] + c[3] * x[i];
}

static void
read_moving (const DelayLine * line, double from, double to,
    float out[FOLEY_QUANTUM])
{
  double step = (to - from) / FOLEY_QUANTUM;
  const float *ring = line->ring;
  guint mask = line->mask, i;

  for (i = 0; i < FOLEY_QUANTUM; i++) {
    double delay = from + step * (i + 1);
    guint whole = (guint) delay;
    guint at = line->head - FOLEY_QUANTUM + i - whole;
    float c[4];

    lagrange ((float) (delay - whole), c);
    out[i] = c[0] * ring[(at + 1) & mask] + c[1] * ring[at & mask] +
        c[2] * ring[(at - 1) & mask] + c[3] * ring[(at - 2) & mask];
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
