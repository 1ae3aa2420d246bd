/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-nodes.c: what holds for every node of physics: finite whatever it is
 * given, the same for the same seed, silent when nothing moves, without clicks,
 * fast. */

#include <math.h>
#include <string.h>
#include <time.h>

#include "tests/models/foley/physics/measure.h"

#define RATE 48000

/* Settings that make each sound, words aside. */
static const struct
{
  const char *type, *settings;
} lively[] = {
  {"roll", "speed=2"}, {"slide", "speed=1"}, {"squeak", "speed=0.5 force=400"},
  {"bubbles", "amount=1"}, {"waves", "amount=1"}, {"rain", "amount=1"},
  {"fire", "amount=1"}, {"wind", "amount=1"}, {"motor", "speed=10"},
  {"rocket", "effort=1"}, {"wings", "amount=1"}, {"tyres", "speed=20"},
  {"rails", "speed=20"},
};

static const char *
find_settings (const char *type)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (lively); i++)
    if (strcmp (lively[i].type, type) == 0)
      return lively[i].settings;
  return "";
}

/* "" or "word=value" for each value of each word. */
static GPtrArray *
list_words (const NodeClass * klass)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  guint i, k;

  for (i = 0; klass->words && klass->words[i].name; i++)
    for (k = 0; klass->words[i].words[k]; k++)
      g_ptr_array_add (list, g_strdup_printf ("%s=%s", klass->words[i].name,
              klass->words[i].words[k]));
  if (list->len == 0)
    g_ptr_array_add (list, g_strdup (""));
  return list;
}

static void
check_finite (Bench * bench, const char *what)
{
  guint i, n;

  for (i = 0; i < 3; i++) {
    g_autofree float *x = NULL;

    bench_trigger (bench, i * 1000, i - 0.5f);
    bench_trigger (bench, 3, INFINITY);
    bench_trigger (bench, 3, NAN);
    x = bench_render (bench, 0.02, &n);
    if (!measure_is_finite (x, n) || measure_peak (x, n) > 1e5)
      g_error ("%s: %s gives a peak of %g", bench->node.klass->type, what,
          measure_peak (x, n));
  }
}

/* Every parameter to what no one should give, one by one and all at once, for
 * every word and the rates at both ends. */
static void
test_hostile (void)
{
  static const float values[] = {
    0, -1, 1e-30f, 1e30f, -1e30f, INFINITY, -INFINITY, NAN
  };
  static const double rates[] = { 8000, 192000 };
  guint c, w, v, p, r;

  for (c = 0; node_physics_classes[c]; c++) {
    const NodeClass *klass = node_physics_classes[c];
    g_autoptr (GPtrArray) list = list_words (klass);

    for (w = 0; w < list->len; w++)
      for (r = 0; r < 2; r++) {
        g_autoptr (Bench) bench = bench_new (klass->type, rates[r],
            list->pdata[w]);

        for (v = 0; v < G_N_ELEMENTS (values); v++) {
          for (p = 0; klass->params[p].name; p++)
            bench->node.params[p] = values[v];
          check_finite (bench, list->pdata[w]);
          for (p = 0; klass->params[p].name; p++)
            bench->node.params[p] = klass->params[p].standard;
          for (p = 0; klass->params[p].name; p++) {
            bench->node.params[p] = values[v];
            check_finite (bench, klass->params[p].name);
          }
        }
      }
  }
}

