/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gemm-packed.c: products by our own kernel, with weights packed in panels. */

#include "gemm.h"

/* As in kernels/gemm.cl */
#define PANEL 32
#define ROWS 12
#define TILE_ROWS 32            /* of gemm-tiles.cl */
#define TILE_CHUNK 320
#define CHUNK 192
#define PANELS 8

static gsize
n_panels (const OclProduct * product)
{
  return (product->shape.outputs + PANEL - 1) / PANEL;
}

/* Elements of one output, padded. */
static gsize
row_length (const OclProduct * product)
{
  return product->shape.runs * product->shape.taps * product->depth;
}

gsize
ocl_packed_bytes (const OclProduct * product)
{
  gsize size = product->precision == OCL_PRECISION_BFLOAT16 ? 2 : 4;

  return n_panels (product) * PANEL * row_length (product) * size;
}

/* Output @column of a panel; panels of float are [length][32]. */
static void
scatter_f32 (float *panel, guint column, const float *row, gsize n)
{
  for (gsize k = 0; k < n; k++)
    panel[k * PANEL + column] = row[k];
}

/* Panels of bfloat16 are [length / 2][32][2]: a pair is one element. Positions
 * have @depth numbers in @row, @padded in the panel. */
static void
scatter_bf16 (guint32 * panel, guint column, const float *row, gsize positions,
    gsize depth, gsize padded)
{
  for (gsize p = 0; p < positions; p++) {
    for (gsize d = 0; d < padded; d += 2) {
      const float pair[2] = {
        d < depth ? row[d] : 0, d + 1 < depth ? row[d + 1] : 0
      };

      ocl_from_float (OCL_BF16, panel + column, pair, 2);
      panel += PANEL;
    }
    row += depth;
  }
}

void
ocl_packed_fill (const OclProduct * product, void *to, OclProductRow row,
    gpointer data)
{
  const OclProductShape *s = &product->shape;
  gsize length = row_length (product);
  gboolean bf16 = product->precision == OCL_PRECISION_BFLOAT16;
  gsize panel_bytes = PANEL * length * (bf16 ? 2 : 4);
  g_autofree float *values = g_new0 (float, length);

  for (gsize o = 0; o < n_panels (product) * PANEL; o++) {
    void *panel = (guint8 *) to + o / PANEL * panel_bytes;

    if (o < s->outputs)
      row (data, o, values);
    else
      for (gsize i = 0; i < length; i++)
        values[i] = 0;
    if (bf16)
      scatter_bf16 (panel, o % PANEL, values, s->runs * s->taps, s->depth,
          product->depth);
    else
      scatter_f32 (panel, o % PANEL, values, length);
  }
}

/* What one work-item does. */
typedef struct
{
  guint chunk;                  /* positions */
  guint group;                  /* panels */
} Share;

/* Full tiles of many positions and panels, which make the most of what is in the
 * cache, but no more than leaves some work for every core. */
static Share
choose_share (OclContext * cl, const OclProduct * product, guint positions,
    guint frames)
{
  gsize wanted = 4 * ocl_context_get_device (cl)->compute_units;
  guint rows = product->tiles ? TILE_ROWS : ROWS;
  guint most = product->tiles ? TILE_CHUNK : CHUNK;
  gsize panels = n_panels (product);
  gsize tiles = (positions + rows - 1) / rows;
  gsize splits = (wanted + panels * frames - 1) / (panels * frames);
  Share share = { MIN ((tiles + splits - 1) / splits * rows, most), 1 };
  gsize items = panels * frames * ((positions + share.chunk - 1) / share.chunk);

  if (!product->tiles)
    share.group = CLAMP (items / wanted, 1, PANELS);
  return share;
}

static const char *
program_options (const OclProduct * product)
{
  if (product->tiles)
    return "";
  if (product->dot)
    return "-DBF16 -DBF16_DOT";
  return product->precision == OCL_PRECISION_BFLOAT16 ? "-DBF16" : "";
}

void
ocl_packed_product (OclContext * cl, OclTensor * y, const OclPlane * x,
    const OclProduct * product, const OclArg * epilogue, guint n_epilogue)
{
  static const size_t local[3] = { 1, 1, 1 };
  Share share = choose_share (cl, product, x->positions, x->frames);
  const size_t global[3] = {
    (n_panels (product) + share.group - 1) / share.group,
    (x->positions + share.chunk - 1) / share.chunk, x->frames
  };
  OclArg args[40] = {
    OCL_ARG_MEM (x->mem), OCL_ARG_LONG (x->offset),
    OCL_ARG_LONG (x->position_stride), OCL_ARG_LONG (x->frame_stride),
    OCL_ARG_LONG (x->line_stride), OCL_ARG_LONG (x->step_stride),
    OCL_ARG_INT (x->step), OCL_ARG_INT (x->lines),
    OCL_ARG_INT (product->shape.runs),
    OCL_ARG_INT (product->shape.taps * product->depth),
    OCL_ARG_MEM (ocl_buffer_mem (product->weights)),
    OCL_ARG_INT (x->positions), OCL_ARG_INT (share.chunk),
    OCL_ARG_INT (share.group)
  };
  const guint n = 14;

  for (guint i = 0; i < n_epilogue; i++)
    args[n + i] = epilogue[i];
  ocl_context_launch (cl,
      ocl_context_get_kernel (cl, product->tiles ? "gemm-tiles.cl" : "gemm.cl",
          program_options (product), "product"), 3, global, local, args,
      n + n_epilogue);
}
