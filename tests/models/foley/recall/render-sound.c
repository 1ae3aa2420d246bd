/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* render-sound.c: recipes, heard as a rule and measured. */

#include <math.h>
#include <string.h>

#include "tests/models/foley/recall/render-sound.h"

#define RATE 48000
#define BLOCK (RATE * 2 / 5)
#define HOP (RATE / 10)

/* What does it, as a rule. */
static void
describe (const Sound * sound, Nature * nature, float *mass, float *speed)
{
  g_auto (GStrv) parts = g_strsplit (sound->description, ";", 2);

  nature_of (g_strstrip (parts[0]), nature);
  *speed = sound->kind == SOUND_CONTACT ? 2.f : 5.f;
  if (g_str_has_prefix (sound->id, "step-")) {
    nature_of ("person", nature);
    *speed = 1.4f;
    *mass = 70;
  } else if (sound->kind == SOUND_CONTACT) {
    nature->size = .2f;
    *mass = .5f;
    nature->material = MATERIAL_WOOD;
  } else
    *mass = nature->density * powf (nature->size, 3) * .4f;
}

static Voice *
make_voice (const Sound * sound, guint rate, guint64 seed)
{
  Nature nature;
  Material materials[2] = { MATERIAL_UNKNOWN, MATERIAL_WOOD };
  float mass, speed;
  Voice *voice;

  describe (sound, &nature, &mass, &speed);
  materials[0] = nature.material;
  voice = voice_new (sound->patch, rate, materials, seed, NULL);
  g_assert_nonnull (voice);
  voice_set (voice, VOICE_SIZE, nature.size);
  voice_set (voice, VOICE_MASS, mass);
  voice_set (voice, VOICE_SPEED, speed);
  voice_set (voice, VOICE_EFFORT, .5f);
  voice_set (voice, VOICE_AMOUNT, 1);
  return voice;
}

float *
render_sound (const Sound * sound, guint rate, double seconds, guint64 seed,
    gsize * n)
{
  g_autoptr (Voice) voice = make_voice (sound, rate, seed);
  gsize quanta = (gsize) ceil (seconds * rate / FOLEY_QUANTUM);
  float *samples = g_new (float, quanta * FOLEY_QUANTUM);

  voice_trigger (voice, 0, 1);
  for (gsize i = 0; i < quanta; i++)
    voice_render (voice, samples + i * FOLEY_QUANTUM);
  *n = quanta * FOLEY_QUANTUM;
  return samples;
}

typedef struct
{
  double b[3], a[2], z[2];
} Biquad;

static double
filter (Biquad * f, double x)
{
  double y = f->b[0] * x + f->z[0];

  f->z[0] = f->b[1] * x - f->a[0] * y + f->z[1];
  f->z[1] = f->b[2] * x - f->a[1] * y;
  return y;
}

/* Sums of squares of K-weighted samples, [n / HOP]. */
static double *
weigh (const float *samples, gsize n)
{
  Biquad head = {.b = {1.53512485958697, -2.69169618940638, 1.19839281085285},
  .a = {-1.69065929318241, 0.73248077421585}
  };
  Biquad low = {.b = {1, -2, 1},.a = {-1.99004745483398, 0.99007225036621} };
  double *sums = g_new0 (double, n / HOP);

  for (gsize i = 0; i < n / HOP * HOP; i++) {
    double y = filter (&low, filter (&head, samples[i]));

    sums[i / HOP] += y * y;
  }
  return sums;
}

/* LUFS of @count hops. */
static double
loudness_of (const double *sums, gsize count)
{
  double sum = 1e-20;

  for (gsize i = 0; i < count; i++)
    sum += sums[i];
  return -.691 + 10 * log10 (sum / (double) (count * HOP));
}

double
measure_loudness (const Sound * sound, const float *samples, gsize n)
{
  g_autofree double *sums = weigh (samples, n);
  gsize hops = n / HOP;
  double most = -200;

  if (sound->plays == SOUND_GOES_ON)
    return loudness_of (sums + 10, hops - 10);
  for (gsize i = 0; i + BLOCK / HOP <= hops; i++)
    most = MAX (most, loudness_of (sums + i, BLOCK / HOP));
  return most;
}
