/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-sources.c: oscillators and noises, measured. */

/* For jn(). */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "render.h"

#define SECONDS 8

static float sound[SECONDS * RATE];

static Voice *
make_node (const char *keys)
{
  g_autofree char *text = g_strdup_printf ("[out]\n%s\n", keys);

  return make_voice (text);
}

static void
play (const char *keys, guint n)
{
  g_autoptr (Voice) voice = make_node (keys);

  render (voice, sound, n);
}

static void
check_frequency (const char *keys, double frequency)
{
  play (keys, RATE);
  g_assert_cmpfloat_with_epsilon (frequency_of (sound, RATE, RATE), frequency,
      1e-4 * frequency);
}

static void
test_frequencies (void)
{
  check_frequency ("type=sine\nfrequency=261.63", 261.63);
  check_frequency ("type=sine\nfrequency=20", 20);
  check_frequency ("type=sine\nfrequency=15000", 15000);
  check_frequency ("type=saw\nfrequency=97.3", 97.3);
  check_frequency ("type=pulse\nfrequency=440\nwidth=0.2", 440);
  check_frequency ("type=fm\nfrequency=330\nratio=3\nindex=0.1", 330);
  check_frequency ("type=lfo\nrate=7.3\nlow=-1", 7.3);
  check_frequency ("type=lfo\nrate=7.3\nlow=-1\nshape=triangle", 7.3);
  check_frequency ("type=lfo\nrate=7.3\nlow=-1\nshape=square", 7.3);
}

/* Amplitudes of the harmonics: 2 / (pi k) of a saw, 4 / (pi k) of the odd ones
 * of a square. */
static void
test_harmonics (void)
{
  guint k;

  play ("type=saw\nfrequency=100", RATE);
  for (k = 1; k <= 20; k++)
    g_assert_cmpfloat_with_epsilon (amplitude_at (sound, RATE, 100 * k, RATE)
        * G_PI * k / 2, 1, 0.02);
  play ("type=pulse\nfrequency=100", RATE);
  for (k = 1; k <= 20; k++)
    g_assert_cmpfloat_with_epsilon (amplitude_at (sound, RATE, 100 * k, RATE)
        * G_PI * k / 4, k % 2, 0.02);
  /* sin (pi k w), so the fifth is missing at a width of a fifth */
  play ("type=pulse\nfrequency=100\nwidth=0.2", RATE);
  for (k = 1; k <= 20; k++)
    g_assert_cmpfloat_with_epsilon (amplitude_at (sound, RATE, 100 * k, RATE)
        * G_PI * k / 4, fabs (sin (G_PI * k * 0.2)), 0.02);
}

/* What is folded back from above half the rate, of a note of 4.1 kHz, against what
 * a saw without care would have there: its harmonics 2 / (pi k). */
static void
test_alias (void)
{
  double found, naive;
  guint k;

  play ("type=saw\nfrequency=4100", RATE);
  /* polyBLEP attenuates most far from half the rate, where it is heard most */
  for (k = 9; k <= 12; k++) {
    found = amplitude_at (sound, RATE, fabs (4100.0 * k - RATE), RATE);
    naive = 2 / (G_PI * k);
    g_test_message ("harmonic %u at %.0f Hz: %.1f dB under a naive saw", k,
        fabs (4100.0 * k - RATE), decibels (naive / found));
    g_assert_cmpfloat (decibels (naive / found), >, 12);
  }
  g_assert_cmpfloat (fabs (amplitude_at (sound, RATE, 0, RATE)), <, 1e-3);
}

/* Sidebands of frequency modulation: Bessel functions J_k (index). */
static void
test_fm (void)
{
  guint k;

  play ("type=fm\nfrequency=1000\nratio=0.1\nindex=2", RATE);
  for (k = 0; k <= 5; k++)
    g_assert_cmpfloat_with_epsilon (amplitude_at (sound, RATE, 1000 + 100 * k,
            RATE), fabs (jn (k, 2)), 0.002);
  /* feedback makes a richer modulator */
  play ("type=fm\nfrequency=1000\nratio=0.1\nindex=2\nfeedback=1", RATE);
  g_assert_cmpfloat (amplitude_at (sound, RATE, 1600, RATE), >,
      2 * fabs (jn (6, 2)));
}

