/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* transformer-load.c: the transformer's layers from its tensors. */

#include "models/video/transformer-private.h"

static const WeightName names[] = {
  {"condition_embedder.time_embedder.linear_1", "time_embedding.0"},
  {"condition_embedder.time_embedder.linear_2", "time_embedding.2"},
  {"condition_embedder.time_proj", "time_projection.1"},
  {"condition_embedder.text_embedder.linear_1", "text_embedding.0"},
  {"condition_embedder.text_embedder.linear_2", "text_embedding.2"},
  {"scale_shift_table", "head.modulation"},
  {"proj_out", "head.head"},
  {NULL, NULL}
};

static const WeightName block_names[] = {
  {"attn1.to_q", "self_attn.q"},
  {"attn1.to_k", "self_attn.k"},
  {"attn1.to_v", "self_attn.v"},
  {"attn1.to_out.0", "self_attn.o"},
  {"attn1.norm_q", "self_attn.norm_q"},
  {"attn1.norm_k", "self_attn.norm_k"},
  {"norm2", "norm3"},
  {"attn2.to_q", "cross_attn.q"},
  {"attn2.to_k", "cross_attn.k"},
  {"attn2.to_v", "cross_attn.v"},
  {"attn2.to_out.0", "cross_attn.o"},
  {"attn2.norm_q", "cross_attn.norm_q"},
  {"attn2.norm_k", "cross_attn.norm_k"},
  {"ffn.net.0.proj", "ffn.0"},
  {"ffn.net.2", "ffn.2"},
  {"scale_shift_table", "modulation"},
  {NULL, NULL}
};

static const WeightScheme scheme = {
  .block = {"blocks.%u.", "blocks.%u."},
  .witness = "time_embedding.0.weight",
  .names = names,
  .block_names = block_names
};

/* ---- layers ----------------------------------------------------------------- */

static void
load_block (Transformer * t, WeightLoader * l, int i)
{
  const OclPrecision p = t->precision;
  const TransformerConfig *c = &t->config;
  TransformerBlock *b = &t->blocks[i];

  b->modulation = weight_vector (l, i, "scale_shift_table", "", 6 * c->dim);
  b->qkv = weight_linear (l, i, c->dim, c->dim, TRUE, p, "attn1.to_q",
      "attn1.to_k", "attn1.to_v", NULL);
  b->norm_q = weight_vector (l, i, "attn1.norm_q", "weight", c->dim);
  b->norm_k = weight_vector (l, i, "attn1.norm_k", "weight", c->dim);
  b->out = weight_linear (l, i, c->dim, c->dim, TRUE, p, "attn1.to_out.0",
      NULL);
  if (c->cross_attn_norm) {
    b->cross_norm_weight = weight_vector (l, i, "norm2", "weight", c->dim);
    b->cross_norm_bias = weight_vector (l, i, "norm2", "bias", c->dim);
  }
  b->cross_q = weight_linear (l, i, c->dim, c->dim, TRUE, p, "attn2.to_q",
      NULL);
  b->cross_kv = weight_linear (l, i, c->dim, c->dim, TRUE, p, "attn2.to_k",
      "attn2.to_v", NULL);
  b->cross_norm_q = weight_vector (l, i, "attn2.norm_q", "weight", c->dim);
  b->cross_norm_k = weight_vector (l, i, "attn2.norm_k", "weight", c->dim);
  b->cross_out = weight_linear (l, i, c->dim, c->dim, TRUE, p,
      "attn2.to_out.0", NULL);
  b->ffn_in = weight_linear (l, i, c->ffn, c->dim, TRUE, p, "ffn.net.0.proj",
      NULL);
  b->ffn_out = weight_linear (l, i, c->dim, c->ffn, TRUE, p, "ffn.net.2", NULL);
}

/* A convolution whose kernel is its stride: a product over patches. */
static OclLinear *
load_patch_embedding (Transformer * t, WeightLoader * l)
{
  const TransformerConfig *c = &t->config;
  OclHostArray weight, bias;
  OclLinear *linear;

  if (!weight_get (l, WEIGHT_NO_BLOCK, "patch_embedding", "weight", &weight, 5,
          (gsize) c->dim, (gsize) c->in_channels, (gsize) c->patch[0],
          (gsize) c->patch[1], (gsize) c->patch[2])
      || !weight_get (l, WEIGHT_NO_BLOCK, "patch_embedding", "bias", &bias, 1,
          (gsize) c->dim))
    return NULL;
  weight.n_dims = 2;
  for (guint i = 2; i < 5; i++)
    weight.dims[1] *= weight.dims[i];
  linear = ocl_linear_new (l->cl, &weight, &bias, 1, OCL_PRECISION_FLOAT32);
  weight_drop_merged (l);
  return linear;
}

