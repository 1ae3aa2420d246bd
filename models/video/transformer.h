/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* transformer.h: the Wan diffusion transformer. */

#pragma once

#include "models/video/weights.h"

G_BEGIN_DECLS

typedef struct _Transformer Transformer;

/* @directory: transformer/ of a checkpoint. @func may be NULL. */
Transformer *transformer_open (OclContext * cl, const char *directory,
    OclPrecision precision, WeightLoadFunc func, gpointer data,
    GError ** error);
void transformer_free (Transformer * transformer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Transformer, transformer_free)

gsize transformer_get_channels (Transformer * transformer);
const guint *transformer_get_patch (Transformer * transformer);        /* [3]: t, h, w */
gsize transformer_get_text_width (Transformer * transformer);

/* What a prompt's embedding becomes once, for all steps: the keys and values
 * of every layer's cross-attention. */
typedef struct _TextContext TextContext;

/* @text [n, text_width]; rows n ... text_length - 1 count as zeros, as
 * upstream pads. */
TextContext *text_context_new (Transformer * transformer, OclTensor * text,
    gsize text_length);
void text_context_free (TextContext * context);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TextContext, text_context_free)

/* velocity, latents: [channels, f, h, w]. timesteps: one value for all, or one
 * a latent frame (@n_timesteps 1 or f / patch[0]). Errors are the context's. */
void transformer_forward (Transformer * transformer, OclTensor * velocity,
    OclTensor * latents, const float *timesteps, guint n_timesteps,
    TextContext * context);

G_END_DECLS
