/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gemm-int16.cl: the products of gemm.cl in int16.
 *
 * Each BLOCK elements of a position become integers of at most X_MAX, with a scale
 * of their own. The weights of an output are integers as well, with one scale, which
 * gemm-int16.c chooses so that no block's sum of products leaves int32: these sums
 * are exact, and they are added up in float.
 *
 * Parameters are those of gemm.cl. Weights: [panels] of float scales [PANEL], then
 * int16 [runs][padded length / GROUP][GROUP / 2][PANEL][2]: of each GROUP elements
 * along the length, which is padded with zeros, j and j + GROUP / 2 are a pair.
 *
 * Option: INT16_DOT: of int16.cl. */

#include "ahead.cl"
#include "epilogue.cl"
#include "plane.cl"
#include "int16.cl"

#define PANEL 16                /* outputs in a panel of weights */
#define PANELS 32               /* panels of a work-item at most */
#define CHUNK 96                /* positions of one work-item at most */
#define ROWS 6                  /* positions whose sums fit in registers */
#define GROUP 16
#define X_MAX 8191

/* Elements of a run that are multiplied before the next positions are taken: the
 * weights (10 KB), and the next ones, stay in the first-level cache meanwhile. */
#define BLOCK 320

/* A block of one position. */
typedef struct
{
  uint pairs[BLOCK / 2];
} Integers;

/* The sums of one position. */
typedef struct
{
  float8 left, right;
} Sums;

/* sums[0 ... rows - 1] += x @ w over @pairs, without the right half of @w if it is
 * not @wide. As in gemm.cl, the loops over a tile have a constant bound. */
__attribute__ ((always_inline)) void
multiply_rows (const int rows, const bool wide, Sums *sums, const Integers *x,
    const float *scales, __global const int8 *w, int pairs, Ahead *ahead)
{
  int8 left[ROWS], right[ROWS];

  fetch_ahead (ahead, BLOCK * (int) sizeof (float));
#pragma unroll
  for (int i = 0; i < ROWS; i++)
    left[i] = right[i] = 0;
#pragma unroll 2
  for (int k = 0; k < pairs; k++) {
    const int8 wl = w[2 * k], wr = w[2 * k + 1];

#pragma unroll
    for (int i = 0; i < ROWS; i++) {
      if (i < rows)
        left[i] += MULTIPLY_PAIRS (x[i].pairs[k], wl);
      if (i < rows && wide)
        right[i] += MULTIPLY_PAIRS (x[i].pairs[k], wr);
    }
  }
#pragma unroll
  for (int i = 0; i < ROWS; i++) {
    if (i < rows)
      sums[i].left = fma (convert_float8 (left[i]), (float8) scales[i],
          sums[i].left);
    if (i < rows && wide)
      sums[i].right = fma (convert_float8 (right[i]), (float8) scales[i],
          sums[i].right);
  }
}

/* sums [positions] += x [positions] @ w over @pairs. */
__attribute__ ((always_inline)) void
multiply_positions (const bool wide, Sums *sums, int positions,
    const Integers *x, const float *scales, __global const int8 *w, int pairs,
    Ahead *ahead)
{
  int p = 0;

  for (; p + ROWS <= positions; p += ROWS)
    multiply_rows (ROWS, wide, sums + p, x + p, scales + p, w, pairs, ahead);
  for (; p + 4 <= positions; p += 4)
    multiply_rows (4, wide, sums + p, x + p, scales + p, w, pairs, ahead);
  for (; p < positions; p++)
    multiply_rows (1, wide, sums + p, x + p, scales + p, w, pairs, ahead);
}

/* The same, for a panel whose first @outputs are all there is. */
void
multiply_block (Sums *sums, int positions, const Integers *x,
    const float *scales, __global const int8 *w, int outputs, int pairs,
    Ahead *ahead)
{
  if (outputs > PANEL / 2)
    multiply_positions (true, sums, positions, x, scales, w, pairs, ahead);
  else
    multiply_positions (false, sums, positions, x, scales, w, pairs, ahead);
}

/* The greatest magnitude of @length numbers; NaN if one is not finite. The bits of
 * magnitudes are in their order, then come infinity's and those of NaN. */
float
find_most (__global const float *x, int length)
{
  int16 highest = 0;

  for (int k = 0; k < length; k += GROUP) {
    const int16 bits = as_int16 (load_some (x + k, length - k)) & 0x7fffffff;

    highest = bits > highest ? bits : highest;
  }
  const int8 a = max (highest.lo, highest.hi);
  const int4 b = max (a.lo, a.hi);
  const int2 c = max (b.lo, b.hi);
  const int most = max (c.x, c.y);

  return most < 0x7f800000 ? as_float (most) : NAN;
}

