/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* torch-random.c: the random numbers of PyTorch's generator on the CPU.
 *
 * The generator is mt19937 (Matsumoto and Nishimura 1998; in PyTorch
 * aten/src/ATen/core/MT19937RNGEngine.h), its normal numbers are Box and
 * Muller's, made in one of two ways according to how many are asked for
 * (aten/src/ATen/native/cpu/DistributionTemplates.h, normal_kernel).  Where
 * PyTorch uses vectorised logarithms and sines, its results differ from these
 * in the last bits. */

#include "torch-random.h"

#include <math.h>

#define STATE_SIZE 624
#define STATE_SHIFT 397
/* From so many values on, in blocks of so many. */
#define BLOCK 16

struct _TorchRandom
{
  guint32 state[STATE_SIZE];
  guint next;
  /* Box and Muller's second number, which the next single value will be. */
  gboolean has_spare;
  double spare;
};

TorchRandom *
torch_random_new (guint64 seed)
{
  TorchRandom *random = g_new0 (TorchRandom, 1);
  guint i;

  /* Only the lower half of a seed counts. */
  random->state[0] = (guint32) seed;
  for (i = 1; i < STATE_SIZE; i++) {
    guint32 previous = random->state[i - 1];
    random->state[i] = 1812433253u * (previous ^ (previous >> 30)) + i;
  }
  random->next = STATE_SIZE;
  return random;
}

void
torch_random_free (TorchRandom * random)
{
  g_free (random);
}

static void
refill (guint32 * state)
{
  guint i;

  for (i = 0; i < STATE_SIZE; i++) {
    guint32 y = (state[i] & 0x80000000u)
        | (state[(i + 1) % STATE_SIZE] & 0x7fffffffu);
    state[i] = state[(i + STATE_SHIFT) % STATE_SIZE] ^ (y >> 1)
        ^ (y & 1 ? 0x9908b0dfu : 0);
  }
}

static guint32
next_32 (TorchRandom * random)
{
  guint32 y;

  if (random->next == STATE_SIZE) {
    refill (random->state);
    random->next = 0;
  }
  y = random->state[random->next++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

/* 24 bits in [0, 1). */
static float
next_float (TorchRandom * random)
{
  return (float) (next_32 (random) & 0xffffff) * 0x1p-24f;
}

/* 53 bits in [0, 1). */
static double
next_double (TorchRandom * random)
{
  guint64 high = next_32 (random);
  guint64 bits = high << 32 | next_32 (random);

  return (double) (bits & ((G_GUINT64_CONSTANT (1) << 53) - 1)) * 0x1p-53;
}

/* One value, in double (normal_distribution in ATen/core/
 * DistributionsHelper.h). */
static float
next_normal (TorchRandom * random)
{
  double angle, radius;

  if (random->has_spare) {
    random->has_spare = FALSE;
    return (float) random->spare;
  }
  angle = 2 * G_PI * next_double (random);
  radius = sqrt (-2 * log1p (-next_double (random)));
  random->has_spare = TRUE;
  random->spare = radius * sin (angle);
  return (float) (radius * cos (angle));
}

/* A block of uniform values becomes one of normal values: values j and j + 8
 * are a pair. In float, as there. */
static void
block_to_normal (float *values)
{
  guint j;

  for (j = 0; j < BLOCK / 2; j++) {
    float radius = sqrtf (-2 * logf (1 - values[j]));
    float angle = (float) (2 * G_PI) * values[j + BLOCK / 2];
    values[j] = radius * cosf (angle);
    values[j + BLOCK / 2] = radius * sinf (angle);
  }
}

static void
fill_uniform (TorchRandom * random, float *values, gsize n)
{
  gsize i;

  for (i = 0; i < n; i++)
    values[i] = next_float (random);
}

void
torch_random_normal (TorchRandom * random, float *values, gsize n)
{
  gsize i;

  if (n < BLOCK) {
    for (i = 0; i < n; i++)
      values[i] = next_normal (random);
    return;
  }
  fill_uniform (random, values, n);
  for (i = 0; i + BLOCK <= n; i += BLOCK)
    block_to_normal (values + i);
  /* The last block overlaps the one before it and draws anew. */
  if (n % BLOCK != 0) {
    fill_uniform (random, values + n - BLOCK, BLOCK);
    block_to_normal (values + n - BLOCK);
  }
}
