/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* spread.c: decorrelation by chains of all-passes, each channel its own. */

#include <math.h>
#include <string.h>

#include "models/foley/mix/allpass.h"
#include "models/foley/mix/level.h"
#include "models/foley/mix/pan.h"
#include "models/foley/mix/spread.h"

#define N_STAGES 4

/* ms, of the first channel; others' are longer, each in its own way. */
static const double times[N_STAGES] = { 8.3, 12.7, 19.1, 29.9 };

struct _Spread
{
  guint channels;
  float gains[FOLEY_MAX_CHANNELS];
  AllPass stages[FOLEY_MAX_CHANNELS][N_STAGES];
  guint ring, quiet;            /* samples: that it rings, that it was silent */
};

Spread *
spread_new (guint rate, FoleyLayout layout)
{
  Spread *spread = g_new0 (Spread, 1);
  guint c, s;

  spread->channels = foley_layout_get_channels (layout);
  pan_get_diffuse (layout, spread->gains);
  for (c = 0; c < spread->channels && spread->channels > 1; c++)
    for (s = 0; s < N_STAGES; s++) {
      AllPass *stage = &spread->stages[c][s];

      stage->length = allpass_get_length (times[(s + c) % N_STAGES] *
          (1 + 0.137 * c) * rate / 1000);
      stage->gain = (c + s) % 2 ? -0.6f : 0.6f;
      allpass_init (stage, stage->length);
      spread->ring = MAX (spread->ring, 2 * stage->length);
    }
  spread->quiet = spread->ring;
  return spread;
}

void
spread_free (Spread * spread)
{
  guint c, s;

  for (c = 0; c < spread->channels && spread->channels > 1; c++)
    for (s = 0; s < N_STAGES; s++)
      allpass_free (&spread->stages[c][s]);
  g_free (spread);
}

gboolean
spread_is_silent (const Spread * spread)
{
  return spread->quiet >= spread->ring;
}

static void
clear (Spread * spread)
{
  guint c, s;

  for (c = 0; c < spread->channels && spread->channels > 1; c++)
    for (s = 0; s < N_STAGES; s++)
      delay_clear (&spread->stages[c][s].line);
}

void
spread_run (Spread * spread, const float in[FOLEY_QUANTUM],
    float (*out)[FOLEY_QUANTUM])
{
  float x[FOLEY_QUANTUM], peak = level_get_peak (in);
  guint c, s, i;

  if (peak < LEVEL_SILENT && spread_is_silent (spread))
    return;
  for (c = 0; c < spread->channels; c++) {
    memcpy (x, in, sizeof x);
    for (s = 0; s < N_STAGES && spread->channels > 1; s++)
      allpass_run (&spread->stages[c][s], x);
    peak = MAX (peak, level_get_peak (x));
    for (i = 0; i < FOLEY_QUANTUM; i++)
      out[c][i] += spread->gains[c] * x[i];
  }
  spread->quiet = peak < LEVEL_SILENT ? spread->quiet + FOLEY_QUANTUM : 0;
  if (spread_is_silent (spread))
    clear (spread);
}
