/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sofa.c: measured impulse responses of a head from a SOFA file (AES69), which
 * libmysofa reads, brings to the rate and interpolates between directions. */

#include <math.h>
#include <mysofa.h>
#include <string.h>

#include "models/foley/mix/head.h"

/* A response of more samples than this is not a head's. */
#define MAX_LENGTH 65536
/* Samples that are kept before the first arrival. */
#define BEFORE 4

typedef struct MYSOFA_EASY Sofa;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Sofa, mysofa_close)
     typedef struct
     {
       Sofa *sofa;
       guint length;            /* samples of a response */
       guint rate;
       float *ears[2];          /* [length], of the direction read last */
       guint delays[2];         /* samples, to be put before them */
     } Reader;

     static gboolean read_direction (Reader * reader, guint i)
{
  double azimuth, elevation;
  float delays[2] = { 0, 0 };
  guint ear, k;

  head_get_direction (i, &azimuth, &elevation);
  mysofa_getfilter_float (reader->sofa,
      (float) (cos (azimuth) * cos (elevation)),
      (float) (-sin (azimuth) * cos (elevation)), (float) sin (elevation),
      reader->ears[0], reader->ears[1], &delays[0], &delays[1]);
  for (ear = 0; ear < 2; ear++) {
    if (!(delays[ear] >= 0 && delays[ear] < 1))
      return FALSE;
    reader->delays[ear] = (guint) (delays[ear] * reader->rate + 0.5);
    for (k = 0; k < reader->length; k++)
      if (!isfinite (reader->ears[ear][k]))
        return FALSE;
  }
  return TRUE;
}

/* Where the response of an ear begins: a tenth of its peak. */
static guint
find_onset (const Reader * reader, guint ear)
{
  const float *h = reader->ears[ear];
  float peak = 0;
  guint k;

  for (k = 0; k < reader->length; k++)
    peak = MAX (peak, fabsf (h[k]));
  for (k = 0; k < reader->length; k++)
    if (fabsf (h[k]) > 0.1f * peak)
      return reader->delays[ear] + k;
  return G_MAXUINT;
}

/* The response from sample @skip on; its end is faded. */
static void
keep (const Reader * reader, guint ear, guint skip, float *out, guint taps)
{
  guint fade = taps / 4, k;

  for (k = 0; k < taps; k++) {
    guint at = skip + k, delay = reader->delays[ear];
    double left = MIN (1, (double) (taps - k) / fade);

    if (at >= delay && at - delay < reader->length)
      out[k] = (float) (reader->ears[ear][at - delay] *
          (0.5 - 0.5 * cos (G_PI * left)));
  }
}

static gboolean
fill (Head * head, Reader * reader)
{
  guint first = G_MAXUINT, i, ear;

  for (i = 0; i < HEAD_DIRECTIONS; i++) {
    if (!read_direction (reader, i))
      return FALSE;
    for (ear = 0; ear < 2; ear++)
      first = MIN (first, find_onset (reader, ear));
  }
  if (first == G_MAXUINT)
    return FALSE;
  first = first > BEFORE ? first - BEFORE : 0;
  for (i = 0; i < HEAD_DIRECTIONS; i++) {
    read_direction (reader, i);
    for (ear = 0; ear < 2; ear++)
      keep (reader, ear, first, head->filters + (2 * i + ear) * head->taps,
          head->taps);
  }
  return TRUE;
}

gboolean
head_fill_sofa (Head * head, guint rate, const char *file, GError ** error)
{
  g_autoptr (Sofa) sofa = NULL;
  g_autofree float *left = NULL, *right = NULL;
  Reader reader = { 0 };
  int length = 0, code = 0;

  if (!g_file_test (file, G_FILE_TEST_EXISTS)) {
    g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_NOT_FOUND,
        "%s: no such SOFA file", file);
    return FALSE;
  }
  sofa = mysofa_open (file, rate, &length, &code);
  if (sofa == NULL || length < 1 || length > MAX_LENGTH) {
    g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_READ,
        "%s: not a SOFA file of free-field impulse responses (libmysofa says "
        "%d, %d samples)", file, code, length);
    return FALSE;
  }
  left = g_new0 (float, length);
  right = g_new0 (float, length);
  reader = (Reader) {
    sofa, length, rate, {
    left, right}, {
  0, 0}};
  if (!fill (head, &reader)) {
    g_set_error (error, FOLEY_ERROR, FOLEY_ERROR_READ,
        "%s: its impulse responses are empty, not finite or late by more than "
        "a second", file);
    return FALSE;
  }
  return TRUE;
}
