/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* physics.h: what the nodes that follow physics have in common: parameters that
 * are always sane, smoothing, noise, small filters, and triggers that wait for
 * their sample.
 *
 * Levels: an output of 1 is the reference impact of impact.c, heard a metre
 * away. Nodes that go on by themselves have an RMS of about 0.1 at amount 1. */

#pragma once

#include <math.h>

#include "models/foley/shape/node.h"

G_BEGIN_DECLS

/* Below this (-100 dB of full scale) a node is silent. */
#define PHYSICS_SILENCE 1e-5f
#define PHYSICS_TRIGGERS 8

/* Words of every node that knows materials: all of scene.h, after "own" and
 * "other", which the voice replaces; where it does not they are unknown. */
extern const char *const physics_material_words[];

/* Parameter @i within its bounds; its standard where it is not a number. */
float physics_param (const Node * node, guint i);
/* Which of the class's words word @i is; that of its standard where none. */
guint physics_word (const Node * node, guint i);
Material physics_material (const Node * node, guint i);
/* A linear level from decibels. */
float physics_level (float decibels);

/* x where it is small, never above @most: what physics gives without bound. */
static inline float
physics_saturate (float x, float most)
{
  return x / (1 + x / most);
}

/* White noise: Marsaglia's xorshift, "Xorshift RNGs" (2003), 32 bits. */
typedef struct
{
  guint32 state;
} Noise;

/* From the voice's random numbers. */
void noise_init (Noise * noise, const Node * node);

static inline guint32
noise_bits (Noise * noise)
{
  guint32 x = noise->state;

  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return noise->state = x;
}

/* -1 ... 1, RMS 0.577 */
static inline float
noise_next (Noise * noise)
{
  return (gint32) noise_bits (noise) * (1.0f / 2147483648.0f);
}

/* Above 0, up to 1 */
static inline float
noise_unit (Noise * noise)
{
  return ((noise_bits (noise) >> 8) + 1) * (1.0f / 16777216.0f);
}

/* Between the two */
static inline float
noise_between (Noise * noise, float low, float high)
{
  return low + (high - low) * noise_unit (noise);
}

/* Time until the next of events that come @rate times a second by chance
 * (a Poisson process), in seconds. */
static inline float
noise_wait (Noise * noise, float rate)
{
  return -logf (noise_unit (noise)) / MAX (rate, 1e-6f);
}

/* A parameter without steps: an exponential approach, quantum by quantum, and
 * linear in between. */
typedef struct
{
  float value, step;
  gboolean begun;
} Smooth;

/* Towards @target with time constant @seconds.  The first time it is there at
 * once, where @jump; else it begins at 0. */
void smooth_to (Smooth * smooth, const Node * node, float target, float seconds,
    gboolean jump);

static inline float
smooth_next (Smooth * smooth)
{
  return smooth->value += smooth->step;
}

/* One pole, low-pass. */
typedef struct
{
  float a, z;
} OnePole;

void one_pole_set (OnePole * pole, const Node * node, float frequency);

static inline float
one_pole_low (OnePole * pole, float x)
{
  return pole->z += pole->a * (x - pole->z);
}

static inline float
one_pole_high (OnePole * pole, float x)
{
  return x - one_pole_low (pole, x);
}

/* A state-variable filter by the trapezoidal rule: stable while its frequency
 * changes.  Zavalishin, "The Art of VA Filter Design" (2012), 4.3-4.4. */
typedef struct
{
  float g, k, a1, a2, a3, z1, z2;
} Band;

void band_set (Band * band, const Node * node, float frequency, float q);

/* All three outputs; band-pass of gain 1 at its centre. */
static inline void
band_next (Band * band, float x, float *low, float *pass, float *high)
{
  float v3 = x - band->z2;
  float v1 = band->a1 * band->z1 + band->a2 * v3;
  float v2 = band->z2 + band->a2 * band->z1 + band->a3 * v3;

  band->z1 = 2 * v1 - band->z1;
  band->z2 = 2 * v2 - band->z2;
  *low = v2;
  *pass = band->k * v1;
  *high = x - band->k * v1 - v2;
}

static inline float
band_pass (Band * band, float x)
{
  float low, pass, high;

  band_next (band, x, &low, &pass, &high);
  return pass;
}

static inline float
band_low (Band * band, float x)
{
  float low, pass, high;

  band_next (band, x, &low, &pass, &high);
  return low;
}

static inline float
band_high (Band * band, float x)
{
  float low, pass, high;

  band_next (band, x, &low, &pass, &high);
  return high;
}

/* Filters without input decay into subnormal floats, which are slow: once a
 * quantum, what nobody hears is made nothing. */
static inline float
settled (float x)
{
  return fabsf (x) < 1e-12f ? 0 : x;
}

static inline void
one_pole_settle (OnePole * pole)
{
  pole->z = settled (pole->z);
}

static inline void
band_settle (Band * band)
{
  band->z1 = settled (band->z1);
  band->z2 = settled (band->z2);
}

/* Triggers of the next quantum. */
typedef struct
{
  guint n;
  struct
  {
    guint offset;
    float strength;             /* 0 ... 1 */
  } at[PHYSICS_TRIGGERS];
} Triggers;

/* One more than there is room for replaces the last. */
void triggers_add (Triggers * triggers, guint offset, float strength);

G_END_DECLS
