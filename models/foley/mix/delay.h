/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* delay.h: a delay line that is written a quantum at a time. */

#pragma once

#include "models/foley.h"

G_BEGIN_DECLS

/* Of the interpolator between samples: half of them are later. */
#define DELAY_TAPS 16
#define DELAY_LEAST (DELAY_TAPS / 2)

typedef struct _DelayPhase
{
  float taps[DELAY_TAPS], steps[DELAY_TAPS];
} DelayPhase;

typedef struct
{
  float *ring;                  /* [mask + 1] */
  guint mask;
  guint head;                   /* where the next sample is written */
  const DelayPhase *phases;     /* of the interpolator */
} DelayLine;

/* @longest: samples that can be looked back, beyond the last quantum. */
void delay_init (DelayLine * line, guint longest);
void delay_free (DelayLine * line);
void delay_clear (DelayLine * line);
void delay_write (DelayLine * line, const float in[FOLEY_QUANTUM]);
/* One quantum of samples, of which the first was written @back samples ago;
 * @back >= FOLEY_QUANTUM. */
void delay_copy (const DelayLine * line, guint back, float out[FOLEY_QUANTUM]);
/* The last quantum, delayed by a number of samples that moves from @from, at the
 * last sample of the quantum before, to @to at the last of this; both >=
 * DELAY_LEAST, and no farther apart than a quantum. */
void delay_read (const DelayLine * line, double from, double to,
    float out[FOLEY_QUANTUM]);

G_END_DECLS
