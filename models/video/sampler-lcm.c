/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sampler-lcm.c: the few steps of a distilled model, each of which predicts the
 * clean latents and puts less, and fresh, noise on them (Luo et al. 2023, "Latent
 * Consistency Models", algorithm 1, on the flow of Self-Forcing: Huang et al. 2025,
 * arXiv 2506.08009, algorithm 2). */

#include "sampler-private.h"

/* Equal parts of the training schedule from its noisiest end on, shifted: four
 * steps at shift 5 are 1000, 937.5, 833.3, 625. */
void
sampler_lcm_schedule (Sampler * sampler)
{
  for (guint i = 0; i < sampler->steps; i++) {
    float sigma = sampler_shift_float (sampler->config.flow_shift,
        1 - (double) i / sampler->steps);

    sampler->sigmas[i] = sigma;
    sampler->timesteps[i] = sigma * (float) sampler->config.num_train_timesteps;
  }
}

void
sampler_lcm_step (Sampler * sampler, guint i, const float *velocity,
    float *latents)
{
  float sigma = (float) sampler->sigmas[i];
  float next = (float) sampler->sigmas[i + 1];
  gboolean last = i + 1 == sampler->steps;

  if (!last)
    torch_random_normal (sampler->random, sampler->noise, sampler->n);
  for (gsize j = 0; j < sampler->n; j++) {
    float clean = latents[j] - sigma * velocity[j];

    latents[j] = last ? clean : (1 - next) * clean + next * sampler->noise[j];
  }
}
