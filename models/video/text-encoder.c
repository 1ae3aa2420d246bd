/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* text-encoder.c: the UMT5 encoder (modeling_umt5.py of transformers).
 *
 * Only the real tokens are encoded: padding is masked out upstream, so leaving
 * it out is exact. The embedding table (over 2 GiB in the xxl model) stays in
 * the mapped file; the rows of a prompt are gathered from there. */

#include "models/video/text-encoder.h"

#include <math.h>
#include "models/video/text-encoder-private.h"

static const char *const weight_files[] = {
  "model", "models_t5_umt5-xxl-enc-bf16", "umt5_xxl", "diffusion_pytorch_model",
  NULL
};

static const WeightName names[] = {
  {"shared", "token_embedding"},
  {"encoder.final_layer_norm", "norm"},
  {NULL, NULL}
};

static const WeightName block_names[] = {
  {"layer.0.layer_norm", "norm1"},
  {"layer.0.SelfAttention.q", "attn.q"},
  {"layer.0.SelfAttention.k", "attn.k"},
  {"layer.0.SelfAttention.v", "attn.v"},
  {"layer.0.SelfAttention.o", "attn.o"},
  {"layer.0.SelfAttention.relative_attention_bias", "pos_embedding.embedding"},
  {"layer.1.layer_norm", "norm2"},
  {"layer.1.DenseReluDense.wi_0", "ffn.gate.0"},
  {"layer.1.DenseReluDense.wi_1", "ffn.fc1"},
  {"layer.1.DenseReluDense.wo", "ffn.fc2"},
  {NULL, NULL}
};

static const WeightScheme scheme = {
  .block = {"encoder.block.%u.", "blocks.%u."},
  .witness = "token_embedding.weight",
  .names = names,
  .block_names = block_names
};

/* In the order of modeling_umt5.py. */
typedef struct
{
  OclTensor *norm1;             /* [dim] */
  OclLinear *qkv;               /* dim -> 3 * inner */
  OclTensor *relative_bias;     /* [buckets, heads] */
  OclLinear *out;               /* inner -> dim */
  OclTensor *norm2;             /* [dim] */
  OclLinear *wi_0, *wi_1;       /* dim -> ffn: gate and value */
  OclLinear *wo;                /* ffn -> dim */
} Layer;

struct _TextEncoder
{
  OclContext *cl;
  TensorStore *store;

  TextEncoderConfig config;

  OclHostArray embedding;       /* [vocabulary, dim], in the mapped file */
  Layer *layers;
  OclTensor *norm;              /* [dim] */
};

/* ---- loading ---------------------------------------------------------------- */

static void
load_layer (TextEncoder * e, WeightLoader * l, int i, OclPrecision p)
{
  const TextEncoderConfig *c = &e->config;
  Layer *layer = &e->layers[i];
  gsize inner = c->heads * c->head_size;

  layer->norm1 = weight_vector (l, i, "layer.0.layer_norm", "weight", c->dim);
  layer->qkv = weight_linear (l, i, inner, c->dim, FALSE, p,
      "layer.0.SelfAttention.q", "layer.0.SelfAttention.k",
      "layer.0.SelfAttention.v", NULL);
  layer->relative_bias = weight_matrix (l, i,
      "layer.0.SelfAttention.relative_attention_bias", "weight", c->buckets,
      c->heads);
  layer->out = weight_linear (l, i, c->dim, inner, FALSE, p,
      "layer.0.SelfAttention.o", NULL);
  layer->norm2 = weight_vector (l, i, "layer.1.layer_norm", "weight", c->dim);
  layer->wi_0 = weight_linear (l, i, c->ffn, c->dim, FALSE, p,
      "layer.1.DenseReluDense.wi_0", NULL);
  layer->wi_1 = weight_linear (l, i, c->ffn, c->dim, FALSE, p,
      "layer.1.DenseReluDense.wi_1", NULL);
  layer->wo = weight_linear (l, i, c->dim, c->ffn, FALSE, p,
      "layer.1.DenseReluDense.wo", NULL);
}

/* Checkpoints name the table "shared", "encoder.embed_tokens", or both. */
static void
load_embedding (TextEncoder * e, WeightLoader * l)
{
  const char *module = "shared";

  if (!l->original && !weight_has (l, WEIGHT_NO_BLOCK, module, "weight"))
    module = "encoder.embed_tokens";
  weight_get (l, WEIGHT_NO_BLOCK, module, "weight", &e->embedding, 2,
      (gsize) e->config.vocabulary, (gsize) e->config.dim);
}

