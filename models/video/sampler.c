/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sampler.c: the sampler as its users see it, whichever solver it has. */

#include "sampler-private.h"

/* More than any schedule; bounds what is allocated. */
#define MAX_STEPS 10000

/* Each is as much as there are latents, of which there may be many. */
static gboolean
allocate (const Sampler * sampler, float **values, GError ** error)
{
  if ((*values = g_try_new0 (float, MAX (sampler->n, 1))))
      return TRUE;
  g_set_error (error, OCL_ERROR, OCL_ERROR_OUT_OF_MEMORY,
      "no memory for the sampler's history of %" G_GSIZE_FORMAT " values",
      sampler->n);
  return FALSE;
}

static gboolean
allocate_history (Sampler * sampler, GError ** error)
{
  gboolean ok = TRUE;

  if (sampler->config.type == SAMPLER_LCM)
    return allocate (sampler, &sampler->noise, error);
  if (sampler->config.type == SAMPLER_EULER)
    return TRUE;
  for (gint64 i = 0; ok && i <= sampler->config.solver_order; i++)
    ok = allocate (sampler, &sampler->clean[i], error);
  return ok && allocate (sampler, &sampler->last, error);
}

static void
make_schedule (Sampler * sampler)
{
  switch (sampler->config.type) {
    case SAMPLER_UNIPC:
      sampler_unipc_schedule (sampler);
      break;
    case SAMPLER_EULER:
      sampler_euler_schedule (sampler);
      break;
    case SAMPLER_LCM:
      sampler_lcm_schedule (sampler);
  }
}

Sampler *
sampler_new (const SamplerConfig * config, guint steps, gsize n,
    GError ** error)
{
  g_autoptr (Sampler) sampler = NULL;

  if (steps < 1 || steps > MAX_STEPS) {
    g_set_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH,
        "%u sampling steps, expected 1 to %d", steps, MAX_STEPS);
    return NULL;
  }
  sampler = g_new0 (Sampler, 1);
  sampler->config = *config;
  sampler->steps = steps;
  sampler->n = n;
  sampler->sigmas = g_new0 (double, steps + 1);
  sampler->timesteps = g_new0 (double, steps);
  make_schedule (sampler);
  return allocate_history (sampler, error) ? g_steal_pointer (&sampler) : NULL;
}

void
sampler_free (Sampler * sampler)
{
  guint i;

  if (!sampler)
    return;
  for (i = 0; i <= MAX_ORDER; i++)
    g_free (sampler->clean[i]);
  g_free (sampler->last);
  g_free (sampler->noise);
  g_free (sampler->sigmas);
  g_free (sampler->timesteps);
  g_free (sampler);
}

guint
sampler_get_steps (const Sampler * sampler)
{
  return sampler->steps;
}

const double *
sampler_get_sigmas (const Sampler * sampler)
{
  return sampler->sigmas;
}

double
sampler_get_timestep (const Sampler * sampler, guint i)
{
  return sampler->timesteps[i];
}

void
sampler_set_random (Sampler * sampler, TorchRandom * random)
{
  sampler->random = random;
}

void
sampler_step (Sampler * sampler, guint i, const float *velocity, float *latents)
{
  g_return_if_fail (i == sampler->next && i < sampler->steps);

  switch (sampler->config.type) {
    case SAMPLER_UNIPC:
      sampler_unipc_step (sampler, i, velocity, latents);
      break;
    case SAMPLER_EULER:
      sampler_euler_step (sampler, i, velocity, latents);
      break;
    case SAMPLER_LCM:
      sampler_lcm_step (sampler, i, velocity, latents);
  }
  sampler->next++;
}

void
sampler_reset (Sampler * sampler)
{
  sampler->next = 0;
}
