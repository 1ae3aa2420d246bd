/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* transformer.c: the Wan diffusion transformer's forward pass
 * (transformer_wan.py of diffusers; wan/modules/model.py of Wan2.1). */

#include "models/video/transformer.h"

#include <math.h>
#include "models/video/transformer-private.h"

/* The widest tensor, a feed-forward's hidden layer, is made in parts of at
 * most this many bytes. */
#define HIDDEN_BYTES (128 << 20)

static const char *const weight_files[] = {
  "diffusion_pytorch_model", "model", NULL
};

/* Of the checkpoint's own adapter: diffusers' LORA_WEIGHT_NAME_SAFE. */
#define ADAPTER_FILE "pytorch_lora_weights.safetensors"

/* ---- life ------------------------------------------------------------------- */

static gboolean
add_adapter (GPtrArray * adapters, const LoraFile * file, GError ** error)
{
  Lora *lora = lora_open (file, error);

  if (lora)
    g_ptr_array_add (adapters, lora);
  return lora != NULL;
}

/* The checkpoint's own, which it was made to be used with, and the user's. */
static gboolean
open_adapters (GPtrArray * adapters, const char *directory,
    const LoraFile * lora, GError ** error)
{
  g_autofree char *path = g_build_filename (directory, ADAPTER_FILE, NULL);

  if (g_file_test (path, G_FILE_TEST_EXISTS)
      && !add_adapter (adapters, &(LoraFile) {
          path, 1}
          , error))
    return FALSE;
  return !lora || add_adapter (adapters, lora, error);
}

Transformer *
transformer_open (OclContext * cl, const char *directory,
    OclPrecision precision, const LoraFile * lora, WeightLoadFunc func,
    gpointer data, GError ** error)
{
  g_autoptr (Transformer) t = g_new0 (Transformer, 1);
  g_autoptr (TensorStore) store = NULL;
  g_autoptr (GPtrArray) adapters =
      g_ptr_array_new_with_free_func ((GDestroyNotify) lora_free);
  g_autofree char *path = g_build_filename (directory, "config.json", NULL);

  t->cl = cl;
  t->precision = ocl_context_resolve_precision (cl, precision);
  if (!transformer_config_read (&t->config, path, error)
      || !(store = tensor_store_open (directory, weight_files, error))
      || !open_adapters (adapters, directory, lora, error)
      || !transformer_load (t, store, adapters, func, data, error))
    return NULL;
  return g_steal_pointer (&t);
}

void
transformer_free (Transformer * t)
{
  transformer_unload (t);
  rope_tables_clear (&t->rope);
  g_clear_pointer (&t->kv, ocl_key_values_free);
  g_free (t);
}

gsize
transformer_get_channels (Transformer * t)
{
  return t->config.in_channels;
}

const guint *
transformer_get_patch (Transformer * t)
{
  return t->config.patch;
}

gsize
transformer_get_text_width (Transformer * t)
{
  return t->config.text_width;
}

/* ---- text -------------------------------------------------------------------- */

/* Upstream attends to text_length rows, of which those past the prompt are
 * zeros before the text embedder and therefore all alike after it. One of
 * them, with ln (how many) added to its logit, stands for all: the sum of the
 * exponentials is the same. */
static OclTensor *
padding_bias (OclContext * cl, gsize real, gsize padding)
{
  OclTensor *bias = ocl_tensor_new (cl, OCL_F32, 1, real + 1);
  g_autofree float *values = g_new0 (float, real + 1);

  values[real] = log (padding);
  ocl_tensor_write (cl, bias, values);
  return bias;
}

/* [count, dim] */
static OclTensor *
embed_text (Transformer * t, OclTensor * text, gsize count)
{
  OclContext *cl = t->cl;
  gsize dim = t->config.dim;
  g_autoptr (OclTensor) rows =
      ocl_tensor_new (cl, OCL_F32, 2, count, text->cols);
  g_autoptr (OclTensor) real = ocl_tensor_rows (rows, 0, text->rows);
  g_autoptr (OclTensor) hidden = ocl_tensor_new (cl, OCL_F32, 2, count, dim);
  OclTensor *y = ocl_tensor_new (cl, OCL_F32, 2, count, dim);

  ocl_tensor_fill (cl, rows, 0);
  ocl_tensor_copy (cl, real, text);
  ocl_linear (cl, hidden, rows, t->text_in, &(OclEpilogue) {
      .activation = OCL_ACTIVATION_GELU_TANH});
  ocl_linear (cl, y, hidden, t->text_out, NULL);
  return y;
}

