/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* level.h: how loud a quantum is, and when it is nothing. */

#pragma once

#include <math.h>

#include "models/foley.h"

/* -110 dBFS: what stays below it as long as a delay line is long is cut off,
 * so that tails end, and no number becomes denormal. */
#define LEVEL_SILENT 3e-6f

static inline float
level_get_peak (const float x[FOLEY_QUANTUM])
{
  float peaks[8] = { 0 };
  guint i, j;

  for (i = 0; i < FOLEY_QUANTUM; i += 8)
    for (j = 0; j < 8; j++)
      peaks[j] = fabsf (x[i + j]) > peaks[j] ? fabsf (x[i + j]) : peaks[j];
  for (j = 1; j < 8; j++)
    peaks[0] = MAX (peaks[0], peaks[j]);
  return peaks[0];
}
