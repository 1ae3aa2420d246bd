/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lora-product.c: a row is made in blocks of as many numbers, which compilers make
 * vectors of, from as many ranks at once. */

#include "models/video/lora-product.h"

#include <string.h>

#define BLOCK 16
#define RANKS 4

static gsize
round_up (gsize n, gsize multiple)
{
  return (n + multiple - 1) / multiple * multiple;
}

static gsize
row_length (const OclHostArray * array)
{
  gsize length = 1;

  for (guint i = 1; i < array->n_dims; i++)
    length *= array->dims[i];
  return length;
}

/* The rows of @array, @stride apart, of @rows; g_free() */
static float *
spread_rows (const OclHostArray * array, gsize stride, gsize rows)
{
  float *values = g_new0 (float, rows * stride);
  gsize cols = row_length (array);

  for (gsize i = 0; i < array->dims[0]; i++)
    ocl_host_array_to_float (array, i * cols, cols, values + i * stride);
  return values;
}

void
lora_product_init (LoraProduct * p, const OclHostArray * down,
    const OclHostArray * up)
{
  p->rows = up->dims[0];
  p->cols = row_length (down);
  p->rank = round_up (down->dims[0], RANKS);
  p->stride = round_up (p->cols, BLOCK);
  p->down = spread_rows (down, p->stride, p->rank);
  p->up = spread_rows (up, p->rank, p->rows);
  p->sum = g_new (float, p->stride);
}

void
lora_product_clear (LoraProduct * p)
{
  g_free (p->down);
  g_free (p->up);
  g_free (p->sum);
}

void
lora_product_scale (LoraProduct * p, float factor)
{
  for (gsize i = 0; i < p->rows * p->rank; i++)
    p->up[i] *= factor;
}

/* sum [BLOCK] += up [RANKS] @ down [RANKS, BLOCK], whose rows are @stride apart */
static inline void
add_block (float *restrict sum, const float *restrict up,
    const float *restrict down, gsize stride)
{
  for (gsize j = 0; j < BLOCK; j++)
    sum[j] += up[0] * down[j] + up[1] * down[stride + j]
        + up[2] * down[2 * stride + j] + up[3] * down[3 * stride + j];
}

void
lora_product_row (const LoraProduct * p, gsize row)
{
  const float *up = p->up + row * p->rank;

  memset (p->sum, 0, p->stride * sizeof (float));
  for (gsize r = 0; r < p->rank; r += RANKS)
    for (gsize i = 0; i < p->stride; i += BLOCK)
      add_block (p->sum + i, up + r, p->down + r * p->stride + i, p->stride);
}
