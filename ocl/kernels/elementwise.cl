/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* elementwise.cl: operations on each element. Work-item (i, row) handles
 * columns i * block ... of a row: many on a CPU, one elsewhere. */

#include "common.cl"
#include "bf16.cl"

#define FOR_BLOCK(cols, block, vector, scalar) \
  const int first = get_global_id (0) * (block); \
  const int end = min (first + (block), (cols)); \
  int i = first; \
  for (; i + 16 <= end; i += 16) \
    vector; \
  for (; i < end; i++) \
    scalar

__kernel void
activate (__global float *y, long y_at, int y_stride, __global const float *x,
    long x_at, int x_stride, int cols, int block, int activation)
{
  const long row = get_global_id (1);

  x += x_at + row * x_stride;
  y += y_at + row * y_stride;
  FOR_BLOCK (cols, block,
      vstore16 (activate_16 (vload16 (0, x + i), activation), 0, y + i),
      y[i] = activate_1 (x[i], activation));
}

/* y = a x + b */
__kernel void
affine (__global float *y, long y_at, int y_stride, __global const float *x,
    long x_at, int x_stride, int cols, int block, float a, float b)
{
  const long row = get_global_id (1);

  x += x_at + row * x_stride;
  y += y_at + row * y_stride;
  FOR_BLOCK (cols, block, vstore16 (a * vload16 (0, x + i) + b, 0, y + i),
      y[i] = a * x[i] + b);
}

/* y = a + b; row r uses b's row r * b_rows / rows. */
__kernel void
add (__global float *y, long y_at, int y_stride, __global const float *a,
    long a_at, int a_stride, int cols, int block, __global const float *b,
    long b_at, int b_stride, int b_rows, int rows)
{
  const long row = get_global_id (1);

  a += a_at + row * a_stride;
  b += b_at + row * b_rows / rows * b_stride;
  y += y_at + row * y_stride;
  FOR_BLOCK (cols, block,
      vstore16 (vload16 (0, a + i) + vload16 (0, b + i), 0, y + i),
      y[i] = a[i] + b[i]);
}

/* Row r of y is row ids[r] of the table, or zeros where it has no such row. */
__kernel void
embedding (__global float *y, long y_at, int y_stride,
    __global const float *table, long table_at, int table_stride, int cols,
    int block, __global const int *ids, long ids_at, int vocabulary)
{
  const long row = get_global_id (1);
  const int id = ids[ids_at + row];
  const bool known = id >= 0 && id < vocabulary;

  table += table_at + (known ? id : 0) * (long) table_stride;
  y += y_at + row * y_stride;
  FOR_BLOCK (cols, block,
      vstore16 (known ? vload16 (0, table + i) : (float16) 0, 0, y + i),
      y[i] = known ? table[i] : 0);
}

/* y = x, either of which holds bfloat16 if so said. */
__kernel void
cast (__global float *y, long y_at, int y_stride, __global const float *x,
    long x_at, int x_stride, int cols, int block, int y_bf16, int x_bf16)
{
  const long row = get_global_id (1);

  x_at += row * x_stride;
  y_at += row * y_stride;
  FOR_BLOCK (cols, block,
      store_16 (load_16 (x, x_at + i, x_bf16), y, y_at + i, y_bf16),
      store_1 (load_1 (x, x_at + i, x_bf16), y, y_at + i, y_bf16));
}

/* The pairs (2i, 2i + 1) of every head turned by the row's angles. cosine, sine
 * [rows, head_size / 2]. y may be x; x holds bfloat16 if `bf16`. Work-item
 * (head, row). */
__kernel void
rope (__global float *y, long y_at, int y_stride, __global const float *x,
    long x_at, int x_stride, __global const float *cosine, long cosine_at,
    int cosine_stride, __global const float *sine, long sine_at,
    int sine_stride, int head_size, int bf16)
{
  const int head = get_global_id (0);
  const long row = get_global_id (1);
  int i = 0;

  x_at += row * x_stride + head * head_size;
  y += y_at + row * y_stride + head * head_size;
  cosine += cosine_at + row * cosine_stride;
  sine += sine_at + row * sine_stride;
  for (; i + 8 <= head_size / 2; i += 8) {
    const float16 v = load_16 (x, x_at + 2 * i, bf16);
    const float8 c = vload8 (0, cosine + i), s = vload8 (0, sine + i);
    float16 turned;

    turned.even = v.even * c - v.odd * s;
    turned.odd = v.even * s + v.odd * c;
    vstore16 (turned, 0, y + 2 * i);
  }
  for (; i < head_size / 2; i++) {
    const float a = load_1 (x, x_at + 2 * i, bf16);
    const float b = load_1 (x, x_at + 2 * i + 1, bf16);

    y[2 * i] = a * cosine[i] - b * sine[i];
    y[2 * i + 1] = a * sine[i] + b * cosine[i];
  }
}