static OclKeyValues *
cross_key_values (Transformer * t, const TransformerBlock * b, OclTensor * text)
{
  OclContext *cl = t->cl;
  gsize n = text->rows, dim = t->config.dim;
  g_autoptr (OclTensor) both = ocl_tensor_new (cl, OCL_F32, 2, n, 2 * dim);
  g_autoptr (OclTensor) k = ocl_tensor_columns (both, 0, dim);
  g_autoptr (OclTensor) v = ocl_tensor_columns (both, dim, dim);
  OclKeyValues *kv =
      ocl_key_values_new (cl, n, t->config.heads, t->config.head_size,
      t->precision);

  ocl_linear (cl, both, text, b->cross_kv, NULL);
  ocl_rms_norm (cl, k, k, b->cross_norm_k, t->config.eps);
  ocl_key_values_write (cl, kv, 0, k, v);
  return kv;
}

TextContext *
text_context_new (Transformer * t, OclTensor * text, gsize text_length)
{
  TextContext *context = g_new0 (TextContext, 1);
  gsize padding = text_length > text->rows ? text_length - text->rows : 0;
  g_autoptr (OclTensor) embedded = NULL;

  context->count = text->rows + (padding > 0);
  context->n_layers = t->config.n_layers;
  context->kv = g_new0 (OclKeyValues *, context->n_layers);
  if (padding > 0)
    context->key_bias = padding_bias (t->cl, text->rows, padding);
  embedded = embed_text (t, text, context->count);
  for (guint i = 0; i < context->n_layers; i++)
    context->kv[i] = cross_key_values (t, &t->blocks[i], embedded);
  return context;
}

void
text_context_free (TextContext * context)
{
  for (guint i = 0; i < context->n_layers; i++)
    ocl_key_values_free (context->kv[i]);
  g_free (context->kv);
  g_clear_pointer (&context->key_bias, ocl_tensor_unref);
  g_free (context);
}

/* ---- time -------------------------------------------------------------------- */

/* [g, frequencies]: [cos | sin] of t / 10000^(i / half), in float32 as upstream:
 * at t = 999 its rounding shows. */
static OclTensor *
sinusoids (Transformer * t, const float *timesteps, guint g)
{
  gsize n = t->config.frequencies, half = n / 2;
  g_autofree float *values = g_new (float, g * n);
  OclTensor *y = ocl_tensor_new (t->cl, OCL_F32, 2, g, n);

  for (gsize i = 0; i < half; i++) {
    float frequency = expf ((float) -log (10000.0) * (float) i / (float) half);

    for (guint row = 0; row < g; row++) {
      float angle = timesteps[row] * frequency;

      values[row * n + i] = cosf (angle);
      values[row * n + half + i] = sinf (angle);
    }
  }
  ocl_tensor_write (t->cl, y, values);
  return y;
}

/* @temb [g, dim]: what the head adds to its table. Returns [g, 6 dim]: what the
 * blocks add to theirs. */
static OclTensor *
embed_time (Transformer * t, const float *timesteps, guint g, OclTensor * temb)
{
  OclContext *cl = t->cl;
  gsize dim = t->config.dim;
  g_autoptr (OclTensor) waves = sinusoids (t, timesteps, g);
  g_autoptr (OclTensor) hidden = ocl_tensor_new (cl, OCL_F32, 2, g, dim);
  OclTensor *projected = ocl_tensor_new (cl, OCL_F32, 2, g, 6 * dim);

  ocl_linear (cl, hidden, waves, t->time_in, &(OclEpilogue) {
      .activation = OCL_ACTIVATION_SILU});
  ocl_linear (cl, temb, hidden, t->time_out, NULL);
  ocl_activate (cl, hidden, temb, OCL_ACTIVATION_SILU);
  ocl_linear (cl, projected, hidden, t->time_projection, NULL);
  return projected;
}

