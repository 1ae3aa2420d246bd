/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tiles.cl: setting up the matrix unit of some CPUs (AMX), whose eight tiles have
 * at most 16 rows of 64 bytes. */

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