/* What is outside the blocks. The way of the timestep, and the thin layers that
 * every latent passes, stay in float32, as upstream keeps the former. */
static void
load_ends (Transformer * t, WeightLoader * l)
{
  const OclPrecision p = t->precision;
  const TransformerConfig *c = &t->config;
  const OclPrecision full = OCL_PRECISION_FLOAT32;
  const int none = WEIGHT_NO_BLOCK;
  gsize patch = c->patch[0] * c->patch[1] * c->patch[2];

  t->patch_embedding = load_patch_embedding (t, l);
  t->time_in = weight_linear (l, none, c->dim, c->frequencies, TRUE, full,
      "condition_embedder.time_embedder.linear_1", NULL);
  t->time_out = weight_linear (l, none, c->dim, c->dim, TRUE, full,
      "condition_embedder.time_embedder.linear_2", NULL);
  t->time_projection = weight_linear (l, none, 6 * c->dim, c->dim, TRUE, full,
      "condition_embedder.time_proj", NULL);
  t->text_in = weight_linear (l, none, c->dim, c->text_width, TRUE, p,
      "condition_embedder.text_embedder.linear_1", NULL);
  t->text_out = weight_linear (l, none, c->dim, c->dim, TRUE, p,
      "condition_embedder.text_embedder.linear_2", NULL);
  t->head_modulation =
      weight_matrix (l, none, "scale_shift_table", "", 2, c->dim);
  t->head =
      weight_linear (l, none, patch * c->out_channels, c->dim, TRUE, full,
      "proj_out", NULL);
}

static gboolean
check_adapters (GPtrArray * adapters, GError ** error)
{
  for (guint i = 0; i < adapters->len; i++)
    if (!lora_check_used (g_ptr_array_index (adapters, i), error))
      return FALSE;
  return TRUE;
}

gboolean
transformer_load (Transformer * t, TensorStore * store, GPtrArray * adapters,
    WeightLoadFunc func, gpointer data, GError ** error)
{
  WeightLoader l;

  weight_loader_init (&l, t->cl, store, &scheme);
  if (adapters->len > 0)
    l.adapters = adapters;
  load_ends (t, &l);
  t->blocks = g_new0 (TransformerBlock, t->config.n_layers);
  for (int i = 0; i < t->config.n_layers && !l.error
      && ocl_context_ok (t->cl); i++) {
    load_block (t, &l, i);
    if (func)
      func ((i + 1.0) / t->config.n_layers, data);
  }
  weight_drop_merged (&l);
  if (l.error) {
    g_propagate_error (error, l.error);
    return FALSE;
  }
  return ocl_context_finish (t->cl, error) && check_adapters (adapters, error);
}

static void
block_clear (TransformerBlock * b)
{
  g_clear_pointer (&b->modulation, ocl_tensor_unref);
  g_clear_pointer (&b->qkv, ocl_linear_free);
  g_clear_pointer (&b->norm_q, ocl_tensor_unref);
  g_clear_pointer (&b->norm_k, ocl_tensor_unref);
  g_clear_pointer (&b->out, ocl_linear_free);
  g_clear_pointer (&b->cross_norm_weight, ocl_tensor_unref);
  g_clear_pointer (&b->cross_norm_bias, ocl_tensor_unref);
  g_clear_pointer (&b->cross_q, ocl_linear_free);
  g_clear_pointer (&b->cross_kv, ocl_linear_free);
  g_clear_pointer (&b->cross_norm_q, ocl_tensor_unref);
  g_clear_pointer (&b->cross_norm_k, ocl_tensor_unref);
  g_clear_pointer (&b->cross_out, ocl_linear_free);
  g_clear_pointer (&b->ffn_in, ocl_linear_free);
  g_clear_pointer (&b->ffn_out, ocl_linear_free);
}

void
transformer_unload (Transformer * t)
{
  for (int i = 0; t->blocks && i < t->config.n_layers; i++)
    block_clear (&t->blocks[i]);
  g_clear_pointer (&t->blocks, g_free);
  g_clear_pointer (&t->patch_embedding, ocl_linear_free);
  g_clear_pointer (&t->time_in, ocl_linear_free);
  g_clear_pointer (&t->time_out, ocl_linear_free);
  g_clear_pointer (&t->time_projection, ocl_linear_free);
  g_clear_pointer (&t->text_in, ocl_linear_free);
  g_clear_pointer (&t->text_out, ocl_linear_free);
  g_clear_pointer (&t->head_modulation, ocl_tensor_unref);
  g_clear_pointer (&t->head, ocl_linear_free);
}
