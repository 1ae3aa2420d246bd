/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* int16-dot.cl: the self-test of vpmaddwd. */

/* The processor may have it and the compiler aim at a lesser one. */
#ifndef __AVX2__
#error "no AVX2 in the code that is generated here"
#endif

#define INT16_DOT
#include "int16.cl"

/* Sums of each pair of @a by each of @b. */
__kernel __attribute__ ((reqd_work_group_size (1, 1, 1))) void
int16_dot (__global float *sums, __global const int *a, __global const int *b)
{
  int8 products = 0;

  for (int i = 0; i < 8; i++)
    products += MULTIPLY_PAIRS (a[i], vload8 (0, b));
  vstore8 (vload8 (0, sums) + convert_float8 (products), 0, sums);
}
