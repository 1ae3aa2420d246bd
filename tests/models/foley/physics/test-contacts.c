/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-contacts.c: things that meet, roll, slide and squeak. */

#include <math.h>

#include "models/foley/shape/physics/materials.h"
#include "tests/models/foley/physics/measure.h"

#define RATE 48000

/* The longer the contact, the duller: the half-sine's spectrum, cos (pi f T) /
 * (1 - 4 f^2 T^2), has 90 % of its energy below 0.77 / T. */
static void
test_spectrum (void)
{
  static const double hardnesses[] = { 1e11, 1e9, 1e7, 1e6 };
  guint i, n;

  for (i = 0; i < G_N_ELEMENTS (hardnesses); i++) {
    double time = material_get_contact_time (0.03, 0.01, hardnesses[i], 1);
    double expected = 0.77 / time, found;
    g_autofree char *settings = g_strdup_printf ("mass=0.03 size=0.02 "
        "hardness=%g residual=-80", hardnesses[i]);
    g_autoptr (Bench) bench = bench_new ("impact", RATE, settings);
    g_autofree float *x = NULL;

    bench_trigger (bench, 0, 1);
    x = bench_render (bench, 0.5, &n);
    found = measure_rolloff (x, n, RATE, 0.1);
    g_test_message ("contact of %.0f us: 90 %% below %.0f Hz, %.0f expected",
        1e6 * time, found, MIN (expected, RATE / 2));
    if (expected < RATE / 4)
      g_assert_cmpfloat (fabs (found / expected - 1), <, 0.1);
    else
      g_assert_cmpfloat (found, >, RATE / 4);
  }
}

static double
area_of (const char *settings, float strength)
{
  g_autoptr (Bench) bench = bench_new ("impact", RATE, settings);
  g_autofree float *x = NULL;
  double sum = 0;
  guint i, n;

  bench_trigger (bench, 0, strength);
  x = bench_render (bench, 0.5, &n);
  for (i = 0; i < n; i++)
    sum += x[i];
  g_assert_true (bench_is_silent (bench));
  return sum;
}

/* The area is momentum over that of the reference, and saturates. */
static void
test_momentum (void)
{
  double small = area_of ("mass=0.001 speed=1 restitution=0 residual=-80", 1);

  g_assert_cmpfloat_with_epsilon (small, 0.01, 0.0005);
  g_assert_cmpfloat_with_epsilon (area_of ("mass=0.001 speed=2 restitution=0 "
          "residual=-80", 1) / small, 2, 0.01);
  g_assert_cmpfloat_with_epsilon (area_of ("mass=0.001 speed=1 restitution=1 "
          "residual=-80", 1) / small, 2, 0.01);
  g_assert_cmpfloat_with_epsilon (area_of ("mass=0.001 speed=1 restitution=0 "
          "residual=-80", 0.5) / small, 0.5, 0.01);
  g_assert_cmpfloat (area_of ("mass=1500 speed=20 residual=-80", 1), <, 8.1);
  g_assert_cmpfloat (area_of ("mass=1500 speed=20 residual=-80", 1), >, 7.9);
}

/* It begins where the trigger says. */
static void
test_offset (void)
{
  g_autoptr (Bench) bench = bench_new ("impact", RATE, "hardness=1e11");
  g_autofree float *x = NULL;
  guint i, n;

  bench_trigger (bench, 41, 1);
  x = bench_render (bench, 0.1, &n);
  for (i = 0; i < 41; i++)
    g_assert_cmpfloat (x[i], ==, 0);
  g_assert_cmpfloat (fabs (x[41]) + fabs (x[42]), >, 1e-4);
}

