/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* transformer.h: the Wan diffusion transformer. */

#pragma once

#include "models/video/weights.h"

G_BEGIN_DECLS

typedef struct _Transformer Transformer;

/* @directory: transformer/ of a checkpoint. Its adapter, if it brings one, and
 * @lora, or NULL, are merged into the weights. @func may be NULL. */
Transformer *transformer_open (OclContext * cl, const char *directory,
    OclPrecision precision, const LoraFile * lora, WeightLoadFunc func,
    gpointer data, GError ** error);
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

/* What a block-causal transformer remembers of a stream: every layer's keys and
 * values of its first @sink latent frames, for ever, and of the last @window ones
 * (CausVid, arXiv 2412.07772; the sink and the window: LongLive, 2509.22622).
 * @height, @width of the latents; @sink and @window are multiples of patch[0].
 *
 * What attention reads of them is made anew for each layer of each forward, or kept
 * from one to the next where that is @most_packed bytes at most: somewhat more than
 * 8 * layers * dim a token. */
typedef struct _TransformerCache TransformerCache;

TransformerCache *transformer_cache_new (Transformer * transformer,
    gsize sink, gsize window, gsize height, gsize width, gsize most_packed);
void transformer_cache_free (TransformerCache * cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TransformerCache, transformer_cache_free)
/* Back to the start of a stream. */
void transformer_cache_reset (TransformerCache * cache);
/* Latent frames it holds. */
gsize transformer_cache_get_frames (TransformerCache * cache);
/* Forgets the oldest frames after the sink, so that @frames more fit. */
void transformer_cache_make_room (TransformerCache * cache, gsize frames);

/* velocity, latents: [channels, f, h, w]. timesteps: one value for all, or one
 * a latent frame (@n_timesteps 1 or f / patch[0]). With @cache, or NULL, the
 * latents are the frames after those in it and attend to them too; there must be
 * room for them. Errors are the context's. */
void transformer_forward (Transformer * transformer, OclTensor * velocity,
    OclTensor * latents, const float *timesteps, guint n_timesteps,
    TextContext * context, TransformerCache * cache);
/* Puts @latents into @cache, the keys and values that they have at @timesteps.
 * Waits; after an error the cache is as it was. */
gboolean transformer_cache_append (Transformer * transformer,
    OclTensor * latents, const float *timesteps, guint n_timesteps,
    TextContext * context, TransformerCache * cache, GError ** error);

G_END_DECLS
