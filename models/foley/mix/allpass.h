/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* allpass.h: a comb that passes all frequencies alike, but not at one time. */

#pragma once

#include "models/foley/mix/delay.h"

G_BEGIN_DECLS

typedef struct
{
  DelayLine line;
  guint length;                 /* samples, > FOLEY_QUANTUM */
  float gain;
} AllPass;

/* The smallest prime that is at least @n and longer than a quantum: no two
 * lines of such lengths ring together. */
guint allpass_get_length (double n);
void allpass_init (AllPass * allpass, guint longest);
void allpass_free (AllPass * allpass);
/* In place. */
void allpass_run (AllPass * allpass, float x[FOLEY_QUANTUM]);

G_END_DECLS
