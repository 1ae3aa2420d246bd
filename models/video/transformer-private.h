/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* transformer-private.h: what the files of the transformer share.
 *
 * n tokens, g groups of tokens with a timestep of their own (1, or the latent
 * frames), dim = heads * head_size. */

#pragma once

#include "models/video/transformer.h"

G_BEGIN_DECLS typedef struct
{
  gint64 in_channels, out_channels;
  guint patch[3];               /* time, height, width */
  gint64 heads, head_size, dim;
  gint64 n_layers, ffn;
  gint64 text_width, frequencies;
  gboolean cross_attn_norm;
  double eps;
} TransformerConfig;

/* In the order of transformer_wan.py's WanTransformerBlock. */
typedef struct
{
  OclTensor *modulation;        /* [1, 6 dim]: shift, scale, gate, c_shift, c_scale, c_gate */
  OclLinear *qkv;               /* dim -> 3 dim */
  OclTensor *norm_q, *norm_k;   /* [dim] */
  OclLinear *out;               /* dim -> dim */

  OclTensor *cross_norm_weight, *cross_norm_bias;       /* [dim], or NULL */
  OclLinear *cross_q;           /* dim -> dim */
  OclLinear *cross_kv;          /* dim -> 2 dim */
  OclTensor *cross_norm_q, *cross_norm_k;       /* [dim] */
  OclLinear *cross_out;         /* dim -> dim */

  OclLinear *ffn_in, *ffn_out;  /* dim -> ffn -> dim */
} TransformerBlock;

/* Cosines and sines for a grid of tokens. */
typedef struct
{
  gsize f, h, w;
  OclTensor *cosine, *sine;     /* [n, head_size / 2] */
  gboolean complete;            /* FALSE if an error or a cancel came between */
} RopeTables;

struct _Transformer
{
  OclContext *cl;
  TransformerConfig config;
  OclPrecision precision;       /* never AUTO */

  OclLinear *patch_embedding;   /* in_channels * patch -> dim */
  OclLinear *time_in, *time_out;        /* frequencies -> dim -> dim */
  OclLinear *time_projection;   /* dim -> 6 dim */
  OclLinear *text_in, *text_out;        /* text_width -> dim -> dim */
  TransformerBlock *blocks;
  OclTensor *head_modulation;   /* [2, dim]: shift, scale */
  OclLinear *head;              /* dim -> patch * out_channels */

  RopeTables rope;              /* of the last size */
  OclKeyValues *kv;             /* of a layer's self-attention, for kv_tokens tokens;
                                 * NULL where a cache has them of all layers */
  gsize kv_tokens;
};

struct _TextContext
{
  gsize count;                  /* keys: the real tokens and one for all padding */
  OclTensor *key_bias;          /* [count], or NULL where nothing is padded */
  OclKeyValues **kv;            /* one a layer */
  guint n_layers;
};

/* What is remembered of a layer. A key is kept as it is before its rotation, which
 * depends on where its frame is among those remembered at the moment. */
typedef struct
{
  OclTensor *k, *v;             /* [(sink + window) * h * w, dim] */
  OclKeyValues *packed;         /* the same, rotated by position; NULL in t->kv */
  gsize loaded;                 /* frames that `packed` has */
} LayerMemory;

/* Frames are those of tokens here: latent frames / patch[0]. Position 0 is the
 * first of the sink. Behind the sink the frames are in a ring, so that forgetting
 * moves nothing. */
struct _TransformerCache
{
  Transformer *transformer;
  gsize sink, window;
  gsize h, w;                   /* tokens of a frame */
  gsize frames;                 /* remembered, those of the sink first */
  gsize start;                  /* place in the ring of the first one after them */
  LayerMemory *layers;
};

/* transformer-cache.c: @k, @v [n, dim], before rotation, of the frames after those
 * remembered, which they do not count among yet. */
void transformer_cache_store (TransformerCache * cache, guint layer,
    OclTensor * k, OclTensor * v);
/* What is remembered, rotated by position, in the first places: of the layer's own
 * keys and values, or of t->kv. */
OclKeyValues *transformer_cache_load (TransformerCache * cache, guint layer);
/* transformer.c: of one layer's self-attention. */
OclKeyValues *transformer_key_values_new (Transformer * transformer,
    gsize tokens);

/* transformer-config.c */
gboolean transformer_config_read (TransformerConfig * config,
    const char *path, GError ** error);

/* transformer-load.c: @adapters, of Lora, may be empty. */
gboolean transformer_load (Transformer * transformer, TensorStore * store,
    GPtrArray * adapters, WeightLoadFunc func, gpointer data, GError ** error);
void transformer_unload (Transformer * transformer);

/* rope.c: tables for f x h x w tokens */
void rope_tables_update (RopeTables * tables, OclContext * cl,
    gsize head_size, gsize f, gsize h, gsize w);
void rope_tables_clear (RopeTables * tables);

G_END_DECLS