/* ---- blocks ------------------------------------------------------------------- */

/* One pass of n tokens through the layers. */
typedef struct
{
  TextContext *context;
  TransformerCache *cache;      /* or NULL */
  gsize past;                   /* tokens in it */
  gboolean store;               /* the pass is for what it adds to the cache */
  OclTensor *cosine, *sine;     /* [n, head_size / 2] */
} Pass;

/* The last layer's keys and values are the last thing a storing pass is for. */
static gboolean
is_done (Transformer * t, const Pass * pass, guint layer)
{
  return pass->store && layer + 1 == t->config.n_layers;
}

/* x += gate * out (attention (norm (x), past and norm (x))) */
static void
self_attention (Transformer * t, guint layer, OclTensor * x, const Pass * pass,
    OclTensor * shift, OclTensor * scale, OclTensor * gate)
{
  OclContext *cl = t->cl;
  const TransformerConfig *c = &t->config;
  const TransformerBlock *b = &t->blocks[layer];
  gsize n = x->rows, dim = c->dim;
  g_autoptr (OclTensor) h = ocl_tensor_new (cl, OCL_F32, 2, n, dim);
  g_autoptr (OclTensor) qkv = ocl_tensor_new (cl, OCL_F32, 2, n, 3 * dim);
  g_autoptr (OclTensor) q = ocl_tensor_columns (qkv, 0, dim);
  g_autoptr (OclTensor) k = ocl_tensor_columns (qkv, dim, dim);
  g_autoptr (OclTensor) v = ocl_tensor_columns (qkv, 2 * dim, dim);
  const OclAttentionOptions options = {
    .scale = 1 / sqrt (c->head_size),.count = pass->past + n
  };
  OclKeyValues *kv;

  ocl_layer_norm (cl, h, x, NULL, NULL, shift, scale, c->eps);
  ocl_linear (cl, qkv, h, b->qkv, NULL);
  ocl_rms_norm (cl, q, q, b->norm_q, c->eps);
  ocl_rms_norm (cl, k, k, b->norm_k, c->eps);
  if (pass->store)
    transformer_cache_store (pass->cache, layer, k, v);
  if (is_done (t, pass, layer))
    return;
  ocl_rope (cl, q, q, pass->cosine, pass->sine, c->heads);
  ocl_rope (cl, k, k, pass->cosine, pass->sine, c->heads);
  kv = pass->cache ? transformer_cache_load (pass->cache, layer) : t->kv;
  ocl_key_values_write (cl, kv, pass->past, k, v);
  ocl_attention (cl, h, q, kv, &options);
  ocl_linear (cl, x, h, b->out, &(OclEpilogue) {
      .gate = gate,.residual = x}
  );
}

/* x += out (attention (norm (x), text)) */
static void
cross_attention (Transformer * t, const TransformerBlock * b, OclTensor * x,
    const TextContext * context, guint layer)
{
  OclContext *cl = t->cl;
  const TransformerConfig *c = &t->config;
  gsize n = x->rows, dim = c->dim;
  g_autoptr (OclTensor) h = ocl_tensor_new (cl, OCL_F32, 2, n, dim);
  g_autoptr (OclTensor) q = ocl_tensor_new (cl, OCL_F32, 2, n, dim);
  const OclAttentionOptions options = {
    .scale = 1 / sqrt (c->head_size),.count = context->count,
    .key_bias = context->key_bias
  };

  if (c->cross_attn_norm)
    ocl_layer_norm (cl, h, x, b->cross_norm_weight, b->cross_norm_bias, NULL,
        NULL, c->eps);
  ocl_linear (cl, q, c->cross_attn_norm ? h : x, b->cross_q, NULL);
  ocl_rms_norm (cl, q, q, b->cross_norm_q, c->eps);
  ocl_attention (cl, h, q, context->kv[layer], &options);
  ocl_linear (cl, x, h, b->cross_out, &(OclEpilogue) {
      .residual = x}
  );
}

