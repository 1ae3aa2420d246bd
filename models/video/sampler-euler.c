/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sampler-euler.c: Euler's method on the flow-matching ODE, with the schedule
 * of diffusers' FlowMatchEulerDiscreteScheduler. */

#include "sampler-private.h"

/* From the largest to the smallest sigma of the training schedule in equal
 * steps, ends included, and shifted: those ends therefore twice, because the
 * constructor upstream shifts the training schedule once. */
void
sampler_euler_schedule (Sampler * sampler)
{
  double train = sampler->config.num_train_timesteps;
  double shift = sampler->config.flow_shift;
  double first = sampler_shift_float (shift, 1) * train;
  double last = sampler_shift_float (shift, 1 / (float) train) * train;
  double step = sampler->steps > 1 ? (last - first) / (sampler->steps - 1) : 0;
  guint i;

  for (i = 0; i < sampler->steps; i++) {
    double sigma = (first + i * step) / train;
    sampler->sigmas[i] = (float) sampler_shift (shift, sigma);
    sampler->timesteps[i] = (float) sampler->sigmas[i] * (float) train;
  }
}

void
sampler_euler_step (Sampler * sampler, guint i, const float *velocity,
    float *latents)
{
  float dt = (float) sampler->sigmas[i + 1] - (float) sampler->sigmas[i];
  gsize j;

  for (j = 0; j < sampler->n; j++)
    latents[j] += dt * velocity[j];
}
