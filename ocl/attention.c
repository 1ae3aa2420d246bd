/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attention.c: packed keys and values, and attention over them. */

#include "ocl-private.h"

/* As in both kernels */
#define KEYS 64
#define WIDE 32

/* A file of kernels, and what it says there. */
typedef struct
{
  const char *file;
  guint size;                   /* bytes of a number */
  guint tile;                   /* queries of a tile */
  guint queries;                /* of a work-item at most */
  guint pool;                   /* queries * padded head size at most */
} AttentionKind;

static const AttentionKind floats =
    { "attention.cl", sizeof (float), 12, 48, 12 * 1024 };
static const AttentionKind bf16_tiles =
    { "attention-tiles.cl", 2, 32, 96, 96 * 128 };

struct _OclKeyValues
{
  const AttentionKind *kind;
  gsize capacity;               /* a multiple of KEYS */
  guint heads, head_size;
  guint padded;                 /* head size, to a multiple of WIDE */
  OclBuffer *keys, *values;
  char options[32];             /* of the program */
};

/* Keys that were never written are multiplied and then masked: what happens to
 * be in their memory may be numbers that the processor is slow with. */
static void
clear_keys (OclContext * cl, OclKeyValues * kv, gsize bytes)
{
  static const float zero = 0;
  cl_event event = NULL;
  cl_int status;

  if (!ocl_context_ok (cl))
    return;
  status = clEnqueueFillBuffer (ocl_context_get_queue (cl),
      ocl_buffer_mem (kv->keys), &zero, sizeof zero, 0, bytes, 0, NULL, &event);
  if (ocl_context_check (cl, status, "clearing keys"))
    ocl_context_track (cl, "fill", event);
}

static gboolean
can_hold (const AttentionKind * kind, guint padded)
{
  return padded <= kind->pool / kind->tile;
}

static const AttentionKind *
choose_kind (OclContext * cl, guint padded, OclPrecision precision)
{
  return precision == OCL_PRECISION_BFLOAT16 && can_hold (&bf16_tiles, padded)
      && ocl_context_has_bf16_tiles (cl) ? &bf16_tiles : &floats;
}

OclKeyValues *
ocl_key_values_new (OclContext * cl, gsize capacity, guint heads,
    guint head_size, OclPrecision precision)
{
  OclKeyValues *kv = g_new0 (OclKeyValues, 1);
  gboolean fits = capacity > 0 && capacity <= G_MAXINT / 2 && heads > 0
      && head_size > 0 && can_hold (&floats, head_size);
  gsize key_bytes;

  if (!ocl_context_require (cl, fits, "key_values_new", NULL))
    return kv;
  kv->capacity = (capacity + KEYS - 1) / KEYS * KEYS;
  kv->heads = heads;
  kv->head_size = head_size;
  kv->padded = (head_size + WIDE - 1) / WIDE * WIDE;
  kv->kind = choose_kind (cl, kv->padded, precision);
  g_snprintf (kv->options, sizeof kv->options, "-DPADDED=%u -DLANES=%u",
      kv->padded, ocl_context_get_lanes (cl));
  key_bytes = kv->capacity * heads * kv->kind->size
      * (kv->kind == &floats ? head_size : kv->padded);
  kv->keys = ocl_buffer_new (cl, key_bytes);
  kv->values = ocl_buffer_new (cl,
      kv->capacity * heads * kv->padded * kv->kind->size);
  clear_keys (cl, kv, key_bytes);
  return kv;
}

void
ocl_key_values_free (OclKeyValues * kv)
{
  if (!kv)
    return;
  ocl_buffer_unref (kv->keys);
  ocl_buffer_unref (kv->values);
  g_free (kv);
}

static gboolean
is_matrix (OclTensor * t, gsize rows, gsize cols)
{
  return t->type == OCL_F32 && t->rows == rows && t->cols == cols;
}

#define TENSOR_ARGS(t) OCL_ARG_TENSOR (t), \
    OCL_ARG_LONG ((t) ? ocl_tensor_offset (t) : 0), \
    OCL_ARG_LONG ((t) ? (t)->stride : 0)

