/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* render.h: recipes from text, and what they sound like in numbers. */

#pragma once

#include <math.h>
#include <string.h>

#include "models/foley/shape/voice.h"

#define RATE 48000

static inline Patch *
try_patch (const char *text, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();

  g_key_file_load_from_data (file, text, -1, G_KEY_FILE_NONE, error);
  g_assert_true (!error || !*error);
  return patch_new (file, NULL, error);
}

static inline Voice *
make_voice_at (const char *text, guint64 seed, double rate)
{
  static const Material materials[2] = { MATERIAL_STEEL, MATERIAL_WOOD };
  g_autoptr (GError) error = NULL;
  g_autoptr (Patch) patch = try_patch (text, &error);
  Voice *voice;

  g_assert_no_error (error);
  voice = voice_new (patch, rate, materials, seed, &error);
  g_assert_no_error (error);
  return voice;
}

static inline Voice *
make_voice (const char *text)
{
  return make_voice_at (text, 1, RATE);
}

/* @n: rounded down to whole quanta. */
static inline void
render (Voice *voice, float *out, guint n)
{
  guint i;

  for (i = 0; i + FOLEY_QUANTUM <= n; i += FOLEY_QUANTUM)
    voice_render (voice, out + i);
}

/* The amplitude of a sine of @frequency in x, by a Hann-windowed DFT at it. */
static inline double
amplitude_at (const float *x, guint n, double frequency, double rate)
{
  double re = 0, im = 0, sum = 0;
  guint i;

  for (i = 0; i < n; i++) {
    double window = 0.5 - 0.5 * cos (2 * G_PI * i / n);
    double phase = 2 * G_PI * frequency * i / rate;

    re += window * x[i] * cos (phase);
    im += window * x[i] * sin (phase);
    sum += window;
  }
  return 2 * hypot (re, im) / sum;
}

static inline double
rms (const float *x, guint n)
{
  double sum = 0;
  guint i;

  for (i = 0; i < n; i++)
    sum += (double) x[i] * x[i];
  return sqrt (sum / n);
}

static inline double
peak (const float *x, guint n)
{
  double most = 0;
  guint i;

  for (i = 0; i < n; i++)
    most = MAX (most, fabs (x[i]));
  return most;
}

static inline double
decibels (double amplitude)
{
  return 20 * log10 (MAX (amplitude, 1e-30));
}

/* Rising zero crossings a second, between the first and the last of them. */
static inline double
frequency_of (const float *x, guint n, double rate)
{
  double first = -1, last = -1;
  guint crossings = 0, i;

  for (i = 1; i < n; i++)
    if (x[i - 1] <= 0 && x[i] > 0) {
      last = i - x[i] / (x[i] - x[i - 1]);
      if (first < 0)
        first = last;
      crossings++;
    }
  return crossings > 1 ? (crossings - 1) * rate / (last - first) : 0;
}

/* A click is a step in a signal, or in its slope: the largest second difference. */
static inline double
roughness_of (const float *x, guint n)
{
  double most = 0;
  guint i;

  for (i = 2; i < n; i++)
    most = MAX (most, fabs ((double) x[i] - 2 * x[i - 1] + x[i - 2]));
  return most;
}
