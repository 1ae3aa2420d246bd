/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* transformer-cache.c: what a block-causal transformer remembers of a stream. */

#include "models/video/transformer-private.h"

/* What is remembered is rotated in parts of at most this many bytes. */
#define PART_BYTES (64 << 20)

static void
layer_memory_init (LayerMemory * memory, Transformer * t, gsize tokens,
    gboolean keep_packed)
{
  OclType type = t->precision == OCL_PRECISION_BFLOAT16 ? OCL_BF16 : OCL_F32;

  memory->k = ocl_tensor_new (t->cl, type, 2, tokens, t->config.dim);
  memory->v = ocl_tensor_new (t->cl, type, 2, tokens, t->config.dim);
  if (keep_packed)
    memory->packed = transformer_key_values_new (t, tokens);
}

static void
layer_memory_clear (LayerMemory * memory)
{
  ocl_tensor_unref (memory->k);
  ocl_tensor_unref (memory->v);
  ocl_key_values_free (memory->packed);
}

TransformerCache *
transformer_cache_new (Transformer * t, gsize sink, gsize window, gsize height,
    gsize width, gsize most_packed)
{
  const guint *patch = t->config.patch;
  TransformerCache *cache = g_new0 (TransformerCache, 1);
  gsize n_layers = t->config.n_layers, tokens, packed;

  cache->transformer = t;
  cache->sink = sink / patch[0];
  cache->window = window / patch[0];
  cache->h = height / patch[1];
  cache->w = width / patch[2];
  tokens = (cache->sink + cache->window) * cache->h * cache->w;
  packed = 2 * sizeof (float) * n_layers * t->config.dim * tokens;
  cache->layers = g_new0 (LayerMemory, n_layers);
  for (gsize i = 0; i < n_layers; i++)
    layer_memory_init (&cache->layers[i], t, tokens, packed <= most_packed);
  return cache;
}

void
transformer_cache_free (TransformerCache * cache)
{
  for (gint64 i = 0; i < cache->transformer->config.n_layers; i++)
    layer_memory_clear (&cache->layers[i]);
  g_free (cache->layers);
  g_free (cache);
}

/* Only the first @frames are where they were. */
static void
keep_loaded (TransformerCache * cache, gsize frames)
{
  for (gint64 i = 0; i < cache->transformer->config.n_layers; i++)
    cache->layers[i].loaded = MIN (cache->layers[i].loaded, frames);
}

void
transformer_cache_reset (TransformerCache * cache)
{
  cache->frames = cache->start = 0;
  keep_loaded (cache, 0);
}

gsize
transformer_cache_get_frames (TransformerCache * cache)
{
  return cache->frames * cache->transformer->config.patch[0];
}

void
transformer_cache_make_room (TransformerCache * cache, gsize frames)
{
  gsize most = cache->sink + cache->window;
  gsize wanted = cache->frames + frames / cache->transformer->config.patch[0];

  g_return_if_fail (wanted <= cache->frames + cache->window);
  if (wanted <= most)
    return;
  cache->start = (cache->start + wanted - most) % cache->window;
  cache->frames -= wanted - most;
  keep_loaded (cache, cache->sink);
}

/* ---- keys and values ------------------------------------------------------------ */

/* Frames one after the other in position and in memory. */
typedef struct
{
  gsize position, place, count;
} Run;

/* The run from @position on, ending before @end. */
static Run
run_from (TransformerCache * cache, gsize position, gsize end)
{
  gsize all = cache->sink + cache->window;
  Run run = {.position = position,.place = position };

  if (position >= cache->sink)
    run.place = cache->sink
        + (cache->start + position - cache->sink) % cache->window;
  else if (cache->start > 0)
    all = cache->sink;
  run.count = MIN (all - run.place, end - position);
  return run;
}

/* @count frames of x [frames * h * w, cols] from @first on */
static OclTensor *
frames_of (TransformerCache * cache, OclTensor * x, gsize first, gsize count)
{
  gsize area = cache->h * cache->w;

  return ocl_tensor_rows (x, first * area, count * area);
}

void
transformer_cache_store (TransformerCache * cache, guint layer, OclTensor * k,
    OclTensor * v)
{
  OclContext *cl = cache->transformer->cl;
  gsize end = cache->frames + k->rows / (cache->h * cache->w);
  Run run;

  for (gsize p = cache->frames; p < end; p += run.count) {
    g_autoptr (OclTensor) from_k = NULL, from_v = NULL, to_k = NULL;
    g_autoptr (OclTensor) to_v = NULL;

    run = run_from (cache, p, end);
    from_k = frames_of (cache, k, p - cache->frames, run.count);
    from_v = frames_of (cache, v, p - cache->frames, run.count);
    to_k = frames_of (cache, cache->layers[layer].k, run.place, run.count);
    to_v = frames_of (cache, cache->layers[layer].v, run.place, run.count);
    ocl_cast (cl, to_k, from_k);
    ocl_cast (cl, to_v, from_v);
  }
}

static void
load_run (TransformerCache * cache, const LayerMemory * memory,
    OclKeyValues * kv, const Run * run)
{
  Transformer *t = cache->transformer;
  OclContext *cl = t->cl;
  g_autoptr (OclTensor) k =
      frames_of (cache, memory->k, run->place, run->count);
  g_autoptr (OclTensor) v =
      frames_of (cache, memory->v, run->place, run->count);
  g_autoptr (OclTensor) cosine =
      frames_of (cache, t->rope.cosine, run->position, run->count);
  g_autoptr (OclTensor) sine =
      frames_of (cache, t->rope.sine, run->position, run->count);
  g_autoptr (OclTensor) turned =
      ocl_tensor_new (cl, OCL_F32, 2, k->rows, k->cols);
  g_autoptr (OclTensor) wide = NULL;

  ocl_rope (cl, turned, k, cosine, sine, t->config.heads);
  if (v->type != OCL_F32) {
    wide = ocl_tensor_new (cl, OCL_F32, 2, v->rows, v->cols);
    ocl_cast (cl, wide, v);
  }
  ocl_key_values_write (cl, kv, run->position * cache->h * cache->w, turned,
      wide ? wide : v);
}

OclKeyValues *
transformer_cache_load (TransformerCache * cache, guint layer)
{
  Transformer *t = cache->transformer;
  LayerMemory *memory = &cache->layers[layer];
  OclKeyValues *kv = memory->packed ? memory->packed : t->kv;
  gsize bytes = cache->h * cache->w * t->config.dim * sizeof (float);
  gsize most = MAX (PART_BYTES / bytes, 1);
  Run run;

  for (gsize p = memory->loaded; p < cache->frames; p += run.count) {
    run = run_from (cache, p, MIN (p + most, cache->frames));
    load_run (cache, memory, kv, &run);
  }
  if (memory->packed && ocl_context_ok (t->cl))
    memory->loaded = cache->frames;
  return kv;
}
