/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* winograd.cl: convolutions of 3 x 3 taps (by any number in time) with a
 * quarter of the multiplications.
 *
 * A tile of 4 x 4 outputs comes from 6 x 6 inputs: Y = A^T [(G g G^T) . (B^T d B)] A,
 * Lavin & Gray 2015, "Fast Algorithms for Convolutional Neural Networks"
 * (arXiv 1509.09308).  What is multiplied are 36 places, each a product of
 * tiles by channels with channels by outputs.  The points are 0, +-sqrt (1/2),
 * +-sqrt 2 and infinity: numbers of about the same size, which lose half as
 * much in float32 as 0, +-1, +-2 (Barabasz et al. 2018, arXiv 1803.10986).
 *
 * Weights are those of gemm.cl, [panels][times][3][3][channels][PANEL outputs]:
 * they are transformed where they are needed, for many tiles at once, so that
 * no larger copy of them exists.
 *
 * A part of gemm.cl's program, for weights of float: PANEL, ROWS are its own. */

#define TILE 4                  /* outputs of a tile, in height and width */
#define PATCH 6                 /* inputs of it */
#define PLACES (PATCH * PATCH)
#define TILES 72                /* tiles of a work-item at most */
#define DEPTH 64                /* channels whose weights lie transformed */
#define PLACE (2 * DEPTH + 2)   /* vectors; not all begin in the same lines of the
                                 * cache */

#define A 0.70710678118654752f  /* the points: +-A, +-B */
#define B 1.41421356237309505f

/* The outputs of a panel at one position. */
#if LANES == 16
#define FINISH_OUTPUTS(left, right, row, column)                        \
    finish_some (left, row, column, EPILOGUE_ARGUMENTS);                \
    finish_some (right, row, column + 16, EPILOGUE_ARGUMENTS)
#else
#define FINISH_OUTPUTS(left, right, row, column) \
    finish_some ((float16) (left, right), row, column, EPILOGUE_ARGUMENTS)
#endif

/* ---- transforms of one line ------------------------------------------------ */

/* to [6] = B^T d [6], `step` vectors apart */
__attribute__ ((always_inline)) void
transform_input (floats *to, int to_step, const floats *d, int step)
{
  const floats d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step];
  const floats d4 = d[4 * step], d5 = d[5 * step];
  const floats even_a = fma ((floats) -2.0f, d2, d4);
  const floats odd_a = fma ((floats) A, d3, -B * d1);
  const floats even_b = fma ((floats) -0.5f, d2, d4);
  const floats odd_b = fma ((floats) B, d3, -A * d1);

  to[0] = fma ((floats) -2.5f, d2, d0 + d4);
  to[to_step] = even_a + odd_a;
  to[2 * to_step] = even_a - odd_a;
  to[3 * to_step] = even_b + odd_b;
  to[4 * to_step] = even_b - odd_b;
  to[5 * to_step] = fma ((floats) -2.5f, d3, d1 + d5);
}

/* to [6] = G g [3] */
__attribute__ ((always_inline)) void
transform_weights (floats *to, int to_step, const floats *g, int step)
{
  const floats g0 = g[0], g1 = g[step], g2 = g[2 * step];
  const floats even_a = fma ((floats) (-1.0f / 3), g2, g0 * (-2.0f / 3));
  const floats odd_a = g1 * (-2.0f / 3 * A);
  const floats even_b = fma ((floats) (1.0f / 3), g2, g0 * (1.0f / 6));
  const floats odd_b = g1 * (1.0f / 6 * B);

  to[0] = g0;
  to[to_step] = even_a + odd_a;
  to[2 * to_step] = even_a - odd_a;
  to[3 * to_step] = even_b + odd_b;
  to[4 * to_step] = even_b - odd_b;
  to[5 * to_step] = g2;
}

/* to [4] = A^T m [6] */
__attribute__ ((always_inline)) void
transform_output (floats *to, int to_step, const floats *m, int step)
{
  const floats sum_a = m[step] + m[2 * step];
  const floats difference_a = m[step] - m[2 * step];
  const floats sum_b = m[3 * step] + m[4 * step];
  const floats difference_b = m[3 * step] - m[4 * step];

  to[0] = m[0] + sum_a + sum_b;
  to[to_step] = fma ((floats) A, difference_a, B * difference_b);
  to[2 * to_step] = fma ((floats) 0.5f, sum_a, 2.0f * sum_b);
  to[3 * to_step] = fma ((floats) (A * A * A), difference_a,
      fma ((floats) (B * B * B), difference_b, m[5 * step]));
}

