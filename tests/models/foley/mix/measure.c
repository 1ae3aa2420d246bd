/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* measure.c: players, spectra, delays and levels. */

#include <math.h>
#include <string.h>

#include "tests/models/foley/mix/measure.h"

void
take_free (Take * take)
{
  guint c, s;

  for (c = 0; c < take->channels; c++) {
    g_free (take->x[c]);
    for (s = 0; s < take->n_stems; s++)
      g_free (take->stems[s][c]);
  }
  g_free (take);
}

Mixer *
measure_new_mixer (guint rate, FoleyLayout layout, guint n_stems)
{
  MixerOptions options = {.rate = rate,.layout = layout,.n_stems = n_stems,
    .peak = -1
  };
  g_autoptr (GError) error = NULL;
  Mixer *mixer = mixer_new (&options, &error);

  g_assert_no_error (error);
  g_assert_nonnull (mixer);
  return mixer;
}

static Take *
take_new (guint rate, FoleyLayout layout, guint n_stems, double seconds)
{
  Take *take = g_new0 (Take, 1);
  guint c, s;

  take->rate = rate;
  take->channels = foley_layout_get_channels (layout);
  take->n_stems = n_stems;
  take->length = (guint) (seconds * rate / FOLEY_QUANTUM) * FOLEY_QUANTUM;
  for (c = 0; c < take->channels; c++) {
    take->x[c] = g_new0 (float, take->length);
    for (s = 0; s < n_stems; s++)
      take->stems[s][c] = g_new0 (float, take->length);
  }
  return take;
}

Take *
measure_play (Mixer * mixer, guint rate, FoleyLayout layout, guint n_stems,
    guint n_strips, double seconds, Player player, gpointer data)
{
  Take *take = take_new (rate, layout, n_stems, seconds);
  g_autoptr (GPtrArray) strips = g_ptr_array_new_with_free_func (
      (GDestroyNotify) strip_free);
  guint at, i, c, s;

  for (i = 0; i < n_strips; i++)
    g_ptr_array_add (strips, strip_new (mixer, n_stems ? i % n_stems : 0));
  for (at = 0; at < take->length; at += FOLEY_QUANTUM) {
    float *mix[FOLEY_MAX_CHANNELS];
    float *stems[FOLEY_MAX_STEMS][FOLEY_MAX_CHANNELS];
    float *const *list[FOLEY_MAX_STEMS];

    mixer_begin (mixer);
    for (i = 0; i < n_strips; i++) {
      Place place = {.distance = 1,.gain = 1 };
      float in[FOLEY_QUANTUM] = { 0 };

      player (i, (double) at / rate, rate, in, &place, data);
      mixer_add (mixer, strips->pdata[i], in, &place);
    }
    for (c = 0; c < take->channels; c++) {
      mix[c] = take->x[c] + at;
      for (s = 0; s < n_stems; s++)
        stems[s][c] = take->stems[s][c] + at;
    }
    for (s = 0; s < n_stems; s++)
      list[s] = stems[s];
    mixer_end (mixer, mix, n_stems ? list : NULL);
  }
  return take;
}

/* Murmur's finaliser, of the sample's number. */
static guint32
hash (guint32 n)
{
  n ^= n >> 16;
  n *= 0x85ebca6bu;
  n ^= n >> 13;
  n *= 0xc2b2ae35u;
  return n ^ n >> 16;
}

void
measure_noise (guint strip, double time, double rate, double amplitude,
    float *in)
{
  guint first = (guint) (time * rate + 0.5), i;

  for (i = 0; i < FOLEY_QUANTUM; i++)
    in[i] = (float) (amplitude * sqrt (3) *
        (hash (first + i + strip * 7919u * 1000003u) / 2147483648.0 - 1));
}

void
measure_sine (double frequency, double time, double rate, double amplitude,
    float *in)
{
  guint i;

  for (i = 0; i < FOLEY_QUANTUM; i++)
    in[i] = (float) (amplitude * sin (2 * G_PI * frequency *
            (time + i / rate)));
}

double
measure_rms (const float *x, guint n)
{
  double sum = 0;
  guint i;

  for (i = 0; i < n; i++)
    sum += (double) x[i] * x[i];
  return sqrt (sum / n);
}

