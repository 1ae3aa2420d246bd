/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-envelopes.c: envelopes, contours, pulses and glides, measured. */

#include "render.h"

#define SECONDS 10

static float sound[SECONDS * RATE];

static Voice *
make_node (const char *keys)
{
  g_autofree char *text = g_strdup_printf ("[out]\n%s\n", keys);

  return make_voice (text);
}

/* The value at a time. */
static double
at (double seconds)
{
  return sound[(guint) (seconds * RATE + 0.5)];
}

static void
test_envelope (void)
{
  g_autoptr (Voice) voice = make_node ("type=envelope\nattack=0.1\nhold=0.2\n"
      "decay=0.3");

  voice_trigger (voice, 0, 0.8);
  render (voice, sound, RATE);
  g_assert_cmpfloat_with_epsilon (at (0.05), 0.4, 1e-3);
  g_assert_cmpfloat_with_epsilon (at (0.1), 0.8, 1e-3);
  g_assert_cmpfloat_with_epsilon (at (0.29), 0.8, 1e-6);
  g_assert_cmpfloat_with_epsilon (decibels (at (0.45) / 0.8), -30, 0.1);
  g_assert_cmpfloat_with_epsilon (decibels (at (0.6) / 0.8), -60, 0.1);
  g_assert_cmpfloat (at (0.9), ==, 0);
  g_assert_true (voice_is_silent (voice));
}

static void
test_sustain (void)
{
  g_autoptr (Voice) voice = make_node ("type=envelope\nattack=0.01\ndecay=0.1\n"
      "sustain=0.25\nrelease=0.2");

  voice_trigger (voice, 0, 0.8);
  render (voice, sound, RATE);
  g_assert_cmpfloat_with_epsilon (at (0.5), 0.2, 1e-3);
  g_assert_cmpfloat_with_epsilon (at (0.9), 0.2, 1e-3);
  voice_release (voice);
  render (voice, sound, RATE);
  g_assert_cmpfloat_with_epsilon (decibels (at (0.1) / 0.2), -30, 0.2);
  g_assert_true (voice_is_silent (voice));
}

/* Triggered again, in any of its stages, it goes on from where it was. */
static void
test_again (void)
{
  g_autoptr (Voice) voice = make_node ("type=envelope\nattack=0.01\nhold=0.01\n"
      "decay=0.05\nsustain=0.1");
  guint i;

  for (i = 0; i < 100; i++) {
    voice_trigger (voice, i * 7 % FOLEY_QUANTUM, (i * 13 % 10) / 9.0);
    render (voice, sound + i * 640, (i % 10 + 1) * FOLEY_QUANTUM);
    memmove (sound + (i + 1) * 640 - (i % 10 + 1) * FOLEY_QUANTUM,
        sound + i * 640, (i % 10 + 1) * FOLEY_QUANTUM * sizeof (float));
  }
  for (i = 0; i < 100; i++) {
    float *x = sound + (i + 1) * 640 - (i % 10 + 1) * FOLEY_QUANTUM;
    guint j;

    /* at most 1 in the attack's 480 samples, and the decay's 6.91 / 2400 */
    for (j = 1; j < (i % 10 + 1) * FOLEY_QUANTUM; j++)
      g_assert_cmpfloat (fabs (x[j] - x[j - 1]), <, 0.003);
  }
}

/* Its times are read when it is triggered, and the product is as loud as it. */
static void
test_latched (void)
{
  g_autoptr (Voice) voice = make_voice ("[tone]\ntype=sine\nfrequency=1200\n"
      "[out]\ntype=envelope\ninputs=tone\nattack=0\ndecay=mass\n");

  voice_set (voice, VOICE_MASS, 0.5);
  voice_trigger (voice, 0, 1);
  voice_set (voice, VOICE_MASS, 0.01);
  render (voice, sound, RATE);
  g_assert_cmpfloat_with_epsilon (decibels (amplitude_at (sound + 4800, 2400,
              1200, RATE) / amplitude_at (sound + 7200, 2400, 1200, RATE)), 6,
      0.1);
}

static void
test_contour (void)
{
  g_autoptr (Voice) voice = make_node ("type=contour\nstretch=2\n"
      "points=0.05:300 0.1:600  0.3:250\n");

  render (voice, sound, 4800);
  g_assert_cmpfloat (peak (sound, 4800), ==, 300);
  g_assert_false (voice_is_silent (voice));
  voice_trigger (voice, 0, 1);
  render (voice, sound, RATE);
  g_assert_cmpfloat_with_epsilon (at (0.08), 300, 0.5);
  g_assert_cmpfloat_with_epsilon (at (0.15), 450, 0.5);
  g_assert_cmpfloat_with_epsilon (at (0.2), 600, 0.5);
  g_assert_cmpfloat_with_epsilon (at (0.4), 425, 0.5);
  g_assert_cmpfloat_with_epsilon (at (0.9), 250, 1e-3);
}

/* It jumps back to its beginning within 2 ms, not at once. */
static void
test_contour_again (void)
{
  g_autoptr (Voice) voice = make_node ("type=contour\npoints=0:0 0.1:1\n");
  guint i;

  for (i = 0; i < 4; i++) {
    voice_trigger (voice, 9, 1);
    render (voice, sound + i * 9600, 9600);
  }
  for (i = 1; i < 4 * 9600; i++)
    g_assert_cmpfloat (fabs (sound[i] - sound[i - 1]), <, 1 / 96.0 + 1e-3);
  g_assert_cmpfloat_with_epsilon (sound[9600 + 9 + 97], 97 / 4800.0, 1e-3);
}