/* x += gate * ffn (norm (x)), in parts of whole groups. */
static void
feed_forward (Transformer * t, const TransformerBlock * b, OclTensor * x,
    OclTensor * shift, OclTensor * scale, OclTensor * gate)
{
  OclContext *cl = t->cl;
  const TransformerConfig *c = &t->config;
  gsize n = x->rows, groups = gate->rows, most;
  /* With one group, every row may be a part's last. */
  gsize group = groups > 1 ? n / groups : 1;
  g_autoptr (OclTensor) h = ocl_tensor_new (cl, OCL_F32, 2, n, c->dim);
  g_autoptr (OclTensor) hidden = NULL;

  most = HIDDEN_BYTES / sizeof (float) / c->ffn / group * group;
  most = CLAMP (most, group, n);
  hidden = ocl_tensor_new (cl, OCL_F32, 2, most, c->ffn);
  ocl_layer_norm (cl, h, x, NULL, NULL, shift, scale, c->eps);
  for (gsize i = 0; i < n; i += most) {
    gsize count = MIN (most, n - i);
    g_autoptr (OclTensor) in = ocl_tensor_rows (h, i, count);
    g_autoptr (OclTensor) inner = ocl_tensor_rows (hidden, 0, count);
    g_autoptr (OclTensor) out = ocl_tensor_rows (x, i, count);
    g_autoptr (OclTensor) part_gate = groups > 1
        ? ocl_tensor_rows (gate, i / group, count / group)
        : ocl_tensor_ref (gate);

    ocl_linear (cl, inner, in, b->ffn_in, &(OclEpilogue) {
        .activation = OCL_ACTIVATION_GELU_TANH}
    );
    ocl_linear (cl, out, inner, b->ffn_out, &(OclEpilogue) {
        .gate = part_gate,.residual = out}
    );
  }
}

/* @time [g, 6 dim] */
static void
block_forward (Transformer * t, guint layer, OclTensor * x, OclTensor * time,
    const Pass * pass)
{
  const TransformerBlock *b = &t->blocks[layer];
  gsize dim = t->config.dim;
  g_autoptr (OclTensor) e =
      ocl_tensor_new (t->cl, OCL_F32, 2, time->rows, 6 * dim);
  g_autoptr (OclTensor) shift = ocl_tensor_columns (e, 0, dim);
  g_autoptr (OclTensor) scale = ocl_tensor_columns (e, dim, dim);
  g_autoptr (OclTensor) gate = ocl_tensor_columns (e, 2 * dim, dim);
  g_autoptr (OclTensor) c_shift = ocl_tensor_columns (e, 3 * dim, dim);
  g_autoptr (OclTensor) c_scale = ocl_tensor_columns (e, 4 * dim, dim);
  g_autoptr (OclTensor) c_gate = ocl_tensor_columns (e, 5 * dim, dim);

  ocl_add (t->cl, e, time, b->modulation);
  self_attention (t, layer, x, pass, shift, scale, gate);
  if (is_done (t, pass, layer))
    return;
  cross_attention (t, b, x, pass->context, layer);
  feed_forward (t, b, x, c_shift, c_scale, c_gate);
}

/* ---- the whole ----------------------------------------------------------------- */

/* Tokens x [n, dim] to patches [n, patch * channels]. */
static OclTensor *
head_forward (Transformer * t, OclTensor * x, OclTensor * temb)
{
  OclContext *cl = t->cl;
  gsize dim = t->config.dim;
  g_autoptr (OclTensor) shift = ocl_tensor_new (cl, OCL_F32, 2, temb->rows,
      dim);
  g_autoptr (OclTensor) scale = ocl_tensor_new (cl, OCL_F32, 2, temb->rows,
      dim);
  g_autoptr (OclTensor) table_shift =
      ocl_tensor_rows (t->head_modulation, 0, 1);
  g_autoptr (OclTensor) table_scale =
      ocl_tensor_rows (t->head_modulation, 1, 1);
  OclTensor *y = ocl_tensor_new (cl, OCL_F32, 2, x->rows,
      ocl_linear_get_outputs (t->head));

  ocl_add (cl, shift, temb, table_shift);
  ocl_add (cl, scale, temb, table_scale);
  ocl_layer_norm (cl, x, x, NULL, NULL, shift, scale, t->config.eps);
  ocl_linear (cl, y, x, t->head, NULL);
  return y;
}

