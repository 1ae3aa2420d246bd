/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vae-blocks.c: the forward pass of the VAE decoder's blocks.
 *
 * Frames may come one by one or several at a time, with the same result: a
 * causal convolution reads the two frames before from its past.  So a block
 * is as large in memory as the frames that it is given at once. */

#include <math.h>

#include "vae-private.h"

OclTensor *
vae_frames (OclTensor * x, gsize first, gsize n)
{
  gsize size = x->dims[1] * x->dims[2];
  g_autoptr (OclTensor) rows = ocl_tensor_rows (x, first * size, n * size);

  return ocl_tensor_reshape (rows, 4, n, x->dims[1], x->dims[2], x->cols);
}

/* [T, H, W, channels] for x [T, H, W, any] */
static OclTensor *
like (VaeDecoder * d, OclTensor * x, gsize channels)
{
  return ocl_tensor_new (d->vae->cl, OCL_F32, 4, x->dims[0], x->dims[1],
      x->dims[2], channels);
}

/* silu (norm (x)), which a convolution reads next */
static OclTensor *
norm_silu (VaeDecoder * d, OclTensor * x, OclTensor * gamma)
{
  OclTensor *y = ocl_tensor_new (d->vae->cl, d->vae->normed, 4, x->dims[0],
      x->dims[1], x->dims[2], x->cols);

  ocl_channel_norm (d->vae->cl, y, x, gamma, OCL_ACTIVATION_SILU);
  return y;
}

void
vae_causal_conv (VaeDecoder * d, OclTensor * y, OclTensor * x,
    const VaeCausalConv * conv, const OclEpilogue * epilogue)
{
  OclContext *cl = d->vae->cl;

  ocl_conv (cl, y, x, d->past[conv->cache], conv->conv, epilogue);
  ocl_conv_push_history (cl, d->past[conv->cache], x);
}

/* ---- residual block --------------------------------------------------------- */

/* conv2 (silu (norm2 (conv1 (silu (norm1 (x)))))) + shortcut (x). Without a
 * shortcut that may take @x's own place. */
static OclTensor *
resnet_forward (VaeDecoder * d, const VaeResnet * resnet, OclTensor * x,
    gboolean in_place)
{
  g_autoptr (OclTensor) a = norm_silu (d, x, resnet->norm1);
  g_autoptr (OclTensor) h = like (d, x, resnet->out);
  OclEpilogue add = {.residual = x };
  OclTensor *y;

  vae_causal_conv (d, h, a, &resnet->conv1, NULL);
  g_clear_pointer (&a, ocl_tensor_unref);
  a = norm_silu (d, h, resnet->norm2);
  g_clear_pointer (&h, ocl_tensor_unref);

  y = in_place ? ocl_tensor_ref (x) : like (d, x, resnet->out);
  if (resnet->shortcut) {
    ocl_linear (d->vae->cl, y, x, resnet->shortcut, NULL);
    add.residual = y;
  }
  vae_causal_conv (d, y, a, &resnet->conv2, &add);
  return y;
}

static void
resnet_in_place (VaeDecoder * d, const VaeResnet * resnet, OclTensor * x)
{
  ocl_tensor_unref (resnet_forward (d, resnet, x, TRUE));
}

/* ---- middle ------------------------------------------------------------------- */

/* One head over the positions of one frame, in place: x += proj (softmax (q k^T
 * / sqrt (width)) v) */
static void
attention_forward (VaeDecoder * d, OclTensor * x)
{
  const VaeAttention *attention = &d->vae->attention;
  OclContext *cl = d->vae->cl;
  gsize n = x->rows, width = x->cols;
  g_autoptr (OclTensor) a = ocl_tensor_new (cl, OCL_F32, 2, n, width);
  g_autoptr (OclTensor) qkv = ocl_tensor_new (cl, OCL_F32, 2, n, 3 * width);
  g_autoptr (OclTensor) q = ocl_tensor_columns (qkv, 0, width);
  g_autoptr (OclTensor) k = ocl_tensor_columns (qkv, width, width);
  g_autoptr (OclTensor) v = ocl_tensor_columns (qkv, 2 * width, width);
  OclAttentionOptions options = {.scale = 1 / sqrtf (width),.count = n };
  OclEpilogue add = {.residual = x };

  ocl_channel_norm (cl, a, x, attention->norm, OCL_ACTIVATION_NONE);
  ocl_linear (cl, qkv, a, attention->to_qkv, NULL);
  ocl_key_values_write (cl, d->key_values, 0, k, v);
  ocl_attention (cl, a, q, d->key_values, &options);
  ocl_linear (cl, x, a, attention->proj, &add);
}

