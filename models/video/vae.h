/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vae.h: the decoder of the Wan VAE, both generations, one latent frame at a
 * time. */

#pragma once

#include "models/format/format.h"

G_BEGIN_DECLS

typedef struct _Vae Vae;

/* @directory: vae/ of a checkpoint. */
Vae *vae_open (OclContext * cl, const char *directory,
    OclPrecision precision, GError ** error);
void vae_free (Vae * vae);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Vae, vae_free)

gsize vae_get_channels (Vae * vae);     /* of the latents */
guint vae_get_scale_space (Vae * vae);  /* pixels a latent, e.g. 8 or 16 */
guint vae_get_scale_time (Vae * vae);   /* frames a latent frame, e.g. 4 */

/* The state of one clip's decoding: the caches of its causal convolutions.
 * Constant memory, whatever the length. */
typedef struct _VaeDecoder VaeDecoder;

/* @height, @width of the latents. */
VaeDecoder *vae_decoder_new (Vae * vae, gsize height, gsize width);
void vae_decoder_free (VaeDecoder * decoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VaeDecoder, vae_decoder_free)
/* Back to the start of a clip; also needed after an error or a cancel. */
void vae_decoder_reset (VaeDecoder * decoder);

/* Frames [n, H, W, 3], RGB, not clamped (nominally -1 ... 1), from the next
 * latent frame [channels, h, w] (normalised latents, as the transformer makes
 * them): n is 1 for the first, scale_time after it. */
OclTensor *vae_decoder_decode (VaeDecoder * decoder, OclTensor * latent);

G_END_DECLS
