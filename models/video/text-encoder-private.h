/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* text-encoder-private.h: what the files of the text encoder share. */

#pragma once

#include "models/video/text-encoder.h"

G_BEGIN_DECLS typedef struct
{
  gint64 dim, ffn, heads, head_size, n_layers;
  gint64 buckets, max_distance, vocabulary;
  double eps;
} TextEncoderConfig;

gboolean text_encoder_config_read (TextEncoderConfig * config,
    const char *path, GError ** error);

G_END_DECLS
