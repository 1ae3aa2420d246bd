/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fdn.c: a feedback delay network (Jot and Chaigne, Digital delay networks for
 * designing artificial reverberators, 1991) with eight lines, a Hadamard matrix
 * between them and a low-pass in each, after early echoes. */

#include <math.h>
#include <string.h>

#include "models/foley/mix/allpass.h"
#include "models/foley/mix/fdn.h"
#include "models/foley/mix/level.h"
#include "models/foley/mix/pan.h"
#include "models/foley/mix/room.h"

#define N_LINES 8
#define N_DIFFUSERS 3
#define MAX_TAPS 14
#define MAX_SCALE 2.6           /* of the presets */

/* ms, in a room of scale 1. */
static const double line_times[N_LINES] = {
  13.1, 15.9, 18.3, 21.7, 24.1, 28.3, 31.9, 36.7
};

static const double diffuser_times[N_DIFFUSERS] = { 4.3, 6.1, 7.9 };

/* With these signs what is heard is no line's input by itself. */
static const float line_signs[N_LINES] = { 1, 1, -1, 1, -1, -1, 1, -1 };

typedef struct
{
  guint delay;                  /* samples */
  float gains[FOLEY_MAX_CHANNELS];
} Echo;

struct _Fdn
{
  guint rate;
  FoleyLayout layout;
  guint channels;
  Room room;
  DelayLine early;
  AllPass diffusers[N_DIFFUSERS];
  guint n_diffusers;
  Echo echoes[MAX_TAPS];
  guint n_echoes;
  DelayLine lines[N_LINES];
  guint lengths[N_LINES];
  /* Low-passes: y = gain * x + pole * y. */
  float gains[N_LINES], poles[N_LINES], states[N_LINES];
  float outputs[FOLEY_MAX_CHANNELS][N_LINES];
  guint longest, quiet;         /* samples: of the lines, that it was silent */
};

/* s: the last early echo of a room. */
static double
get_reach (const RoomPreset * preset)
{
  return preset->sparse ? 0.22 : 0.04 * preset->scale;
}

Fdn *
fdn_new (guint rate, FoleyLayout layout)
{
  Fdn *fdn = g_new0 (Fdn, 1);
  guint i;

  fdn->rate = rate;
  fdn->layout = layout;
  fdn->channels = foley_layout_get_channels (layout);
  delay_init (&fdn->early, (guint) (0.25 * rate));
  for (i = 0; i < N_DIFFUSERS; i++)
    allpass_init (&fdn->diffusers[i],
        allpass_get_length (diffuser_times[i] * rate / 1000));
  for (i = 0; i < N_LINES; i++)
    delay_init (&fdn->lines[i],
        allpass_get_length (MAX_SCALE * line_times[i] * rate / 1000));
  return fdn;
}

void
fdn_free (Fdn * fdn)
{
  guint i;

  delay_free (&fdn->early);
  for (i = 0; i < N_DIFFUSERS; i++)
    allpass_free (&fdn->diffusers[i]);
  for (i = 0; i < N_LINES; i++)
    delay_free (&fdn->lines[i]);
  g_free (fdn);
}

static void
clear (Fdn * fdn)
{
  guint i;

  delay_clear (&fdn->early);
  for (i = 0; i < N_DIFFUSERS; i++)
    delay_clear (&fdn->diffusers[i].line);
  for (i = 0; i < N_LINES; i++)
    delay_clear (&fdn->lines[i]);
  memset (fdn->states, 0, sizeof fdn->states);
  fdn->quiet = fdn->longest;
}

/* The low-pass of a line of @length samples.  Its gain at frequency f is
 * 10^(-3 length / (rate RT60 (f))) (Jot and Chaigne, eq. 5) at two frequencies: 1
 * kHz, and 8 kHz or what the rate can hold.  Between them 1 / RT60 is a line. */
static void
set_absorption (Fdn * fdn, guint i, const RoomPreset * preset)
{
  double rate = fdn->rate, high = MIN (8000, 0.4 * rate);
  double slope = (1 / preset->dull - 1) / 7000;
  double low_db = -60.0 * fdn->lengths[i] / (rate * preset->rt60);
  double more_db = low_db * slope * (high - 1000);
  double c1 = cos (2 * G_PI * 1000 / rate), ch = cos (2 * G_PI * high / rate);
  /* One pole falls by no more than this. */
  double most = (1 - c1) / (1 - ch);
  double ratio = MAX (pow (10, more_db / 10), 1.05 * most);
  double b = c1 - ratio * ch, pole = 0;

  if (ratio < 1 - 1e-6)
    pole = (b - sqrt (MAX (0, b * b - (1 - ratio) * (1 - ratio)))) /
        (1 - ratio);
  fdn->poles[i] = (float) pole;
  fdn->gains[i] = (float) (pow (10, low_db / 20) *
      sqrt (1 + pole * pole - 2 * pole * c1));
}

