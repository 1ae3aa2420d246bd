/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* head.c: a table of head-related impulse responses, and convolution. */

#include <math.h>

#include "models/foley/mix/head.h"

/* Long enough for the delay between the ears and the pinna's echoes: 2.7 ms. */
static guint
count_taps (guint rate)
{
  guint taps = (guint) (rate * 0.0027) / 8 * 8;

  return CLAMP (taps, 48, HEAD_MAX_TAPS);
}

/* Makes the two ears of all directions around give the power of the source, as
 * panning does. */
static void
normalise (Head * head)
{
  guint level = HEAD_ELEVATIONS / 2 * HEAD_AZIMUTHS, i;
  guint size = 2 * head->taps;
  double power = 0;
  float gain;

  for (i = 0; i < HEAD_AZIMUTHS * size; i++) {
    float h = head->filters[level * size + i];

    power += h * h;
  }
  gain = power > 0 ? (float) sqrt (HEAD_AZIMUTHS / power) : 1;
  for (i = 0; i < HEAD_DIRECTIONS * size; i++)
    head->filters[i] *= gain;
}

static gboolean
fill (Head * head, guint rate, const char *file, GError ** error)
{
#ifdef HAVE_MYSOFA
  if (file == NULL && g_file_test (MYSOFA_DEFAULT, G_FILE_TEST_EXISTS))
    file = MYSOFA_DEFAULT;
  if (file != NULL)
    return head_fill_sofa (head, rate, file, error);
#else
  if (file != NULL) {
    g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_SETTINGS,
        "%s: this build has no libmysofa to read SOFA files with; "
        "without a file a model of the head serves", file);
    return FALSE;
  }
#endif
  head_fill_sphere (head, rate);
  return TRUE;
}

Head *
head_new (guint rate, const char *file, GError ** error)
{
  g_autoptr (Head) head = g_new0 (Head, 1);

  head->taps = count_taps (rate);
  head->filters = g_new0 (float, HEAD_DIRECTIONS * 2 * head->taps);
  if (!fill (head, rate, file, error))
    return NULL;
  normalise (head);
  return g_steal_pointer (&head);
}

void
head_free (Head * head)
{
  g_free (head->filters);
  g_free (head);
}

void
head_get_direction (guint i, double *azimuth, double *elevation)
{
  *azimuth = i % HEAD_AZIMUTHS * (2 * G_PI / HEAD_AZIMUTHS);
  *elevation = i / HEAD_AZIMUTHS * (G_PI / (HEAD_ELEVATIONS - 1)) - G_PI_2;
}

const float *
head_find (const Head * head, double azimuth, double elevation)
{
  double turn = azimuth / (2 * G_PI), up = elevation / G_PI + 0.5;
  guint a, e;

  turn -= floor (turn);
  a = (guint) (turn * HEAD_AZIMUTHS + 0.5) % HEAD_AZIMUTHS;
  e = (guint) (CLAMP (up, 0, 1) * (HEAD_ELEVATIONS - 1) + 0.5);
  return head->filters + (e * HEAD_AZIMUTHS + a) * 2 * head->taps;
}

/* Sixteen sums at a time stay in registers. */
#define BLOCK 16

void
head_convolve (const Head * head, const float *filter, const float *in,
    float out[FOLEY_QUANTUM])
{
  guint taps = head->taps, block, k, j;

  for (block = 0; block < FOLEY_QUANTUM; block += BLOCK) {
    const float *x = in + taps - 1 + block;
    float sum[BLOCK] = { 0 };

    for (k = 0; k < taps; k++)
      for (j = 0; j < BLOCK; j++)
        sum[j] += filter[k] * x[(gssize) j - (gssize) k];
    for (j = 0; j < BLOCK; j++)
      out[block + j] = sum[j];
  }
}
