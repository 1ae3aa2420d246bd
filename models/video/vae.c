/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vae.c: the decoder of the Wan VAE (autoencoder_kl_wan.py of diffusers), a
 * latent frame at a time.
 *
 * From its middle on, the decoder is gone through depth first: large frames
 * are handed from block to block one by one, so that what is alive at full
 * resolution is one frame's activations and the pasts of the convolutions. */

#include "vae-private.h"

#define DEFAULT_TOGETHER (32 << 20)     /* bytes */

static const char *const weight_files[] = {
  "diffusion_pytorch_model", "Wan2.1_VAE", "Wan2.2_VAE", "wan_2.1_vae",
  "wan2.2_vae", "vae", "model", NULL
};

/* ---- model ------------------------------------------------------------------- */

Vae *
vae_open (OclContext * cl, const char *directory, OclPrecision precision,
    GError ** error)
{
  g_autoptr (Vae) vae = g_new0 (Vae, 1);
  g_autoptr (TensorStore) store = NULL;
  g_autofree char *path = g_build_filename (directory, "config.json", NULL);

  vae->cl = cl;
  vae->caches = g_array_new (FALSE, FALSE, sizeof (VaeCache));
  precision = ocl_context_resolve_precision (cl, precision);
  vae->normed = precision == OCL_PRECISION_BFLOAT16 ? OCL_BF16 : OCL_F32;
  if (!vae_config_read (&vae->config, path, error)
      || !(store = tensor_store_open (directory, weight_files, error))
      || !vae_load (vae, store, precision, error)
      || !ocl_context_finish (cl, error))
    return NULL;
  return g_steal_pointer (&vae);
}

void
vae_free (Vae * vae)
{
  vae_unload (vae);
  g_array_unref (vae->caches);
  g_free (vae);
}

gsize
vae_get_channels (Vae * vae)
{
  return vae->config.latent_channels;
}

guint
vae_get_scale_space (Vae * vae)
{
  return vae->config.scale_space;
}

guint
vae_get_scale_time (Vae * vae)
{
  return vae->config.scale_time;
}

/* ---- state -------------------------------------------------------------------- */

VaeDecoder *
vae_decoder_new (Vae * vae, gsize height, gsize width)
{
  VaeDecoder *d = g_new0 (VaeDecoder, 1);

  d->vae = vae;
  d->height = height;
  d->width = width;
  d->together = DEFAULT_TOGETHER;
  d->past = g_new0 (OclTensor *, vae->caches->len);
  for (guint i = 0; i < vae->caches->len; i++) {
    VaeCache *cache = &g_array_index (vae->caches, VaeCache, i);

    d->past[i] = ocl_tensor_new (vae->cl, cache->type, 4, 2,
        height * cache->scale, width * cache->scale, cache->channels);
  }
  d->key_values = ocl_key_values_new (vae->cl, height * width, 1,
      vae->config.width, OCL_PRECISION_FLOAT32);
  return d;
}

void
vae_decoder_free (VaeDecoder * d)
{
  for (guint i = 0; i < d->vae->caches->len; i++)
    ocl_tensor_unref (d->past[i]);
  g_free (d->past);
  ocl_key_values_free (d->key_values);
  g_free (d);
}

void
vae_decoder_reset (VaeDecoder * d)
{
  d->frame = 0;
}

/* Before a clip there are zeros. */
static void
clear_past (VaeDecoder * d)
{
  for (guint i = 0; i < d->vae->caches->len; i++)
    ocl_tensor_fill (d->vae->cl, d->past[i], 0);
}

/* ---- decoding ------------------------------------------------------------------ */

/* Where the pixels of one latent frame go. */
typedef struct
{
  OclTensor *pixels;            /* [n, H, W, 3] */
  gsize done;                   /* frames of it */
} Output;

/* How many frames of @x block @index takes at a time: as long as the largest
 * tensor that it makes of them is small, more than one save launches. */
static gsize
frames_together (VaeDecoder * d, guint index, OclTensor * x)
{
  const VaeBlockShape *shape = &d->vae->config.blocks[index];
  gsize area = x->dims[1] * x->dims[2];
  gsize inside = area * MAX (shape->in, shape->out);
  gsize made = area * shape->up * (shape->space ? 4 : 1);
  gsize bytes = MAX (inside, made) * (shape->time ? 2 : 1) * sizeof (float);

  return CLAMP (d->together / bytes, 1, x->dims[0]);
}

/* Frames [T, H, W, in], which are consumed, through the up blocks from
 * @index on to pixels. */
static void
decode_from (VaeDecoder * d, guint index, OclTensor * input, Output * output)
{
  g_autoptr (OclTensor) x = input;
  gsize frames = x->dims[0], n;

  if (index == d->vae->config.n_blocks) {
    g_autoptr (OclTensor) pixels =
        vae_frames (output->pixels, output->done, frames);

    vae_head (d, pixels, x);
    output->done += frames;
    return;
  }
  n = frames_together (d, index, x);
  for (gsize t = 0; t < frames; t += n) {
    OclTensor *part = vae_frames (x, t, MIN (n, frames - t));

    if (t + n >= frames)
      g_clear_pointer (&x, ocl_tensor_unref);
    decode_from (d, index + 1,
        vae_up_block (d, &d->vae->blocks[index], part), output);
  }
}

/* [1, h, w, width]: the latents un-normalised, mixed and widened */
static OclTensor *
embed (VaeDecoder * d, OclTensor * latent)
{
  Vae *vae = d->vae;
  OclContext *cl = vae->cl;
  gsize n = d->height * d->width, channels = vae->config.latent_channels;
  g_autoptr (OclTensor) planes = ocl_tensor_reshape (latent, 2, channels, n);
  g_autoptr (OclTensor) rows = ocl_tensor_new (cl, OCL_F32, 2, n, channels);
  g_autoptr (OclTensor) z = ocl_tensor_new (cl, OCL_F32, 4, 1,
      d->height, d->width, channels);
  OclTensor *x = ocl_tensor_new (cl, OCL_F32, 4, 1, d->height,
      d->width, vae->config.width);

  ocl_transpose (cl, rows, planes);
  ocl_linear (cl, z, rows, vae->post_quant, NULL);
  vae_causal_conv (d, x, z, &vae->conv_in, NULL);
  return x;
}

OclTensor *
vae_decoder_decode (VaeDecoder * d, OclTensor * latent)
{
  Vae *vae = d->vae;
  guint scale = vae->config.scale_space;
  gsize n = d->frame == 0 ? 1 : vae->config.scale_time;
  g_autoptr (OclTensor) x = NULL;
  Output output = { 0 };

  if (d->frame == 0)
    clear_past (d);
  x = embed (d, latent);
  output.pixels = ocl_tensor_new (vae->cl, OCL_F32, 4, n, d->height * scale,
      d->width * scale, VAE_IMAGE_CHANNELS);
  vae_middle (d, x);
  decode_from (d, 0, g_steal_pointer (&x), &output);
  d->frame++;
  return output.pixels;
}
