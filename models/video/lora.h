/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lora.h: low-rank adapters of a transformer (LoRA: Hu et al. 2021, arXiv
 * 2106.09685), to be merged into its weights while they are loaded:
 *
 *     W += strength * alpha / rank * up @ down
 *
 * down [rank, in], up [out, rank]; alpha is the rank where a file is silent.
 * docs/wan.md has the names that tensors may have. */

#pragma once

#include "models/format/format.h"

G_BEGIN_DECLS

/* A file, and how much of it is wanted: 1 is what it was trained for. */
typedef struct
{
  const char *path;
  double strength;
} LoraFile;

typedef struct _Lora Lora;

/* Errors are FORMAT_ERROR's: of the file; of tensors of a kind that is not known;
 * of one without the other that belongs to it; and if nothing in it is for a
 * transformer. What is for a text encoder is left out. */
Lora *lora_open (const LoraFile * file, GError ** error);
/* The same of tensors that are open. Takes a reference. */
Lora *lora_new (TensorStore * store, double strength, GError ** error);
void lora_free (Lora * lora);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Lora, lora_free)

/* Adds what there is for @weight, the tensor @part ("weight" or "bias") of the
 * module that has the names @names (NULL-terminated), to *values: its numbers, of
 * which this makes a copy where there are none yet, and something to be added;
 * g_free(). Errors are of shapes that do not fit, and of numbers that are not
 * finite: *values is of no use then. */
gboolean lora_merge (Lora * lora, const char *const *names, const char *part,
    const OclHostArray * weight, float **values, GError ** error);
/* To be asked at the end: an error that names the first tensor that was added to
 * nothing. */
gboolean lora_check_used (Lora * lora, GError ** error);

G_END_DECLS