/* ---- input ------------------------------------------------------------------ */

/* to [PLACES][blocks][frames][lines][columns][depth], places `place_stride`
 * apart: the transformed tiles of frames first_frame ... of (history, x), as
 * gather.cl describes them, in blocks of `depth` channels at most, a multiple of
 * LANES as all channels are.
 * Work-item (j, f): line j of the tiles of frame f. */
__kernel void
winograd_input (__global const float *x, long x_offset, long x_stride,
    __global const float *history, long history_offset, long history_stride,
    int past, int height, int width, int channels, int upsample,
    int first_frame, int first_row, int pad_left,
    __global float *to, long place_stride, int lines, int columns, int depth)
{
  const int frame = first_frame + get_global_id (1);
  const int up = upsample ? 1 : 0;
  const bool is_past = frame < past, is_zero = is_past && !history;
  __global const float *from = is_past && history ? history : x;
  const long stride = is_past && history ? history_stride : x_stride;
  const long start = is_zero ? x_offset : is_past ? history_offset
      + frame * (long) height * width * stride
      : x_offset + (frame - past) * (long) height * width * stride;
  const int top = first_row + get_global_id (0) * TILE;
  const long line = get_global_id (1) * (long) lines + get_global_id (0);
  const long tiles = get_global_size (1) * (long) lines * columns;

  for (int column = 0; column < columns; column++) {
    const int left = column * TILE - pad_left;
    __global float *tile = to + (line * columns + column) * depth;
    long rows[PATCH], places[PATCH];    /* that exist, elsewhere the next one */
    uint is_row[PATCH], is_place[PATCH];

    for (int i = 0; i < PATCH; i++) {
      const int y = clamp (top + i, 0, (height << up) - 1);
      const int ix = clamp (left + i, 0, (width << up) - 1);

      rows[i] = start + (y >> up) * (long) width * stride;
      places[i] = (ix >> up) * stride;
      is_row[i] = y == top + i && !is_zero ? 0xffffffff : 0;
      is_place[i] = ix == left + i ? 0xffffffff : 0;
    }
    for (int c = 0; c < channels; c += LANES) {
      __global float *place = tile + c / depth * tiles * depth + c % depth;
      floats lines_of[PLACES], d[PATCH];

#pragma unroll
      for (int i = 0; i < PATCH; i++) {
#pragma unroll
        for (int j = 0; j < PATCH; j++)
          d[j] = AS_FLOATS (AS_UINTS (LOAD_LANES (from + rows[i] + places[j] + c))
              & (uints) (is_row[i] & is_place[j]));
        transform_input (lines_of + i * PATCH, 1, d, 1);
      }
#pragma unroll
      for (int j = 0; j < PATCH; j++) {
        transform_input (d, 1, lines_of + j, PATCH);
#pragma unroll
        for (int i = 0; i < PATCH; i++)
          STORE_LANES (place + i * PATCH * place_stride, d[i]);
        place += place_stride;
      }
    }
  }
}

/* ---- product ------------------------------------------------------------------ */

/* to [PLACES][DEPTH][2] = the weights of @length channels of one tap in time */
void
transform_panel (floats *to, __global const float *w, int channels,
    int length)
{
  for (int c = 0; c < length; c++)
    for (int side = 0; side < 2; side++) {
      floats g[9], rows[PATCH * 3], places[PATCH];

#pragma unroll
      for (int tap = 0; tap < 9; tap++)
        g[tap] = *(__global const floats *) (w
            + ((long) tap * channels + c) * PANEL + side * LANES);
#pragma unroll
      for (int j = 0; j < 3; j++)
        transform_weights (rows + j, 3, g + j, 3);
#pragma unroll
      for (int i = 0; i < PATCH; i++) {
        transform_weights (places, 1, rows + i * 3, 1);
#pragma unroll
        for (int j = 0; j < PATCH; j++)
          to[(i * PATCH + j) * PLACE + 2 * c + side] = places[j];
      }
    }
}

/* sums [rows][2] += x [rows][length] @ w [length][2]; the rows that are wanted
 * next, from @ahead on, are fetched meanwhile. */
