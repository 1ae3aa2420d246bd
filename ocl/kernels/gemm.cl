/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gemm.cl: products of activations with packed weights, and their epilogues in
 * the same pass.
 *
 * One kernel serves linear layers and convolutions.  The input is a plane of
 * positions `x_stride` elements apart; output row p is the sum, over `runs`, of
 * the dot product of `length` contiguous elements that start at position p plus
 * the run's offset.  A linear layer has one run.  A convolution has one for each
 * (time, height) tap, which spans its taps in width and all channels; its input
 * was padded by gather.cl, and the outputs of the pad columns (`pitch` -
 * `width` at the end of each line of the plane) are left out.
 *
 * Weights: [panels][runs][length][PANEL outputs], zero-padded.  With BF16 they
 * are bfloat16, in pairs along the (even) length: [length / 2][PANEL][2].
 *
 * Options: LANES: floats in a vector register of the device: 16 or 8.
 *          BF16: weights in bfloat16; x rounded to it, but kept as float.
 *          BF16_DOT: x in bfloat16 as well, multiplied by vdpbf16ps, which only
 *          some CPUs have.
 *
 * The device is a CPU: a work-group is one work-item, which walks explicit
 * vectors and keeps ROWS x PANEL sums in registers.  Any other device gets the
 * same result, slowly. */

#include "ahead.cl"
#include "epilogue.cl"
#include "lanes.cl"
#include "plane.cl"

#define PANEL (2 * LANES)       /* outputs in a panel of weights */
#define CHUNK 192               /* positions of one work-item at most */

/* ROWS: positions whose sums fit in registers.
 * PANELS: panels of a work-item at most. */
#if LANES == 16
#define FINISH(sums, ...) \
    finish_panel ((sums).left, (sums).right, __VA_ARGS__)
#define ROWS 12
#define PANELS 8
#else
#define FINISH(sums, ...) \
    finish_half ((float16) ((sums).left, (sums).right), __VA_ARGS__)
#define ROWS 6
#define PANELS 16
#endif

#ifdef BF16
typedef ushort weight_t;
#else
typedef float weight_t;
#endif

#ifdef BF16_DOT
typedef ushort input_t;
#else
typedef float input_t;
#endif

/* Elements of a run that are multiplied before the next positions are taken: the
 * weights stay in the first-level cache meanwhile (20 KB). */
#define BLOCK (20480 / PANEL / (int) sizeof (input_t))

/* The sums of one position. */
typedef struct
{
  floats left, right;
} Sums;

#define SHARE (BLOCK / 10)      /* elements between what is fetched ahead */

/* One step along the length: numbers of x by LANES weights each; in bfloat16,
 * a pair of each. */
#ifdef BF16_DOT
#define STEP 2
#define WEIGHTS uint16
#define ADD_PRODUCT(sum, x, w)                                          \
    __asm__ ("vdpbf16ps %2, %1, %0" : "+v" (sum)                        \
        : "v" ((uint16) *(const uint *) (x)), "v" (w))
#elif defined (BF16)
#define STEP 2
#define WEIGHTS uints
#define ADD_PRODUCT(sum, x, w)                                          \
    sum = fma ((floats) *((x) + 1), AS_FLOATS (w & 0xffff0000),         \
        fma ((floats) *(x), AS_FLOATS (w << 16), sum))
#else
#define STEP 1
#define WEIGHTS floats
#define ADD_PRODUCT(sum, x, w)                                          \
    sum = fma ((floats) *(x), w, sum)
#endif

/* sums[0 ... rows - 1] += x [rows][BLOCK] @ w over @length, without the right
 * half of @w if it is not @wide. @rows and @wide are constants at each call, and
 * the loops have a constant bound as well: they unroll before the function is
 * inlined, and the sums are never in memory. */
__attribute__ ((always_inline)) void
multiply_rows (const int rows, const bool wide, Sums *sums, const input_t *x,
    __global const weight_t *w, int length, Ahead *ahead)
{
  floats left[ROWS], right[ROWS];

#pragma unroll
  for (int i = 0; i < ROWS; i++) {
    left[i] = i < rows ? sums[i].left : 0.0f;
    right[i] = i < rows && wide ? sums[i].right : 0.0f;
  }
  for (int share = 0; share < length; share += SHARE) {
    const int end = min (share + SHARE, length);

    fetch_ahead (ahead, BLOCK * (int) sizeof (input_t));
    for (int k = share; k < end; k += STEP) {
      __global const WEIGHTS *halves = (__global const WEIGHTS *)
          (w + k * PANEL);
      const WEIGHTS wl = halves[0], wr = halves[1];

#pragma unroll
      for (int i = 0; i < ROWS; i++) {
        if (i < rows)
          ADD_PRODUCT (left[i], x + i * BLOCK + k, wl);
        if (i < rows && wide)
          ADD_PRODUCT (right[i], x + i * BLOCK + k, wr);
      }
    }
  }
#pragma unroll
  for (int i = 0; i < ROWS; i++) {
    if (i < rows)
      sums[i].left = left[i];
    if (i < rows && wide)
      sums[i].right = right[i];
  }
}