/* The mean power of the lines that noise of power 1 in each keeps up, at 1 kHz:
 * m / (1 - m), m the mean of their squared gains. */
static double
get_late_power (const Fdn * fdn, const RoomPreset * preset)
{
  double mean = 0;
  guint i;

  for (i = 0; i < N_LINES; i++)
    mean += pow (10, -6.0 * fdn->lengths[i] / (fdn->rate * preset->rt60));
  mean /= N_LINES;
  return mean / (1 - mean);
}

static void
set_late (Fdn * fdn, const RoomPreset * preset)
{
  float shares[FOLEY_MAX_CHANNELS];
  double gain;
  guint c, i;

  for (i = 0; i < N_LINES; i++) {
    fdn->lengths[i] = allpass_get_length (preset->scale * line_times[i] *
        fdn->rate / 1000);
    fdn->longest = MAX (fdn->longest, fdn->lengths[i]);
    set_absorption (fdn, i, preset);
  }
  gain = sqrt (preset->late / get_late_power (fdn, preset) / N_LINES) /
      preset->critical;
  pan_get_diffuse (fdn->layout, shares);
  /* Each channel hears all lines, by a row of the Hadamard matrix. */
  for (c = 0; c < fdn->channels; c++)
    for (i = 0; i < N_LINES; i++)
      fdn->outputs[c][i] = (float) (gain * shares[c]) * line_signs[i] *
          (__builtin_parity ((c + 1) & i) ? -1 : 1);
}

/* Echoes come from all around, later ones weaker, as the room decays and as their
 * way is longer.  Where they are sparse they are most of what is heard, and their
 * power a second, not that of each, decays as the room: their times are those of a
 * geometric series. */
static void
set_echoes (Fdn * fdn, const RoomPreset * preset)
{
  FoleyLayout layout = fdn->layout == FOLEY_LAYOUT_BINAURAL ?
      FOLEY_LAYOUT_STEREO : fdn->layout;
  double first = preset->sparse ? 0.018 : 0.004 * preset->scale;
  double reach = get_reach (preset), power = 0, gain;
  guint32 random = 12345;
  guint n = preset->sparse ? MAX_TAPS : 8, i, c;

  for (i = 0; i < n; i++) {
    Echo *echo = &fdn->echoes[i];
    double time, level, turn;
    float itd;

    random = random * 1664525u + 1013904223u;   /* Numerical Recipes */
    turn = (random >> 8) / 16777216.0;
    time = first * pow (reach / first, (i + 0.7 * turn) / (n - 0.3));
    level = pow (10, -3 * time / preset->rt60) *
        (preset->sparse ? sqrt (time / first) : first / time);
    echo->delay = (guint) (time * fdn->rate);
    /* The golden angle leaves no side out. */
    pan_get_gains (layout, 2.39996 * i + turn, 0, echo->gains, &itd);
    for (c = 0; c < fdn->channels; c++)
      echo->gains[c] *= (float) (i % 2 ? -level : level);
    power += level * level;
    fdn->longest = MAX (fdn->longest, echo->delay);
  }
  fdn->n_echoes = n;
  gain = sqrt ((1 - preset->late) / power) / preset->critical;
  for (i = 0; i < n; i++)
    for (c = 0; c < fdn->channels; c++)
      fdn->echoes[i].gains[c] *= (float) gain;
}

void
fdn_set_room (Fdn * fdn, Room room)
{
  const RoomPreset *preset = room_get_preset (room);
  guint i;

  fdn->room = room;
  fdn->longest = FOLEY_QUANTUM;
  if (room != ROOM_OPEN) {
    set_late (fdn, preset);
    set_echoes (fdn, preset);
    fdn->n_diffusers = preset->sparse ? 0 : N_DIFFUSERS;
    for (i = 0; i < N_DIFFUSERS; i++) {
      fdn->diffusers[i].length =
          allpass_get_length (diffuser_times[i] * fdn->rate / 1000);
      fdn->diffusers[i].gain = 0.6f;
    }
  }
  clear (fdn);
}