static void
test_contour_smooth (void)
{
  g_autoptr (Voice) voice = make_node ("type=contour\ncurve=smooth\n"
      "points=0:0 0.1:1 0.2:0\n");

  g_assert_true (voice_is_silent (voice));
  voice_trigger (voice, 0, 1);
  g_assert_false (voice_is_silent (voice));
  render (voice, sound, RATE);
  g_assert_cmpfloat_with_epsilon (at (0.025), 0.15625, 1e-3);
  g_assert_cmpfloat_with_epsilon (at (0.05), 0.5, 1e-3);
  g_assert_cmpfloat_with_epsilon (at (0.175), 0.15625, 1e-3);
  g_assert_cmpfloat (roughness_of (sound, RATE), <, 1e-5);
  g_assert_true (voice_is_silent (voice));
}

/* Intervals between pulses, s, and their heights; how many. */
static guint
find_pulses (guint n, double *intervals, double *least, double *most)
{
  guint found = 0, last = 0, i;

  *least = 1e9;
  *most = 0;
  for (i = 0; i < n; i++)
    if (sound[i] > 0) {
      if (found > 0)
        intervals[found - 1] = (i - last) / (double) RATE;
      found++;
      last = i;
      *least = MIN (*least, sound[i]);
      *most = MAX (*most, sound[i]);
    }
  return found;
}

static void
statistics (const double *x, guint n, double *mean, double *deviation)
{
  guint i;

  *mean = *deviation = 0;
  for (i = 0; i < n; i++)
    *mean += x[i] / n;
  for (i = 0; i < n; i++)
    *deviation += (x[i] - *mean) * (x[i] - *mean) / n;
  *deviation = sqrt (*deviation);
}

static guint
play_pulses (const char *keys, double *mean, double *deviation, double *least,
    double *most)
{
  static double intervals[SECONDS * RATE];
  g_autoptr (Voice) voice = make_node (keys);
  guint n;

  render (voice, sound, SECONDS * RATE);
  n = find_pulses (SECONDS * RATE, intervals, least, most);
  statistics (intervals, n - 1, mean, deviation);
  return n;
}

static void
test_pulses (void)
{
  double mean, deviation, least, most;
  guint n;

  n = play_pulses ("type=pulses\nrate=12.5", &mean, &deviation, &least, &most);
  g_assert_cmpuint (n, ==, 125);
  g_assert_cmpfloat_with_epsilon (mean, 0.08, 1e-5);
  g_assert_cmpfloat (deviation, <, 2e-5);
  g_assert_cmpfloat (least, ==, 1);
  n = play_pulses
      ("type=pulses\nrate=50\njitter=0.5\nweakest=0.2\nstrongest=0.7", &mean,
      &deviation, &least, &most);
  g_assert_cmpuint (n, >, 480);
  g_assert_cmpuint (n, <, 520);
  /* an even distribution of half its mean to each side: 0.5 / sqrt (3) */
  g_assert_cmpfloat_with_epsilon (deviation / mean, 0.289, 0.03);
  g_assert_cmpfloat (least, >=, 0.2);
  g_assert_cmpfloat (least, <, 0.22);
  g_assert_cmpfloat (most, >, 0.68);
  g_assert_cmpfloat (most, <=, 0.7);
  /* of a Poisson process: as much as its mean */
  n = play_pulses ("type=pulses\nrate=100\npattern=random", &mean, &deviation,
      &least, &most);
  g_assert_cmpuint (n, >, 900);
  g_assert_cmpuint (n, <, 1100);
  g_assert_cmpfloat_with_epsilon (deviation / mean, 1, 0.1);
}

static void
test_count (void)
{
  g_autoptr (Voice) voice =
      make_node ("type=pulses\nrate=10\ncount=amount * 4");
  double intervals[100], least, most;
  guint i;

  g_assert_true (voice_is_silent (voice));
  for (i = 0; i < 4; i++) {
    voice_set (voice, VOICE_AMOUNT, (i + 1) / 4.0);
    voice_trigger (voice, 5, 1);
    g_assert_false (voice_is_silent (voice));
    render (voice, sound, RATE);
    g_assert_cmpuint (find_pulses (RATE, intervals, &least, &most), ==, i + 1);
    g_assert_cmpfloat (sound[5], ==, 1);        /* the first at once */
    g_assert_true (voice_is_silent (voice));
  }
}

static void
test_glide (void)
{
  g_autoptr (Voice) voice = make_node ("type=glide\nto=amount\ntime=0.1");

  render (voice, sound, 4800);
  g_assert_cmpfloat (sound[0], ==, 1);
  voice_set (voice, VOICE_AMOUNT, 0);
  render (voice, sound, RATE);
  g_assert_cmpfloat_with_epsilon (at (0.1), exp (-1), 1e-3);
  g_assert_cmpfloat_with_epsilon (at (0.3), exp (-3), 1e-3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/foley/envelopes/envelope", test_envelope);
  g_test_add_func ("/foley/envelopes/sustain", test_sustain);
  g_test_add_func ("/foley/envelopes/again", test_again);
  g_test_add_func ("/foley/envelopes/latched", test_latched);
  g_test_add_func ("/foley/envelopes/contour", test_contour);
  g_test_add_func ("/foley/envelopes/contour-again", test_contour_again);
  g_test_add_func ("/foley/envelopes/contour-smooth", test_contour_smooth);
  g_test_add_func ("/foley/envelopes/pulses", test_pulses);
  g_test_add_func ("/foley/envelopes/count", test_count);
  g_test_add_func ("/foley/envelopes/glide", test_glide);
  return g_test_run ();
}