/* The same by an input in Hz: 200 Hz of deviation at 100 Hz is an index of 2. */
static void
test_input (void)
{
  static const char *const types[] = { "sine", "fm", "saw", "pulse" };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (types); i++) {
    g_autofree char *text = g_strdup_printf ("[m]\ntype=sine\nfrequency=100\n"
        "level=200\n[out]\ntype=%s\ninputs=m\nfrequency=1000\n%s", types[i],
        strcmp (types[i], "fm") == 0 ? "index=0\n" : "");
    g_autoptr (Voice) voice = make_voice (text);
    double whole = i == 2 ? 2 / G_PI : i == 3 ? 4 / G_PI : 1;

    render (voice, sound, RATE);
    g_assert_cmpfloat_with_epsilon (amplitude_at (sound, RATE, 1200, RATE),
        whole * jn (2, 2), 0.01);
    g_assert_cmpfloat_with_epsilon (amplitude_at (sound, RATE, 1000, RATE),
        whole * jn (0, 2), 0.01);
  }
}

static void
test_lfo (void)
{
  static const char *const shapes[] = { "sine", "triangle", "square" };
  /* root mean squares */
  static const double rms_of[] = { 0.70711, 0.57735, 1 };
  guint i, j;

  for (i = 0; i < G_N_ELEMENTS (shapes); i++) {
    g_autofree char *keys = g_strdup_printf ("type=lfo\nrate=2\nlow=3\nhigh=5\n"
        "shape=%s", shapes[i]);

    play (keys, RATE);
    for (j = 0; j < RATE; j++)
      sound[j] -= 4;
    g_assert_cmpfloat_with_epsilon (peak (sound, RATE), 1, 0.001);
    g_assert_cmpfloat_with_epsilon (rms (sound, RATE), rms_of[i], 0.01);
    /* no edge is of less than 3 ms */
    g_assert_cmpfloat (roughness_of (sound, RATE), <, 0.02);
  }
}

/* dB of the mean power of 4096-sample spectra around a frequency. */
static double
level_around (double frequency)
{
  double sum = 0;
  guint n = 0, i;
  double offset;

  for (i = 0; i + 4096 <= SECONDS * RATE; i += 4096)
    for (offset = 0.9; offset < 1.11; offset += 0.05) {
      double a = amplitude_at (sound + i, 4096, frequency * offset, RATE);
      sum += a * a;
      n++;
    }
  return 10 * log10 (sum / n);
}

static void
check_noise (const char *color, double slope)
{
  g_autofree char *keys = g_strdup_printf ("type=noise\ncolor=%s\nlevel=0.2",
      color);
  double low, frequency;

  play (keys, SECONDS * RATE);
  low = level_around (125);
  for (frequency = 250; frequency <= 8000; frequency *= 2) {
    double found = (level_around (frequency) - low) / log2 (frequency / 125);

    g_test_message ("%s: %.2f dB an octave from 125 to %.0f Hz", color, found,
        frequency);
    g_assert_cmpfloat_with_epsilon (found, slope, frequency > 500 ? 0.5 : 1);
  }
  g_test_message ("%s: root mean square %.4f of 0.2", color,
      rms (sound, SECONDS * RATE));
  g_assert_cmpfloat_with_epsilon (rms (sound, SECONDS * RATE), 0.2, 0.02);
}

static void
test_noises (void)
{
  check_noise ("white", 0);
  check_noise ("pink", -3.01);
  check_noise ("brown", -6.02);
}

