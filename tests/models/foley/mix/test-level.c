/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-level.c: loudness goes where it should, and peaks no higher. */

#include <math.h>
#include <string.h>

#include "tests/models/foley/mix/measure.h"

static Mixer *
new_mixer (guint rate, FoleyLayout layout, float loudness, float peak)
{
  MixerOptions options = {.rate = rate,.layout = layout,
    .loudness = loudness,.peak = peak
  };
  g_autoptr (GError) error = NULL;
  Mixer *mixer = mixer_new (&options, &error);

  g_assert_no_error (error);
  return mixer;
}

typedef struct
{
  double amplitude;
  double from, to;              /* s: silence between */
} Noise;

static void
play_noise (guint strip, double time, double rate, float *in, Place * place,
    gpointer data)
{
  const Noise *noise = data;

  if (time < noise->from || time >= noise->to)
    measure_noise (strip, time, rate, noise->amplitude, in);
}

static double
loudness_of (const Take * take, double from, double to)
{
  float *x[2];
  guint at = (guint) (from * take->rate), c;

  for (c = 0; c < take->channels; c++)
    x[c] = take->x[c] + at;
  return measure_loudness (x, take->channels, (guint) (to * take->rate) - at);
}

static void
check_converges (double amplitude, double target, double expected)
{
  Noise noise = { amplitude, 0, 0 };
  g_autoptr (Mixer) mixer =
      new_mixer (48000, FOLEY_LAYOUT_STEREO, (float) target, -1);
  g_autoptr (Take) take = measure_play (mixer, 48000, FOLEY_LAYOUT_STEREO, 0,
      1, 10, play_noise, &noise);
  double found = loudness_of (take, 7, 10), first = loudness_of (take, 0, 10);

  g_test_message ("noise of %g to %g LUFS: %.2f (with the start: %.2f)",
      amplitude, target, found, first);
  g_assert_cmpfloat_with_epsilon (found, expected, 1);
}

static void
test_converges (void)
{
  check_converges (0.01, -30, -30);
  check_converges (0.02, -23, -23);
  check_converges (0.1, -23, -23);
  check_converges (0.15, -40, -40);
  /* No more than 12 dB: white noise of power 1 is 2.6 LUFS. */
  check_converges (0.001, -20, 20 * log10 (0.001) + 2.6 + 12);
}

/* At 0 nothing is steered: what comes out is what comes in. */
static void
test_as_it_is (void)
{
  Noise noise = { 0.05, 0, 0 };
  g_autoptr (Mixer) mixer = new_mixer (48000, FOLEY_LAYOUT_MONO, 0, -1);
  g_autoptr (Take) take = measure_play (mixer, 48000, FOLEY_LAYOUT_MONO, 0, 1,
      3, play_noise, &noise);

  g_assert_cmpfloat_with_epsilon (measure_rms (take->x[0] + 96000, 40000),
      0.05, 0.002);
}

/* A pause is silent, and what comes after it as loud as before. */
static void
test_pause (void)
{
  Noise noise = { 0.05, 5, 10 };
  g_autoptr (Mixer) mixer = new_mixer (48000, FOLEY_LAYOUT_STEREO, -30, -1);
  g_autoptr (Take) take = measure_play (mixer, 48000, FOLEY_LAYOUT_STEREO, 0,
      1, 11, play_noise, &noise);
  guint i;

  for (i = 48000 * 5.3; i < 48000 * 10; i++)
    g_assert_cmpfloat (take->x[0][i], ==, 0);
  g_assert_cmpfloat_with_epsilon (loudness_of (take, 10.1, 10.9),
      loudness_of (take, 4, 4.9), 0.3);
  g_assert_cmpfloat_with_epsilon (loudness_of (take, 10.1, 10.9), -30, 1);
}

/* Faint noise, below the gate, is not raised. */
static void
test_gate (void)
{
  Noise noise = { 0.0001, 0, 0 };
  g_autoptr (Mixer) mixer = new_mixer (48000, FOLEY_LAYOUT_MONO, -20, -1);
  g_autoptr (Take) take = measure_play (mixer, 48000, FOLEY_LAYOUT_MONO, 0, 1,
      4, play_noise, &noise);

  g_assert_cmpfloat (measure_rms (take->x[0] + 96000, 90000), <, 0.000102);
}

typedef struct
{
  double frequency;             /* Hz; 0: noise; -1: impulses */
  double amplitude;
} Hot;