/* The envelope of a rolling thing comes and goes with each turn. */
static void
test_turns (void)
{
  static const double speeds[] = { 1, 2, 4 };
  guint i, k, n, count;

  for (i = 0; i < G_N_ELEMENTS (speeds); i++) {
    g_autofree char *settings = g_strdup_printf ("speed=%g size=0.15 mass=0.5 "
        "uneven=1 roughness=0.1", speeds[i]);
    g_autoptr (Bench) bench = bench_new ("roll", RATE, settings);
    g_autofree float *x = bench_render (bench, 12, &n);
    g_autofree float *envelope = measure_envelope (x, n, 256, &count);
    double mean = 0, expected = speeds[i] / (G_PI * 0.15), found;

    for (k = 0; k < count; k++)
      mean += envelope[k] / count;
    for (k = 0; k < count; k++)
      envelope[k] -= mean;
    found = measure_pitch (envelope, count, RATE / 256.0, 0.4 * expected,
        3 * expected);
    g_test_message ("%g m/s: %.2f turns a second, %.2f expected", speeds[i],
        found, expected);
    g_assert_cmpfloat (fabs (found / expected - 1), <, 0.05);
  }
}

static double
level_of (const char *type, const char *settings)
{
  g_autoptr (Bench) bench = bench_new (type, RATE, settings);
  g_autofree float *x = NULL;
  guint n;

  g_free (bench_render (bench, 0.5, &n));
  x = bench_render (bench, 2, &n);
  return measure_rms (x, n);
}

static double
brightness_of (const char *type, const char *settings)
{
  g_autoptr (Bench) bench = bench_new (type, RATE, settings);
  g_autofree float *x = bench_render (bench, 2, &bench->node.n_inputs);

  return measure_centroid (x, 2 * RATE, RATE);
}

static void
test_slide (void)
{
  double one = level_of ("slide", "speed=0.1 force=5 material=wood");

  /* As speed times force, while that is little */
  g_assert_cmpfloat_with_epsilon (level_of ("slide",
          "speed=0.1 force=10 material=wood") / one, 2, 0.2);
  g_assert_cmpfloat (level_of ("slide", "speed=0.2 force=5 material=wood"), >,
      1.5 * one);
  g_assert_cmpfloat (level_of ("slide", "speed=0.1 force=5 material=gravel"), >,
      1.5 * one);
  g_assert_cmpfloat (level_of ("slide", "speed=0 force=5 material=wood"), <,
      1e-5);
  /* Faster is brighter, and sliding brighter than rolling */
  g_assert_cmpfloat (brightness_of ("slide", "speed=1 material=wood"), >,
      1.3 * brightness_of ("slide", "speed=0.2 material=wood"));
  g_assert_cmpfloat (brightness_of ("slide", "speed=1 material=wood"), >,
      1.5 * brightness_of ("roll", "speed=1 material=wood size=0.3"));
}

/* A squeak has a pitch, and only while slow and pressed. */
static void
test_squeak (void)
{
  static const struct
  {
    const char *settings;
    double frequency;
  } cases[] = {
    {"kind=brake speed=0.5 force=400", 2600},
    {"kind=sneaker speed=0.2 force=300", 1350},
    {"kind=tyre speed=3 force=4000", 780},
  };
  guint i, n;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (Bench) bench = bench_new ("squeak", RATE, cases[i].settings);
    g_autofree float *x = bench_render (bench, 1, &n);
    double f = measure_pitch (x + n / 2, n / 2, RATE, 50, 8000);

    g_test_message ("%s: %.0f Hz at RMS %.3f", cases[i].settings, f,
        measure_rms (x + n / 2, n / 2));
    g_assert_cmpfloat (measure_rms (x + n / 2, n / 2), >, 0.01);
    g_assert_cmpfloat (f, >, 0.6 * cases[i].frequency);
    g_assert_cmpfloat (f, <, 1.1 * cases[i].frequency);
  }
  g_assert_cmpfloat (level_of ("squeak", "kind=brake speed=30 force=400"), <,
      0.1 * level_of ("squeak", cases[0].settings));
  g_assert_cmpfloat (level_of ("squeak", "kind=brake speed=0 force=400"), <,
      1e-5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/foley/physics/impact/spectrum", test_spectrum);
  g_test_add_func ("/foley/physics/impact/momentum", test_momentum);
  g_test_add_func ("/foley/physics/impact/offset", test_offset);
  g_test_add_func ("/foley/physics/roll/turns", test_turns);
  g_test_add_func ("/foley/physics/slide", test_slide);
  g_test_add_func ("/foley/physics/squeak", test_squeak);
  return g_test_run ();
}
