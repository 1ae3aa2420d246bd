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
  const EncodedPrompt *prompts[2];      /* the prompt; the negative one or NULL */
  guint groups;                 /* timesteps that a forward is told */
  float *timesteps;             /* [groups] */
  OclTensor *latents, *velocity;        /* [channels, f, h, w] */
  float *conditional, *unconditional;   /* velocities, [n] */
} Run;

gboolean
video_settings_are_guided (const VideoSettings * settings)
{
  return settings->guidance_scale != 1;
}

static void
run_set_prompts (Run * run, guint64 chunk)
{
  VideoGenerator *g = run->g;

  run->prompts[0] = video_generator_get_encoded (g, chunk);
  if (video_settings_are_guided (&g->settings))
    run->prompts[1] = &g->negative;
}

/* FALSE if the device, or this machine, has not the memory for it. */
static gboolean
run_init (Run * run, GError ** error)
{
  VideoGenerator *g = run->g;
  gsize c = transformer_get_channels (g->transformer);
  gsize f = g->latent_frames, h = g->latent_height, w = g->latent_width;
  guint patch = transformer_get_patch (g->transformer)[0];

  run->n = c * f * h * w;
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

/* What was never made is NULL. */
static void
run_clear (Run * run)
{
  ocl_tensor_unref (run->latents);
  ocl_tensor_unref (run->velocity);
  g_free (run->timesteps);
  g_free (run->conditional);
  g_free (run->unconditional);
}

/* Under prompt @i. */
static gboolean
forward (Run * run, guint i, float *velocity, GError ** error)
{
  VideoGenerator *g = run->g;

  transformer_forward (g->transformer, run->velocity, run->latents,
      run->timesteps, run->groups, run->prompts[i]->context,
      g->stream.memories[i].cache);
  return ocl_tensor_read (g->cl, run->velocity, velocity, error);
}

/* The velocity of latents x = (1 - t) x0 + t noise where the transformer gives
 * what the best linear guess leaves: (2t - 1) / d x + output / sqrt (d) with
 * d = t^2 + (1 - t)^2 (Karras et al. 2022, arXiv 2206.00364, appendix B.6, for
 * flow matching; models/starter/dit.py). */
static void
add_skip (float *velocity, const float *x, gsize n, double t)
{
  double d = t * t + (1 - t) * (1 - t);
  float skip = (2 * t - 1) / d, scale = 1 / sqrt (d);

  for (gsize i = 0; i < n; i++)
    velocity[i] = skip * x[i] + scale * velocity[i];
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
  if (!forward (run, 0, c, error))
    return FALSE;
  if (run->prompts[1]) {
    if (!forward (run, 1, u, error))
      return FALSE;
    for (gsize i = 0; i < run->n; i++)
      c[i] = u[i] + scale * (c[i] - u[i]);
  }
  if (g->checkpoint.velocity_skip)
    add_skip (c, g->latents, run->n,
        timestep / g->checkpoint.sampler.num_train_timesteps);
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
run_steps (Run * run, Sampler * sampler, StepCount * count, GError ** error)
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
    count->done++;
    if (count->func)
      count->func (count->done, count->all, count->data);
  }
  return TRUE;
}

static SamplerType
sampler_type (VideoSampler sampler)
{
  return sampler == VIDEO_SAMPLER_EULER ? SAMPLER_EULER
      : sampler == VIDEO_SAMPLER_LCM ? SAMPLER_LCM : SAMPLER_UNIPC;
}

/* The noise is what torch.randn ((1, channels, f, h, w)) gives for the chunk's
 * seed, first and for each time that a sampler wants more. */
static gboolean
run_sampler (Run * run, guint64 chunk, StepCount * count, GError ** error)
{
  VideoGenerator *g = run->g;
  SamplerConfig config = g->checkpoint.sampler;
  g_autoptr (TorchRandom) random = torch_random_new (g->settings.seed + chunk);
  g_autoptr (Sampler) sampler = NULL;

  config.type = sampler_type (g->settings.sampler);
  config.flow_shift = g->settings.flow_shift;
  if (!(sampler = sampler_new (&config, g->settings.steps, run->n, error)))
    return FALSE;
  torch_random_normal (random, g->latents, run->n);
  sampler_set_random (sampler, random);
  return run_steps (run, sampler, count, error);
}

gboolean
video_generator_sample_chunk (VideoGenerator * g, guint64 chunk,
    StepCount * count, GError ** error)
{
  Run run = {.g = g };
  gboolean ok;

  run_set_prompts (&run, chunk);
  ok = (!g->info.causal || video_stream_remember (g, run.prompts, error))
      && run_init (&run, error) && run_sampler (&run, chunk, count, error);
  run_clear (&run);
  if (!ok)
    g_clear_pointer (&g->latents, g_free);
  return ok;
}

/* Which VAE makes the size that is set: the upscaling one if that takes it, and
 * the number of latents is nearer (as a ratio) to that of the native size then. */
static Vae *
choose_vae (VideoGenerator * g)
{
  const VideoSettings *s = &g->settings;
  guint64 area = (guint64) s->width * s->height;
  guint64 native = (guint64) g->info.width * g->info.height;
  guint multiple, times;

  if (!g->upscaling)
    return g->vae;
  multiple = video_generator_size_multiple (g, g->upscaling);
  times = vae_get_scale_space (g->upscaling) / vae_get_scale_space (g->vae);
  if (s->width % multiple || s->height % multiple || area < times * native)
    return g->vae;
  return g->upscaling;
}

gboolean
video_generator_has_size (VideoGenerator * g)
{
  const VideoSettings *s = &g->settings;
  Vae *vae = choose_vae (g);
  guint space = vae_get_scale_space (vae);

  return g->chosen == vae && g->latent_height == s->height / space
      && g->latent_width == s->width / space
      && g->latent_frames == (s->chunk_frames - 1) / g->info.time_multiple + 1;
}

void
video_generator_take_size (VideoGenerator * g)
{
  const VideoSettings *s = &g->settings;
  Vae *vae = choose_vae (g);
  guint space = vae_get_scale_space (vae);

  g->latent_frames = (s->chunk_frames - 1) / g->info.time_multiple + 1;
  if (g->chosen != vae || g->latent_height != s->height / space
      || g->latent_width != s->width / space)
    g_clear_pointer (&g->decoder, vae_decoder_free);
  g->chosen = vae;
  g->latent_height = s->height / space;
  g->latent_width = s->width / space;
}

/* A chunk that is a clip of its own. */
static gboolean
sample_clip (VideoGenerator * g, guint64 chunk, StepCount * count,
    GError ** error)
{
  video_generator_rewind (g);
  if (g->latents && g->chunk == chunk && !g->changed)
    return TRUE;
  video_generator_take_size (g);
  count->all = g->settings.steps;
  g->chunk = chunk;
  g->changed = FALSE;
  return video_generator_sample_chunk (g, chunk, count, error);
}

gboolean
video_generator_sample (VideoGenerator * g, guint64 chunk,
    VideoStepFunc step_func, gpointer step_data, GError ** error)
{
  StepCount count = {.func = step_func,.data = step_data };
  GError *local = NULL;
  gint64 start;
  gboolean ok;

  g_return_val_if_fail (g->configured, FALSE);
  start = g_get_monotonic_time ();
  ok = g->info.causal ? video_stream_sample (g, chunk, &count, &local)
      : sample_clip (g, chunk, &count, &local);
  if (count.all > 0) {
    g->timings.sample = (g_get_monotonic_time () - start) * 1e-6;
    g->timings.decode = 0;
  }
  return ok || video_propagate_error (error, local);
}