void
vae_middle (VaeDecoder * d, OclTensor * x)
{
  resnet_in_place (d, &d->vae->middle[0], x);
  attention_forward (d, x);
  resnet_in_place (d, &d->vae->middle[1], x);
}

/* ---- up block ----------------------------------------------------------------- */

/* Two frames of each: [2 T, H, W, C] from x [T, H, W, C] */
static OclTensor *
double_time (VaeDecoder * d, const VaeUpsampler * up, OclTensor * x)
{
  OclContext *cl = d->vae->cl;
  OclTensor *y = ocl_tensor_new (cl, OCL_F32, 4, 2 * x->dims[0], x->dims[1],
      x->dims[2], x->cols);

  for (gsize t = 0; t < x->dims[0]; t++) {
    g_autoptr (OclTensor) frame = vae_frames (x, t, 1);
    g_autoptr (OclTensor) even = vae_frames (y, 2 * t, 1);
    g_autoptr (OclTensor) odd = vae_frames (y, 2 * t + 1, 1);

    ocl_conv (cl, odd, frame, d->past[up->even.cache], up->odd, NULL);
    vae_causal_conv (d, even, frame, &up->even, NULL);
  }
  return y;
}

/* Wan 2.2 has one around each upsampler and the residual blocks before it. */
static gboolean
has_shortcut (VaeDecoder * d, const VaeUpBlock * block)
{
  return d->vae->config.residual && block->shape.space;
}

/* @from: the block's input, for its shortcut, or NULL for none. A clip's first
 * frame is not doubled, and stays out of the time convolution's past; its
 * shortcut is the second of the two frames that it would be. */
static OclTensor *
upsample (VaeDecoder * d, const VaeUpBlock * block, OclTensor * x,
    OclTensor * from)
{
  OclContext *cl = d->vae->cl;
  gboolean twice = block->shape.time && d->frame > 0;
  g_autoptr (OclTensor) frames = twice ?
      double_time (d, &block->upsampler, x) : ocl_tensor_ref (x);
  OclTensor *y = ocl_tensor_new (cl, OCL_F32, 4, frames->dims[0],
      2 * x->dims[1], 2 * x->dims[2], block->shape.up);
  OclEpilogue add = {.residual = y };

  if (from)
    ocl_duplicate_up (cl, y, from, block->shape.time ? 2 : 1,
        block->shape.time && !twice ? 1 : 0);
  ocl_conv (cl, y, frames, NULL, block->upsampler.resample, from ? &add : NULL);
  return y;
}

OclTensor *
vae_up_block (VaeDecoder * d, const VaeUpBlock * block, OclTensor * input)
{
  g_autoptr (OclTensor) x = input;
  g_autoptr (OclTensor) h = resnet_forward (d, &block->resnets[0], x, FALSE);

  if (!has_shortcut (d, block))
    g_clear_pointer (&x, ocl_tensor_unref);
  for (guint i = 1; i < d->vae->config.n_resnets; i++)
    resnet_in_place (d, &block->resnets[i], h);
  if (!block->shape.space)
    return g_steal_pointer (&h);
  return upsample (d, block, h, x);
}

/* ---- head ---------------------------------------------------------------------- */

void
vae_head (VaeDecoder * d, OclTensor * y, OclTensor * x)
{
  guint patch = d->vae->config.patch;
  g_autoptr (OclTensor) a = norm_silu (d, x, d->vae->norm_out);
  g_autoptr (OclTensor) patches = NULL;

  patches = patch == 1 ? ocl_tensor_ref (y)
      : like (d, x, VAE_IMAGE_CHANNELS * patch * patch);
  vae_causal_conv (d, patches, a, &d->vae->conv_out, NULL);
  if (patch > 1)
    ocl_depth_to_space (d->vae->cl, y, patches, patch);
}
