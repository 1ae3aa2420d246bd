/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gemm-packed.c: products by our own kernel, with weights packed in panels. */

#include "gemm.h"

/* As in the kernels: of a panel of weights, a tile of sums, and a work-item. */
typedef struct
{
  guint panel;                  /* outputs */
  guint rows;                   /* positions of a tile */
  guint chunk;                  /* positions of a work-item at most */
  guint group;                  /* panels of a work-item at most */
  guint few;                    /* panels that are worth a copy of the positions */
  guint least;                  /* positions that are worth a pass of the weights */
} Shape;

static const Shape sixteen_lanes = { 32, 12, 192, 8, 1, 12 };
static const Shape eight_lanes = { 16, 6, 192, 16, 4, 6 };
static const Shape int16s = { 16, 6, 96, 32, 32, 24 };  /* gemm-int16.cl */
static const Shape tiles = { 32, 32, 320, 1, 1, 32 };   /* gemm-tiles.cl */

static const Shape *
shape_of (const OclProduct * product)
{
  if (product->tiles)
    return &tiles;
  if (product->precision == OCL_PRECISION_INT16)
    return &int16s;
  return product->lanes == 16 ? &sixteen_lanes : &eight_lanes;
}

gsize
ocl_packed_panels (const OclProduct * product)
{
  guint panel = shape_of (product)->panel;

  return (product->shape.outputs + panel - 1) / panel;
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

  if (product->precision == OCL_PRECISION_INT16)
    return ocl_int16_bytes (product);
  return ocl_packed_panels (product) * shape_of (product)->panel *
      row_length (product) * size;
}

/* One output of a panel; panels of float are [length][outputs]. */
static void
scatter_f32 (float *panel, guint outputs, const float *row, gsize n)
{
  for (gsize k = 0; k < n; k++)
    panel[k * outputs] = row[k];
}

/* Panels of bfloat16 are [length / 2][outputs][2]: a pair is one element.
 * Positions have @depth numbers in @row, @padded in the panel. */
static void
scatter_bf16 (guint32 * panel, guint outputs, const float *row,
    gsize positions, gsize depth, gsize padded)
{
  for (gsize p = 0; p < positions; p++) {
    for (gsize d = 0; d < padded; d += 2) {
      const float pair[2] = {
        d < depth ? row[d] : 0, d + 1 < depth ? row[d + 1] : 0
      };

      ocl_from_float (OCL_BF16, panel, pair, 2);
      panel += outputs;
    }
    row += depth;
  }
}

static void
fill_floats (const OclProduct * product, void *to, OclProductRow row,
    gpointer data)
{
  const OclProductShape *s = &product->shape;
  gsize length = row_length (product);
  gboolean bf16 = product->precision == OCL_PRECISION_BFLOAT16;
  guint n = shape_of (product)->panel;
  gsize panel_bytes = n * length * (bf16 ? 2 : 4);
  g_autofree float *values = g_new0 (float, length);

  for (gsize o = 0; o < ocl_packed_panels (product) * n; o++) {
    guint8 *panel = (guint8 *) to + o / n * panel_bytes;
    void *first = panel + o % n * 4;    /* a float, or a pair */

    if (o < s->outputs)
      row (data, o, values);
    else
      for (gsize i = 0; i < length; i++)
        values[i] = 0;
    if (bf16)
      scatter_bf16 (first, n, values, s->runs * s->taps, s->depth,
          product->depth);
    else
      scatter_f32 (first, n, values, length);
  }
}

void
ocl_packed_fill (const OclProduct * product, void *to, OclProductRow row,
    gpointer data)
{
  if (product->precision == OCL_PRECISION_INT16)
    ocl_int16_fill (product, to, row, data);
  else
    fill_floats (product, to, row, data);
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
  const Shape *shape = shape_of (product);
  guint rows = shape->rows;
  gsize panels = ocl_packed_panels (product);
  gsize n_tiles = (positions + rows - 1) / rows;
  gsize groups = (panels + shape->few - 1) / shape->few * frames;
  gsize splits = (wanted + groups - 1) / groups;
  gsize chunk = (n_tiles + splits - 1) / splits * rows;
  Share share = { CLAMP (chunk, shape->least, shape->chunk) };
  gsize items = panels * frames * ((positions + share.chunk - 1) / share.chunk);

  share.group = CLAMP (items / wanted, 1, shape->group);
  return share;
}

const char *
ocl_packed_lanes (const OclProduct * product)
{
  return product->lanes == 16 ? "-DLANES=16" : "-DLANES=8";
}

static const char *
program_file (const OclProduct * product)
{
  if (product->tiles)
    return "gemm-tiles.cl";
  return product->precision == OCL_PRECISION_INT16 ? "gemm-int16.cl"
      : "gemm.cl";
}

static const char *
program_options (const OclProduct * product)
{
  if (product->tiles)
    return "";
  if (product->precision == OCL_PRECISION_INT16)
    return product->dot ? "-DINT16_DOT" : "";
  if (product->dot)
    return "-DLANES=16 -DBF16 -DBF16_DOT";
  if (product->precision == OCL_PRECISION_BFLOAT16)
    return product->lanes == 16 ? "-DLANES=16 -DBF16" : "-DLANES=8 -DBF16";
  return ocl_packed_lanes (product);
}

void
ocl_packed_product (OclContext * cl, OclTensor * y, const OclPlane * x,
    const OclProduct * product, const OclArg * epilogue, guint n_epilogue)
{
  static const size_t local[3] = { 1, 1, 1 };
  Share share = choose_share (cl, product, x->positions, x->frames);
  const size_t global[3] = {
    (ocl_packed_panels (product) + share.group - 1) / share.group,
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
      ocl_context_get_kernel (cl, program_file (product),
          program_options (product), "product"), 3, global, local, args,
      n + n_epilogue);
}
