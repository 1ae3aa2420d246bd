/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* self-test.c: may kernels use an instruction of the CPU that the OpenCL
 * compiler does not know? */

#include <string.h>

#include "context-private.h"

gboolean
ocl_self_test_passes (OclContext * cl, const OclSelfTest * test)
{
  const size_t one[1] = { 1 };
  g_autoptr (OclTensor) sums = ocl_tensor_new (cl, OCL_F32, 1, test->n_sums);
  g_autoptr (OclTensor) a = ocl_tensor_new (cl, OCL_I32, 1, test->n_pairs);
  g_autoptr (OclTensor) b = ocl_tensor_new (cl, OCL_I32, 1, test->n_pairs);

  ocl_tensor_write (cl, sums, test->sums);
  ocl_tensor_write (cl, a, test->a);
  ocl_tensor_write (cl, b, test->b);

  const OclArg args[] = {
    OCL_ARG_TENSOR (sums), OCL_ARG_TENSOR (a), OCL_ARG_TENSOR (b)
  };
  ocl_context_launch (cl,
      ocl_context_get_kernel (cl, test->file,
          test->options ? test->options : "", test->kernel), 1, one, one,
      args, G_N_ELEMENTS (args));
  return ocl_tensor_read (cl, sums, test->sums, NULL)
      && memcmp (test->sums, test->expected,
      test->n_sums * sizeof *test->sums) == 0;
}

/* A test reads from the device and so clears the pending error: there must be
 * none. A cancel while it runs says nothing about the device. */
gboolean
ocl_context_has_instruction (OclContext * cl, int *result,
    gboolean (*cpu_has_it) (void), gboolean (*self_test) (OclContext * cl))
{
  if (*result < 0 && ocl_context_ok (cl)) {
    gboolean usable = cl->is_pocl && cl->is_cpu && !cl->portable
        && cpu_has_it () && self_test (cl);

    if (usable || ocl_context_ok (cl))
      *result = usable;
  }
  return *result > 0;
}
