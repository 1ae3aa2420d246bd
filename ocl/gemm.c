/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gemm.c: what the ways to make products have in common: weights on the
 * device, epilogues, and inputs in the form that a product wants. */

#include "gemm.h"

#define PANEL 32                /* biases are padded to a multiple of this */
#define TILE_DEPTH 32           /* positions are for AMX */

/* ---- weights --------------------------------------------------------------- */

static OclTensor *
new_bias (OclContext * cl, const float *bias, gsize n)
{
  gsize padded = (n + PANEL - 1) / PANEL * PANEL;
  g_autofree float *values = g_new0 (float, padded);
  OclTensor *t = ocl_tensor_new (cl, OCL_F32, 1, padded);

  for (gsize i = 0; bias && i < n; i++)
    values[i] = bias[i];
  if (ocl_context_ok (cl))
    ocl_tensor_write (cl, t, values);
  return t;
}

/* Fills the buffer through its mapping: on a CPU device there is then no other
 * copy of the weights, not even for a moment. */
static void
fill_weights (OclContext * cl, OclProduct * product, gsize bytes,
    OclProductRow row, gpointer data)
{
  cl_command_queue queue = ocl_context_get_queue (cl);
  cl_mem mem = ocl_buffer_mem (product->weights);
  cl_int status;
  void *to;

  if (!mem || !ocl_context_ok (cl))
    return;
  to = clEnqueueMapBuffer (queue, mem, CL_TRUE,
      CL_MAP_WRITE_INVALIDATE_REGION, 0, bytes, 0, NULL, NULL, &status);
  if (!ocl_context_check (cl, status, "mapping weights"))
    return;
  if (product->gemm == OCL_GEMM_CLBLAST)
    ocl_clblast_fill (product, to, row, data);
  else
    ocl_packed_fill (product, to, row, data);
  status = clEnqueueUnmapMemObject (queue, mem, to, 0, NULL, NULL);
  ocl_context_check (cl, status, "unmapping weights");
}

static gboolean
has_dot (OclContext * cl, const OclProduct * product)
{
  if (product->precision == OCL_PRECISION_INT16)
    return ocl_context_has_int16_dot (cl);
  return product->precision == OCL_PRECISION_BFLOAT16 && !product->tiles
      && ocl_context_has_bf16_dot (cl);
}

OclProduct *
ocl_product_new (OclContext * cl, const OclProductShape * shape,
    OclProductRow row, gpointer data, const float *bias, OclPrecision precision)
{
  OclProduct *product = g_new0 (OclProduct, 1);
  gsize multiple = 1, bytes;
  gboolean packed, bf16;

  product->shape = *shape;
  product->gemm = ocl_context_get_gemm (cl);
  product->precision = ocl_context_resolve_precision (cl, precision);
  packed = product->gemm == OCL_GEMM_PACKED;
  bf16 = product->precision == OCL_PRECISION_BFLOAT16;
  product->tiles = packed && bf16 && ocl_context_has_bf16_tiles (cl);
  product->dot = packed && has_dot (cl, product);
  product->lanes = bf16 && product->dot ? 16 : ocl_context_get_lanes (cl);
  if (bf16 && packed)
    multiple = product->tiles ? TILE_DEPTH : 2;
  product->depth = (shape->depth + multiple - 1) / multiple * multiple;

  bytes = product->gemm == OCL_GEMM_CLBLAST ? ocl_clblast_bytes (product)
      : ocl_packed_bytes (product);
  product->weights = ocl_buffer_new (cl, bytes);
  product->bias = new_bias (cl, bias, shape->outputs);
  fill_weights (cl, product, bytes, row, data);
  return product;
}

void
ocl_product_free (OclProduct * product)
{
  if (!product)
    return;
  ocl_buffer_unref (product->weights);
  ocl_tensor_unref (product->bias);
  g_free (product);
}

const OclProductShape *
ocl_product_get_shape (const OclProduct * product)
{
  return &product->shape;
}