/* X_MAX / x of less than this may not be finite: smaller numbers lose bits. */
#define LEAST 0x1p-110f

/* to = x over @length, padded with zeros; returns what a unit of it is worth. */
float
quantise (Integers *to, __global const float *x, int length)
{
  const float most = find_most (x, length);
  const float full = fmax (most, LEAST);
  const float16 units = X_MAX / full;

  for (int k = 0; k < length; k += GROUP) {
    const float16 v = load_some (x + k, length - k);
    const uint16 n = as_uint16 (fma (v, units, (float16) ROUNDER));

    vstore8 ((n.lo & 0xffff) | (n.hi << 16), 0, to->pairs + k / 2);
  }
  return isnan (most) ? NAN : full / X_MAX;
}

/* The rows of y that positions @first ... give; -1 if none. */
void
find_rows (long *rows, int frame, int first, int count, EPILOGUE_PARAMETERS)
{
  for (int p = 0; p < count; p++)
    rows[p] = output_row (frame, first + p, pitch, width, y_frame_rows);
}

/* y = sums * scales, with what follows, for the panel that begins at @column. */
void
finish_sums (const Sums *sums, __global const float *scales, const long *rows,
    int count, int column, EPILOGUE_PARAMETERS)
{
  const float16 scale = vload16 (0, scales);

  for (int p = 0; p < count; p++)
    if (rows[p] >= 0)
      finish_some ((float16) (sums[p].left, sums[p].right) * scale, rows[p],
          column, EPILOGUE_ARGUMENTS);
}

/* As product() of gemm.cl. */
__kernel __attribute__ ((reqd_work_group_size (1, 1, 1))) void
product (__global const float *x, PLANE_PARAMETERS, int runs, int length,
    __global const int *weights, int positions, int chunk, int group,
    EPILOGUE_PARAMETERS)
{
  const int panel = get_global_id (0) * group;
  const int panels = min (group, (outputs + PANEL - 1) / PANEL - panel);
  const int first = get_global_id (1) * chunk;
  const int frame = get_global_id (2);
  const int count = min (chunk, positions - first);
  const int tiles = (count + ROWS - 1) / ROWS;
  const int padded = (length + GROUP - 1) / GROUP * GROUP;
  const long panel_size = PANEL + runs * (long) padded / 2 * PANEL;
  Sums sums[PANELS * CHUNK];
  Integers copy[CHUNK] __attribute__ ((aligned (64)));
  float scales[CHUNK];
  long rows[CHUNK];

  weights += panel * panel_size;
  find_rows (rows, frame, first, count, EPILOGUE_ARGUMENTS);
  for (int run = 0; run < runs; run++) {
    __global const float *from = x
        + find_run (frame, first, run, PLANE_ARGUMENTS);

    for (int k = 0; k < length; k += BLOCK) {
      const int part = min (BLOCK, padded - k);
      const bool last = run + 1 == runs && k + BLOCK >= length;

      for (int p = 0; p < count; p++)
        scales[p] = quantise (copy + p, from + k + p * x_stride,
            min (BLOCK, length - k));
      for (int i = 0; i < panels; i++) {
        __global const int *start = weights + i * panel_size;
        __global const int *w = start + PANEL
            + (run * (long) padded + k) / 2 * PANEL;
        Sums *to = sums + i * count;
        const int next = i * count / panels;
        Ahead ahead = { (__global const char *) (w + (i + 1 < panels
                ? panel_size : BLOCK / 2 * PANEL - i * panel_size)),
          (part * PANEL * 2 / LINE + tiles - 1) / tiles,
          (__global const char *) (from + k + BLOCK + next * x_stride),
          x_stride * (long) sizeof (float),
          k + BLOCK < length ? (i + 1) * count / panels - next : 0
        };

        for (int p = 0; run + k == 0 && p < count; p++)
          to[p].left = to[p].right = 0.0f;
        multiply_block (to, count, copy, scales, (__global const int8 *) w,
            outputs - (panel + i) * PANEL, part / 2, &ahead);
        if (last)
          finish_sums (to, (__global const float *) start, rows, count,
              (panel + i) * PANEL, EPILOGUE_ARGUMENTS);
      }
    }
  }
}
