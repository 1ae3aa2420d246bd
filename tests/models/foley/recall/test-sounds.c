/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-sounds.c: every embedded recipe sounds, and as loud as it says. */

#include <math.h>
#include <string.h>

#include "tests/models/foley/recall/render-sound.h"

/* dB of loudness that is given away. */
#define TOLERANCE 2.
#define SEEDS 3
/* s of which recipes say the loudness (measure-sounds.c). */
#define MEASURED 6.

/* Says all that fail, not only the first. */
static void
G_GNUC_PRINTF (1, 2)
fail_with (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_test_message ("%s", text);
  g_test_fail ();
}

typedef void (*Check) (const Sound * sound);

static void
for_each (Check check)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Memory) memory = memory_new (NULL, &error);
  guint n;
  const Sound *const *sounds;

  g_assert_no_error (error);
  sounds = memory_list (memory, &n);
  for (guint i = 0; i < n; i++)
    check (sounds[i]);
}

/* Finite; heard, if only now and then; no sample is more than 40 dB over what it
 * is as a whole; and it hums at no direct current. */
static void
check_rate (const Sound * sound, guint rate)
{
  gsize n;
  g_autofree float *samples = render_sound (sound, rate, 3, 1, &n);
  double square = 0, peak = 0, sum = 0, level;

  for (gsize i = 0; i < n; i++) {
    if (!isfinite (samples[i])) {
      fail_with ("%s at %u Hz: not finite", sound->id, rate);
      return;
    }
    square += (double) samples[i] * samples[i];
    sum += samples[i];
    peak = MAX (peak, fabs (samples[i]));
  }
  level = sqrt (square / n);
  if (level < 1e-5 || peak > 100 * level || peak > 100)
    fail_with ("%s at %u Hz: level %g, peak %g", sound->id, rate, level, peak);
  if (fabs (sum / n) > level / 4)
    fail_with ("%s at %u Hz: mean %g, level %g", sound->id, rate, sum / n,
        level);
}

static void
check_rates (const Sound * sound)
{
  check_rate (sound, 8000);
  check_rate (sound, 48000);
  check_rate (sound, 96000);
}

static void
test_rates (void)
{
  for_each (check_rates);
}

/* The same seed gives the same samples; another one others, of what is there
 * while nothing is as regular as a clock. */
static void
check_seeds (const Sound * sound)
{
  gsize n;
  g_autofree float *one = render_sound (sound, 16000, 2, 7, &n);
  g_autofree float *same = render_sound (sound, 16000, 2, 7, &n);
  g_autofree float *other = render_sound (sound, 16000, 2, 8, &n);

  if (memcmp (one, same, n * sizeof (float)) != 0)
    fail_with ("%s: the same seed, other samples", sound->id);
  if (memcmp (one, other, n * sizeof (float)) == 0)
    fail_with ("%s: another seed, the same samples", sound->id);
}

static void
test_seeds (void)
{
  for_each (check_seeds);
}

static void
check_loudness (const Sound * sound)
{
  double loudness = 0;

  for (guint seed = 0; seed < SEEDS; seed++) {
    gsize n;
    g_autofree float *samples = render_sound (sound, 48000, MEASURED, seed, &n);

    loudness += measure_loudness (sound, samples, n) / SEEDS;
  }
  if (fabs (loudness - sound->loudness) > TOLERANCE)
    fail_with ("%s: %.1f LUFS, not %.1f", sound->id, loudness, sound->loudness);
}

static void
test_loudness (void)
{
  for_each (check_loudness);
}

/* Of a measure that is to be trusted: a sine of 997 Hz, full scale, is at -3.01
 * LUFS (BS.1770-4). */
static void
test_measure (void)
{
  Sound sound = {.plays = SOUND_GOES_ON };
  g_autofree float *samples = g_new (float, 48000 * 3);

  for (guint i = 0; i < 48000 * 3; i++)
    samples[i] = (float) sin (2 * G_PI * 997 * i / 48000);
  g_assert_cmpfloat_with_epsilon (measure_loudness (&sound, samples, 48000 * 3),
      -3.01, .02);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sounds/measure", test_measure);
  g_test_add_func ("/sounds/rates", test_rates);
  g_test_add_func ("/sounds/seeds", test_seeds);
  g_test_add_func ("/sounds/loudness", test_loudness);
  return g_test_run ();
}
