/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vae-layout.c: between channels and time or space, as the Wan 2.2 VAE lays
 * them out. */

#include "ocl-private.h"

static gboolean
is_image (OclTensor * t)
{
  return t->type == OCL_F32 && t->n_dims == 4 && ocl_tensor_is_dense (t);
}

void
ocl_duplicate_up (OclContext * cl, OclTensor * y, OclTensor * x, guint factor_t,
    guint skip)
{
  gsize made = y->cols * factor_t * 4;
  gboolean fits = is_image (y) && is_image (x) && skip < factor_t
      && y->dims[0] + skip == x->dims[0] * factor_t
      && y->dims[1] == 2 * x->dims[1] && y->dims[2] == 2 * x->dims[2]
      && x->cols > 0 && made % x->cols == 0;

  if (!ocl_context_require (cl, fits, "duplicate_up", "y", y, "x", x, NULL))
    return;

  const size_t share = ocl_context_is_cpu (cl) ? y->dims[2] : 1;
  const size_t global[2] = { y->dims[2] / share, y->dims[0] * y->dims[1] };
  const OclArg args[] = {
    OCL_ARG_AT (y), OCL_ARG_AT (x),
    OCL_ARG_INT (x->dims[1]), OCL_ARG_INT (x->dims[2]),
    OCL_ARG_INT (x->cols), OCL_ARG_INT (y->cols), OCL_ARG_INT (factor_t),
    OCL_ARG_INT (skip), OCL_ARG_INT (made / x->cols), OCL_ARG_INT (share)
  };
  ocl_context_launch (cl,
      ocl_context_get_kernel (cl, "plain.cl", "", "duplicate_up"), 2, global,
      NULL, args, G_N_ELEMENTS (args));
}

void
ocl_depth_to_space (OclContext * cl, OclTensor * y, OclTensor * x, guint p)
{
  gboolean fits = is_image (y) && is_image (x) && y->dims[0] == x->dims[0]
      && y->dims[1] == x->dims[1] * p && y->dims[2] == x->dims[2] * p
      && x->cols == y->cols * p * p;
  const size_t global[2] = { y->dims[2], y->dims[0] * y->dims[1] };

  if (!ocl_context_require (cl, fits, "depth_to_space", "y", y, "x", x, NULL))
    return;

  const OclArg args[] = {
    OCL_ARG_AT (y), OCL_ARG_AT (x),
    OCL_ARG_INT (y->cols), OCL_ARG_INT (p)
  };
  ocl_context_launch (cl,
      ocl_context_get_kernel (cl, "plain.cl", "", "depth_to_space"), 2, global,
      NULL, args, G_N_ELEMENTS (args));
}
