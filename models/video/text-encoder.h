/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* text-encoder.h: the UMT5 encoder: token ids to a context for the
 * transformer. */

#pragma once

#include "models/video/weights.h"

G_BEGIN_DECLS

typedef struct _TextEncoder TextEncoder;

/* @directory: text_encoder/ of a checkpoint. @func may be NULL. */
TextEncoder *text_encoder_open (OclContext * cl, const char *directory,
    OclPrecision precision, WeightLoadFunc func, gpointer data,
    GError ** error);
void text_encoder_free (TextEncoder * encoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TextEncoder, text_encoder_free)

gsize text_encoder_get_width (TextEncoder * encoder);
gsize text_encoder_get_vocabulary (TextEncoder * encoder);
/* [n, width] from @n ids, padding left out (which is exact). Errors are the
 * context's. */
OclTensor *text_encoder_encode (TextEncoder * encoder, const gint32 * ids,
    guint n);

G_END_DECLS
