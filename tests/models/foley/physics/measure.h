/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* measure.h: a node by itself, and what can be measured of what it gives. */

#pragma once

#include "models/foley/shape/node.h"

G_BEGIN_DECLS

typedef struct
{
  Node node;
  gpointer memory;
  const float *const *inputs;   /* of every quantum; or NULL */
} Bench;

/* @settings: "name=value ..." of parameters and words; aborts where there are
 * none of these. */
Bench *bench_new (const char *type, double rate, const char *settings);
void bench_free (Bench * bench);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Bench, bench_free)

void bench_set (Bench * bench, const char *name, double value);
void bench_trigger (Bench * bench, guint offset, float strength);
gboolean bench_is_silent (Bench * bench);
/* @seconds of it, in whole quanta: *@n samples. */
float *bench_render (Bench * bench, double seconds, guint * n);

/* Root of the mean square. */
double measure_rms (const float *x, guint n);
double measure_peak (const float *x, guint n);
/* Largest step from a sample to the next. */
double measure_step (const float *x, guint n);
gboolean measure_is_finite (const float *x, guint n);
/* Amplitude of a sine of @frequency Hz (Hann window). */
double measure_tone (const float *x, guint n, double rate, double frequency);
/* Hz of the strongest between @low and @high. */
double measure_pitch (const float *x, guint n, double rate, double low,
    double high);
/* Power between @low and @high Hz (mean square). */
double measure_band (const float *x, guint n, double rate, double low,
    double high);
/* Hz where the power is balanced. */
double measure_centroid (const float *x, guint n, double rate);
/* The frequency above which a part @rest of the energy is. */
double measure_rolloff (const float *x, guint n, double rate, double rest);
/* Its loudness, RMS of every @window samples: [n / window]. */
float *measure_envelope (const float *x, guint n, guint window, guint * count);
/* Seconds until what rings at @frequency has lost 60 dB, from the slope of its
 * amplitude between two windows of @window samples. */
double measure_t60 (const float *x, guint n, double rate, double frequency,
    guint window);

G_END_DECLS
