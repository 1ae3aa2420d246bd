/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sampler-private.h: the solvers behind sampler.h. */

#pragma once

#include "sampler.h"

G_BEGIN_DECLS

/* UniPC's highest order. */
#define MAX_ORDER 3

struct _Sampler
{
  SamplerConfig config;
  guint steps;
  gsize n;                      /* values of the latents */
  guint next;                   /* the step that is due */
  double *sigmas;               /* [steps + 1], rounded to float as upstream */
  double *timesteps;            /* [steps] */
  /* UniPC: predictions of the clean latents, that of step i in place
   * i % (order + 1); and the latents that the last step began with. */
  float *clean[MAX_ORDER + 1];  /* [n] each */
  float *last;                  /* [n] */
  TorchRandom *random;          /* LCM: of the noise, [n] */
  float *noise;
};

void sampler_unipc_schedule (Sampler * sampler);
void sampler_unipc_step (Sampler * sampler, guint i, const float *velocity,
    float *latents);

void sampler_euler_schedule (Sampler * sampler);
void sampler_euler_step (Sampler * sampler, guint i, const float *velocity,
    float *latents);

void sampler_lcm_schedule (Sampler * sampler);
void sampler_lcm_step (Sampler * sampler, guint i, const float *velocity,
    float *latents);

/* A sigma in [0, 1] moved towards the noise (Esser et al. 2024, "Scaling
 * Rectified Flow Transformers", 5.3.2). */
static inline double
sampler_shift (double shift, double sigma)
{
  return shift * sigma / (1 + (shift - 1) * sigma);
}

/* The same where upstream computes it in float. */
static inline float
sampler_shift_float (double shift, float sigma)
{
  float factor = shift, rest = shift - 1;

  return factor * sigma / (1 + rest * sigma);
}

G_END_DECLS
