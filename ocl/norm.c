/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* norm.c: norms and softmax over the last dimension. */

#include "ocl-private.h"

#define ROOT_NORM_SHARE 4096    /* elements of a work-item, about */

/* As HAS_* in norm.cl. */
enum
{
  HAS_WEIGHT = 1,
  HAS_BIAS = 2,
  HAS_SHIFT = 4,
  HAS_SCALE = 8
};

/* One row, or one lot of rows, a work-item on a CPU; a work-group elsewhere. */
static void
launch_rows (OclContext * cl, const char *name, gsize rows, const OclArg * args,
    guint n_args)
{
  const size_t lanes = ocl_context_is_cpu (cl) ? 1 : 64;
  const size_t global[2] = { lanes, rows }, local[2] = { lanes, 1 };

  ocl_context_launch (cl, ocl_context_get_kernel (cl, "norm.cl",
          lanes == 1 ? "-DLANES=1" : "-DLANES=64", name),
      2, global, local, args, n_args);
}

/* @t is absent or one row of @cols */
static gboolean
is_vector (OclTensor * t, gsize cols)
{
  return !t || (t->type == OCL_F32 && t->rows == 1 && t->cols == cols);
}

/* @t is absent or has a row for each of some equal groups of @x's rows */
static gboolean
is_modulation (OclTensor * t, OclTensor * x)
{
  return !t || (t->type == OCL_F32 && t->cols == x->cols
      && x->rows % t->rows == 0);
}

void
ocl_layer_norm (OclContext * cl, OclTensor * y, OclTensor * x,
    OclTensor * weight, OclTensor * bias, OclTensor * shift, OclTensor * scale,
    float eps)
{
  gboolean fits = ocl_tensor_same_shape (y, x) && is_vector (weight, x->cols)
      && is_vector (bias, x->cols) && is_modulation (shift, x)
      && is_modulation (scale, x);

  if (!ocl_context_require (cl, fits, "layer_norm", "y", y, "x", x, "weight",
          weight, "bias", bias, "shift", shift, "scale", scale, NULL))
    return;

  const OclArg args[] = {
    OCL_ARG_ROWS (y), OCL_ARG_ROWS (x), OCL_ARG_INT (x->cols),
    OCL_ARG_INT (x->rows), OCL_ARG_AT (weight), OCL_ARG_AT (bias),
    OCL_ARG_ROWS (shift), OCL_ARG_INT (shift ? shift->rows : 1),
    OCL_ARG_ROWS (scale), OCL_ARG_INT (scale ? scale->rows : 1),
    OCL_ARG_INT ((weight ? HAS_WEIGHT : 0) | (bias ? HAS_BIAS : 0)
        | (shift ? HAS_SHIFT : 0) | (scale ? HAS_SCALE : 0)),
    OCL_ARG_FLOAT (eps)
  };
  launch_rows (cl, "layer_norm", x->rows, args, G_N_ELEMENTS (args));
}

/* Rows may be short: a work-item of a CPU takes several, but leaves some for
 * every core. */
static gsize
rows_together (OclContext * cl, OclTensor * x)
{
  gsize items = 8 * ocl_context_get_device (cl)->compute_units;

  if (!ocl_context_is_cpu (cl))
    return 1;
  return MAX (MIN (ROOT_NORM_SHARE / x->cols, x->rows / items), 1);
}

static void
root_norm (OclContext * cl, const char *op, OclTensor * y, OclTensor * x,
    OclTensor * weight, float eps, gboolean channel, OclActivation activation)
{
  gboolean bf16 = channel && y->type == OCL_BF16;
  gboolean fits = (bf16 || y->type == OCL_F32) && x->type == OCL_F32
      && y->rows == x->rows && y->cols == x->cols
      && is_vector (weight, x->cols);

  if (!ocl_context_require (cl, fits, op, "y", y, "x", x, "weight", weight,
          NULL))
    return;

  const gsize share = rows_together (cl, x);
  const OclArg args[] = {
    OCL_ARG_ROWS (y), OCL_ARG_ROWS (x), OCL_ARG_INT (x->rows),
    OCL_ARG_INT (x->cols), OCL_ARG_AT (weight), OCL_ARG_INT (weight != NULL),
    OCL_ARG_FLOAT (eps),
    OCL_ARG_INT (channel), OCL_ARG_INT (activation), OCL_ARG_INT (bf16),
    OCL_ARG_INT (share)
  };
  launch_rows (cl, "root_norm", (x->rows + share - 1) / share, args,
      G_N_ELEMENTS (args));
}

void
ocl_rms_norm (OclContext * cl, OclTensor * y, OclTensor * x, OclTensor * weight,
    float eps)
{
  root_norm (cl, "rms_norm", y, x, weight, eps, FALSE, OCL_ACTIVATION_NONE);
}

void
ocl_channel_norm (OclContext * cl, OclTensor * y, OclTensor * x,
    OclTensor * gamma, OclActivation activation)
{
  root_norm (cl, "channel_norm", y, x, gamma, 0, TRUE, activation);
}

void
ocl_softmax (OclContext * cl, OclTensor * y, OclTensor * x)
{
  if (!ocl_context_require (cl, ocl_tensor_same_shape (y, x), "softmax", "y", y,
          "x", x, NULL))
    return;

  const OclArg args[] = {
    OCL_ARG_ROWS (y), OCL_ARG_ROWS (x), OCL_ARG_INT (x->cols)
  };
  launch_rows (cl, "softmax", x->rows, args, G_N_ELEMENTS (args));
}