Room
fdn_get_room (const Fdn * fdn)
{
  return fdn->room;
}

gboolean
fdn_is_silent (const Fdn * fdn)
{
  return fdn->room == ROOM_OPEN || fdn->quiet >= fdn->longest;
}

static void
run_early (Fdn * fdn, const float *in, const float *fade,
    float (*out)[FOLEY_QUANTUM])
{
  float x[FOLEY_QUANTUM];
  guint e, c, i;

  delay_write (&fdn->early, in);
  for (e = 0; e < fdn->n_echoes; e++) {
    delay_copy (&fdn->early, fdn->echoes[e].delay + FOLEY_QUANTUM, x);
    for (i = 0; i < FOLEY_QUANTUM; i++)
      x[i] *= fade[i];
    for (c = 0; c < fdn->channels; c++)
      for (i = 0; i < FOLEY_QUANTUM; i++)
        out[c][i] += fdn->echoes[e].gains[c] * x[i];
  }
}

/* What comes out of the lines, low-passed; all lines side by side. */
static void
absorb (Fdn * fdn, float (*x)[FOLEY_QUANTUM])
{
  float y[N_LINES];
  guint i, l;

  memcpy (y, fdn->states, sizeof y);
  for (i = 0; i < FOLEY_QUANTUM; i++)
    for (l = 0; l < N_LINES; l++) {
      y[l] = fdn->gains[l] * x[l][i] + fdn->poles[l] * y[l];
      x[l][i] = y[l];
    }
  memcpy (fdn->states, y, sizeof y);
}

/* Sums and differences of all lines, orthogonal once scaled. */
static void
hadamard (float (*x)[FOLEY_QUANTUM])
{
  guint step, l, i;

  for (step = 1; step < N_LINES; step *= 2)
    for (l = 0; l < N_LINES; l++)
      if ((l & step) == 0)
        for (i = 0; i < FOLEY_QUANTUM; i++) {
          float a = x[l][i], b = x[l + step][i];

          x[l][i] = a + b;
          x[l + step][i] = a - b;
        }
}

/* Returns the peak of the lines. */
static float
run_late (Fdn * fdn, const float *in, const float *fade,
    float (*out)[FOLEY_QUANTUM])
{
  float lines[N_LINES][FOLEY_QUANTUM], x[FOLEY_QUANTUM], peak = 0;
  const float scale = 0.35355339f;      /* 1 / sqrt (N_LINES) */
  guint c, l, i;

  memcpy (x, in, sizeof x);
  for (i = 0; i < fdn->n_diffusers; i++)
    allpass_run (&fdn->diffusers[i], x);
  for (l = 0; l < N_LINES; l++)
    delay_copy (&fdn->lines[l], fdn->lengths[l], lines[l]);
  absorb (fdn, lines);
  for (c = 0; c < fdn->channels; c++)
    for (l = 0; l < N_LINES; l++)
      for (i = 0; i < FOLEY_QUANTUM; i++)
        out[c][i] += fdn->outputs[c][l] * fade[i] * lines[l][i];
  hadamard (lines);
  for (l = 0; l < N_LINES; l++) {
    float sign = l % 2 ? -1 : 1;

    for (i = 0; i < FOLEY_QUANTUM; i++)
      lines[l][i] = scale * lines[l][i] + sign * x[i];
    peak = MAX (peak, level_get_peak (lines[l]));
    delay_write (&fdn->lines[l], lines[l]);
  }
  return peak;
}

void
fdn_run (Fdn * fdn, const float in[FOLEY_QUANTUM], float from, float to,
    float (*out)[FOLEY_QUANTUM])
{
  float fade[FOLEY_QUANTUM], peak = level_get_peak (in), late;
  guint i;

  if (fdn->room == ROOM_OPEN || (peak < LEVEL_SILENT && fdn_is_silent (fdn)))
    return;
  for (i = 0; i < FOLEY_QUANTUM; i++)
    fade[i] = from + (to - from) * (i + 1) / FOLEY_QUANTUM;
  run_early (fdn, in, fade, out);
  late = run_late (fdn, in, fade, out);
  fdn->quiet = MAX (peak, late) < LEVEL_SILENT ? fdn->quiet + FOLEY_QUANTUM : 0;
  if (fdn_is_silent (fdn))
    clear (fdn);
}
