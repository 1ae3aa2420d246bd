/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sampler.c: the sampler as its users see it, whichever solver it has. */

#include "sampler-private.h"

/* More than any schedule; bounds what is allocated. */
#define MAX_STEPS 10000

Sampler *
sampler_new (const SamplerConfig * config, guint steps, gsize n,
    GError ** error)
{
  Sampler *sampler;
  gint64 i;

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
  if (config->type == SAMPLER_EULER) {
    sampler_euler_schedule (sampler);
    return sampler;
  }
  sampler_unipc_schedule (sampler);
  for (i = 0; i <= config->solver_order; i++)
    sampler->clean[i] = g_new0 (float, n);
  sampler->last = g_new0 (float, n);
  return sampler;
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
sampler_step (Sampler * sampler, guint i, const float *velocity, float *latents)
{
  g_return_if_fail (i == sampler->next && i < sampler->steps);

  if (sampler->config.type == SAMPLER_EULER)
    sampler_euler_step (sampler, i, velocity, latents);
  else
    sampler_unipc_step (sampler, i, velocity, latents);
  sampler->next++;
}

void
sampler_reset (Sampler * sampler)
{
  sampler->next = 0;
}
