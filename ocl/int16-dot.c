/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* int16-dot.c: may kernels use the CPU's products of int16 (vpmaddwd of AVX2)?
 * Only where cpuid says that they exist and the opened device computes right with
 * them. */

#include "context-private.h"

#define PAIRS 8

static gboolean
cpu_has_it (void)
{
#if defined __x86_64__
  return __builtin_cpu_supports ("avx2");
#else
  return FALSE;
#endif
}

/* Integers of 16 bits with either sign, whose sums float holds. */
static gboolean
self_test (OclContext * cl)
{
  gint16 a[PAIRS][2], b[PAIRS][2];
  float sums[PAIRS], expected[PAIRS];
  const OclSelfTest test = {
    .file = "gemm-int16.cl",    /* which will be wanted anyway */
    .options = "-DINT16_DOT",
    .kernel = "int16_dot",
    .sums = sums,
    .expected = expected,
    .n_sums = PAIRS,
    .a = *a,
    .b = *b,
    .n_pairs = PAIRS
  };

  for (int i = 0; i < PAIRS; i++) {
    a[i][0] = 8191 - 2345 * i;
    a[i][1] = 31 * i - 100;
    b[i][0] = 17 * i - 60;
    b[i][1] = 321 * i - 1111;
  }
  for (int j = 0; j < PAIRS; j++) {
    expected[j] = sums[j] = j;
    for (int i = 0; i < PAIRS; i++)
      expected[j] += a[i][0] * b[j][0] + a[i][1] * b[j][1];
  }
  return ocl_self_test_passes (cl, &test);
}

gboolean
ocl_context_has_int16_dot (OclContext * cl)
{
  return ocl_context_has_instruction (cl, &cl->int16_dot, cpu_has_it,
      self_test);
}
