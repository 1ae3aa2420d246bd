/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-modal.c: materials, and bodies that ring. */

#include <math.h>

#include "models/foley/shape/physics/bodies.h"
#include "tests/models/foley/physics/measure.h"

#define RATE 48000

/* facts/foley.md: steel on steel 71 us, steel on wood 176 us, for a ball of
 * 10 mm at 1 m/s or so: the law's exponents, and its order of magnitude. */
static void
test_contact_time (void)
{
  double steel = material_get_effective_modulus (MATERIAL_STEEL,
      MATERIAL_STEEL);
  double wood = material_get_effective_modulus (MATERIAL_STEEL, MATERIAL_WOOD);
  double one = material_get_contact_time (0.033, 0.01, steel, 1);

  g_assert_cmpfloat_with_epsilon (steel, 1.09e11, 0.01e11);
  g_assert_cmpfloat (one, >, 40e-6);
  g_assert_cmpfloat (one, <, 120e-6);
  g_assert_cmpfloat_with_epsilon (material_get_contact_time (0.033, 0.01, wood,
          1) / one, pow (steel / wood, 0.4), 1e-6);
  g_assert_cmpfloat_with_epsilon (material_get_contact_time (0.033, 0.01,
          steel, 32) / one, 0.5, 1e-6);
}

static void
test_materials (void)
{
  guint i;

  for (i = 0; i < N_MATERIALS; i++) {
    const MaterialPhysics *m = material_get_physics (i);

    g_assert_cmpfloat (m->density, >, 0);
    g_assert_cmpfloat (m->young, >, 0);
    g_assert_cmpfloat (m->poisson, <, 0.5);
    g_assert_cmpfloat (material_get_damping (i, 1000, 0), >, 0);
  }
  /* facts/foley.md: T60 at 1 kHz: glass 2.8 s, wood 0.10 s, steel 2.2 s */
  g_assert_cmpfloat_with_epsilon (6.908 / material_get_damping (MATERIAL_GLASS,
          1000, 0), 2.8, 0.1);
  g_assert_cmpfloat_with_epsilon (6.908 / material_get_damping (MATERIAL_WOOD,
          1000, 0), 0.10, 0.01);
  g_assert_cmpfloat_with_epsilon (6.908 / material_get_damping (MATERIAL_STEEL,
          1000, 0), 2.2, 0.1);
}

/* Modes of each body are where the ratios say, at several rates. */
static void
test_frequencies (void)
{
  static const double rates[] = { 16000, 48000, 192000 };
  guint body, r, k;

  for (r = 0; r < G_N_ELEMENTS (rates); r++)
    for (body = 0; body < N_BODIES; body++) {
      double ratios[BODY_MAX_MODES];
      guint n, n_ratios = body_get_ratios (body, ratios);
      g_autofree char *settings = g_strdup_printf ("body=%s material=glass "
          "mount=hung frequency=200 detune=0 spread=0 decay=100 modes=8 "
          "contact=0.00001", body_names[body]);
      g_autoptr (Bench) bench = bench_new ("modal", rates[r], settings);
      g_autofree float *x = NULL;

      g_assert_cmpuint (n_ratios, >=, 8);
      bench_trigger (bench, 5, 1);
      x = bench_render (bench, 1, &n);
      for (k = 0; k < 4; k++) {
        double f = 200 * ratios[k];

        if (f > 0.44 * rates[r])
          break;

        g_test_message ("%s at %g: mode %u at %g Hz", body_names[body],
            rates[r], k, f);
        g_assert_cmpfloat (fabs (measure_pitch (x, n, rates[r], 0.99 * f,
                    1.01 * f) / f - 1), <, 0.005);
      }
    }
}