/* sums [positions] += x [positions][BLOCK] @ w over @length. */
__attribute__ ((always_inline)) void
multiply_positions (const bool wide, Sums *sums, int positions,
    const input_t *x, __global const weight_t *w, int length, Ahead *ahead)
{
  int p = 0;

  for (; p + ROWS <= positions; p += ROWS)
    multiply_rows (ROWS, wide, sums + p, x + p * BLOCK, w, length, ahead);
  for (; p + 4 <= positions; p += 4)
    multiply_rows (4, wide, sums + p, x + p * BLOCK, w, length, ahead);
  for (; p < positions; p++)
    multiply_rows (1, wide, sums + p, x + p * BLOCK, w, length, ahead);
}

/* The same, for a panel whose first @outputs are all there is. */
void
multiply_block (Sums *sums, int positions, const input_t *x,
    __global const weight_t *w, int outputs, int length, Ahead *ahead)
{
  if (outputs > PANEL / 2)
    multiply_positions (true, sums, positions, x, w, length, ahead);
  else
    multiply_positions (false, sums, positions, x, w, length, ahead);
}

/* to [rows][BLOCK] = x over @length. Rows of a matrix often lie a power of two
 * apart, and then push each other out of the cache: their copy does not. Words
 * are copied because vectors of ushort would be copied one by one. */
void
copy_block (input_t *to, __global const input_t *x, long x_stride, int rows,
    int length)
{
  const int words = length * (int) sizeof (input_t) / 4;

  for (int i = 0; i < rows; i++) {
    __global const uint *from = (__global const uint *) (x + i * x_stride);
    uint *copy = (uint *) (to + i * BLOCK);
    int k = 0;

    for (; k + 16 <= words; k += 16)
      vstore16 (vload16 (0, from + k), 0, copy + k);
    for (; k < words; k++)
      copy[k] = from[k];
  }
}

/* Work-item (i, j, f): panels i * group ... of the outputs of positions
 * j * chunk ... of frame f. */
__kernel __attribute__ ((reqd_work_group_size (1, 1, 1))) void
product (__global const input_t *x, PLANE_PARAMETERS, int runs, int length,
    __global const weight_t *weights, int positions, int chunk, int group,
    EPILOGUE_PARAMETERS)
{
  const int panel = get_global_id (0) * group;
  const int panels = min (group, (outputs + PANEL - 1) / PANEL - panel);
  const int first = get_global_id (1) * chunk;
  const int frame = get_global_id (2);
  const int count = min (chunk, positions - first);
  Sums sums[PANELS * CHUNK];
  input_t copy[CHUNK * BLOCK] __attribute__ ((aligned (64)));

  for (int i = 0; i < panels * count; i++)
    sums[i].left = sums[i].right = 0.0f;
  for (int p = 0; p < count; p++)
    for (int i = 0; i < panels; i += 32 / PANEL)
      prefetch_panel (frame, first + p, (panel + i) * PANEL,
          EPILOGUE_ARGUMENTS);
  for (int run = 0; run < runs; run++) {
    __global const input_t *from = x
        + find_run (frame, first, run, PLANE_ARGUMENTS);

    for (int k = 0; k < length; k += BLOCK) {
      const int part = min (BLOCK, length - k);
      const int shares = (part + SHARE - 1) / SHARE
          * ((count + ROWS - 1) / ROWS);
      const int lines = part * PANEL * (int) sizeof (weight_t) / LINE;

      copy_block (copy, from + k, x_stride, count, part);
      for (int i = 0; i < panels; i++) {
        __global const weight_t *w = weights
            + (((panel + i) * (long) runs + run) * length + k) * PANEL;
        __global const weight_t *next = i + 1 < panels
            ? w + (long) runs * length * PANEL
            : weights + ((panel * (long) runs + run) * length + k + BLOCK)
            * PANEL;
        Ahead ahead = { (__global const char *) next,
          (lines + shares - 1) / shares,
          (__global const char *) (from + k + BLOCK),
          x_stride * (long) sizeof (input_t), i + 1 == panels ? count : 0
        };

        multiply_block (sums + i * count, count, copy, w,
            outputs - (panel + i) * PANEL, part, &ahead);
      }
    }
  }
  for (int p = 0; p < count; p++)
    for (int i = 0; i < panels; i++)
      FINISH (sums[i * count + p], frame, first + p, (panel + i) * PANEL,
          EPILOGUE_ARGUMENTS);
}

#ifndef BF16
#include "winograd.cl"
#endif
