/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* measure.c: a node by itself, and what can be measured of what it gives. */

#include <complex.h>
#include <math.h>
#include <string.h>

#include "tests/models/foley/physics/measure.h"

static const NodeClass *
find_class (const char *type)
{
  guint i;

  for (i = 0; node_physics_classes[i]; i++)
    if (strcmp (node_physics_classes[i]->type, type) == 0)
      return node_physics_classes[i];
  g_error ("no node is called %s", type);
}

void
bench_set (Bench * bench, const char *name, double value)
{
  const NodeParam *params = bench->node.klass->params;
  guint i;

  for (i = 0; params[i].name; i++)
    if (strcmp (params[i].name, name) == 0) {
      bench->node.params[i] = value;
      return;
    }
  g_error ("%s has no parameter %s", bench->node.klass->type, name);
}

static gboolean
set_word (Bench * bench, const char *name, const char *value)
{
  const NodeWord *words = bench->node.klass->words;
  guint i;

  for (i = 0; words && words[i].name; i++)
    if (strcmp (words[i].name, name) == 0) {
      g_assert_true (g_strv_contains (words[i].words, value));
      bench->node.words[i] = g_intern_string (value);
      return TRUE;
    }
  return FALSE;
}

static void
set_all (Bench * bench, const char *settings)
{
  const NodeClass *klass = bench->node.klass;
  g_auto (GStrv) pairs = g_strsplit (settings ? settings : "", " ", -1);
  guint i;

  for (i = 0; klass->params[i].name; i++)
    bench->node.params[i] = klass->params[i].standard;
  for (i = 0; klass->words && klass->words[i].name; i++)
    bench->node.words[i] = klass->words[i].standard;
  for (i = 0; pairs[i]; i++) {
    char *value = strchr (pairs[i], '=');

    if (!value)
      continue;
    *value++ = '\0';
    if (!set_word (bench, pairs[i], value))
      bench_set (bench, pairs[i], g_ascii_strtod (value, NULL));
  }
}

Bench *
bench_new (const char *type, double rate, const char *settings)
{
  Bench *bench = g_new0 (Bench, 1);
  Node *node = &bench->node;
  g_autoptr (GError) error = NULL;

  node->klass = find_class (type);
  node->rate = rate;
  node->random = g_rand_new_with_seed (7);
  bench->memory = g_malloc0 (node->klass->state_size + 64);
  node->state = (gpointer) (((gsize) bench->memory + 63) & ~(gsize) 63);
  set_all (bench, settings);
  if (node->klass->open)
    g_assert_true (node->klass->open (node, &error));
  g_assert_no_error (error);
  return bench;
}

void
bench_free (Bench * bench)
{
  if (bench->node.klass->close)
    bench->node.klass->close (&bench->node);
  g_rand_free (bench->node.random);
  g_free (bench->memory);
  g_free (bench);
}

void
bench_trigger (Bench * bench, guint offset, float strength)
{
  if (bench->node.klass->trigger)
    bench->node.klass->trigger (&bench->node, offset, strength);
}

gboolean
bench_is_silent (Bench * bench)
{
  return bench->node.klass->is_silent
      && bench->node.klass->is_silent (&bench->node);
}