__attribute__ ((always_inline)) void
multiply_tiles (const int rows, floats *sums, __global const float *x,
    int x_stride, const floats *w, int length, __global const float *ahead)
{
  floats left[ROWS], right[ROWS];

#pragma unroll
  for (int i = 0; i < ROWS; i++) {
    left[i] = i < rows ? sums[2 * i] : 0.0f;
    right[i] = i < rows ? sums[2 * i + 1] : 0.0f;
  }
  for (int line = 0; line < length; line += LINE / (int) sizeof (float)) {
    const int end = min (line + LINE / (int) sizeof (float), length);

    for (int i = 0; i < rows; i++)
      PREFETCH (ahead + i * x_stride + line);
    for (int k = line; k < end; k++) {
      const floats wl = w[2 * k], wr = w[2 * k + 1];

#pragma unroll
      for (int i = 0; i < ROWS; i++)
        if (i < rows) {
          const floats v = x[(long) i * x_stride + k];

          left[i] = fma (v, wl, left[i]);
          right[i] = fma (v, wr, right[i]);
        }
    }
  }
#pragma unroll
  for (int i = 0; i < ROWS; i++)
    if (i < rows) {
      sums[2 * i] = left[i];
      sums[2 * i + 1] = right[i];
    }
}

/* The same for all tiles of a work-item; @next: where the next place begins. */
void
multiply_place (floats *sums, int count, __global const float *x, int x_stride,
    const floats *w, int length, __global const float *next)
{
  int p = 0;

  for (; p + ROWS <= count; p += ROWS) {
    __global const float *rows = x + (long) p * x_stride;

    multiply_tiles (ROWS, sums + 2 * p, rows, x_stride, w, length,
        p + 2 * ROWS <= count ? rows + ROWS * x_stride : next);
  }
  for (; p + 4 <= count; p += 4)
    multiply_tiles (4, sums + 2 * p, x + (long) p * x_stride, x_stride, w,
        length, next + p * x_stride);
  for (; p < count; p++)
    multiply_tiles (1, sums + 2 * p, x + (long) p * x_stride, x_stride, w,
        length, next + p * x_stride);
}

/* The outputs [TILE][TILE][2] of a tile, whose sums are `stride` apart. */
void
transform_tile (floats *to, const floats *sums, int stride)
{
  for (int side = 0; side < 2; side++) {
    floats rows[TILE * PATCH];

#pragma unroll
    for (int j = 0; j < PATCH; j++)
      transform_output (rows + j, PATCH, sums + j * stride + side,
          PATCH * stride);
#pragma unroll
    for (int i = 0; i < TILE; i++)
      transform_output (to + i * TILE * 2 + side, 2, rows + i * PATCH, 1);
  }
}

/* Work-item (i, j): panel i of tiles j * chunk ... of all frames, which have
 * frame_tiles, tile_columns on a line; of y are `height` rows of `width`. */
__kernel __attribute__ ((reqd_work_group_size (1, 1, 1))) void
winograd (__global const float *tiles, long place_stride, int frame_tiles,
    int tile_columns, int channels, int depth, int times,
    __global const float *weights, int count, int chunk, int height,
    EPILOGUE_PARAMETERS)
{
  const int panel = get_global_id (0);
  const int first = get_global_id (1) * chunk;
  const int some = min (chunk, count - first);
  floats sums[PLACES * TILES * 2];
  floats w[PLACES * PLACE];

  for (int i = 0; i < PLACES * some * 2; i++)
    sums[i] = 0.0f;
  for (int time = 0; time < times; time++)
    for (int c = 0; c < channels; c += depth) {
      const int length = min (depth, channels - c);
      __global const float *from = tiles + c * (count + (times - 1L)
          * frame_tiles) + (first + time * (long) frame_tiles) * depth;

      transform_panel (w, weights + ((panel * (long) times + time) * 9
              * channels + c) * PANEL, channels, length);
      for (int place = 0; place < PLACES; place++)
        multiply_place (sums + place * some * 2, some,
            from + place * place_stride, depth, w + place * PLACE, length,
            from + (place + 1) * place_stride);
    }
  for (int i = 0; i < some; i++) {
    const int frame = (first + i) / frame_tiles;
    const int tile = (first + i) % frame_tiles;
    const int top = tile / tile_columns * TILE;
    const int left = tile % tile_columns * TILE;
    floats y_tile[TILE * TILE * 2];

    transform_tile (y_tile, sums + i * 2, some * 2);
    for (int j = 0; j < min (TILE, height - top); j++)
      for (int k = 0; k < min (TILE, width - left); k++) {
        const floats *v = y_tile + (j * TILE + k) * 2;
        const long row = frame * y_frame_rows
            + (top + j) * (long) width + left + k;

        FINISH_OUTPUTS (v[0], v[1], row, panel * PANEL);
      }
  }
}