/* Two noises of a voice have nothing in common. */
static void
test_independent (void)
{
  g_autoptr (Voice) sum = make_voice ("[a]\ntype=noise\nlevel=1\n"
      "[b]\ntype=noise\nlevel=1\n[out]\ntype=multiply\ninputs=a;b\n");
  double mean = 0;
  guint i;

  render (sum, sound, SECONDS * RATE);
  for (i = 0; i < SECONDS * RATE; i++)
    mean += sound[i] / (SECONDS * RATE);
  g_assert_cmpfloat (fabs (mean), <, 4 / sqrt (SECONDS * RATE));
  g_assert_cmpfloat_with_epsilon (rms (sound, SECONDS * RATE), 1, 0.02);
}

/* Gusts: in bounds, all over them, never fast; as often as their rate says. */
static void
test_gusts (void)
{
  double mean = 0, fast;
  guint i;

  play ("type=gusts\nrate=5\nlow=2\nhigh=4\nroughness=0", SECONDS * RATE);
  for (i = 0; i < SECONDS * RATE; i++) {
    g_assert_cmpfloat (sound[i], >=, 2);
    g_assert_cmpfloat (sound[i], <=, 4);
    mean += sound[i] / (SECONDS * RATE);
    sound[i] -= 3;
  }
  g_assert_cmpfloat_with_epsilon (mean, 3, 0.35);
  g_assert_cmpfloat (rms (sound, SECONDS * RATE), >, 0.2);
  /* from one random value to the next, -1 ... 1, in 0.2 s; by smoothstep, whose
   * slope is 1.5 at most; 0.7 of it are the 2 between low and high */
  for (fast = 0, i = 1; i < SECONDS * RATE; i++)
    fast = MAX (fast, fabs (sound[i] - sound[i - 1]));
  g_assert_cmpfloat (fast * RATE, <=, 2 * 1.5 * 5 * 0.7 * 2 * 1.01);
  g_assert_cmpfloat (fast * RATE, >, 2 * 1.5 * 5 * 0.7 * 2 * 0.3);
  play ("type=gusts\nrate=5\nlow=2\nhigh=4\nroughness=1", SECONDS * RATE);
  g_assert_cmpfloat (roughness_of (sound, SECONDS * RATE), <, 1e-3);
}

/* A level or frequency that jumps is a line over a quantum. */
static void
check_jump (const char *keys, double most)
{
  g_autoptr (Voice) voice = make_node (keys);
  guint i;

  for (i = 0; i < 40; i++) {
    voice_set (voice, VOICE_AMOUNT, i % 2);
    render (voice, sound + i * 640, 640);
  }
  g_test_message ("%s: second difference of at most %.4f", keys,
      roughness_of (sound, 40 * 640));
  g_assert_cmpfloat (roughness_of (sound, 40 * 640), <, most);
  g_assert_cmpfloat (roughness_of (sound, 40 * 640), >, 0);
}

static void
test_jumps (void)
{
  /* 2 / 64: the corners of a line from 0 to 1 in a quantum, and the slope of a sine */
  check_jump ("type=sine\nfrequency=100\nlevel=amount", 0.032);
  check_jump ("type=sine\nfrequency=100 + 300 * amount", 0.032);
  check_jump ("type=fm\nfrequency=100\nindex=2 * amount", 0.064);
  check_jump ("type=lfo\nrate=1\nlow=amount\nhigh=amount + 1", 0.032);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/foley/sources/frequencies", test_frequencies);
  g_test_add_func ("/foley/sources/harmonics", test_harmonics);
  g_test_add_func ("/foley/sources/alias", test_alias);
  g_test_add_func ("/foley/sources/fm", test_fm);
  g_test_add_func ("/foley/sources/input", test_input);
  g_test_add_func ("/foley/sources/lfo", test_lfo);
  g_test_add_func ("/foley/sources/noises", test_noises);
  g_test_add_func ("/foley/sources/independent", test_independent);
  g_test_add_func ("/foley/sources/gusts", test_gusts);
  g_test_add_func ("/foley/sources/jumps", test_jumps);
  return g_test_run ();
}
