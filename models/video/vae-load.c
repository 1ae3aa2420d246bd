/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vae-load.c: the VAE decoder's layers from its tensors. */

#include "vae-private.h"

/* Like a context, a loader remembers its first error; what is loaded after
 * that is nothing. */
typedef struct
{
  OclContext *cl;
  TensorStore *store;
  OclPrecision precision;
  const VaeNames *names;
  OclType normed;
  GArray *caches;               /* VaeCache */
  GError *error;
} Loader;

/* "PREFIX.PART"; PREFIX for no part */
static char *
join (const char *prefix, const char *part)
{
  return g_strconcat (prefix, part ? "." : NULL, part, NULL);
}

/* [channels], stored with as many dimensions of 1 as it is broadcast to:
 * [channels, 1, 1, 1] before a 3-D convolution, else [channels, 1, 1]. */
static OclTensor *
load_gamma (Loader * l, const char *prefix, const char *part, gsize channels,
    guint n_dims)
{
  g_autofree char *module = join (prefix, part);
  g_autofree char *name = join (module, "gamma");
  const gsize one = 1;
  OclHostArray array;

  if (l->error || !tensor_store_get_weight (l->store, name, &array, &l->error,
          n_dims, channels, one, one, one))
    return NULL;
  array.n_dims = 1;
  return ocl_tensor_new_from_host (l->cl, OCL_F32, &array);
}

static gboolean
get_bias (Loader * l, const char *module, gsize out, OclHostArray * array)
{
  g_autofree char *name = join (module, "bias");

  return !l->error
      && tensor_store_get_weight (l->store, name, array, &l->error, 1, out);
}

/* A 1 x 1 convolution, of @n_dims dimensions as it is stored: a product. */
static OclLinear *
load_linear (Loader * l, const char *prefix, const char *part, gsize out,
    gsize in, guint n_dims)
{
  g_autofree char *module = join (prefix, part);
  g_autofree char *name = join (module, "weight");
  const gsize one = 1;
  OclHostArray weight, bias;

  if (!get_bias (l, module, out, &bias)
      || !tensor_store_get_weight (l->store, name, &weight, &l->error, n_dims,
          out, in, one, one, one))
    return NULL;
  weight.n_dims = 2;
  return ocl_linear_new (l->cl, &weight, &bias, 1, l->precision);
}

/* post_quant_conv with the latents' statistics put in: W (std x + mean) + b.
 * It is small; float32 in any precision. */
static OclLinear *
load_post_quant (Loader * l, const VaeConfig * config)
{
  const gsize n = config->latent_channels, one = 1;
  g_autofree char *name = join (l->names->post_quant, "weight");
  g_autofree float *w = g_new (float, n * n);
  g_autofree float *b = g_new (float, n);
  const OclHostArray weight_of_both = { w, OCL_F32, 2, {n, n} };
  const OclHostArray bias_of_both = { b, OCL_F32, 1, {n} };
  OclHostArray weight, bias;

  if (!get_bias (l, l->names->post_quant, n, &bias)
      || !tensor_store_get_weight (l->store, name, &weight, &l->error, 5, n, n,
          one, one, one))
    return NULL;
  ocl_host_array_to_float (&weight, 0, n * n, w);
  ocl_host_array_to_float (&bias, 0, n, b);
  for (gsize o = 0; o < n; o++) {
    double sum = b[o];

    for (gsize i = 0; i < n; i++) {
      sum += w[o * n + i] * config->mean[i];
      w[o * n + i] *= config->std[i];
    }
    b[o] = sum;
  }
  return ocl_linear_new (l->cl, &weight_of_both, &bias_of_both, 1,
      OCL_PRECISION_FLOAT32);
}

/* A place for the last two frames of a convolution's input. */
static guint
add_cache (Loader * l, OclType type, gsize channels, guint scale)
{
  VaeCache cache = { type, channels, scale };

  g_array_append_val (l->caches, cache);
  return l->caches->len - 1;
}

/* 3 x 3 x 3, same size; on frames of @scale times the latents' size, of
 * @type */
