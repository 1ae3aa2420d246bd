/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* weights.h: from the tensors of a checkpoint to layers on the device, under
 * the names of diffusers and transformers or of the original releases.
 *
 * Like a context, a loader remembers its first error; what is loaded after
 * that is NULL. */

#pragma once

#include "models/video/lora.h"

G_BEGIN_DECLS typedef struct
{
  const char *diffusers;
  const char *original;
} WeightName;

typedef struct
{
  WeightName block;             /* what the modules of block %u begin with */
  const char *witness;          /* a tensor that only the original releases have */
  /* Modules outside the blocks and within them, ended by NULL. */
  const WeightName *names, *block_names;
} WeightScheme;

typedef struct
{
  OclContext *cl;
  TensorStore *store;
  const WeightScheme *scheme;
  gboolean original;
  const char *prefix;           /* of all names in the store */
  GPtrArray *adapters;          /* Lora, borrowed: all that weights are merged with; or NULL */
  GPtrArray *merged;            /* numbers that weight_get() made */
  GError *error;
} WeightLoader;

/* Called while layers are loaded: @fraction of them are there. To end the
 * loading it cancels the context. */
typedef void (*WeightLoadFunc) (double fraction, gpointer data);

/* Finds out which names @store has. */
void weight_loader_init (WeightLoader * loader, OclContext * cl,
    TensorStore * store, const WeightScheme * scheme);

/* The block that a module belongs to, or none. */
#define WEIGHT_NO_BLOCK (-1)

/* The tensor @part ("weight", "bias" or "") of @module of @block, as it is
 * stored, or, until weight_drop_merged(), as adapters make it; its shape must be
 * @n_dims sizes. FALSE after an error. */
gboolean weight_get (WeightLoader * loader, int block, const char *module,
    const char *part, OclHostArray * array, guint n_dims, ...);
gboolean weight_has (WeightLoader * loader, int block, const char *module,
    const char *part);
/* Gives back the memory of what was merged: once a layer is made of it. */
void weight_drop_merged (WeightLoader * loader);
/* A float32 vector [n], which may be stored with leading dimensions of 1. */
OclTensor *weight_vector (WeightLoader * loader, int block,
    const char *module, const char *part, gsize n);
/* The same as [rows, cols]. */
OclTensor *weight_matrix (WeightLoader * loader, int block,
    const char *module, const char *part, gsize rows, gsize cols);
/* One product of the modules (a NULL-terminated list), each [out, in] with a
 * bias or all without, one after the other along the output. */
OclLinear *
weight_linear (WeightLoader * loader, int block, gsize out,
    gsize in, gboolean bias, OclPrecision precision, ...)
    G_GNUC_NULL_TERMINATED;

G_END_DECLS
