/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ahead.cl: what a product of panels fetches ahead, a share at each of some steps:
 * the next block of weights, and of x. */

#include "vector.cl"

#define LINE 64                 /* bytes that are fetched together */

typedef struct
{
  __global const char *weights;
  int lines;                    /* in a share */
  __global const char *x;
  long x_stride;                /* bytes */
  int rows;                     /* of x, still to be fetched */
} Ahead;

/* The next share; of x it is a row, of which @bytes are wanted. */
__attribute__ ((always_inline)) void
fetch_ahead (Ahead *ahead, const int bytes)
{
  for (int i = 0; i < ahead->lines; i++)
    PREFETCH (ahead->weights + i * LINE);
  ahead->weights += ahead->lines * LINE;
  if (ahead->rows > 0) {
    for (int i = 0; i < bytes; i += LINE)
      PREFETCH (ahead->x + i);
    ahead->x += ahead->x_stride;
    ahead->rows--;
  }
}
