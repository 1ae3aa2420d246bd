/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sampler.h: steps of the flow-matching ODE, from noise to latents, as
 * diffusers' UniPCMultistepScheduler and FlowMatchEulerDiscreteScheduler take
 * them, or as few-step distilled models (Self-Forcing) want them.  Host arithmetic: a step's latents are small beside its forward. */

#pragma once

#include "models/format/format.h"
#include "models/video/torch-random.h"

G_BEGIN_DECLS

typedef enum
{
  SAMPLER_UNIPC,
  SAMPLER_EULER,
  SAMPLER_LCM                   /* of few-step distilled models */
} SamplerType;

/* The numbers of a scheduler_config.json that matter; every field has the
 * upstream default where the file is silent. */
typedef struct
{
  SamplerType type;
  double flow_shift;
  gint64 num_train_timesteps;
  gint64 solver_order;          /* UniPC: 1, 2 or 3 */
  gboolean lower_order_final;
  gboolean solver_bh2;          /* else bh1 */
  guint64 uncorrected;          /* bit i: no corrector after step i */
} SamplerConfig;

/* Names what it does not support (other schedulers, other prediction types). */
gboolean sampler_config_read (Config * config, SamplerConfig * out,
    GError ** error);

typedef struct _Sampler Sampler;

/* @n: values of one latent tensor. */
Sampler *sampler_new (const SamplerConfig * config, guint steps, gsize n,
    GError ** error);
void sampler_free (Sampler * sampler);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Sampler, sampler_free)

guint sampler_get_steps (const Sampler * sampler);
/* steps + 1 of them, the last is 0. */
const double *sampler_get_sigmas (const Sampler * sampler);
/* What the transformer is told at step @i: 0 ... num_train_timesteps. */
double sampler_get_timestep (const Sampler * sampler, guint i);
/* Where LCM's fresh noise comes from; borrowed, one draw of n values a step but
 * for the last. The other samplers draw none. */
void sampler_set_random (Sampler * sampler, TorchRandom * random);
/* latents := the next latents, from the model's output (velocity) at step @i;
 * to be called for i = 0, 1, ... in order. */
void sampler_step (Sampler * sampler, guint i, const float *velocity,
    float *latents);
/* Forgets the history: the next step is step 0. */
void sampler_reset (Sampler * sampler);

G_END_DECLS
