/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* int16.cl: products of int16 in pairs: one pair of x, an int, by eight of w, each
 * pair's two products added.
 *
 * Option: INT16_DOT: by vpmaddwd, which only some CPUs have; with its self-test.
 * Without, the same numbers, slowly. */

#ifdef INT16_DOT

/* The processor may have it and the compiler aim at a lesser one. */
#ifndef __AVX2__
#error "no AVX2 in the code that is generated here"
#endif

#define MULTIPLY_PAIRS(x, w)                                            \
    as_int8 (__builtin_ia32_pmaddwd256 (as_short16 ((int8) (int) (x)),  \
        as_short16 (w)))

/* Sums of each pair of @a by each of @b. */
__kernel __attribute__ ((reqd_work_group_size (1, 1, 1))) void
int16_dot (__global float *sums, __global const int *a, __global const int *b)
{
  int8 products = 0;

  for (int i = 0; i < 8; i++)
    products += MULTIPLY_PAIRS (a[i], vload8 (0, b));
  vstore8 (vload8 (0, sums) + convert_float8 (products), 0, sums);
}

#else
#define MULTIPLY_PAIRS(x, w)                                            \
    (((int) (x) << 16 >> 16) * ((w) << 16 >> 16)                        \
        + ((int) (x) >> 16) * ((w) >> 16))
#endif