void
ocl_key_values_write (OclContext * cl, OclKeyValues * kv, gsize at,
    OclTensor * k, OclTensor * v)
{
  static const size_t local[2] = { 1, 1 };
  gboolean cpu = ocl_context_is_cpu (cl);
  gsize cols = (gsize) kv->heads * kv->head_size;
  gboolean fits = kv->values && is_matrix (k, v->rows, cols)
      && is_matrix (v, k->rows, cols) && k->rows <= kv->capacity
      && at <= kv->capacity - k->rows;
  gsize share = cpu ? KEYS : 1;

  if (!ocl_context_require (cl, fits, "key_values_write", "k", k, "v", v, NULL))
    return;

  const size_t global[2] = {
    (at + k->rows + share - 1) / share - at / share, kv->heads
  };
  const OclArg args[] = {
    TENSOR_ARGS (k), TENSOR_ARGS (v),
    OCL_ARG_MEM (ocl_buffer_mem (kv->keys)),
    OCL_ARG_MEM (ocl_buffer_mem (kv->values)), OCL_ARG_INT (kv->capacity),
    OCL_ARG_INT (kv->head_size), OCL_ARG_INT (at),
    OCL_ARG_INT (k->rows), OCL_ARG_INT (share)
  };
  ocl_context_launch (cl,
      ocl_context_get_kernel (cl, kv->kind->file, kv->options,
          "write_key_values"), 2, global, cpu ? local : NULL, args,
      G_N_ELEMENTS (args));
}

/* Queries of one work-item: whole tiles, as many as its memory holds, but no
 * more than leaves some work for every core. */
static gsize
choose_chunk (OclContext * cl, const OclKeyValues * kv, gsize queries)
{
  gsize wanted = 4 * ocl_context_get_device (cl)->compute_units;
  const AttentionKind *kind = kv->kind;
  gsize n_tiles = (queries + kind->tile - 1) / kind->tile;
  gsize splits = (wanted + kv->heads - 1) / kv->heads;
  gsize most = MIN (kind->pool / kv->padded, kind->queries) / kind->tile;

  return CLAMP (n_tiles / splits, 1, most) * kind->tile;
}

static gboolean
attention_fits (OclTensor * y, OclTensor * q, const OclKeyValues * kv,
    const OclAttentionOptions * o)
{
  gsize cols = (gsize) kv->heads * kv->head_size;

  return kv->values && is_matrix (y, q->rows, cols)
      && is_matrix (q, y->rows, cols) && o->count > 0
      && o->count <= kv->capacity && o->first <= kv->capacity - o->count
      && (!o->key_bias || is_matrix (o->key_bias, 1, o->count))
      && (!o->bias || is_matrix (o->bias, kv->heads * q->rows, o->count));
}

void
ocl_attention (OclContext * cl, OclTensor * y, OclTensor * q, OclKeyValues * kv,
    const OclAttentionOptions * options)
{
  static const size_t local[2] = { 1, 1 };
  gsize chunk;

  if (!ocl_context_require (cl, attention_fits (y, q, kv, options),
          "attention", "y", y, "q", q, "key_bias", options->key_bias, "bias",
          options->bias, NULL))
    return;
  chunk = choose_chunk (cl, kv, q->rows);

  const size_t global[2] = { (q->rows + chunk - 1) / chunk, kv->heads };
  const OclArg args[] = {
    TENSOR_ARGS (y), TENSOR_ARGS (q),
    OCL_ARG_MEM (ocl_buffer_mem (kv->keys)),
    OCL_ARG_MEM (ocl_buffer_mem (kv->values)), OCL_ARG_INT (kv->capacity),
    OCL_ARG_INT (kv->head_size),
    OCL_ARG_INT (q->rows), OCL_ARG_INT (chunk), OCL_ARG_FLOAT (options->scale),
    OCL_ARG_INT (options->first), OCL_ARG_INT (options->count),
    OCL_ARG_TENSOR (options->key_bias),
    OCL_ARG_LONG (options->key_bias ? ocl_tensor_offset (options->key_bias)
        : 0),
    TENSOR_ARGS (options->bias)
  };
  ocl_context_launch (cl,
      ocl_context_get_kernel (cl, kv->kind->file, kv->options, "attention"), 2,
      global, local, args, G_N_ELEMENTS (args));
}
