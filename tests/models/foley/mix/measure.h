/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* measure.h: plays sources through a mixer, and measures what comes out. */

#pragma once

#include "models/foley/mix/mixer.h"

/* What came out: [channels][length], and of stems the same. */
typedef struct
{
  guint rate, channels, n_stems, length;
  float *x[FOLEY_MAX_CHANNELS];
  float *stems[FOLEY_MAX_STEMS][FOLEY_MAX_CHANNELS];
} Take;

void take_free (Take * take);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Take, take_free)

/* Fills in a quantum of strip @strip, whose first sample is at @time, s. */
typedef void (*Player) (guint strip, double time, double rate, float *in,
    Place * place, gpointer data);

Mixer *measure_new_mixer (guint rate, FoleyLayout layout, guint n_stems);
/* @seconds of @n_strips; strip i is in stem i modulo the stems. */
Take *measure_play (Mixer * mixer, guint rate, FoleyLayout layout,
    guint n_stems, guint n_strips, double seconds, Player player,
    gpointer data);

/* White noise of a power of @amplitude^2, the same for the same sample of the
 * same strip. */
void measure_noise (guint strip, double time, double rate, double amplitude,
    float *in);
void measure_sine (double frequency, double time, double rate,
    double amplitude, float *in);

double measure_rms (const float *x, guint n);
/* The amplitude of @frequency in @n samples, in a Hann window. */
double measure_tone (const float *x, guint n, double rate, double frequency);
/* s by which @a is later than @b: the maximum of their correlation. */
double measure_lag (const float *a, const float *b, guint n, double rate,
    double most);
double measure_correlation (const float *a, const float *b, guint n);
/* An octave about @frequency, in place. */
void measure_octave (float *x, guint n, double rate, double frequency);
/* The largest absolute value between samples too, dBFS: eight times the samples
 * by a sinc of 64 taps. */
double measure_true_peak (const float *x, guint n);
/* LUFS, not gated, of 48 kHz, channels of weight 1: with the table of BS.1770. */
double measure_loudness (float *const *x, guint channels, guint n);
