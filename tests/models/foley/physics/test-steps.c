/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-steps.c: footfalls, by ground and foot. */

#include <math.h>
#include <string.h>

#include "models/foley/scene.h"
#include "tests/models/foley/physics/measure.h"

#define RATE 48000

/* @count steps, every 0.5 s. */
static float *
walk (const char *settings, guint count, guint * n)
{
  g_autoptr (Bench) bench = bench_new ("step", RATE, settings);
  float *out = g_new (float, count * RATE);
  guint i, part;

  for (i = 0, *n = 0; i < count; i++) {
    g_autofree float *x = NULL;

    bench_trigger (bench, 7, 1);
    x = bench_render (bench, 0.5, &part);
    memcpy (out + *n, x, part * sizeof *x);
    *n += part;
  }
  return out;
}

/* Loud after each trigger and quiet before the next: as many steps as
 * triggers. */
static void
test_count (void)
{
  static const char *const grounds[] = {
    "wood", "concrete", "tiles", "snow", "gravel", "leaves", "grass", "sand",
    "earth"
  };
  guint g, i, k, n, count;

  for (g = 0; g < G_N_ELEMENTS (grounds); g++) {
    g_autofree char *settings = g_strdup_printf ("material=%s foot=paw "
        "weight=20 speed=2", grounds[g]);
    g_autofree float *x = walk (settings, 8, &n);
    g_autofree float *envelope = measure_envelope (x, n, RATE / 25, &count);
    double most = 0;
    guint found = 0;

    for (i = 0; i < count; i++)
      most = MAX (most, envelope[i]);
    for (i = 1; i < count; i++) {
      double quiet = 0;

      for (k = i > 4 ? i - 4 : 0; k < i; k++)
        quiet = MAX (quiet, envelope[k]);
      if (envelope[i] > 0.15 * most && quiet < 0.15 * most)
        found++;
    }
    found += envelope[0] > 0.15 * most;
    g_test_message ("%s: %u steps, peak %.2f", grounds[g], found,
        measure_peak (x, n));
    g_assert_cmpuint (found, ==, 8);
  }
}

static double
centroid_of (const char *settings)
{
  guint n;
  g_autofree float *x = walk (settings, 4, &n);

  return measure_centroid (x, n, RATE);
}

static double
level_of (const char *settings)
{
  guint n;
  g_autofree float *x = walk (settings, 4, &n);

  return measure_rms (x, n);
}

/* Grounds and feet that differ to the ear do so in numbers. */
static void
test_differ (void)
{
  g_assert_cmpfloat (centroid_of ("material=sand"), >,
      2 * centroid_of ("material=wood"));
  g_assert_cmpfloat (centroid_of ("material=leaves"), >,
      1.2 * centroid_of ("material=snow"));
  g_assert_cmpfloat (centroid_of ("material=tiles foot=heel"), >,
      1.5 * centroid_of ("material=tiles foot=bare"));
  g_assert_cmpfloat (centroid_of ("material=tiles"), >,
      1.5 * centroid_of ("material=wood"));
  g_assert_cmpfloat (level_of ("material=wood weight=70"), >,
      1.5 * level_of ("material=wood weight=5"));
  g_assert_cmpfloat (level_of ("material=gravel speed=5"), >,
      1.1 * level_of ("material=gravel speed=0.5"));
}

/* No step is quite the one before. */
static void
test_vary (void)
{
  guint n, half, i;
  g_autofree float *x = walk ("material=wood", 2, &n);
  double difference = 0;

  half = n / 2;
  for (i = 0; i < half; i++)
    difference += fabs (x[i] - x[half + i]);
  g_assert_cmpfloat (difference / half, >, 1e-4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/foley/physics/steps/count", test_count);
  g_test_add_func ("/foley/physics/steps/differ", test_differ);
  g_test_add_func ("/foley/physics/steps/vary", test_vary);
  return g_test_run ();
}
