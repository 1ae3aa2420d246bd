/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-liquids.c: bubbles, splashes, waves, rain, fire and wind. */

#include <math.h>

#include "models/foley/shape/physics/bubbles.h"
#include "tests/models/foley/physics/measure.h"

#define RATE 48000

/* One bubble: 3.26 / r Hz, decaying by 0.13 / r + 0.0072 r^-1.5. */
static void
test_pitch (void)
{
  static const float radii[] = { 0.0005f, 0.001f, 0.003f, 0.01f };
  guint i, k, n = RATE / 4 / FOLEY_QUANTUM * FOLEY_QUANTUM;

  for (i = 0; i < G_N_ELEMENTS (radii); i++) {
    g_autoptr (Bench) bench = bench_new ("bubbles", RATE, "");
    g_autofree float *x = g_new0 (float, n);
    Bubbles bubbles = { 0 };
    double f = 3.26 / radii[i], d = 0.13 / radii[i] + 0.0072 * pow (radii[i],
        -1.5), found, t60;
    guint window = MAX (4 / d, 12 / f) * RATE / 2;

    bubbles_add (&bubbles, 10, radii[i], 1, 0);
    for (k = 0; k < n; k += FOLEY_QUANTUM)
      bubbles_render (&bubbles, &bench->node, x + k);
    found = measure_pitch (x, n, RATE, 0.5 * f, 2 * f);
    t60 = measure_t60 (x + 10, n - 10, RATE, f, MIN (window, n / 2 - 10));
    g_test_message ("%.1f mm: %.0f Hz, %.0f expected; T60 %.3f s, %.3f",
        1000 * radii[i], found, f, t60, 6.908 / d);
    g_assert_cmpfloat (fabs (found / f - 1), <, 0.005);
    g_assert_cmpfloat (fabs (t60 * d / 6.908 - 1), <, 0.1);
  }
}

/* Near the surface the pitch goes up. */
static void
test_rise (void)
{
  g_autoptr (Bench) bench = bench_new ("bubbles", RATE, "");
  float x[4096] = { 0 };
  Bubbles bubbles = { 0 };
  guint k;

  bubbles_add (&bubbles, 0, 0.004f, 1, 0.2f);
  for (k = 0; k < 4096; k += FOLEY_QUANTUM)
    bubbles_render (&bubbles, &bench->node, x + k);
  g_assert_cmpfloat (measure_pitch (x + 2048, 2048, RATE, 500, 2000), >,
      1.1 * measure_pitch (x, 1024, RATE, 500, 2000));
}

static double
level_of (const char *type, const char *settings, double seconds)
{
  g_autoptr (Bench) bench = bench_new (type, RATE, settings);
  g_autofree float *x = NULL;
  guint n;

  g_free (bench_render (bench, 2, &n));
  x = bench_render (bench, seconds, &n);
  return measure_rms (x, n);
}

/* The more of it, the louder. */
static void
test_amount (void)
{
  static const char *const types[] = {
    "bubbles", "rain", "wind", "fire", "waves"
  };
  guint i, k;

  for (i = 0; i < G_N_ELEMENTS (types); i++) {
    double last = 0;

    for (k = 1; k <= 4; k++) {
      g_autofree char *settings = g_strdup_printf ("amount=%g", 0.25 * k);
      double level = level_of (types[i], settings, 20);

      g_test_message ("%s at %g: %.1f dB", types[i], 0.25 * k,
          20 * log10 (level));
      g_assert_cmpfloat (level, >, 1.15 * last);
      last = level;
    }
    g_assert_cmpfloat (last, >, 0.02);
    g_assert_cmpfloat (last, <, 0.5);
  }
}

static double
centroid_of (const char *type, const char *settings, gboolean trigger)
{
  g_autoptr (Bench) bench = bench_new (type, RATE, settings);
  g_autofree float *x = NULL;
  guint n;

  if (trigger)
    bench_trigger (bench, 0, 1);
  x = bench_render (bench, 4, &n);
  return measure_centroid (x, n, RATE);
}

static void
test_rain_on (void)
{
  g_assert_cmpfloat (centroid_of ("rain", "amount=0.5 material=glass", FALSE),
      >, 1.1 * centroid_of ("rain", "amount=0.5 material=cloth", FALSE));
}

/* Wind that blows harder is brighter, and rustles in trees. */
static void
test_wind (void)
{
  g_assert_cmpfloat (centroid_of ("wind", "amount=1 gusts=0", FALSE), >,
      1.3 * centroid_of ("wind", "amount=0.2 gusts=0", FALSE));
  g_assert_cmpfloat (centroid_of ("wind", "amount=0.4 where=trees", FALSE), >,
      1.5 * centroid_of ("wind", "amount=0.4 where=open", FALSE));
}

/* Gusts come and go slowly; without them it is steady. */
static void
test_gusts (void)
{
  double spread[2];
  guint g, i, n, count;

  for (g = 0; g < 2; g++) {
    g_autofree char *settings = g_strdup_printf ("amount=0.5 gusts=%u", g);
    g_autoptr (Bench) bench = bench_new ("wind", RATE, settings);
    g_autofree float *x = bench_render (bench, 30, &n);
    g_autofree float *envelope = measure_envelope (x, n, RATE / 2, &count);
    double mean = 0;

    spread[g] = 0;
    for (i = 4; i < count; i++)
      mean += envelope[i] / (count - 4);
    for (i = 4; i < count; i++)
      spread[g] += fabs (envelope[i] / mean - 1) / (count - 4);
  }
  g_test_message ("level varies by %.2f without gusts, %.2f with", spread[0],
      spread[1]);
  g_assert_cmpfloat (spread[1], >, 2 * spread[0]);
}

/* What is larger splashes lower, what is faster louder. */
static void
test_splash (void)
{
  g_assert_cmpfloat (centroid_of ("splash", "size=0.03", TRUE), >,
      1.5 * centroid_of ("splash", "size=1", TRUE));
}

/* Waves swell and break about as often as their period says. */
static void
test_waves (void)
{
  g_autoptr (Bench) bench = bench_new ("waves", 16000, "amount=1 period=5");
  guint i, n, count, found = 0;
  g_autofree float *x = bench_render (bench, 60, &n);
  g_autofree float *envelope = measure_envelope (x, n, 4000, &count);

  /* Breaks: twice as loud as a second before, once each */
  for (i = 4; i < count; i++)
    if (envelope[i] > 1.5 * envelope[i - 4]
        && !(i > 4 && envelope[i - 1] > 1.5 * envelope[i - 5]))
      found++;
  g_test_message ("%u waves in a minute", found);
  g_assert_cmpuint (found, >=, 6);
  g_assert_cmpuint (found, <=, 18);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/foley/physics/bubbles/pitch", test_pitch);
  g_test_add_func ("/foley/physics/bubbles/rise", test_rise);
  g_test_add_func ("/foley/physics/liquids/amount", test_amount);
  g_test_add_func ("/foley/physics/rain/on", test_rain_on);
  g_test_add_func ("/foley/physics/wind/band", test_wind);
  g_test_add_func ("/foley/physics/wind/gusts", test_gusts);
  g_test_add_func ("/foley/physics/splash", test_splash);
  g_test_add_func ("/foley/physics/waves", test_waves);
  return g_test_run ();
}