double
measure_tone (const float *x, guint n, double rate, double frequency)
{
  double re = 0, im = 0, sum = 0;
  guint i;

  for (i = 0; i < n; i++) {
    double window = 0.5 - 0.5 * cos (2 * G_PI * (i + 0.5) / n);
    double angle = 2 * G_PI * frequency * i / rate;

    re += window * x[i] * cos (angle);
    im += window * x[i] * sin (angle);
    sum += window;
  }
  return 2 * hypot (re, im) / sum;
}

double
measure_lag (const float *a, const float *b, guint n, double rate, double most)
{
  int reach = (int) ceil (most * rate) + 1, lag, best = 0;
  g_autofree double *sums = g_new0 (double, 2 * reach + 1);
  double *at = sums + reach, peak = -G_MAXDOUBLE, bend;

  for (lag = -reach; lag <= reach; lag++) {
    guint i;

    for (i = reach; i < n - reach; i++)
      at[lag] += (double) a[(int) i + lag] * b[i];
    if (at[lag] > peak && ABS (lag) < reach) {
      peak = at[lag];
      best = lag;
    }
  }
  /* Between samples: the top of a parabola. */
  bend = at[best - 1] - 2 * at[best] + at[best + 1];
  return (best + 0.5 * (at[best - 1] - at[best + 1]) / bend) / rate;
}

double
measure_correlation (const float *a, const float *b, guint n)
{
  double ab = 0;
  guint i;

  for (i = 0; i < n; i++)
    ab += (double) a[i] * b[i];
  return ab / n / (measure_rms (a, n) * measure_rms (b, n));
}

/* Two band-passes in a row (the cookbook of R. Bristow-Johnson, Q 1.414). */
void
measure_octave (float *x, guint n, double rate, double frequency)
{
  double w = 2 * G_PI * frequency / rate, alpha = sin (w) / (2 * G_SQRT2);
  double b = alpha / (1 + alpha), a1 = -2 * cos (w) / (1 + alpha);
  double a2 = (1 - alpha) / (1 + alpha);
  guint pass, i;

  for (pass = 0; pass < 2; pass++) {
    double x1 = 0, x2 = 0, y1 = 0, y2 = 0;

    for (i = 0; i < n; i++) {
      double y = b * (x[i] - x2) - a1 * y1 - a2 * y2;

      x2 = x1;
      x1 = x[i];
      y2 = y1;
      y1 = y;
      x[i] = (float) y;
    }
  }
}

double
measure_true_peak (const float *x, guint n)
{
  double peak = 0;
  guint phase, i;
  int k;

  for (phase = 0; phase < 8; phase++) {
    double taps[64];

    for (k = 0; k < 64; k++) {
      double t = k - 31 - phase / 8.0;

      taps[k] = (fabs (t) < 1e-9 ? 1 : sin (G_PI * t) / (G_PI * t)) *
          (0.5 + 0.5 * cos (G_PI * CLAMP (t / 32, -1, 1)));
    }
    for (i = 0; i + 64 <= n; i++) {
      double y = 0;

      for (k = 0; k < 64; k++)
        y += taps[k] * x[i + k];
      peak = MAX (peak, fabs (y));
    }
  }
  return 20 * log10 (peak);
}

double
measure_loudness (float *const *x, guint channels, guint n)
{
  /* ITU-R BS.1770-4, tables 1 and 2. */
  static const double tables[2][5] = {
    {1.53512485958697, -2.69169618940638, 1.19839281085285,
        -1.69065929318241, 0.73248077421585},
    {1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621}
  };
  double power = 0;
  guint c, i, f;

  for (c = 0; c < channels; c++) {
    double state[2][4] = { {0} };

    for (i = 0; i < n; i++) {
      double v = x[c][i];

      for (f = 0; f < 2; f++) {
        const double *t = tables[f];
        double *s = state[f];
        double y = t[0] * v + t[1] * s[0] + t[2] * s[1] - t[3] * s[2] -
            t[4] * s[3];

        s[1] = s[0];
        s[0] = v;
        s[3] = s[2];
        s[2] = y;
        v = y;
      }
      power += v * v / n;
    }
  }
  return -0.691 + 10 * log10 (power);
}
