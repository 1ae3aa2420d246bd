/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* layout.c: elements put in another order: transposition, patches, nearest
 * upsampling. */

#include "ocl-private.h"

static void
launch (OclContext * cl, const char *name, guint n_dims, const size_t *global,
    const OclArg * args, guint n_args)
{
  ocl_context_launch (cl, ocl_context_get_kernel (cl, "plain.cl", "", name),
      n_dims, global, NULL, args, n_args);
}

void
ocl_transpose (OclContext * cl, OclTensor * y, OclTensor * x)
{
  gboolean fits = y->type == OCL_F32 && x->type == OCL_F32
      && y->rows == x->cols && y->cols == x->rows;
  const size_t global[1] = { y->rows };

  if (!ocl_context_require (cl, fits, "transpose", "y", y, "x", x, NULL))
    return;

  const OclArg args[] = {
    OCL_ARG_ROWS (y), OCL_ARG_ROWS (x), OCL_ARG_INT (y->cols)
  };
  launch (cl, "transpose", 1, global, args, G_N_ELEMENTS (args));
}

/* Between x [c, f, h, w] and its tokens, either way. */
static void
patches (OclContext * cl, const char *op, OclTensor * tokens, OclTensor * x,
    const guint patch[3], gboolean back)
{
  gboolean fits = tokens->type == OCL_F32 && x->type == OCL_F32
      && x->n_dims == 4 && ocl_tensor_is_dense (x);
  size_t global[3] = { 0, };
  gsize volume = 1;

  for (guint i = 0; fits && i < 3; i++) {
    fits = patch[i] > 0 && x->dims[1 + i] % patch[i] == 0;
    if (fits) {
      global[2 - i] = x->dims[1 + i] / patch[i];
      volume *= patch[i];
    }
  }
  fits = fits && tokens->rows == global[0] * global[1] * global[2]
  && tokens->cols == x->dims[0] * volume;
  if (!ocl_context_require (cl, fits, op, "tokens", tokens, "x", x, NULL))
    return;

  const OclArg args[] = {
    OCL_ARG_ROWS (tokens), OCL_ARG_AT (x), OCL_ARG_INT (x->dims[0]),
    OCL_ARG_INT (patch[0]), OCL_ARG_INT (patch[1]), OCL_ARG_INT (patch[2]),
    OCL_ARG_INT (back)
  };
  launch (cl, "patchify", 3, global, args, G_N_ELEMENTS (args));
}

void
ocl_patchify (OclContext * cl, OclTensor * tokens, OclTensor * x,
    const guint patch[3])
{
  patches (cl, "patchify", tokens, x, patch, FALSE);
}

void
ocl_unpatchify (OclContext * cl, OclTensor * x, OclTensor * tokens,
    const guint patch[3])
{
  patches (cl, "unpatchify", tokens, x, patch, TRUE);
}

void
ocl_upsample_nearest (OclContext * cl, OclTensor * y, OclTensor * x)
{
  gboolean fits = y->type == OCL_F32 && x->type == OCL_F32 && y->n_dims == 4
      && x->n_dims == 4 && ocl_tensor_is_dense (y) && ocl_tensor_is_dense (x)
      && y->dims[0] == x->dims[0] && y->dims[1] == 2 * x->dims[1]
      && y->dims[2] == 2 * x->dims[2] && y->dims[3] == x->dims[3];

  if (!ocl_context_require (cl, fits, "upsample_nearest", "y", y, "x", x, NULL))
    return;

  const size_t global[2] = { y->dims[2], y->dims[0] * y->dims[1] };
  const OclArg args[] = {
    OCL_ARG_AT (y), OCL_ARG_AT (x), OCL_ARG_INT (y->cols)
  };
  launch (cl, "upsample_nearest", 2, global, args, G_N_ELEMENTS (args));
}
