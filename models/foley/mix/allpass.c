/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* allpass.c: Schroeder's all-pass (Natural sounding artificial reverberation,
 * 1962). */

#include "models/foley/mix/allpass.h"

static gboolean
is_prime (guint n)
{
  guint d;

  for (d = 2; d * d <= n; d++)
    if (n % d == 0)
      return FALSE;
  return TRUE;
}

guint
allpass_get_length (double n)
{
  guint length = MAX ((guint) n, FOLEY_QUANTUM + 1);

  while (!is_prime (length))
    length++;
  return length;
}

void
allpass_init (AllPass * allpass, guint longest)
{
  delay_init (&allpass->line, longest);
}

void
allpass_free (AllPass * allpass)
{
  delay_free (&allpass->line);
}

void
allpass_run (AllPass * allpass, float x[FOLEY_QUANTUM])
{
  float late[FOLEY_QUANTUM], in[FOLEY_QUANTUM], gain = allpass->gain;
  guint i;

  delay_copy (&allpass->line, allpass->length, late);
  for (i = 0; i < FOLEY_QUANTUM; i++)
    in[i] = x[i] - gain * late[i];
  for (i = 0; i < FOLEY_QUANTUM; i++)
    x[i] = gain * in[i] + late[i];
  delay_write (&allpass->line, in);
}