static gboolean
load (TextEncoder * e, OclPrecision precision, WeightLoadFunc func,
    gpointer data, GError ** error)
{
  const TextEncoderConfig *c = &e->config;
  WeightLoader l;

  weight_loader_init (&l, e->cl, e->store, &scheme);
  load_embedding (e, &l);
  e->layers = g_new0 (Layer, c->n_layers);
  for (int i = 0; i < c->n_layers && !l.error && ocl_context_ok (e->cl); i++) {
    load_layer (e, &l, i, precision);
    if (func)
      func ((i + 1.0) / c->n_layers, data);
  }
  e->norm = weight_vector (&l, WEIGHT_NO_BLOCK, "encoder.final_layer_norm",
      "weight", c->dim);
  if (l.error) {
    g_propagate_error (error, l.error);
    return FALSE;
  }
  return ocl_context_finish (e->cl, error);
}

/* Not int16, which loses what is small beside UMT5's large activations. */
static OclPrecision
precision_of (OclContext * cl, OclPrecision precision)
{
  precision = ocl_context_resolve_precision (cl, precision);
  return precision == OCL_PRECISION_INT16 ? OCL_PRECISION_FLOAT32 : precision;
}

TextEncoder *
text_encoder_open (OclContext * cl, const char *directory,
    OclPrecision precision, WeightLoadFunc func, gpointer data, GError ** error)
{
  g_autoptr (TextEncoder) e = g_new0 (TextEncoder, 1);
  g_autofree char *path = g_build_filename (directory, "config.json", NULL);

  e->cl = cl;
  if (!text_encoder_config_read (&e->config, path, error)
      || !(e->store = tensor_store_open (directory, weight_files, error))
      || !load (e, precision_of (cl, precision), func, data, error))
    return NULL;
  return g_steal_pointer (&e);
}

static void
layer_clear (Layer * layer)
{
  g_clear_pointer (&layer->norm1, ocl_tensor_unref);
  g_clear_pointer (&layer->qkv, ocl_linear_free);
  g_clear_pointer (&layer->relative_bias, ocl_tensor_unref);
  g_clear_pointer (&layer->out, ocl_linear_free);
  g_clear_pointer (&layer->norm2, ocl_tensor_unref);
  g_clear_pointer (&layer->wi_0, ocl_linear_free);
  g_clear_pointer (&layer->wi_1, ocl_linear_free);
  g_clear_pointer (&layer->wo, ocl_linear_free);
}

void
text_encoder_free (TextEncoder * e)
{
  for (int i = 0; e->layers && i < e->config.n_layers; i++)
    layer_clear (&e->layers[i]);
  g_free (e->layers);
  g_clear_pointer (&e->norm, ocl_tensor_unref);
  g_clear_pointer (&e->store, tensor_store_unref);
  g_free (e);
}

gsize
text_encoder_get_width (TextEncoder * e)
{
  return e->config.dim;
}

gsize
text_encoder_get_vocabulary (TextEncoder * e)
{
  return e->config.vocabulary;
}

/* ---- forward ------------------------------------------------------------------ */

/* [n, dim]. Ids that the table has no row for give row 0: a tokenizer that
 * knows more than its model is refused before (generator.c). */
static OclTensor *
embed (TextEncoder * e, const gint32 * ids, guint n)
{
  const TextEncoderConfig *c = &e->config;
  g_autofree float *rows = g_new (float, (gsize) n * c->dim);
  OclTensor *x = ocl_tensor_new (e->cl, OCL_F32, 2, n, c->dim);

  for (guint i = 0; i < n; i++) {
    gsize id = ids[i] >= 0 && ids[i] < c->vocabulary ? ids[i] : 0;

    ocl_host_array_to_float (&e->embedding, id * c->dim, c->dim,
        rows + (gsize) i * c->dim);
  }
  ocl_tensor_write (e->cl, x, rows);
  return x;
}

/* Which row of the bias table a key @delta places after its query uses: near
 * distances have one each, far ones share them logarithmically, either side has
 * half of the table (T5, arXiv 1910.10683; UMT5Attention's
 * _relative_position_bucket, in float32 as there). */
static gint32
relative_bucket (const TextEncoder * e, int delta)
{
  const TextEncoderConfig *c = &e->config;
  int side = c->buckets / 2, near = side / 2, distance = ABS (delta);
  int bucket;

  if (distance < near)
    bucket = distance;
  else
    bucket = MIN (side - 1, near + (int) (logf ((float) distance / near)
            / (float) log ((double) c->max_distance / near)
            * (side - near)));
  return bucket + (delta > 0 ? side : 0);
}