static void
load_causal_conv (Loader * l, VaeCausalConv * conv, const char *prefix,
    const char *part, gsize out, gsize in, guint scale, OclType type)
{
  static const OclConvOptions same = {
    .pad_top = 1,.pad_bottom = 1,.pad_left = 1,.pad_right = 1
  };
  g_autofree char *module = join (prefix, part);
  g_autofree char *name = join (module, "weight");
  const gsize three = 3;
  OclHostArray weight, bias;

  if (!get_bias (l, module, out, &bias)
      || !tensor_store_get_weight (l->store, name, &weight, &l->error, 5, out,
          in, three, three, three))
    return;
  conv->conv = ocl_conv_new (l->cl, &weight, &bias, &same, l->precision);
  conv->cache = add_cache (l, type, in, scale);
}

static void
load_resnet (Loader * l, VaeResnet * resnet, const char *prefix, gsize out,
    gsize in, guint scale)
{
  const VaeNames *names = l->names;

  resnet->out = out;
  resnet->norm1 = load_gamma (l, prefix, names->norm1, in, 4);
  load_causal_conv (l, &resnet->conv1, prefix, names->conv1, out, in, scale,
      l->normed);
  resnet->norm2 = load_gamma (l, prefix, names->norm2, out, 4);
  load_causal_conv (l, &resnet->conv2, prefix, names->conv2, out, out, scale,
      l->normed);
  if (in != out)
    resnet->shortcut = load_linear (l, prefix, names->shortcut, out, in, 5);
}

static void
load_middle (Loader * l, Vae * vae)
{
  const VaeNames *names = l->names;
  gsize width = vae->config.width;

  load_resnet (l, &vae->middle[0], names->middle[0], width, width, 1);
  vae->attention.norm = load_gamma (l, names->attention, "norm", width, 3);
  vae->attention.to_qkv =
      load_linear (l, names->attention, "to_qkv", 3 * width, width, 4);
  vae->attention.proj =
      load_linear (l, names->attention, "proj", width, width, 4);
  load_resnet (l, &vae->middle[1], names->middle[1], width, width, 1);
}

/* 3 x 1 x 1, one frame to two: the first half of its outputs is the even
 * frame, the second the odd one. */
static void
load_time_conv (Loader * l, VaeUpsampler * up, const char *prefix,
    gsize channels, guint scale)
{
  static const OclConvOptions none = { 0 };
  g_autofree char *module = join (prefix, "time_conv");
  g_autofree char *name = join (module, "weight");
  const gsize out = 2 * channels, three = 3, one = 1;
  OclHostArray weight, bias, half, half_bias;

  if (!get_bias (l, module, out, &bias)
      || !tensor_store_get_weight (l->store, name, &weight, &l->error, 5, out,
          channels, three, one, one))
    return;
  half = ocl_host_array_rows (&weight, 0, channels);
  half_bias = ocl_host_array_rows (&bias, 0, channels);
  up->even.conv = ocl_conv_new (l->cl, &half, &half_bias, &none, l->precision);
  up->even.cache = add_cache (l, OCL_F32, channels, scale);
  half = ocl_host_array_rows (&weight, channels, channels);
  half_bias = ocl_host_array_rows (&bias, channels, channels);
  up->odd = ocl_conv_new (l->cl, &half, &half_bias, &none, l->precision);
}

/* 3 x 3 over the nearest-upsampled frame */
static void
load_upsampler (Loader * l, VaeUpsampler * up, const char *prefix,
    const VaeBlockShape * shape, guint scale)
{
  static const OclConvOptions twice = {
    .pad_top = 1,.pad_bottom = 1,.pad_left = 1,.pad_right = 1,
    .upsample = TRUE
  };
  g_autofree char *module = join (prefix, "resample.1");
  g_autofree char *name = join (module, "weight");
  const gsize three = 3;
  OclHostArray weight, bias;

  if (shape->time)
    load_time_conv (l, up, prefix, shape->out, scale);
  if (!get_bias (l, module, shape->up, &bias)
      || !tensor_store_get_weight (l->store, name, &weight, &l->error, 4,
          shape->up, shape->out, three, three))
    return;
  up->resample = ocl_conv_new (l->cl, &weight, &bias, &twice, l->precision);
}