/* What a material does to a mode of 1 kHz. */
static void
test_decay (void)
{
  static const Material materials[] = {
    MATERIAL_CERAMIC, MATERIAL_GLASS, MATERIAL_WOOD, MATERIAL_PLASTIC,
    MATERIAL_STEEL, MATERIAL_TIN, MATERIAL_ALUMINIUM, MATERIAL_STONE
  };
  static const double frequencies[] = { 250, 1000, 4000 };
  guint i, j;

  for (i = 0; i < G_N_ELEMENTS (materials); i++)
    for (j = 0; j < G_N_ELEMENTS (frequencies); j++) {
      double expected = 6.908 / material_get_damping (materials[i],
          frequencies[j], 0), found;
      g_autofree char *settings = g_strdup_printf ("material=%s mount=hung "
          "frequency=%g modes=1 detune=0 contact=0.00001",
          material_get_name (materials[i]), frequencies[j]);
      g_autoptr (Bench) bench = bench_new ("modal", RATE, settings);
      g_autofree float *x = NULL;
      guint n, window = MAX (0.2 * expected * RATE, 12 * RATE / frequencies[j]);

      bench_trigger (bench, 0, 1);
      x = bench_render (bench, 2.1 * window / RATE, &n);
      found = measure_t60 (x, n, RATE, frequencies[j], window);
      g_test_message ("%s at %g Hz: T60 %.3f s, %.3f expected",
          material_get_name (materials[i]), frequencies[j], found, expected);
      g_assert_cmpfloat (fabs (found / expected - 1), <, 0.1);
    }
}

/* Sizes: a bar twice as long, and as thick in proportion, rings half as
 * high. */
static void
test_size (void)
{
  double f[2];
  guint i, n;

  for (i = 0; i < 2; i++) {
    g_autofree char *settings = g_strdup_printf ("body=bar material=steel "
        "size=%g detune=0 mount=hung", 0.2 * (i + 1));
    g_autoptr (Bench) bench = bench_new ("modal", RATE, settings);
    g_autofree float *x = NULL;

    bench_trigger (bench, 0, 1);
    x = bench_render (bench, 1, &n);
    f[i] = measure_pitch (x, n, RATE, 500, 3000);
  }
  g_assert_cmpfloat_with_epsilon (f[0], body_get_frequency (BODY_BAR,
          MATERIAL_STEEL, 0.2, 0), 8);
  g_assert_cmpfloat_with_epsilon (f[0] / f[1], 2, 0.01);
}

/* No mode folds back from above the rate's half. */
static void
test_too_high (void)
{
  g_autoptr (Bench) bench = bench_new ("modal", 8000,
      "body=ring material=steel frequency=3900 detune=0");
  g_autofree float *x = NULL;
  guint n;

  bench_trigger (bench, 0, 1);
  x = bench_render (bench, 0.5, &n);
  g_assert_cmpfloat (measure_peak (x, n), ==, 0);
}

/* Each hit of the same thing has gains of its own; its pitches stay. */
static void
test_variation (void)
{
  g_autoptr (Bench) bench = bench_new ("modal", RATE,
      "body=bar material=wood frequency=300 spread=1");
  double ratio[4];
  guint i, n;

  for (i = 0; i < 4; i++) {
    g_autofree float *x = NULL;

    bench_trigger (bench, 0, 1);
    x = bench_render (bench, 1, &n);
    g_assert_cmpfloat (fabs (measure_pitch (x, n, RATE, 250, 350) / 300 - 1),
        <, 0.02);
    ratio[i] = measure_tone (x, 8192, RATE, 300)
        / measure_tone (x, 8192, RATE, 827);
  }
  g_assert_cmpfloat (fabs (ratio[0] / ratio[1] - 1)
      + fabs (ratio[2] / ratio[3] - 1), >, 0.02);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/foley/physics/contact-time", test_contact_time);
  g_test_add_func ("/foley/physics/materials", test_materials);
  g_test_add_func ("/foley/physics/modal/frequencies", test_frequencies);
  g_test_add_func ("/foley/physics/modal/decay", test_decay);
  g_test_add_func ("/foley/physics/modal/size", test_size);
  g_test_add_func ("/foley/physics/modal/too-high", test_too_high);
  g_test_add_func ("/foley/physics/modal/variation", test_variation);
  return g_test_run ();
}
