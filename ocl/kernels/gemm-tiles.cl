/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gemm-tiles.cl: the products of gemm.cl by the matrix unit of some CPUs (AMX).
 *
 * Parameters and weights are those of gemm.cl with BF16; x is in bfloat16, and
 * the length of runs a multiple of 32.  A work-item takes 32 positions at a time,
 * whose sums with a panel of weights fill four tiles (tiles.cl). */

#include "epilogue.cl"
#include "plane.cl"
#include "tiles.cl"

#define PANEL 32                /* outputs in a panel of weights */
#define ROWS 32                 /* positions whose sums fit in tiles */
#define STEP 32                 /* elements of a run that a tile holds */

/* Adds the products of one run to the tiles. */
void
multiply_upper (__global const ushort *x, long x_stride,
    __global const ushort *w, int length)
{
  for (int k = 0; k < length; k += STEP) {
    __asm__ volatile (
        "tileloadd (%0,%1,1), %%tmm4\n\t"
        "tileloadd (%2,%3,1), %%tmm6\n\t"
        "tdpbf16ps %%tmm6, %%tmm4, %%tmm0\n\t"
        "tileloadd 64(%2,%3,1), %%tmm7\n\t"
        "tdpbf16ps %%tmm7, %%tmm4, %%tmm1"
        : : "r" (x + k), "r" (x_stride * 2), "r" (w + k * PANEL),
        "r" (PANEL * 4L) : "memory");
  }
}

void
multiply_both (__global const ushort *x, long x_stride,
    __global const ushort *w, int length)
{
  for (int k = 0; k < length; k += STEP)
    multiply_tiles ((ulong) (x + k), x_stride * 2, (ulong) (w + k * PANEL),
        PANEL * 4L);
}

/* The tiles go to sums [32][32] and become 0. */
void
take_sums (float *sums, bool lower)
{
  __asm__ volatile (
      "tilestored %%tmm0, (%0,%1,1)\n\t"
      "tilestored %%tmm1, 64(%0,%1,1)\n\t"
      "tilezero %%tmm0\n\t"
      "tilezero %%tmm1" : : "r" (sums), "r" (PANEL * 4L) : "memory");
  if (lower)
    __asm__ volatile (
        "tilestored %%tmm2, (%0,%1,1)\n\t"
        "tilestored %%tmm3, 64(%0,%1,1)\n\t"
        "tilezero %%tmm2\n\t"
        "tilezero %%tmm3" : : "r" (sums + HALF * PANEL), "r" (PANEL * 4L)
        : "memory");
}

/* As product() of gemm.cl. */
__kernel __attribute__ ((reqd_work_group_size (1, 1, 1))) void
product (__global const ushort *x, PLANE_PARAMETERS, int runs, int length,
    __global const ushort *weights, int positions, int chunk, int group,
    EPILOGUE_PARAMETERS)
{
  const int panel = get_global_id (0) * group;
  const int first = get_global_id (1) * chunk;
  const int frame = get_global_id (2);
  const int end = min (first + chunk, positions);
  float sums[ROWS * PANEL] __attribute__ ((aligned (64)));

  configure_tiles (HALF, HALF);
  for (int p = first; p < end; p += ROWS) {
    const int rows = min (ROWS, end - p);
    __global const ushort *w = weights + panel * (long) runs * length * PANEL;

    if (rows < ROWS)
      configure_tiles (min (rows, HALF), max (rows - HALF, 1));
    for (int i = 0; i < rows; i++)
      prefetch_panel (frame, p + i, panel * PANEL, EPILOGUE_ARGUMENTS);
    for (int run = 0; run < runs; run++) {
      __global const ushort *from = x
          + find_run (frame, p, run, PLANE_ARGUMENTS);

      if (rows > HALF)
        multiply_both (from, x_stride, w, length);
      else
        multiply_upper (from, x_stride, w, length);
      w += length * PANEL;
    }
    take_sums (sums, rows > HALF);
    for (int i = 0; i < rows; i++) {
      const float *row = sums + i * PANEL;

      finish_panel (*(const float16 *) row, *(const float16 *) (row + 16),
          frame, p + i, panel * PANEL, EPILOGUE_ARGUMENTS);
    }
  }
  __asm__ volatile ("tilerelease");
}

/* sums [16][16] += a [16][32] @ b [16][16][2], for the self-test. */
__kernel __attribute__ ((reqd_work_group_size (1, 1, 1))) void
tiles (__global float *sums, __global const ushort *a,
    __global const ushort *b)
{
  configure_tiles (HALF, HALF);
  __asm__ volatile (
      "tileloadd (%0,%3,1), %%tmm0\n\t"
      "tileloadd (%1,%3,1), %%tmm4\n\t"
      "tileloadd (%2,%3,1), %%tmm6\n\t"
      "tdpbf16ps %%tmm6, %%tmm4, %%tmm0\n\t"
      "tilestored %%tmm0, (%0,%3,1)\n\t"
      "tilerelease" : : "r" (sums), "r" (a), "r" (b), "r" (64L) : "memory");
}