static void
load_up_block (Loader * l, VaeUpBlock * block, const VaeConfig * config,
    guint index, guint scale)
{
  const VaeBlockShape *shape = &config->blocks[index];
  gsize in = shape->in;

  block->shape = *shape;
  block->resnets = g_new0 (VaeResnet, config->n_resnets);
  for (guint i = 0; i < config->n_resnets; i++) {
    g_autofree char *name = vae_name_up_resnet (l->names, config, index, i);

    load_resnet (l, &block->resnets[i], name, shape->out, in, scale);
    in = shape->out;
  }
  if (shape->space) {
    g_autofree char *name = vae_name_upsampler (l->names, config, index);

    load_upsampler (l, &block->upsampler, name, shape, scale);
  }
}

gboolean
vae_load (Vae * vae, TensorStore * store, OclPrecision precision,
    GError ** error)
{
  const VaeConfig *config = &vae->config;
  const VaeNames *names = vae_names_of (store);
  Loader l = { vae->cl, store, precision, names, vae->normed, vae->caches,
    NULL
  };
  guint scale = 1;
  gsize width = config->width;

  vae->post_quant = load_post_quant (&l, config);
  load_causal_conv (&l, &vae->conv_in, names->conv_in, NULL, width,
      config->latent_channels, scale, OCL_F32);
  load_middle (&l, vae);
  for (guint i = 0; i < config->n_blocks; i++) {
    load_up_block (&l, &vae->blocks[i], config, i, scale);
    if (config->blocks[i].space)
      scale *= 2;
    width = config->blocks[i].up;
  }
  vae->norm_out = load_gamma (&l, names->norm_out, NULL, width, 4);
  load_causal_conv (&l, &vae->conv_out, names->conv_out, NULL,
      VAE_IMAGE_CHANNELS * config->patch * config->patch, width, scale,
      vae->normed);

  if (l.error)
    g_propagate_error (error, l.error);
  return l.error == NULL;
}

/* ---- and back ---------------------------------------------------------------- */

static void
clear_resnet (VaeResnet * resnet)
{
  g_clear_pointer (&resnet->norm1, ocl_tensor_unref);
  g_clear_pointer (&resnet->conv1.conv, ocl_conv_free);
  g_clear_pointer (&resnet->norm2, ocl_tensor_unref);
  g_clear_pointer (&resnet->conv2.conv, ocl_conv_free);
  g_clear_pointer (&resnet->shortcut, ocl_linear_free);
}

static void
clear_up_block (VaeUpBlock * block, guint n_resnets)
{
  for (guint i = 0; block->resnets && i < n_resnets; i++)
    clear_resnet (&block->resnets[i]);
  g_clear_pointer (&block->resnets, g_free);
  g_clear_pointer (&block->upsampler.even.conv, ocl_conv_free);
  g_clear_pointer (&block->upsampler.odd, ocl_conv_free);
  g_clear_pointer (&block->upsampler.resample, ocl_conv_free);
}

void
vae_unload (Vae * vae)
{
  g_clear_pointer (&vae->post_quant, ocl_linear_free);
  g_clear_pointer (&vae->conv_in.conv, ocl_conv_free);
  clear_resnet (&vae->middle[0]);
  g_clear_pointer (&vae->attention.norm, ocl_tensor_unref);
  g_clear_pointer (&vae->attention.to_qkv, ocl_linear_free);
  g_clear_pointer (&vae->attention.proj, ocl_linear_free);
  clear_resnet (&vae->middle[1]);
  for (guint i = 0; i < vae->config.n_blocks; i++)
    clear_up_block (&vae->blocks[i], vae->config.n_resnets);
  g_clear_pointer (&vae->norm_out, ocl_tensor_unref);
  g_clear_pointer (&vae->conv_out.conv, ocl_conv_free);
}
