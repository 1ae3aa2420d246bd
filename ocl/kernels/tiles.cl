/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tiles.cl: the matrix unit of some CPUs (AMX), whose eight tiles have at most 16 rows
 * of 64 bytes: tdpbf16ps multiplies 16 rows of 32 bfloat16 by 32 x 16 of them, in
 * pairs, and adds the products to 16 x 16 sums of float.  Sums of 32 x 32 fill four:
 *   0 1   sums of rows 0 ... 15            4  these rows
 *   2 3   sums of rows 16 ... 31           5  these
 *                                          6 7  the other operand's halves */

#define HALF 16                 /* rows of a tile */

typedef struct
{
  uchar palette, start;
  uchar reserved[14];
  ushort row_bytes[16];
  uchar rows[16];
} TileConfig;

/* The first @upper and last @lower rows of positions; the tiles become 0. */
void
configure_tiles (int upper, int lower)
{
  TileConfig config = { 1 };

  for (int i = 0; i < 8; i++)
    config.row_bytes[i] = 64;
  config.rows[0] = config.rows[1] = config.rows[4] = upper;
  config.rows[2] = config.rows[3] = config.rows[5] = lower;
  config.rows[6] = config.rows[7] = HALF;
  __asm__ volatile ("ldtilecfg (%0)" : : "r" (&config) : "memory");
}

/* sums += a [32][32] @ b [16][32] of pairs; strides in bytes */
__attribute__ ((always_inline)) void
multiply_tiles (ulong a, long a_stride, ulong b, long b_stride)
{
  __asm__ volatile (
      "tileloadd (%0,%2,1), %%tmm4\n\t"
      "tileloadd (%3,%4,1), %%tmm6\n\t"
      "tdpbf16ps %%tmm6, %%tmm4, %%tmm0\n\t"
      "tileloadd 64(%3,%4,1), %%tmm7\n\t"
      "tdpbf16ps %%tmm7, %%tmm4, %%tmm1\n\t"
      "tileloadd (%1,%2,1), %%tmm5\n\t"
      "tdpbf16ps %%tmm6, %%tmm5, %%tmm2\n\t"
      "tdpbf16ps %%tmm7, %%tmm5, %%tmm3"
      : : "r" (a), "r" (a + HALF * a_stride), "r" (a_stride), "r" (b),
      "r" (b_stride) : "memory");
}
