/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sample.c: from noise to the latents of a chunk (WanPipeline.__call__ of
 * diffusers). */

#include <math.h>

#include "models/video/generator-private.h"
#include "models/video/torch-random.h"

/* One chunk on its way. */
typedef struct
{
  VideoGenerator *g;
  gsize n;                      /* values of the latents */
  guint groups;                 /* timesteps that a forward is told */
  float *timesteps;             /* [groups] */
  OclTensor *latents, *velocity;        /* [channels, f, h, w] */
  float *conditional, *unconditional;   /* velocities, [n] */
  TextContext *context;         /* of what the chunk follows */
} Run;

/* FALSE if the device, or this machine, has not the memory for it. */
static gboolean
run_init (Run * run, VideoGenerator * g, GError ** error)
{
  gsize c = transformer_get_channels (g->transformer);
  gsize f = g->latent_frames, h = g->latent_height, w = g->latent_width;
  guint patch = transformer_get_patch (g->transformer)[0];

  *run = (Run) {
  .g = g,.n = c * f * h * w};
  run->groups = g->checkpoint.per_frame_timesteps ? f / patch : 1;
  run->timesteps = g_new (float, run->groups);
  run->latents = ocl_tensor_new (g->cl, OCL_F32, 4, c, f, h, w);
  run->velocity = ocl_tensor_new (g->cl, OCL_F32, 4, c, f, h, w);
  if (!ocl_context_finish (g->cl, error))
    return FALSE;

  g_clear_pointer (&g->latents, g_free);
  g->latents = g_try_new (float, run->n);
  run->conditional = g_try_new (float, run->n);
  run->unconditional = g_try_new (float, run->n);
  if (g->latents && run->conditional && run->unconditional)
    return TRUE;
  g_set_error (error, VIDEO_ERROR, VIDEO_ERROR_MEMORY,
      "no memory for latents of %" G_GSIZE_FORMAT " values", run->n);
  return FALSE;
}

static void
run_clear (Run * run)
{
  ocl_tensor_unref (run->latents);
  ocl_tensor_unref (run->velocity);
  g_free (run->timesteps);
  g_free (run->conditional);
  g_free (run->unconditional);
}

static gboolean
forward (Run * run, TextContext * context, float *velocity, GError ** error)
{
  VideoGenerator *g = run->g;

  transformer_forward (g->transformer, run->velocity, run->latents,
      run->timesteps, run->groups, context);
  return ocl_tensor_read (g->cl, run->velocity, velocity, error);
}

/* The velocity at g->latents, in run->conditional. */
static gboolean
guided_velocity (Run * run, double timestep, GError ** error)
{
  VideoGenerator *g = run->g;
  float scale = g->settings.guidance_scale;
  float *c = run->conditional, *u = run->unconditional;

  for (guint i = 0; i < run->groups; i++)
    run->timesteps[i] = timestep;
  ocl_tensor_write (g->cl, run->latents, g->latents);
  if (!forward (run, run->context, c, error))
    return FALSE;
  if (scale <= 1)
    return TRUE;
  if (!forward (run, g->negative.context, u, error))
    return FALSE;
  for (gsize i = 0; i < run->n; i++)
    c[i] = u[i] + scale * (c[i] - u[i]);
  return TRUE;
}

static gboolean
all_finite (const float *values, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (!isfinite (values[i]))
      return FALSE;
  return TRUE;
}

static gboolean
run_steps (Run * run, Sampler * sampler, VideoStepFunc step_func,
    gpointer step_data, GError ** error)
{
  VideoGenerator *g = run->g;
  guint steps = sampler_get_steps (sampler);

  for (guint i = 0; i < steps; i++) {
    if (!guided_velocity (run, sampler_get_timestep (sampler, i), error))
      return FALSE;
    if (!all_finite (run->conditional, run->n)) {
      g_set_error (error, VIDEO_ERROR, VIDEO_ERROR_NUMERIC,
          "\"%s\" gave NaN or infinity at step %u of %u: its weights are "
          "broken, or too large for this precision", g->info.name, i + 1,
          steps);
      return FALSE;
    }
    sampler_step (sampler, i, run->conditional, g->latents);
    if (step_func)
      step_func (i + 1, steps, step_data);
  }
  return TRUE;
}

/* As torch.randn ((1, channels, f, h, w)) gives it for the chunk's seed. */
static void
make_noise (Run * run, guint64 chunk)
{
  VideoGenerator *g = run->g;
  g_autoptr (TorchRandom) random = torch_random_new (g->settings.seed + chunk);

  torch_random_normal (random, g->latents, run->n);
}

static gboolean
sample (VideoGenerator * g, guint64 chunk, VideoStepFunc step_func,
    gpointer step_data, GError ** error)
{
  SamplerConfig config = g->checkpoint.sampler;
  g_autoptr (Sampler) sampler = NULL;
  Run run;
  gboolean ok;

  config.type = g->settings.sampler == VIDEO_SAMPLER_EULER ? SAMPLER_EULER
      : SAMPLER_UNIPC;
  config.flow_shift = g->settings.flow_shift;
  ok = run_init (&run, g, error)
      && (sampler = sampler_new (&config, g->settings.steps, run.n,
          error)) != NULL;
  if (ok) {
    make_noise (&run, chunk);
    run.context = video_generator_get_context (g, chunk);
    ok = run_steps (&run, sampler, step_func, step_data, error);
  }
  run_clear (&run);
  return ok;
}

gboolean
video_generator_sample (VideoGenerator * g, guint64 chunk,
    VideoStepFunc step_func, gpointer step_data, GError ** error)
{
  const VideoSettings *s = &g->settings;
  guint space = vae_get_scale_space (g->vae);
  GError *local = NULL;
  GTimer *timer;
  gboolean ok;

  g_return_val_if_fail (g->configured, FALSE);
  video_generator_rewind (g);
  if (g->latents && g->chunk == chunk && !g->changed)
    return TRUE;
  g->latent_frames = (s->chunk_frames - 1) / vae_get_scale_time (g->vae) + 1;
  if (g->latent_height != s->height / space
      || g->latent_width != s->width / space)
    g_clear_pointer (&g->decoder, vae_decoder_free);
  g->latent_height = s->height / space;
  g->latent_width = s->width / space;

  timer = g_timer_new ();
  ok = sample (g, chunk, step_func, step_data, &local);
  g->timings.sample = g_timer_elapsed (timer, NULL);
  g->timings.decode = 0;
  g_timer_destroy (timer);
  g->chunk = chunk;
  g->changed = FALSE;
  if (ok)
    return TRUE;
  g_clear_pointer (&g->latents, g_free);
  return video_propagate_error (error, local);
}
