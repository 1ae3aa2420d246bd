/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* winograd.c: convolutions of 3 x 3 taps, by any number in time, with a quarter
 * of the multiplications, in float32. */

#include "gemm.h"

/* As in winograd.cl, which is a part of gemm.cl. */
#define TILE OCL_WINOGRAD_ROWS
#define PLACES 36
#define TILES 72
#define DEPTH 64
/* Elements between places, so that they do not all begin in the same lines of
 * the cache. */
#define PADDING 16

/* Tiles that are worth a transform of the weights: in all, and for a work-item
 * where there are many cores. */
#define FEWEST 4
#define FEW 24

gboolean
ocl_winograd_can (OclContext * cl, const OclProduct * product)
{
  return ocl_context_is_cpu (cl) && product->gemm == OCL_GEMM_PACKED
      && product->precision == OCL_PRECISION_FLOAT32
      && product->shape.taps == 3 && product->shape.runs % 3 == 0
      && product->shape.depth % product->lanes == 0;
}

static gsize
in_tiles (gsize size)
{
  return (size + TILE - 1) / TILE;
}

gsize
ocl_winograd_row_bytes (const OclProduct * product, gsize width)
{
  return in_tiles (width) * PLACES * product->depth * sizeof (float) / TILE;
}

/* Against nine multiplications an output, with the tiles' margins, which are
 * left out of y. */
gboolean
ocl_winograd_pays (gsize frames, gsize height, gsize width)
{
  gsize tiles = frames * in_tiles (height) * in_tiles (width);

  return tiles >= FEWEST && tiles * PLACES * 2 <= frames * height * width * 9;
}

/* Tiles of a work-item: as many as leave some work for every core. */
static guint
choose_chunk (OclContext * cl, gsize tiles, gsize panels)
{
  gsize wanted = 4 * ocl_context_get_device (cl)->compute_units;
  gsize splits = (wanted + panels - 1) / panels;
  gsize chunk = CLAMP (tiles / splits, FEW, TILES);

  splits = (tiles + chunk - 1) / chunk;
  return ((tiles + splits - 1) / splits + 11) / 12 * 12;
}

/* Channels of a block: as many as all others, if there are several. */
static guint
block_depth (const OclProduct * product)
{
  gsize lanes = product->lanes, blocks = (product->depth + DEPTH - 1) / DEPTH;

  return (product->depth / lanes + blocks - 1) / blocks * lanes;
}

static OclTensor *
transform_input (OclContext * cl, OclTensor * x, const OclGather * g,
    const OclProduct * product, const size_t *tiles)
{
  static const size_t local[2] = { 1, 1 };
  gsize depth = block_depth (product);
  gsize blocks = (product->depth + depth - 1) / depth;
  OclTensor *to = ocl_tensor_new (cl, OCL_F32, 2, (gsize) PLACES,
      g->frames * tiles[0] * tiles[1] * blocks * depth + PADDING);
  const size_t global[2] = { tiles[0], g->frames };
  const OclArg args[] = {
    OCL_ARG_SOURCE (x), OCL_ARG_SOURCE (g->history),
    OCL_ARG_INT (g->past), OCL_ARG_INT (g->height), OCL_ARG_INT (g->width),
    OCL_ARG_INT (product->depth), OCL_ARG_INT (g->upsample),
    OCL_ARG_INT (g->first_frame), OCL_ARG_INT (g->first_row),
    OCL_ARG_INT (g->pad_left),
    OCL_ARG_TENSOR (to), OCL_ARG_LONG (to->cols), OCL_ARG_INT (tiles[0]),
    OCL_ARG_INT (tiles[1]), OCL_ARG_INT (depth)
  };

  ocl_context_launch (cl, ocl_context_get_kernel (cl, "gemm.cl",
          ocl_packed_lanes (product), "winograd_input"), 2, global, local, args,
      G_N_ELEMENTS (args));
  return to;
}

void
ocl_winograd (OclContext * cl, OclTensor * y, OclTensor * x,
    const OclGather * g, const OclProduct * product, gsize frame_rows,
    const OclEpilogue * e)
{
  static const size_t local[2] = { 1, 1 };
  guint times = product->shape.runs / 3;
  gsize height = g->rows - 2, width = g->columns - 2;
  const size_t tiles[2] = { in_tiles (height), in_tiles (width) };
  gsize of_frame = tiles[0] * tiles[1];
  gsize count = (g->frames - times + 1) * of_frame;
  gsize panels = ocl_packed_panels (product);
  guint chunk = choose_chunk (cl, count, panels);
  const size_t global[2] = { panels, (count + chunk - 1) / chunk };
  g_autoptr (OclTensor) input = transform_input (cl, x, g, product, tiles);
  OclArg args[OCL_N_EPILOGUE_ARGS + 11] = {
    OCL_ARG_TENSOR (input), OCL_ARG_LONG (input->cols),
    OCL_ARG_INT (of_frame), OCL_ARG_INT (tiles[1]),
    OCL_ARG_INT (product->depth), OCL_ARG_INT (block_depth (product)),
    OCL_ARG_INT (times),
    OCL_ARG_MEM (ocl_buffer_mem (product->weights)),
    OCL_ARG_INT (count), OCL_ARG_INT (chunk), OCL_ARG_INT (height)
  };

  ocl_product_epilogue (args + 11, y, product, width, width, frame_rows, e);
  ocl_context_launch (cl, ocl_context_get_kernel (cl, "gemm.cl",
          ocl_packed_lanes (product), "winograd"), 2, global, local, args,
      G_N_ELEMENTS (args));
}
