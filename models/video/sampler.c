/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sampler.c: the sampler as its users see it, whichever solver it has. */

#include "sampler-private.h"

/* More than any schedule; bounds what is allocated. */
#define MAX_STEPS 10000

/* What UniPC keeps: as much as there are latents, of which there may be many. */
static gboolean
allocate_history (Sampler * sampler, GError ** error)
{
  gboolean ok = (sampler->last =
      g_try_new0 (float, MAX (sampler->n, 1))) != NULL;

  for (gint64 i = 0; ok && i <= sampler->config.solver_order; i++)
    ok = (sampler->clean[i] = g_try_new0 (float, MAX (sampler->n, 1))) != NULL;
  if (!ok)
    g_set_error (error, OCL_ERROR, OCL_ERROR_OUT_OF_MEMORY,
        "no memory for the sampler's history of %" G_GSIZE_FORMAT " values",
        sampler->n);
  return ok;
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
  if (config->type == SAMPLER_EULER) {
    sampler_euler_schedule (sampler);
    return g_steal_pointer (&sampler);
  }
  sampler_unipc_schedule (sampler);
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