float *
bench_render (Bench * bench, double seconds, guint * n)
{
  guint i, quanta = ceil (seconds * bench->node.rate / FOLEY_QUANTUM);
  float *out = g_new (float, quanta * FOLEY_QUANTUM);

  for (i = 0; i < quanta; i++)
    bench->node.klass->render (&bench->node, bench->inputs,
        out + i * FOLEY_QUANTUM);
  *n = quanta * FOLEY_QUANTUM;
  return out;
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
measure_peak (const float *x, guint n)
{
  double most = 0;
  guint i;

  for (i = 0; i < n; i++)
    most = MAX (most, fabs (x[i]));
  return most;
}

double
measure_step (const float *x, guint n)
{
  double most = 0;
  guint i;

  for (i = 1; i < n; i++)
    most = MAX (most, fabs ((double) x[i] - x[i - 1]));
  return most;
}

gboolean
measure_is_finite (const float *x, guint n)
{
  guint i;

  for (i = 0; i < n; i++)
    if (!isfinite (x[i]))
      return FALSE;
  return TRUE;
}

double
measure_tone (const float *x, guint n, double rate, double frequency)
{
  double complex turn = cexp (-2 * G_PI * I * frequency / rate), at = 1;
  double complex sum = 0;
  guint i;

  for (i = 0; i < n; i++, at *= turn)
    sum += at * x[i] * (1 - cos (2 * G_PI * i / n));
  return 2 * cabs (sum) / n;
}

/* Radix 2, in place. */
static void
transform (double complex *x, guint n)
{
  guint i, j, k, size;

  for (i = 1, j = 0; i < n; i++) {
    for (k = n >> 1; j & k; k >>= 1)
      j ^= k;
    j ^= k;
    if (i < j) {
      double complex swap = x[i];

      x[i] = x[j];
      x[j] = swap;
    }
  }
  for (size = 2; size <= n; size *= 2)
    for (k = 0; k < size / 2; k++) {
      double complex turn = cexp (-2 * G_PI * I * k / size);

      for (i = k; i < n; i += size) {
        double complex odd = turn * x[i + size / 2];

        x[i + size / 2] = x[i] - odd;
        x[i] += odd;
      }
    }
}

/* |X|^2 of @x with a Hann window, padded: [*size / 2]; sums to the mean
 * square. */
static double *
spectrum (const float *x, guint n, gboolean window, guint * size)
{
  guint i, m = 1024;
  double complex *work;
  double *power;

  while (m < n)
    m *= 2;
  work = g_new0 (double complex, m);
  for (i = 0; i < n; i++)
    work[i] = x[i] * (window ? (1 - cos (2 * G_PI * i / n)) / sqrt (1.5) : 1);
  transform (work, m);
  power = g_new (double, m / 2);
  for (i = 0; i < m / 2; i++)
    power[i] = 2 * creal (work[i] * conj (work[i])) / m / n;
  g_free (work);
  *size = m;
  return power;
}

double
measure_pitch (const float *x, guint n, double rate, double low, double high)
{
  guint size, i, best = 0;
  g_autofree double *power = spectrum (x, n, TRUE, &size);
  double a, b, c;

  for (i = MAX (1, ceil (low * size / rate)); i < size / 2 - 1
      && i * rate / size <= high; i++)
    if (best == 0 || power[i] > power[best])
      best = i;
  g_assert_cmpuint (best, >, 0);
  /* The top of a parabola through the logarithms. */
  a = log (power[best - 1] + 1e-30);
  b = log (power[best] + 1e-30);
  c = log (power[best + 1] + 1e-30);
  return (best + (a - c) / (2 * (a - 2 * b + c) - 1e-30)) * rate / size;
}

double
measure_band (const float *x, guint n, double rate, double low, double high)
{
  guint size, i;
  g_autofree double *power = spectrum (x, n, FALSE, &size);
  double sum = 0;

  for (i = 0; i < size / 2; i++)
    if (i * rate / size >= low && i * rate / size < high)
      sum += power[i];
  return sum;
}

double
measure_centroid (const float *x, guint n, double rate)
{
  guint size, i;
  g_autofree double *power = spectrum (x, n, FALSE, &size);
  double sum = 0, balance = 0;

  for (i = 0; i < size / 2; i++) {
    sum += power[i];
    balance += power[i] * i * rate / size;
  }
  return balance / MAX (sum, 1e-30);
}

double
measure_rolloff (const float *x, guint n, double rate, double rest)
{
  guint size, i;
  g_autofree double *power = spectrum (x, n, FALSE, &size);
  double sum = 0, above = 0;

  for (i = 0; i < size / 2; i++)
    sum += power[i];
  for (i = size / 2 - 1; i > 0 && above < rest * sum; i--)
    above += power[i];
  return i * rate / size;
}

float *
measure_envelope (const float *x, guint n, guint window, guint * count)
{
  float *out = g_new (float, n / window + 1);
  guint i;

  for (i = 0; i < n / window; i++)
    out[i] = measure_rms (x + i * window, window);
  *count = n / window;
  return out;
}

double
measure_t60 (const float *x, guint n, double rate, double frequency,
    guint window)
{
  double a = measure_tone (x, window, rate, frequency);
  double b = measure_tone (x + window, window, rate, frequency);

  g_assert_cmpuint (2 * window, <=, n);
  return log (1000) * window / rate / log (a / b);
}