/* Noise with nothing at half the rate: there no peak between samples is bounded,
 * and meters of other lengths find other peaks. */
static void
play_soft_noise (double time, double rate, double amplitude, float *in)
{
  float before[FOLEY_QUANTUM], after[FOLEY_QUANTUM];
  guint i;

  measure_noise (0, time, rate, amplitude / 4, before);
  measure_noise (0, time + 1 / rate, rate, amplitude / 2, in);
  measure_noise (0, time + 2 / rate, rate, amplitude / 4, after);
  for (i = 0; i < FOLEY_QUANTUM; i++)
    in[i] += before[i] + after[i];
}

static void
play_hot (guint strip, double time, double rate, float *in, Place * place,
    gpointer data)
{
  const Hot *hot = data;
  double burst = fmod (time, 0.3) < 0.1 ? 1 : 0.05;

  if (hot->frequency > 0)
    measure_sine (hot->frequency * rate, time, rate, hot->amplitude * burst,
        in);
  else if (hot->frequency == 0)
    play_soft_noise (time, rate, hot->amplitude * burst, in);
  else if (fmod (time, 0.1) < FOLEY_QUANTUM / rate)
    in[17] = (float) hot->amplitude;
  place->azimuth = 0.3f;
}

static void
test_peak (gconstpointer data)
{
  /* A share of the rate; the sampled peak of 1 / 4 misses 3 dB. */
  static const Hot hots[] = {
    {0.01, 4}, {0.05, 1.2}, {0.25, 20}, {0.2501, 2}, {0.125, 3}, {0.37, 3},
    {0, 5}, {0, 1}, {-1, 50}, {-1, 1.5}
  };
  guint rate = GPOINTER_TO_UINT (data), i, c;

  for (i = 0; i < G_N_ELEMENTS (hots); i++) {
    float peak = i % 2 ? -1 : -6;
    g_autoptr (Mixer) mixer = new_mixer (rate, FOLEY_LAYOUT_STEREO, 0, peak);
    g_autoptr (Take) take = NULL;
    double most = -200;

    mixer_set_room (mixer, ROOM_ROOM);
    take = measure_play (mixer, rate, FOLEY_LAYOUT_STEREO, 0, 1, 0.45,
        play_hot, (gpointer) & hots[i]);
    for (c = 0; c < 2; c++)
      most = MAX (most, measure_true_peak (take->x[c], take->length));
    g_test_message ("%g x rate, %g: true peak %.2f of %g dBFS",
        hots[i].frequency, hots[i].amplitude, most, peak);
    g_assert_cmpfloat (most, <, peak + 0.1);
    g_assert_cmpfloat (most, >, peak - 6);
  }
}

/* The limiter is as late as it says: an impulse comes when it should. */
static void
test_latency (gconstpointer data)
{
  guint rate = GPOINTER_TO_UINT (data), i, best = 0;
  Hot hot = { -1, 0.5 };
  g_autoptr (Mixer) mixer = new_mixer (rate, FOLEY_LAYOUT_MONO, 0, -1);
  g_autoptr (Take) take = measure_play (mixer, rate, FOLEY_LAYOUT_MONO, 0, 1,
      0.09, play_hot, &hot);

  g_assert_cmpuint (mixer_get_latency (mixer), <=, FOLEY_QUANTUM);
  for (i = 0; i < take->length; i++)
    if (fabsf (take->x[0][i]) > fabsf (take->x[0][best]))
      best = i;
  g_assert_cmpuint (best, ==,
      17 + mixer_get_latency (mixer) + (guint) (rate / 343.0 + 0.5));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_set_nonfatal_assertions ();
#define FOR(path, f, value) \
  g_test_add_data_func (path, GINT_TO_POINTER (value), f)
  g_test_add_func ("/mix/level/converges", test_converges);
  g_test_add_func ("/mix/level/as-it-is", test_as_it_is);
  g_test_add_func ("/mix/level/pause", test_pause);
  g_test_add_func ("/mix/level/gate", test_gate);
  FOR ("/mix/level/peak/8000", test_peak, 8000);
  FOR ("/mix/level/peak/48000", test_peak, 48000);
  FOR ("/mix/level/peak/192000", test_peak, 192000);
  FOR ("/mix/level/latency/8000", test_latency, 8000);
  FOR ("/mix/level/latency/48000", test_latency, 48000);
  FOR ("/mix/level/latency/192000", test_latency, 192000);
  return g_test_run ();
}