OclKeyValues *
transformer_key_values_new (Transformer * t, gsize tokens)
{
  return ocl_key_values_new (t->cl, tokens, t->config.heads,
      t->config.head_size, t->precision);
}

/* Tables and storage for f x h x w tokens, kept from one forward to the next. What
 * was made while a cancel was pending has no memory: it is made again. */
static void
prepare (Transformer * t, const TransformerCache * cache, gsize f, gsize h,
    gsize w)
{
  gsize n = f * h * w;

  rope_tables_update (&t->rope, t->cl, t->config.head_size, f, h, w);
  if (t->kv && t->kv_tokens == n)
    return;
  g_clear_pointer (&t->kv, ocl_key_values_free);
  if (cache && cache->layers[0].packed)
    return;
  t->kv = transformer_key_values_new (t, n);
  t->kv_tokens = ocl_context_ok (t->cl) ? n : 0;
}

/* All layers, or those that a storing pass needs. Returns the tokens [n, dim]. */
static OclTensor *
run_pass (Transformer * t, OclTensor * latents, OclTensor * time, Pass * pass)
{
  OclContext *cl = t->cl;
  const TransformerConfig *c = &t->config;
  const guint *p = c->patch;
  const TransformerCache *cache = pass->cache;
  gsize f = latents->dims[1] / p[0], h = latents->dims[2] / p[1];
  gsize w = latents->dims[3] / p[2], n = f * h * w;
  g_autoptr (OclTensor) patches = ocl_tensor_new (cl, OCL_F32, 2, n,
      c->in_channels * p[0] * p[1] * p[2]);
  g_autoptr (OclTensor) cosine = NULL, sine = NULL;
  OclTensor *x = ocl_tensor_new (cl, OCL_F32, 2, n, c->dim);

  prepare (t, cache, cache ? cache->sink + cache->window : f, h, w);
  pass->past = cache ? cache->frames * h * w : 0;
  pass->cosine = cosine = ocl_tensor_rows (t->rope.cosine, pass->past, n);
  pass->sine = sine = ocl_tensor_rows (t->rope.sine, pass->past, n);
  ocl_patchify (cl, patches, latents, p);
  ocl_linear (cl, x, patches, t->patch_embedding, NULL);
  for (int i = 0; i < c->n_layers; i++)
    block_forward (t, i, x, time, pass);
  return x;
}

void
transformer_forward (Transformer * t, OclTensor * velocity, OclTensor * latents,
    const float *timesteps, guint n_timesteps, TextContext * context,
    TransformerCache * cache)
{
  OclContext *cl = t->cl;
  Pass pass = {.context = context,.cache = cache };
  g_autoptr (OclTensor) temb =
      ocl_tensor_new (cl, OCL_F32, 2, n_timesteps, t->config.dim);
  g_autoptr (OclTensor) time = embed_time (t, timesteps, n_timesteps, temb);
  g_autoptr (OclTensor) x = run_pass (t, latents, time, &pass);
  g_autoptr (OclTensor) y = head_forward (t, x, temb);

  ocl_unpatchify (cl, velocity, y, t->config.patch);
}

gboolean
transformer_cache_append (Transformer * t, OclTensor * latents,
    const float *timesteps, guint n_timesteps, TextContext * context,
    TransformerCache * cache, GError ** error)
{
  OclContext *cl = t->cl;
  Pass pass = {.context = context,.cache = cache,.store = TRUE };
  g_autoptr (OclTensor) temb =
      ocl_tensor_new (cl, OCL_F32, 2, n_timesteps, t->config.dim);
  g_autoptr (OclTensor) time = embed_time (t, timesteps, n_timesteps, temb);
  g_autoptr (OclTensor) x = run_pass (t, latents, time, &pass);

  if (!ocl_context_finish (cl, error))
    return FALSE;
  cache->frames += latents->dims[1] / t->config.patch[0];
  return TRUE;
}
