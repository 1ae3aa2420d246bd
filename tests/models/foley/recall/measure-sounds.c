/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* measure-sounds.c: what the graphs of recipes give, for their key loudness.
 *
 *   measure-sounds [FOLDER]     prints a line each: id, LUFS, peak in dB, times
 *                               as fast as it lasts
 *   measure-sounds FOLDER ID SECONDS >x.f32     its samples, 48 kHz float */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/models/foley/recall/render-sound.h"

#define RATE 48000
#define SEEDS 3
#define SECONDS 6.

static void
measure (const Sound * sound)
{
  double loudness = 0, peak = 0;
  gint64 begin = g_get_monotonic_time ();

  for (guint seed = 0; seed < SEEDS; seed++) {
    gsize n;
    g_autofree float *samples = render_sound (sound, RATE, SECONDS, seed, &n);

    loudness += measure_loudness (sound, samples, n) / SEEDS;
    for (gsize i = 0; i < n; i++)
      peak = MAX (peak, fabs (samples[i]));
  }
  printf ("%s %.1f %.1f %.0f\n", sound->id, loudness, 20 * log10 (peak),
      SEEDS * SECONDS * 1e6 / (g_get_monotonic_time () - begin));
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Memory) memory = memory_new (argc > 1 ? argv[1] : NULL, &error);
  const Sound *const *sounds;
  guint n;

  if (memory == NULL) {
    g_printerr ("%s\n", error->message);
    return 1;
  }
  for (guint i = 0; memory_get_complaints (memory)[i]; i++)
    g_printerr ("%s\n", memory_get_complaints (memory)[i]);
  sounds = memory_list (memory, &n);
  for (guint i = 0; i < n; i++)
    if (argc < 4)
      measure (sounds[i]);
    else if (strcmp (sounds[i]->id, argv[2]) == 0) {
      gsize length;
      g_autofree float *samples = render_sound (sounds[i], RATE,
          g_ascii_strtod (argv[3], NULL), 0, &length);

      fwrite (samples, sizeof (float), length, stdout);
    }
  return 0;
}
