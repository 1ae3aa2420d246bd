/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bf16-dot.c: may kernels use the CPU's bfloat16 dot product?  Only where cpuid
 * says that it exists (PoCL kills the process if its code generation fails)
 * and the opened device computes right with it. */

#include "context-private.h"

#define LANES 16

static gboolean
cpu_has_it (void)
{
#if defined __x86_64__
  return __builtin_cpu_supports ("avx512bf16");
#else
  return FALSE;
#endif
}

/* Each lane: c + a0 b0 + a1 b1, of small integers, which bfloat16 holds. */
static gboolean
self_test (OclContext * cl)
{
  guint16 a[2 * LANES], b[2 * LANES];
  float sums[LANES], expected[LANES];
  const OclSelfTest test = {
    .file = "bf16-dot.cl",
    .kernel = "bf16_dot",
    .sums = sums,
    .expected = expected,
    .n_sums = LANES,
    .a = a,
    .b = b,
    .n_pairs = LANES
  };

  for (int i = 0; i < LANES; i++) {
    const float x[2] = { i - 7, 2 * i + 1 }, y[2] = { 3 - i, i + 5 };

    sums[i] = i;
    expected[i] = sums[i] + x[0] * y[0] + x[1] * y[1];
    ocl_from_float (OCL_BF16, a + 2 * i, x, 2);
    ocl_from_float (OCL_BF16, b + 2 * i, y, 2);
  }
  return ocl_self_test_passes (cl, &test);
}

gboolean
ocl_context_has_bf16_dot (OclContext * cl)
{
  return ocl_context_has_instruction (cl, &cl->bf16_dot, cpu_has_it, self_test);
}