/* Row query * n + key: its bucket. */
static OclTensor *
relative_buckets (TextEncoder * e, guint n)
{
  g_autofree gint32 *buckets = g_new (gint32, (gsize) n * n);
  OclTensor *t = ocl_tensor_new (e->cl, OCL_I32, 1, n * n);

  for (int query = 0; query < (int) n; query++)
    for (int key = 0; key < (int) n; key++)
      buckets[query * n + key] = relative_bucket (e, key - query);
  ocl_tensor_write (e->cl, t, buckets);
  return t;
}

/* [heads, n, n] of one layer */
static OclTensor *
relative_bias (TextEncoder * e, const Layer * layer, OclTensor * buckets,
    guint n)
{
  gsize pairs = (gsize) n * n;
  g_autoptr (OclTensor) rows =
      ocl_tensor_new (e->cl, OCL_F32, 2, pairs, e->config.heads);
  g_autoptr (OclTensor) bias =
      ocl_tensor_new (e->cl, OCL_F32, 2, e->config.heads, pairs);

  ocl_embedding (e->cl, rows, layer->relative_bias, buckets);
  ocl_transpose (e->cl, bias, rows);
  return ocl_tensor_reshape (bias, 3, e->config.heads, n, n);
}

/* x += out (attention (norm (x))); T5 does not scale the logits. */
static void
self_attention (TextEncoder * e, const Layer * layer, OclTensor * x,
    OclKeyValues * kv, OclTensor * buckets)
{
  const TextEncoderConfig *c = &e->config;
  OclContext *cl = e->cl;
  gsize n = x->rows, inner = c->heads * c->head_size;
  g_autoptr (OclTensor) h = ocl_tensor_new (cl, OCL_F32, 2, n, c->dim);
  g_autoptr (OclTensor) qkv = ocl_tensor_new (cl, OCL_F32, 2, n, 3 * inner);
  g_autoptr (OclTensor) q = ocl_tensor_columns (qkv, 0, inner);
  g_autoptr (OclTensor) k = ocl_tensor_columns (qkv, inner, inner);
  g_autoptr (OclTensor) v = ocl_tensor_columns (qkv, 2 * inner, inner);
  g_autoptr (OclTensor) y = ocl_tensor_new (cl, OCL_F32, 2, n, inner);
  g_autoptr (OclTensor) bias = relative_bias (e, layer, buckets, n);
  const OclAttentionOptions options = {.scale = 1,.count = n,.bias = bias };

  ocl_rms_norm (cl, h, x, layer->norm1, c->eps);
  ocl_linear (cl, qkv, h, layer->qkv, NULL);
  ocl_key_values_write (cl, kv, 0, k, v);
  ocl_attention (cl, y, q, kv, &options);
  ocl_linear (cl, x, y, layer->out, &(OclEpilogue) {
      .residual = x});
}

/* x += wo (gelu (wi_0 h) * wi_1 h), h = norm (x) */
static void
feed_forward (TextEncoder * e, const Layer * layer, OclTensor * x)
{
  const TextEncoderConfig *c = &e->config;
  OclContext *cl = e->cl;
  gsize n = x->rows;
  g_autoptr (OclTensor) h = ocl_tensor_new (cl, OCL_F32, 2, n, c->dim);
  g_autoptr (OclTensor) value = ocl_tensor_new (cl, OCL_F32, 2, n, c->ffn);
  g_autoptr (OclTensor) gated = ocl_tensor_new (cl, OCL_F32, 2, n, c->ffn);

  ocl_rms_norm (cl, h, x, layer->norm2, c->eps);
  ocl_linear (cl, value, h, layer->wi_1, NULL);
  ocl_linear (cl, gated, h, layer->wi_0, &(OclEpilogue) {
      .activation = OCL_ACTIVATION_GELU_TANH,.multiply = value});
  ocl_linear (cl, x, gated, layer->wo, &(OclEpilogue) {
      .residual = x});
}

OclTensor *
text_encoder_encode (TextEncoder * e, const gint32 * ids, guint n)
{
  const TextEncoderConfig *c = &e->config;
  g_autoptr (OclTensor) x = embed (e, ids, n);
  g_autoptr (OclTensor) buckets = relative_buckets (e, n);
  g_autoptr (OclKeyValues) kv =
      ocl_key_values_new (e->cl, n, c->heads, c->head_size,
      OCL_PRECISION_FLOAT32);
  OclTensor *y = ocl_tensor_new (e->cl, OCL_F32, 2, n, c->dim);

  for (int i = 0; i < c->n_layers; i++) {
    self_attention (e, &e->layers[i], x, kv, buckets);
    feed_forward (e, &e->layers[i], x);
  }
  ocl_rms_norm (e->cl, y, x, e->norm, c->eps);
  return y;
}
