/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bf16-dot.cl: the self-test of vdpbf16ps. PoCL's compiler knows no builtin
 * for it on every CPU that has it; inline assembly works. */

/* The processor may have it and the compiler aim at a lesser one, which has no
 * such registers: then code generation would kill the process. */
#ifndef __AVX512F__
#error "no AVX-512 in the code that is generated here"
#endif

__kernel __attribute__ ((reqd_work_group_size (1, 1, 1))) void
bf16_dot (__global float *sums, __global const int *a, __global const int *b)
{
  float16 sum = vload16 (0, sums);
  const int16 x = vload16 (0, a), y = vload16 (0, b);

  __asm__ ("vdpbf16ps %2, %1, %0": "+v" (sum): "v" (x), "v" (y));
  vstore16 (sum, 0, sums);
}
