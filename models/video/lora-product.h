/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lora-product.h: the rows of up @ down, the two factors of an adapter. */

#pragma once

#include "models/format/format.h"

G_BEGIN_DECLS

/* The factors as floats, filled up with zeros. */
typedef struct
{
  gsize rows, cols;             /* of the product */
  gsize rank;                   /* rounded up */
  gsize stride;                 /* cols, rounded up */
  float *down;                  /* [rank, stride] */
  float *up;                    /* [rows, rank] */
  float *sum;                   /* [stride]: the row that was made last */
} LoraProduct;

/* @down [rank, in, ...], @up [out, rank, ...]; lora_product_clear() */
void lora_product_init (LoraProduct * p, const OclHostArray * down,
    const OclHostArray * up);
void lora_product_clear (LoraProduct * p);
/* Multiplies all of it. */
void lora_product_scale (LoraProduct * p, float factor);
/* Makes row @row, to p->sum. */
void lora_product_row (const LoraProduct * p, gsize row);

G_END_DECLS
