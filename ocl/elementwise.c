/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* elementwise.c: operations on each element, lookup of rows, rotary
 * positions. */

#include "ocl-private.h"

/* Elements that one work-item handles on a CPU: enough to hide what starting
 * it costs. */
#define CPU_BLOCK 2048

/* How a grid of work-items covers [rows, cols]. */
typedef struct
{
  gsize rows, cols;
  gsize block;
} Cover;

/* @flat: the rows follow each other without gaps in all operands, so they are
 * one. */
static Cover
cover (OclContext * cl, OclTensor * t, gboolean flat)
{
  gsize n = t->rows * t->cols;
  gboolean one_row = flat && n <= G_MAXINT;

  return (Cover) {
  .rows = one_row ? 1 : t->rows,.cols = one_row ? n : t->cols,.block =
        ocl_context_is_cpu (cl) ? CPU_BLOCK : 1};
}

static void
launch (OclContext * cl, const char *name, const Cover * c, const OclArg * args,
    guint n_args)
{
  const size_t global[2] = { (c->cols + c->block - 1) / c->block, c->rows };

  ocl_context_launch (cl,
      ocl_context_get_kernel (cl, "plain.cl", "", name), 2, global, NULL,
      args, n_args);
}

static gboolean
both_dense (OclTensor * y, OclTensor * x)
{
  return ocl_tensor_is_dense (y) && ocl_tensor_is_dense (x);
}

void
ocl_activate (OclContext * cl, OclTensor * y, OclTensor * x,
    OclActivation activation)
{
  if (!ocl_context_require (cl, ocl_tensor_same_shape (y, x), "activate", "y",
          y, "x", x, NULL))
    return;

  const Cover c = cover (cl, y, both_dense (y, x));
  const OclArg args[] = {
    OCL_ARG_ROWS (y), OCL_ARG_ROWS (x), OCL_ARG_INT (c.cols),
    OCL_ARG_INT (c.block), OCL_ARG_INT (activation)
  };
  launch (cl, "activate", &c, args, G_N_ELEMENTS (args));
}

void
ocl_affine (OclContext * cl, OclTensor * y, OclTensor * x, float a, float b)
{
  if (!ocl_context_require (cl, ocl_tensor_same_shape (y, x), "affine", "y", y,
          "x", x, NULL))
    return;

  const Cover c = cover (cl, y, both_dense (y, x));
  const OclArg args[] = {
    OCL_ARG_ROWS (y), OCL_ARG_ROWS (x), OCL_ARG_INT (c.cols),
    OCL_ARG_INT (c.block), OCL_ARG_FLOAT (a), OCL_ARG_FLOAT (b)
  };
  launch (cl, "affine", &c, args, G_N_ELEMENTS (args));
}

void
ocl_add (OclContext * cl, OclTensor * y, OclTensor * a, OclTensor * b)
{
  gboolean fits = ocl_tensor_same_shape (y, a) && b->type == OCL_F32
      && b->cols == a->cols && a->rows % MAX (b->rows, 1) == 0;

  if (!ocl_context_require (cl, fits, "add", "y", y, "a", a, "b", b, NULL))
    return;

  const Cover c = cover (cl, y, both_dense (y, a) && ocl_tensor_is_dense (b)
      && b->rows == a->rows);
  const OclArg args[] = {
    OCL_ARG_ROWS (y), OCL_ARG_ROWS (a), OCL_ARG_INT (c.cols),
    OCL_ARG_INT (c.block), OCL_ARG_ROWS (b), OCL_ARG_INT (b->rows),
    OCL_ARG_INT (a->rows)
  };
  launch (cl, "add", &c, args, G_N_ELEMENTS (args));
}

void
ocl_embedding (OclContext * cl, OclTensor * y, OclTensor * table,
    OclTensor * ids)
{
  gboolean fits = y->type == OCL_F32 && table->type == OCL_F32
      && ids->type == OCL_I32 && ocl_tensor_is_dense (ids)
      && y->cols == table->cols && y->rows == ids->rows * ids->cols;

  if (!ocl_context_require (cl, fits, "embedding", "y", y, "table", table,
          "ids", ids, NULL))
    return;

  const Cover c = cover (cl, y, FALSE);
  const OclArg args[] = {
    OCL_ARG_ROWS (y), OCL_ARG_ROWS (table), OCL_ARG_INT (c.cols),
    OCL_ARG_INT (c.block), OCL_ARG_AT (ids), OCL_ARG_INT (table->rows)
  };
  launch (cl, "embedding", &c, args, G_N_ELEMENTS (args));
}

static gboolean
is_number (OclTensor * t)
{
  return t->type == OCL_F32 || t->type == OCL_BF16;
}

void
ocl_cast (OclContext * cl, OclTensor * y, OclTensor * x)
{
  gboolean fits = is_number (y) && is_number (x) && y->rows == x->rows
      && y->cols == x->cols;

  if (!ocl_context_require (cl, fits, "cast", "y", y, "x", x, NULL))
    return;

  const Cover c = cover (cl, y, both_dense (y, x));
  const OclArg args[] = {
    OCL_ARG_ROWS (y), OCL_ARG_ROWS (x), OCL_ARG_INT (c.cols),
    OCL_ARG_INT (c.block), OCL_ARG_INT (y->type == OCL_BF16),
    OCL_ARG_INT (x->type == OCL_BF16)
  };
  launch (cl, "cast", &c, args, G_N_ELEMENTS (args));
}

void
ocl_rope (OclContext * cl, OclTensor * y, OclTensor * x, OclTensor * cosine,
    OclTensor * sine, guint heads)
{
  gboolean fits = y->type == OCL_F32 && is_number (x) && y->rows == x->rows
      && y->cols == x->cols && ocl_tensor_same_shape (cosine, sine)
      && cosine->rows == x->rows && heads > 0
      && x->cols == 2 * cosine->cols * heads;
  const size_t global[2] = { heads, x->rows };

  if (!ocl_context_require (cl, fits, "rope", "y", y, "x", x, "cosine", cosine,
          "sine", sine, NULL))
    return;

  const OclArg args[] = {
    OCL_ARG_ROWS (y), OCL_ARG_ROWS (x), OCL_ARG_ROWS (cosine),
    OCL_ARG_ROWS (sine), OCL_ARG_INT (2 * cosine->cols),
    OCL_ARG_INT (x->type == OCL_BF16)
  };
  ocl_context_launch (cl,
      ocl_context_get_kernel (cl, "plain.cl", "", "rope"), 2, global,
      NULL, args, G_N_ELEMENTS (args));
}
