/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bf16-tiles.c: may kernels use the CPU's matrix unit (AMX) for bfloat16?  Only
 * where cpuid says that it exists, the operating system lets this process use
 * its large registers, and the opened device computes right with it. */

#define _GNU_SOURCE             /* syscall() */

#if defined __linux__ && defined __x86_64__
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "context-private.h"

#define SIDE 16
#define DEPTH 32

#if defined __linux__ && defined __x86_64__

#define REQUEST_PERMISSION 0x1023       /* ARCH_REQ_XCOMP_PERM of asm/prctl.h */
#define TILE_DATA 18            /* XFEATURE_XTILEDATA */
#define HAS_TILES (1 << 24)     /* of cpuid leaf 7, edx */
#define HAS_BF16 (1 << 22)

static gboolean
cpu_has_it (void)
{
  guint a, b, c, d;

  return __get_cpuid_count (7, 0, &a, &b, &c, &d)
      && (d & HAS_TILES) && (d & HAS_BF16)
      && syscall (SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

#else

static gboolean
cpu_has_it (void)
{
  return FALSE;
}

#endif

/* sums + a b, of small integers, which bfloat16 holds; b in pairs of rows. */
static gboolean
self_test (OclContext * cl)
{
  float sums[SIDE][SIDE], expected[SIDE][SIDE];
  guint16 a[SIDE][DEPTH], b[DEPTH / 2][SIDE][2];
  const OclSelfTest test = {
    .file = "gemm-tiles.cl",
    .kernel = "tiles",
    .sums = *sums,
    .expected = *expected,
    .n_sums = SIDE * SIDE,
    .a = *a,
    .b = **b,
    .n_pairs = SIDE * DEPTH / 2
  };

  for (int i = 0; i < SIDE; i++)
    for (int j = 0; j < SIDE; j++) {
      expected[i][j] = sums[i][j] = i - j;
      for (int k = 0; k < DEPTH; k++) {
        float x = (i + 3 * k) % 7 - 2, y = (2 * j + k) % 5 - 1;

        ocl_from_float (OCL_BF16, &a[i][k], &x, 1);
        ocl_from_float (OCL_BF16, &b[k / 2][j][k % 2], &y, 1);
        expected[i][j] += x * y;
      }
    }
  return ocl_self_test_passes (cl, &test);
}

void
ocl_context_forget_bf16_tiles (OclContext * cl)
{
  cl->bf16_tiles = FALSE;
}

gboolean
ocl_context_has_bf16_tiles (OclContext * cl)
{
  return ocl_context_has_instruction (cl, &cl->bf16_tiles, cpu_has_it,
      self_test);
}