OclInputFormat
ocl_product_get_format (const OclProduct * product)
{
  if (product->precision != OCL_PRECISION_BFLOAT16)
    return OCL_INPUT_F32;
  return product->dot || product->tiles ? OCL_INPUT_BF16 : OCL_INPUT_ROUNDED;
}

gsize
ocl_product_get_depth (const OclProduct * product)
{
  return product->depth;
}

/* ---- products ---------------------------------------------------------------- */

void
ocl_product_epilogue (OclArg * args, OclTensor * y, const OclProduct * product,
    guint pitch, guint width, gsize frame_rows, const OclEpilogue * e)
{
  const OclArg all[OCL_N_EPILOGUE_ARGS] = {
    OCL_ARG_INT (product->shape.outputs), OCL_ARG_INT (pitch),
    OCL_ARG_INT (width), OCL_ARG_SOURCE (y), OCL_ARG_LONG (frame_rows),
    OCL_ARG_TENSOR (product->bias), OCL_ARG_INT (e->activation),
    OCL_ARG_SOURCE (e->multiply), OCL_ARG_SOURCE (e->gate),
    OCL_ARG_LONG (e->gate ? e->gate->rows : 0), OCL_ARG_LONG (y->rows),
    OCL_ARG_SOURCE (e->residual)
  };

  for (guint i = 0; i < OCL_N_EPILOGUE_ARGS; i++)
    args[i] = all[i];
}

void
ocl_product (OclContext * cl, OclTensor * y, const OclPlane * x,
    gsize frame_rows, const OclProduct * product, const OclEpilogue * epilogue)
{
  static const OclEpilogue none = { OCL_ACTIVATION_NONE };
  OclArg args[OCL_N_EPILOGUE_ARGS];

  if (!ocl_context_ok (cl))
    return;
  ocl_product_epilogue (args, y, product, x->pitch, x->width, frame_rows,
      epilogue ? epilogue : &none);
  if (product->gemm == OCL_GEMM_CLBLAST)
    ocl_clblast_product (cl, y, x, product, args, OCL_N_EPILOGUE_ARGS);
  else
    ocl_packed_product (cl, y, x, product, args, OCL_N_EPILOGUE_ARGS);
}

/* ---- inputs -------------------------------------------------------------------- */

/* Elements that one work-item copies at least, if there are that many. */
#define GATHER_SHARE 4096

OclTensor *
ocl_gather (OclContext * cl, OclTensor * x, const OclGather * g,
    const OclProduct * product)
{
  OclInputFormat format = ocl_product_get_format (product);
  gsize depth = product->depth;
  OclTensor *to = ocl_tensor_new (cl,
      format == OCL_INPUT_BF16 ? OCL_BF16 : OCL_F32, 2,
      (gsize) g->frames * g->rows * g->columns, depth);
  guint share = ocl_context_is_cpu (cl)
      ? CLAMP (GATHER_SHARE / depth, 1, g->columns) : 1;
  const size_t global[3] = {
    (g->columns + share - 1) / share, g->rows, g->frames
  };
  static const size_t local[3] = { 1, 1, 1 };
  const OclArg args[] = {
    OCL_ARG_SOURCE (x), OCL_ARG_SOURCE (g->history),
    OCL_ARG_INT (g->past), OCL_ARG_INT (g->height), OCL_ARG_INT (g->width),
    OCL_ARG_INT (product->shape.depth), OCL_ARG_INT (g->upsample),
    OCL_ARG_INT (g->first_frame), OCL_ARG_INT (g->first_row),
    OCL_ARG_INT (g->step), OCL_ARG_INT (g->rows / g->step),
    OCL_ARG_INT (g->pad_left),
    OCL_ARG_TENSOR (to), OCL_ARG_INT (g->rows), OCL_ARG_INT (g->columns),
    OCL_ARG_INT (depth), OCL_ARG_INT (share), OCL_ARG_INT (format),
    OCL_ARG_INT (x->type == OCL_BF16)
  };

  ocl_context_launch (cl,
      ocl_context_get_kernel (cl, "plain.cl", "", "gather"), 3, global,
      ocl_context_is_cpu (cl) ? local : NULL, args, G_N_ELEMENTS (args));
  return to;
}
