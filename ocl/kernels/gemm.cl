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
 * Weights: [panels][runs][length][32 outputs], zero-padded.  With BF16 they are
 * bfloat16, in pairs along the (even) length: [length / 2][32][2].
 *
 * Options: BF16: weights in bfloat16; x rounded to it, but kept as float.
 *          BF16_DOT: x in bfloat16 as well, multiplied by vdpbf16ps, which only
 *          some CPUs have.
 *
 * The device is a CPU: a work-group is one work-item, which walks explicit
 * vectors and keeps ROWS x 32 sums in registers.  Any other device gets the same
 * result, slowly. */

#include "epilogue.cl"

#define PANEL 32                /* outputs in a panel of weights */
#define ROWS 12                 /* positions whose sums fit in registers */
#define CHUNK 96                /* positions of one work-item at most */
/* Elements of a run that are multiplied before the next positions are taken:
 * the weights stay in the first-level cache meanwhile (24 KB). */
#define BLOCK 192

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

/* The sums of one position. */
typedef struct
{
  float16 left, right;
} Sums;

/* sums[0 ... rows - 1] += x @ w over @length; @rows is a constant at each call,
 * so that the loops over it unroll into registers. */
__attribute__ ((always_inline)) void
multiply_rows (const int rows, Sums *sums, __global const input_t *x,
    long x_stride, __global const weight_t *w, int length)
{
  float16 left[ROWS], right[ROWS];

#pragma unroll
  for (int i = 0; i < rows; i++) {
    left[i] = sums[i].left;
    right[i] = sums[i].right;
  }
#ifdef BF16_DOT
  for (int k = 0; k < length; k += 2) {
    const uint16 wl = *(__global const uint16 *) (w + k * PANEL);
    const uint16 wr = *(__global const uint16 *) (w + k * PANEL + PANEL);
#pragma unroll
    for (int i = 0; i < rows; i++) {
      const uint16 a = *(__global const uint *) (x + i * x_stride + k);
      __asm__ ("vdpbf16ps %2, %1, %0" : "+v" (left[i]) : "v" (a), "v" (wl));
      __asm__ ("vdpbf16ps %2, %1, %0" : "+v" (right[i]) : "v" (a), "v" (wr));
    }
  }
#elif defined (BF16)
  for (int k = 0; k < length; k += 2) {
    const uint16 wl = *(__global const uint16 *) (w + k * PANEL);
    const uint16 wr = *(__global const uint16 *) (w + k * PANEL + PANEL);
    const float16 l0 = as_float16 (wl << 16), l1 = as_float16 (wl & 0xffff0000);
    const float16 r0 = as_float16 (wr << 16), r1 = as_float16 (wr & 0xffff0000);
#pragma unroll
    for (int i = 0; i < rows; i++) {
      const float a0 = x[i * x_stride + k], a1 = x[i * x_stride + k + 1];
      left[i] = fma ((float16) a1, l1, fma ((float16) a0, l0, left[i]));
      right[i] = fma ((float16) a1, r1, fma ((float16) a0, r0, right[i]));
    }
  }
#else
  for (int k = 0; k < length; k++) {
    const float16 wl = *(__global const float16 *) (w + k * PANEL);
    const float16 wr = *(__global const float16 *) (w + k * PANEL + 16);
#pragma unroll
    for (int i = 0; i < rows; i++) {
      const float a = x[i * x_stride + k];
      left[i] = fma ((float16) a, wl, left[i]);
      right[i] = fma ((float16) a, wr, right[i]);
    }
  }
#endif
#pragma unroll
  for (int i = 0; i < rows; i++) {
    sums[i].left = left[i];
    sums[i].right = right[i];
  }
}

/* sums [positions] += x @ w over @length. */
void
multiply_block (Sums *sums, int positions, __global const input_t *x,
    long x_stride, __global const weight_t *w, int length)
{
  int p = 0;

  for (; p + ROWS <= positions; p += ROWS)
    multiply_rows (ROWS, sums + p, x + p * x_stride, x_stride, w, length);
  for (; p + 4 <= positions; p += 4)
    multiply_rows (4, sums + p, x + p * x_stride, x_stride, w, length);
  for (; p < positions; p++)
    multiply_rows (1, sums + p, x + p * x_stride, x_stride, w, length);
}

/* Work-item (i, j, f): panel i of the outputs of positions j * chunk ... of
 * frame f. Run r starts r / lines frames of x further on, and then as line
 * l = r % lines of the taps: of every `step` lines of the input the plane has
 * the first ones, then the second ones, `x_step_stride` further on, and so on. */
__kernel __attribute__ ((reqd_work_group_size (1, 1, 1))) void
product (__global const input_t *x, long x_offset, long x_stride,
    long x_frame_stride, long x_line_stride, long x_step_stride, int step,
    int lines, int runs, int length,
    __global const weight_t *weights, int positions, int chunk,
    EPILOGUE_PARAMETERS)
{
  const int panel = get_global_id (0);
  const int first = get_global_id (1) * chunk;
  const int frame = get_global_id (2);
  const int count = min (chunk, positions - first);
  __global const weight_t *w = weights + panel * (long) runs * length * PANEL;
  Sums sums[CHUNK];

  for (int p = 0; p < count; p++)
    sums[p].left = sums[p].right = 0.0f;
  for (int run = 0; run < runs; run++) {
    __global const input_t *from = x + x_offset + first * x_stride
        + (frame + run / lines) * x_frame_stride
        + run % lines / step * x_line_stride
        + run % lines % step * x_step_stride;

    for (int k = 0; k < length; k += BLOCK) {
      const int part = min (BLOCK, length - k);

      multiply_block (sums, count, from + k, x_stride, w, part);
      w += part * PANEL;
    }
  }
  for (int p = 0; p < count; p++) {
    finish_row (sums[p].left, frame, first + p, panel * PANEL,
        EPILOGUE_ARGUMENTS);
    finish_row (sums[p].right, frame, first + p, panel * PANEL + 16,
        EPILOGUE_ARGUMENTS);
  }
}