/* Broken inputs do not stay in a modal's memory. */
static void
test_broken_input (void)
{
  g_autoptr (Bench) bench = bench_new ("modal", RATE, "");
  float in[FOLEY_QUANTUM];
  const float *inputs[] = { in };
  g_autofree float *x = NULL;
  guint i, n;

  for (i = 0; i < FOLEY_QUANTUM; i++)
    in[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : 1;
  bench->node.n_inputs = 1;
  bench->inputs = inputs;
  x = bench_render (bench, 0.1, &n);
  g_assert_true (measure_is_finite (x, n));
  g_assert_cmpfloat (measure_peak (x, n), >, 0);
}

/* The same seed, the same samples; quanta do not know of one another's
 * calls. */
static void
test_same (void)
{
  guint c, n, k;

  for (c = 0; node_physics_classes[c]; c++) {
    const char *type = node_physics_classes[c]->type;
    float *runs[2];

    for (k = 0; k < 2; k++) {
      g_autoptr (Bench) bench = bench_new (type, RATE, find_settings (type));

      bench_trigger (bench, 11, 0.9f);
      runs[k] = bench_render (bench, 0.5, &n);
    }
    g_assert_cmpfloat (measure_peak (runs[0], n), >, 1e-4);
    g_assert_cmpmem (runs[0], n * sizeof (float), runs[1], n * sizeof (float));
    g_free (runs[0]);
    g_free (runs[1]);
  }
}

/* As they are made, with what stands still: silence, and they say so.  (An
 * engine idles; a rotor turns.) */
static void
test_still (void)
{
  guint c, n;

  for (c = 0; node_physics_classes[c]; c++) {
    const char *type = node_physics_classes[c]->type;
    g_autoptr (Bench) bench = bench_new (type, RATE,
        strcmp (type, "rotor") == 0 ? "effort=0" : "");
    g_autofree float *x = NULL;

    if (strcmp (type, "engine") == 0)
      continue;
    g_assert_true (bench_is_silent (bench));
    x = bench_render (bench, 0.5, &n);
    g_test_message ("%s: %g", type, measure_peak (x, n));
    g_assert_cmpfloat (measure_peak (x, n), <, 1e-4);
    g_assert_true (bench_is_silent (bench));
  }
}

/* What was triggered ends, and not before it is gone: what a node gives after
 * it said that it is silent is not heard. */
static void
test_ends (void)
{
  guint c, i, n;

  for (c = 0; node_physics_classes[c]; c++) {
    const NodeClass *klass = node_physics_classes[c];
    g_autoptr (Bench) bench = bench_new (klass->type, RATE, "");
    g_autofree float *rest = NULL;

    if (!klass->trigger)
      continue;
    bench_trigger (bench, 0, 1);
    g_assert_false (bench_is_silent (bench));
    for (i = 0; i < 30 * RATE / FOLEY_QUANTUM && !bench_is_silent (bench); i++)
      g_free (bench_render (bench, 1e-3, &n));
    g_test_message ("%s: over after %.2f s", klass->type,
        (double) i * FOLEY_QUANTUM / RATE);
    g_assert_true (bench_is_silent (bench));
    rest = bench_render (bench, 1, &n);
    g_assert_cmpfloat (measure_peak (rest, n), <, 1e-3);
  }
}

/* What went on by itself ends when what drives it is taken away. */
static void
test_stops (void)
{
  static const char *const drives[] = { "speed", "amount", "effort", "rpm" };
  guint i, k, p, n;

  for (i = 0; i < G_N_ELEMENTS (lively); i++) {
    g_autoptr (Bench) bench = bench_new (lively[i].type, RATE,
        lively[i].settings);
    g_autofree float *rest = NULL;

    g_free (bench_render (bench, 1, &n));
    g_assert_false (bench_is_silent (bench));
    for (p = 0; bench->node.klass->params[p].name; p++)
      for (k = 0; k < G_N_ELEMENTS (drives); k++)
        if (strcmp (bench->node.klass->params[p].name, drives[k]) == 0)
          bench->node.params[p] = 0;
    for (k = 0; k < 10 * RATE / FOLEY_QUANTUM && !bench_is_silent (bench); k++)
      g_free (bench_render (bench, 1e-3, &n));
    g_test_message ("%s: over after %.2f s", lively[i].type,
        (double) k * FOLEY_QUANTUM / RATE);
    g_assert_true (bench_is_silent (bench));
    rest = bench_render (bench, 0.5, &n);
    g_assert_cmpfloat (measure_peak (rest, n), <, 1e-3);
  }
}

static void
check_jump (const char *type, const char *settings, guint p)
{
  g_autoptr (Bench) bench = bench_new (type, RATE, settings);
  const NodeParam *param = &bench->node.klass->params[p];
  g_autofree float *before = NULL;
  g_autofree float *at = NULL;
  g_autofree float *after = NULL;
  double usual;
  guint n;

  g_free (bench_render (bench, 0.5, &n));
  before = bench_render (bench, 1, &n);
  usual = measure_step (before, n);
  bench->node.params[p] = CLAMP (bench->node.params[p] * 1.6f + 0.2f,
      param->least, param->most);
  at = bench_render (bench, 4 * FOLEY_QUANTUM / (double) RATE, &n);
  if (measure_step (at, n) > usual) {
    guint m;

    g_free (bench_render (bench, 0.3, &m));
    after = bench_render (bench, 1, &m);
    usual = MAX (usual, measure_step (after, m));
  }
  if (measure_step (at, n) > 1.5 * usual + 1e-3)
    g_error ("%s: %s jumps by %g where %g is usual", type, param->name,
        measure_step (at, n), usual);
}

/* A parameter that jumps makes no larger step from sample to sample than the
 * sound itself has before or after. */
static void
test_jumps (void)
{
  guint i, p;

  for (i = 0; i < G_N_ELEMENTS (lively); i++) {
    g_autoptr (Bench) bench = bench_new (lively[i].type, RATE, "");

    for (p = 0; bench->node.klass->params[p].name; p++)
      check_jump (lively[i].type, lively[i].settings, p);
  }
}

/* How many times faster than real time each is, in processor time. */
static void
test_speed (void)
{
  guint c, k, n;

  for (c = 0; node_physics_classes[c]; c++) {
    const char *type = node_physics_classes[c]->type;
    g_autoptr (Bench) bench = bench_new (type, RATE, find_settings (type));
    clock_t begin = clock ();
    double times;

    for (k = 0; k < 20; k++) {
      bench_trigger (bench, 0, 1);
      g_free (bench_render (bench, 0.1, &n));
    }
    times = 2.0 * CLOCKS_PER_SEC / MAX (clock () - begin, 1);
    g_test_message ("%-8s %5.0f x real time", type, times);
    g_assert_cmpfloat (times, >, 20);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/foley/physics/nodes/hostile", test_hostile);
  g_test_add_func ("/foley/physics/nodes/broken-input", test_broken_input);
  g_test_add_func ("/foley/physics/nodes/same", test_same);
  g_test_add_func ("/foley/physics/nodes/still", test_still);
  g_test_add_func ("/foley/physics/nodes/ends", test_ends);
  g_test_add_func ("/foley/physics/nodes/stops", test_stops);
  g_test_add_func ("/foley/physics/nodes/jumps", test_jumps);
  g_test_add_func ("/foley/physics/nodes/speed", test_speed);
  return g_test_run ();
}
