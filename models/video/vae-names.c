/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vae-names.c: what the VAE's tensors are called, in diffusers' files and in
 * the original releases (wan/modules/vae.py of Wan2.1, vae2_2.py of Wan2.2). */

#include "vae-private.h"

static const VaeNames diffusers_names = {
  .post_quant = "post_quant_conv",
  .conv_in = "decoder.conv_in",
  .middle = {"decoder.mid_block.resnets.0", "decoder.mid_block.resnets.1"},
  .attention = "decoder.mid_block.attentions.0",
  .norm_out = "decoder.norm_out",
  .conv_out = "decoder.conv_out",
  .norm1 = "norm1",
  .conv1 = "conv1",
  .norm2 = "norm2",
  .conv2 = "conv2",
  .shortcut = "conv_shortcut",
};

static const VaeNames original_names = {
  .post_quant = "conv2",
  .conv_in = "decoder.conv1",
  .middle = {"decoder.middle.0", "decoder.middle.2"},
  .attention = "decoder.middle.1",
  .norm_out = "decoder.head.0",
  .conv_out = "decoder.head.2",
  .norm1 = "residual.0",
  .conv1 = "residual.2",
  .norm2 = "residual.3",
  .conv2 = "residual.6",
  .shortcut = "shortcut",
  .original = TRUE,
};

const VaeNames *
vae_names_of (TensorStore * store)
{
  return tensor_store_has (store, "decoder.conv1.weight") ?
      &original_names : &diffusers_names;
}

/* The original releases count residual blocks and upsamplers in one list:
 * over the whole decoder (2.1), or within each block (2.2). */
static char *
original_item (const VaeConfig * config, guint block, guint item)
{
  if (config->residual)
    return g_strdup_printf ("decoder.upsamples.%u.upsamples.%u", block, item);
  return g_strdup_printf ("decoder.upsamples.%u",
      block * (config->n_resnets + 1) + item);
}

char *
vae_name_up_resnet (const VaeNames * names, const VaeConfig * config,
    guint block, guint i)
{
  if (names->original)
    return original_item (config, block, i);
  return g_strdup_printf ("decoder.up_blocks.%u.resnets.%u", block, i);
}

char *
vae_name_upsampler (const VaeNames * names, const VaeConfig * config,
    guint block)
{
  if (names->original)
    return original_item (config, block, config->n_resnets);
  return g_strdup_printf ("decoder.up_blocks.%u.%s", block,
      config->residual ? "upsampler" : "upsamplers.0");
}
