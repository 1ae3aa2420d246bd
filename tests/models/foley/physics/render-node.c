/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* render-node.c: hear a node of physics: writes a WAV of 48 kHz to its output.
 *
 *   render-node TYPE SECONDS [TRIGGERS A SECOND] [NAME=VALUE ...] >x.wav
 *   render-node impact+modal ...    the second is driven by the first */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/models/foley/physics/measure.h"

#define RATE 48000

static void
write_header (guint32 n)
{
  struct
  {
    char riff[4];
    guint32 size;
    char wave[8];
    guint32 length;
    guint16 format, channels;
    guint32 rate, bytes;
    guint16 block, bits;
    char data[4];
    guint32 bytes_of_data;
  } header = {
    "RIFF", GUINT32_TO_LE (36 + 4 * n), "WAVEfmt ", GUINT32_TO_LE (16),
    GUINT16_TO_LE (3), GUINT16_TO_LE (1), GUINT32_TO_LE (RATE),
    GUINT32_TO_LE (4 * RATE), GUINT16_TO_LE (4), GUINT16_TO_LE (32), "data",
    GUINT32_TO_LE (4 * n)
  };

  memcpy (header.riff, "RIFF", 4);
  memcpy (header.wave, "WAVEfmt ", 8);
  memcpy (header.data, "data", 4);
  fwrite (&header, 44, 1, stdout);
}

int
main (int argc, char **argv)
{
  GString *settings[2] = { g_string_new (NULL), g_string_new (NULL) };
  g_auto (GStrv) types = g_strsplit (argc > 2 ? argv[1] : "", "+", 2);
  guint i, k, quanta, n_types = g_strv_length (types), period = 0, n;
  g_autoptr (Bench) first = NULL;
  g_autoptr (Bench) second = NULL;

  if (argc < 3 || n_types == 0) {
    g_printerr ("render-node TYPE[+TYPE] SECONDS [TRIGGERS A SECOND] "
        "[NAME=VALUE ...] [/ NAME=VALUE ...] >x.wav\n");
    return 2;
  }
  for (i = 3, k = 0; i < (guint) argc; i++)
    if (strcmp (argv[i], "/") == 0)
      k = 1;
    else if (!strchr (argv[i], '='))
      period = RATE / FOLEY_QUANTUM / MAX (atof (argv[i]), 0.01);
    else
      g_string_append_printf (settings[k], "%s ", argv[i]);
  first = bench_new (types[0], RATE, settings[0]->str);
  if (n_types > 1)
    second = bench_new (types[1], RATE, settings[1]->str);
  quanta = atof (argv[2]) * RATE / FOLEY_QUANTUM;
  write_header (quanta * FOLEY_QUANTUM);
  for (i = 0; i < quanta; i++) {
    g_autofree float *out = NULL;

    if (period && i % period == 0) {
      bench_trigger (first, 17, 1);
      if (second)
        bench_trigger (second, 17, 1);
    }
    out = bench_render (first, 1.0 / RATE, &n);
    if (second) {
      const float *in = out;
      g_autofree float *rung = NULL;

      second->inputs = &in;
      second->node.n_inputs = 1;
      rung = bench_render (second, 1.0 / RATE, &n);
      fwrite (rung, sizeof *rung, n, stdout);
    } else
      fwrite (out, sizeof *out, n, stdout);
  }
  g_string_free (settings[0], TRUE);
  g_string_free (settings[1], TRUE);
  return 0;
}
