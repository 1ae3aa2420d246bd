/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-machines.c: engines, motors, rotors, jets, wings, tyres and rails. */

#include <math.h>

#include "tests/models/foley/physics/measure.h"

#define RATE 48000

static float *
run (const char *type, const char *settings, double seconds, guint * n)
{
  g_autoptr (Bench) bench = bench_new (type, RATE, settings);

  g_free (bench_render (bench, 1, n));
  return bench_render (bench, seconds, n);
}

static double
pitch_of (const char *type, const char *settings, double low, double high)
{
  guint n;
  g_autofree float *x = run (type, settings, 2, &n);

  return measure_pitch (x, n, RATE, low, high);
}

static double
level_of (const char *type, const char *settings)
{
  guint n;
  g_autofree float *x = run (type, settings, 2, &n);

  return measure_rms (x, n);
}

/* Firings a second: rpm / 120 a cylinder, of two strokes rpm / 60. */
static void
test_firings (void)
{
  static const struct
  {
    const char *settings;
    double expected;
  } cases[] = {
    {"rpm=3000 cylinders=4", 100}, {"rpm=1500 cylinders=6", 75},
    {"rpm=6000 cylinders=2", 100}, {"rpm=900 cylinders=8", 60},
    {"kind=two-stroke rpm=5400 cylinders=1", 90},
    {"kind=diesel rpm=1800 cylinders=6", 90},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    double f = pitch_of ("engine", cases[i].settings, 0.7 * cases[i].expected,
        1.4 * cases[i].expected);

    g_test_message ("%s: %.1f Hz, %.1f expected", cases[i].settings, f,
        cases[i].expected);
    g_assert_cmpfloat (fabs (f / cases[i].expected - 1), <, 0.01);
  }
}

/* Faster in the same gear is higher; at rest it idles; work is louder and
 * brighter; gears bring the turns down. */
static void
test_driving (void)
{
  double idle = pitch_of ("engine", "speed=0 effort=0", 18, 40);
  double one = pitch_of ("engine", "gears=1 speed=25 effort=0.5", 40, 300);
  double two = pitch_of ("engine", "gears=1 speed=40 effort=0.5", 40, 300);
  double five = pitch_of ("engine", "gears=5 speed=10 top-speed=50", 20, 300);

  g_assert_cmpfloat (fabs (idle / (800 / 120.0 * 4) - 1), <, 0.02);
  g_assert_cmpfloat (fabs (one / 100 - 1), <, 0.02);
  g_assert_cmpfloat (fabs (two / one - 1.6), <, 0.03);
  g_assert_cmpfloat (five, >, 50);
  g_assert_cmpfloat (five, <, 130);
  g_assert_cmpfloat (level_of ("engine", "rpm=3000 effort=1"), >,
      1.5 * level_of ("engine", "rpm=3000 effort=0"));
}

static void
test_motor (void)
{
  /* 24 poles a turn are the strongest of a car's */
  double f = pitch_of ("motor", "rpm=1200", 300, 700);

  g_assert_cmpfloat (fabs (f / 480 - 1), <, 0.01);
}

/* Blades that pass a second */
static void
test_rotor (void)
{
  double f = pitch_of ("rotor", "kind=propeller rpm=2400 blades=3", 60, 200);
  double drone = pitch_of ("rotor", "kind=drone size=0.25 effort=0.5", 100,
      400);

  g_assert_cmpfloat (fabs (f / 120 - 1), <, 0.01);
  g_assert_cmpfloat (fabs (drone / (95 / (G_PI * 0.25) * 2) - 1), <, 0.01);
}

/* The larger the nozzle, the lower; the harder, the louder. */
static void
test_rocket (void)
{
  guint n;
  g_autofree float *small = run ("rocket", "effort=1 size=0.2", 3, &n);
  g_autofree float *large = run ("rocket", "effort=1 size=4", 3, &n);

  g_assert_cmpfloat (measure_centroid (small, n, RATE), >,
      1.5 * measure_centroid (large, n, RATE));
  g_assert_cmpfloat (level_of ("rocket", "effort=1"), >,
      2 * level_of ("rocket", "effort=0.3"));
}

/* Beats: 4 / span, seen in the envelope of slow wings, heard of fast ones. */
static void
test_wings (void)
{
  static const double spans[] = { 0.35, 0.65, 1.2 };
  guint i, k, n, count;
  double bee = pitch_of ("wings", "amount=0.5 size=0.02", 100, 400);

  g_assert_cmpfloat (fabs (bee / 200 - 1), <, 0.05);
  for (i = 0; i < G_N_ELEMENTS (spans); i++) {
    g_autofree char *settings = g_strdup_printf ("amount=0.5 size=%g",
        spans[i]);
    g_autofree float *x = run ("wings", settings, 8, &n);
    g_autofree float *envelope = measure_envelope (x, n, 256, &count);
    double f = 4 / spans[i], mean = 0, found;

    for (k = 0; k < count; k++)
      mean += envelope[k] / count;
    for (k = 0; k < count; k++)
      envelope[k] -= mean;
    found = measure_pitch (envelope, count, RATE / 256.0, 0.5 * f, 1.8 * f);
    g_test_message ("span %g m: %.2f beats a second, %.2f expected", spans[i],
        found, f);
    g_assert_cmpfloat (fabs (found / f - 1), <, 0.06);
  }
}

static void
test_tyres (void)
{
  double slow = level_of ("tyres", "speed=10 material=asphalt");
  double fast = level_of ("tyres", "speed=20 material=asphalt");

  /* 30 to 40 log v: 9 to 12 dB for twice the speed */
  g_assert_cmpfloat (20 * log10 (fast / slow), >, 7);
  g_assert_cmpfloat (20 * log10 (fast / slow), <, 12);
  g_assert_cmpfloat (level_of ("tyres", "speed=20 material=asphalt wet=1"), >,
      1.2 * fast);
}

/* Four axles clack at each joint. */
static void
test_rails (void)
{
  guint n, count, i, found = 0;
  g_autofree float *x = run ("rails", "speed=12 joint=15 size=15", 10, &n);
  g_autofree float *envelope = NULL;
  double most = 0;

  envelope = measure_envelope (x, n, RATE / 200, &count);
  for (i = 0; i < count; i++)
    most = MAX (most, envelope[i]);
  for (i = 4; i < count; i++)
    if (envelope[i] > 0.35 * most && envelope[i] > 2.0 * envelope[i - 4]) {
      found++;
      i += 16;                  /* 80 ms: axles are 150 ms apart */
    }
  /* 10 s * 12 m/s / 15 m * 4 */
  g_test_message ("%u clacks, 32 expected", found);
  g_assert_cmpuint (found, >=, 28);
  g_assert_cmpuint (found, <=, 36);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/foley/physics/engine/firings", test_firings);
  g_test_add_func ("/foley/physics/engine/driving", test_driving);
  g_test_add_func ("/foley/physics/motor", test_motor);
  g_test_add_func ("/foley/physics/rotor", test_rotor);
  g_test_add_func ("/foley/physics/rocket", test_rocket);
  g_test_add_func ("/foley/physics/wings", test_wings);
  g_test_add_func ("/foley/physics/tyres", test_tyres);
  g_test_add_func ("/foley/physics/rails", test_rails);
  return g_test_run ();
}
