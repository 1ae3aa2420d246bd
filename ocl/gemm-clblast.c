/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gemm-clblast.c: products by CLBlast, in float32; weights in bfloat16 stay so
 * on the device and are widened when they are used. */

#include "context-private.h"
#include "gemm.h"

#include <clblast_c.h>

/* Bytes of weights that are widened at a time. */
#define WIDE_BYTES (64 << 20)

/* ---- weights: [runs][taps][outputs][depth] ------------------------------------ */

static gsize
tap_size (const OclProduct * product)
{
  return product->shape.outputs * product->depth;
}

gsize
ocl_clblast_bytes (const OclProduct * product)
{
  gsize size = product->precision == OCL_PRECISION_BFLOAT16 ? 2 : 4;

  return product->shape.runs * product->shape.taps * tap_size (product) * size;
}

void
ocl_clblast_fill (const OclProduct * product, void *to, OclProductRow row,
    gpointer data)
{
  const OclProductShape *s = &product->shape;
  gsize taps = s->runs * s->taps;
  OclType type = product->precision == OCL_PRECISION_BFLOAT16 ? OCL_BF16
      : OCL_F32;
  g_autofree float *values = g_new0 (float, taps * s->depth);

  for (gsize o = 0; o < s->outputs; o++) {
    row (data, o, values);
    for (gsize tap = 0; tap < taps; tap++)
      ocl_from_float (type, (guint8 *) to
          + (tap * tap_size (product) + o * s->depth) * ocl_type_size (type),
          values + tap * s->depth, s->depth);
  }
}

/* ---- life ------------------------------------------------------------------- */

void
ocl_clblast_forget (OclContext * cl)
{
  if (ocl_context_get_gemm (cl) == OCL_GEMM_CLBLAST)
    CLBlastClearCache ();
}

/* ---- products -------------------------------------------------------------------- */

/* A product of matrices: sums [rows, columns] (+)= x [rows, depth] *
 * transposed weights [columns, depth]. Sizes are in elements. */
typedef struct
{
  gsize rows, columns, depth;
  cl_mem x, weights, sums;
  gsize x_offset, x_stride, weights_offset, sums_offset, sums_stride;
  gboolean add;
} Matrices;

static void
multiply (OclContext * cl, const Matrices * m)
{
  cl_command_queue queue = ocl_context_get_queue (cl);
  cl_event event = NULL;
  CLBlastStatusCode status;

  if (!ocl_context_ok (cl))
    return;
  status = CLBlastSgemm (CLBlastLayoutRowMajor, CLBlastTransposeNo,
      CLBlastTransposeYes, m->rows, m->columns, m->depth, 1.0f, m->x,
      m->x_offset, m->x_stride, m->weights, m->weights_offset, m->depth,
      m->add ? 1.0f : 0.0f, m->sums, m->sums_offset, m->sums_stride, &queue,
      &event);
  if (status == CLBlastSuccess)
    ocl_context_track (cl, "CLBlastSgemm", event);
  else
    ocl_context_set_error (cl, OCL_ERROR_DEVICE_LOST,
        "CLBlast: product of %" G_GSIZE_FORMAT " x %" G_GSIZE_FORMAT " x %"
        G_GSIZE_FORMAT ": error %d", m->rows, m->columns, m->depth, status);
}

/* As multiply(), with the bfloat16 weights widened in blocks of outputs. */
static void
multiply_bf16 (OclContext * cl, const Matrices * all)
{
  gsize block = MAX (WIDE_BYTES / sizeof (float) / all->depth, 1);
  g_autoptr (OclTensor) wide = ocl_tensor_new (cl, OCL_F32, 2,
      MIN (block, all->columns), all->depth);

  for (gsize first = 0; first < all->columns; first += block) {
    Matrices m = *all;
    size_t n;

    m.columns = MIN (block, all->columns - first);
    n = m.columns * m.depth;
    m.weights = ocl_tensor_mem (wide);
    m.weights_offset = 0;
    m.sums_offset += first;

    const OclArg args[] = {
      OCL_ARG_MEM (all->weights),
      OCL_ARG_LONG (all->weights_offset + first * m.depth),
      OCL_ARG_TENSOR (wide)
    };
    ocl_context_launch (cl,
        ocl_context_get_kernel (cl, "finish.cl", "", "widen"), 1, &n, NULL,
        args, G_N_ELEMENTS (args));
    multiply (cl, &m);
  }
}

/* Where tap @tap of run @run begins to read. */
static gsize
tap_offset (const OclPlane * x, const OclProduct * product, guint run,
    guint tap)
{
  guint line = run % x->lines;

  return x->offset + run / x->lines * x->frame_stride
      + line / x->step * x->line_stride + line % x->step * x->step_stride
      + tap * product->depth;
}

static void
finish (OclContext * cl, OclTensor * sums, const OclPlane * x, guint stored,
    const OclProduct * product, const OclArg * epilogue, guint n_epilogue)
{
  const size_t global[3] = {
    (product->shape.outputs + 15) / 16, x->positions, x->frames
  };
  OclArg args[30] = { OCL_ARG_TENSOR (sums), OCL_ARG_INT (stored) };

  for (guint i = 0; i < n_epilogue; i++)
    args[2 + i] = epilogue[i];
  ocl_context_launch (cl,
      ocl_context_get_kernel (cl, "finish.cl", "", "finish"), 3, global, NULL,
      args, 2 + n_epilogue);
}

/* The frames of a plane are one matrix, with those rows at the end of a frame
 * that give no output: one product a tap serves all. */
void
ocl_clblast_product (OclContext * cl, OclTensor * y, const OclPlane * x,
    const OclProduct * product, const OclArg * epilogue, guint n_epilogue)
{
  const OclProductShape *s = &product->shape;
  guint stored = x->frames > 1 ? x->frame_stride / x->position_stride
      : x->positions;
  gsize rows = (gsize) (x->frames - 1) * stored + x->positions;
  g_autoptr (OclTensor) sums =
      ocl_tensor_new (cl, OCL_F32, 2, rows, s->outputs);
  Matrices m = { rows, s->outputs, product->depth, x->mem,
    ocl_buffer_mem (product->weights), ocl_tensor_mem (sums)
  };

  m.x_stride = x->position_stride;
  m.sums_stride = s->outputs;
  for (guint run = 0; run < s->runs; run++)
    for (guint tap = 0; tap < s->taps; tap++) {
      m.x_offset = tap_offset (x, product, run, tap);
      m.weights_offset = (run * s->taps + tap) * tap_size (product);
      m.add = run + tap > 0;
      if (product->precision == OCL_PRECISION_BFLOAT16)
        multiply_bf16 (cl, &m);
      else
        multiply (cl, &m);
    }
  finish (cl, sums, x, stored, product, epilogue, n_epilogue);
}
