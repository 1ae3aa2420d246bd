/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-voices.c: what animals and people utter. */

#include <math.h>

#include "models/foley/shape/physics/utterances.h"
#include "tests/models/foley/physics/measure.h"

#define RATE 48000

static float *
call (const char *settings, double seconds, guint * n)
{
  g_autoptr (Bench) bench = bench_new ("voice", RATE, settings);

  bench_trigger (bench, 0, 1);
  return bench_render (bench, seconds, n);
}

/* Each call's pitch stays within its contour; it is heard, and not too loud. */
static void
test_pitches (void)
{
  guint i, k, n;

  for (i = 0; utterance_names[i]; i++) {
    const Utterance *u = &utterances[i];
    g_autofree char *settings = g_strdup_printf ("call=%s", u->name);
    g_autofree float *x = call (settings, u->seconds, &n);
    double low = 1e9, high = 0, f;

    g_assert_cmpstr (u->name, ==, utterance_names[i]);
    g_assert_cmpfloat (measure_peak (x, n), >, 0.03);
    g_assert_cmpfloat (measure_peak (x, n), <, 1.5);
    if (u->harmonics == 0)
      continue;
    for (k = 0; k < UTTERANCE_KNOTS; k++) {
      low = MIN (low, u->pitch[k]);
      high = MAX (high, u->pitch[k]);
    }
    /* The strongest below the second harmonic of the highest */
    f = measure_pitch (x, n, RATE, 0.6 * low, 1.45 * high);
    g_test_message ("%s: %.0f Hz of %.0f to %.0f, peak %.2f", u->name, f, low,
        high, measure_peak (x, n));
    g_assert_cmpfloat (f, >, 0.65 * low);
    g_assert_cmpfloat (f, <, 1.45 * high);
  }
}

/* Larger animals have lower voices and lower formants. */
static void
test_size (void)
{
  guint n;
  g_autofree float *small = call ("call=bark size=0.3", 0.3, &n);
  g_autofree float *large = call ("call=bark size=1.2", 0.3, &n);
  g_autofree float *whistle = call ("call=hoot size=0.45", 0.5, &n);
  g_autofree float *lower = call ("call=hoot size=0.9", 0.5, &n);

  g_assert_cmpfloat (measure_centroid (small, RATE / 5, RATE), >,
      1.8 * measure_centroid (large, RATE / 5, RATE));
  g_assert_cmpfloat_with_epsilon (measure_pitch (whistle, n, RATE, 100, 1000)
      / measure_pitch (lower, n, RATE, 50, 1000), pow (2, 0.85), 0.3);
}

/* No two calls are the same; with the same seed, all are. */
static void
test_chance (void)
{
  g_autoptr (Bench) bench = bench_new ("voice", RATE, "call=meow");
  double pitches[3];
  guint i, n;

  for (i = 0; i < 3; i++) {
    g_autofree float *x = NULL;

    bench_trigger (bench, 0, 1);
    x = bench_render (bench, 4, &n);
    pitches[i] = measure_pitch (x, RATE / 2, RATE, 300, 1000);
  }
  g_assert_cmpfloat (fabs (pitches[0] / pitches[1] - 1)
      + fabs (pitches[1] / pitches[2] - 1), >, 0.005);
}

/* A bout has as many calls as its row says. */
static void
test_bouts (void)
{
  guint i, n, count, trial;

  for (trial = 0; trial < 3; trial++) {
    g_autoptr (Bench) bench = bench_new ("voice", RATE, "call=caw");
    g_autofree float *x = NULL;
    g_autofree float *envelope = NULL;
    guint found = 0;

    for (i = 0; i <= trial; i++) {
      g_free (x);
      bench_trigger (bench, 0, 1);
      x = bench_render (bench, 5, &n);
    }
    envelope = measure_envelope (x, n, RATE / 50, &count);
    for (i = 1; i < count; i++)
      if (envelope[i] > 0.01 && envelope[i - 1] <= 0.01)
        found++;
    found += envelope[0] > 0.01;
    g_assert_cmpuint (found, >=, 2);
    g_assert_cmpuint (found, <=, 4);
  }
}

/* By themselves: more of them the larger the amount, and none at 0. */
static void
test_amount (void)
{
  double levels[3];
  guint i, n;

  for (i = 0; i < 3; i++) {
    g_autofree char *settings = g_strdup_printf ("call=chirp amount=%g",
        0.5 * i);
    g_autoptr (Bench) bench = bench_new ("voice", RATE, settings);
    g_autofree float *x = bench_render (bench, 40, &n);

    levels[i] = measure_rms (x, n);
  }
  g_assert_cmpfloat (levels[0], ==, 0);
  g_assert_cmpfloat (levels[1], >, 0.001);
  g_assert_cmpfloat (levels[2], >, 1.2 * levels[1]);
}

/* Formants: the spectrum's top is where the row has its first. */
static void
test_formants (void)
{
  guint n;
  g_autofree float *x = call ("call=moo", 1.5, &n);
  double at = measure_band (x, n, RATE, 380, 640);

  g_assert_cmpfloat (at, >, 2 * measure_band (x, n, RATE, 1300, 1560));
  g_assert_cmpfloat (measure_band (x, n, RATE, 800, 1060), >,
      1.2 * measure_band (x, n, RATE, 1300, 1560));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/foley/physics/voices/pitches", test_pitches);
  g_test_add_func ("/foley/physics/voices/size", test_size);
  g_test_add_func ("/foley/physics/voices/chance", test_chance);
  g_test_add_func ("/foley/physics/voices/bouts", test_bouts);
  g_test_add_func ("/foley/physics/voices/amount", test_amount);
  g_test_add_func ("/foley/physics/voices/formants", test_formants);
  return g_test_run ();
}
